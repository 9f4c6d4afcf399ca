//! Repairing in rounds: what is missing is read and sent again once, and then only looked for, since what was just sent is found only
//! after a while.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{
    Ended, Exit, Report, Result,
    repair::{Plan, Repaired},
};
use crate::{clock::Clock, verify::Place};

/// When it is looked again first; each time after that it is waited for twice as long.
const FIRST: Duration = Duration::from_secs(5);
/// So long it is looked for what was sent, however fast the sink is said to be.
const LEAST: Duration = Duration::from_secs(60);

/// Who looks, and who repairs.
pub(super) trait Bench {
    /// One look at everything.
    async fn look(&mut self) -> Result<Report>;
    /// Reads and sends again, until that is done.
    async fn carry_out(&mut self, plan: &Plan) -> Result<()>;
}

/// Repairs what can be, and looks until all of it is found or `lag` has passed since. What is so in the end; it fails where it is told to
/// stop before.
pub(super) async fn repair(bench: &mut impl Bench, clock: &dyn Clock, stop: &CancellationToken, lag: Duration) -> Result<Report> {
    let (mut repaired, mut until, mut wait) = (Repaired::default(), None, FIRST);
    loop {
        if stop.is_cancelled() {
            return Err(stopped());
        }
        let report = bench.look().await?;
        let plan = Plan::of(&report, clock.now()).without(&repaired);
        if !plan.is_empty() {
            if stop.is_cancelled() {
                return Err(stopped());
            }
            for line in plan.lines() {
                eprintln!("{line}");
            }
            bench.carry_out(&plan).await?;
            repaired.add(&plan);
            (until, wait) = (Some(clock.now().plus(lag.max(LEAST))), FIRST);
            continue;
        }
        let now = clock.now();
        let Some(until) = until.filter(|until| *until > now && is_unfound(&report)) else { return Ok(report) };
        let next = now.plus(wait).min(until);
        eprintln!("not everything is found yet: looking again in {} s", next.since(now).as_secs());
        tokio::select! {
            biased;
            () = stop.cancelled() => return Err(stopped()),
            () = clock.sleep_until(next) => {}
        }
        wait *= 2;
    }
}

/// Somebody told it to stop.
pub(super) fn stopped() -> anyhow::Error {
    Ended::new(Exit::Left, "stopped: what was begun is in the store; `miro-source run`, or this command once more, goes on with it").into()
}

