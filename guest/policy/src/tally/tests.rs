use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{activity::Entity, check_all, policy::Policy};

fn policies(repeated: &Value) -> Vec<Policy> {
    check_all(&json!([
        { "name": "single", "severity": "low", "category": "dlp", "match": [{ "filter": "activity.type", "equals": "x" }] },
        { "name": "often", "severity": "low", "category": "dlp", "match": [{ "filter": "activity.type", "equals": "x" }], "repeated": repeated },
    ]))
    .unwrap()
}

/// The seqs that were one too many.
fn fired(tally: &mut Tally, rules: &Compiled<'_>, activity: &Activity<'_>) -> Vec<Vec<u64>> {
    rules.matching(activity).filter_map(|rule| tally.observe(rule, activity)).map(|fired| fired.seqs).collect()
}

#[test]
fn in_a_single_app_counts_each_app_for_itself() {
    for (single, expected) in [(false, vec![vec![0, 1]]), (true, vec![])] {
        let policies = policies(&json!({ "count": 2, "single_app": single }));
        let rules = Compiled::new(&policies, &[]);
        let mut tally = Tally::default();
        assert!(fired(&mut tally, &rules, &Activity { action: "x", app: Some("miro"), ..Activity::default() }).is_empty());
        let other = Activity { action: "x", app: Some("box"), seq: 1, ..Activity::default() };
        assert_eq!(fired(&mut tally, &rules, &other), expected);
        assert_eq!(tally.is_empty(), !single, "what is used up is not kept");
    }
}

#[test]
fn a_changed_policy_begins_anew_and_the_old_count_is_forgotten() {
    let (before, after) = (policies(&json!({ "count": 3 })), policies(&json!({ "count": 2 })));
    let mut tally = Tally::default();
    let x = |seq| Activity { action: "x", seq, ..Activity::default() };
    for seq in 0..2 {
        assert!(fired(&mut tally, &Compiled::new(&before, &[]), &x(seq)).is_empty());
    }
    let rules = Compiled::new(&after, &[]);
    assert!(fired(&mut tally, &rules, &x(2)).is_empty());
    tally.retain(&rules);
    assert_eq!(tally.counters.len(), 1);
    assert_eq!(fired(&mut tally, &rules, &x(3)), [[2, 3]]);
}

#[test]
fn objects_are_told_apart_by_identifier_or_name() {
    let policies = policies(&json!({ "count": 2, "unique_objects": true }));
    let rules = Compiled::new(&policies, &[]);
    let mut tally = Tally::default();
    let mut see = |seq, id, name| {
        let object = Entity { id, name, ..Entity::default() };
        fired(&mut tally, &rules, &Activity { action: "x", seq, object, ..Activity::default() })
    };
    assert!(see(0, Some("1"), Some("Plan")).is_empty());
    assert!(see(1, Some("1"), Some("Plan, renamed")).is_empty());
    assert_eq!(see(2, None, Some("Plan")), [[1, 2]]);
}

proptest! {
    #[test]
    fn batches_do_not_show(seen in prop::collection::vec((0u64..100_000, 0usize..3, any::<bool>()), 0..60)) {
        let policies = policies(&json!({ "count": 4, "minutes": 1, "single_app": true }));
        let rules = Compiled::new(&policies, &[]);
        let (mut whole, mut cut) = (Tally::default(), Tally::default());
        for (seq, (time, app, stored)) in (0..).zip(seen) {
            let activity = Activity { action: "x", seq, time, app: [None, Some("miro"), Some("box")][app], ..Activity::default() };
            prop_assert_eq!(fired(&mut whole, &rules, &activity), fired(&mut cut, &rules, &activity));
            if stored {
                cut = Tally::decode(&cut.encode()).unwrap();
            }
        }
        prop_assert_eq!(whole, cut);
    }

    #[test]
    fn hostile_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..120), count in 0u8..3) {
        let mut bytes = bytes;
        bytes.splice(..bytes.len().min(2), [1, count]);
        if let Ok(tally) = Tally::decode(&bytes) {
            prop_assert_eq!(Tally::decode(&tally.encode()).unwrap(), tally);
        }
    }
}
