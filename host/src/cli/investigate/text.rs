//! The report as a tired person reads it: sections of aligned lines.

use std::{fmt::Write as _, time::Duration};

use super::Report;
use crate::{
    alert::{State, Who},
    cli::{alerts, behaviours, respond, status::short},
    investigate::{Circle, Common, Compared, Counts, Fact, Found, Others, Seen, Usual},
    neutral::{brief, visible},
};

/// How much of a name a line holds.
const NAME: usize = 60;

/// All of it.
pub(super) fn report(report: &Report) -> String {
    let mut text = match &report.alert {
        Some(shown) => shown.text(),
        None => format!("{}\n", visible(&report.subject)),
    };
    let found = &report.found;
    log(&mut text, report);
    named(&mut text, found);
    seen(&mut text, report);
    compared(&mut text, &found.compared, found.usual.days);
    usual(&mut text, report);
    for circle in &found.circles {
        around(&mut text, circle);
    }
    found.others.iter().for_each(|each| others(&mut text, each));
    section(&mut text, "other alerts of the user or the addresses");
    match report.alerts.is_empty() {
        true => line(&mut text, "none"),
        false => text.push_str(&alerts::lines(&report.alerts)),
    }
    for alert in report.alerts.iter().filter(|alert| alert.state != State::Open) {
        line(&mut text, &format!("alert {}: {}", alert.id, alerts::state(&alert.state)));
    }
    section(&mut text, "other behaviours of the user or the addresses");
    if report.behaviours.is_empty() {
        line(&mut text, "none");
    }
    report.behaviours.iter().for_each(|each| line(&mut text, &behaviours::lines(each).replace('\n', "\n  ")));
    if !report.responses.is_empty() {
        section(&mut text, "what was done to the user, or about the alert");
        text.push_str(&respond::lines(&report.responses));
    }
    text
}

fn events(count: u64) -> String {
    format!("{count} {}", if count == 1 { "event" } else { "events" })
}

fn days(count: impl Into<i64>) -> String {
    let count = count.into();
    format!("{count} {}", if count == 1 { "day" } else { "days" })
}

fn section(text: &mut String, title: &str) {
    let _ = write!(text, "\n{title}\n");
}

fn line(text: &mut String, what: &str) {
    let _ = writeln!(text, "  {what}");
}

fn log(text: &mut String, report: &Report) {
    let Found { log, .. } = &report.found;
    section(text, "the log");
    match log.count {
        0 => line(text, "no event is kept"),
        count => line(text, &format!("{}, {} to {}", events(count), log.first, log.last)),
    }
    line(text, &format!("records are forgotten {} days after they came and were delivered (`[store] retention`)", report.retention_days));
    if report.forgotten > 0 {
        line(text, &format!("{} of the events that the alert rests on are not kept any more", report.forgotten));
    }
    if log.count > 0 && log.first > report.since {
        let before = format!("nothing is kept from before {}: what is called new may have been there before", log.first);
        line(text, &before);
    }
}

fn named(text: &mut String, found: &Found) {
    if found.named.len() < 2 {
        return;
    }
    section(text, "who answers to that; name one by the identifier to see them alone");
    for named in &found.named {
        line(text, &format!("{:<60}  {}", who(&named.who), spell(&named.seen)));
    }
    if found.crowded {
        line(text, "… and more");
    }
}

fn seen(text: &mut String, report: &Report) {
    section(text, "first and last seen");
    let found = &report.found;
    if found.seen.count == 0 {
        line(text, "never in the log as it is kept");
    } else if !found.named.is_empty() {
        line(
            text,
            &format!(
                "{:<10}  {:<40}  {}",
                "user",
                found.named.first().map(|named| who(&named.who)).unwrap_or_default(),
                spell(&found.seen)
            ),
        );
    }
    for kept in &found.kept {
        line(text, &format!("{:<10}  {:<40}  {}", kept.attribute.as_str(), brief(&kept.value, NAME), spell(&kept.seen)));
    }
}

fn compared(text: &mut String, compared: &[Compared], active: u32) {
    if compared.is_empty() {
        return;
    }
    section(text, &format!("its events beside the 30 days before, on {active} of which the user was active"));
    for each in compared {
        let last = match each.last_seen_days {
            ..0 => "first time".to_owned(),
            0 => "within a day".to_owned(),
            last => format!("{} before", days(last)),
        };
        let word = match each.uncommon {
            Some(true) => "uncommon",
            Some(false) => "usual",
            None => "nothing to compare with",
        };
        let value = brief(&each.value, NAME);
        let often = format!("on {} of {}", each.days, days(each.of_days));
        line(text, &format!("{:<10}  {value:<40}  {:>10}  {last:<16}  {often:<16}  {word}", each.attribute.as_str(), events(each.now)));
    }
}

