//! Why the host is not ready.

use super::sight::Seen;
use crate::{
    neutral::{brief, visible},
    schedule::{Remedy, Status},
};

/// The longest reason, in characters.
const REASON: usize = 1000;

/// Why the host is not ready, a line each; empty where it is. Ready is where every source has begun and nothing needs a person: what
/// heals by itself, however long that takes, is no reason.
pub fn reasons(seen: &Seen) -> Vec<String> {
    let mut reasons = Vec::new();
    if seen.stopping {
        reasons.push("the host is stopping".to_owned());
    }
    if !seen.alive {
        reasons.push("a task of the host failed: it stops, see its log".to_owned());
    }
    reasons.extend(seen.refused.iter().cloned());
    reasons.extend(seen.sources.iter().filter_map(source));
    for (what, of) in [("sink", &seen.sinks), ("bringing alerts to sink", &seen.alerts)] {
        for (name, status) in of {
            if let Some(trouble) = status.state.person() {
                reasons.push(format!("{what} `{name}` needs a person since {}: {}", trouble.since, trouble.reason));
            }
        }
    }
    reasons.iter().map(|reason| brief(reason, REASON)).collect()
}

fn source(status: &Status) -> Option<String> {
    let name = &status.source;
    match &status.problem {
        Some(problem) if problem.remedy != Remedy::Wait => {
            Some(format!("source `{name}` needs a person since {}: {}", problem.since, problem.message))
        }
        _ if status.initialized() => None,
        Some(problem) => Some(format!("source `{name}` has not begun: {}", problem.message)),
        None => Some(format!("source `{name}` has not begun: it is {}", status.state.as_str())),
    }
}

/// How it is doing, in a line.
pub fn line(seen: &Seen) -> String {
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let there = format!("{}, {}", count(seen.sources.len(), "source"), count(seen.sinks.len(), "sink"));
    let reasons = reasons(seen);
    match reasons.as_slice() {
        [] => format!("{there}: ready"),
        [only] => format!("{there}: {}", visible(only)),
        [first, more @ ..] => format!("{there}: {} (and {} more)", visible(first), more.len()),
    }
}
