//! What is planned, estimated and shown.

use std::time::Duration;

use audit_pipeline::source::Allowance;
use clap::Parser as _;

use super::{
    Args,
    estimate::{Estimate, Share, Size, count},
    plan::{Asked, plan},
    probe::{Probe, Sampled, places},
    progress::Standing,
};
use crate::{
    model::{Instant, SourceName},
    store::{History, Purpose, StoredGap},
};

const HOUR: u64 = 3_600_000;

fn acme() -> SourceName {
    "acme".parse().unwrap()
}

fn history(id: i64, start: u64, end: u64) -> History {
    let (start, end) = (Instant(start), Instant(end));
    History { id, source: acme(), start, end, purpose: Purpose::Delivery, gap: None, through: start, events: 0, finished: false }
}

fn span(start: u64, end: u64) -> Asked {
    Asked::Span { source: acme(), purpose: Purpose::Delivery, start: Instant(start), end: Instant(end) }
}

fn begun(asked: &Asked, histories: &[History]) -> (Vec<i64>, Vec<(u64, u64)>) {
    let plan = plan(asked, histories, &[]);
    (plan.follow(Vec::new()), plan.begin.iter().map(|each| (each.start.0, each.end.0)).collect())
}

#[test]
fn the_same_command_goes_on_and_reads_nothing_twice() {
    assert_eq!(begun(&span(10, 20), &[]), (vec![], vec![(10, 20)]));
    assert_eq!(begun(&span(10, 20), &[history(7, 10, 20)]), (vec![7], vec![]));
    // `--from 30d`, an hour later.
    assert_eq!(begun(&span(11, 21), &[history(7, 10, 20)]), (vec![7], vec![(20, 21)]));
    assert_eq!(begun(&span(0, 100), &[history(7, 10, 20), history(8, 50, 60)]), (vec![7, 8], vec![(0, 10), (20, 50), (60, 100)]));
    assert_eq!(begun(&span(20, 30), &[history(7, 10, 20)]), (vec![], vec![(20, 30)]));
}

#[test]
fn what_is_finished_or_meant_for_another_sink_is_read_again() {
    let mut done = history(7, 10, 20);
    done.finished = true;
    assert_eq!(begun(&span(10, 20), &[done]), (vec![], vec![(10, 20)]));
    let mut other = history(7, 10, 20);
    other.purpose = Purpose::Sink("archive".parse().unwrap());
    assert_eq!(begun(&span(10, 20), &[other]), (vec![], vec![(10, 20)]));
    let mut foreign = history(7, 10, 20);
    foreign.source = "other".parse().unwrap();
    assert_eq!(begun(&span(10, 20), &[foreign]), (vec![], vec![(10, 20)]));
    // Under way for all sinks is under way for one, and for learning; what is only learned from is under way for no sink.
    for purpose in [Purpose::Sink("sumo".parse().unwrap()), Purpose::Learning] {
        let asked = Asked::Span { source: acme(), purpose, start: Instant(10), end: Instant(20) };
        assert_eq!(begun(&asked, &[history(7, 10, 20)]), (vec![7], vec![]));
    }
    let learning = History { purpose: Purpose::Learning, ..history(7, 10, 20) };
    assert_eq!(begun(&span(10, 20), &[learning]), (vec![], vec![(10, 20)]));
}

#[test]
fn every_open_gap_becomes_one_backfill_that_names_it() {
    let gap = |id: i64, filled: bool| StoredGap {
        id,
        source: acme(),
        start: Instant(10),
        end: Instant(20),
        cause: "too old".into(),
        found: Instant(30),
        filled,
    };
    let mut filling = history(9, 10, 20);
    filling.gap = Some(2);
    let plan = plan(&Asked::Gaps { source: None, purpose: Purpose::Delivery }, &[filling], &[gap(1, false), gap(2, false), gap(3, true)]);
    assert_eq!(plan.follow(vec![10]), [9, 10]);
    assert_eq!(plan.begin.iter().map(|each| each.gap).collect::<Vec<_>>(), [Some(1)]);
}

#[test]
fn without_a_wish_whatever_is_unfinished_goes_on() {
    assert_eq!(begun(&Asked::Unfinished { source: None }, &[history(7, 10, 20)]), (vec![7], vec![]));
    assert!(plan(&Asked::Unfinished { source: None }, &[], &[]).is_empty());
}

