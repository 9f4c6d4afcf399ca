//! What of the recorded gaps is told.

use audit_pipeline::source::Gap;

use super::*;
use crate::{
    config,
    model::{Lane, Stream},
    store::{History, Page, Purpose, Store},
};

/// A page without events.
fn commit(store: &SqliteStore, stream: Stream, through: Instant, gaps: &[Gap]) {
    let page = Page {
        source: &acme(),
        stream,
        lane: if stream == Stream::Live { Lane::Live } else { Lane::History },
        received: NOON,
        events: &[],
        known: &[],
        checkpoint: "1",
        through,
        gaps,
        finished: stream != Stream::Live,
        generation: None,
    };
    store.commit(&page).unwrap();
}

#[test]
fn i1_a_gap_is_told_until_it_is_filled_or_was_found_as_long_ago_as_records_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let source = "[[source]]\nname = \"acme\"\nallow = [\"https://api.miro.com\"]\nsecrets = { access_token = { file = \"token\" } }\n";
    std::fs::write(folder.path().join("c.toml"), format!("{source}retention = \"10d\"\n")).unwrap();
    let config = config::load(&folder.path().join("c.toml")).unwrap();
    let (desk, mut survey) = (Desk::new(), Survey::new(&config, Vec::new()));
    let store = desk.store();
    let (start, end) = (NOON.minus(DAY * 100), NOON.minus(DAY * 90));
    commit(&store, Stream::Live, NOON, &[Gap { start: start.0, end: end.0, cause: "older than it is kept".into() }]);
    let mut seen = |store: &SqliteStore, days: u32| {
        let scene = survey.look(store, &Checkup::default(), NOON.plus(DAY * days)).unwrap();
        scene.sources[0].lost.iter().map(|lost| (lost.gap.id, lost.read)).collect::<Vec<_>>()
    };
    assert_eq!([0, 9, 10].map(|days| seen(&store, days)), [vec![(1, false)], vec![(1, false)], vec![]]);
    let purpose = Purpose::Delivery;
    let history = History { id: 0, source: acme(), start, end, purpose, gap: Some(1), through: start, events: 0, finished: false };
    let id = store.add_history(&history).unwrap();
    assert_eq!(seen(&store, 1), [(1, true)]);
    commit(&store, Stream::History(id), end, &[]);
    assert_eq!(seen(&store, 1), []);
}
