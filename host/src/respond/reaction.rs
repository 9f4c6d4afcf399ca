//! What an operator wants done where a policy finds something.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Action, Cause, Mail, Response, ResponseId, State, Wait};
use crate::{
    alert::{Fate, Found, Quiet, Severity, Story},
    model::{DetectorName, Instant, ResponderName, SourceName},
};

/// Characters of one value in a mail: it was written by whoever the mail is about, or worse.
const VALUE: usize = 300;

/// What an operator wants done where a policy finds something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// About whose events.
    pub source: SourceName,
    /// Where one of these finds something.
    pub policies: Vec<Trigger>,
    /// That is at least so bad.
    pub severity: Severity,
    /// Who acts.
    pub responder: ResponderName,
    /// What is done.
    pub action: Action,
    /// What `notify` says, with places to fill.
    pub mail: Option<Mail>,
    /// Not where the newest event is older than that.
    pub act_within: Duration,
    /// Not before so many people approved.
    pub approvals: u32,
    /// Whatever of it waits for a person waits for two. No part of the digest: what happens by itself is the same with and without.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub four_eyes: bool,
    /// Only what would be done is found out.
    pub dry_run: bool,
    /// What stands behind it, the policies' own text included: with another it is a new reaction.
    pub digest: String,
    /// In force since. What happened before is not its business.
    pub since: Instant,
}

/// A policy of a detector: what another detector calls the same is another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// Whose.
    pub detector: DetectorName,
    /// What its findings are called.
    pub policy: String,
}

impl Reaction {
    /// Whether it is about what this detector found.
    pub fn is_about(&self, detector: &DetectorName, found: &Found) -> bool {
        self.policies.iter().any(|each| each.detector == *detector && each.policy == found.policy)
    }
}

/// A finding with what became of it.
#[derive(Clone, Copy, Debug)]
pub struct Made<'a> {
    /// Who found it.
    pub detector: &'a DetectorName,
    /// The finding.
    pub found: &'a Found,
    /// What became of it.
    pub fate: Fate,
    /// How bad the alert is that it raised or counts on.
    pub severity: Severity,
    /// Now.
    pub at: Instant,
}

/// The responses that reactions of its source make of a finding, not yet numbered, and what a stronger one contains after that one.
/// What comes too late is among them, as skipped: the log says why nothing was done.
pub fn reacted(reactions: &[Reaction], made: Made<'_>) -> Vec<Response> {
    let old = match made.fate {
        // An analyst said to leave it alone, or an operator that it is nobody's business.
        Fate::Suppressed(_) | Fate::Quiet(Quiet::Policy) => return Vec::new(),
        Fate::Quiet(Quiet::History) => Some("too old: it comes from a backfill"),
        Fate::Quiet(Quiet::FirstRun) => Some("too old: the detector went over the log for the first time"),
        Fate::Quiet(Quiet::Old) => Some("too old: it was more than a day old when it was received"),
        Fate::Withheld(_) | Fate::Repeated(_) | Fate::Raised(_) => None,
    };
    let is_wanted = |reaction: &&Reaction| reaction.is_about(made.detector, made.found) && made.severity >= reaction.severity;
    let wanted: Vec<&Reaction> = reactions.iter().filter(is_wanted).collect();
    let each = wanted.iter().map(|reaction| match old.map(str::to_owned).or_else(|| late(reaction, made)) {
        Some(late) => made.response(reaction, Begin::Never(late)),
        None => made.response(reaction, container(reaction, &wanted, made).map_or(Begin::Now, Begin::After)),
    });
    let mut responses: Vec<Response> = each.collect();
    responses.sort_by_key(|response| response.within.is_some());
    responses
}

/// When a response is to be done.
enum Begin {
    Now,
    /// Where this, which contains it, is not done.
    After(Action),
    /// And why.
    Never(String),
}

