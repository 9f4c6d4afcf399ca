//! I1: what becomes visible within the longest lateness of its time is read, whatever happens in between.

use proptest::prelude::*;

use super::{DAY, HOUR, Host, MINUTE, Plan, T0, TransportError, Vendor};
use crate::source::{Next, Reading, Span};

const TIERS: &str = r#"{"since": "1h", "revisit": ["10m", "1h", "4h"], "page_limit": 7, "window": "3h"}"#;

#[test]
fn i1_an_event_25_minutes_late_is_read_within_the_hour_tiers_period() {
    let mut vendor = Vendor::default();
    let id = vendor.add(T0 + HOUR, T0 + HOUR + 25 * MINUTE);
    let mut host = Host::new("{}", Span::Live(T0), T0);
    let mut now = T0;
    while !host.stored.contains(&id) {
        assert!(now < T0 + HOUR + 25 * MINUTE + 35 * MINUTE, "not read within the period");
        host.poll(&vendor, now);
        now += 5 * MINUTE;
    }
}

#[test]
fn i1_an_event_20_hours_late_after_an_outage_of_three_days_is_read_at_the_first_poll() {
    let mut vendor = Vendor::default();
    let before = vendor.add(T0 + HOUR, T0 + 21 * HOUR);
    let within = vendor.add(T0 + DAY, T0 + DAY + 20 * HOUR);
    let mut host = Host::new("{}", Span::Live(T0), T0);
    for minute in (0..120).step_by(5) {
        host.poll(&vendor, T0 + minute * MINUTE);
    }
    assert!(host.stored.is_empty());
    host.poll(&vendor, T0 + 3 * DAY);
    assert!(host.stored.contains(&before) && host.stored.contains(&within));
}