fn usual(text: &mut String, report: &Report) {
    let Usual { days: active, events: all, failed, actions, countries, networks, addresses, user_agents, hours } = &report.found.usual;
    section(text, &format!("30 days from {}", report.since));
    line(text, &format!("{}, {failed} of them failed, on {}", events(*all), days(*active)));
    for (name, counts) in
        [("actions", actions), ("countries", countries), ("networks", networks), ("addresses", addresses), ("user agents", user_agents)]
    {
        if let Some(listed) = listed(counts) {
            line(text, &format!("{name:<11}  {listed}"));
        }
    }
    let busy = hours.iter().enumerate().filter(|(_, count)| **count > 0).map(|(hour, count)| format!("{hour:02}:00 {count}"));
    let busy: Vec<String> = busy.collect();
    if !busy.is_empty() {
        line(text, &format!("{:<11}  {}", "hours UTC", busy.join(", ")));
    }
}

fn listed(counts: &Counts) -> Option<String> {
    let mut parts: Vec<String> = counts.values.iter().map(|(value, count)| format!("{} {count}", brief(value, NAME))).collect();
    if counts.more > 0 {
        parts.push(format!("{} more", counts.more));
    }
    if counts.beyond > 0 {
        parts.push(format!("{} of others that are not told apart", events(counts.beyond)));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn around(text: &mut String, circle: &Circle) {
    let what = match circle.same {
        Common::User => "by the user",
        Common::Target => "by others upon the user",
        Common::Type => "of the same type",
        Common::Address => "from the same address",
        Common::Location => "from the same country",
    };
    let values: Vec<String> = circle.values.iter().map(|value| brief(value, NAME)).collect();
    let values = if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) };
    section(text, &format!("{what}{values}: {}, {} to {}", events(circle.count), circle.from, circle.to));
    circle.events.iter().for_each(|fact| line(text, &self::fact(fact)));
    if circle.events.iter().any(|fact| fact.evidence) {
        line(text, "* the alert rests on it");
    }
    let shown = u64::try_from(circle.events.len()).unwrap_or_default();
    if circle.count > shown {
        line(text, &format!("{} more: `--most N` shows them", circle.count - shown));
    }
}

fn fact(fact: &Fact) -> String {
    let mark = if fact.evidence { "*" } else { " " };
    let outcome = if fact.failed { "failed" } else { "" };
    let place = format!("{} {}", fact.address.as_deref().unwrap_or("-"), fact.country.as_deref().unwrap_or(""));
    let object = fact.object.as_deref().map(|object| brief(object, NAME)).unwrap_or_default();
    let told = format!(
        "{:>10} {mark} {}  {:<30}  {:<28}  {outcome:<6}  {:<24}  {object}",
        fact.seq.0,
        fact.time,
        brief(fact.who.shown(), 30),
        brief(&fact.action, 40),
        brief(&place, 48),
    );
    told.trim_end().to_owned()
}

fn others(text: &mut String, others: &Others) {
    section(text, &format!("others at {}: {}", brief(&others.address, NAME), others.count));
    for (user, seen) in &others.users {
        line(text, &format!("{:<40}  {}", brief(user, NAME), spell(seen)));
    }
    if others.count > others.users.len() {
        line(text, &format!("{} more", others.count - others.users.len()));
    }
    if others.beyond > 0 {
        line(text, &format!("and {} of users that are not told apart", events(others.beyond)));
    }
}

fn spell(seen: &Seen) -> String {
    match seen.count {
        0 => "never in the log as it is kept".to_owned(),
        1 => format!("{}, once", seen.first),
        count => {
            let between = short(Duration::from_millis(seen.last.0.saturating_sub(seen.first.0)));
            format!("{} to {}, {count} events within {between}", seen.first, seen.last)
        }
    }
}

fn who(who: &Who) -> String {
    let known: Vec<&str> = [&who.name, &who.email, &who.id].into_iter().flatten().map(String::as_str).collect();
    brief(&known.join(", "), NAME)
}
