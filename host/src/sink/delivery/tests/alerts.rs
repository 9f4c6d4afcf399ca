//! Alerts on their way.

use super::*;
use crate::{
    alert::{
        AlertFormat, Judgement, Outlet, Stage,
        tests::{NOON, detector, found, source},
    },
    respond::{Deed, Kind},
    store::Responses as _,
};

/// A store with so many alerts to bring, and their deliverer.
pub(super) struct Way {
    pub(super) far: Arc<Mutex<Far>>,
    pub(super) store: Arc<SqliteStore>,
    clock: SteppedClock,
    delivery: AlertDelivery,
    _folder: tempfile::TempDir,
}

impl Way {
    pub(super) fn of(alerts: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let store = Arc::new(SqliteStore::open(Open::new(path, Key::new(&[1; 32]), Access::Owner)).unwrap());
        let name: SinkName = "sumo".parse().unwrap();
        store.set_outlets(&[Outlet { sink: name.clone(), source: source(), format: AlertFormat::Cef }]).unwrap();
        let findings: Vec<_> = (0..alerts).map(|user| found(&format!("p{user}"), &format!("u{user}"))).collect();
        let (acme, detector) = (source(), detector());
        let judgement = Judgement {
            source: &acme,
            detector: &detector,
            after: Seq(0),
            through: Seq(0),
            stage: Stage::Watching,
            profiles: &[],
            findings: &findings,
            at: NOON,
        };
        store.judge(&judgement).unwrap();
        let (far, clock) = (Arc::new(Mutex::new(Far::default())), SteppedClock::new(NOON));
        let sink = Box::new(Wide(Scripted(Arc::clone(&far), Arc::default())));
        let delivery = AlertDelivery::new(name, Arc::clone(&store) as Arc<dyn Store>, Arc::new(clock.clone()), sink);
        Self { far, store, clock, delivery, _folder: folder }
    }

    pub(super) fn masked(mut self, mask: Mask) -> Self {
        self.delivery = self.delivery.masked_by(Some(mask));
        self
    }

    fn taken(&self) -> Vec<i64> {
        self.far.lock().unwrap().taken.iter().map(|(_, _, seq)| seq.0).collect()
    }

    fn state(&self) -> State {
        self.delivery.status().borrow().state.clone()
    }

    fn trouble(&self) -> Option<String> {
        self.state().trouble().map(|trouble| trouble.reason.clone())
    }

    fn waiting(&self) -> usize {
        self.store.outbox(&"sumo".parse().unwrap(), 100, usize::MAX).unwrap().len()
    }

    /// Steps until there is nothing to do, at most so often.
    pub(super) async fn steps(&mut self, most: usize) {
        for _ in 0..most {
            match self.delivery.step().await.unwrap() {
                Next::AtOnce => {}
                Next::Idle => return,
                Next::At(at) => self.clock.step_to(at),
            }
        }
    }
}

/// Takes four lines at once, of any length.
struct Wide(Scripted);

impl Sink for Wide {
    fn deliver<'a>(&'a mut self, batch: Batch<'a>) -> BoxFuture<'a, Outcome> {
        self.0.deliver(batch)
    }
    fn limits(&self) -> BatchLimits {
        BatchLimits { events: 4, bytes: 1_000_000 }
    }
    fn check(&mut self) -> BoxFuture<'_, Result<String, SinkError>> {
        self.0.check()
    }
}

#[tokio::test]
async fn i2_alerts_leave_in_order_and_stay_until_they_are_accepted() {
    let mut way = Way::of(6);
    way.far.lock().unwrap().script = [Turn::Retry, Turn::Pause, Turn::Ambiguous(0)].into();
    way.steps(1).await;
    assert_eq!((way.waiting(), way.trouble()), (6, Some("scripted".to_owned())));
    way.steps(20).await;
    assert_eq!(way.taken(), [1, 2, 3, 4, 5, 6]);
    assert_eq!((way.waiting(), way.trouble()), (0, None));
}

