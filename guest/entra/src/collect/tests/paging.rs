//! Windows, pages, spans, and what they cost.

use super::{Answer, DAY, Graph, HOUR, Host, MINUTE, MIRO, SECOND, T0, TOKEN, config, query};
use crate::{
    component,
    source::{Next, Note, Reading, Span},
    types::Failure,
};

fn fixed(from: u64, to: u64, now: u64) -> Host {
    Host::new("", Span::Fixed((from, to)), now)
}

#[test]
fn the_first_reading_reaches_back_in_windows_of_six_hours() {
    let mut host = Host::new("", Span::Live(T0), T0);
    let mut windows = Vec::new();
    loop {
        let mut filter = String::new();
        let graph = Graph::default();
        let page = host
            .try_with(T0, |request| {
                filter = query(&request.url).remove(0).1;
                Ok(graph.respond(&request, T0))
            })
            .unwrap();
        windows.push(filter);
        host.commit(&page);
        if page.next == Next::CaughtUp {
            break;
        }
        assert_eq!(page.next, Next::After(2000), "30 requests a minute");
    }
    assert_eq!(windows.len(), 4);
    assert_eq!(
        windows[0],
        format!("createdDateTime ge 2025-12-31T00:00:00.000Z and createdDateTime le 2025-12-31T06:00:00.000Z and appId eq '{MIRO}'")
    );
    assert!(windows[3].contains("ge 2025-12-31T18:00:00.000Z and createdDateTime le 2026-01-01T00:00:00.000Z"), "{}", windows[3]);
    assert_eq!(host.through, T0);
}

