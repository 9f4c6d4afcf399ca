//! Which addresses a component may connect to: public ones. Everything that leads into the operator's own network, to this
//! machine or to a cloud's metadata service is not, however it is written.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is reachable by anybody on the internet. IPv4 inside IPv6 is unwrapped first.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => embedded(v6).map_or_else(|| is_public_v6(v6), is_public_v4),
    }
}

/// The IPv4 address that an IPv6 address stands for.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (a, b, c, d, e, f) {
        // ::ffff:0:0/96 mapped (RFC 4291), ::ffff:0:0:0/96 translated (RFC 2765)
        (0, 0, 0, 0, 0, 0xffff) | (0, 0, 0, 0, 0xffff, 0) => Some(v4(g, h)),
        // ::/96 compatible, deprecated; `::` and `::1` are judged as what they are
        (0, 0, 0, 0, 0, 0) if g != 0 => Some(v4(g, h)),
        // 64:ff9b::/96 NAT64 (RFC 6052)
        (0x64, 0xff9b, 0, 0, 0, 0) => Some(v4(g, h)),
        // 2002::/16 6to4 (RFC 3056)
        (0x2002, ..) => Some(v4(b, c)),
        // 2001::/32 Teredo (RFC 4380): the client's address is inverted at the end
        (0x2001, 0, ..) => Some(v4(!g, !h)),
        _ => None,
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        // 100.64.0.0/10 carrier-grade NAT
        || a == 100 && (64..128).contains(&b)
        // 192.0.0.0/24 protocol assignments, 192.88.99.0/24 6to4 relays
        || a == 192 && b == 0 && c == 0
        || a == 192 && b == 88 && c == 99
        // 198.18.0.0/15 benchmarks
        || a == 198 && (18..20).contains(&b)
        // 240.0.0.0/4 reserved
        || a >= 240)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // Only global unicast (2000::/3) is in use, less documentation, benchmarks, and identifiers that are no addresses.
    let global = a & 0xe000 == 0x2000;
    let documentation = a == 0x2001 && b == 0xdb8 || a == 0x3fff && b < 0x1000;
    let special = a == 0x2001 && b < 0x200;
    global && !documentation && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i5_nothing_private_is_public_however_it_is_written() {
        for text in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:0:169.254.169.254",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:a00:1::",
            "2001:0:1:2:3:4:80ff:fffe",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn public_addresses_are_public_however_they_are_written() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "52.94.0.1",
            "100.128.0.1",
            "172.32.0.1",
            "2606:4700::1111",
            "2a00:1450::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }
}
