//! Stores written by every schema version, which must open for ever. Made with `cargo test -- --ignored write_the_fixture`
//! before a version was first released, never again.

use audit_pipeline::detector::Profile;

use super::*;
use crate::{
    alert::{
        AlertFormat, Closing, Severity, Stage, Suppress, Verdict, Wanted,
        tests::{NOON, detector, found},
    },
    condition::{Change, Concerns, Condition, Kind, Known, Turn},
    directory::{Member, Person, PersonState},
    notify::{Audience, Matter, Route},
    privacy::Identity,
    respond::{
        Action, Head, Move, Reaction, Record, ResponseId, ResponseQuery, Said, Switch, Switched, Trigger,
        tests::{account, order, reaction},
        verify,
    },
    store::{Conditions as _, Privacy as _, Purpose, Responses as _},
};

const V1: &[u8] = include_bytes!("store-v1.db.zst");
pub(super) const V2: &[u8] = include_bytes!("store-v2.db.zst");
const V3: &[u8] = include_bytes!("store-v3.db.zst");
const V4: &[u8] = include_bytes!("store-v4.db.zst");
const V5: &[u8] = include_bytes!("store-v5.db.zst");
const V6: &[u8] = include_bytes!("store-v6.db.zst");

/// What schema 1 can hold.
fn fill(store: &SqliteStore) {
    let acme = source();
    store.begin(&acme, Stream::Live, "first", Instant(1), Instant(2)).unwrap();
    store.commit(&page(&acme, &[event("a", 1), event("b", 2)], "second")).unwrap();
    let gaps = [audit_pipeline::source::Gap { start: 1, end: 9, cause: "older than the vendor keeps".into() }];
    store.commit(&Page { lane: Lane::Late, gaps: &gaps, ..page(&acme, &[event("c", 3)], "third") }).unwrap();
    let history = History {
        id: 0,
        source: acme.clone(),
        start: Instant(1),
        end: Instant(9),
        purpose: Purpose::Sink(sink("sumo")),
        gap: Some(1),
        through: Instant(1),
        events: 0,
        finished: false,
    };
    let id = store.add_history(&history).unwrap();
    store.commit(&Page { stream: Stream::History(id), lane: Lane::History, ..page(&acme, &[event("d", 4)], "h") }).unwrap();
    let parked = Parked { sink: sink("sumo"), source: acme.clone(), seq: Seq(2), reason: "refused".into(), at: Instant(5), retry: true };
    store.advance(&sink("sumo"), &acme, Lane::Live, Seq(2), &[parked], Instant(0)).unwrap();
    let pair = Credentials { access_token: "access".into(), refresh_token: Some("refresh".into()), expires_at: Some(9) };
    store.put_grant(&acme, None, &pair, b"print", Instant(6)).unwrap();
    store.open_intent(&acme, 1, Instant(7)).unwrap();
    store.note("state/acme", "collecting").unwrap();
}

/// What schema 2 added.
fn fill_2(store: &SqliteStore) {
    let sources = [source()];
    let successor = |digest, probation| Successor {
        component: "miro",
        digest,
        name: "miro",
        version: "1.0.0",
        package: b"package",
        configured: "old",
        reason: "configured",
        probation,
        at: Instant(20),
    };
    store.install(&successor("old", None)).unwrap();
    let new = store.install(&successor("new", Some(&sources))).unwrap();
    store.polled(new, &source(), Instant(21)).unwrap();
    store.tally(new, 1, 2).unwrap();
    let refused =
        Refused { component: "miro", digest: "bad", name: "", version: "", reason: "unknown key", lasting: true, at: Instant(22) };
    store.refuse(&refused).unwrap();
    store.keep_transcript(&source(), Instant(23), b"transcript", 4).unwrap();
}

/// What schema 3 added.
fn fill_3(store: &SqliteStore) {
    let (acme, detector) = (source(), detector());
    store.set_outlets(&[Outlet { sink: sink("sumo"), source: acme.clone(), format: AlertFormat::Ocsf }]).unwrap();
    let route = Route { severity: Severity::Low, policies: Vec::new() };
    store.set_audiences(&[Audience { channel: "soc".parse().unwrap(), source: acme.clone(), route }]).unwrap();
    let known = [super::known::of(64_500)];
    store.commit(&Page { known: &known, ..page(&acme, &[event("k", 6)], "known") }).unwrap();
    let learned = History { id: 0, purpose: Purpose::Learning, gap: None, ..store.histories().unwrap().remove(0) };
    let id = store.add_history(&learned).unwrap();
    store.commit(&Page { stream: Stream::History(id), lane: Lane::History, ..page(&acme, &[event("l", 7)], "l") }).unwrap();
    let (findings, through) = ([found("travel", "eve"), found("failed", "ann")], store.head().unwrap());
    let (after, profiles) = (Seq(0), [Profile { subject: "eve".into(), body: vec![1, 2] }]);
    let stage = Stage::Watching;
    store
        .judge(&Judgement { source: &acme, detector: &detector, after, through, stage, profiles: &profiles, findings: &findings, at: NOON })
        .unwrap();
    let closing = Closing::new(Verdict::Benign, None, Some("a train".into()), Suppress::Usual).unwrap();
    store.change_alert(AlertId(1), &Step::Close(closing), "ann", NOON).unwrap();
}

