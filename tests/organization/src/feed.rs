//! Addresses that feeds know for a bad use.

use crate::{
    dice::Dice,
    network::{Address, Block, Network},
    town::Town,
};

/// Addresses of relays. Those of machines that were taken over are made of [`Town`]s when they are needed.
#[derive(Debug)]
pub(crate) struct Feed {
    pub(crate) tor: Vec<Address>,
    pub(crate) proxies: Vec<Address>,
}

impl Feed {
    pub(crate) fn draw<'a>(dice: &mut Dice, towns: impl Iterator<Item = &'a Town> + Clone, first_block: u32) -> Self {
        let mut relays = |tags: &[&[&'static str]], first_block: u32| -> Vec<Address> {
            towns
                .clone()
                .zip(first_block..)
                .filter_map(|(town, block)| {
                    let tags = dice.pick(tags)?;
                    let isp = if dice.chance(0.7) {
                        format!("Hosting {}", town.place.country)
                    } else {
                        format!("Telecom {}", town.place.country)
                    };
                    let block = Block::new(block, Network::at(town.place, 50, &isp).tagged(tags));
                    Some(block.v4(dice.any() as u16))
                })
                .collect()
        };
        let tor = relays(&[&["tor"], &["tor", "hosting"], &["tor", "anonymous-proxy"]], first_block);
        let proxies = relays(&[&["anonymous-proxy"], &["anonymous-proxy", "hosting"]], first_block + 256);
        Self { tor, proxies }
    }

    /// A machine in `town` that a feed knows to be somebody else's: at home or rented.
    pub(crate) fn taken_over(dice: &mut Dice, town: &Town, tags: &[&'static str]) -> Address {
        let block = if dice.chance(0.5) { town.broadband(dice) } else { &town.hosting };
        // The last hosts of a block are nobody's home.
        block.described(|network| network.tagged(tags)).v4(60_000 + dice.below(5_000) as u16)
    }
}
