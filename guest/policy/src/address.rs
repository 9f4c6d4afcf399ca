//! Addresses and ranges of them. IPv4 is held as the IPv6 that maps it, so that there is one kind.

use std::net::{IpAddr, SocketAddr};

/// An address as a number. Reads what vendors write: a bare address, one in brackets, one with a port.
pub(crate) fn bits(text: &str) -> Option<u128> {
    let text = text.trim();
    let address = text.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    let address = address.or_else(|| text.strip_prefix('[')?.strip_suffix(']')?.parse().ok())?;
    Some(number(address))
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// A range of addresses, of one at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    first: u128,
    mask: u128,
}

impl Range {
    pub(crate) const fn contains(self, bits: u128) -> bool {
        bits & self.mask == self.first
    }

    /// Reads `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`; what is wrong completes "… is".
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "no address and no range; write it like \"203.0.113.7\", \"203.0.113.0/24\" or \"2001:db8::/32\"".to_owned();
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let (longest, shift) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
        let length = match length {
            None => longest,
            Some(length) => length.parse::<u32>().ok().filter(|length| *length <= longest).ok_or_else(wrong)?,
        };
        let mask = u128::MAX.checked_shl(128 - shift - length).unwrap_or(0);
        let first = number(address);
        if first & !mask != 0 {
            return Err(format!("not the first of its range; write {}/{length}", shown(first & mask)));
        }
        Ok(Self { first, mask })
    }
}

fn shown(bits: u128) -> IpAddr {
    std::net::Ipv6Addr::from_bits(bits).to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_what_lies_in_them() {
        for (range, inside, outside) in [
            ("203.0.113.7", "203.0.113.7", "203.0.113.8"),
            ("203.0.113.0/24", "203.0.113.255", "203.0.114.0"),
            ("0.0.0.0/0", "255.1.2.3", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::/0", "203.0.113.7", "no address"),
            ("203.0.113.0/24", "::ffff:203.0.113.9", "::ffff:203.0.114.9"),
            ("203.0.113.0/24", "203.0.113.9:443", ""),
            ("2001:db8::/32", "[2001:db8::1]", "[2001:db9::1]:443"),
        ] {
            let it = Range::parse(range).unwrap();
            assert!(it.contains(bits(inside).unwrap()), "{inside} in {range}");
            assert!(!bits(outside).is_some_and(|bits| it.contains(bits)), "{outside} not in {range}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in ["", "/", "203.0.113.0/33", "203.0.113", "2001:db8::/129", "1.2.3.4/x", "1.2.3.4/-1"] {
            assert!(Range::parse(text).unwrap_err().contains("write it like"), "{text}");
        }
        assert!(Range::parse("203.0.113.7/24").unwrap_err().contains("203.0.113.0/24"));
    }
}
