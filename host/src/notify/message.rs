//! What is said, whatever way it goes: who, what, when, from where, why, and the command to look at it.

use sha2::{Digest as _, Sha256};

use super::{Missed, Told};
use crate::{
    alert::{Activity, Alert, Form, Severity, State},
    condition::Known,
    model::{ChannelName, Instant},
    neutral::brief,
};

/// Characters of a title, and of any other line.
const TITLE: usize = 200;
const LINE: usize = 500;
/// Characters of an address: more than any has.
const ADDRESS: usize = 60;
/// Reasons and addresses that are said; the rest is counted.
const REASONS: usize = 8;
const ADDRESSES: usize = 10;

/// One message to one channel.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// To which.
    pub channel: &'a ChannelName,
    /// When it is said.
    pub at: Instant,
    /// What.
    pub said: Said<'a>,
}

/// What is said.
#[derive(Clone, Copy, Debug)]
pub enum Said<'a> {
    /// An alert is new, changed or over.
    Alert {
        /// Which.
        alert: &'a Alert,
        /// What of it.
        activity: Activity,
        /// What the channel knew.
        told: Option<&'a Told>,
    },
    /// Something is so, got worse, or is over.
    Condition {
        /// What.
        known: &'a Known,
        /// What of it.
        activity: Activity,
        /// What the channel knew.
        told: Option<&'a Told>,
    },
    /// What it was not told.
    Missed(Missed),
    /// It works.
    Test,
}

impl Message<'_> {
    /// What happened, in a word.
    pub fn event(&self) -> &'static str {
        match self.said {
            Said::Alert { activity: Activity::Create, .. } => "raised",
            Said::Alert { activity: Activity::Update, .. } => "updated",
            Said::Alert { activity: Activity::Close, .. } => "closed",
            Said::Condition { activity: Activity::Create, .. } => "begun",
            Said::Condition { activity: Activity::Update, .. } => "worse",
            Said::Condition { activity: Activity::Close, .. } => "resolved",
            Said::Missed(_) => "missed",
            Said::Test => "test",
        }
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        match self.said {
            Said::Alert { alert, .. } => alert.story.severity,
            Said::Condition { known, .. } => known.condition.severity,
            Said::Missed(_) => Severity::Medium,
            Said::Test => Severity::Informational,
        }
    }

    /// The same for all that is said of one behaviour: the alert's fingerprint.
    pub fn dedup_key(&self) -> String {
        match self.said {
            Said::Alert { alert, .. } => {
                let form = match alert.form {
                    Form::Single => "single",
                    Form::Limit => "limit",
                    Form::Incident(_) => "incident",
                };
                digest(&[alert.source.as_str(), &alert.policy, form, &alert.key])
            }
            Said::Condition { known, .. } => digest(&["condition", known.condition.key().as_str()]),
            Said::Missed(Missed::Withheld { since, .. }) => digest(&[self.channel.as_str(), "withheld", &since.to_string()]),
            Said::Missed(Missed::Lapsed { since, .. }) => digest(&[self.channel.as_str(), "lapsed", &since.to_string()]),
            Said::Test => digest(&[self.channel.as_str(), "test"]),
        }
    }

    /// Names this message: the same when it is sent again, another for the next about the same alert.
    pub fn delivery(&self) -> String {
        self.numbered(match self.said {
            Said::Alert { told, .. } | Said::Condition { told, .. } => told.map_or(0, |told| told.times),
            Said::Missed(_) => 0,
            // Each is one of its own.
            Said::Test => self.at.0,
        })
    }

    /// The name of the first message about the same alert, where this is a later one.
    pub fn first(&self) -> Option<String> {
        match self.said {
            Said::Alert { told: Some(_), .. } | Said::Condition { told: Some(_), .. } => Some(self.numbered(0)),
            _ => None,
        }
    }

    fn numbered(&self, nth: u64) -> String {
        let about = match self.said {
            // A number of one store may be another alert's in a store that was begun anew.
            Said::Alert { alert, .. } => format!("{}/{}/{}", alert.source, alert.id, alert.raised),
            _ => self.dedup_key(),
        };
        digest(&[self.channel.as_str(), &about, &nth.to_string()])
    }

    /// In one line.
    pub fn title(&self) -> String {
        match self.said {
            Said::Alert { alert, activity, told } => {
                let title = brief(&alert.story.title, TITLE);
                match (activity, &alert.state) {
                    (Activity::Close, State::Closed(closure)) => format!("Closed as {}: {title}", closure.verdict.as_str()),
                    (Activity::Update, _) if told.is_some_and(|told| alert.story.severity > told.severity) => format!("Graver: {title}"),
                    (Activity::Update, _) => format!("Goes on: {title}"),
                    _ => title,
                }
            }
            Said::Condition { known, activity, .. } => {
                let title = brief(&known.condition.title, TITLE);
                match activity {
                    Activity::Create => title,
                    Activity::Update => format!("Worse: {title}"),
                    Activity::Close => format!("Resolved: {title}"),
                }
            }
            Said::Missed(Missed::Withheld { count, .. }) => {
                format!("{} not sent: the limit of this channel was reached", messages(count))
            }
            Said::Missed(Missed::Lapsed { count, .. }) => format!("{} not told: this channel did not work for too long", alerts(count)),
            Said::Test => "A test: this channel works".to_owned(),
        }
    }

    /// Title and how bad it is, as a heading.
    pub fn heading(&self) -> String {
        match self.said {
            Said::Alert { .. } | Said::Condition { .. } => format!("[{}] {}", self.severity().as_str(), self.title()),
            _ => self.title(),
        }
    }

    /// What is known, each under its name, one line each.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        match self.said {
            Said::Alert { alert, .. } => facts(alert),
            Said::Condition { known, .. } => course(known),
            Said::Missed(Missed::Withheld { since, until, .. }) => vec![("When", format!("{since} to {until}"))],
            Said::Missed(Missed::Lapsed { since, .. }) => vec![("Since", since.to_string())],
            Said::Test => vec![("Channel", self.channel.to_string()), ("When", self.at.to_string())],
        }
    }

    /// Why, in sentences.
    pub fn reasons(&self) -> Vec<String> {
        let known = match self.said {
            Said::Alert { alert, .. } => &alert.story.reasons,
            // Why it was so is no news any more.
            Said::Condition { known, activity, .. } if activity != Activity::Close => &known.condition.reasons,
            _ => return Vec::new(),
        };
        let mut reasons: Vec<String> = known.iter().take(REASONS).map(|reason| brief(reason, LINE)).collect();
        let more = known.len().saturating_sub(REASONS);
        if more > 0 {
            reasons.push(format!("and {more} more"));
        }
        if let Said::Condition { known, .. } = self.said {
            reasons.push(format!("What to do: {}", brief(&known.condition.advice, LINE)));
        }
        reasons
    }

    /// The command to look at it.
    pub fn command(&self) -> String {
        match self.said {
            Said::Alert { alert, .. } => format!("miro-source alerts show {}", alert.id),
            Said::Condition { .. } => "miro-source status".to_owned(),
            Said::Missed(Missed::Withheld { since, .. } | Missed::Lapsed { since, .. }) => {
                format!("miro-source alerts list --state all --since {since}")
            }
            Said::Test => format!("miro-source notify test {}", self.channel),
        }
    }
}