/// What schema 3 shows besides.
fn show_3(store: &SqliteStore) -> String {
    let (acme, channel) = (source(), "soc".parse().unwrap());
    let all = AlertQuery { wanted: Wanted::All, policy: None, user: None, since: None, address: None, incident: None, most: 100 };
    // A record is told as it was when its store was of that version; what it says is the same.
    let told = |line: String| match Record::parse(&line) {
        Ok(record) => (!is_deed(&record)).then_some(record.body),
        Err(_) => Some(line),
    };
    let found = BehaviourQuery { policy: None, user: None, since: None, address: None, alert: None, most: 100 };
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        store.alerts(&all).unwrap(),
        store.behaviours(&found).unwrap(),
        store.alert_history(AlertId(1)).unwrap(),
        store.judged(&acme, &detector()).unwrap(),
        store.profiles(&acme, &detector(), &["eve".into()]).unwrap(),
        store.outbox(&sink("sumo"), 100, usize::MAX).unwrap().into_iter().filter_map(|line| told(line.body)).collect::<Vec<_>>(),
        store.notices(&channel, Instant::FAR).unwrap().next.map(|notice| match notice.matter {
            Matter::Alert { alert, .. } => (alert.id, notice.revision),
            Matter::Condition(known) => panic!("{known:?}"),
        }),
    )
}

/// What schema 4 added.
fn fill_4(store: &SqliteStore) {
    let entra = "entra".parse().unwrap();
    let (acme, findings) = (source(), [found("travel", "zoe")]);
    let detector: crate::model::DetectorName = "other".parse().unwrap();
    let about = Trigger { detector: detector.clone(), policy: "travel".into() };
    store.set_reactions(&[Reaction { policies: vec![about], ..reaction(Action::Suspend) }], Instant(5)).unwrap();
    let (after, through, stage) = (Seq(0), Seq(0), Stage::Watching);
    store
        .judge(&Judgement { source: &acme, detector: &detector, after, through, stage, profiles: &[], findings: &findings, at: NOON })
        .unwrap();
    store.move_response(ResponseId(1), Some(0), &Move::Resolved(account()), None, NOON).unwrap();
    store.order(&order(Action::Notify, "ann"), NOON).unwrap();
    store.move_response(ResponseId(2), None, &Move::Reject("she knows".into()), Some("bob"), NOON).unwrap();
    let person = Person {
        id: "1".into(),
        emails: vec!["eve@example.com".into()],
        name: Some("Eve".into()),
        state: PersonState::Deleted,
        since: Some(Instant(3)),
        learned: Instant(0),
    };
    store.put_people(&entra, &[person], "checkpoint", Instant(4)).unwrap();
    store.put_members(&entra, "VIPs", &[Member { id: "1".into(), emails: vec!["eve@example.com".into()] }], Instant(4)).unwrap();
}

/// What schema 5 added.
fn fill_5(store: &SqliteStore) {
    let condition = |subject: &str| Condition {
        kind: Kind::Silent,
        subject: subject.into(),
        concerns: Concerns::Sources([source()].into()),
        severity: Severity::Medium,
        step: 1,
        since: Instant(50),
        title: "it is silent".into(),
        reasons: vec!["no event for a day".into()],
        advice: "see whether it still is one".into(),
    };
    let turn = |subject: &str, ended| Turn {
        known: Known { condition: condition(subject), begun: Instant(51), ended, news: 1 },
        news: None,
        channels: Vec::new(),
        lines: Vec::new(),
    };
    let turns = vec![turn("acme", None), turn("globex", Some(Instant(52)))];
    store.turn_conditions(&Change { turns, ..Change::default() }, Instant(53)).unwrap();
}

/// What schema 4 shows besides.
fn is_deed(record: &Record) -> bool {
    matches!(record.said(), Ok(Said::Deed(_)))
}

