//! A file to fetch: from where, how often, into which name.

use std::time::Duration;

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use url::Url;

use super::catalogue::{Part, Publication};
use crate::{
    config::{Config, FeedConfig},
    egress::Grant,
    model::Instant,
};

/// One file that the configuration asks for.
#[derive(Clone, Debug)]
pub struct Order {
    /// What it is part of.
    pub publication: &'static Publication,
    /// Which part.
    pub part: &'static Part,
    /// How often it is looked for.
    pub every: Duration,
    /// Whether it is fetched at all, or only ever imported.
    pub fetch: bool,
    /// What may be reached for it.
    pub grant: Grant,
    url: String,
}

/// Every file that the configuration asks for.
pub fn orders(config: &Config) -> Vec<Order> {
    config.fetched.iter().flat_map(|each| each.publication.parts.iter().map(|part| Order::new(each, part))).collect()
}

impl Order {
    /// One part of what is asked for.
    pub fn new(config: &FeedConfig, part: &'static Part) -> Self {
        let FeedConfig { publication, url, allow, every, fetch } = config;
        Self { publication, part, every: *every, fetch: *fetch, grant: Grant::new(allow.iter().cloned()), url: url.clone() }
    }

    /// Where it may be, the latest first. Ends with `held`, where what is held came from one of them: it is never replaced by an
    /// older month's.
    pub fn addresses(&self, now: Instant, held: Option<&str>) -> Vec<Url> {
        let month = month(now);
        let before = month.and_then(|month| month.checked_sub(1.month()).ok());
        let mut all = Vec::new();
        for month in [month, before].into_iter().flatten() {
            let text = filled(&self.url, self.part.name, &month.strftime("%Y-%m").to_string());
            if let Ok(url) = Url::parse(&text)
                && !all.contains(&url)
            {
                let last = held.is_some_and(|held| held == mark(&url));
                all.push(url);
                if last {
                    break;
                }
            }
        }
        all
    }
}

/// What a record keeps of an address: enough to know it again, and nothing to read in it.
pub(super) fn mark(url: &Url) -> String {
    hex::encode(<sha2::Sha256 as sha2::Digest>::digest(url.as_str().as_bytes()))
}

/// The address of a part in a month.
pub fn filled(url: &str, part: &str, month: &str) -> String {
    url.replace("{part}", part).replace("{month}", month)
}

fn month(now: Instant) -> Option<Date> {
    let at = i64::try_from(now.0).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok())?;
    Some(at.to_zoned(TimeZone::UTC).date().first_of_month())
}
