//! A threat list: one address or CIDR block a line.
//!
//! `#` and `;` begin a comment, empty lines mean nothing. A line that is neither is counted, not fatal: lists come from
//! elsewhere. A block of everything (`/0`) is such a line: it would say the same of everybody.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    net::IpAddr,
    path::Path,
};

use ipnet::IpNet;

use super::{
    address::block,
    feed::{Content, Facts},
    interval::Intervals,
    lines::{self, Line, Tally},
};

/// The most entries that are held: 40 MB of IPv4, 160 MB of IPv6.
const MOST: u64 = 5_000_000;
/// No block of a list of hosts and hosters is wider; one that is would say the same of a large part of the world.
const WIDEST: (u8, u8) = (8, 16);

/// Addresses that somebody has something against.
#[derive(Debug, Default)]
pub(super) struct List {
    all: Intervals<()>,
    tally: Tally,
    wide: Option<IpNet>,
}

impl List {
    /// How many lines are no entries.
    pub(super) fn strange(&self) -> u64 {
        self.tally.wrong
    }

    /// The first block that is wider than any should be: /8 of IPv4, /16 of IPv6.
    pub(super) fn wide(&self) -> Option<IpNet> {
        self.wide
    }

    pub(super) fn contains(&self, ip: IpAddr) -> bool {
        self.all.find(ip).is_some()
    }

    /// Reads lines as they come, never the whole text at once.
    pub(super) fn parse(text: impl BufRead) -> Result<Self, String> {
        let (mut all, mut wide) = (Intervals::default(), None);
        let tally = lines::each(text, MOST, |line| {
            let entry = line.split(|byte| matches!(byte, b'#' | b';')).next().unwrap_or_default().trim_ascii();
            if entry.is_empty() {
                return Ok(Line::Nothing);
            }
            Ok(match std::str::from_utf8(entry).ok().and_then(block).filter(|block| block.prefix_len() > 0) {
                Some(block) => {
                    let widest = if block.addr().is_ipv4() { WIDEST.0 } else { WIDEST.1 };
                    if block.prefix_len() < widest {
                        wide.get_or_insert(block);
                    }
                    all.push(block, ());
                    Line::Entry
                }
                None => Line::Wrong,
            })
        })?;
        Ok(Self { all: all.sorted(), tally, wide })
    }
}

impl Content for List {
    fn read(path: &Path) -> Result<Self, String> {
        let file = File::open(path).map_err(|why| why.to_string())?;
        Self::parse(BufReader::with_capacity(1 << 16, file))
    }

    fn facts(&self) -> Facts {
        let empty = || (self.tally.entries == 0).then(|| "it holds no address".to_owned());
        let concern = self.tally.concern("no address and no CIDR block").or_else(empty);
        Facts { what: "addresses and blocks".to_owned(), entries: self.tally.entries, built: None, concern }
    }

    fn kept(&self) -> Option<usize> {
        Some(self.all.bytes())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: impl AsRef<[u8]>) -> List {
        List::parse(text.as_ref()).unwrap()
    }

    fn holds(list: &List, ip: &str) -> bool {
        list.contains(ip.parse().unwrap())
    }

    #[test]
    fn addresses_blocks_and_comments_are_read_as_published_lists_write_them() {
        let list = parse(
            "\u{feff}# exits\r\n198.51.100.7\r\n\n203.0.113.0/24 ; SBL1234\n  2001:db8::/48 # v6\n::ffff:192.0.2.9\n198.51.100.99/31",
        );
        assert_eq!((list.tally.entries, list.tally.wrong, list.facts().concern), (5, 0, None));
        for ip in ["198.51.100.7", "203.0.113.255", "2001:db8::1", "192.0.2.9", "198.51.100.98"] {
            assert!(holds(&list, ip), "{ip}");
        }
        assert!(!holds(&list, "198.51.100.8"));
    }

    #[test]
    fn a_bad_line_is_counted_and_named_and_the_others_are_read() {
        let list = parse("ip,port\n198.51.100.7\n\n0.0.0.0/0\n\u{1b}[2Jx\n");
        assert_eq!((list.tally.entries, list.tally.wrong), (1, 3));
        assert_eq!(list.facts().concern.unwrap(), "3 lines are no address and no CIDR block, the first is line 1: ip,port");
        assert!(!holds(&list, "8.8.8.8"), "a block of everything says nothing");
    }

    #[test]
    fn a_line_without_end_is_one_bad_line() {
        let list = parse([b"198.51.100.7\n".as_slice(), &[b'1'; 12_288], b"\n203.0.113.1\n"].concat());
        assert_eq!((list.tally.entries, list.tally.wrong), (2, 1));
        assert!(list.facts().concern.unwrap().starts_with("line 2 is no address and no CIDR block: 111"));
    }

    #[test]
    fn an_empty_list_is_a_concern() {
        assert_eq!(parse("# nothing today\n").facts().concern.as_deref(), Some("it holds no address"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            parse(&bytes).facts();
        }
    }
}
