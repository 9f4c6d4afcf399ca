//! The text of `/metrics`.

use std::time::Duration;

use super::{NOW, collecting, parser::parse, problem, seen, sink, trouble};
use crate::{
    alert::Severity,
    model::{Instant, Lane},
    runtime::{self, Calls},
    schedule::{Kind, Meter, Remedy, State, Status},
    sink::{Outcomes, State as SinkState},
    store::Backlog,
    web::{
        Seen,
        exposition::{Exposition, Type},
        lateness::Histogram,
        metrics::write,
        stored::{Late, Stored},
    },
};

const ACME: (&str, &str) = ("source", "acme");
const SUMO: (&str, &str) = ("sink", "sumo");

#[test]
fn labels_are_escaped_and_come_back_as_they_were() {
    let odd = "a\\b\"c\nd\\n},e=\"f\" é";
    let mut out = Exposition::default();
    out.family("odd", Type::Gauge, "Back\\slash and\nline.").sample(&[("one", odd), ("two", "")], -0.25).sample(&[("one", "x")], 1e21);
    let text = out.text();
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(text.contains("# HELP miro_source_odd Back\\\\slash and\\nline.\n"), "{text}");
    let parsed = parse(&text);
    assert_eq!(parsed.value("miro_source_odd", &[("one", odd), ("two", "")]), -0.25);
    assert_eq!(parsed.value("miro_source_odd", &[("one", "x")]), 1e21);
}

#[test]
fn numbers_are_written_as_prometheus_reads_them() {
    let mut out = Exposition::default();
    let mut family = out.family("n", Type::Gauge, "Numbers.");
    for (name, value) in [("a", f64::INFINITY), ("b", f64::NEG_INFINITY), ("c", 9_007_199_254_740_991.0), ("d", 0.0)] {
        family.sample(&[("n", name)], value);
    }
    let text = out.text();
    for line in ["{n=\"a\"} +Inf", "{n=\"b\"} -Inf", "{n=\"c\"} 9007199254740991", "{n=\"d\"} 0"] {
        assert!(text.contains(&format!("miro_source_n{line}\n")), "{text}");
    }
}

#[test]
fn a_histogram_counts_what_is_within_each_bound() {
    let mut histogram = Histogram::default();
    for seconds in [0, 60, 61, 600, 8 * 86_400] {
        histogram.add(Duration::from_secs(seconds));
    }
    let mut out = Exposition::default();
    out.family("late_seconds", Type::Histogram, "Late.").histogram(&[ACME], &histogram);
    let parsed = parse(&out.text());
    for (bound, count) in [("60", 2.0), ("300", 3.0), ("600", 4.0), ("604800", 4.0), ("+Inf", 5.0)] {
        assert_eq!(parsed.value("miro_source_late_seconds_bucket", &[ACME, ("le", bound)]), count, "{bound}");
    }
    assert_eq!(parsed.value("miro_source_late_seconds_sum", &[ACME]), 721.0 + 8.0 * 86_400.0);
}

/// Everything has something to tell.
pub(super) fn busy() -> (Seen, Stored, Vec<Calls>) {
    let acme = Status {
        watermark: Some(NOW.minus(Duration::from_millis(90_500))),
        last_poll: Some(NOW),
        clock_offset: Some(-1500),
        meter: Some(Meter { limit: 100_000, remaining: 99_500, reset: None }),
        events: 300,
        known: 7,
        ..collecting("acme")
    };
    let failing = Status {
        state: State::Error,
        problem: problem(Kind::ThirdPartyConfig, Remedy::Authorize, "said \"no\"\nand hung up"),
        ..collecting("other")
    };
    let mut sumo = sink(SinkState::Paused(trouble("the URL is not valid")));
    (sumo.accepted, sumo.outcomes) = (290, Outcomes { accepted: 3, retry: 2, ..Outcomes::default() });
    let seen = Seen { sources: vec![acme, failing], sinks: vec![("sumo".parse().unwrap(), sumo)], ..seen() };
    let waits = |lane, events, age| Backlog {
        sink: "sumo".parse().unwrap(),
        source: "acme".parse().unwrap(),
        lane,
        events,
        oldest: (events > 0).then(|| NOW.minus(Duration::from_secs(age))),
    };
    let mut late = Late::since(Instant::EPOCH);
    late.histogram.add(Duration::from_secs(1500));
    let stored = Stored {
        backlog: vec![waits(Lane::Live, 8, 30), waits(Lane::Late, 2, 900), waits(Lane::History, 0, 0)],
        parked: [(("sumo".parse().unwrap(), "acme".parse().unwrap()), 1)].into(),
        alerts: vec![(Severity::High, 2)],
        channels: vec![("soc".parse().unwrap(), Default::default())],
        conditions: [(crate::condition::Kind::Sink, 1)].into(),
        outbox: vec![("sumo".parse().unwrap(), crate::store::Outbox { waiting: 3, refused: 0 })],
        late: [("acme".parse().unwrap(), late)].into(),
        bytes: 4096,
        footprint: Some(crate::store::Footprint { used: 4000, free: Some(90_000_000_000) }),
    };
    let component = "/opt/\"odd\u{1b}\\.wasm".to_owned();
    let calls = Calls { component, kind: runtime::Kind::Source, ends: [9, 1, 0, 0, 0], time: Duration::from_millis(2500), peak: 65_536 };
    (seen, stored, vec![calls])
}

