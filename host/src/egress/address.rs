//! Which addresses a component's name may resolve to: those that mean the same host to everybody.
//!
//! Everything else reaches into the operator's own network, this machine, or nowhere. Addresses that carry an IPv4
//! address inside (mapped, compatible, NAT64, 6to4, Teredo) are refused whole where the form has no use on a host of the
//! public Internet, and judged by the inner address where it has (NAT64, by which IPv6-only networks reach IPv4).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::nat64::Nat64;

/// Whether `address` is one of the public Internet, seen from a network whose own prefix of NAT64 is this one.
pub fn is_public_by(address: IpAddr, nat64: Option<&Nat64>) -> bool {
    match (address, nat64) {
        (IpAddr::V6(address), Some(nat64)) if nat64.covers(address) => nat64.inner(address).is_some_and(v4),
        _ => is_public(address),
    }
}

/// Whether `address` is one of the public Internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => v6(address),
    }
}

/// The special-purpose blocks of IPv4 (<https://www.iana.org/assignments/iana-ipv4-special-registry>).
fn v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127, _, _)            // this network, private, loopback
            | (100, 64..=127, _)        // carrier-grade NAT
            | (169, 254, _)             // link-local, cloud metadata among it
            | (172, 16..=31, _)         // private
            | (192, 0, 0 | 2)           // protocol assignments, documentation
            | (192, 31, 196)            // AS112
            | (192, 52, 193)            // AMT
            | (192, 88, 99)             // 6to4 relays, withdrawn
            | (192, 168, _)             // private
            | (192, 175, 48)            // AS112
            | (198, 18..=19, _)         // benchmarks
            | (198, 51, 100)            // documentation
            | (203, 0, 113)             // documentation
            | (224..=255, _, _) // multicast, reserved, broadcast
    )
}

/// IPv6: only 2000::/3 is assigned to the public, less what is carved out of it
/// (<https://www.iana.org/assignments/iana-ipv6-special-registry>).
fn v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let low = || {
        let ([g1, g2], [h1, h2]) = (g.to_be_bytes(), h.to_be_bytes());
        Ipv4Addr::new(g1, g2, h1, h2)
    };
    match (a, b) {
        // NAT64, the well-known prefix: whatever is inside.
        (0x64, 0xff9b) if (c, d, e, f) == (0, 0, 0, 0) => v4(low()),
        (0x2001, 0..=0x1ff) => false,           // protocol assignments: Teredo, benchmarks, ORCHID
        (0x2001, 0xdb8) => false,               // documentation
        (0x2002, _) => false,                   // 6to4
        (0x2620, 0x4f) if c == 0x8000 => false, // AS112
        (0x3fff, 0..=0xfff) => false,           // documentation
        (0x3ffe, _) => false,                   // 6bone, returned
        _ => a & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i5_behind_the_networks_own_nat64_an_address_is_what_is_inside() {
        let by = |prefix: &str, address: &str| is_public_by(address.parse().unwrap(), Some(&prefix.parse().unwrap()));
        // Not of the public Internet by themselves, and yet the way there.
        assert!(by("2001:db8:64::/96", "2001:db8:64::8.8.8.8") && by("64:ff9b:1::/48", "64:ff9b:1:808:8:800::"));
        assert!(by("fd00:64::/96", "fd00:64::52.30.1.1"));
        // Public by themselves, and yet the way into the operator's own network.
        for inner in ["10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1"] {
            assert!(!by("2a00:64::/96", &format!("2a00:64::{inner}")), "{inner}");
        }
        assert!(!by("2a00:64::/32", "2a00:64:a00:1::"));
        // A reserved octet that is used: no translator made that.
        assert!(!by("2a00:64::/48", "2a00:64:0:808:108:800::"));
        // Everything else is judged as ever, the well-known prefix among it.
        assert!(by("2001:db8:64::/96", "1.1.1.1") && by("2001:db8:64::/96", "64:ff9b::1.1.1.1"));
        assert!(!by("2001:db8:64::/96", "64:ff9b::10.0.0.1") && !by("2001:db8:64::/96", "2001:db8:65::1.1.1.1"));
        assert!(!by("2001:db8:64::/96", "10.0.0.1") && !by("2001:db8:64::/96", "::ffff:8.8.8.8"));
    }

    #[test]
    fn i5_only_addresses_of_the_public_internet_pass() {
        let public = [
            "1.1.1.1",
            "8.8.8.8",
            "52.30.1.1",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2001:4860:4860::8888",
            "2001:200::1",
            "2a00:1450::1",
            "64:ff9b::8.8.8.8",
        ];
        for text in public {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
        let not = [
            // this network, unspecified
            "0.0.0.0",
            "0.1.2.3",
            // private
            "10.0.0.0",
            "10.255.255.255",
            "172.16.0.0",
            "172.31.255.255",
            "192.168.0.0",
            "192.168.255.255",
            // loopback
            "127.0.0.1",
            "127.255.255.255",
            // carrier-grade NAT
            "100.64.0.0",
            "100.127.255.255",
            // link-local, metadata services
            "169.254.0.0",
            "169.254.169.254",
            "169.254.255.255",
            // protocol assignments, documentation, benchmarks
            "192.0.0.1",
            "192.0.0.170",
            "192.0.2.1",
            "198.51.100.1",
            "203.0.113.1",
            "198.18.0.0",
            "198.19.255.255",
            "192.88.99.1",
            "192.31.196.1",
            "192.52.193.1",
            "192.175.48.1",
            // multicast, reserved, broadcast
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            // IPv6: unspecified, loopback, link-local, site-local, unique local, multicast
            "::",
            "::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "fc00::1",
            "fd12:3456::1",
            "fd00:ec2::254",
            "ff02::1",
            "ff0e::1",
            // IPv4 inside: mapped, compatible, translated, NAT64, local-use NAT64, 6to4, Teredo
            "::ffff:10.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "::8.8.8.8",
            "::ffff:0:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::8.8.8.8",
            "64:ff9b:1::10.0.0.1",
            "64:ff9b:0:0:1::8.8.8.8",
            "2002:a00:1::1",
            "2002:808:808::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            // benchmarks, ORCHID, documentation, discard-only, unassigned
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "3fff::1",
            "3fff:fff::1",
            "3ffe::1",
            "100::1",
            "5f00::1",
            "4000::1",
            "2620:4f:8000::1",
        ];
        for text in not {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }
}
