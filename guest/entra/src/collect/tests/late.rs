//! I1: what becomes visible within the longest lateness of its time is read, whatever happens in between.

use proptest::prelude::*;

use super::{DAY, Graph, HOUR, Host, MINUTE, T0, TransportError, config};
use crate::source::{Next, Reading, Span};

#[test]
fn i1_a_sign_in_ten_minutes_late_is_read_at_the_next_poll() {
    let mut graph = Graph::default();
    let id = graph.add(T0 + HOUR, T0 + HOUR + 10 * MINUTE);
    let mut host = Host::new("", Span::Live(T0), T0);
    let mut now = T0;
    while !host.stored.contains(&id) {
        assert!(now < T0 + HOUR + 16 * MINUTE, "not read in time");
        host.poll(&graph, now);
        now += 5 * MINUTE;
    }
}

#[test]
fn i1_a_sign_in_20_hours_late_after_an_outage_of_three_days_is_read_at_the_first_poll() {
    let mut graph = Graph::default();
    let before = graph.add(T0 + HOUR, T0 + 21 * HOUR);
    let within = graph.add(T0 + DAY, T0 + DAY + 20 * HOUR);
    let mut host = Host::new("", Span::Live(T0), T0);
    for minute in (0..120).step_by(5) {
        host.poll(&graph, T0 + minute * MINUTE);
    }
    assert!(host.stored.is_empty());
    host.poll(&graph, T0 + 3 * DAY);
    assert!(host.stored.contains(&before) && host.stored.contains(&within));
}

