//! What is looked at, as values.

use std::time::Duration;

use super::{Expiry, Finding};
use crate::{
    model::{ChannelName, Instant, SinkName, SourceName},
    notify, schedule, sink,
    store::{Backlog, Outbox, StoredGap},
};

/// Everything that conditions are judged by, at one moment.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// The moment.
    pub now: Instant,
    /// Every configured source.
    pub sources: Vec<SourceScene>,
    /// Every configured sink.
    pub sinks: Vec<SinkScene>,
    /// Every configured channel.
    pub channels: Vec<ChannelScene>,
    /// What the daily check found twice in a row.
    pub findings: Vec<Finding>,
    /// The certificates that it saw.
    pub certificates: Vec<Expiry>,
    /// What is configured and does not run, a sentence each, sources aside.
    pub refused: Vec<String>,
    /// Part of the configuration cannot be read: there are more sources, sinks and channels than these.
    pub partial: bool,
}

/// A source.
#[derive(Clone, Debug)]
pub struct SourceScene {
    /// Its name.
    pub name: SourceName,
    /// As its worker last noted it.
    pub status: Option<schedule::Status>,
    /// Everything up to here has been read.
    pub through: Option<Instant>,
    /// How often it polls.
    pub interval: Duration,
    /// How long the vendor keeps what is not read.
    pub keeps: Option<Duration>,
    /// What was not read and is still told of, the eldest first.
    pub lost: Vec<Lost>,
    /// Its pair of tokens, where it has one whose end is known.
    pub pair: Option<Pair>,
    /// Its event names that nothing is known of.
    pub unmapped: Vec<String>,
    /// How silent it is.
    pub quiet: Option<Quiet>,
}

/// A recorded gap that is not filled.
#[derive(Clone, Debug, PartialEq)]
pub struct Lost {
    /// The gap.
    pub gap: StoredGap,
    /// A backfill is about to fill it.
    pub read: bool,
}

/// A pair of tokens that nobody may have refreshed for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// When it was obtained.
    pub obtained: Instant,
    /// How long it lasts.
    pub lasts: Duration,
}

/// How silent a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// When the last event came.
    pub last: Instant,
    /// The gap that is usual at this time; none where too little is known.
    pub usual: Option<Duration>,
}

/// A sink.
#[derive(Clone, Debug)]
pub struct SinkScene {
    /// Its name.
    pub name: SinkName,
    /// Whose events it gets.
    pub sources: Vec<SourceName>,
    /// As its delivery last noted it.
    pub status: Option<sink::Status>,
    /// What waits for it.
    pub backlog: Vec<Backlog>,
    /// As what brings it lines about alerts and health last noted, where anything does.
    pub alerts: Option<sink::Status>,
    /// Those lines.
    pub outbox: Outbox,
}

/// A channel.
#[derive(Clone, Debug)]
pub struct ChannelScene {
    /// Its name.
    pub name: ChannelName,
    /// Whose alerts it is told of.
    pub sources: Vec<SourceName>,
    /// As its teller last noted it.
    pub status: Option<notify::Status>,
    /// What it is to be told now.
    pub waiting: u64,
}
