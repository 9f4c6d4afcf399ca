//! One window, held against itself: plain sets in, what is missing out.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    kept::Held,
    report::{Missing, Place, Seen, Window},
};
use crate::model::{Instant, SinkName};

/// What each side says about a window.
#[derive(Clone, Debug, Default)]
pub struct Sides {
    /// What the vendor holds: id and time.
    pub vendor: BTreeMap<String, Instant>,
    /// Which of these people did who were erased since: what of it is not in the log is missed by nobody.
    pub erased: BTreeSet<String>,
    /// Which of those are held, so that the store takes them all the same. What it has let go it may have kept out before they were.
    pub held: BTreeSet<String>,
    /// Which of the vendor's ids the store ever stored, and when.
    pub remembered: BTreeMap<String, Instant>,
    /// Of what happened before that the store may have forgotten the ids.
    pub forgotten: Instant,
    /// What lies in the log, whomever it is meant for.
    pub logged: BTreeSet<String>,
    /// What a sink took after that need not be found there yet.
    pub searchable: Instant,
    /// The sinks.
    pub sinks: Vec<Arrived>,
}

/// What a sink should have, and what it has.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Which.
    pub sink: SinkName,
    /// The events in the log that are meant for it: of what it filters out, nothing.
    pub meant: BTreeMap<String, Held>,
    /// Which events that are not in the log any more were meant for it too.
    pub gone: Gone,
    /// What was found there, and how often. `None`: it was not asked.
    pub found: Option<BTreeMap<String, u64>>,
}

/// Which events were meant for a sink, of those whose records are there no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// All that were stored from then on: what was let go before it joined was not.
    Since(Instant),
    /// Nobody knows: some were read for another sink alone, or it does not get every event.
    Unknown,
}

impl Sides {
    /// Whether an event was stored, or is missed by nobody.
    fn knows(&self, id: &String) -> bool {
        let kept_out = self.erased.contains(id) && !self.held.contains(id);
        kept_out || self.remembered.contains_key(id) || self.logged.contains(id)
    }

    /// Whether an event was stored and its record is there no more, though nobody is erased who did it.
    fn gone(&self, id: &String) -> bool {
        self.remembered.contains_key(id) && !self.logged.contains(id) && !self.erased.contains(id)
    }
}

impl Arrived {
    /// What should be found there: what it accepted, and what it must have accepted before the log let it go.
    pub fn owed(&self, sides: &Sides) -> BTreeMap<String, (Instant, Option<Held>)> {
        let accepted = self.meant.iter().filter(|(_, held)| held.accepted());
        let mut owed: BTreeMap<_, _> = accepted.map(|(id, held)| (id.clone(), (held.time, Some(*held)))).collect();
        if let Gone::Since(joined) = self.gone {
            let meant = |id: &String| sides.remembered.get(id).is_some_and(|stored| *stored >= joined);
            let gone = sides.vendor.iter().filter(|(id, _)| sides.gone(id) && meant(id));
            owed.extend(gone.map(|(id, time)| (id.clone(), (*time, None))));
        }
        owed
    }

    /// How many events may have been meant for it, and are neither in the log any more nor found there.
    fn unchecked(&self, sides: &Sides, found: &BTreeMap<String, u64>) -> u64 {
        let of_held = |id: &String| sides.held.contains(id) && sides.remembered.contains_key(id) && !sides.logged.contains(id);
        let nobody_knows = |id: &String| of_held(id) || (self.gone == Gone::Unknown && sides.gone(id));
        count(sides.vendor.keys().filter(|id| nobody_knows(id) && !found.contains_key(*id)).count())
    }
}

/// What is where, and all that is missing.
pub fn compare(start: Instant, end: Instant, sides: &Sides) -> (Window, Vec<Missing>) {
    let (forgotten, lacking): (Vec<_>, Vec<_>) =
        sides.vendor.iter().filter(|(id, _)| !sides.knows(id)).partition(|(_, time)| **time < sides.forgotten);
    let mut missing: Vec<Missing> =
        lacking.into_iter().map(|(id, time)| Missing { time: *time, id: id.clone(), at: Place::Store, seq: None, lane: None }).collect();
    let (unstored, forgotten) = (count(missing.len()), count(forgotten.len()));
    let kept_out = |id: &String| sides.vendor.contains_key(id) && !sides.logged.contains(id) && !sides.held.contains(id);
    let mut window = Window {
        start,
        end,
        vendor: count(sides.vendor.len()),
        stored: count(sides.vendor.len()).saturating_sub(unstored).saturating_sub(forgotten),
        missing: unstored,
        forgotten,
        erased: count(sides.erased.iter().filter(|id| kept_out(id)).count()),
        only_stored: count(sides.logged.iter().filter(|id| !sides.vendor.contains_key(*id)).count()),
        sinks: Vec::with_capacity(sides.sinks.len()),
    };
    for arrived in &sides.sinks {
        let mut seen = Seen::none(arrived.sink.clone());
        seen.meant = count(arrived.meant.len());
        for held in arrived.meant.values() {
            let of = match (held.parked, held.passed) {
                (true, _) => &mut seen.parked,
                (false, true) => &mut seen.accepted,
                (false, false) => &mut seen.waiting,
            };
            *of += 1;
        }
        if let Some(found) = &arrived.found {
            // What else lies there is another source's.
            let ours = found.iter().filter(|(id, _)| sides.vendor.contains_key(*id) || sides.logged.contains(*id));
            let (ids, copies) = ours.fold((0, 0), |(ids, copies), (_, copy)| (ids + 1, copies + copy));
            (seen.found, seen.duplicates) = (Some(ids), copies.saturating_sub(ids));
            seen.unchecked = arrived.unchecked(sides, found);
            for (id, (time, held)) in arrived.owed(sides) {
                if found.contains_key(&id) {
                    continue;
                }
                if held.is_some_and(|held| held.taken > sides.searchable) {
                    seen.on_its_way += 1;
                } else {
                    seen.missing += 1;
                    let (seq, lane) = (held.map(|held| held.seq), held.map(|held| held.lane));
                    missing.push(Missing { time, id, at: Place::Sink(arrived.sink.clone()), seq, lane });
                }
            }
        }
        window.sinks.push(seen);
    }
    missing.sort();
    (window, missing)
}

fn count(of: usize) -> u64 {
    u64::try_from(of).unwrap_or(u64::MAX)
}
