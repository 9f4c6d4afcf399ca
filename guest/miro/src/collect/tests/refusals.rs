//! What Miro refuses, what does not fit, and how long to wait.

use serde_json::json;

use super::{DAY, HOUR, Host, MINUTE, SECOND, T0, TransportError, Vendor, respond};
use crate::{
    http::{Body, Response},
    source::{Gap, Meter, Next, Note, Span},
    types::Failure,
};

fn fixed(config: &str) -> Host {
    Host::new(config, Span::Fixed((T0, T0 + DAY)), T0 + 2 * DAY)
}

fn fails(status: u16, body: &serde_json::Value, headers: &[(&str, &str)]) -> Failure {
    let mut response = respond(status, body, T0 + 2 * DAY);
    response.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    fixed("{}").take(T0 + 2 * DAY, Ok(response)).unwrap_err()
}

#[test]
fn every_status_says_what_to_do_next() {
    let body = json!({"status": 403, "code": "forbiddenAccess", "message": "no\nway", "type": "error", "context": null});
    assert_eq!(fails(401, &body, &[]), Failure::Expired);
    for status in [403, 404] {
        let Failure::Forbidden(text) = fails(status, &body, &[]) else { panic!("{status}") };
        for cause in ["Enterprise", "Company Admin", "auditlogs:read", "forbiddenAccess, no way"] {
            assert!(text.contains(cause), "{text}");
        }
    }
    for status in [408, 409, 500, 502, 503, 504, 599] {
        assert!(matches!(fails(status, &body, &[]), Failure::Unavailable(_)), "{status}");
    }
    for status in [204, 301, 302, 307, 418] {
        assert!(matches!(fails(status, &body, &[]), Failure::Protocol(_)), "{status}");
    }
    assert!(matches!(fails(410, &body, &[]), Failure::Invalid(_)));
    assert_eq!(fails(429, &body, &[]), Failure::Throttled(None));
}

#[test]
fn a_proxys_page_is_not_miros_word() {
    for status in [400, 401, 403, 404] {
        let page = Response { status, headers: Vec::new(), body: Body::Whole(b" <html>denied</html>".to_vec()) };
        assert!(matches!(fixed("{}").take(T0 + 2 * DAY, Ok(page)), Err(Failure::Unavailable(_))), "{status}");
    }
}

#[test]
fn nothing_that_came_back_is_a_reason_to_try_again() {
    for error in [TransportError::Unsent("refused".to_owned()), TransportError::Unknown("reset".to_owned())] {
        assert!(matches!(fixed("{}").take(T0 + 2 * DAY, Err(error)), Err(Failure::Unavailable(_))));
    }
}

#[test]
fn an_error_of_any_shape_is_told_short() {
    for body in
        [json!(null), json!([]), json!({"error": {"message": "why"}}), json!({"message": 7}), json!({"message": "x".repeat(10_000)})]
    {
        let Failure::Unavailable(text) = fails(500, &body, &[]) else { panic!() };
        assert!(text.len() < 400, "{text}");
    }
}

#[test]
fn a_429_waits_as_long_as_it_says_in_whatever_unit() {
    let now = T0 + 2 * DAY;
    let epoch = |ms: u64| ms.to_string();
    for (name, value, waits) in [
        ("retry-after", "30".to_owned(), 30 * SECOND),
        ("retry-after", "Sat, 03 Jan 2026 00:00:20 GMT".to_owned(), 20 * SECOND),
        ("x-ratelimit-reset", epoch(now + 40_000), 40 * SECOND),
        ("x-ratelimit-reset", epoch(now / 1000 + 40), 40 * SECOND),
        ("x-ratelimit-reset", "40".to_owned(), 40 * SECOND),
        ("x-ratelimit-reset", "40000".to_owned(), 40 * SECOND),
        ("x-ratelimit-reset", "0".to_owned(), SECOND),
        ("retry-after", "99999999".to_owned(), HOUR),
    ] {
        assert_eq!(fails(429, &json!({}), &[(name, &value)]), Failure::Throttled(Some(waits)), "{name}: {value}");
    }
    assert_eq!(fails(429, &json!({}), &[("retry-after", "5"), ("x-ratelimit-reset", "50")]), Failure::Throttled(Some(5000)));
    assert_eq!(fails(429, &json!({}), &[("retry-after", "soon")]), Failure::Throttled(None));
}

