//! Pages as Miro sends them, written once before anything is measured.

use bytes::Bytes;
use miro_source_tests::stage::{HOUR, ORIGIN};
use simulator::{Organization, Settings, Spec, World};

/// The hours before [`ORIGIN`] that [`records`] are spread over.
const HOURS: u64 = 12;

/// So many of Miro's objects, about 1.1 KB each, in order of time, from the 12 hours before [`ORIGIN`].
pub(crate) fn records(events: usize) -> Vec<String> {
    let spec = Spec { from: ORIGIN - HOURS * HOUR, to: ORIGIN, events, late_share: 0.0, ..Spec::default() };
    World::new(Organization::generate(11, spec), Settings::default()).visible(ORIGIN)
}

/// The bodies of answers with so many of them each. The last one has no cursor.
pub(crate) fn bodies(records: &[String], limit: usize) -> Vec<Bytes> {
    let pages: Vec<_> = records.chunks(limit).collect();
    let last = pages.len();
    let body = |(at, page): (usize, &&[String])| {
        let cursor = if at + 1 < last { format!("\"cursor\":\"2026-06-01T00:00:00Z#{at}\",") } else { String::new() };
        let (size, data) = (page.len(), page.join(","));
        Bytes::from(format!("{{\"limit\":{limit},\"size\":{size},{cursor}\"type\":\"cursor-list\",\"data\":[{data}]}}"))
    };
    pages.iter().enumerate().map(body).collect()
}
