//! Window by window, and what came of all.

use std::{sync::Arc, time::Duration};

use super::{
    blocks::Blocks,
    compare::{Arrived, Gone, Sides, compare},
    kept::Shelf,
    passage::Passage,
    report::{Missing, Report, Totals, Unread, Window},
    vendor::{self, KeptOut, Read, Tokens},
};
use crate::{
    clock::Clock,
    model::{Instant, SinkName, SourceName},
    privacy::Hold,
    runtime::Source,
    sink::{
        Sieve,
        sumo::search::{Look, Search, Time},
    },
    store::{History, Purpose, Store, blocking},
};

/// A window at most.
const WINDOW: Duration = Duration::from_secs(24 * 3600);
/// An event is not stored before it happens, but for clocks that differ.
const SKEW: Duration = Duration::from_secs(3600);
/// Ids named in one search.
const NAMED: usize = 100;

/// A sink to be looked at.
pub struct Looked {
    /// Which.
    pub sink: SinkName,
    /// Which events it gets, where that is not all.
    pub sieve: Option<Sieve>,
    /// How to look at what arrived; without it, only what the store says is told.
    pub search: Option<Search>,
}

/// What it takes.
pub struct Walk<'a> {
    /// Whose.
    pub source: SourceName,
    /// Reads the vendor, and stored records.
    pub reader: Source,
    /// Its token.
    pub tokens: Tokens<'a>,
    /// What stays of it, also of people who are erased.
    pub hold: Hold,
    /// The store.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// How long a sink may need until what it got is found there.
    pub lag: Duration,
    /// The sinks of the source.
    pub sinks: Vec<Looked>,
}

/// Each window of a passage, from when until when, and what each side says about it.
type Passed = Vec<(Instant, Instant, Sides)>;

/// What is known before the first window, and what of the log was read for it.
struct Course {
    kept_out: KeptOut,
    histories: Vec<History>,
    blocks: Blocks,
    /// Of each sink, in their order.
    joined: Vec<Instant>,
    whole: Shelf,
    /// Of each sink, in their order.
    shelves: Vec<Shelf>,
}

