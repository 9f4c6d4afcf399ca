//! What channels are to be told.

use super::*;
use crate::{
    alert::{
        Closing, Found, Severity, Stage, Suppress, Verdict,
        tests::{NOON, detector, found},
    },
    model::ChannelName,
    notify::{Audience, How, Ledger, Matter, Named, Route, Settled, Told},
};

fn channel(name: &str) -> ChannelName {
    name.parse().unwrap()
}

fn audience(name: &str, source: &SourceName, policies: &[&str]) -> Audience {
    let policies = policies.iter().map(|policy| (*policy).to_owned()).collect();
    Audience { channel: channel(name), source: source.clone(), route: Route { severity: Severity::Medium, policies } }
}

fn judge(store: &SqliteStore, source: &SourceName, at: Instant, findings: &[Found]) -> Result<Judged> {
    let detector = detector();
    let (after, profiles) = (Seq(0), &[]);
    store.judge(&Judgement { source, detector: &detector, after, through: after, stage: Stage::Watching, profiles, findings, at })
}

/// The alert that is next, and its revision.
fn next(store: &SqliteStore, name: &str) -> Option<(i64, i64)> {
    store.notices(&channel(name), Instant::FAR).unwrap().next.map(|notice| match notice.matter {
        Matter::Alert { alert, .. } => (alert.id.0, notice.revision),
        Matter::Condition(known) => panic!("{known:?}"),
    })
}

fn settle(store: &SqliteStore, name: &str, (alert, revision): (i64, i64), how: How) {
    let settled = Settled { named: Named::Alert(AlertId(alert)), revision, how };
    store.settle_notice(&channel(name), Some(&settled), &Ledger::default()).unwrap();
}

fn told() -> How {
    How::Told(Told::next(None, &crate::alert::tests::alert(), NOON))
}

#[test]
fn i5_a_channel_is_told_of_its_own_sources_and_policies_only() {
    let place = Place::new();
    let store = place.open();
    let (acme, other) = (source(), "other".parse::<SourceName>().unwrap());
    let all = [audience("a", &acme, &[]), audience("b", &other, &[]), audience("c", &acme, &["failed"])];
    store.set_audiences(&all).unwrap();
    let mut low = found("low", "eve");
    low.story.severity = Severity::Low;
    judge(&store, &acme, NOON, &[low.clone(), found("travel", "eve")]).unwrap();
    assert_eq!(["a", "b", "c"].map(|name| next(&store, name)), [Some((2, 0)), None, None]);
    low.story.severity = Severity::High;
    judge(&store, &acme, NOON, &[low]).unwrap();
    settle(&store, "a", (2, 0), told());
    assert_eq!(next(&store, "a"), Some((1, 0)), "it got bad enough");
    store.set_audiences(&[]).unwrap();
    judge(&store, &acme, NOON, &[found("more", "eve")]).unwrap();
    settle(&store, "a", (1, 0), How::Dropped);
    assert_eq!(next(&store, "a"), None, "a channel that is gone hears of nothing new");
}

#[test]
fn i3_what_is_to_be_told_is_stored_with_the_change_and_what_changed_meanwhile_stays() {
    let place = Place::new();
    let store = place.open();
    let acme = source();
    store.set_audiences(&[audience("a", &acme, &[])]).unwrap();
    let raw = rusqlite::Connection::open(place.path()).unwrap();
    raw.execute_batch("CREATE TRIGGER refuse BEFORE INSERT ON notices BEGIN SELECT RAISE(ABORT, 'refused'); END").unwrap();
    assert!(judge(&store, &acme, NOON, &[found("travel", "eve")]).unwrap_err().message.contains("refused"));
    assert_eq!(store.alert(AlertId(1)).unwrap(), None, "neither without the other");
    raw.execute_batch("DROP TRIGGER refuse").unwrap();
    drop(raw);

    judge(&store, &acme, NOON, &[found("travel", "eve")]).unwrap();
    judge(&store, &acme, NOON, &[found("travel", "eve")]).unwrap();
    assert_eq!(next(&store, "a"), Some((1, 1)));
    judge(&store, &acme, NOON, &[found("travel", "eve")]).unwrap();
    settle(&store, "a", (1, 1), told());
    drop(store);
    let store = place.open();
    let notice = store.notices(&channel("a"), NOON).unwrap().next.unwrap();
    assert_eq!((notice.revision, notice.told.unwrap().times), (2, 1), "it changed while it was told");
    settle(&store, "a", (1, 2), How::Later(Instant(NOON.0 + 5)));
    let waiting = store.notices(&channel("a"), NOON).unwrap();
    assert_eq!((waiting.next, waiting.wake), (None, Some(Instant(NOON.0 + 5))));
    let closing = Closing::new(Verdict::Benign, None, None, Suppress::Never).unwrap();
    store.change_alert(AlertId(1), &Step::Close(closing), "ann", NOON).unwrap();
    assert_eq!(next(&store, "a"), Some((1, 3)), "a change is looked at at once");
    assert_eq!(store.channel(&channel("a"), NOON).unwrap().waiting, 1);
    settle(&store, "a", (1, 3), told());
    store.prune(&Prune { usual: Old { alerts_before: Instant::FAR, ..Old::default() }, ..nothing() }).unwrap();
    let left: i64 =
        rusqlite::Connection::open(place.path()).unwrap().query_row("SELECT count(*) FROM notices", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0, "what is known of an alert goes with it");
}
