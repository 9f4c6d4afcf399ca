//! The states of an alert and the steps between them.
//!
//! ```text
//! open ──take──► in progress ──close──► closed (true positive, benign, false positive)
//!   └───────────────close──────────────►   │
//!   ◄───────────────reopen─────────────────┘
//! ```

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use super::AlertId;
use crate::model::Instant;

/// How long a closed alert keeps its policy quiet about its user.
const USUAL: Duration = Duration::from_hours(30 * 24);

/// Where an alert is in its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nobody works on it.
    Open,
    /// Somebody works on it.
    InProgress {
        /// Who.
        who: String,
    },
    /// Somebody decided what it was.
    Closed(Closure),
}

impl State {
    /// Its name on screen.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InProgress { .. } => "in progress",
            Self::Closed(_) => "closed",
        }
    }

    /// As what an analyst closed it, where that means to leave it alone.
    pub fn cleared(&self) -> Option<Verdict> {
        match self {
            Self::Closed(Closure { verdict: verdict @ (Verdict::Benign | Verdict::FalsePositive), .. }) => Some(*verdict),
            Self::Closed(_) | Self::Open | Self::InProgress { .. } => None,
        }
    }
}

/// How an alert was closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// What it was.
    pub verdict: Verdict,
    /// More exactly.
    pub reason: Option<Reason>,
    /// In the analyst's words.
    pub comment: Option<String>,
    /// Who closed it.
    pub who: String,
    /// When.
    pub at: Instant,
    /// It was closed together with this incident.
    pub with: Option<AlertId>,
}

/// What an alert turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Malicious.
    TruePositive,
    /// As described, and allowed.
    Benign,
    /// Not as described.
    FalsePositive,
}

impl Verdict {
    /// Its name on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TruePositive => "true positive",
            Self::Benign => "benign",
            Self::FalsePositive => "false positive",
        }
    }
}

/// Why an alert is benign or a false positive. The numbers are Microsoft Defender for Cloud Apps' `reasonId`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// 0, of a false positive.
    NotOfInterest,
    /// 1, of a false positive.
    TooManySimilar,
    /// 2, of a benign one.
    SeverityLower,
    /// 3, of a false positive.
    NotAccurate,
    /// 4, of both.
    Other,
    /// 5, of a benign one.
    ConfirmedWithUser,
    /// 6, of a benign one.
    Test,
}

impl Reason {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::NotOfInterest,
        Self::TooManySimilar,
        Self::SeverityLower,
        Self::NotAccurate,
        Self::Other,
        Self::ConfirmedWithUser,
        Self::Test,
    ];

    /// Defender's number.
    pub fn id(self) -> usize {
        Self::ALL.iter().position(|each| *each == self).unwrap_or(4)
    }

    /// Its word on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotOfInterest => "not-of-interest",
            Self::TooManySimilar => "too-many-similar",
            Self::SeverityLower => "severity-lower",
            Self::NotAccurate => "not-accurate",
            Self::Other => "other",
            Self::ConfirmedWithUser => "confirmed-with-user",
            Self::Test => "test",
        }
    }

    fn fits(self, verdict: Verdict) -> bool {
        match verdict {
            Verdict::TruePositive => false,
            Verdict::Benign => matches!(self, Self::SeverityLower | Self::Other | Self::ConfirmedWithUser | Self::Test),
            Verdict::FalsePositive => matches!(self, Self::NotOfInterest | Self::TooManySimilar | Self::NotAccurate | Self::Other),
        }
    }

    fn listed(verdict: Verdict) -> String {
        let fitting: Vec<String> =
            Self::ALL.into_iter().filter(|each| each.fits(verdict)).map(|each| format!("{} ({})", each.as_str(), each.id())).collect();
        fitting.join(", ")
    }
}

impl FromStr for Reason {
    type Err = Illegal;
    fn from_str(text: &str) -> Result<Self, Illegal> {
        let found = Self::ALL.into_iter().find(|each| each.as_str() == text || each.id().to_string() == text);
        found.ok_or_else(|| {
            Illegal(format!(
                "there is no reason `{text}`: of a benign alert {}; of a false positive {}",
                Self::listed(Verdict::Benign),
                Self::listed(Verdict::FalsePositive)
            ))
        })
    }
}

