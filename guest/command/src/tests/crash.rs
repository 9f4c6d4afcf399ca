//! A run may be stopped between any two steps, and what was not synced may be lost with it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{
    disk::Chance,
    world::{PAGE, World, record},
};
use crate::{exit::Exit, lease};

/// One run of a story.
#[derive(Clone, Debug)]
struct Visit {
    /// Events that happened before it.
    new: usize,
    /// Whether one of them shows up before others that were there already.
    late: bool,
    /// The step at which it is stopped.
    kill: Option<u64>,
    /// Whether the power goes with it, and what it takes.
    power: Option<u64>,
    /// Time before it, in thirds of a lifetime of a pair.
    pause: u64,
}

fn visit() -> impl Strategy<Value = Visit> {
    (0..9_usize, any::<bool>(), prop::option::weighted(0.6, 1..70_u64), prop::option::of(any::<u64>()), 0..4_u64)
        .prop_map(|(new, late, kill, power, pause)| Visit { new, late, kill, power, pause })
}

/// Plays the runs, then two that nothing disturbs; how often each event came out, and how often a run was stopped.
fn play(world: &mut World, visits: &[Visit]) -> (BTreeMap<String, usize>, usize) {
    let (mut made, mut stops) = (0, 0);
    let quiet = Visit { new: 0, late: false, kill: None, power: None, pause: 0 };
    for visit in visits.iter().chain([&quiet, &quiet, &quiet]) {
        for nth in 0..visit.new {
            let events = &mut world.inner.borrow_mut().events;
            let at = if visit.late && nth == 0 { events.len().saturating_sub(2) } else { events.len() };
            events.insert(at, format!("event-{made}"));
            made += 1;
        }
        world.pass(lease::LENGTH + 1 + visit.pause * super::world::LIFETIME / 3);
        {
            let mut inner = world.inner.borrow_mut();
            inner.files.kill_at = visit.kill.map(|kill| inner.files.steps + kill);
        }
        let exit = world.run();
        let killed = world.inner.borrow().files.killed;
        if killed {
            stops += 1;
            world.inner.borrow_mut().files.restart(visit.power.map(Chance).as_mut());
        } else if exit == Exit::Authorize {
            world.inner.borrow_mut().files.restart(None);
            world.authorize();
        } else {
            world.inner.borrow_mut().files.restart(None);
            assert_eq!(exit, Exit::Done, "{}", world.said());
        }
    }
    let mut count = BTreeMap::new();
    for line in world.lines() {
        *count.entry(line).or_default() += 1;
    }
    (count, stops)
}

fn check(world: &mut World, visits: &[Visit]) -> Result<(), TestCaseError> {
    let (count, stops) = play(world, visits);
    let inner = world.inner.borrow();
    let times: Vec<usize> = inner.events.iter().map(|id| count.get(&record(id)).copied().unwrap_or_default()).collect();
    prop_assert!(times.iter().all(|times| *times >= 1), "lost: {times:?}");
    let twice: usize = times.iter().map(|times| times - 1).sum();
    prop_assert!(twice <= stops * PAGE, "{twice} too many after {stops} stops");
    prop_assert!(inner.sent.values().all(|times| *times as usize <= stops + 1), "{:?} after {stops} stops", inner.sent);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_wherever_a_run_is_stopped(visits in prop::collection::vec(visit(), 1..8)) {
        check(&mut World::new(), &visits)?;
    }

    #[test]
    fn nor_with_tokens_that_rotate_and_a_pair_is_sent_again_only_after_a_stop(visits in prop::collection::vec(visit(), 1..8)) {
        check(&mut World::rotating(), &visits)?;
    }

    #[test]
    fn undisturbed_every_event_is_written_once(visits in prop::collection::vec(visit(), 1..8)) {
        let visits: Vec<Visit> = visits.into_iter().map(|visit| Visit { kill: None, ..visit }).collect();
        check(&mut World::rotating(), &visits)?;
    }
}

#[test]
fn every_single_step_of_a_run_that_refreshes_and_writes_may_be_the_last() {
    for power in [None, Some(1), Some(2), Some(3), Some(4), Some(5)] {
        for kill in 1..200 {
            let first = Visit { new: 4, late: false, kill: None, power: None, pause: 0 };
            let expired = Visit { new: 7, late: true, kill: Some(kill), power, pause: 3 };
            let mut world = World::rotating();
            world.inner.borrow_mut().pair = Some(2);
            world.authorize();
            check(&mut world, &[first.clone(), expired.clone(), first.clone(), Visit { power: power.map(|p| p + kill), ..expired }])
                .unwrap();
        }
    }
}
