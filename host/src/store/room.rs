//! Whether there is room for more: the vendor keeps its log, so what would not fit is left there and read later.
//!
//! What always holds:
//!
//! - **Collecting stops before the disk does.** A [`RESERVE`] below each limit stays for what must always be possible to write:
//!   a new pair of tokens, cursors, what detectors find, and forgetting.
//! - **Nothing that somebody waits for goes.** To make room, records that every sink and detector has passed are forgotten before
//!   their retention, the oldest first, and only as many as it takes.
//! - **It ends by itself**, once there is noticeably more room than when it began. Where records are not what fills it, ids that no late
//!   reading asks for any more go before their time.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::{Old, Prune, Result, Store, StoreErrorKind};
use crate::{
    config::units,
    model::{Instant, SourceName, Stream},
    privacy::Hold,
};

/// What stays for everything but events.
pub const RESERVE: u64 = 32_000_000;
/// So much more room there must be before collecting goes on than it takes to stop it.
const MARGIN: u64 = RESERVE / 4;
/// How often is looked whether there is room again.
pub const LOOK: Duration = Duration::from_secs(30);
/// Halved more often than that, retention is nothing.
const HALVINGS: u32 = 12;
const DAY: Duration = Duration::from_secs(86_400);

/// How much a store takes, and how much there is for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// Bytes of its files that hold something: what was freed in them is there for more.
    pub used: u64,
    /// Bytes that are free on its file system. None where nobody knows.
    pub free: Option<u64>,
}

/// The part of the store that knows how large it is.
pub trait Space: Send + Sync + 'static {
    /// How much it takes, and how much there is for it. Cheap: asked before each page.
    fn footprint(&self) -> Result<Footprint>;
    /// Bytes of it that are records that a sink or a detector has not passed. Asked when it is full.
    fn waiting(&self) -> Result<u64>;
    /// Whether [`prune`](Store::prune) would forget any record. Nobody waits for the answer.
    fn is_any_old(&self, prune: &Prune) -> Result<bool>;
}

/// What a store may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes it may have, those beside the database included. None: as many as there are.
    pub max_size: Option<u64>,
    /// Bytes that stay free on its file system.
    pub min_free: u64,
}

/// There is not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortage {
    /// The store is as large as it may be.
    Full {
        /// Bytes it takes.
        used: u64,
        /// Bytes it may take.
        most: u64,
        /// Bytes of records that wait for a sink or a detector.
        waiting: u64,
    },
    /// The disk is nearly full.
    Disk {
        /// Bytes that are free.
        free: u64,
        /// Bytes that are to stay free.
        least: u64,
    },
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = |bytes: &u64| units::bytes(*bytes);
        match self {
            Self::Full { used, most, waiting } => write!(
                f,
                "the store has {} of the {} that it may have (`max_size` in [store]): {} of it are records that wait for a sink or a \
                 detector, {} what else must stay, such as ids, what detectors learned, and what is under legal hold. Nothing is collected \
                 until that shrinks. Nothing is lost, the vendor keeps what happens. See `miro-source status` for what holds it up, or allow \
                 more",
                size(used),
                size(most),
                size(waiting),
                size(&used.saturating_sub(*waiting))
            ),
            Self::Disk { free, least } => write!(
                f,
                "the disk of the store has {} left, and {} stay free (`min_free` in [store]): nothing is collected until there is room. \
                 Nothing is lost, the vendor keeps what happens. Free some space, or move the store to a larger disk",
                size(free),
                size(least)
            ),
        }
    }
}

impl Limits {
    /// What is short. `margin`: how much more than the least there must be.
    fn judge(&self, footprint: Footprint, margin: u64) -> Option<Shortage> {
        let Footprint { used, free } = footprint;
        let wanted = RESERVE.saturating_add(margin);
        let full = self.max_size.filter(|most| used.saturating_add(wanted) > *most).map(|most| Shortage::Full { used, most, waiting: 0 });
        let disk = |free: u64| (self.min_free > 0 && free < self.min_free.saturating_add(margin)).then_some(free);
        full.or_else(|| free.and_then(disk).map(|free| Shortage::Disk { free, least: self.min_free }))
    }

    fn are_none(&self) -> bool {
        self.max_size.is_none() && self.min_free == 0
    }
}

/// Looks whether there is room, and makes some. All workers of a store ask the same one.
#[derive(Debug, Default)]
pub struct Room {
    limits: Limits,
    retention: Duration,
    holds: BTreeMap<SourceName, Hold>,
    /// What stays of sources that are not in `holds`.
    others: Hold,
    latenesses: Vec<(SourceName, Duration)>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// As it was when it began, so that it is told once.
    short: Option<Shortage>,
    looked: Instant,
    /// When ids were forgotten last.
    cut: Instant,
}

impl Room {
    /// Of a store whose delivered records are kept for so long, while there is room.
    pub fn new(limits: Limits, retention: Duration) -> Self {
        Self { limits, retention, ..Self::default() }
    }

    /// What stays of these sources although there is no room, and of all others.
    #[must_use]
    pub fn holding(self, holds: BTreeMap<SourceName, Hold>, others: Hold) -> Self {
        Self { holds, others, ..self }
    }

    /// How late these sources look for events: of others no ids are forgotten before their time.
    #[must_use]
    pub fn revisiting(self, latenesses: Vec<(SourceName, Duration)>) -> Self {
        Self { latenesses, ..self }
    }

