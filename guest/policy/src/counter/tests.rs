use proptest::prelude::*;

use super::*;

const MINUTE: u64 = 60_000;

fn rule(count: u32, minutes: u32) -> Repeated {
    Repeated { count, minutes, ..Repeated::default() }
}

/// Observes each of some times, in this order, and says which were one too many.
fn fired(rule: &Repeated, times: &[u64]) -> Vec<Fired> {
    let mut counter = Counter::default();
    times.iter().zip(0..).filter_map(|(time, seq)| counter.observe(rule, *time, seq, None)).collect()
}

#[test]
fn it_fires_at_the_nth_and_uses_up_what_it_counted() {
    let times: Vec<u64> = (0..10).map(|n| n * 1000).collect();
    let found = fired(&rule(3, 1), &times);
    assert_eq!(found[0], Fired { count: 3, start: 0, end: 2000, seqs: vec![0, 1, 2] });
    assert_eq!(found.iter().map(|it| it.seqs.clone()).collect::<Vec<_>>(), [[0, 1, 2], [3, 4, 5], [6, 7, 8]]);
}

#[test]
fn a_window_reaches_from_the_first_to_the_last_and_no_further() {
    assert_eq!(fired(&rule(2, 1), &[0, MINUTE]).len(), 1);
    assert_eq!(fired(&rule(2, 1), &[0, MINUTE + 1]).len(), 0);
    assert_eq!(fired(&rule(3, 1), &[0, 50_000, 70_000, 80_000])[0].seqs, [1, 2, 3], "what lies before the window is not counted");
}

#[test]
fn late_events_count_where_they_belong() {
    assert_eq!(fired(&rule(3, 1), &[10_000, 3 * MINUTE, 20_000, 0])[0].seqs, [3, 0, 2]);
    assert_eq!(fired(&rule(3, 1), &[20 * 3_600_000, 2000, 1000, 0])[0].seqs, [3, 2, 1], "20 hours late, and still a storm");
}

#[test]
fn one_event_counts_once() {
    let mut counter = Counter::default();
    for _ in 0..10 {
        assert_eq!(counter.observe(&rule(2, 1), 5, 1, None), None);
    }
    assert_eq!(counter.len(), 1);
}

#[test]
fn objects_count_once_each() {
    let rule = Repeated { unique_objects: true, ..rule(3, 1) };
    let mut counter = Counter::default();
    let mut see = |time, seq, object| counter.observe(&rule, time, seq, object).map(|it| it.seqs);
    assert_eq!(see(0, 0, Some(7)), None);
    for seq in 1..50 {
        assert_eq!(see(seq, seq, Some(8)), None, "the same board again");
    }
    assert_eq!(see(60, 60, None), None, "no object");
    assert_eq!(see(70, 70, Some(9)), Some(vec![0, 49, 70]));
    assert_eq!(see(80, 80, Some(7)), None, "used up");
}

#[test]
fn a_clock_that_was_wrong_once_stops_nothing() {
    let rule = rule(2, 1);
    let mut counter = Counter::default();
    assert_eq!(counter.observe(&rule, u64::MAX, 0, None), None);
    assert_eq!(counter.observe(&rule, 0, 1, None), None);
    assert!(counter.observe(&rule, 1, 2, None).is_some());
    for seq in 3..3000 {
        counter.observe(&rule, u64::MAX - seq * 1_000_000, seq, None);
    }
    counter.observe(&rule, 10, 5000, None);
    assert!(counter.observe(&rule, 11, 5001, None).is_some(), "thousands from the future do not push out today");
    assert!(counter.len() <= CAPACITY);
}

#[test]
fn a_full_counter_still_fires() {
    let rule = rule(1000, 10_080);
    let found = fired(&rule, &(0..3000).collect::<Vec<_>>());
    assert_eq!(found.iter().map(|it| it.seqs.len()).collect::<Vec<_>>(), [1000, 1000, 1000]);
}

#[test]
fn bytes_of_version_1_are_read_for_ever() {
    let mut counter = Counter::default();
    let unique = Repeated { unique_objects: true, ..rule(9, 1) };
    counter.observe(&unique, 1000, 5, Some(0x0102_0304_0506_0708));
    counter.observe(&rule(9, 1), 1300, 4, None);
    let bytes = [1, 2, 0xe8, 7, 10, 1, 8, 7, 6, 5, 4, 3, 2, 1, 0xac, 2, 1, 0];
    assert_eq!(counter.encode(), bytes);
    assert_eq!(Counter::decode(&bytes), Ok(counter));
    for wrong in [&[2, 0][..], &[1], &[1, 1], &[1, 0, 0], &[1, 1, 0, 0, 2], &[1, 2, 0, 0, 0, 0, 0, 0], &[1, 0xe9, 7]] {
        assert_eq!(Counter::decode(wrong), Err(Unreadable), "{wrong:?}");
    }
    assert_eq!(Counter::decode(&[]), Ok(Counter::default()));
}