#[test]
fn the_share_that_others_are_left_is_kept() {
    let now = T0 + 2 * DAY;
    for (config, remaining, waits) in [
        ("{}", "50100", None),
        ("{}", "50099", Some(20_250)),
        (r#"{"history_share": 1}"#, "100", None),
        (r#"{"history_share": 1}"#, "99", Some(20_250)),
    ] {
        let mut response = respond(200, &json!({"data": [{"id": "a"}], "cursor": "x"}), now);
        for (name, value) in [("x-ratelimit-limit", "100000"), ("x-ratelimit-remaining", remaining), ("x-ratelimit-reset", "20")] {
            response.headers.push((name.to_owned(), value.to_owned()));
        }
        let page = fixed(config).take(now, Ok(response)).unwrap();
        assert_eq!(page.next, waits.map_or(Next::AtOnce, Next::After), "{remaining}");
        let meter = Meter { limit: 100_000, remaining: remaining.parse().unwrap(), reset: Some(now + 20_000) };
        assert!(page.notes.contains(&Note::Meter(meter)));
    }
}

#[test]
fn i1_what_miro_no_longer_keeps_is_a_gap_and_not_an_end() {
    let mut vendor = Vendor { retention: Some(30 * DAY), ..Vendor::default() };
    for day in 0..90 {
        vendor.add(T0 + day * DAY, 0);
    }
    let now = T0 + 90 * DAY;
    let mut host = Host::new(r#"{"since": "90d"}"#, Span::Live(now), now);
    host.poll(&vendor, now);
    let [Gap { start, end, .. }] = &host.gaps[..] else { panic!("{:?}", host.gaps) };
    assert_eq!(*start, T0);
    assert!((T0 + 60 * DAY..T0 + 60 * DAY + 3 * MINUTE).contains(end), "{}", end - T0);
    assert_eq!(host.stored.len(), 29);
    assert!(vendor.held.iter().filter(|held| held.time > *end).all(|held| host.stored.contains(&held.id)));
}

#[test]
fn a_span_that_lies_wholly_before_what_miro_keeps_is_one_gap_and_finished() {
    let vendor = Vendor { retention: Some(DAY), ..Vendor::default() };
    let mut host = Host::new("{}", Span::Fixed((T0, T0 + DAY)), T0 + 9 * DAY);
    host.poll(&vendor, T0 + 9 * DAY);
    assert_eq!(host.gaps.iter().map(|gap| (gap.start, gap.end)).collect::<Vec<_>>(), [(T0, T0 + DAY)]);
}

#[test]
fn a_window_that_is_refused_for_its_width_is_narrowed_and_leaves_no_gap() {
    let mut vendor = Vendor { widest: Some(HOUR), ..Vendor::default() };
    for n in 0..24 * 60 {
        vendor.add(T0 + n * MINUTE, 0);
    }
    let mut host = fixed("{}");
    host.poll(&vendor, T0 + 2 * DAY);
    assert!(host.gaps.is_empty());
    assert_eq!(host.stored.len(), 24 * 60);
}

#[test]
fn where_even_the_newest_minute_is_refused_the_configuration_is_wrong() {
    let vendor = Vendor { retention: Some(0), ..Vendor::default() };
    let mut host = fixed("{}");
    host.step(&vendor, T0 + 2 * DAY).unwrap();
    let Err(Failure::Invalid(text)) = host.step(&vendor, T0 + 2 * DAY) else { panic!() };
    assert!(text.contains("invalidParameters, createdAfter"), "{text}");
}

#[test]
fn a_cursor_that_has_gone_stale_costs_one_page_and_loses_nothing() {
    let mut vendor = Vendor::default();
    for n in 0..100 {
        vendor.add(T0 + n * MINUTE, 0);
    }
    let now = T0 + 2 * DAY;
    let mut host = fixed(r#"{"page_limit": 10}"#);
    for _ in 0..5 {
        host.step(&vendor, now).unwrap();
    }
    let stale = json!({"code": "invalidParameters", "message": "cursor"});
    let page = host.take(now, Ok(respond(400, &stale, now))).unwrap();
    host.commit(&page);
    host.poll(&vendor, now);
    assert_eq!(host.stored.len(), 100);
    assert!(host.calls <= 12, "{}", host.calls);
    assert!(host.gaps.is_empty());
}

#[test]
fn a_cursor_that_is_always_refused_fails_instead_of_going_round() {
    let now = T0 + 2 * DAY;
    let mut host = fixed("{}");
    let page = json!({"data": [{"id": "a", "createdAt": "2026-01-01T00:00:00.000+0000"}], "cursor": "x"});
    for round in 0..2 {
        let first = host.take(now, Ok(respond(200, &page, now))).unwrap();
        host.commit(&first);
        match host.take(now, Ok(respond(400, &json!({}), now))) {
            Ok(page) if round == 0 => host.commit(&page),
            Err(Failure::Protocol(text)) if round == 1 => assert!(text.contains("refused twice"), "{text}"),
            other => panic!("{round}: {other:?}"),
        }
    }
}

#[test]
fn i7_pages_that_are_too_large_are_asked_for_in_smaller_parts_and_grow_again() {
    let mut vendor = Vendor::default();
    for n in 0..300 {
        vendor.add(T0 + n * MINUTE, 0);
    }
    for held in &mut vendor.held[100..200] {
        held.weight = 20_000;
    }
    let mut host = fixed(r#"{"body_cap": "64KiB"}"#);
    host.poll(&vendor, T0 + 2 * DAY);
    assert_eq!(host.stored.len(), 300);
    assert!(host.gaps.is_empty());
    assert!(host.calls < 90, "{}", host.calls);
}

/// Cursors are good for the limit that they came of, and several events of one millisecond leave no other place to go on from.
#[test]
fn i8_a_limit_that_shrinks_and_grows_in_the_middle_of_one_millisecond_refuses_no_cursor() {
    let mut vendor = Vendor::default();
    for n in 0..12 {
        vendor.add(T0 + MINUTE + n / 9, 0);
    }
    let now = T0 + 2 * DAY;
    for first in 0..12 {
        for second in first..12 {
            let mut host = fixed(r#"{"page_limit": 3}"#);
            for call in 0.. {
                assert!(call < 200, "{first} {second}: still walking");
                let page = if call == first || call == second {
                    let page = host.take(now, Ok(Response { status: 200, headers: Vec::new(), body: Body::TooLarge }));
                    page.inspect(|page| host.commit(page))
                } else {
                    host.step(&vendor, now)
                };
                let page = page.unwrap_or_else(|why| panic!("{first} {second} {call}: {why:?}"));
                assert!(!page.notes.iter().any(|note| matches!(note, Note::Warning(_))), "{first} {second}: {:?}", page.notes);
                if page.next == Next::Finished {
                    break;
                }
            }
            assert_eq!(host.stored.len(), 12, "{first} {second}");
            assert!(host.gaps.is_empty());
        }
    }
}

#[test]
fn i7_an_event_that_never_fits_is_a_gap_of_its_millisecond_and_all_others_come() {
    for inclusive in [false, true] {
        let mut vendor = Vendor { inclusive, ..Vendor::default() };
        for n in 0..50 {
            vendor.add(T0 + n * MINUTE, 0);
        }
        vendor.held[20].weight = 100_000;
        let mut host = fixed(r#"{"body_cap": "64KiB"}"#);
        host.poll(&vendor, T0 + 2 * DAY);
        assert_eq!(host.stored.len(), 49);
        let lost = T0 + 20 * MINUTE;
        assert!(host.gaps.iter().any(|gap| (gap.start..gap.end).contains(&lost)), "{:?}", host.gaps);
        assert!(host.gaps.iter().map(|gap| gap.end - gap.start).sum::<u64>() <= 3, "{:?}", host.gaps);
    }
}

#[test]
fn i7_where_nothing_ever_fits_it_fails_instead_of_walking_through_the_day() {
    let now = T0 + 2 * DAY;
    let mut host = fixed("{}");
    for call in 0.. {
        assert!(call < 100, "still walking");
        match host.take(now, Ok(Response { status: 200, headers: Vec::new(), body: Body::TooLarge })) {
            Ok(page) => host.commit(&page),
            Err(Failure::Protocol(text)) => return assert!(text.contains("body_cap"), "{text}"),
            Err(other) => panic!("{other:?}"),
        }
    }
}
