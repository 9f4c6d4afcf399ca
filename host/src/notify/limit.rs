//! How many messages a channel may get.

use std::{fmt, time::Duration};

use crate::model::Instant;

/// What a limit counts over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// An hour of the clock, in UTC.
    Hour,
    /// A day, in UTC.
    Day,
}

/// So many messages in each hour or day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub most: u64,
    /// In which time.
    pub window: Window,
}

impl Limit {
    /// As many mails as Microsoft Defender for Cloud Apps sends an address:
    /// <https://learn.microsoft.com/en-us/defender-cloud-apps/control-cloud-apps-with-policies>
    pub const MAIL: Self = Self { most: 500, window: Window::Day };

    /// When the window of `at` began.
    pub fn began(self, at: Instant) -> Instant {
        let length = u64::try_from(self.window.length().as_millis()).unwrap_or(u64::MAX);
        Instant(at.0 - at.0 % length)
    }

    /// When the window that began then is over.
    pub fn over(self, began: Instant) -> Instant {
        began.plus(self.window.length())
    }
}

impl Window {
    fn length(self) -> Duration {
        match self {
            Self::Hour => Duration::from_secs(3600),
            Self::Day => Duration::from_secs(86_400),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.most, if self.window == Window::Hour { "h" } else { "d" })
    }
}

/// A text that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no limit such as \"500/d\"")]
pub struct NoLimit;

impl std::str::FromStr for Limit {
    type Err = NoLimit;
    fn from_str(text: &str) -> Result<Self, NoLimit> {
        let (most, window) = text.trim().split_once('/').ok_or(NoLimit)?;
        let window = match window.trim() {
            "h" => Window::Hour,
            "d" => Window::Day,
            _ => return Err(NoLimit),
        };
        match most.trim().parse() {
            Ok(most @ 1..=1_000_000) => Ok(Self { most, window }),
            _ => Err(NoLimit),
        }
    }
}