#[tokio::test]
async fn an_alert_that_alone_is_refused_is_set_aside_and_holds_up_no_other() {
    let mut way = Way::of(6);
    way.far.lock().unwrap().poison = [Seq(3)].into();
    way.steps(40).await;
    assert_eq!(way.taken(), [1, 2, 4, 5, 6]);
    assert_eq!(way.waiting(), 0);
}

#[tokio::test]
async fn a_sink_that_refuses_everything_loses_nothing() {
    let mut way = Way::of(6);
    way.far.lock().unwrap().poison = (1..=6).map(Seq).collect();
    way.steps(40).await;
    assert_eq!((way.waiting(), way.trouble()), (6, Some("scripted".to_owned())));
    way.far.lock().unwrap().poison.clear();
    way.steps(40).await;
    let mut taken = way.taken();
    taken.sort_unstable();
    assert_eq!((taken, way.waiting()), (vec![1, 2, 3, 4, 5, 6], 0));
}

#[tokio::test]
async fn a_refused_line_at_the_head_after_a_start_is_set_aside_once_one_behind_it_is_accepted() {
    for poison in [&[Seq(1)][..], &[Seq(1), Seq(2)]] {
        let mut way = Way::of(6);
        way.far.lock().unwrap().poison = poison.iter().copied().collect();
        way.steps(20).await;
        assert_eq!(way.taken(), (1..=6).filter(|id| !poison.contains(&Seq(*id))).collect::<Vec<_>>());
        assert_eq!((way.waiting(), way.trouble()), (0, None));
    }
}

#[tokio::test]
async fn a_line_that_has_nobody_to_be_told_from_the_sink_by_waits() {
    let mut way = Way::of(1);
    way.far.lock().unwrap().poison = [Seq(1)].into();
    way.steps(10).await;
    assert_eq!((way.waiting(), way.trouble(), way.state().person().is_some()), (1, Some("scripted".to_owned()), true));
}

#[tokio::test]
async fn a_line_that_alone_is_too_large_is_guilty_by_itself() {
    let mut way = Way::of(1);
    way.far.lock().unwrap().most = Some(10);
    way.steps(10).await;
    assert_eq!((way.waiting(), way.trouble()), (0, None));
    // All of them: it is the sink.
    let mut way = Way::of(6);
    way.far.lock().unwrap().most = Some(10);
    way.steps(40).await;
    assert_eq!((way.waiting(), way.taken()), (3, vec![]));
}

#[tokio::test]
async fn how_the_alerts_of_a_sink_are_doing_is_noted_beside_how_its_events_are() {
    let mut way = Way::of(1);
    way.far.lock().unwrap().script = [Turn::Pause].into();
    let noted = |way: &Way| {
        let [(key, text)] = way.store.notes("sink/").unwrap().try_into().unwrap();
        assert_eq!(key, "sink/sumo/alerts");
        serde_json::from_str::<Status>(&text).unwrap()
    };
    way.steps(1).await;
    assert!(matches!(noted(&way).state, State::Paused(trouble) if trouble.reason == "scripted"));
    way.steps(10).await;
    let last = noted(&way);
    assert_eq!((last.state, last.accepted, last.attempts), (State::Idle, 1, 2));
}

#[tokio::test]
async fn i5_whoever_runs_for_some_sources_leaves_the_alerts_of_the_others_where_they_are() {
    let mut way = Way::of(6);
    way.delivery = way.delivery.only(vec!["beta".parse().unwrap()]);
    way.steps(20).await;
    assert_eq!((way.taken(), way.waiting()), (vec![], 6));
    let beta: SourceName = "beta".parse().unwrap();
    way.store.set_outlets(&[Outlet { sink: "sumo".parse().unwrap(), source: beta.clone(), format: AlertFormat::Cef }]).unwrap();
    let deed = Deed { at: NOON, who: None, deed: Kind::Grant, about: "beta may reach more".to_owned(), source: Some(beta) };
    way.store.deed(&deed, None).unwrap();
    way.steps(20).await;
    assert_eq!((way.taken(), way.waiting()), (vec![7], 6), "its own leave, past theirs");
}
