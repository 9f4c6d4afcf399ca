//! How far a passage over the log is, on a terminal.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::model::Seq;

/// Where it is.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Up to the latest place in the log. Nothing is drawn where standard error is no terminal, or for a machine.
    pub(super) fn to(head: Seq, machine: bool) -> Self {
        let shown = !machine && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(u64::try_from(head.0).unwrap_or_default()), target);
        let style = ProgressStyle::with_template("{bar:40} {pos} of {len} events, {eta} left");
        Self(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }

    /// Read up to here.
    pub(super) fn at(&self, seq: Seq) {
        self.0.set_position(u64::try_from(seq.0).unwrap_or_default());
    }

    /// It is over: the line goes.
    pub(super) fn done(&self) {
        self.0.finish_and_clear();
    }
}
