//! The daily check beside the looks, on a stepped clock.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::Notify;

use super::*;
use crate::{
    clock::{Clock as _, SteppedClock},
    store::Store,
};

/// A check that ends when it is let, and how often it began.
#[derive(Clone, Default)]
struct Gate {
    open: Arc<Notify>,
    begun: Arc<AtomicUsize>,
}

impl Gate {
    fn check(&self) -> Check {
        let gate = self.clone();
        Arc::new(move |now| {
            let open = Arc::clone(&gate.open);
            gate.begun.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move {
                open.notified().await;
                Checked { findings: vec![finding(now)], certificates: vec![expiry()], ..Checked::default() }
            })
        })
    }

    fn begun(&self) -> usize {
        self.begun.load(Ordering::Relaxed)
    }
}

fn finding(since: Instant) -> Finding {
    Finding { subject: "sink sumo".into(), text: "no answer".into(), advice: None, concerns: Concerns::Host, since }
}

fn expiry() -> Expiry {
    Expiry { subject: "origin https://sumo".into(), ends: NOON.plus(DAY * 7), advice: "renew it".into(), concerns: Concerns::Host }
}

/// A warden whose last check was two days ago.
struct Watch {
    store: Arc<dyn Store>,
    clock: SteppedClock,
    warden: Warden,
    _folder: tempfile::TempDir,
}

impl Watch {
    fn new(gate: &Gate) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let open = Open::new(folder.path().join("store.db"), Sealing::new(&[1; 32]), Access::Owner);
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(open).unwrap());
        let before = Checkup { at: Some(NOON.minus(DAY * 2)), certificates: vec![expiry()], ..Checkup::default() };
        store.note(Checkup::KEY, &serde_json::to_string(&before).unwrap()).unwrap();
        let clock = SteppedClock::new(NOON);
        let parts = Parts {
            survey: Survey::default(),
            listeners: Listeners::default(),
            heartbeat: None,
            check: Some(gate.check()),
            name: "here".into(),
            store: Arc::clone(&store),
            clock: Arc::new(clock.clone()),
            told: Arc::default(),
        };
        Self { store, clock, warden: Warden::new(parts), _folder: folder }
    }

    /// Looks after this time, and lets what runs beside it come to where it waits.
    async fn look(&mut self, after: Duration) -> Checkup {
        self.clock.step_to(self.clock.now().plus(after));
        settle().await;
        self.warden.step().await.unwrap();
        settle().await;
        Checkup::noted(self.store.as_ref()).unwrap()
    }

    fn open(&self) -> Vec<String> {
        let open = self.store.conditions().unwrap().into_iter().filter(Known::is_open);
        open.map(|known| known.condition.key().as_str().to_owned()).collect()
    }
}

async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn no_look_waits_for_a_check_and_what_it_found_is_seen_by_a_later_one() {
    let gate = Gate::default();
    let mut watch = Watch::new(&gate);
    for _ in 0..3 {
        assert!(watch.look(MINUTE).await.found.is_empty(), "it runs");
        assert_eq!((gate.begun(), watch.open()), (1, vec!["certificate/origin https://sumo".to_owned()]), "one at a time");
    }
    gate.open.notify_one();
    settle().await;
    let checkup = watch.look(MINUTE).await;
    assert_eq!((checkup.at, checkup.found.len()), (Some(NOON.plus(MINUTE * 4)), 1));
    assert!(watch.look(MINUTE).await == checkup && gate.begun() == 1, "it is done");
}

#[tokio::test]
async fn a_check_that_does_not_end_is_given_up_told_when_the_next_one_does_not_either_and_ends_nothing() {
    let gate = Gate::default();
    let mut watch = Watch::new(&gate);
    let certificate = "certificate/origin https://sumo".to_owned();
    watch.look(MINUTE).await;
    let checkup = watch.look(MINUTE * 10).await;
    assert_eq!(checkup.found.iter().map(|finding| finding.text.as_str()).collect::<Vec<_>>(), ["it did not end within 10 minutes"]);
    assert_eq!(watch.open(), std::slice::from_ref(&certificate), "one alone may be chance");
    watch.look(HOUR).await;
    watch.look(MINUTE * 10).await;
    assert_eq!((gate.begun(), watch.open()), (2, vec![certificate, "check/the check itself".to_owned()]));
    gate.open.notify_one();
    watch.look(HOUR).await;
    let checkup = watch.look(MINUTE).await;
    assert_eq!(checkup.found.iter().map(|finding| finding.subject.as_str()).collect::<Vec<_>>(), ["sink sumo"]);
    assert!(!watch.open().contains(&"check/the check itself".to_owned()));
}

#[tokio::test]
async fn the_last_look_waits_for_the_check_that_is_due() {
    let gate = Gate::default();
    let mut watch = Watch::new(&gate);
    gate.open.notify_one();
    watch.warden.finish().await.unwrap();
    assert_eq!(Checkup::noted(watch.store.as_ref()).unwrap().found.len(), 1);
}

#[test]
fn a_check_that_sees_part_of_the_configuration_ends_nothing_of_the_rest() {
    let at = |hours: u32| NOON.plus(HOUR * hours);
    let both = |now| Checked {
        findings: vec![finding(now), Finding { subject: "sink beta".into(), ..finding(now) }],
        certificates: vec![expiry(), Expiry { subject: "origin https://beta".into(), ..expiry() }],
        ..Checked::default()
    };
    let before = Checkup::default().after(both(at(0)), at(0)).after(both(at(1)), at(1));
    let only = |now| Checked {
        findings: vec![Finding { subject: "channel soc".into(), ..finding(now) }],
        only: Some(["channel soc", "sink sumo"].map(String::from).into()),
        ..Checked::default()
    };
    let subjects = |findings: &[Finding]| findings.iter().map(|each| each.subject.clone()).collect::<Vec<_>>();
    let after = before.after(only(at(2)), at(2));
    assert_eq!(after.certificates.len(), 2);
    assert_eq!(
        (subjects(&after.found), subjects(&after.confirmed)),
        (vec!["channel soc".into(), "sink beta".into()], vec!["sink beta".into()])
    );
    let after = after.after(only(at(3)), at(3));
    assert_eq!(subjects(&after.confirmed), ["channel soc", "sink beta"]);
    let whole = after.after(Checked { certificates: vec![expiry()], ..Checked::default() }, at(4));
    assert_eq!((whole.certificates, whole.found, whole.confirmed), (vec![expiry()], vec![], vec![]));
}
