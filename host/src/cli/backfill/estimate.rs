//! What a backfill takes: pages, bytes, time and the vendor's units, from a few probes.

use std::time::Duration;

use audit_pipeline::source::Allowance;

use super::probe::{Probe, Sampled, length};
use crate::{cli::status::short, model::Instant, neutral::visible};

const DAY: f64 = 86_400_000.0;

/// How much of the vendor's limit a backfill may use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Share {
    /// `history_share` of the source's `config`.
    Configured(f64),
    /// Half.
    Default,
}

impl Share {
    /// What the source's `config` says.
    pub(super) fn of(config: &serde_json::Value) -> Self {
        let share = config.get("history_share").and_then(serde_json::Value::as_f64);
        share.filter(|share| *share > 0.0 && *share <= 1.0).map_or(Self::Default, Self::Configured)
    }

    fn value(self) -> f64 {
        match self {
            Self::Configured(share) => share,
            Self::Default => 0.5,
        }
    }
}

/// What it takes.
#[derive(Clone, Debug)]
pub(super) struct Estimate {
    allowance: Allowance,
    share: Share,
    span: u64,
    size: Option<Size>,
    probes: usize,
    trouble: Option<String>,
}

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Size {
    /// Events, in all.
    pub(super) events: f64,
    /// Pages, in all.
    pub(super) pages: f64,
    /// Bytes of records, in all.
    pub(super) bytes: f64,
    /// Events a day where they lie thinnest and densest.
    pub(super) daily: (f64, f64),
    /// The median answer.
    pub(super) took: Duration,
}

impl Size {
    /// From probes over `span` milliseconds; `None` from none.
    pub(super) fn of(probes: &[Probe], span: u64, page: u32) -> Option<Self> {
        let rates: Vec<f64> = probes.iter().map(|probe| probe.events as f64 / probe.covered as f64).collect();
        let rate = mean(rates.iter().copied())?;
        // A page that ended only because the stretch did says nothing of how much time a page covers.
        let paced = mean(probes.iter().filter(|probe| !probe.cut).map(|probe| 1.0 / probe.covered as f64));
        let sampled: u64 = probes.iter().map(|probe| probe.events).sum();
        let bytes: u64 = probes.iter().map(|probe| probe.bytes).sum();
        let events = rate * span as f64;
        let mut took: Vec<Duration> = probes.iter().map(|probe| probe.took).collect();
        took.sort();
        Some(Self {
            events,
            pages: (events / f64::from(page.max(1))).max(paced.unwrap_or(0.0) * span as f64).ceil().max(1.0),
            bytes: if sampled == 0 { 0.0 } else { events * bytes as f64 / sampled as f64 },
            daily: rates.iter().fold((f64::MAX, 0.0), |(low, high), rate| (low.min(rate * DAY), high.max(rate * DAY))),
            took: took.get(took.len() / 2).copied().unwrap_or_default(),
        })
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

impl Estimate {
    /// From what the component says of its meter and what the probes brought.
    pub(super) fn new(allowance: &Allowance, share: Share, spans: &[(Instant, Instant)], sampled: &Sampled) -> Self {
        let span = spans.iter().map(|(start, end)| length(*start, *end)).sum();
        Self {
            allowance: allowance.clone(),
            share,
            span,
            size: Size::of(&sampled.probes, span, allowance.events),
            probes: sampled.probes.len(),
            trouble: sampled.trouble.clone(),
        }
    }

    /// Pages, where anything is known.
    pub(super) fn pages(&self) -> Option<u64> {
        self.size.map(|size| size.pages as u64)
    }

    /// Pages a minute that the share of the vendor's limit pays for.
    fn pace(&self) -> f64 {
        f64::from(self.allowance.budget) * self.share.value() / f64::from(self.allowance.cost.max(1))
    }

    /// For people.
    pub(super) fn lines(&self) -> Vec<String> {
        let Allowance { events, cost, budget, unit } = &self.allowance;
        let unit = visible(unit);
        let mut lines = Vec::new();
        if let Some(trouble) = &self.trouble {
            lines.push(format!("sampling ended early: {trouble}"));
        }
        let whence = match self.share {
            Share::Configured(_) => "history_share of its config",
            Share::Default => "the default; history_share in its config changes it",
        };
        let percent = self.share.value() * 100.0;
        let Some(size) = self.size else {
            let days = short(Duration::from_millis(self.span));
            lines.push(format!("how many events lie in these {days} is not known; a page holds up to {events} and costs {cost} {unit}"));
            lines.push(format!("at most {percent:.0} % of the vendor's limit of {budget} {unit} a minute is used ({whence})"));
            return lines;
        };
        let (low, high) = size.daily;
        lines.push(format!(
            "about {} events ({} to {} a day in {} samples, which cost {} {unit})",
            count(size.events),
            count(low),
            count(high),
            self.probes,
            count(self.probes as f64 * f64::from(*cost)),
        ));
        lines.push(format!("about {} pages and {}", count(size.pages), bytes(size.bytes)));
        let by_limit = size.pages / self.pace().max(f64::MIN_POSITIVE) * 60.0;
        let by_answers = size.pages * size.took.as_secs_f64();
        let seconds = by_limit.max(by_answers);
        let used = size.pages * f64::from(*cost) / (seconds / 60.0).max(1.0) / f64::from((*budget).max(1)) * 100.0;
        lines.push(format!("about {} at the pace of the samples", short(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))));
        lines.push(format!(
            "about {} {unit}: {used:.0} % of the vendor's limit of {} a minute while it lasts, never over {percent:.0} % ({whence})",
            count(size.pages * f64::from(*cost)),
            count(f64::from(*budget)),
        ));
        lines
    }
}

/// A number with its thousands apart.
pub(super) fn count(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn bytes(bytes: f64) -> String {
    match bytes {
        large if large >= 1e8 => format!("{:.1} GB", large / 1e9),
        medium if medium >= 1e5 => format!("{:.1} MB", medium / 1e6),
        small => format!("{:.1} kB", small / 1e3),
    }
}
