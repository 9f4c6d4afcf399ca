//! The report for people: a table of windows, the sums, and what is missing, within 100 columns.

use std::time::Duration;

use super::report::{Missing, Place, Report, Seen, Window};
use crate::{
    model::Instant,
    neutral::{brief, visible},
};

/// As many missing ids as are named on a terminal.
const NAMED: usize = 20;

/// The head of the table.
pub fn table() -> String {
    format!("{:<16} {:<16} {:>9} {:>9} {:>8}  {}", "from (UTC)", "to", "at source", "stored", "missing", "sinks")
}

/// A line of the table.
fn line(window: &Window) -> String {
    let sinks: Vec<String> = window.sinks.iter().map(short).collect();
    let Window { start, end, vendor, stored, missing, .. } = window;
    brief(&format!("{:<16} {:<16} {vendor:>9} {stored:>9} {missing:>8}  {}", minute(*start), minute(*end), sinks.join("; ")), 100)
}

fn short(seen: &Seen) -> String {
    let name = brief(seen.sink.as_str(), 12);
    match seen.found {
        Some(found) => format!("{name}: {found} found, {} missing", seen.missing),
        None => format!("{name}: {} accepted", seen.accepted),
    }
}

fn minute(at: Instant) -> String {
    at.to_string().get(..16).unwrap_or_default().replace('T', " ")
}

/// Everything of a report.
pub fn lines(report: &Report) -> Vec<String> {
    let mut lines = vec![format!("{} from {} to {}", report.source, report.from, report.to), table()];
    lines.extend(report.windows.iter().map(line));
    let totals = &report.totals;
    lines.push(format!("at the source {}, of these stored {}, missing in the store {}", totals.vendor, totals.stored, totals.missing));
    if totals.forgotten > 0 {
        lines.push(format!("{} more of them not checked: so old that their ids are forgotten, stored or not", totals.forgotten));
    }
    if totals.erased > 0 {
        lines.push(format!("{} of them are of people who were erased: they count as stored, and are looked for nowhere", totals.erased));
    }
    if totals.only_stored > 0 {
        lines.push(format!(
            "{} more in the store that the source does not give any more: older than it keeps them, most likely",
            totals.only_stored
        ));
    }
    for seen in &totals.sinks {
        lines.push(format!(
            "sink {}: {} meant for it, {} accepted, {} waiting, {} parked",
            seen.sink, seen.meant, seen.accepted, seen.waiting, seen.parked
        ));
        lines.push(match seen.found {
            Some(found) => format!("  found there {found}, missing {}, copies beyond the first {}", seen.missing, seen.duplicates),
            None => "  not looked at: give the sink `access_id` and `access_key` to have it searched".to_owned(),
        });
        if seen.on_its_way > 0 {
            lines.push(format!("  on their way {}: sent so recently that they need not be found yet", seen.on_its_way));
        }
        if seen.unchecked > 0 {
            lines
                .push(format!("  not checked {}: their records are not kept any more, and nobody knows which were for it", seen.unchecked));
        }
    }
    let late = &report.lateness;
    if late.events > 0 {
        let [median, p99, max] = [late.median, late.p99, late.max].map(|ms| span(Duration::from_millis(ms)));
        lines.push(format!("{} events came late: median {median}, 99th percentile {p99}, at most {max}", late.events));
    }
    lines.extend(report.gaps.iter().map(|gap| format!("gap from {} to {}: {}", gap.start, gap.end, brief(&gap.cause, 200))));
    lines.extend(report.unread.iter().map(|part| format!("not given from {} to {}: {}", part.start, part.end, brief(&part.cause, 200))));
    lines.extend(report.missing.iter().take(NAMED).map(name));
    if let Some(more) = report.missing.len().checked_sub(NAMED).filter(|more| *more > 0) {
        lines.push(format!("and {more} more: --report FILE or --json names all"));
    }
    lines.push(if report.complete { "complete: nothing is missing" } else { "not complete" }.to_owned());
    lines
}

fn name(missing: &Missing) -> String {
    let at = match &missing.at {
        Place::Store => "in the store".to_owned(),
        Place::Sink(sink) => format!("at sink {sink}"),
    };
    let why = if missing.seq.is_none() && missing.at != Place::Store { ", and its record is not kept any more" } else { "" };
    format!("missing {at}: {} of {}{why}", brief(&visible(&missing.id), 120), missing.time)
}

fn span(of: Duration) -> String {
    match of.as_secs() {
        0 => format!("{} ms", of.as_millis()),
        seconds @ 1..=119 => format!("{seconds} s"),
        seconds @ 120..=7199 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}
