//! How late a source looks for events.

use std::time::Duration;

use super::{ComponentRef, SourceConfig, settings::DAY, units};

impl SourceConfig {
    /// After how long its component looks for an event at the latest: the longest of `revisit` in its `config`, as built-in ones read it.
    /// None where that is not known.
    pub fn lateness(&self) -> Option<Duration> {
        match (self.config.get("revisit"), &self.component) {
            (Some(lengths), _) => lengths
                .as_array()?
                .iter()
                .try_fold(Duration::ZERO, |longest, length| Some(longest.max(units::duration(length.as_str()?).ok()?))),
            (None, ComponentRef::Builtin(_)) => Some(DAY),
            (None, ComponentRef::Path(_)) => None,
        }
    }
}