fn course(known: &Known) -> Vec<(&'static str, String)> {
    let condition = &known.condition;
    let mut facts = vec![("About", brief(&condition.subject, TITLE)), ("Kind", condition.kind.to_string())];
    if condition.since > Instant::EPOCH {
        facts.push(("Since", condition.since.to_string()));
    }
    facts.push(("Noticed", known.begun.to_string()));
    facts.extend(known.ended.map(|ended| ("Over", ended.to_string())));
    facts
}

fn facts(alert: &Alert) -> Vec<(&'static str, String)> {
    let (story, who) = (&alert.story, &alert.story.who);
    let mut facts = Vec::new();
    let known: Vec<String> = [&who.name, &who.email, &who.id].into_iter().flatten().map(|text| brief(text, TITLE)).collect();
    if !known.is_empty() {
        facts.push(("Who", known.join(", ")));
    }
    if !story.addresses.is_empty() {
        let mut from: Vec<String> = story.addresses.iter().take(ADDRESSES).map(|text| brief(text, ADDRESS)).collect();
        let more = story.addresses.len().saturating_sub(ADDRESSES);
        if more > 0 {
            from.push(format!("and {more} more"));
        }
        facts.push(("From", from.join(", ")));
    }
    facts.push(("When", if story.start == story.end { story.end.to_string() } else { format!("{} to {}", story.start, story.end) }));
    facts.push(("Policy", format!("{} of source {}", brief(&alert.policy, TITLE), alert.source)));
    let state = match &alert.state {
        State::Open => "open".to_owned(),
        State::InProgress { who } => format!("in progress with {}", brief(who, TITLE)),
        State::Closed(closure) => {
            let comment = closure.comment.as_ref().map(|comment| format!(": {}", brief(comment, LINE))).unwrap_or_default();
            format!("closed by {} as {}{comment}", brief(&closure.who, TITLE), closure.verdict.as_str())
        }
    };
    let seen = if alert.count == 1 { String::new() } else { format!(", seen {} times", alert.count) };
    facts.push(("Alert", format!("{}, {state}{seen}", alert.id)));
    facts
}

fn messages(count: u64) -> String {
    if count == 1 { "1 message".to_owned() } else { format!("{count} messages") }
}

fn alerts(count: u64) -> String {
    if count == 1 { "1 alert".to_owned() } else { format!("{count} alerts") }
}

/// A name made of parts that may hold anything.
fn digest(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_be_bytes());
        digest.update(part.as_bytes());
    }
    hex::encode(digest.finalize()).chars().take(32).collect()
}