#[test]
fn everything_that_is_told_parses_and_says_what_was_seen() {
    let (seen, stored, calls) = busy();
    let parsed = parse(&write(&seen, &stored, &calls));
    let is = |name: &str, labels: &[(&str, &str)], value: f64| {
        assert_eq!(parsed.value(&format!("miro_source_{name}"), labels), value, "{name} {labels:?}");
    };
    is("build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    is("ready", &[], 0.0);
    is("events_stored_total", &[ACME], 300.0);
    is("events_seen_again_total", &[ACME], 7.0);
    is("watermark_lag_seconds", &[ACME], 90.5);
    is("vendor_clock_offset_seconds", &[ACME], -1.5);
    is("rate_limit_remaining", &[ACME], 99_500.0);
    is("last_poll_timestamp_seconds", &[ACME], 1_780_272_000.0);
    is("state", &[ACME, ("state", "collecting")], 1.0);
    is("state", &[("source", "other"), ("state", "error")], 1.0);
    is("problem", &[("source", "other"), ("kind", "third_party_config"), ("remedy", "authorize")], 1.0);
    is("lateness_seconds_bucket", &[ACME, ("le", "1800")], 1.0);
    is("sink_state", &[SUMO, ("state", "paused")], 1.0);
    is("sink_events_accepted_total", &[SUMO], 290.0);
    is("sink_requests_total", &[SUMO, ("outcome", "retry")], 2.0);
    is("sink_backlog_events", &[SUMO, ACME, ("lane", "late")], 2.0);
    is("sink_oldest_undelivered_age_seconds", &[SUMO, ACME], 900.0);
    is("sink_parked_events", &[SUMO, ACME], 1.0);
    is("alerts_unresolved", &[("severity", "high")], 2.0);
    is("alerts_unresolved", &[("severity", "low")], 0.0);
    is("conditions", &[("kind", "sink")], 1.0);
    is("sink_lines", &[SUMO, ("state", "waiting")], 3.0);
    is("channel_alerts", &[("channel", "soc"), ("state", "waiting")], 0.0);
    // A path may hold anything: it is made harmless, and then escaped.
    let component = [("component", "/opt/\"odd\\u{1b}\\.wasm"), ("kind", "source")];
    is("component_calls_total", &[component[0], component[1], ("outcome", "trapped")], 1.0);
    is("component_seconds_total", &component, 2.5);
    is("component_peak_memory_bytes", &component, 65_536.0);
    is("store_size_bytes", &[], 4096.0);
    is("store_used_bytes", &[], 4000.0);
    is("store_max_size_bytes", &[], 20_000_000_000.0);
    is("store_free_bytes", &[], 90_000_000_000.0);
    is("store_min_free_bytes", &[], 256_000_000.0);
    is("sink_max_rate_bytes_per_second", &[SUMO], 100_000.0);
    is("trace_spans_dropped_total", &[], 9.0);
    assert_eq!(parsed.samples["miro_source_watermark_lag_seconds"].len(), 1, "what is not known is not told");
}

#[test]
fn exactly_one_state_is_1() {
    for state in State::ALL {
        let seen = Seen { sources: vec![Status { state, ..collecting("acme") }], ..seen() };
        let parsed = parse(&write(&seen, &Stored::default(), &[]));
        let on: Vec<_> = parsed.samples["miro_source_state"].iter().filter(|sample| sample.value == 1.0).collect();
        assert_eq!((on.len(), on[0].labels["state"].as_str()), (1, state.as_str()));
    }
    let stuck = || trouble("stuck");
    let states =
        [SinkState::Idle, SinkState::Delivering, SinkState::Retrying(stuck()), SinkState::Paused(stuck()), SinkState::Down(stuck())];
    for state in states {
        let seen = Seen { sinks: vec![("sumo".parse().unwrap(), sink(state.clone()))], ..seen() };
        let parsed = parse(&write(&seen, &Stored::default(), &[]));
        assert_eq!(parsed.value("miro_source_sink_state", &[SUMO, ("state", state.as_str())]), 1.0);
        assert_eq!(parsed.samples["miro_source_sink_state"].iter().map(|sample| sample.value).sum::<f64>(), 1.0);
    }
}

#[test]
fn every_metric_stands_in_the_readme_with_its_labels() {
    let (seen, stored, calls) = busy();
    let parsed = parse(&write(&seen, &stored, &calls));
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    for (name, kind) in &parsed.types {
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{name}`")));
        let row = row.unwrap_or_else(|| panic!("the README does not list {name}"));
        assert!(row.contains(kind), "{row}: it is a {kind}");
        let samples = parsed.samples.iter().filter(|(of, _)| *of == name || kind == "histogram" && of.starts_with(name.as_str()));
        for label in samples.flat_map(|(_, samples)| samples).flat_map(|sample| sample.labels.keys()).filter(|label| *label != "le") {
            assert!(row.contains(&format!("`{label}`")), "{row}: it has the label {label}");
        }
    }
    let listed = readme.lines().filter(|line| line.starts_with("| `miro_source_")).count();
    assert_eq!(listed, parsed.types.len(), "the README lists what there is");
}
