//! A report, and a difference, as a person reads them.

use std::collections::BTreeMap;

use super::{Report, difference::Difference};
use crate::{
    detect::Raised,
    neutral::{brief, visible},
};

/// The widest bar of the plot.
const WIDEST: usize = 40;

/// One way to judge.
pub(super) fn report(report: &Report, details: bool) -> String {
    let mut lines = vec![format!("{} events judged; {} alerts would have been raised", report.events, report.raised.len())];
    if report.withheld > 0 {
        lines.push(format!("{} more were past a policy's daily limit", report.withheld));
    }
    if report.behaviours > 0 {
        lines.push(format!("{} findings of rules that raise no alert", report.behaviours));
    }
    if report.raised.is_empty() {
        return lines.join("\n");
    }
    let all: Vec<&Raised> = report.raised.iter().collect();
    lines.push(String::new());
    let policies = counted(&all, policy);
    let widest = widest(policies.keys());
    lines.extend(policies.iter().map(|(policy, count)| format!("{policy:<widest$}  {count:>6}")));
    lines.push(String::new());
    let days = counted(&all, day);
    let most = days.values().copied().max().unwrap_or(1);
    lines.extend(days.iter().map(|(day, count)| format!("{day}  {count:>5}  {}", bar(*count, most, '#'))));
    if details {
        lines.push(String::new());
        all.iter().for_each(|raised| detail(&mut lines, raised));
    }
    lines.join("\n")
}

/// Two ways to judge: what both raise is `=`, what only one does `a` or `b`.
pub(super) fn difference(found: &Difference, details: bool) -> String {
    let Difference { a, b, both, only_a, only_b } = found;
    let both: Vec<&Raised> = both.iter().map(|(ours, _)| ours).collect();
    let (only_a, only_b): (Vec<&Raised>, Vec<&Raised>) = (only_a.iter().collect(), only_b.iter().collect());
    let mut lines = vec![
        format!("a: {}, {} alerts", visible(a), both.len() + only_a.len()),
        format!("b: {}, {} alerts", visible(b), both.len() + only_b.len()),
        format!("{} are raised by both, {} only by a, {} only by b", both.len(), only_a.len(), only_b.len()),
    ];
    for of in [policy, day] {
        let columns = [&both, &only_a, &only_b].map(|column| counted(column, of));
        let names: std::collections::BTreeSet<&String> = columns.iter().flat_map(BTreeMap::keys).collect();
        if names.is_empty() {
            continue;
        }
        let at = |column: &BTreeMap<String, u64>, name: &String| column.get(name).copied().unwrap_or_default();
        let most = names.iter().map(|name| columns.iter().map(|column| at(column, name)).sum()).max().unwrap_or(1);
        let widest = widest(names.iter().copied());
        lines.extend([String::new(), format!("{:<widest$}  {:>6}  {:>6}  {:>6}", "", "both", "only a", "only b")]);
        for name in names {
            let [same, ours, theirs] = columns.each_ref().map(|column| at(column, name));
            let bars = format!("{}{}{}", bar(same, most, '='), bar(ours, most, 'a'), bar(theirs, most, 'b'));
            lines.push(format!("{name:<widest$}  {same:>6}  {ours:>6}  {theirs:>6}  {bars}"));
        }
    }
    if details {
        for (title, column) in [("only a", &only_a), ("only b", &only_b)] {
            lines.extend([String::new(), title.to_owned()]);
            column.iter().for_each(|raised| detail(&mut lines, raised));
        }
    }
    lines.join("\n")
}

fn policy(raised: &Raised) -> String {
    brief(&raised.policy, 80)
}

fn day(raised: &Raised) -> String {
    raised.end.to_string().chars().take(10).collect()
}

fn counted(all: &[&Raised], of: fn(&Raised) -> String) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for raised in all {
        *counts.entry(of(raised)).or_default() += 1;
    }
    counts
}

fn widest<'a>(names: impl Iterator<Item = &'a String>) -> usize {
    names.map(|name| name.chars().count()).max().unwrap_or_default()
}

fn bar(count: u64, most: u64, of: char) -> String {
    let length = usize::try_from(count).unwrap_or_default().saturating_mul(WIDEST).div_ceil(usize::try_from(most).unwrap_or(1).max(1));
    std::iter::repeat_n(of, length).collect()
}

fn detail(lines: &mut Vec<String>, raised: &Raised) {
    let Raised { source, policy, severity, user, end, reasons, count, .. } = raised;
    lines.push(format!("{end}  {:<6}  {}  {source}  {}", severity.as_str(), visible(policy), brief(user, 80)));
    lines.extend(reasons.iter().map(|reason| format!("    {}", visible(reason))));
    if *count > 1 {
        lines.push(format!("    {count} findings"));
    }
}