/// Whether a sink has something that may be found by and by.
fn is_unfound(report: &Report) -> bool {
    let sent = report.missing.iter().any(|missing| missing.at != Place::Store && missing.seq.is_some());
    sent || report.totals.sinks.iter().any(|seen| seen.on_its_way > 0)
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use futures_util::future::BoxFuture;

    use super::*;
    use crate::{
        model::{Instant, Lane, Seq},
        verify::{Missing, Totals, Window},
    };

    const LAG: Duration = Duration::from_secs(600);
    const START: Instant = Instant(1_700_000_000_000);

    /// Whoever sleeps is there at once.
    struct Jumping(Mutex<Instant>);

    impl Clock for Jumping {
        fn now(&self) -> Instant {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }

        fn sleep_until(&self, at: Instant) -> BoxFuture<'static, ()> {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
            Box::pin(std::future::ready(()))
        }
    }

    /// A sink that lacks events, and finds what it is sent so long after, or never; and a store that lacks some, which it never gets.
    struct Shop<'a> {
        clock: &'a Jumping,
        lacking: Vec<i64>,
        finds_after: Option<Duration>,
        plans: Vec<(Instant, Plan)>,
        looks: u32,
        /// At this look, or while what it names is carried out, it is told to stop.
        stop: (CancellationToken, Stop),
    }

    #[derive(Clone, Copy, PartialEq)]
    enum Stop {
        Never,
        Looking(u32),
        CarryingOut,
    }

    impl Shop<'_> {
        fn found(&self, seq: Seq) -> bool {
            let sent = |(at, plan): &(Instant, Plan)| {
                let found = |after| at.plus(after) <= self.clock.now();
                plan.parked.iter().any(|each| each.seq == seq) && self.finds_after.is_some_and(found)
            };
            self.plans.iter().any(sent)
        }
    }

    impl Bench for Shop<'_> {
        async fn look(&mut self) -> Result<Report> {
            self.looks += 1;
            if self.stop.1 == Stop::Looking(self.looks) {
                self.stop.0.cancel();
            }
            let at_sink = self.lacking.iter().map(|seq| Seq(*seq)).filter(|seq| !self.found(*seq)).map(|seq| Missing {
                time: START,
                id: seq.0.to_string(),
                at: Place::Sink("sumo".parse().unwrap()),
                seq: Some(seq),
                lane: Some(Lane::Live),
            });
            let in_store = Missing { time: START, id: "never".into(), at: Place::Store, seq: None, lane: None };
            let window = Window {
                start: START,
                end: START.plus(LAG),
                vendor: 9,
                stored: 8,
                missing: 1,
                forgotten: 0,
                erased: 0,
                only_stored: 0,
                sinks: Vec::new(),
            };
            Ok(Report {
                source: "acme".parse().unwrap(),
                from: START,
                to: START.plus(LAG),
                made: self.clock.now(),
                complete: false,
                totals: Totals::of(std::slice::from_ref(&window)),
                lateness: crate::store::Lateness::default(),
                gaps: Vec::new(),
                unread: Vec::new(),
                missing: at_sink.chain([in_store]).collect(),
                windows: vec![window],
            })
        }

        async fn carry_out(&mut self, plan: &Plan) -> Result<()> {
            self.plans.push((self.clock.now(), plan.clone()));
            if self.stop.1 == Stop::CarryingOut {
                self.stop.0.cancel();
            }
            // Another one is lost while that is done.
            if self.plans.len() == 1 {
                self.lacking.push(3);
            }
            Ok(())
        }
    }

    fn shop(clock: &Jumping, finds_after: Option<Duration>, stop: Stop) -> Shop<'_> {
        let stop = (CancellationToken::new(), stop);
        Shop { clock, lacking: vec![1, 2], finds_after, plans: Vec::new(), looks: 0, stop }
    }

    async fn repaired(finds_after: Option<Duration>) -> (Vec<i64>, usize, usize, Duration) {
        let clock = Jumping(Mutex::new(START));
        let mut shop = shop(&clock, finds_after, Stop::Never);
        let report = repair(&mut shop, &clock, &CancellationToken::new(), LAG).await.unwrap();
        let sent = shop.plans.iter().flat_map(|(_, plan)| &plan.parked).map(|each| each.seq.0).collect();
        let read = shop.plans.iter().map(|(_, plan)| plan.histories.len()).sum();
        assert!(shop.looks <= 12, "{} looks", shop.looks);
        let left = report.missing.iter().filter(|missing| missing.at != Place::Store).count();
        (sent, read, left, clock.now().since(START))
    }

    #[tokio::test]
    async fn i2_what_is_found_only_after_minutes_is_sent_once_and_waited_for() {
        let (sent, read, left, waited) = repaired(Some(Duration::from_secs(500))).await;
        assert_eq!((sent, read, left), (vec![1, 2, 3], 1, 0));
        assert!(waited <= LAG, "{waited:?}");
    }

    #[tokio::test]
    async fn what_is_never_found_is_sent_once_and_named_in_the_end() {
        let (sent, read, left, waited) = repaired(None).await;
        assert_eq!((sent, read, left, waited), (vec![1, 2, 3], 1, 3, LAG));
    }

    #[tokio::test]
    async fn what_is_found_at_once_is_not_waited_for() {
        let (sent, _, left, waited) = repaired(Some(Duration::ZERO)).await;
        assert_eq!((sent, left, waited), (vec![1, 2, 3], 0, Duration::ZERO));
    }

    #[tokio::test]
    async fn told_to_stop_it_ends_there_neither_repairing_nor_looking_any_more() {
        // At the first look nothing was repaired; at the fourth what was is waited for.
        for (told, looks, plans) in [(Stop::Looking(1), 1, 0), (Stop::CarryingOut, 1, 1), (Stop::Looking(4), 4, 2)] {
            let clock = Jumping(Mutex::new(START));
            let mut shop = shop(&clock, None, told);
            let token = shop.stop.0.clone();
            let why = repair(&mut shop, &clock, &token, LAG).await.unwrap_err();
            assert_eq!((shop.looks, shop.plans.len()), (looks, plans), "{why}");
            assert!(why.to_string().contains("goes on with it"), "{why}");
        }
    }
}
