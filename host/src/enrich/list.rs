//! A threat list: one address or CIDR block a line.
//!
//! `#` and `;` begin a comment, empty lines mean nothing. A line that is neither is counted, not fatal: lists come from
//! elsewhere. A block of everything (`/0`) is such a line: it would say the same of everybody.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read as _},
    net::IpAddr,
    path::Path,
};

use ipnet::IpNet;

use super::{
    address::block,
    feed::{Content, Facts},
    interval::Intervals,
};
use crate::neutral::brief;

/// The most entries that are held: 40 MB of IPv4, 160 MB of IPv6.
const MOST: u64 = 5_000_000;
/// No block of a list of hosts and hosters is wider; one that is would say the same of a large part of the world.
const WIDEST: (u8, u8) = (8, 16);
/// No line is longer.
const LINE: u64 = 4096;

/// Addresses that somebody has something against.
#[derive(Debug, Default)]
pub(super) struct List {
    all: Intervals<()>,
    entries: u64,
    bad: Bad,
    wide: Option<IpNet>,
}

/// Lines that are no entries.
#[derive(Debug, Default)]
struct Bad {
    lines: u64,
    /// The number of the first, from 1, and what stands there.
    first: Option<(u64, String)>,
}

impl List {
    /// How many lines are no entries.
    pub(super) fn strange(&self) -> u64 {
        self.bad.lines
    }

    /// The first block that is wider than any should be: /8 of IPv4, /16 of IPv6.
    pub(super) fn wide(&self) -> Option<IpNet> {
        self.wide
    }

    pub(super) fn contains(&self, ip: IpAddr) -> bool {
        self.all.find(ip).is_some()
    }

    /// Reads lines as they come, never the whole text at once.
    pub(super) fn parse(mut text: impl BufRead) -> Result<Self, String> {
        let mut list = Self::default();
        let (mut line, mut number, mut fresh) = (Vec::new(), 0_u64, true);
        loop {
            line.clear();
            let read = text.by_ref().take(LINE).read_until(b'\n', &mut line).map_err(|why| why.to_string())?;
            if read == 0 {
                break;
            }
            let begins = std::mem::replace(&mut fresh, line.last() == Some(&b'\n'));
            // What follows of a line that is too long can only be comment, or more of what is no entry anyway.
            if !begins {
                continue;
            }
            number += 1;
            list.take(number, &line);
            if list.entries > MOST {
                return Err(format!("it has more than {MOST} entries"));
            }
        }
        list.all = list.all.sorted();
        Ok(list)
    }

    fn take(&mut self, number: u64, line: &[u8]) {
        let line = if number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
        let entry = line.split(|byte| matches!(byte, b'#' | b';')).next().unwrap_or_default().trim_ascii();
        if entry.is_empty() {
            return;
        }
        match std::str::from_utf8(entry).ok().and_then(block).filter(|block| block.prefix_len() > 0) {
            Some(block) => {
                self.entries += 1;
                let narrowest = if block.addr().is_ipv4() { WIDEST.0 } else { WIDEST.1 };
                if block.prefix_len() < narrowest {
                    self.wide.get_or_insert(block);
                }
                self.all.push(block, ());
            }
            None => {
                self.bad.lines += 1;
                self.bad.first.get_or_insert_with(|| (number, brief(&String::from_utf8_lossy(entry), 60)));
            }
        }
    }
}

impl Content for List {
    fn read(path: &Path) -> Result<Self, String> {
        let file = File::open(path).map_err(|why| why.to_string())?;
        Self::parse(BufReader::with_capacity(1 << 16, file))
    }

    fn facts(&self) -> Facts {
        let concern = match &self.bad {
            Bad { lines: 1, first: Some((line, text)) } => Some(format!("line {line} is no address and no CIDR block: {text}")),
            Bad { lines, first: Some((line, text)) } => {
                Some(format!("{lines} lines are no address and no CIDR block, the first is line {line}: {text}"))
            }
            Bad { .. } if self.entries == 0 => Some("it holds no address".to_owned()),
            Bad { .. } => None,
        };
        Facts { what: "addresses and blocks".to_owned(), entries: self.entries, built: None, concern }
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
        assert_eq!((list.entries, list.bad.lines, list.facts().concern), (5, 0, None));
        for ip in ["198.51.100.7", "203.0.113.255", "2001:db8::1", "192.0.2.9", "198.51.100.98"] {
            assert!(holds(&list, ip), "{ip}");
        }
        assert!(!holds(&list, "198.51.100.8"));
    }

    #[test]
    fn a_bad_line_is_counted_and_named_and_the_others_are_read() {
        let list = parse("ip,port\n198.51.100.7\n\n0.0.0.0/0\n\u{1b}[2Jx\n");
        assert_eq!((list.entries, list.bad.lines), (1, 3));
        assert_eq!(list.facts().concern.unwrap(), "3 lines are no address and no CIDR block, the first is line 1: ip,port");
        assert!(!holds(&list, "8.8.8.8"), "a block of everything says nothing");
    }

    #[test]
    fn a_line_without_end_is_one_bad_line() {
        let list = parse([b"198.51.100.7\n".as_slice(), &[b'1'; 3 * LINE as usize], b"\n203.0.113.1\n"].concat());
        assert_eq!((list.entries, list.bad.lines), (2, 1));
        assert_eq!(list.bad.first.as_ref().map(|(line, _)| *line), Some(2));
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
