//! A channel and its worker, on a stepped clock, with a far side that does what a script says.

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use futures_util::future::BoxFuture;

use super::*;
use crate::{
    alert::{
        AlertId, Found, Judgement, Stage,
        tests::{detector, found, source},
    },
    clock::{Clock as _, SteppedClock},
    model::Seq,
    store::{
        Store,
        seal::Key,
        sqlite::{Access, Open, SqliteStore},
    },
};

mod refusals;

/// What the far side does.
#[derive(Clone, Copy)]
enum Turn {
    /// It may have arrived.
    Lost,
    Pause,
    Refuse,
}

/// What arrived: what happened to which alert, and the name of the message.
type Heard = (&'static str, Option<AlertId>, String);

#[derive(Default)]
struct Far {
    heard: Vec<Heard>,
    /// What it refuses whenever it comes: events, and titles.
    refuses: Vec<&'static str>,
    script: VecDeque<Turn>,
    tries: Vec<String>,
}

struct Scripted(Arc<Mutex<Far>>, Manner, Vec<PathBuf>);

impl Carrier for Scripted {
    fn carry<'a>(&'a mut self, message: &'a Message<'a>) -> BoxFuture<'a, Answer> {
        let mut far = self.0.lock().unwrap();
        far.tries.push(message.delivery());
        let reason = "scripted".to_owned();
        let title = message.title();
        let refused = far.refuses.iter().any(|each| *each == message.event() || title.contains(each));
        let answer = match far.script.pop_front() {
            None if refused => Answer::Refused { reason },
            Some(Turn::Lost) => Answer::Retry { after: None, reason },
            Some(Turn::Pause) => Answer::Paused { reason },
            Some(Turn::Refuse) => Answer::Refused { reason },
            None => {
                let id = match message.said {
                    Said::Alert { alert, .. } => Some(alert.id),
                    _ => None,
                };
                far.heard.push((message.event(), id, message.title()));
                Answer::Accepted { said: "ok".to_owned() }
            }
        };
        Box::pin(std::future::ready(answer))
    }
    fn check(&mut self) -> BoxFuture<'_, Result<String, CarrierError>> {
        Box::pin(std::future::ready(Ok(String::new())))
    }
    fn manner(&self) -> Manner {
        self.1
    }
    fn files(&self) -> Vec<PathBuf> {
        self.2.clone()
    }
}

/// A store, a channel, and its worker.
struct Desk {
    far: Arc<Mutex<Far>>,
    store: Arc<SqliteStore>,
    clock: SteppedClock,
    teller: Teller,
    folder: tempfile::TempDir,
}

impl Desk {
    fn open() -> Self {
        Self::with(|parts| parts)
    }

    fn with(change: impl FnOnce(Parts) -> Parts) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let store = Arc::new(SqliteStore::open(Open::new(path, Key::new(&[1; 32]), Access::Owner)).unwrap());
        store.set_audiences(&[Audience { channel: channel(), source: source(), route: route() }]).unwrap();
        let (far, clock) = (Arc::new(Mutex::new(Far::default())), SteppedClock::new(NOON));
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "old").unwrap();
        let parts = Parts {
            name: channel(),
            route: route(),
            hours: None,
            always: Some(Severity::High),
            limit: None,
            store: Arc::clone(&store) as Arc<dyn Store>,
            clock: Arc::new(clock.clone()),
            carrier: Box::new(Scripted(Arc::clone(&far), Manner::People, vec![secret])),
        };
        Self { far, store, clock, teller: Teller::new(change(parts)), folder }
    }

    fn script(&self, turns: impl IntoIterator<Item = Turn>) {
        self.far.lock().unwrap().script.extend(turns);
    }

    fn judge(&self, findings: &[Found]) {
        let (acme, detector) = (source(), detector());
        let findings: Vec<Found> = findings
            .iter()
            .map(|found| Found { received: self.clock.now(), ..found.clone() })
            .map(|mut found| {
                found.story.end = found.received;
                found
            })
            .collect();
        let judgement = Judgement {
            source: &acme,
            detector: &detector,
            after: Seq(0),
            through: Seq(0),
            stage: Stage::Watching,
            profiles: &[],
            findings: &findings,
            at: self.clock.now(),
        };
        self.store.judge(&judgement).unwrap();
    }

    fn close(&self, id: i64) {
        self.store.change_alert(AlertId(id), &closing(), "ann", self.clock.now()).unwrap();
    }

    /// Steps until there is nothing to do before `end`, and time until then.
    async fn until(&mut self, end: Instant) {
        for _ in 0..100_000 {
            match self.teller.step().await.unwrap() {
                Next::AtOnce => {}
                Next::Idle(Some(at)) | Next::At(at) if at <= end => self.clock.step_to(at),
                _ => return self.clock.step_to(end),
            }
        }
        panic!("100000 steps and no end");
    }

    async fn settle(&mut self) {
        self.until(self.clock.now()).await;
    }

    fn heard(&self) -> Vec<(&'static str, i64)> {
        self.far.lock().unwrap().heard.iter().map(|(event, id, _)| (*event, id.map_or(0, |id| id.0))).collect()
    }
}