/// Whether closing keeps the policy quiet about the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suppress {
    /// 30 days where the alert was benign or a false positive and stands for one behaviour, otherwise not.
    #[default]
    Usual,
    /// So many milliseconds; of an incident: for each alert that it holds.
    For(u64),
    /// Not.
    Never,
}

/// How an alert is to be closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    verdict: Verdict,
    reason: Option<Reason>,
    comment: Option<String>,
    suppress: Suppress,
}

impl Closing {
    /// Checks that the parts fit each other.
    pub fn new(verdict: Verdict, reason: Option<Reason>, comment: Option<String>, suppress: Suppress) -> Result<Self, Illegal> {
        if let Some(reason) = reason
            && !reason.fits(verdict)
        {
            let fitting = Reason::listed(verdict);
            let fitting = if fitting.is_empty() { "it takes none; say more in a comment".to_owned() } else { format!("one of {fitting}") };
            return Err(Illegal(format!("`{}` is no reason of a {} alert: {fitting}", reason.as_str(), verdict.as_str())));
        }
        if verdict == Verdict::TruePositive && matches!(suppress, Suppress::For(_)) {
            return Err(Illegal("a true positive is not suppressed: the next one matters just as much".to_owned()));
        }
        Ok(Self { verdict, reason, comment, suppress })
    }

    /// Until when the policy is quiet about the user of an alert closed at `at`: `alone`, or with the incident that holds it.
    pub fn until(&self, at: Instant, with: Option<AlertId>) -> Option<Instant> {
        match (self.verdict, self.suppress) {
            (Verdict::TruePositive, _) | (_, Suppress::Never) => None,
            (_, Suppress::For(ms)) => Some(at.plus(Duration::from_millis(ms))),
            // Dozens of users at once are not made invisible without being asked to.
            (_, Suppress::Usual) => with.is_none().then(|| at.plus(USUAL)),
        }
    }
}

/// What a person does with an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Works on it.
    Take,
    /// Says what it was.
    Close(Closing),
    /// Says that it is not over.
    Reopen,
}

/// A step that cannot be taken, and what can be instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Illegal(pub String);

/// The state after a step.
pub fn after(state: &State, step: &Step, who: &str, at: Instant) -> Result<State, Illegal> {
    match (state, step) {
        (State::Closed(closure), Step::Take | Step::Close(_)) => {
            Err(Illegal(format!("it was closed as {} by {} on {}: reopen it first", closure.verdict.as_str(), closure.who, closure.at)))
        }
        (State::Open | State::InProgress { .. }, Step::Reopen) => Err(Illegal(format!("it is {}: take it or close it", state.as_str()))),
        (State::InProgress { who: already }, Step::Take) if already == who => Err(Illegal("you have it already: close it".to_owned())),
        (State::Open | State::InProgress { .. }, Step::Take) => Ok(State::InProgress { who: who.to_owned() }),
        (State::Open | State::InProgress { .. }, Step::Close(closing)) => Ok(State::Closed(Closure {
            verdict: closing.verdict,
            reason: closing.reason,
            comment: closing.comment.clone(),
            who: who.to_owned(),
            at,
            with: None,
        })),
        (State::Closed(_), Step::Reopen) => Ok(State::Open),
    }
}

/// One line of an alert's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// Which person; `None`: the host by itself.
    pub who: Option<String>,
    /// What.
    pub change: Change,
}

/// What happened to an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It was raised.
    Raised,
    /// An incident holds it from now on.
    Folded(AlertId),
    /// Its state changed to this.
    Became(State),
    /// Its policy is quiet about its user until then.
    Suppressed(Instant),
    /// Not any more.
    Lifted,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Raised => f.write_str("raised"),
            Self::Folded(incident) => write!(f, "folded into incident {incident}"),
            Self::Became(State::Open) => f.write_str("reopened"),
            Self::Became(State::InProgress { .. }) => f.write_str("taken"),
            Self::Became(State::Closed(closure)) => {
                write!(f, "closed as {}", closure.verdict.as_str())?;
                if let Some(reason) = closure.reason {
                    write!(f, " ({})", reason.as_str())?;
                }
                if let Some(incident) = closure.with {
                    write!(f, ", with incident {incident}")?;
                }
                if let Some(comment) = &closure.comment {
                    write!(f, ": {comment}")?;
                }
                Ok(())
            }
            Self::Suppressed(until) => write!(f, "this policy is quiet about this user until {until}"),
            Self::Lifted => f.write_str("suppression lifted"),
        }
    }
}
