//! What holds for any script.

use proptest::prelude::*;

use super::*;

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        4 => Just(Turn::Accept),
        2 => Just(Turn::AcceptThenCrash),
        1 => Just(Turn::Crash),
        2 => (0..16_usize).prop_map(Turn::Ambiguous),
        1 => Just(Turn::Retry),
        1 => Just(Turn::Pause),
        2 => Just(Turn::TooLarge),
        4 => Just(Turn::Refuse),
    ]
}

#[derive(Clone, Debug)]
enum Deed {
    Store(usize, Lane, usize),
    Step,
    /// The worker dies between two steps.
    Restart,
}

fn deed() -> impl Strategy<Value = Deed> {
    let lane = prop::sample::select(Lane::ALL.to_vec());
    prop_oneof![
        2 => (0..2_usize, lane, 1..30_usize).prop_map(|(source, lane, events)| Deed::Store(source, lane, events)),
        6 => Just(Deed::Step),
        1 => Just(Deed::Restart),
    ]
}

async fn live(deeds: Vec<Deed>, script: Vec<Turn>) -> World {
    let mut world = World::new();
    world.far().script = script.into();
    for deed in deeds {
        match deed {
            Deed::Store(source, lane, events) => drop(world.store(source, lane, events)),
            Deed::Restart => {
                world.far().crashes += 1;
                world.restart();
            }
            Deed::Step => {
                if let Some(Next::At(at)) = world.step().await {
                    world.clock.step_to(at);
                }
            }
        }
    }
    world.until_idle().await;
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn i2_i3_i8_whatever_happens_all_arrive_in_order_and_few_twice(
        deeds in prop::collection::vec(deed(), 1..40),
        script in prop::collection::vec(turn(), 0..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut world = runtime.block_on(live(deeds, script));
        let all = world.all.clone();

        // Accepted or parked, and after another try of the parked ones: accepted.
        let parked: BTreeSet<Seq> = world.parked().into_iter().collect();
        let taken: BTreeSet<Seq> = world.taken().into_iter().collect();
        prop_assert_eq!(taken.union(&parked).count(), all.len());
        prop_assert!(parked.is_subset(&world.far().alone), "parked without having been refused alone");
        world.far().script.clear();
        world.store.retry_parked(Some(&name()), None).unwrap();
        runtime.block_on(world.until_idle());
        prop_assert_eq!(world.taken().into_iter().collect::<BTreeSet<_>>(), all);
        prop_assert!(world.parked().is_empty());

        let far = world.far();
        // Twice only where nobody could know.
        let mut times: BTreeMap<Seq, usize> = BTreeMap::new();
        far.taken.iter().for_each(|(_, _, seq)| *times.entry(*seq).or_default() += 1);
        for (seq, times) in &times {
            prop_assert!(*times <= 1 + far.unknown.get(seq).unwrap_or(&0) + far.crashes, "{:?} {} times", seq, times);
        }
        // In the order of the log, apart from those that were refused alone.
        let mut last: BTreeMap<(&str, Lane), Seq> = BTreeMap::new();
        let mut met: BTreeSet<Seq> = BTreeSet::new();
        for (source, lane, seq) in far.taken.iter().filter(|(_, _, seq)| !far.alone.contains(seq)) {
            if met.insert(*seq) {
                let before = last.insert((source, *lane), *seq);
                prop_assert!(before < Some(*seq), "{:?} after {:?}", seq, before);
            }
        }
    }
}