impl Walk<'_> {
    /// From `from` up to `to`. `told` hears of each window.
    pub async fn through(&mut self, from: Instant, to: Instant, mut told: impl FnMut(&Window)) -> anyhow::Result<Report> {
        let mut course = self.begin().await?;
        let (mut windows, mut missing, mut unread) = (Vec::<Window>::new(), Vec::<Missing>::new(), Vec::<Unread>::new());
        let mut start = from;
        while start < to {
            let mut passage = Passage::default();
            while start < to && !passage.is_full() {
                let end = to.min(start.plus(WINDOW));
                let mut read = vendor::read(&self.reader, self.tokens, &self.clock, start, end, &course.kept_out).await?;
                unread.append(&mut read.unread);
                let next = read.end;
                passage.push(start, read);
                start = next;
            }
            let mut left = vec![passage];
            while let Some(passage) = left.pop() {
                match self.pass(&mut course, passage).await? {
                    Ok(passed) => {
                        for (start, end, sides) in passed {
                            let (window, lost) = compare(start, end, &sides);
                            told(&window);
                            windows.push(window);
                            missing.extend(lost);
                        }
                    }
                    Err(halves) => left.extend(halves.into_iter().rev()),
                }
            }
        }
        let name = self.source.clone();
        let (lateness, mut gaps) = blocking(&self.store, move |store| Ok((store.lateness(&name, from)?, store.gaps()?))).await?;
        gaps.retain(|gap| gap.source == self.source && !gap.filled && gap.start < to && gap.end > from);
        let totals = Totals::of(&windows);
        let complete = totals.are_clean() && unread.is_empty() && gaps.is_empty();
        let (source, made) = (self.source.clone(), self.clock.now());
        Ok(Report { source, from, to, made, complete, totals, lateness, gaps, unread, missing, windows })
    }

    async fn begin(&self) -> anyhow::Result<Course> {
        let name = self.source.clone();
        let (erased, histories) = blocking(&self.store, move |store| Ok((store.kept_out(Some(&name))?, store.histories()?))).await?;
        let kept_out = KeptOut::new(erased, self.hold.clone());
        let mut joined = Vec::with_capacity(self.sinks.len());
        for looked in &self.sinks {
            let (sink, source) = (looked.sink.clone(), self.source.clone());
            joined.push(blocking(&self.store, move |store| store.joined(&sink, &source)).await?);
        }
        let of = |looked: &Looked| Shelf::of(self.source.clone(), looked.sink.clone(), looked.sieve.clone());
        let (whole, shelves) = (Shelf::whole(self.source.clone()), self.sinks.iter().map(of).collect());
        Ok(Course { kept_out, histories, blocks: Blocks::default(), joined, whole, shelves })
    }

    /// What each side says about the windows of a passage; or its halves, where the log holds too much of it for one.
    async fn pass(&mut self, course: &mut Course, passage: Passage) -> anyhow::Result<Result<Passed, [Passage; 2]>> {
        // Before the log: what comes in between is in that.
        let mut remembered = Vec::new();
        for ids in passage.ids() {
            let name = self.source.clone();
            let stored = blocking(&self.store, move |store| {
                let known = store.remembered(&name, &ids)?;
                Ok(ids.into_iter().zip(known).filter_map(|(id, known)| Some((id, known?))).collect())
            });
            remembered.push(stored.await?);
        }
        // After these: ids that went in between were not known then either.
        let name = self.source.clone();
        let forgotten = blocking(&self.store, move |store| store.forgotten(&name)).await?;
        let forgotten = if forgotten == Instant::EPOCH { forgotten } else { forgotten.plus(SKEW) };
        let (span, blocks) = (passage.span(), &mut course.blocks);
        let Some(logged) = course.whole.window(&self.store, &self.reader, blocks, span, passage.most()).await? else {
            return Ok(Err(passage.halves()));
        };
        let logged = passage.sort(logged);
        let mut meant = Vec::with_capacity(course.shelves.len());
        for shelf in &course.shelves {
            let held = shelf.window(&self.store, &self.reader, blocks, span, usize::MAX).await?.unwrap_or_default();
            meant.push(passage.sort(held).into_iter());
        }
        let mut passed = Vec::with_capacity(logged.len());
        for (((start, read), logged), remembered) in passage.into_windows().into_iter().zip(logged).zip(remembered) {
            let Read { events: vendor, erased, held, end, .. } = read;
            let (logged, searchable) = (logged.into_keys().collect(), self.clock.now().minus(self.lag));
            let mut sides = Sides { vendor, erased, held, remembered, forgotten, logged, searchable, sinks: Vec::new() };
            for ((looked, meant), joined) in self.sinks.iter_mut().zip(&mut meant).zip(&course.joined) {
                let apart = course.histories.iter().any(|history| is_for_another(history, &self.source, &looked.sink, start, end));
                let gone = if apart || looked.sieve.is_some() { Gone::Unknown } else { Gone::Since(*joined) };
                let mut arrived = Arrived { sink: looked.sink.clone(), meant: meant.next().unwrap_or_default(), gone, found: None };
                if let Some(search) = &mut looked.search {
                    look(search, &sides, &mut arrived, start, end, self.clock.now()).await?;
                }
                sides.sinks.push(arrived);
            }
            passed.push((start, end, sides));
        }
        Ok(Ok(passed))
    }
}

/// Whether of this time something was read for another sink alone: then not every event is this one's. What was only learned from does
/// not count as stored.
fn is_for_another(history: &History, source: &SourceName, sink: &SinkName, start: Instant, end: Instant) -> bool {
    let another = matches!(&history.purpose, Purpose::Sink(other) if other != sink);
    another && history.source == *source && history.start < end && history.end > start
}

/// What arrived of a window: by the time of the messages, and what is not found so, by when they came. Sumo Logic stamps a message anew
/// whose own time it does not believe.
async fn look(search: &mut Search, sides: &Sides, arrived: &mut Arrived, start: Instant, end: Instant, now: Instant) -> anyhow::Result<()> {
    let owed = arrived.owed(sides);
    let mut found = search.counts(&Look { start, end, by: Time::Message, among: None }).await?;
    let unfound: Vec<_> = owed.iter().filter(|(id, _)| !found.contains_key(*id)).collect();
    for part in unfound.chunks(NAMED) {
        let ids: Vec<String> = part.iter().map(|(id, _)| (*id).clone()).collect();
        // It came after it was stored; where that is forgotten, after it happened.
        let earliest = part.iter().map(|(_, (time, held))| held.map_or(*time, |held| held.received.min(*time))).min().unwrap_or(start);
        let later = Look { start: earliest, end: now.plus(Duration::from_secs(1)), by: Time::Receipt, among: Some(&ids) };
        found.extend(search.counts(&later).await?);
    }
    arrived.found = Some(found);
    Ok(())
}