#[test]
fn the_watermark_moves_when_the_whole_window_was_read_and_never_past_graphs_clock() {
    let mut graph = Graph { page: 2, skew: -90_000, ..Graph::default() };
    for n in 0..5 {
        graph.add(T0 - HOUR + n, 0);
    }
    let mut host = Host::new(r#", "since": "2h""#, Span::Live(T0), T0);
    for _ in 0..2 {
        let page = host.step(&graph, T0).unwrap();
        assert_eq!((page.events.len(), page.through), (2, T0 - 2 * HOUR));
    }
    let page = host.step(&graph, T0).unwrap();
    assert_eq!((page.events.len(), page.through, page.next), (1, T0 - 90_000, Next::CaughtUp));
    assert!(page.notes.contains(&Note::Clock(-90_000)), "{:?}", page.notes);
    assert_eq!(host.stored.len(), 5);
}

#[test]
fn the_same_call_twice_reads_the_same_and_a_crash_goes_on_at_its_link() {
    let mut graph = Graph { page: 3, ..Graph::default() };
    for n in 0..10 {
        graph.add(T0 - n * MINUTE, 0);
    }
    let mut host = Host::new("", Span::Live(T0), T0);
    for _ in 0..3 {
        host.step(&graph, T0).unwrap();
    }
    let first = host.step(&graph, T0).unwrap();
    assert!(host.checkpoint.contains("$skiptoken=3"), "{}", host.checkpoint);
    let second = host.try_with(T0, |request| Ok(graph.respond(&request, T0))).unwrap();
    assert_eq!(second, host.try_with(T0, |request| Ok(graph.respond(&request, T0))).unwrap());
    assert_ne!(first.events[0].id, second.events[0].id);
    host.poll(&graph, T0);
    assert_eq!(host.stored.len(), 10);
}

#[test]
fn a_fixed_span_is_read_day_by_day_and_ends() {
    let mut graph = Graph { page: 2, ..Graph::default() };
    for n in 0..20 {
        graph.add(T0 + n * 3 * HOUR, 0);
    }
    let mut host = fixed(T0, T0 + 2 * DAY, T0 + 3 * DAY);
    let first = host.step(&graph, T0 + 3 * DAY).unwrap();
    assert_eq!((first.reading, first.next, first.through), (Reading::Fixed, Next::After(4000), T0));
    host.poll(&graph, T0 + 3 * DAY);
    // From the first, inclusive, to the second, exclusive.
    assert_eq!(host.stored.len(), 16);
    assert_eq!(host.through, T0 + 2 * DAY);
    let done = host.try_with(T0 + 4 * DAY, |_| unreachable!("it is complete")).unwrap();
    assert_eq!((done.next, done.through), (Next::Finished, T0 + 2 * DAY));
}

#[test]
fn a_span_that_ends_before_it_begins_or_tomorrow_is_refused() {
    for span in [(T0, T0), (T0 + 1, T0), (T0, T0 + DAY)] {
        assert!(matches!(component::begin(&config(""), Span::Fixed(span), T0), Err(Failure::Invalid(_))));
    }
}

#[test]
fn what_entra_no_longer_keeps_is_a_gap() {
    let now = T0 + 60 * DAY;
    let mut graph = Graph::default();
    for day in 0..60 {
        graph.add(T0 + day * DAY + HOUR, 0);
    }
    let mut host = fixed(T0, now, now);
    host.poll(&graph, now);
    assert_eq!(host.stored.len(), 30);
    let [gap] = host.gaps.as_slice() else { panic!("{:?}", host.gaps) };
    assert_eq!((gap.start, gap.end / MINUTE, gap.cause.as_str()), (T0, (T0 + 30 * DAY) / MINUTE, "Entra keeps sign-ins for 30 days"));
    assert!(host.calls < 35, "{} calls", host.calls);
    let mut host = fixed(T0, T0 + DAY, now);
    host.poll(&graph, now);
    assert_eq!((host.gaps.len(), host.gaps[0].end, host.calls), (1, T0 + DAY, 1), "all of it");
    // So far back that Graph does not even accept the question.
    let mut host = fixed(T0 - 400 * DAY, now, now);
    host.poll(&graph, now);
    assert_eq!((host.stored.len(), host.gaps.len(), host.gaps[0].start), (30, 1, T0 - 400 * DAY));
    // Reaching back as far as Entra keeps is no gap, and being down for longer is one.
    let mut host = Host::new(r#", "since": "30d""#, Span::Live(now), now);
    host.poll(&graph, now + 5 * MINUTE);
    assert_eq!((host.stored.len(), host.gaps.len()), (30, 0));
    host.poll(&graph, now + 40 * DAY);
    let [gap] = host.gaps.as_slice() else { panic!("{:?}", host.gaps) };
    assert!(gap.start.abs_diff(now + 5 * MINUTE) < MINUTE && gap.end.abs_diff(now + 10 * DAY) < MINUTE, "{gap:?}");
}

#[test]
fn i7_pages_that_are_too_large_are_asked_for_in_smaller_parts_and_grow_again() {
    let mut graph = Graph { cap: 30_000, ..Graph::default() };
    for n in 0..300 {
        graph.add(T0 + n * MINUTE, 0);
    }
    for held in &mut graph.held[100..200] {
        held.weight = 5_000;
    }
    let mut host = fixed(T0, T0 + 2 * DAY, T0 + 3 * DAY);
    host.poll(&graph, T0 + 3 * DAY);
    assert_eq!(host.stored.len(), 300);
    assert!(host.gaps.is_empty());
    assert!(host.calls < 200, "{}", host.calls);
    assert!(!host.checkpoint.contains("top"), "{}", host.checkpoint);
}

#[test]
fn i7_a_sign_in_that_never_fits_is_a_gap_of_its_moment_and_all_others_come() {
    let mut graph = Graph { cap: 30_000, ..Graph::default() };
    for n in 0..50 {
        graph.add(T0 + n * MINUTE, 0);
    }
    graph.held[20].weight = 100_000;
    let mut host = fixed(T0, T0 + 2 * DAY, T0 + 3 * DAY);
    host.poll(&graph, T0 + 3 * DAY);
    assert_eq!(host.stored.len(), 49);
    let lost = T0 + 20 * MINUTE;
    assert!(host.gaps.iter().any(|gap| (gap.start..=gap.end).contains(&lost)), "{:?}", host.gaps);
    assert!(host.gaps.iter().map(|gap| gap.end - gap.start).sum::<u64>() < 4 * SECOND, "{:?}", host.gaps);
}

#[test]
fn several_applications_stand_in_one_filter() {
    let other = "11111111-2222-3333-4444-555555555555";
    let config = config("").replace(&format!("[\"{MIRO}\"]"), &format!("[\"{MIRO}\", \"{}\"]", other.to_uppercase()));
    let start = component::begin(&config, Span::Live(T0), T0).unwrap();
    let answer = |asked: &mut String| -> Result<_, Failure> {
        component::collect(&config, TOKEN, &start, T0, |request, _| -> Answer {
            *asked = query(&request.url).remove(0).1;
            Ok(Graph::default().respond(
                &super::Request { url: request.url.replace(&other_half(other), "").replace("%28", "").replace("%29", ""), ..request },
                T0,
            ))
        })
    };
    let mut asked = String::new();
    let _ = answer(&mut asked).unwrap();
    assert!(asked.ends_with(&format!(" and (appId eq '{other}' or appId eq '{MIRO}')")), "{asked}");
}

/// The half of the filter that is not about Miro.
fn other_half(other: &str) -> String {
    format!("appId%20eq%20%27{other}%27%20or%20")
}
