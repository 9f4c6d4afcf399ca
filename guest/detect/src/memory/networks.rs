//! The autonomous systems a user is active from, and whether their address in each is a steady one.

use std::net::IpAddr;

use crate::{
    codec::{Reader, Writer},
    moment::Day,
    place::Place,
};

/// So many are kept, those seen last.
const KEPT: usize = 8;
/// On so many days the address has to be the same before it is called steady, …
const SAME: u8 = 2;
/// … and so many times as often as it was another.
const OFTEN: u8 = 3;

/// Autonomous systems.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<Seen>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    asn: u32,
    first: Day,
    last: Day,
    /// The latest address.
    line: u16,
    /// Days that began with the address of the day before, and with another.
    same: u8,
    other: u8,
}

impl Networks {
    /// The user was active from there.
    pub fn see(&mut self, place: &Place, day: Day) {
        let (asn, line) = (place.asn, line(place.address));
        if let Some(seen) = self.0.iter_mut().find(|seen| seen.asn == asn) {
            if day > seen.last {
                let count = if seen.line == line { &mut seen.same } else { &mut seen.other };
                *count = count.saturating_add(1);
                if *count >= 32 {
                    (seen.same, seen.other) = (seen.same / 2, seen.other / 2);
                }
                (seen.line, seen.last) = (line, day);
            }
            seen.first = seen.first.min(day);
            return;
        }
        let seen = Seen { asn, first: day, last: day, line, same: 0, other: 0 };
        if self.0.len() < KEPT {
            self.0.push(seen);
        } else if let Some(oldest) = self.0.iter_mut().min_by_key(|seen| seen.last)
            && oldest.last < day
        {
            *oldest = seen;
        }
    }

    /// Whether they were active from there on an earlier day too, and in the `days` before this one.
    pub fn before(&self, asn: u32, day: Day, days: u16) -> bool {
        self.0.iter().any(|seen| seen.asn == asn && seen.first < day && day.since(seen.last) <= days)
    }

    /// Whether their address there stays the same, as at home, rather than change all the time, as a phone's does; and this is another.
    pub fn is_off(&self, place: &Place) -> bool {
        let seen = self.0.iter().find(|seen| seen.asn == place.asn);
        seen.is_some_and(|seen| seen.line != line(place.address) && seen.same >= SAME && seen.same >= seen.other.saturating_mul(OFTEN))
    }

    /// Whether it is another almost every day, as a phone's is.
    pub fn is_phone(&self, place: &Place) -> bool {
        let seen = self.0.iter().find(|seen| seen.asn == place.asn);
        seen.is_some_and(|seen| seen.other >= SAME && seen.other >= seen.same.saturating_mul(OFTEN))
    }

    /// Into a body.
    pub fn write(&self, into: &mut Writer) {
        into.list(self.0.len());
        for seen in &self.0 {
            into.raw(&seen.asn.to_le_bytes());
            into.number(seen.first.0);
            into.number(seen.last.since(seen.first));
            into.raw(&seen.line.to_le_bytes());
            into.raw(&[seen.same, seen.other]);
        }
    }

    /// Out of a body.
    pub fn read(from: &mut Reader<'_>) -> Option<Self> {
        let read = from.list(KEPT, |from| {
            let (asn, first) = (u32::from_le_bytes(from.raw()?), from.day()?);
            let last = Day(first.0.checked_add(from.number()?)?);
            let (line, [same, other]) = (u16::from_le_bytes(from.raw()?), from.raw()?);
            Some(Seen { asn, first, last, line, same, other })
        });
        read.map(Self)
    }
}

/// An address as one line: of IPv6 the network of 64 bits, because what follows changes every day.
fn line(address: IpAddr) -> u16 {
    let folded = match address {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        IpAddr::V6(address) => (address.to_bits() >> 64) as u64,
    };
    let mixed = folded.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 48) as u16
}
