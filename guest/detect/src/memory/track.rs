//! The places a user was active from lately, in order of time.

use std::net::IpAddr;

use crate::{
    codec::{Reader, Writer},
    country::Country,
    moment::Moment,
    place::{Place, Point},
};

/// So many stays are kept, the latest.
const KEPT: usize = 6;

/// Activity from one place without another between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// Where.
    pub place: Place,
    /// Others used the address too.
    pub shared: bool,
    /// It could be reached from the stay before.
    pub reached: bool,
    /// The first activity of it that is known.
    pub first: Moment,
    /// The last.
    pub last: Moment,
    /// The event at `first`.
    pub first_seq: u64,
    /// The event at `last`.
    pub last_seq: u64,
}

/// The latest stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Track(Vec<Stay>);

impl Track {
    /// The stays just before and just after this time; one that contains it is both.
    pub fn around(&self, at: Moment) -> (Option<&Stay>, Option<&Stay>) {
        let next = self.0.partition_point(|stay| stay.first <= at);
        let before = next.checked_sub(1).and_then(|place| self.0.get(place));
        let after = before.filter(|stay| stay.last > at).or_else(|| self.0.get(next));
        (before, after)
    }

    /// Whether a stay in this country, within so many seconds before this time, could be reached from the one before it.
    pub fn reached(&self, country: Country, at: Moment, seconds: u32) -> bool {
        self.0.iter().any(|stay| stay.reached && stay.place.country == country && stay.first <= at && at.since(stay.last) <= seconds)
    }

    /// The user was active there then. A late one may divide a stay.
    pub fn add(&mut self, at: Moment, seq: u64, place: Place, shared: bool, reached: bool) {
        let next = self.0.partition_point(|stay| stay.first <= at);
        if let Some(before) = next.checked_sub(1).and_then(|index| self.0.get_mut(index)) {
            if before.place == place {
                before.shared = shared;
                if at >= before.last {
                    (before.last, before.last_seq) = (at, seq);
                }
                return;
            }
            if before.last > at {
                let rest = Stay { first: before.last, first_seq: before.last_seq, ..*before };
                (before.last, before.last_seq) = (before.first, before.first_seq);
                self.0.insert(next, rest);
            }
        }
        if let Some(after) = self.0.get_mut(next).filter(|after| after.place == place) {
            (after.first, after.first_seq) = (at, seq);
            return;
        }
        self.0.insert(next, Stay { place, shared, reached, first: at, last: at, first_seq: seq, last_seq: seq });
        let surplus = self.0.len().saturating_sub(KEPT);
        self.0.drain(..surplus);
    }

    /// Into a body.
    pub fn write(&self, into: &mut Writer) {
        into.list(self.0.len());
        for Stay { place, shared, reached, first, last, first_seq, last_seq } in &self.0 {
            let flags = u8::from(place.point.is_some())
                | u8::from(place.safe) << 1
                | u8::from(place.rootless) << 2
                | u8::from(place.address.is_ipv6()) << 3
                | u8::from(place.hosted) << 4
                | u8::from(*shared) << 5
                | u8::from(*reached) << 6;
            into.number(flags);
            match place.address {
                IpAddr::V4(address) => into.raw(&address.octets()),
                IpAddr::V6(address) => into.raw(&address.octets()),
            }
            into.raw(&place.country.0);
            if let Some(point) = place.point {
                into.raw(&point.latitude.to_le_bytes());
                into.raw(&point.longitude.to_le_bytes());
                into.number(point.radius);
            }
            into.number(place.asn);
            into.number(first.0);
            into.number(last.since(*first));
            into.number(*first_seq);
            into.number(*last_seq);
        }
    }

    /// Out of a body.
    pub fn read(from: &mut Reader<'_>) -> Option<Self> {
        let stays = from.list(KEPT, |from| {
            let flags: u8 = from.number()?;
            let has = |bit: u8| flags >> bit & 1 == 1;
            let address = if has(3) { IpAddr::from(from.raw::<16>()?) } else { IpAddr::from(from.raw::<4>()?) };
            let country = Country(from.raw()?);
            let point = if has(0) {
                let (latitude, longitude) = (i16::from_le_bytes(from.raw()?), i16::from_le_bytes(from.raw()?));
                Some(Point { latitude, longitude, radius: from.number()? })
            } else {
                None
            };
            let place = Place { address, country, point, asn: from.number()?, safe: has(1), rootless: has(2), hosted: has(4) };
            let first = from.moment()?;
            let last = Moment(first.0.checked_add(from.number()?)?);
            Some(Stay { place, shared: has(5), reached: has(6), first, last, first_seq: from.number()?, last_seq: from.number()? })
        })?;
        stays.is_sorted_by_key(|stay| stay.first).then_some(Self(stays))
    }
}
