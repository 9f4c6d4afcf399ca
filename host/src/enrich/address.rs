//! Addresses and blocks of them, from text that anybody may have written.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};

/// The longest text that can be an address: IPv6 with an IPv4 tail.
const LONGEST: usize = 45;

/// An address; an IPv4 address mapped into IPv6 is unwrapped.
pub(crate) fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    Some(text.parse::<IpAddr>().ok()?.to_canonical())
}

/// An address or a CIDR block, as written: bits beyond the prefix are kept, a mapped IPv4 block is unwrapped.
pub fn block(text: &str) -> Option<IpNet> {
    if text.len() > LONGEST + "/128".len() {
        return None;
    }
    let block = match text.contains('/') {
        true => text.parse::<IpNet>().ok()?,
        false => IpNet::from(text.parse::<IpAddr>().ok()?),
    };
    Some(unmapped(block))
}

fn unmapped(block: IpNet) -> IpNet {
    const MAPPED: u8 = 96;
    let IpNet::V6(six) = block else { return block };
    let four = six.addr().to_ipv4_mapped().zip(six.prefix_len().checked_sub(MAPPED));
    four.and_then(|(address, prefix)| Ipv4Net::new(address, prefix).ok()).map_or(block, IpNet::V4)
}

/// Whether the address means something inside one network only, so that no feed can know it.
pub(super) fn is_internal(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => v4(ip),
        IpAddr::V6(ip) => v6(ip),
    }
}

fn v4(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    let carrier_grade_nat = a == 100 && (64..=127).contains(&b);
    a == 0 || carrier_grade_nat || ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_multicast() || ip.is_broadcast()
}

fn v6(ip: Ipv6Addr) -> bool {
    ip.is_unspecified() || ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_multicast()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_mapped_ipv4_address_is_the_ipv4_address() {
        assert_eq!(parse(" ::ffff:198.51.100.7 "), Some(IpAddr::from([198, 51, 100, 7])));
        assert_eq!(block("::ffff:198.51.100.0/120"), Some("198.51.100.0/24".parse().unwrap()));
        assert_eq!(block("::ffff:0:0/95").map(|block| block.prefix_len()), Some(95), "holds more than IPv4");
    }

    #[test]
    fn a_block_is_an_address_or_a_prefix() {
        for (text, expected) in [
            ("198.51.100.7", Some("198.51.100.7/32")),
            ("198.51.100.7/24", Some("198.51.100.7/24")),
            ("2001:db8::/32", Some("2001:db8::/32")),
            ("2001:db8::1", Some("2001:db8::1/128")),
            ("198.51.100.7/33", None),
            ("198.51.100", None),
            ("198.51.100.7-198.51.100.9", None),
            ("example.com", None),
            ("", None),
        ] {
            assert_eq!(block(text).map(|block| block.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn private_and_loopback_addresses_are_internal_and_public_ones_are_not() {
        for text in [
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "127.0.0.1",
            "169.254.1.1",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(is_internal(parse(text).unwrap()), "{text}");
        }
        for text in ["8.8.8.8", "100.128.0.1", "172.32.0.1", "2001:4860:4860::8888"] {
            assert!(!is_internal(parse(text).unwrap()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(?s)[0-9a-f:./%\\[\\] é\u{202e}]{0,60}|(?s).{0,80}") {
            parse(&text);
            block(&text);
        }
    }
}