fn show_4(store: &SqliteStore) -> String {
    let entra = "entra".parse().unwrap();
    let records = store.governance(0, 100).unwrap();
    assert_eq!(verify(&Head::default(), &records).unwrap(), store.governance_head().unwrap());
    // The log of components is younger than the fixtures, so that number and hash differ; what is said of responses does not.
    let records: Vec<&str> = records.iter().filter(|record| !is_deed(record)).map(|record| record.body.as_str()).collect();
    format!(
        "{:?} {records:?} {:?} {:?} {:?} {:?}",
        store.responses(&ResponseQuery { limit: 100, ..ResponseQuery::default() }).unwrap(),
        store.due_response(&entra, NOON).unwrap(),
        store.departed_people(&entra).unwrap(),
        store.people_checkpoint(&entra).unwrap(),
        store.members(&entra, "VIPs").unwrap(),
    )
}

/// What schema 6 added.
fn fill_6(store: &SqliteStore) {
    store.keep_out(None, &[Identity::account("gone@example.com")], Instant(60)).unwrap();
    store.keep_out(Some(&source()), &[Identity::account("left@example.com")], Instant(61)).unwrap();
}

/// Everything a store shows, as text.
fn show(store: &SqliteStore) -> String {
    let acme = source();
    let logs = Lane::ALL.map(|lane| store.read(&all(&acme, lane)).unwrap());
    let streams = [Stream::Live, Stream::History(1)].map(|stream| store.checkpoint(&acme, stream).unwrap());
    let grant = store.grant(&acme).unwrap().unwrap();
    // From when on a sink reads is noted by itself, and younger than the fixtures.
    let notes: Vec<_> = store.notes("").unwrap().into_iter().filter(|(key, _)| !key.starts_with("joined/")).collect();
    let credentials = (&grant.credentials.access_token, &grant.credentials.refresh_token, grant.credentials.expires_at);
    format!(
        "{logs:?} {streams:?} {:?} {:?} {:?} {:?} {:?} {:?} {grant:?} {credentials:?} {:?} {:?} {notes:?} {:?} {:?} {:?}",
        store.backlog(&sink("sumo"), &acme).unwrap(),
        store.parked().unwrap(),
        store.gaps().unwrap(),
        store.histories().unwrap(),
        store.actions().unwrap(),
        store.lateness(&acme, Instant(0)).unwrap(),
        grant.fingerprint,
        store.fingerprint(&["token"]),
        store.tenures().unwrap(),
        store.tenures().unwrap().iter().map(|tenure| store.package(tenure.number).unwrap()).collect::<Vec<_>>(),
        store.transcripts(&acme).unwrap(),
    )
}

/// What a store of an old version shows is what it was filled with, and it goes on.
fn opens_and_goes_on(fixture: &[u8], fill: impl Fn(&SqliteStore)) {
    let (place, fresh) = (Place::new(), Place::new());
    std::fs::write(place.path(), zstd::bulk::decompress(fixture, 1 << 20).unwrap()).unwrap();
    let (store, expected) = (place.open(), fresh.open());
    fill(&expected);
    assert_eq!(show(&store), show(&expected));
    let again = [event("a", 1), event("e", 5)];
    assert_eq!(store.commit(&page(&source(), &again, "4")).unwrap().counts(), (1, 1), "ids of old are known");
}

#[test]
fn a_store_of_schema_1_opens_and_goes_on() {
    opens_and_goes_on(V1, fill);
}

#[test]
fn i6_a_store_of_schema_2_opens_and_can_still_go_back() {
    opens_and_goes_on(V2, |store| {
        fill(store);
        fill_2(store);
    });
    let place = Place::new();
    std::fs::write(place.path(), zstd::bulk::decompress(V2, 1 << 20).unwrap()).unwrap();
    let store = place.open();
    assert_eq!(store.polls(GenerationNumber(2), &source()).unwrap(), Some(1));
    assert_eq!(store.take_back(GenerationNumber(2), "trapped", Instant(30)).unwrap(), Some(GenerationNumber(1)));
}

#[test]
fn a_store_of_schema_3_opens_with_its_alerts() {
    let everything = |store: &SqliteStore| {
        fill(store);
        fill_2(store);
        fill_3(store);
    };
    opens_and_goes_on(V3, everything);
    let (place, fresh) = (Place::new(), Place::new());
    std::fs::write(place.path(), zstd::bulk::decompress(V3, 1 << 20).unwrap()).unwrap();
    let (store, expected) = (place.open(), fresh.open());
    everything(&expected);
    assert_eq!(show_3(&store), show_3(&expected));
}

