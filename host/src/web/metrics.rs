//! What is told of what was seen. The list that people read is in the README, under "Metrics and health".

use std::{borrow::Cow, collections::BTreeMap, time::Duration};

use super::{
    exposition::{Exposition, Type::*},
    readiness,
    sight::Seen,
    stored::Stored,
};
use crate::{
    alert::Severity,
    model::Instant,
    neutral::visible,
    runtime::{Calls, End},
    schedule::{State, Status},
    sink,
    store::Footprint,
};

/// Writes everything.
pub(super) fn write(seen: &Seen, stored: &Stored, calls: &[Calls]) -> String {
    let mut out = Exposition::default();
    host(&mut out, seen, stored);
    sources(&mut out, seen);
    lateness(&mut out, stored);
    sinks(&mut out, seen);
    limits(&mut out, seen);
    backlogs(&mut out, seen.now, stored);
    alerts(&mut out, stored);
    conditions(&mut out, stored);
    components(&mut out, calls);
    out.text()
}

fn host(out: &mut Exposition, seen: &Seen, stored: &Stored) {
    out.family("build_info", Gauge, "The version that runs; always 1.").count(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    let ready = u64::from(readiness::reasons(seen).is_empty());
    out.family("ready", Gauge, "1 where /readyz answers 200: every source has begun and nothing needs a person.").count(&[], ready);
    out.family("store_size_bytes", Gauge, "Size of the database file and those that SQLite keeps beside it.").count(&[], stored.bytes);
    let footprint = |of: fn(Footprint) -> Option<u64>| stored.footprint.and_then(of);
    let room: [(&'static str, &str, Option<u64>); 4] = [
        ("store_used_bytes", "Bytes of the store that hold something: what `max_size` limits.", footprint(|store| Some(store.used))),
        ("store_max_size_bytes", "Bytes at which nothing more is collected.", seen.limits.max_size),
        ("store_free_bytes", "Bytes free on the file system of the store.", footprint(|store| store.free)),
        ("store_min_free_bytes", "Bytes that stay free there: below, nothing is collected.", Some(seen.limits.min_free)),
    ];
    for (name, help, value) in room {
        let mut family = out.family(name, Gauge, help);
        if let Some(value) = value {
            family.count(&[], value);
        }
    }
    out.family("trace_spans_dropped_total", Counter, "Spans that no collector took.").count(&[], seen.lost_spans);
}

/// A count of a source, and a value that it may have.
type Count = fn(&Status) -> u64;
type Value<'a> = &'a dyn Fn(&Status) -> Option<f64>;

fn sources(out: &mut Exposition, seen: &Seen) {
    let counters: [(&'static str, &str, Count); 6] = [
        ("events_stored_total", "Events stored, each once.", |status| status.events),
        ("events_seen_again_total", "Events read that were stored already.", |status| status.known),
        ("pages_total", "Pages read and stored.", |status| status.pages),
        ("polls_total", "Polls completed.", |status| status.polls),
        ("failures_total", "Calls that failed.", |status| status.failures),
        ("refreshes_total", "Token refreshes that gave a new pair.", |status| status.rotations),
    ];
    for (name, help, count) in counters {
        let mut family = out.family(name, Counter, help);
        for status in &seen.sources {
            family.count(&[("source", status.source.as_str())], count(status));
        }
    }
    let lag = |status: &Status| status.watermark.map(|watermark| seen.now.since(watermark).as_secs_f64());
    let gauges: [(&'static str, &str, Value<'_>); 5] = [
        ("watermark_lag_seconds", "How far the time up to which everything was read once lies back.", &lag),
        ("last_poll_timestamp_seconds", "When the last poll was complete, since 1970.", &|status| status.last_poll.map(seconds)),
        ("vendor_clock_offset_seconds", "The vendor's clock minus this machine's.", &|status| {
            status
                .clock_offset
                .map(|offset| Duration::from_millis(offset.unsigned_abs()).as_secs_f64() * if offset < 0 { -1.0 } else { 1.0 })
        }),
        ("rate_limit_limit", "What the vendor lets this source spend in a period, in the vendor's own unit.", &|status| {
            status.meter.map(|meter| meter.limit as f64)
        }),
        ("rate_limit_remaining", "What was left of that when last seen.", &|status| status.meter.map(|meter| meter.remaining as f64)),
    ];
    for (name, help, value) in gauges {
        let mut family = out.family(name, Gauge, help);
        for status in &seen.sources {
            if let Some(value) = value(status) {
                family.sample(&[("source", status.source.as_str())], value);
            }
        }
    }
    let mut family = out.family("state", Gauge, "1 for the state that the source is in, 0 for the others.");
    for status in &seen.sources {
        for state in State::ALL {
            family.count(&[("source", status.source.as_str()), ("state", state.as_str())], u64::from(state == status.state));
        }
    }
    let mut family = out.family("problem", Gauge, "1 while the source has a problem: whose it is, and what ends it.");
    for status in &seen.sources {
        if let Some(problem) = &status.problem {
            let labels = [("source", status.source.as_str()), ("kind", problem.kind.as_str()), ("remedy", problem.remedy.as_str())];
            family.count(&labels, 1);
        }
    }
}

fn lateness(out: &mut Exposition, stored: &Stored) {
    let help = "How long after they happened events were stored that were found by reading again.";
    let mut family = out.family("lateness_seconds", Histogram, help);
    for (source, late) in &stored.late {
        family.histogram(&[("source", source.as_str())], &late.histogram);
    }
}

fn sinks(out: &mut Exposition, seen: &Seen) {
    let mut family = out.family("sink_state", Gauge, "1 for the state that the sink is in, 0 for the others.");
    for (name, status) in &seen.sinks {
        for state in sink::State::NAMES {
            family.count(&[("sink", name.as_str()), ("state", state)], u64::from(state == status.state.as_str()));
        }
    }
    let mut family = out.family("sink_events_accepted_total", Counter, "Events that the sink accepted.");
    for (name, status) in &seen.sinks {
        family.count(&[("sink", name.as_str())], status.accepted);
    }
    let mut family = out.family("sink_events_filtered_total", Counter, "Events that a filter of the sink dropped: it is not to get them.");
    for (name, status) in &seen.sinks {
        for (filter, count) in &status.filtered {
            family.count(&[("sink", name.as_str()), ("filter", filter)], *count);
        }
    }
    let mut family = out.family("sink_requests_total", Counter, "Attempts to deliver a batch of events, by what became of it.");
    for (name, status) in &seen.sinks {
        for (outcome, count) in status.outcomes.each() {
            family.count(&[("sink", name.as_str()), ("outcome", outcome)], count);
        }
    }
}

/// What limits a sink.
fn limits(out: &mut Exposition, seen: &Seen) {
    let mut family = out.family("sink_max_rate_bytes_per_second", Gauge, "The uncompressed bytes that the sink is sent, at most.");
    for (name, rate) in &seen.max_rates {
        family.sample(&[("sink", name.as_str())], *rate as f64 / 60.0);
    }
}

fn backlogs(out: &mut Exposition, now: Instant, stored: &Stored) {
    let mut family = out.family("sink_backlog_events", Gauge, "Events stored and not yet accepted by the sink.");
    let mut oldest: BTreeMap<_, Option<Instant>> = BTreeMap::new();
    for each in &stored.backlog {
        family.count(&[("sink", each.sink.as_str()), ("source", each.source.as_str()), ("lane", each.lane.as_str())], each.events);
        let of = oldest.entry((&each.sink, &each.source)).or_default();
        *of = [*of, each.oldest].into_iter().flatten().min();
    }
    let help = "How long ago the oldest event was stored that the sink has not accepted; 0 where it has all.";
    let mut family = out.family("sink_oldest_undelivered_age_seconds", Gauge, help);
    for ((sink, source), oldest) in oldest {
        let age = oldest.map_or(0.0, |oldest| now.since(oldest).as_secs_f64());
        family.sample(&[("sink", sink.as_str()), ("source", source.as_str())], age);
    }
    let mut family = out.family("sink_parked_events", Gauge, "Events that the sink refused by themselves, set aside.");
    for ((sink, source), count) in &stored.parked {
        family.count(&[("sink", sink.as_str()), ("source", source.as_str())], *count);
    }
}

fn alerts(out: &mut Exposition, stored: &Stored) {
    let mut family = out.family("alerts_unresolved", Gauge, "Alerts that nobody has closed, incidents counted once.");
    for severity in [Severity::Informational, Severity::Low, Severity::Medium, Severity::High] {
        let count = stored.alerts.iter().find(|(of, _)| *of == severity).map_or(0, |(_, count)| *count);
        family.count(&[("severity", severity.as_str())], count);
    }
    let mut family =
        out.family("channel_messages_told_total", Counter, "Messages that the channel took, over the whole time of the store.");
    for (name, account) in &stored.channels {
        family.count(&[("channel", name.as_str())], account.ledger.told);
    }
    let help = "Messages that were never told, over the limit of the channel or too late, over the whole time of the store.";
    let mut family = out.family("channel_messages_missed_total", Counter, help);
    for (name, account) in &stored.channels {
        family.count(&[("channel", name.as_str())], account.ledger.missed);
    }
    let mut family =
        out.family("channel_alerts", Gauge, "Alerts of the channel: to be told now, held back for a time to come, or refused.");
    for (name, account) in &stored.channels {
        for (state, count) in [("waiting", account.waiting), ("held", account.held), ("refused", account.refused)] {
            family.count(&[("channel", name.as_str()), ("state", state)], count);
        }
    }
}

fn conditions(out: &mut Exposition, stored: &Stored) {
    let mut family = out.family("conditions", Gauge, "Conditions that hold: what is wrong, or soon will be, and ends.");
    for (kind, count) in &stored.conditions {
        family.count(&[("kind", kind.as_str())], *count);
    }
    let mut family = out.family("sink_lines", Gauge, "Lines about alerts and health: on their way to the sink, or refused by it.");
    for (sink, outbox) in &stored.outbox {
        for (state, count) in [("waiting", outbox.waiting), ("refused", outbox.refused)] {
            family.count(&[("sink", sink.as_str()), ("state", state)], count);
        }
    }
}

/// A component, as labels name it.
struct Named<'a> {
    component: Cow<'a, str>,
    kind: String,
    calls: &'a Calls,
}

fn components<'a>(out: &mut Exposition, calls: &'a [Calls]) {
    // A path, which may hold anything, or the name of one that is built in.
    let named = |calls: &'a Calls| Named { component: visible(&calls.component), kind: calls.kind.to_string(), calls };
    let named: Vec<Named<'a>> = calls.iter().map(named).collect();
    let mut family = out.family("component_calls_total", Counter, "Calls of the component, by how they ended.");
    for Named { component, kind, calls } in &named {
        for (end, count) in End::ALL.iter().zip(calls.ends) {
            family.count(&[("component", component), ("kind", kind), ("outcome", end.as_str())], count);
        }
    }
    let mut family =
        out.family("component_seconds_total", Counter, "Time spent in calls of the component, waiting for its vendor included.");
    for Named { component, kind, calls } in &named {
        family.sample(&[("component", component), ("kind", kind)], calls.time.as_secs_f64());
    }
    let mut family = out.family("component_peak_memory_bytes", Gauge, "The most linear memory that one call of the component had.");
    for Named { component, kind, calls } in &named {
        family.count(&[("component", component), ("kind", kind)], calls.peak);
    }
}

fn seconds(at: Instant) -> f64 {
    at.since(Instant::EPOCH).as_secs_f64()
}
