//! Scores, for people.

use std::{collections::BTreeMap, fmt::Write as _};

use organization::{Kind, Settings};

use crate::score::Score;

/// Everything.
pub(crate) fn whole(scores: &[Score], settings: &Settings) -> String {
    let mut text = format!("{} organizations, each of {} people over {} days\n\n", scores.len(), settings.users, settings.days);
    let _ = writeln!(text, "{:<24} {:>7} {:>7} {:>8}  {:<16} {:>10}", "attack", "of", "found", "recall", "95 % interval", "worst seed");
    for kind in Kind::ALL {
        let each: Vec<(usize, usize)> = scores.iter().filter_map(|score| score.kinds.get(&kind)).copied().collect();
        row(&mut text, &kind.to_string(), &each, 0.8);
    }
    let each: Vec<(usize, usize)> = scores.iter().map(Score::all).collect();
    row(&mut text, "all", &each, 0.95);
    let _ = writeln!(text, "\n{:<24} {:>7} {:>7} {:>10}  {:<16}", "rule", "right", "wrong", "precision", "95 % interval");
    let mut rules: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (rule, (right, wrong)) in scores.iter().flat_map(|score| &score.rules) {
        let (rights, wrongs) = rules.entry(rule).or_default();
        *rights += right;
        *wrongs += wrong;
    }
    let (mut rights, mut wrongs) = (0, 0);
    for (rule, (right, wrong)) in rules {
        (rights, wrongs) = (rights + right, wrongs + wrong);
        precision(&mut text, rule, right, wrong);
    }
    precision(&mut text, "all", rights, wrongs);
    let mut wrong: Vec<f64> = scores.iter().map(|score| score.wrong).collect();
    wrong.sort_by(f64::total_cmp);
    let mean = wrong.iter().sum::<f64>() / wrong.len().max(1) as f64;
    let worst = wrong.last().copied().unwrap_or_default();
    let verdict = if worst <= 1.0 { "ok" } else { "MISSED" };
    let _ = writeln!(
        text,
        "\nwrong alerts for 5,000 users a day: {mean:.2} on average, {worst:.2} in the worst organization (at most 1: {verdict})"
    );
    text
}

/// What was missed and what was wrong, most frequent first.
pub(crate) fn details(scores: &[Score]) -> String {
    let mut text = String::from("\nmissed:\n");
    for (kind, variant, began) in scores.iter().flat_map(|score| &score.missed) {
        let _ = writeln!(text, "  {kind}, {variant}: {began}");
    }
    text.push_str("\nwrong, up to sixty of each rule:\n");
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for (rule, reasons) in scores.iter().flat_map(|score| &score.examples) {
        let count = told.entry(rule).or_default();
        *count += 1;
        if *count <= 60 {
            let _ = writeln!(text, "  {rule}: {}", reasons.join("; "));
        }
    }
    text
}

/// The heading of [`line`].
pub(crate) fn heading() -> String {
    format!("{:<44} {:>8} {:>14} {:>10} {:>12}", "setting", "recall", "worst kind", "precision", "wrong a day")
}

/// One way to set it, in a line.
pub(crate) fn line(what: &str, scores: &[Score]) -> String {
    let (all, found) = scores.iter().map(Score::all).fold((0, 0), |(all, found), (more, some)| (all + more, found + some));
    let worst = Kind::ALL
        .into_iter()
        .map(|kind| {
            let (all, found) = scores
                .iter()
                .filter_map(|score| score.kinds.get(&kind))
                .fold((0, 0), |(all, found), (more, some)| (all + more, found + some));
            part(found, all)
        })
        .fold(1.0, f64::min);
    let (right, wrong) =
        scores.iter().flat_map(|score| score.rules.values()).fold((0, 0), |(right, wrong), (more, some)| (right + more, wrong + some));
    let day = scores.iter().map(|score| score.wrong).sum::<f64>() / scores.len().max(1) as f64;
    format!("{what:<44} {:>8.3} {worst:>14.3} {:>10.3} {day:>12.2}", part(found, all), part(right, right + wrong))
}

fn row(text: &mut String, name: &str, each: &[(usize, usize)], target: f64) {
    let (all, found) = each.iter().fold((0, 0), |(all, found), (more, some)| (all + more, found + some));
    let worst = each.iter().map(|(all, found)| part(*found, *all)).fold(1.0, f64::min);
    let (low, high) = wilson(found, all);
    let verdict = if worst >= target { "ok" } else { "MISSED" };
    let _ = writeln!(
        text,
        "{name:<24} {all:>7} {found:>7} {:>8.3}  {low:.3} to {high:.3}   {worst:>10.3} (at least {target}: {verdict})",
        part(found, all)
    );
}

fn precision(text: &mut String, rule: &str, right: usize, wrong: usize) {
    let (low, high) = wilson(right, right + wrong);
    let _ = writeln!(text, "{rule:<24} {right:>7} {wrong:>7} {:>10.3}  {low:.3} to {high:.3}", part(right, right + wrong));
}

fn part(some: usize, all: usize) -> f64 {
    if all == 0 { 1.0 } else { some as f64 / all as f64 }
}

/// Wilson's interval of a share, at 95 %.
fn wilson(some: usize, all: usize) -> (f64, f64) {
    if all == 0 {
        return (0.0, 1.0);
    }
    let (n, z) = (all as f64, 1.96);
    let p = some as f64 / n;
    let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}
