//! The network's own prefix of NAT64, by which hosts without IPv4 reach it: <https://www.rfc-editor.org/rfc/rfc6052#section-2.2>.
//!
//! | prefix | the IPv4 address lies in the octets |
//! |---|---|
//! | /32 | 4, 5, 6, 7 |
//! | /40 | 5, 6, 7, 9 |
//! | /48 | 6, 7, 9, 10 |
//! | /56 | 7, 9, 10, 11 |
//! | /64 | 9, 10, 11, 12 |
//! | /96 | 12, 13, 14, 15 |
//!
//! Octet 8 is zero in all of them. The well-known prefix 64:ff9b::/96 needs no setting: [`super::address`] knows it.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use ipnet::Ipv6Net;

/// Such a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nat64 {
    prefix: Ipv6Net,
    /// Where the IPv4 address lies.
    octets: [usize; 4],
}

/// A text that is no such prefix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidNat64(&'static str);

impl Nat64 {
    /// The IPv4 address that `address` stands for. None where it is not of this prefix, or of no IPv4 address.
    pub fn inner(&self, address: Ipv6Addr) -> Option<Ipv4Addr> {
        let octets = address.octets();
        if !self.prefix.contains(&address) || octets.get(8) != Some(&0) {
            return None;
        }
        let [a, b, c, d] = self.octets.map(|at| octets.get(at).copied());
        Some(Ipv4Addr::new(a?, b?, c?, d?))
    }

    /// Whether `address` is of this prefix.
    pub fn covers(&self, address: Ipv6Addr) -> bool {
        self.prefix.contains(&address)
    }
}

impl FromStr for Nat64 {
    type Err = InvalidNat64;
    fn from_str(text: &str) -> Result<Self, InvalidNat64> {
        let prefix: Ipv6Net = text.parse().map_err(|_| InvalidNat64("an IPv6 prefix"))?;
        let octets = match prefix.prefix_len() {
            32 => [4, 5, 6, 7],
            40 => [5, 6, 7, 9],
            48 => [6, 7, 9, 10],
            56 => [7, 9, 10, 11],
            64 => [9, 10, 11, 12],
            96 => [12, 13, 14, 15],
            _ => return Err(InvalidNat64("a prefix of 32, 40, 48, 56, 64 or 96 bits")),
        };
        if prefix.trunc() != prefix {
            return Err(InvalidNat64("a prefix without bits behind its length"));
        }
        if prefix.addr().octets().get(8) != Some(&0) {
            return Err(InvalidNat64("a prefix whose bits 64 to 71 are zero"));
        }
        Ok(Self { prefix, octets })
    }
}

impl fmt::Display for Nat64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.prefix.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inner(prefix: &str, address: &str) -> Option<String> {
        prefix.parse::<Nat64>().unwrap().inner(address.parse().unwrap()).map(|inner| inner.to_string())
    }

    /// The examples of RFC 6052, section 2.4.
    #[test]
    fn an_address_is_unwrapped_as_the_rfc_shows_for_every_length() {
        for (prefix, address) in [
            ("2001:db8::/32", "2001:db8:c000:221::"),
            ("2001:db8:100::/40", "2001:db8:1c0:2:21::"),
            ("2001:db8:122::/48", "2001:db8:122:c000:2:2100::"),
            ("2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"),
            ("2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"),
            ("2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"),
            ("64:ff9b::/96", "64:ff9b::192.0.2.33"),
        ] {
            assert_eq!(inner(prefix, address).as_deref(), Some("192.0.2.33"), "{prefix}");
        }
    }

    #[test]
    fn what_is_of_another_prefix_or_uses_the_reserved_octet_stands_for_nothing() {
        assert_eq!(inner("2001:db8:64::/96", "2001:db8:65::1.1.1.1"), None);
        assert_eq!(inner("2001:db8:122::/48", "2001:db8:122:101:101:100::"), None);
    }

    #[test]
    fn a_prefix_that_no_translator_has_is_told_what_it_lacks() {
        for (text, lacks) in [
            ("10.0.0.0/8", "an IPv6 prefix"),
            ("2001:db8:64::", "an IPv6 prefix"),
            ("2001:db8:64::/72", "of 32, 40, 48, 56, 64 or 96 bits"),
            ("2001:db8:64::1/96", "without bits behind its length"),
            ("2001:db8:64:0:100::/96", "bits 64 to 71 are zero"),
        ] {
            let why = text.parse::<Nat64>().unwrap_err().to_string();
            assert!(why.contains(lacks), "{text}: {why}");
        }
    }
}