/// Observations: mostly in order, some late, some far off, few objects.
fn observations() -> impl Strategy<Value = Vec<(u64, Option<u64>)>> {
    let time = prop_oneof![6 => 0u64..600_000, 1 => 0u64..200_000_000, 1 => any::<u64>()];
    prop::collection::vec((time, prop::option::weighted(0.9, 0u64..6)), 0..80)
}

proptest! {
    #[test]
    fn batches_do_not_show(
        observed in observations(), cuts in prop::collection::vec(any::<bool>(), 80), count in 2u32..6, minutes in 1u32..4, unique in any::<bool>(),
    ) {
        let rule = Repeated { unique_objects: unique, ..rule(count, minutes) };
        let (mut whole, mut cut) = (Counter::default(), Counter::default());
        for ((seq, (time, object)), stored) in (0..).zip(observed).zip(cuts) {
            prop_assert_eq!(whole.observe(&rule, time, seq, object), cut.observe(&rule, time, seq, object));
            if stored {
                cut = Counter::decode(&cut.encode()).unwrap();
            }
            prop_assert_eq!(&whole, &cut);
        }
    }

    #[test]
    fn what_fired_is_what_the_policy_says(observed in observations(), count in 2u32..6, minutes in 1u32..4, unique in any::<bool>()) {
        let rule = Repeated { unique_objects: unique, ..rule(count, minutes) };
        let mut counter = Counter::default();
        let mut used = std::collections::BTreeSet::new();
        for (seq, (time, object)) in (0..).zip(&observed) {
            let Some(fired) = counter.observe(&rule, *time, seq, *object) else { continue };
            prop_assert_eq!(fired.seqs.len(), count as usize);
            prop_assert!(fired.seqs.contains(&seq), "it fires at the one that completes it");
            prop_assert!(fired.end - fired.start <= rule.window());
            let mut objects = std::collections::BTreeSet::new();
            for seq in &fired.seqs {
                prop_assert!(used.insert(*seq), "counted twice");
                let (time, object) = observed[usize::try_from(*seq).unwrap()];
                prop_assert!((fired.start..=fired.end).contains(&time));
                prop_assert!(objects.insert(object) || !unique);
            }
        }
    }

    /// In order, it is the plain rule: those of the last minutes that are not used up, newest last, and N of them are a match.
    #[test]
    fn in_order_it_is_a_tumbling_window(gaps in prop::collection::vec((0u64..40_000, 0u64..5), 0..120), count in 2u32..6, unique in any::<bool>()) {
        let rule = Repeated { unique_objects: unique, ..rule(count, 1) };
        let mut counter = Counter::default();
        let (mut now, mut open): (u64, Vec<(u64, u64, u64)>) = (0, Vec::new());
        for (seq, (gap, object)) in (0..).zip(gaps) {
            now += gap;
            open.retain(|(time, _, other)| now - time <= MINUTE && !(unique && *other == object));
            open.push((now, seq, object));
            let expected = (open.len() == count as usize).then(|| open.drain(..).map(|(_, seq, _)| seq).collect::<Vec<_>>());
            prop_assert_eq!(counter.observe(&rule, now, seq, Some(object)).map(|it| it.seqs), expected);
        }
    }

    #[test]
    fn hostile_bytes_are_refused_or_read_and_never_more_than_fits(bytes in prop::collection::vec(any::<u8>(), 0..200), version in any::<bool>()) {
        let mut bytes = bytes;
        if let Some(first) = bytes.first_mut().filter(|_| version) {
            *first = 1;
        }
        if let Ok(mut counter) = Counter::decode(&bytes) {
            prop_assert!(counter.len() <= CAPACITY);
            prop_assert_eq!(&Counter::decode(&counter.encode()).unwrap(), &counter);
            counter.observe(&rule(2, 1), 5, 5, Some(1));
            counter.observe(&Repeated { unique_objects: true, ..rule(3, 10_080) }, u64::MAX, u64::MAX, Some(1));
        }
    }
}
