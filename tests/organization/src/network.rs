//! Addresses and what is known about them.

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use crate::{dice::Dice, place::Place};

/// What a host knows about an address: of its geography, its owner, from the operator and from feeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// ISO 3166-1 alpha-2.
    pub country: Option<&'static str>,
    /// In English, or as the city writes itself.
    pub city: Option<&'static str>,
    /// Degrees, north positive.
    pub latitude: Option<f64>,
    /// Degrees, east positive.
    pub longitude: Option<f64>,
    /// How far the place may be off, in kilometres.
    pub radius_km: Option<u32>,
    /// Autonomous system number. All are private ones: none is anybody's.
    pub asn: Option<u32>,
    /// Who the address is registered to.
    pub isp: Option<Arc<str>>,
    /// What the operator calls it: `corporate`, `vpn`, `cloud-provider`.
    pub category: Option<&'static str>,
    /// What feeds say of it.
    pub tags: Vec<&'static str>,
}

impl Network {
    pub(crate) fn at(place: &Place, radius_km: u32, isp: &str) -> Self {
        Self {
            country: Some(place.country),
            city: Some(place.city),
            latitude: Some(place.latitude),
            longitude: Some(place.longitude),
            radius_km: Some(radius_km),
            asn: None,
            isp: Some(isp.into()),
            category: None,
            tags: Vec::new(),
        }
    }

    pub(crate) fn called(mut self, category: &'static str) -> Self {
        self.category = Some(category);
        self
    }

    pub(crate) fn tagged(mut self, tags: &[&'static str]) -> Self {
        self.tags = tags.to_vec();
        self
    }
}

/// An address and what is known about it.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) ip: Arc<str>,
    pub(crate) network: Option<Arc<Network>>,
}

/// A block of addresses that share one description. Each block has its own number, and no two share an address.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    number: u32,
    pub(crate) network: Arc<Network>,
}

impl Block {
    pub(crate) fn new(number: u32, mut network: Network) -> Self {
        network.asn = Some(4_200_000_000 + number);
        Self { number, network: Arc::new(network) }
    }

    /// The IPv4 address of one of 65,536 hosts.
    pub(crate) fn v4(&self, host: u16) -> Address {
        // Networks that look public and are not in use on the Internet.
        const FIRST: [u8; 6] = [21, 22, 26, 28, 29, 30];
        let first = FIRST.iter().copied().cycle().nth((self.number / 256) as usize).unwrap_or(21);
        let [_, _, _, second] = self.number.to_be_bytes();
        let [third, fourth] = host.to_be_bytes();
        self.give(Ipv4Addr::new(first, second, third, fourth).to_string())
    }

    /// The IPv6 address of a host at a site, of the range for documentation.
    pub(crate) fn v6(&self, site: u16, host: u64) -> Address {
        let address = (0x2001_0db8_u128 << 96)
            | (u128::from(self.number & 0xffff) << 80)
            | (u128::from(site) << 64)
            | u128::from(host & 0x7fff_ffff_ffff_ffff);
        self.give(Ipv6Addr::from_bits(address).to_string())
    }

    /// Any address of the block, one in four of IPv6.
    pub(crate) fn any(&self, dice: &mut Dice) -> Address {
        if dice.chance(0.25) { self.v6(dice.any() as u16, dice.any()) } else { self.v4(dice.any() as u16) }
    }

    /// A block for one address that is described in its own way.
    pub(crate) fn described(&self, change: impl FnOnce(Network) -> Network) -> Self {
        Self { number: self.number, network: Arc::new(change((*self.network).clone())) }
    }

    fn give(&self, ip: String) -> Address {
        Address { ip: ip.into(), network: Some(Arc::clone(&self.network)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::PLACES;

    #[test]
    fn blocks_share_no_address() {
        let block = |number| Block::new(number, Network::at(&PLACES[0], 5, "x"));
        assert_eq!(&*block(3).v4(258).ip, "21.3.1.2");
        assert_eq!(&*block(259).v4(258).ip, "22.3.1.2");
        assert_eq!(&*block(3).v6(1, 2).ip, "2001:db8:3:1::2");
    }
}
