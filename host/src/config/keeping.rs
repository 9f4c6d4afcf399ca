//! How long the store keeps what is of a source, and what it keeps for a court: `retention` and `legal_hold` of `[[source]]`.

use std::time::Duration;

use toml::de::DeValue;

use super::{
    StoreConfig,
    section::{Entry, Section},
    settings::{DAY, duration},
};
use crate::privacy::Hold;

const HOLD: &str = "write legal_hold = true for all of the source, or legal_hold = [\"ann@example.com\"] for people";

/// What a source says otherwise than `[store]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeepingConfig {
    /// `retention`: how long records are kept after delivery. Default: that of `[store]`.
    pub retention: Option<Duration>,
    /// `alerts_retention`: how long closed alerts and ended suppressions stay. Default: that of `[store]`.
    pub alerts_retention: Option<Duration>,
    /// `behaviours_retention`: how long what detectors found stays. Default: that of `[store]`.
    pub behaviours_retention: Option<Duration>,
    /// `legal_hold`: what stays whatever its age and whoever asks. Default: nothing.
    pub hold: Hold,
}

impl KeepingConfig {
    /// How long records stay.
    pub fn retention(&self, store: &StoreConfig) -> Duration {
        self.retention.unwrap_or(store.retention)
    }

    /// Whether it says anything.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads it; what is wrong is noted.
pub(super) fn keeping(section: &Section<'_>) -> Option<KeepingConfig> {
    let kept = |name: &str, like: &str| match section.entry(name) {
        Some(entry) => duration(&entry, DAY..=DAY * 36_500, "a duration of at least a day", like).map(Some),
        None => Some(None),
    };
    let retention = kept("retention", "write it like \"90d\"");
    let alerts_retention = kept("alerts_retention", "write it like \"400d\"");
    let behaviours_retention = kept("behaviours_retention", "write it like \"90d\"");
    let hold = match section.entry("legal_hold") {
        Some(entry) => hold(&entry),
        None => Some(Hold::Nothing),
    };
    Some(KeepingConfig {
        retention: retention?,
        alerts_retention: alerts_retention?,
        behaviours_retention: behaviours_retention?,
        hold: hold?,
    })
}

fn hold(entry: &Entry<'_>) -> Option<Hold> {
    match entry.value {
        DeValue::Boolean(true) => Some(Hold::All),
        DeValue::Boolean(false) => Some(Hold::Nothing),
        DeValue::Array(_) => {
            let who = entry.texts(HOLD)?;
            let empty = who.iter().find(|(text, _)| crate::privacy::Identity::account(*text).is_empty());
            if let Some((_, entry)) = empty {
                entry.wrong("the e-mail address or the identifier of a person", HOLD);
                return None;
            }
            Some(Hold::Of(who.into_iter().map(|(text, _)| text.to_owned()).collect()))
        }
        _ => {
            entry.wrong("true, false, or a list of people", HOLD);
            None
        }
    }
}