#[test]
fn without_tiers_what_arrives_late_is_lost() {
    let mut graph = Graph::default();
    let late = graph.add(T0 + HOUR, T0 + HOUR + 10 * MINUTE);
    let prompt = graph.add(T0 + HOUR, T0 + HOUR);
    let mut host = Host::new(r#", "revisit": []"#, Span::Live(T0), T0);
    for minute in (0..2 * 24 * 60).step_by(5) {
        host.poll(&graph, T0 + minute * MINUTE);
    }
    assert!(host.stored.contains(&prompt) && !host.stored.contains(&late));
}

#[test]
fn a_lateness_added_later_reaches_back_to_the_beginning_of_the_span() {
    let mut graph = Graph::default();
    let late = graph.add(T0 + HOUR, T0 + 3 * HOUR);
    let mut host = Host::new(r#", "revisit": ["10m"]"#, Span::Live(T0), T0);
    for minute in (0..6 * 60).step_by(5) {
        host.poll(&graph, T0 + minute * MINUTE);
    }
    assert!(!host.stored.contains(&late));
    // Alone it is the first tier now, and what it owes is not forgotten for that.
    host.config = config(r#", "revisit": ["4h"]"#);
    host.poll(&graph, T0 + 6 * HOUR);
    assert!(host.stored.contains(&late));
    // And the other way round: tiers that are taken away leave no reading behind.
    host.config = config(r#", "revisit": []"#);
    assert_eq!(host.step(&graph, T0 + 7 * HOUR).unwrap().next, Next::CaughtUp);
}

#[test]
fn a_quiet_poll_is_one_request_and_each_tier_one_more_every_half_of_itself() {
    let mut host = Host::new("", Span::Live(T0), T0);
    host.poll(&Graph::default(), T0);
    let before = host.calls;
    for minute in (5..=24 * 60).step_by(5) {
        host.poll(&Graph::default(), T0 + minute * MINUTE);
    }
    let polls = 24 * 60 / 5;
    // Two readings of the longer tier in a day. The second lies across two windows.
    assert!((polls + 2..=polls + 4).contains(&(host.calls - before)), "{} calls for {polls} polls", host.calls - before);
}

#[test]
fn what_is_new_does_not_wait_for_the_end_of_a_long_revisit() {
    let mut graph = Graph { page: 2, ..Graph::default() };
    for n in 0..4000 {
        graph.add(T0 + n * 18_000, T0 + n * 18_000);
    }
    let mut host = Host::new(r#", "since": "0s""#, Span::Live(T0), T0);
    host.poll(&graph, T0);
    host.poll(&graph, T0 + 20 * HOUR);
    host.poll(&graph, T0 + 33 * HOUR);
    let mut now = T0 + 60 * HOUR;
    let id = graph.add(now + 20 * MINUTE, now + 20 * MINUTE);
    let mut revisits = 0;
    while !host.stored.contains(&id) {
        let page = host.step(&graph, now).unwrap();
        assert_ne!(page.next, Next::CaughtUp);
        revisits += u64::from(page.reading == Reading::Revisit);
        now += 5 * 1000;
    }
    assert!(revisits > 100 && now < T0 + 60 * HOUR + 27 * MINUTE, "{revisits} pages, {} minutes", (now - T0) / MINUTE - 3600);
    assert_eq!(host.step(&graph, now).unwrap().reading, Reading::Revisit, "the revisit goes on where it was");
}

/// What happens between two polls, and within one.
#[derive(Clone, Debug)]
struct Turn {
    /// Minutes until this poll.
    wait: u64,
    /// Calls before the host is stopped, in the middle of the poll or not.
    calls: usize,
    /// Which calls fail, and how: 0 the answer is lost, 1 the commit is.
    faults: Vec<(usize, u8)>,
    /// Milliseconds a call takes.
    slow: u64,
}

fn turn() -> impl Strategy<Value = Turn> {
    let wait = prop_oneof![6 => Just(5u64), 2 => 1..30u64, 1 => 60..900u64];
    let calls = prop_oneof![4 => Just(2000usize), 1 => 1..6usize];
    (wait, calls, proptest::collection::vec((0..20usize, 0..2u8), 0..4), 0..4000u64).prop_map(|(wait, calls, faults, slow)| Turn {
        wait,
        calls,
        faults,
        slow,
    })
}

fn run(host: &mut Host, graph: &Graph, turn: &Turn, mut now: u64) -> u64 {
    for call in 0..turn.calls {
        match turn.faults.iter().find(|(at, _)| *at == call).map(|(_, how)| how) {
            Some(0) => {
                host.try_with(now, |_| Err(TransportError::Unknown("reset".to_owned()))).unwrap_err();
            }
            Some(_) => {
                host.try_with(now, |request| Ok(graph.respond(&request, now))).unwrap();
            }
            None => {
                let before = host.through;
                let page = host.step(graph, now).unwrap();
                assert!(page.through <= before.max(graph.clock(now)), "the watermark is ahead");
                if page.next == Next::CaughtUp {
                    break;
                }
            }
        }
        now += turn.slow + 1;
    }
    now
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i1_a_lateness_is_reached_back_to_the_millisecond(
        waits in proptest::collection::vec(prop_oneof![8 => Just(5u64), 1 => 1..90u64], 10..40),
        slow in 1..25_000u64,
        skew in prop_oneof![Just(0i64), -200_000..200_000i64],
        offset in 0..10_000u64,
    ) {
        // Every sign-in exactly as late as the longest tier allows, one every ten seconds.
        let mut graph = Graph { skew, page: 50, ..Graph::default() };
        for n in 0..6 * 60 * 6 {
            let time = T0 + offset + n * 10_000;
            graph.add(time, time + 20 * MINUTE);
        }
        let start = T0.saturating_add_signed(-skew);
        let mut host = Host::new(r#", "since": "1h", "revisit": ["5m", "20m"]"#, Span::Live(start), start);
        let mut now = start;
        for wait in &waits {
            now = run(&mut host, &graph, &Turn { wait: 0, calls: 2000, faults: Vec::new(), slow }, now + wait * MINUTE);
        }
        let end = now.max(start + 7 * HOUR) + 15 * MINUTE;
        while now < end {
            now = run(&mut host, &graph, &Turn { wait: 0, calls: 2000, faults: Vec::new(), slow: 100 }, now + 5 * MINUTE);
        }
        let lost: Vec<_> = graph.held.iter().filter(|held| !host.stored.contains(&held.id)).collect();
        prop_assert!(lost.is_empty(), "lost {} such as {:?}", lost.len(), lost.first());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i1_nothing_is_lost_whatever_the_arrivals_the_downtime_and_the_faults(
        arrivals in proptest::collection::vec((0..24 * HOUR, prop_oneof![2 => Just(0u64), 2 => 0..20 * MINUTE, 1 => 0..=4 * HOUR]), 1..150),
        same in proptest::collection::vec(0..24 * 60u64, 0..4),
        turns in proptest::collection::vec(turn(), 1..120),
        furthest in prop_oneof![3 => Just(usize::MAX), 1 => 14..40usize],
        skew in prop_oneof![2 => Just(0i64), 1 => -300_000..300_000i64],
    ) {
        let mut graph = Graph { skew, page: 7, furthest, ..Graph::default() };
        for (time, lateness) in &arrivals {
            graph.add(T0 + time, T0 + time + lateness);
        }
        for minute in &same {
            // More sign-ins of one millisecond than fit on a page.
            for n in 0..14 {
                graph.add(T0 + minute * MINUTE, T0 + minute * MINUTE + n * MINUTE);
            }
        }
        let start = T0.saturating_add_signed(-skew);
        let mut host = Host::new(r#", "since": "1h", "revisit": ["10m", "1h", "4h"]"#, Span::Live(start), start);
        let mut now = start;
        for turn in &turns {
            now = run(&mut host, &graph, turn, now + turn.wait * MINUTE);
        }
        let calm = Turn { wait: 5, calls: 5000, faults: Vec::new(), slow: 100 };
        now = now.max(start + 29 * HOUR);
        let end = now + 2 * HOUR + 15 * MINUTE;
        while now < end {
            now = run(&mut host, &graph, &calm, now + 5 * MINUTE);
        }
        let lost: Vec<_> = graph.held.iter().filter(|held| !host.stored.contains(&held.id)).collect();
        prop_assert!(lost.is_empty(), "lost {lost:?}");
        prop_assert!(host.gaps.is_empty(), "{:?}", host.gaps);
    }
}