fn severe(policy: &str, user: &str) -> Found {
    let mut found = found(policy, user);
    found.story.severity = Severity::High;
    found
}

#[tokio::test]
async fn people_are_told_when_it_begins_gets_worse_goes_on_and_ends() {
    let mut desk = Desk::open();
    desk.judge(&[found("travel", "eve")]);
    desk.settle().await;
    desk.judge(&[found("travel", "eve")]);
    desk.settle().await;
    assert_eq!(desk.heard(), [("raised", 1)], "a repeat is no news yet");
    desk.judge(&[severe("travel", "eve")]);
    desk.settle().await;
    desk.judge(&[severe("travel", "eve")]);
    desk.until(later(HOUR)).await;
    assert_eq!(desk.heard(), [("raised", 1), ("updated", 1)]);
    desk.until(later(7 * HOUR)).await;
    desk.close(1);
    desk.settle().await;
    assert_eq!(desk.heard(), [("raised", 1), ("updated", 1), ("updated", 1), ("closed", 1)]);
    let account = desk.store.channel(&channel(), desk.clock.now()).unwrap();
    assert_eq!((account.ledger.told, account.waiting, account.held), (4, 0, 0));
}

#[tokio::test]
async fn i2_an_answer_that_settles_nothing_repeats_the_message_under_the_same_name() {
    let mut desk = Desk::open();
    desk.judge(&[found("travel", "eve")]);
    desk.script([Turn::Lost, Turn::Lost]);
    desk.until(later(HOUR)).await;
    desk.judge(&[severe("travel", "eve")]);
    desk.settle().await;
    let tries = desk.far.lock().unwrap().tries.clone();
    assert_eq!(tries.len(), 4);
    assert!(tries[0] == tries[1] && tries[1] == tries[2] && tries[2] != tries[3], "{tries:?}");
    assert_eq!(desk.heard(), [("raised", 1), ("updated", 1)]);
}

#[tokio::test]
async fn a_channel_that_was_down_is_told_what_is_so_and_not_all_that_was() {
    let mut desk = Desk::open();
    desk.script([Turn::Lost]);
    desk.judge(&[found("travel", "eve"), found("travel", "bob")]);
    assert!(matches!(desk.teller.step().await.unwrap(), Next::At(_)));
    desk.close(1);
    desk.judge(&[severe("travel", "bob"), found("travel", "bob")]);
    desk.until(later(HOUR)).await;
    assert_eq!(desk.heard(), [("raised", 2)]);
    assert_eq!(desk.store.channel(&channel(), later(HOUR)).unwrap().waiting, 0);
}

#[tokio::test]
async fn what_waits_for_a_week_is_only_counted_and_told_in_one_message() {
    let mut desk = Desk::open();
    desk.judge(&(0..5).map(|user| found(&format!("p{user}"), "eve")).collect::<Vec<_>>());
    // Every hour for eight days.
    desk.script(std::iter::repeat_n(Turn::Pause, 8 * 24));
    desk.until(later(6 * DAY)).await;
    desk.judge(&[found("late", "eve")]);
    assert_eq!(desk.store.channel(&channel(), desk.clock.now()).unwrap().waiting, 6);
    desk.until(later(9 * DAY)).await;
    assert_eq!(desk.heard(), [("missed", 0), ("raised", 6)]);
    assert_eq!(desk.far.lock().unwrap().heard[0].2, "5 alerts not told: this channel did not work for too long");
    let account = desk.store.channel(&channel(), desk.clock.now()).unwrap();
    assert_eq!((account.ledger.missed, account.ledger.lapsed, account.waiting), (5, 0, 0));
}

#[tokio::test]
async fn the_end_of_what_a_channel_was_told_of_is_told_however_long_the_channel_fails() {
    let mut desk = Desk::open();
    desk.judge(&[found("travel", "eve")]);
    desk.settle().await;
    desk.close(1);
    desk.script(std::iter::repeat_n(Turn::Pause, 8 * 24));
    desk.until(later(9 * DAY)).await;
    assert_eq!(desk.heard(), [("raised", 1), ("closed", 1)]);
    let account = desk.store.channel(&channel(), desk.clock.now()).unwrap();
    assert_eq!((account.ledger.missed, account.waiting), (0, 0));
}