/// The stronger action that contains a reaction's. What is only tried out or comes too late contains nothing; what waits for a
/// person neither contains nor is contained.
fn container(reaction: &Reaction, all: &[&Reaction], made: Made<'_>) -> Option<Action> {
    let at_once = |reaction: &Reaction| reaction.approvals == 0 || reaction.dry_run;
    let stronger = |other: &&&Reaction| {
        let as_sure = other.dry_run <= reaction.dry_run && at_once(other) && at_once(reaction) && late(other, made).is_none();
        other.responder == reaction.responder && other.action.contains(reaction.action) && as_sure
    };
    all.iter().find(stronger).map(|other| other.action)
}

fn late(reaction: &Reaction, made: Made<'_>) -> Option<String> {
    let newest = made.found.story.end;
    if newest < reaction.since {
        return Some(format!("too old: the newest event happened before this action was configured, on {}", reaction.since));
    }
    let within = reaction.act_within;
    let old = made.at.since(newest) > within;
    old.then(|| format!("too old: the newest event is of {newest}, and `act_within` is {} s", within.as_secs()))
}

impl Made<'_> {
    fn response(&self, reaction: &Reaction, begin: Begin) -> Response {
        let Self { found, fate, severity, at, .. } = *self;
        let state = match (&begin, reaction.approvals, reaction.dry_run) {
            (Begin::Never(_), ..) => State::Skipped,
            (Begin::Now, 1.., false) => State::Waiting(Wait::Approval),
            _ => State::Pending,
        };
        let (due, within, outcome) = match begin {
            Begin::Now => (at, None, None),
            Begin::After(stronger) => (Instant::FAR, Some(stronger), Some(format!("contained in {stronger}: done where that is not"))),
            Begin::Never(why) => (Instant::FAR, None, Some(why)),
        };
        Response {
            id: ResponseId(0),
            revision: 0,
            source: reaction.source.clone(),
            responder: reaction.responder.clone(),
            action: reaction.action,
            target: found.story.who.clone(),
            account: None,
            cause: Cause::Policy {
                policy: found.policy.clone(),
                alert: fate.alert(),
                key: found.key.clone(),
                title: found.story.title.clone(),
                severity,
                newest: found.story.end,
            },
            mail: reaction.mail.as_ref().map(|mail| filled(mail, &Story { severity, ..found.story.clone() }, &found.policy)),
            dry_run: reaction.dry_run,
            state,
            approvals: Vec::new(),
            wants: reaction.approvals.max(1 + u32::from(reaction.four_eyes)),
            attempts: 0,
            due,
            step: None,
            begun: None,
            acted: false,
            within,
            lapsed: false,
            traces: Vec::new(),
            outcome,
            reverts: None,
            made: at,
            changed: at,
        }
    }
}

/// What is filled in a mail.
pub const PLACES: [&str; 7] = ["{user}", "{title}", "{policy}", "{severity}", "{time}", "{addresses}", "{reasons}"];

/// The mail with its [`PLACES`] filled.
pub fn filled(mail: &Mail, story: &Story, policy: &str) -> Mail {
    let short = |text: &str| crate::neutral::brief(text, VALUE);
    let values = [
        ("{user}", short(story.who.shown())),
        ("{title}", short(&story.title)),
        ("{policy}", short(policy)),
        ("{severity}", story.severity.as_str().to_owned()),
        ("{time}", story.end.to_string()),
        ("{addresses}", story.addresses.iter().take(10).map(|each| short(each)).collect::<Vec<_>>().join(", ")),
        ("{reasons}", story.reasons.iter().map(|each| format!("- {}", short(each))).collect::<Vec<_>>().join("\n")),
    ];
    // A subject is one line, whatever fills it.
    let subject = fill(&mail.subject, &values).lines().collect::<Vec<_>>().join(" ");
    Mail { subject, text: fill(&mail.text, &values), ..mail.clone() }
}

/// Fills each place once: what a value says is never taken for a place.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        rest = match values.iter().find_map(|(place, value)| from.strip_prefix(place).map(|rest| (value, rest))) {
            Some((value, after)) => {
                text.push_str(value);
                after
            }
            None => {
                text.push('{');
                from.strip_prefix('{').unwrap_or_default()
            }
        };
    }
    text.push_str(rest);
    text
}
