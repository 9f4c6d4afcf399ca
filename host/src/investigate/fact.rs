//! What a person reads of one event, and what of it is compared.

use std::borrow::Cow;

use audit_pipeline::{
    detector::{Network, Sighting},
    types::{Entity, Outcome},
};
use serde::{Deserialize, Serialize};

use crate::{
    alert::Who,
    enrich,
    model::{Instant, Seq},
};

/// Characters of a text that is kept of an event.
const TEXT: usize = 300;
const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;

/// What of an event is compared with what is usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attribute {
    /// The vendor's verb.
    Action,
    /// The address.
    Address,
    /// The country of the address.
    Country,
    /// Whom the address is registered to.
    Network,
    /// The program.
    UserAgent,
    /// The hour of the day, UTC.
    Hour,
}

impl Attribute {
    /// In the order in which they are shown.
    pub const ALL: [Self; 6] = [Self::Action, Self::Address, Self::Country, Self::Network, Self::UserAgent, Self::Hour];

    /// Its name on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Address => "address",
            Self::Country => "country",
            Self::Network => "network",
            Self::UserAgent => "user agent",
            Self::Hour => "hour",
        }
    }

    /// Its value in an event. None where the event does not say.
    pub fn of(self, sighting: &Sighting) -> Option<Cow<'_, str>> {
        match self {
            Self::Action => Some(cut(&sighting.event.action).into()),
            Self::Address => sighting.event.ip.as_deref().filter(|text| !text.is_empty()).map(|text| address(text).into()),
            Self::Country => text(sighting.network.as_ref()?.country.as_ref()),
            Self::Network => network(sighting.network.as_ref()?).map(Cow::Owned),
            Self::UserAgent => text(sighting.event.user_agent.as_ref()),
            Self::Hour => Some(format!("{:02}:00", sighting.event.time % DAY / HOUR).into()),
        }
    }
}

fn text(text: Option<&String>) -> Option<Cow<'_, str>> {
    text.filter(|text| !text.is_empty()).map(|text| cut(text).into())
}

/// `AS64500 Example Net`.
fn network(network: &Network) -> Option<String> {
    let asn = network.asn.map(|asn| format!("AS{asn}"));
    let parts: Vec<&str> = [asn.as_deref(), network.isp.as_deref()].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// An address in the one way that it is compared; what is none as it stands.
pub(super) fn address(text: &str) -> String {
    enrich::address(text).map_or_else(|| cut(text).to_owned(), |address| address.to_string())
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(TEXT).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// What a person reads of one event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fact {
    /// Its place in the log.
    pub seq: Seq,
    /// When it happened.
    pub time: Instant,
    /// The vendor's verb.
    pub action: String,
    /// Whether it failed.
    pub failed: bool,
    /// Who acted.
    pub who: Who,
    /// From where.
    pub address: Option<String>,
    /// Where that is.
    pub country: Option<String>,
    /// Upon what.
    pub object: Option<String>,
    /// It is one of the events that the alert rests on.
    pub evidence: bool,
}

impl Fact {
    /// Of an event.
    pub(super) fn new(sighting: &Sighting, evidence: bool) -> Self {
        let event = &sighting.event;
        let some = |text: &Option<String>| text.as_deref().map(|text| cut(text).to_owned());
        let named = |entity: &Entity| some(&entity.name).or_else(|| some(&entity.id));
        Self {
            seq: Seq(i64::try_from(sighting.seq).unwrap_or(i64::MAX)),
            time: Instant(event.time),
            action: cut(&event.action).to_owned(),
            failed: event.outcome == Outcome::Failure,
            who: Who { id: some(&event.actor.id), email: some(&event.actor.email), name: some(&event.actor.name) },
            address: some(&event.ip),
            country: sighting.network.as_ref().and_then(|network| some(&network.country)),
            object: event.object.as_ref().and_then(named),
            evidence,
        }
    }
}