#[test]
fn without_tiers_what_arrives_late_is_lost() {
    let mut vendor = Vendor::default();
    let late = vendor.add(T0 + HOUR, T0 + HOUR + 25 * MINUTE);
    let prompt = vendor.add(T0 + HOUR, T0 + HOUR);
    let mut host = Host::new(r#"{"revisit": []}"#, Span::Live(T0), T0);
    for minute in (0..2 * 24 * 60).step_by(5) {
        host.poll(&vendor, T0 + minute * MINUTE);
    }
    assert!(host.stored.contains(&prompt) && !host.stored.contains(&late));
}

#[test]
fn a_lateness_added_later_reaches_back_to_the_beginning_of_the_span() {
    let mut vendor = Vendor::default();
    let late = vendor.add(T0 + HOUR, T0 + 3 * HOUR);
    let mut host = Host::new(r#"{"revisit": ["10m"]}"#, Span::Live(T0), T0);
    for minute in (0..6 * 60).step_by(5) {
        host.poll(&vendor, T0 + minute * MINUTE);
    }
    assert!(!host.stored.contains(&late));
    host.config = crate::config::Config::parse(r#"{"revisit": ["10m", "4h"]}"#).unwrap();
    host.poll(&vendor, T0 + 6 * HOUR);
    assert!(host.stored.contains(&late));
    // And the other way round: tiers that are taken away leave no reading behind.
    host.config = crate::config::Config::parse(r#"{"revisit": []}"#).unwrap();
    assert_eq!(host.step(&vendor, T0 + 7 * HOUR).unwrap().next, Next::CaughtUp);
}

#[test]
fn ten_pages_at_most_are_read_for_each_page_of_new_events() {
    let mut vendor = Vendor::default();
    for n in 0..2 * 24 * 60 * 20 {
        vendor.add(T0 + n * 3000, T0 + n * 3000);
    }
    let mut host = Host::new("{}", Span::Live(T0), T0);
    for minute in (0..2 * 24 * 60).step_by(5) {
        host.poll(&vendor, T0 + minute * MINUTE);
    }
    let new = host.stored.len() as u64 / 100;
    println!("{} calls, {} pages, {new} pages of new events", host.calls, host.pages);
    assert!(host.calls <= 10 * new, "{} calls for {new} pages of new events", host.calls);
}

#[test]
fn what_is_new_does_not_wait_for_the_end_of_a_long_revisit() {
    let mut vendor = Vendor::default();
    for n in 0..5000 {
        vendor.add(T0 + n * 4000, T0 + n * 4000);
    }
    let mut host = Host::new(r#"{"since": "1h", "revisit": ["4h"], "page_limit": 2}"#, Span::Live(T0), T0);
    host.poll(&vendor, T0 + 5 * HOUR);
    let id = vendor.add(T0 + 6 * HOUR + 20 * MINUTE, T0 + 6 * HOUR + 20 * MINUTE);
    let mut now = T0 + 6 * HOUR;
    while !host.stored.contains(&id) {
        let page = host.step(&vendor, now).unwrap();
        assert_ne!(page.next, Next::CaughtUp);
        now += 5 * 1000;
    }
    assert!(now < T0 + 6 * HOUR + 26 * MINUTE, "{} minutes", (now - T0) / MINUTE - 360);
    assert_eq!(host.step(&vendor, now).unwrap().reading, Reading::Revisit, "the revisit goes on where it was");
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
    let calls = prop_oneof![4 => Just(2000usize), 1 => 1..12usize];
    (wait, calls, proptest::collection::vec((0..20usize, 0..2u8), 0..4), 0..4000u64).prop_map(|(wait, calls, faults, slow)| Turn {
        wait,
        calls,
        faults,
        slow,
    })
}

fn run(host: &mut Host, vendor: &Vendor, turn: &Turn, mut now: u64) -> u64 {
    let mut failed = 0;
    for call in 0..turn.calls {
        let Plan::Ask(request) = host.ask(now) else { unreachable!("a live span has no end") };
        let response = vendor.respond(&request, now, host.config.body_cap);
        match turn.faults.iter().find(|(at, _)| *at == call).map(|(_, how)| how) {
            Some(0) => {
                failed += 1;
                host.take(now, Err(TransportError::Unknown("reset".to_owned()))).unwrap_err();
            }
            Some(_) => {
                host.take(now, Ok(response)).unwrap();
            }
            None => {
                let page = host.take(now, Ok(response)).unwrap();
                host.commit(&page);
                if page.next == Next::CaughtUp {
                    break;
                }
            }
        }
        now += turn.slow + failed;
    }
    now
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i1_a_lateness_is_reached_back_to_the_millisecond(
        waits in proptest::collection::vec(prop_oneof![8 => Just(5u64), 1 => 1..90u64], 10..40),
        slow in 1..25_000u64,
        skew in prop_oneof![Just(0i64), -200_000..200_000i64],
        offset in 0..10_000u64,
    ) {
        // Every event exactly as late as the longest tier allows, one every ten seconds.
        let mut vendor = Vendor { skew, ..Vendor::default() };
        for n in 0..6 * 60 * 6 {
            let time = T0 + offset + n * 10_000;
            vendor.add(time, time + 20 * MINUTE);
        }
        let start = T0.saturating_add_signed(-skew);
        let mut host = Host::new(r#"{"since": "1h", "revisit": ["5m", "20m"], "page_limit": 20}"#, Span::Live(start), start);
        let mut now = start;
        for wait in &waits {
            now = run(&mut host, &vendor, &Turn { wait: 0, calls: 2000, faults: Vec::new(), slow }, now + wait * MINUTE);
        }
        let end = now.max(start + 7 * HOUR) + 15 * MINUTE;
        while now < end {
            now = run(&mut host, &vendor, &Turn { wait: 0, calls: 2000, faults: Vec::new(), slow: 100 }, now + 5 * MINUTE);
        }
        let lost: Vec<_> = vendor.held.iter().filter(|held| !host.stored.contains(&held.id)).collect();
        prop_assert!(lost.is_empty(), "lost {} such as {:?}", lost.len(), lost.first());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i1_nothing_is_lost_whatever_the_arrivals_the_downtime_and_the_faults(
        arrivals in proptest::collection::vec((0..24 * HOUR, prop_oneof![2 => Just(0u64), 2 => 0..20 * MINUTE, 1 => 0..=4 * HOUR]), 1..150),
        same in proptest::collection::vec(0..24 * 60u64, 0..4),
        turns in proptest::collection::vec(turn(), 1..120),
        inclusive: bool,
        skew in prop_oneof![2 => Just(0i64), 1 => -300_000..300_000i64],
    ) {
        let mut vendor = Vendor { inclusive, skew, ..Vendor::default() };
        for (time, lateness) in &arrivals {
            vendor.add(T0 + time, T0 + time + lateness);
        }
        for minute in &same {
            // More events of one millisecond than fit on a page.
            for n in 0..16 {
                vendor.add(T0 + minute * MINUTE, T0 + minute * MINUTE + n * MINUTE);
            }
        }
        let start = T0.saturating_add_signed(-skew);
        let mut host = Host::new(TIERS, Span::Live(start), start);
        let mut now = start;
        for turn in &turns {
            now = run(&mut host, &vendor, turn, now + turn.wait * MINUTE);
        }
        let calm = Turn { wait: 5, calls: 5000, faults: Vec::new(), slow: 100 };
        now = now.max(start + 29 * HOUR);
        let end = now + 2 * HOUR + 15 * MINUTE;
        while now < end {
            now = run(&mut host, &vendor, &calm, now + 5 * MINUTE);
        }
        let lost: Vec<_> = vendor.held.iter().filter(|held| !host.stored.contains(&held.id)).collect();
        prop_assert!(lost.is_empty(), "lost {lost:?}");
        prop_assert!(host.gaps.is_empty());
    }
}
