//! Who somebody is: by identifier and address, of each source its own, stored with the event.

use std::sync::Arc;

use audit_pipeline::{
    detector::{Departure, DepartureKind},
    types::{Actor, ActorKind, Event, Outcome},
};

use super::ground::{Ground, NOW};
use crate::{
    enrich::{Enricher, watch::Post},
    model::{Instant, Lane, Seq, SourceName, Stream},
    store::{
        Page, Range, Store,
        seal::Key,
        sqlite::{Access, Open, SqliteStore},
    },
};

const HOUR: u64 = 3_600_000;

fn source(name: &str) -> SourceName {
    name.parse().unwrap()
}

fn event(id: &str, user: Option<&str>, email: Option<&str>, hours: u64) -> Event {
    Event {
        id: id.into(),
        time: NOW.0 + hours * HOUR,
        action: "board_opened".into(),
        category: None,
        traits: Vec::new(),
        outcome: Outcome::Success,
        actor: Actor { kind: ActorKind::User, id: user.map(str::to_owned), name: None, email: email.map(str::to_owned) },
        object: None,
        team: None,
        organization: None,
        ip: None,
        user_agent: None,
        session: None,
        extra: Vec::new(),
        record: "{}".into(),
    }
}

/// Admins, Staff from a file, and who left; other Admins at beta.
fn ground() -> (Ground, Enricher) {
    let ground = Ground::new();
    ground.write("staff.txt", "# all of them\nann@acme.example\n77\n");
    ground.write("left.csv", "user,kind,at\nann@acme.example,disabled,2026-03-01T13:00:00Z\n77,deleted,2026-03-01T15:00:00Z\n");
    let enricher = ground.enricher(
        "[[group]]\nname = \"Admins\"\nmembers = [\"Ann@ACME.example\"]\nsources = [\"acme\"]\n\
         [[group]]\nname = \"Admins\"\nmembers = [\"bob@acme.example\"]\nsources = [\"beta\"]\n\
         [[group]]\nname = \"Staff\"\nfile = \"staff.txt\"\nsources = [\"acme\"]\n\
         [[departures]]\nfile = \"left.csv\"\nsources = [\"acme\"]\n",
    );
    (ground, enricher)
}

fn groups(enricher: &Enricher, at: &str, event: &Event) -> Vec<String> {
    enricher.known(&source(at), event).standing.map(|standing| standing.groups.clone()).unwrap_or_default()
}

#[test]
fn i5_groups_and_departures_of_one_source_say_nothing_at_another() {
    let (_ground, enricher) = ground();
    let (ann, bob) = (event("1", None, Some("ANN@acme.example"), 9), event("2", None, Some("bob@acme.example"), 9));
    assert_eq!((groups(&enricher, "acme", &ann), groups(&enricher, "acme", &bob)), (vec!["Admins".into(), "Staff".into()], vec![]));
    assert_eq!((groups(&enricher, "beta", &ann), groups(&enricher, "beta", &bob)), (vec![], vec!["Admins".to_owned()]));
    assert!(enricher.known(&source("acme"), &ann).standing.unwrap().departed.is_some());
    assert!(enricher.known(&source("beta"), &ann).is_nothing());
    let gamma = source("gamma");
    assert!(enricher.is_blind(&gamma) && enricher.page(&gamma, &[ann]).is_empty());
}

#[test]
fn who_somebody_was_is_stored_with_the_event_and_later_knowledge_does_not_change_it() {
    let (ground, enricher) = ground();
    let acme = source("acme");
    let store = SqliteStore::open(Open::new(ground.path("store.db"), Key::new(&[1; 32]), Access::Owner)).unwrap();
    // Before she was disabled and after; by identifier; somebody else.
    let events = [
        event("a", Some("5"), Some("ann@acme.example"), 0),
        event("b", Some("5"), Some("ann@acme.example"), 2),
        event("c", Some("77"), None, 4),
        event("d", Some("6"), Some("zoe@acme.example"), 4),
        event("e", Some("5"), Some("ann@acme.example"), 0),
    ];
    let known = enricher.page(&acme, &events);
    assert!(Arc::ptr_eq(known[0].standing.as_ref().unwrap(), known[4].standing.as_ref().unwrap()), "looked up once");
    let page = Page {
        source: &acme,
        stream: Stream::Live,
        lane: Lane::Live,
        received: NOW,
        events: &events,
        known: &known,
        checkpoint: "{}",
        through: NOW,
        gaps: &[],
        finished: false,
        generation: None,
    };
    store.commit(&page).unwrap();

    ground.write("staff.txt", "zoe@acme.example\n");
    ground.write("left.csv", "user,kind,at\n");
    let mut posts: Vec<Post> = enricher.watched().into_iter().map(Post::new).collect();
    ground.write("staff.txt", "zoe@acme.example\n\n");
    for _ in 0..2 {
        posts.iter_mut().for_each(|post| drop(post.turn(Instant(NOW.0 + 60_000))));
    }
    assert_eq!(groups(&enricher, "acme", &events[3]), ["Staff"], "known now");

    let range = Range { source: &acme, lane: Lane::Live, after: Seq(0), sink: None, events: 10, bytes: usize::MAX };
    let stored: Vec<_> = store.read(&range).unwrap().into_iter().map(|event| event.known.standing).collect();
    let of = |place: usize| stored[place].as_deref().map(|standing| (standing.groups.join(" "), standing.departed));
    assert_eq!(of(0), Some(("Admins Staff".to_owned(), None)));
    let disabled = Departure { kind: DepartureKind::Disabled, at: 1_772_370_000_000 };
    assert_eq!(of(1), Some(("Admins Staff".to_owned(), Some(disabled))));
    let deleted = Departure { kind: DepartureKind::Deleted, at: 1_772_377_200_000 };
    assert_eq!(of(2), Some(("Staff".to_owned(), Some(deleted))));
    assert_eq!(of(3), None);
}

#[test]
fn files_of_users_are_shown_and_refused_as_feeds_are() {
    let (ground, enricher) = ground();
    let shown: Vec<_> = enricher.feeds().into_iter().map(|feed| (feed.feed, feed.what, feed.entries)).collect();
    let expected = [("group Staff (acme)", "users", 2), ("departures left.csv (acme)", "departures", 2)];
    assert_eq!(shown, expected.map(|(feed, what, entries)| (feed.to_owned(), what.to_owned(), entries)));
    let config = ground.config("[[departures]]\nfile = \"left.csv\"\nsources = [\"acme\"]\n").enrich;
    ground.write("left.csv", "who;when\n");
    let why = Enricher::open(&config, NOW).err().unwrap().to_string();
    assert!(
        why.starts_with("failed to read departures left.csv (acme) from") && why.contains("expected the header `user,kind,at`"),
        "{why}"
    );
}
