//! All that one call of a detector led to, to be stored at once.

use audit_pipeline::detector::Profile;

use super::{AlertId, Found, Stage};
use crate::{
    model::{DetectorName, Instant, Seq, SourceName},
    respond::ResponseId,
};

/// What a detector made of the next events of a log.
#[derive(Clone, Copy, Debug)]
pub struct Judgement<'a> {
    /// Whose log.
    pub source: &'a SourceName,
    /// Which detector.
    pub detector: &'a DetectorName,
    /// Where it began: the detector's cursor. Another one by now means that somebody else judged them: nothing is stored.
    pub after: Seq,
    /// The place of the last event that was judged. Not before `after`.
    pub through: Seq,
    /// Whether it follows what comes in.
    pub stage: Stage,
    /// The profiles that changed. One with an empty body is forgotten.
    pub profiles: &'a [Profile],
    /// The findings, in the detector's order.
    pub findings: &'a [Found],
    /// When it began: what it knows is from then.
    pub at: Instant,
}

/// What became of the findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Alerts raised, incidents and those of limits included.
    pub raised: Vec<AlertId>,
    /// Findings that counted on an open alert.
    pub repeated: u64,
    /// Findings that only teach.
    pub quiet: u64,
    /// Findings that a suppression kept quiet.
    pub suppressed: u64,
    /// Findings that a daily limit withheld.
    pub withheld: u64,
    /// What is to be done about them, what is not and says why included.
    pub responses: Vec<ResponseId>,
}
