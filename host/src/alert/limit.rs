//! What the daily limit of a policy withheld, as one alert.

use super::{Alert, AlertId, Form, Found, Judgement, State, Story};
use crate::model::Instant;

const DAY: u64 = 86_400_000;

/// When the UTC day of `at` began.
pub fn midnight(at: Instant) -> Instant {
    Instant(at.0 - at.0 % DAY)
}

/// The UTC day of `at`, as `2026-03-01`.
pub fn day(at: Instant) -> String {
    at.to_string().chars().take(10).collect()
}

impl Alert {
    /// The key of the one alert that counts what a policy's limit withheld in the day of `at`.
    pub fn limit_key(at: Instant) -> String {
        format!("limit:{}", day(at))
    }

    /// A new alert that counts what is withheld from now on. Without a number: the store gives one.
    pub fn limit(found: &Found, judgement: &Judgement<'_>) -> Self {
        let at = judgement.at;
        let mut alert = Self {
            id: AlertId(0),
            source: judgement.source.clone(),
            detector: judgement.detector.clone(),
            policy: found.policy.clone(),
            key: Self::limit_key(at),
            kind: found.handling.kind,
            form: Form::Limit,
            story: Story { start: found.story.start, end: found.story.end, baseline: serde_json::json!({}), ..Story::default() },
            state: State::Open,
            raised: at,
            last_seen: at,
            changed: at,
            count: 0,
            incident: None,
            announced: None,
            members: Vec::new(),
        };
        alert.withhold(found, at);
        alert
    }

    /// One more was withheld.
    pub fn withhold(&mut self, found: &Found, at: Instant) {
        self.count = self.count.saturating_add(1);
        let (policy, today, daily) = (&found.policy, day(at), found.handling.daily.unwrap_or_default());
        self.story.title = format!("limit reached: {} more withheld today", self.count);
        self.story.reasons = vec![
            format!("Policy {policy} may raise {daily} alerts in a UTC day; {} findings of {today} came after that", self.count),
            "They are kept as behaviours, and actions are not limited".to_owned(),
        ];
        self.story.widen(&found.story);
        (self.last_seen, self.changed) = (at, at);
    }
}
