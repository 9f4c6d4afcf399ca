//! What a person reads.

use std::time::Duration;

use super::{Report, text};
use crate::{
    alert::tests::{NOON, alert, behaviour},
    cli::alerts::Shown,
    investigate::{Focus, Found, Inquiry, Keep, tests::sighting},
    model::{Instant, Seq},
};

const HOSTILE: &str = "Eve\u{1b}[2J\u{202e}\nroot";

fn found(name: &str, forgotten: bool) -> Found {
    let mut alert = alert();
    alert.story.evidence = vec![Seq(2)];
    let mut log = vec![sighting(1, NOON.0 - 90_000_000, "eve", "board_opened", ("198.51.100.1", "DE"))];
    log.push(sighting(2, NOON.0, "eve", name, ("203.0.113.7", "NG")));
    log.push(sighting(3, NOON.0 + 60_000, name, "board_opened", ("203.0.113.7", "NG")));
    let evidence = if forgotten { Vec::new() } else { log[1..2].to_vec() };
    let day = Duration::from_hours(24);
    let around = (alert.story.start.minus(day), alert.story.end.plus(day));
    let mut inquiry = Inquiry::new(Focus::alert(&alert, &evidence), around, Keep::First(5));
    log.iter().for_each(|sighting| inquiry.add(sighting));
    inquiry.found()
}

fn report(name: &str) -> Report {
    let mut other = alert();
    other.id = crate::alert::AlertId(8);
    other.story.title = name.to_owned();
    let mut each = behaviour();
    each.story.title = name.to_owned();
    Report {
        subject: "7".to_owned(),
        alert: Some(Shown { alert: alert(), history: Vec::new(), held: Vec::new(), records: None }),
        forgotten: 1,
        retention_days: 30,
        since: Instant(NOON.0 - 30 * 86_400_000),
        window: 86_400_000,
        found: found(name, false),
        alerts: vec![other],
        behaviours: vec![each],
        responses: Vec::new(),
    }
}

#[test]
fn an_alert_is_told_in_sections_of_aligned_lines() {
    insta::assert_snapshot!(text::report(&report("board_exported")));
}

#[test]
fn what_an_attacker_wrote_is_harmless_in_an_investigation() {
    let mut hostile = report(HOSTILE);
    hostile.subject = HOSTILE.to_owned();
    for alert in [hostile.alert.take(), None] {
        hostile.alert = alert;
        let text = text::report(&hostile);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("root")), "{text}");
    }
}

#[test]
fn what_retention_took_is_said() {
    let text = text::report(&report("board_exported"));
    for part in [
        "1 of the events that the alert rests on are not kept any more",
        "nothing is kept from before 2026-02-28T11:00:00.000Z: what is called new may have been there before",
        "records are forgotten 30 days after",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}
