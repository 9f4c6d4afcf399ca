//! Addresses behind which many people stand: offices, the company's VPN and private VPNs.

use std::sync::Arc;

use crate::{
    dice::Dice,
    network::{Address, Block, Network},
    town::Town,
};

/// What operator and feeds say of an office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// The operator entered it.
    Corporate,
    /// The operator forgot it.
    Nothing,
    /// The operator forgot it, and a feed takes it for an anonymous proxy.
    Mistaken,
}

/// A place of work with its shared addresses.
#[derive(Debug)]
pub(crate) struct Office {
    pub(crate) town: Arc<Town>,
    pub(crate) weight: u32,
    addresses: [Address; 2],
}

impl Office {
    pub(crate) fn new(town: Arc<Town>, block: u32, weight: u32, known: Known) -> Self {
        let network = Network::at(town.place, 5, &format!("Business {}", town.place.country));
        let block = Block::new(
            block,
            match known {
                Known::Corporate => network.called("corporate"),
                Known::Nothing => network,
                Known::Mistaken => network.tagged(&["anonymous-proxy"]),
            },
        );
        Self { town, weight, addresses: [block.v4(10), block.v6(1, 10)] }
    }

    /// Hundreds leave by the first, some by the second.
    pub(crate) fn address(&self, dice: &mut Dice) -> Address {
        let [first, second] = &self.addresses;
        if dice.chance(0.85) { first.clone() } else { second.clone() }
    }
}

/// A VPN with an exit in some town.
#[derive(Debug)]
pub(crate) struct Gateway {
    block: Block,
    addresses: u16,
}

impl Gateway {
    /// The company's own, as its operator entered it.
    pub(crate) fn company(town: &Town, block: u32, category: &'static str) -> Self {
        let network = Network::at(town.place, 50, "Business Cloud").called(category);
        Self { block: Block::new(block, network), addresses: 2 }
    }

    /// One that people pay for themselves. Only feeds know it.
    pub(crate) fn private(town: &Town, block: u32) -> Self {
        let network = Network::at(town.place, 50, "Veil Privacy").tagged(&["vpn", "hosting"]);
        Self { block: Block::new(block, network), addresses: 12 }
    }

    pub(crate) fn address(&self, dice: &mut Dice) -> Address {
        self.block.v4(dice.below(u64::from(self.addresses)) as u16)
    }
}
