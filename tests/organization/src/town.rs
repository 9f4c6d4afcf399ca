//! A town and who connects it to the Internet.

use crate::{
    dice::Dice,
    network::{Address, Block, Network},
    place::Place,
};

/// A town with its providers. Two of a country's towns share the names of providers, not their addresses.
#[derive(Debug)]
pub(crate) struct Town {
    pub(crate) place: &'static Place,
    pub(crate) telecom: Block,
    pub(crate) cable: Block,
    pub(crate) mobile: Block,
    pub(crate) hosting: Block,
    /// The gateway that hides many phones, which a feed once saw doing wrong: its tag is old and the phones are innocent.
    pub(crate) tainted_gateway: Address,
}

impl Town {
    /// How many blocks a town takes.
    pub(crate) const BLOCKS: u32 = 4;

    pub(crate) fn new(place: &'static Place, first_block: u32) -> Self {
        let isp = |name: &str| format!("{name} {}", place.country);
        let mobile = Block::new(first_block + 2, Network::at(place, 100, &isp("Mobile")));
        Self {
            place,
            telecom: Block::new(first_block, Network::at(place, 20, &isp("Telecom"))),
            cable: Block::new(first_block + 1, Network::at(place, 10, &isp("Cable"))),
            hosting: Block::new(first_block + 3, Network::at(place, 50, &isp("Hosting")).tagged(&["hosting"])),
            tainted_gateway: mobile.described(|network| network.tagged(&["botnet"])).v4(1),
            mobile,
        }
    }

    /// A provider of homes and hotels.
    pub(crate) fn broadband(&self, dice: &mut Dice) -> &Block {
        if dice.chance(0.6) { &self.telecom } else { &self.cable }
    }

    /// A phone's address of the moment. Phones change theirs all day.
    pub(crate) fn phone(&self, dice: &mut Dice) -> Address {
        if dice.chance(0.5) { self.mobile.v6(dice.any() as u16, dice.any()) } else { self.mobile.v4(dice.between(2, 800) as u16) }
    }

    /// An address from which somebody may attack: a home, a phone or a rented machine.
    pub(crate) fn hideout(&self, dice: &mut Dice) -> Address {
        match dice.below(10) {
            0..=4 => self.broadband(dice).any(dice),
            5..=6 => self.phone(dice),
            _ => self.hosting.any(dice),
        }
    }
}
