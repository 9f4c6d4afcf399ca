//! The store against a model that fits on a page.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Commit { source: &'static str, lane: Lane, ids: Vec<u8> },
    Advance { sink: &'static str, source: &'static str, lane: Lane, to: i64 },
    Prune { records: u64, ids: u64 },
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let source = || select(vec!["acme", "other"]);
    let lane = || select(Lane::ALL.to_vec());
    prop_oneof![
        4 => (source(), lane(), vec(0u8..40, 0..8)).prop_map(|(source, lane, ids)| Step::Commit { source, lane, ids }),
        3 => (select(vec!["sumo", "file"]), source(), lane(), 0i64..60)
            .prop_map(|(sink, source, lane, to)| Step::Advance { sink, source, lane, to }),
        1 => (0u64..30, 0u64..30).prop_map(|(records, ids)| Step::Prune { records, ids }),
        1 => Just(Step::Reopen),
    ]
}

/// One page as the model keeps it: records go page by page.
#[derive(Clone, Debug)]
struct Stored {
    received: u64,
    events: Vec<(i64, String)>,
}

#[derive(Default)]
struct Model {
    head: i64,
    log: BTreeMap<(&'static str, Lane), Vec<Stored>>,
    seen: BTreeMap<(&'static str, String), u64>,
    cursors: BTreeMap<(&'static str, &'static str, Lane), i64>,
}

impl Model {
    fn commit(&mut self, at: u64, source: &'static str, lane: Lane, ids: &[u8]) -> u64 {
        let mut events = Vec::new();
        for id in ids {
            let id = format!("event {id}");
            if let std::collections::btree_map::Entry::Vacant(entry) = self.seen.entry((source, id.clone())) {
                entry.insert(at);
                self.head += 1;
                events.push((self.head, id));
            }
        }
        let new = events.len() as u64;
        if new > 0 {
            self.log.entry((source, lane)).or_default().push(Stored { received: at, events });
        }
        new
    }

    fn advance(&mut self, sink: &'static str, source: &'static str, lane: Lane, to: i64) -> bool {
        if to > self.head {
            return false;
        }
        for lane in Lane::ALL {
            self.cursors.entry((sink, source, lane)).or_default();
        }
        let cursor = self.cursors.get_mut(&(sink, source, lane)).unwrap();
        *cursor = to.max(*cursor);
        true
    }

    fn prune(&mut self, records: u64, ids: u64) -> u64 {
        let mut gone = 0;
        for ((source, lane), pages) in &mut self.log {
            let readers: BTreeSet<i64> =
                self.cursors.iter().filter(|((_, of, l), _)| of == source && l == lane).map(|(_, seq)| *seq).collect();
            let Some(slowest) = readers.first() else { continue };
            pages.retain(|page| {
                let goes = page.received < records && page.events.last().unwrap().0 <= *slowest;
                gone += if goes { page.events.len() as u64 } else { 0 };
                !goes
            });
        }
        self.seen.retain(|_, stored| *stored >= ids);
        gone
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i2_i3_the_store_does_what_the_model_does(steps in vec(step(), 1..40)) {
        let place = Place::new();
        let mut store = place.open();
        let mut model = Model::default();
        for (at, step) in (0u64..).zip(steps) {
            match step {
                Step::Commit { source, lane, ids } => {
                    let name: SourceName = source.parse().unwrap();
                    let events: Vec<_> = ids.iter().map(|id| event(&format!("event {id}"), 1)).collect();
                    let checkpoint = at.to_string();
                    let done = store.commit(&Page { lane, received: Instant(at * 1000), ..page(&name, &events, &checkpoint) }).unwrap();
                    let new = model.commit(at, source, lane, &ids);
                    prop_assert_eq!(done.counts(), (new, ids.len() as u64 - new));
                    prop_assert_eq!(store.checkpoint(&name, Stream::Live).unwrap().unwrap().body, checkpoint);
                }
                Step::Advance { sink: name, source, lane, to } => {
                    let moved = store.advance(&sink(name), &source.parse().unwrap(), lane, Seq(to), &[], AT).is_ok();
                    prop_assert_eq!(moved, model.advance(name, source, lane, to));
                }
                Step::Prune { records, ids } => {
                    let old = Old { records_before: Instant(records * 1000), ids_before: Instant(ids * 1000), ..Old::default() };
                    let prune = Prune { usual: old, ..nothing() };
                    prop_assert_eq!(store.prune(&prune).unwrap(), model.prune(records, ids));
                }
                Step::Reopen => {
                    drop(store);
                    store = place.open();
                }
            }
            prop_assert_eq!(store.head().unwrap(), Seq(model.head));
        }
        for source in ["acme", "other"] {
            let name: SourceName = source.parse().unwrap();
            for lane in Lane::ALL {
                let read: Vec<_> = store.read(&all(&name, lane)).unwrap().into_iter().map(|event| (event.seq.0, event.record)).collect();
                let pages = model.log.get(&(source, lane)).cloned().unwrap_or_default();
                let held: Vec<_> = pages.into_iter().flat_map(|page| page.events).map(|(seq, id)| (seq, event(&id, 1).record)).collect();
                prop_assert_eq!(&read, &held);
                for sink_name in ["sumo", "file"] {
                    let cursor = model.cursors.get(&(sink_name, source, lane)).copied().unwrap_or_default();
                    let waiting = store.backlog(&sink(sink_name), &name).unwrap().into_iter().find(|backlog| backlog.lane == lane).unwrap();
                    prop_assert_eq!(waiting.events, held.iter().filter(|(seq, _)| *seq > cursor).count() as u64);
                    prop_assert_eq!(store.cursor(&sink(sink_name), &name, lane).unwrap(), Seq(cursor));
                }
            }
        }
    }
}