#[test]
fn probes_are_spread_over_all_stretches_and_stay_inside() {
    let month = [(Instant(0), Instant(20 * 24 * HOUR)), (Instant(40 * 24 * HOUR), Instant(50 * 24 * HOUR))];
    let found = places(&month);
    assert_eq!(found.len(), 8);
    assert!(found.windows(2).all(|pair| pair[0].0 < pair[1].0), "{found:?}");
    assert!(found.iter().all(|(at, end)| at < end && month.iter().any(|(start, stop)| start <= at && end == stop)), "{found:?}");
    let hours: std::collections::BTreeSet<u64> = found.iter().map(|(at, _)| at.0 / HOUR % 24).collect();
    assert!(hours.len() >= 6, "{hours:?}");
    assert_eq!(places(&[(Instant(5), Instant(9))]), [(Instant(5), Instant(9))]);
    assert!(places(&[]).is_empty());
}

fn probe(covered: u64, events: u64, cut: bool) -> Probe {
    Probe { covered, events, bytes: events * 500, cut, took: Duration::from_millis(200) }
}

#[test]
fn size_follows_from_what_the_pages_covered() {
    // A full page every hour.
    let size = Size::of(&[probe(HOUR, 100, false); 8], 240 * HOUR, 100).unwrap();
    assert!((size.events - 24_000.0).abs() < 1.0 && (size.pages - 240.0).abs() < 2.0, "{size:?}");
    assert!((size.bytes - 12_000_000.0).abs() < 1000.0, "{size:?}");
    // Empty windows cost pages too.
    let empty = Size::of(&[probe(24 * HOUR, 0, false); 8], 240 * HOUR, 100).unwrap();
    assert_eq!((empty.events, empty.pages, empty.bytes), (0.0, 10.0, 0.0));
    // A page that ended with its stretch does not say that pages are short.
    assert_eq!(Size::of(&[probe(HOUR, 10, true)], HOUR, 100).unwrap().pages, 1.0);
    assert_eq!(Size::of(&[], HOUR, 100), None);
}

#[test]
fn an_estimate_names_the_share_and_says_where_it_knows_nothing() {
    let allowance = Allowance { events: 100, cost: 100, budget: 100_000, unit: "credits".into() };
    let spans = [(Instant(0), Instant(24_000 * HOUR))];
    let sampled = Sampled { probes: vec![probe(HOUR, 100, false); 8], trouble: None };
    let said = Estimate::new(&allowance, Share::Default, &spans, &sampled).lines().join("\n");
    assert!(said.contains("about 2,400,000 events"), "{said}");
    assert!(said.contains("2,400,000 credits: 30 % of the vendor's limit") && said.contains("never over 50 % (the default"), "{said}");
    assert!(said.contains("about 80 min"), "{said}");
    let share = Share::of(&serde_json::json!({ "history_share": 0.1 }));
    let said = Estimate::new(&allowance, share, &spans, &sampled).lines().join("\n");
    assert!(said.contains("about 4 h") && said.contains("never over 10 % (history_share"), "{said}");
    let none = Estimate::new(&allowance, Share::Default, &spans, &Sampled { probes: vec![], trouble: Some("no route".into()) });
    let said = none.lines().join("\n");
    assert!(none.pages().is_none() && said.contains("is not known") && said.contains("no route"), "{said}");
    assert_eq!(Share::of(&serde_json::json!({ "history_share": 7 })), Share::Default);
}

#[test]
fn progress_says_how_fast_and_how_long() {
    let mut half = history(1, 0, 100 * HOUR);
    half.through = Instant(50 * HOUR);
    half.events = 5000;
    let first = Standing::of(&[history(1, 0, 100 * HOUR)]);
    let now = Standing::of(&[half.clone()]);
    assert_eq!((first.share(), now.share()), (0.0, 0.5));
    let line = now.line(&first, Duration::from_secs(100), Some(100));
    assert!(line.starts_with("5,000 events, page 50 of about 100, 50 events/s, about 100 s left"), "{line}");
    half.finished = true;
    assert_eq!(Standing::of(&[half]).share(), 1.0);
    assert_eq!(Standing::of(&[]).share(), 1.0);
}

#[test]
fn numbers_are_readable() {
    assert_eq!([0.0, 999.0, 1000.0, 1_234_567.4].map(count), ["0", "999", "1,000", "1,234,567"]);
}

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

#[test]
fn a_span_and_the_gaps_exclude_each_other() {
    let line = |words: &[&str]| Line::try_parse_from([&["backfill"], words].concat()).map(|line| line.args);
    assert!(line(&["--from", "30d", "--to", "1d", "--sink", "sumo", "--yes"]).unwrap().yes);
    assert!(line(&["--gaps", "--source", "acme"]).unwrap().gaps);
    assert!(line(&[]).is_ok());
    for words in [&["--gaps", "--from", "1d"][..], &["--to", "1d"], &["--estimate-only", "--yes"]] {
        assert!(line(words).is_err(), "{words:?}");
    }
}