    /// What is short, where something is. Blocks on the disk.
    pub fn look(&self, store: &dyn Store, now: Instant) -> Result<Option<Shortage>> {
        if self.limits.are_none() {
            return Ok(None);
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.short.is_some() && now >= state.looked && now.since(state.looked) < LOOK {
            return Ok(state.short);
        }
        state.looked = now;
        let margin = if state.short.is_some() { MARGIN } else { 0 };
        let mut short = self.limits.judge(store.footprint()?, margin);
        if short.is_some() {
            short = self.make_room(store, now, short)?;
        }
        // Nothing more goes by that for a day.
        if short.is_some() && now.since(state.cut) >= DAY {
            state.cut = now;
            short = self.cut_ids(store, now, short)?;
        }
        state.short = match (short, state.short) {
            (Some(_), Some(began)) => Some(began),
            (Some(Shortage::Full { used, most, .. }), None) => Some(Shortage::Full { used, most, waiting: store.waiting()? }),
            (short, _) => short,
        };
        Ok(state.short)
    }

    /// What is old where records are kept for so long.
    fn old(&self, now: Instant, kept: Duration) -> Prune {
        let old = |hold: &Hold| Old { records_before: now.minus(kept), hold: hold.clone(), ..Old::default() };
        let sources = self.holds.iter().map(|(source, hold)| (source.clone(), old(hold)));
        Prune { usual: old(&self.others), sources: sources.collect(), ..Prune::default() }
    }

    /// Forgets what everybody has passed, half of the time that it is kept after the other, until there is room. What is still
    /// short then.
    fn make_room(&self, store: &dyn Store, now: Instant, mut short: Option<Shortage>) -> Result<Option<Shortage>> {
        // Asked once, as nothing else may happen for days.
        if !store.is_any_old(&self.old(now, Duration::ZERO))? {
            return Ok(short);
        }
        let mut gone = 0;
        for halving in 1..=HALVINGS {
            let kept = if halving == HALVINGS { Duration::ZERO } else { self.retention / 2_u32.saturating_pow(halving) };
            match store.prune(&self.old(now, kept)) {
                Ok(0) => continue,
                Ok(records) => gone += records,
                // A full disk takes no more than that: it is the shortage itself.
                Err(why) if why.kind == StoreErrorKind::Retry => break,
                Err(why) => return Err(why),
            }
            short = self.limits.judge(store.footprint()?, MARGIN);
            if short.is_none() {
                break;
            }
        }
        if gone > 0 {
            tracing::warn!(records = gone, "forgot delivered records before their retention: the store is short of room");
        }
        Ok(short)
    }

    /// Forgets the ids that no late reading and no backfill asks for any more. What is still short then.
    fn cut_ids(&self, store: &dyn Store, now: Instant, short: Option<Shortage>) -> Result<Option<Shortage>> {
        let histories = store.histories()?;
        let mut sources = BTreeMap::new();
        for (source, lateness) in &self.latenesses {
            let Some(live) = store.checkpoint(source, Stream::Live)? else { continue };
            // From where it goes on, however long it was away: its latest window may lie half as far back again.
            let asked = live.through.min(now).minus(*lateness + *lateness / 2 + DAY);
            let unread = histories.iter().filter(|history| history.source == *source && !history.finished).map(|history| history.start);
            let ids_before = unread.fold(asked, Instant::min);
            sources.insert(source.clone(), Old { ids_before, hold: Hold::All, ..Old::default() });
        }
        match store.prune(&Prune { usual: Old { hold: Hold::All, ..Old::default() }, sources, ..Prune::default() }) {
            Ok(_) => Ok(self.limits.judge(store.footprint()?, MARGIN)),
            Err(why) if why.kind == StoreErrorKind::Retry => Ok(short),
            Err(why) => Err(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;

    fn of(used: u64, free: u64) -> Footprint {
        Footprint { used: used * MB, free: Some(free * MB) }
    }

    #[test]
    fn it_is_short_before_the_limit_and_there_is_room_again_only_well_below() {
        let limits = Limits { max_size: Some(100 * MB), min_free: 10 * MB };
        assert_eq!(limits.judge(of(68, 50), 0), None);
        assert_eq!(limits.judge(of(69, 50), 0), Some(Shortage::Full { used: 69 * MB, most: 100 * MB, waiting: 0 }));
        assert!(limits.judge(of(61, 50), MARGIN).is_some());
        assert_eq!(limits.judge(of(50, 50), MARGIN), None);
        assert_eq!(limits.judge(of(1, 9), 0), Some(Shortage::Disk { free: 9 * MB, least: 10 * MB }));
        assert_eq!(limits.judge(Footprint { used: 1, free: None }, 0), None);
        assert!(Limits::default().are_none());
    }

    #[test]
    fn what_is_short_is_told_with_numbers_and_what_to_do() {
        let full = Shortage::Full { used: 19_970 * MB, most: 20_000 * MB, waiting: 4_000 * MB }.to_string();
        assert!(
            full.contains("has 19 GB of the 20 GB")
                && full.contains("4 GB of it are records that wait")
                && full.contains("15 GB what else")
                && full.contains("`max_size`")
                && full.contains("Nothing is lost"),
            "{full}"
        );
        let disk = Shortage::Disk { free: 200 * MB, least: 256 * MB }.to_string();
        assert!(disk.contains("200 MB left, and 256 MB stay free (`min_free`") && disk.contains("Free some space"), "{disk}");
    }
}
