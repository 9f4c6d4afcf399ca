//! Miro's meter and clock, as every answer carries them, and how long to wait for both.
//!
//! Miro counts credits a minute (<https://developers.miro.com/reference/rate-limiting>) and sends `X-RateLimit-Limit`,
//! `-Remaining` and `-Reset`. Whether the last is an instant or a length, in seconds or milliseconds, is not said.

use crate::{config::Config, http::Response, instant::http_date, source::Meter};

/// What one request for audit events costs (level 2), in credits.
pub const COST: u32 = 100;
/// What Miro grants a user of an app every minute, in credits.
pub const BUDGET: u32 = 100_000;

const MINUTE: u64 = 60_000;
/// No answer can make a caller wait longer.
const LONGEST: u64 = 3_600_000;

/// What an answer says about time and credits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pace {
    /// The vendor's clock.
    pub(super) date: Option<u64>,
    /// The vendor's meter.
    pub(super) meter: Option<Meter>,
    /// What the vendor wants waited.
    retry_after: Option<u64>,
    /// Until the meter is full again.
    reset_in: Option<u64>,
}

impl Pace {
    /// Reads the headers of an answer that came at about `now`.
    pub(crate) fn of(response: &Response, now: u64) -> Self {
        let header = |name: &str| response.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim());
        let number = |name: &str| header(name).and_then(|text| text.parse::<f64>().ok()).filter(|n| n.is_finite() && *n >= 0.0);
        let date = header("date").and_then(http_date);
        let clock = date.unwrap_or(now);
        let reset_in = number("x-ratelimit-reset").map(|reset| until(reset, clock));
        let retry_after = match number("retry-after") {
            Some(seconds) => Some(whole(seconds * 1000.0)),
            None => header("retry-after").and_then(http_date).map(|at| at.saturating_sub(clock)),
        };
        let meter = number("x-ratelimit-limit").zip(number("x-ratelimit-remaining")).map(|(limit, remaining)| Meter {
            limit: whole(limit),
            remaining: whole(remaining),
            reset: reset_in.map(|wait| clock.saturating_add(wait)),
        });
        Self { date, meter, retry_after, reset_in }
    }

    /// How long to wait before the next request, where another would eat into what others are left: `share` is ours.
    pub(super) fn wait(&self, share: f64) -> Option<u64> {
        let meter = self.meter.as_ref()?;
        let kept = meter.limit as f64 * (1.0 - share);
        let short = (meter.remaining as f64) < kept + f64::from(COST);
        short.then(|| self.reset_in.unwrap_or(MINUTE).min(MINUTE) + 250)
    }

    /// How long a 429 asks to wait; `None` leaves it to the host's backoff.
    pub(crate) fn throttled(&self) -> Option<u64> {
        self.retry_after.or(self.reset_in).map(|wait| wait.clamp(1000, LONGEST))
    }
}

/// The share of the limit that a reading may use.
pub(super) fn share(config: &Config, fixed: bool) -> f64 {
    if fixed { config.history_share } else { config.live_share }
}

/// From now to `reset`: over 10¹¹ an instant in milliseconds, over 10⁹ in seconds; else a length, up to 300 in seconds.
fn until(reset: f64, clock: u64) -> u64 {
    match reset {
        ms if ms > 1e11 => whole(ms).saturating_sub(clock),
        s if s > 1e9 => whole(s * 1000.0).saturating_sub(clock),
        ms if ms > 300.0 => whole(ms),
        s => whole(s * 1000.0),
    }
}

/// Without sign and fraction; what does not fit becomes the most that does.
fn whole(number: f64) -> u64 {
    number as u64
}
