//! How far a backfill is, in one line.

use std::{io::IsTerminal as _, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::estimate::count;
use crate::{cli::status::short, model::Instant, store::History};

/// How often a line is printed where there is no terminal.
const EVERY: Duration = Duration::from_secs(10);

/// Where the backfills stand together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Standing {
    /// How much time is read, of `total`, in milliseconds.
    pub(super) read: u64,
    /// How much time there is.
    pub(super) total: u64,
    /// Events stored.
    pub(super) events: u64,
    /// The latest instant read.
    pub(super) through: Option<Instant>,
}

impl Standing {
    /// Of these.
    pub(super) fn of(histories: &[History]) -> Self {
        let mut sum = Self::default();
        for history in histories {
            let total = history.end.0.saturating_sub(history.start.0);
            sum.total += total;
            sum.read += if history.finished { total } else { history.through.0.saturating_sub(history.start.0).min(total) };
            sum.events += history.events;
            if !history.finished {
                sum.through = sum.through.or(Some(history.through.max(history.start)));
            }
        }
        sum
    }

    /// From 0 to 1.
    pub(super) fn share(&self) -> f64 {
        if self.total == 0 { 1.0 } else { self.read as f64 / self.total as f64 }
    }

    /// What it says, given where it stood `ago`.
    pub(super) fn line(&self, first: &Self, ago: Duration, pages: Option<u64>) -> String {
        let mut line = format!("{} events", count(self.events as f64));
        if let Some(pages) = pages {
            let done = (self.share() - first.share()) / (1.0 - first.share()).max(f64::MIN_POSITIVE) * pages as f64;
            line.push_str(&format!(", page {} of about {}", count(done), count(pages as f64)));
        }
        let seconds = ago.as_secs_f64();
        if seconds >= 1.0 {
            line.push_str(&format!(", {} events/s", count(self.events.saturating_sub(first.events) as f64 / seconds)));
            let gained = self.read.saturating_sub(first.read) as f64;
            if gained > 0.0 && self.read < self.total {
                let left = (self.total - self.read) as f64 / gained * seconds;
                line.push_str(&format!(", about {} left", short(Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX))));
            }
        }
        if let Some(through) = self.through {
            line.push_str(&format!(", at {through}"));
        }
        line
    }
}

/// A bar on a terminal, a line now and then elsewhere. To standard error: a sink may own the other.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    begun: std::time::Instant,
    printed: Option<(std::time::Instant, String)>,
    first: Option<Standing>,
    pages: Option<u64>,
}

impl Progress {
    /// Nothing shown yet.
    pub(super) fn new(pages: Option<u64>) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stderr());
            // The template is a constant; a plain bar is better than none.
            bar.set_style(ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}").unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { bar, begun: std::time::Instant::now(), printed: None, first: None, pages }
    }

    /// Shows it.
    pub(super) fn show(&mut self, standing: Standing) {
        let first = *self.first.get_or_insert(standing);
        let text = standing.line(&first, self.begun.elapsed(), self.pages);
        match &self.bar {
            Some(bar) => {
                bar.set_position((standing.share() * 1000.0) as u64);
                bar.set_message(text);
            }
            None => self.print(format!("{:.0} %, {text}", standing.share() * 100.0)),
        }
    }

    /// Shows what is waited for.
    pub(super) fn wait(&mut self, text: String) {
        match &self.bar {
            Some(bar) => bar.set_message(text),
            None => self.print(text),
        }
    }

    /// Says something that stays.
    pub(super) fn say(&mut self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{text}")),
            None => eprintln!("{text}"),
        }
    }

    /// The last word.
    pub(super) fn end(&mut self, text: &str) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        eprintln!("{text}");
    }

    fn print(&mut self, text: String) {
        let due = self.printed.as_ref().is_none_or(|(at, said)| at.elapsed() >= EVERY && *said != text);
        if due {
            eprintln!("{text}");
            self.printed = Some((std::time::Instant::now(), text));
        }
    }
}