#[tokio::test]
async fn what_a_limit_withholds_is_told_once_when_its_hour_is_over_and_an_end_is_never_withheld() {
    let mut desk = Desk::with(|parts| Parts { limit: Some("2/h".parse().unwrap()), ..parts });
    desk.judge(&(0..5).map(|user| found(&format!("p{user}"), "eve")).collect::<Vec<_>>());
    desk.settle().await;
    desk.close(1);
    desk.settle().await;
    assert_eq!(desk.heard(), [("raised", 1), ("raised", 2), ("closed", 1)]);
    desk.until(later(HOUR)).await;
    desk.judge(&[found("next", "eve")]);
    desk.until(later(3 * HOUR)).await;
    assert_eq!(desk.heard()[3..], [("missed", 0), ("raised", 6)]);
    assert_eq!(desk.far.lock().unwrap().heard[3].2, "3 messages not sent: the limit of this channel was reached");
}

#[tokio::test]
async fn outside_of_its_hours_a_channel_hears_only_what_is_urgent_and_the_rest_when_they_begin() {
    // Noon of 2026-03-01 is a Sunday.
    let hours = || Some(Hours::new(vec!["Mon-Fri 08:00-18:00".parse().unwrap()], jiff::tz::TimeZone::UTC));
    let mut desk = Desk::with(|parts| Parts { hours: hours(), ..parts });
    desk.judge(&[found("travel", "eve"), severe("travel", "bob"), found("travel", "joe")]);
    desk.settle().await;
    assert_eq!(desk.heard(), [("raised", 2)]);
    assert_eq!(desk.store.channel(&channel(), NOON).unwrap().held, 2);
    desk.close(1);
    desk.until(later(19 * HOUR)).await;
    assert_eq!(desk.heard(), [("raised", 2)]);
    desk.until(later(21 * HOUR)).await;
    assert_eq!(desk.heard(), [("raised", 2), ("raised", 3)]);
}

#[tokio::test]
async fn a_channel_that_needs_a_person_waits_an_hour_or_for_the_file_of_its_secret() {
    let mut desk = Desk::open();
    desk.script([Turn::Pause, Turn::Pause]);
    desk.judge(&[found("travel", "eve")]);
    desk.until(later(HOUR - 1)).await;
    assert_eq!(desk.far.lock().unwrap().tries.len(), 1);
    assert!(matches!(&desk.teller.status().state, State::Paused { since: NOON, reason } if reason == "scripted"));
    let noted = desk.store.notes("notify/soc").unwrap();
    assert!(noted[0].1.contains("paused"), "{noted:?}");
    desk.until(later(HOUR)).await;
    assert_eq!(desk.far.lock().unwrap().tries.len(), 2);
    std::fs::write(desk.folder.path().join("secret"), "mended").unwrap();
    desk.until(later(HOUR + 60_000)).await;
    assert_eq!((desk.heard(), &desk.teller.status().state), (vec![("raised", 1)], &State::Idle));
}

#[tokio::test]
async fn a_message_that_fails_by_itself_holds_up_no_other() {
    let mut desk = Desk::open();
    desk.judge(&[found("a", "eve"), found("b", "eve")]);
    desk.script([Turn::Lost]);
    assert!(matches!(desk.teller.step().await.unwrap(), Next::At(_)));
    desk.until(later(60_000)).await;
    assert_eq!(desk.heard(), [("raised", 2), ("raised", 1)]);
    // It took others: one that it refuses is set aside until its alert changes.
    desk.judge(&[found("c", "eve"), found("d", "eve")]);
    desk.script([Turn::Refuse]);
    desk.settle().await;
    assert_eq!(desk.heard()[2..], [("raised", 4)]);
    assert_eq!(desk.store.channel(&channel(), desk.clock.now()).unwrap().refused, 1);
    desk.judge(&[found("c", "eve")]);
    desk.settle().await;
    assert_eq!(desk.heard()[3..], [("raised", 3)]);
}

#[tokio::test]
async fn an_incident_is_told_once_with_what_came_before_it() {
    let mut desk = Desk::open();
    let crowd = |users: std::ops::Range<usize>| {
        users
            .map(|user| {
                let mut found = found("travel", &format!("u{user}"));
                found.story.addresses = vec![format!("203.0.113.{user}")];
                found
            })
            .collect::<Vec<_>>()
    };
    desk.judge(&crowd(0..30));
    desk.settle().await;
    let heard = desk.heard();
    assert_eq!(heard, [("raised", 22)], "what it holds was not told yet, and is not told any more");
    desk.close(22);
    desk.settle().await;
    assert_eq!(desk.heard()[1..], [("closed", 22)]);
    assert_eq!(desk.store.channel(&channel(), NOON).unwrap().waiting, 0);
}