#[test]
fn a_store_of_schema_3_gets_responses() {
    let (place, fresh) = (Place::new(), Place::new());
    std::fs::write(place.path(), zstd::bulk::decompress(V3, 1 << 20).unwrap()).unwrap();
    let why = place.look().responses(&ResponseQuery::default()).unwrap_err();
    assert!(why.message.contains("`miro-source run` upgrades it"), "{why}");
    let (store, expected) = (place.open(), fresh.open());
    fill(&expected);
    fill_2(&expected);
    fill_3(&expected);
    fill_4(&store);
    fill_4(&expected);
    assert_eq!(show_4(&store), show_4(&expected));
}

#[test]
fn a_store_of_schema_4_opens_with_its_responses() {
    let everything = |store: &SqliteStore| {
        fill(store);
        fill_2(store);
        fill_3(store);
        fill_4(store);
    };
    opens_and_goes_on(V4, everything);
    let (place, fresh) = (Place::new(), Place::new());
    std::fs::write(place.path(), zstd::bulk::decompress(V4, 1 << 20).unwrap()).unwrap();
    let (store, expected) = (place.open(), fresh.open());
    everything(&expected);
    assert_eq!((show_3(&store), show_4(&store)), (show_3(&expected), show_4(&expected)));
    // Its log goes on with what it did not know when it was begun.
    let before = store.governance(0, usize::MAX).unwrap();
    assert!(before.len() > 1 && before.iter().all(|record| matches!(record.said(), Ok(Said::Response(_)))));
    let stop = Switched { at: Instant(40), who: "ann".into(), switch: Switch::Stop, why: Some("a drill".into()) };
    assert!(store.switch(&stop).unwrap());
    let records = store.governance(0, usize::MAX).unwrap();
    assert_eq!(records.len(), before.len() + 1);
    assert_eq!(verify(&Head::default(), &records).unwrap(), store.governance_head().unwrap());
}

#[test]
fn a_store_of_schema_5_opens_with_its_conditions() {
    let everything = |store: &SqliteStore| {
        fill(store);
        fill_2(store);
        fill_3(store);
        fill_4(store);
        fill_5(store);
    };
    opens_and_goes_on(V5, everything);
    let (place, fresh) = (Place::new(), Place::new());
    std::fs::write(place.path(), zstd::bulk::decompress(V5, 1 << 20).unwrap()).unwrap();
    let (store, expected) = (place.open(), fresh.open());
    everything(&expected);
    assert_eq!((show_3(&store), show_4(&store)), (show_3(&expected), show_4(&expected)));
    assert_eq!(store.conditions().unwrap(), expected.conditions().unwrap());
    // The fixture says twice that a component took the place of another.
    let said = |store: &SqliteStore| {
        let mut said: Vec<Said> = store.governance(0, usize::MAX).unwrap().iter().map(|record| record.said().unwrap()).collect();
        said.dedup();
        said
    };
    assert_eq!(said(&store), said(&expected));
}

#[test]
fn a_store_of_schema_6_opens_and_keeps_out_who_was_erased() {
    opens_and_goes_on(V6, |store| {
        fill(store);
        fill_2(store);
        fill_3(store);
        fill_4(store);
        fill_5(store);
        fill_6(store);
    });
    let place = Place::new();
    std::fs::write(place.path(), zstd::bulk::decompress(V6, 1 << 20).unwrap()).unwrap();
    let store = place.open();
    let marks = store.kept_out(Some(&source())).unwrap();
    assert!(marks.name("to gone@example.com") && marks.name("left@example.com") && !marks.name("ann@example.com"));
    assert_eq!(store.erasures().unwrap(), 2);
}

/// Who only looks at it is told so, before an owner has brought it up.
#[test]
fn what_a_store_of_schema_2_does_not_know_is_said_with_what_to_do() {
    let place = Place::new();
    std::fs::write(place.path(), zstd::bulk::decompress(V2, 1 << 20).unwrap()).unwrap();
    let store = place.look();
    let why = store.alert(crate::alert::AlertId(1)).unwrap_err();
    assert_eq!(why.kind, crate::store::StoreErrorKind::Unusable);
    assert!(why.message.contains("schema 2, this one's is") && why.message.contains("`miro-source run` upgrades it"), "{why}");
    assert_eq!(store.read(&all(&source(), Lane::Live)).unwrap().len(), 2, "what it knows it shows");
    assert!(store.event(crate::model::Seq(1)).unwrap().is_some());
}

#[test]
#[ignore = "writes the fixture of a new schema version, once"]
fn write_the_fixture() {
    let place = Place::new();
    let store = place.open();
    fill(&store);
    fill_2(&store);
    fill_3(&store);
    fill_4(&store);
    fill_5(&store);
    fill_6(&store);
    drop(store);
    let packed = zstd::bulk::compress(&std::fs::read(place.path()).unwrap(), 19).unwrap();
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/sqlite/tests/store-v6.db.zst"), packed).unwrap();
}
