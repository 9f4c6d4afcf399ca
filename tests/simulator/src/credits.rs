//! Miro's rate limit: so many credits a minute for each app, see <https://developers.miro.com/reference/rate-limiting>.

use std::collections::HashMap;

use http::HeaderName;

use crate::{
    answer::Answer,
    settings::{MiroSettings, Reset},
};

const MINUTE: u64 = 60_000;

/// What every app has used of its minute.
#[derive(Debug, Default)]
pub(crate) struct Credits {
    used: HashMap<String, (u64, u64)>,
}

impl Credits {
    /// Takes `cost` out of the app's minute. False where it is not there.
    pub(crate) fn take(&mut self, app: &str, cost: u64, settings: &MiroSettings, now: u64) -> bool {
        let minute = now / MINUTE;
        let used = self.used.entry(app.to_owned()).or_default();
        if used.0 != minute {
            *used = (minute, settings.other_use);
        }
        let fits = used.1.saturating_add(cost) <= settings.credits_per_minute;
        if fits {
            used.1 += cost;
        }
        fits
    }

    /// The answer with the three headers on it.
    pub(crate) fn mark(&self, answer: Answer, app: Option<&str>, settings: &MiroSettings, now: u64) -> Answer {
        let minute = now / MINUTE;
        let used = app.and_then(|app| self.used.get(app)).filter(|used| used.0 == minute).map_or(settings.other_use, |used| used.1);
        let reset = (minute + 1) * MINUTE;
        let reset = match settings.reset {
            Reset::EpochSeconds => reset / 1000,
            Reset::EpochMillis => reset,
            Reset::DeltaSeconds => (reset - now).div_ceil(1000),
        };
        answer
            .with(HeaderName::from_static("x-ratelimit-limit"), settings.credits_per_minute.to_string())
            .with(HeaderName::from_static("x-ratelimit-remaining"), settings.credits_per_minute.saturating_sub(used).to_string())
            .with(HeaderName::from_static("x-ratelimit-reset"), reset.to_string())
    }
}

/// Miro's own words for too many requests. `retry_after` in seconds, where the answer is to have one.
pub(crate) fn throttled(retry_after: Option<u64>) -> Answer {
    let body = r#"{"status":429,"code":"tooManyRequests","message":"Request rate limit exceed","context":null,"type":"error"}"#;
    let answer = Answer::text(429, "application/json", body);
    match retry_after {
        Some(seconds) => answer.with(http::header::RETRY_AFTER, seconds.to_string()),
        None => answer,
    }
}
