//! What arrived at Sumo Logic: the ids that its Search Job API finds, each with how often it is there.
//!
//! A look is one search job: created, asked for its state until it is done, paged through, deleted. What always holds:
//!
//! - **All or an error.** A job that may have been cut off at the limit of rows is split in two halves of its time, down to a second;
//!   one that was cancelled or lost is begun again, a few times. Ids are never left out without a word.
//! - **Within the limits.** At most four requests a second, one at a time; 429 and what heals by itself is waited for. A job is asked
//!   about every few seconds, so that it does not end for want of interest, and deleted when it is read.
//! - **The key stays here.** Id and key go to the API's own host, as the `Authorization` of each request, and into no message.
//!
//! <https://help.sumologic.com/docs/api/search-job/>

mod deployment;
mod desk;
mod query;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::Deserialize;

use self::desk::Desk;
pub use self::{
    deployment::api,
    query::{Look, Time},
};
use crate::{
    clock::Clock,
    config::{Format, SumoConfig},
    model::Instant,
    neutral::brief,
};

/// So many rows may be all that there is room for: the lowest limit of any tier.
const ROWS: u64 = 100_000;
/// Rows of a page.
const PAGE: u64 = 10_000;
/// How often a job that went away is begun again.
const BEGUN: u32 = 3;
/// A look at less time than this is not split.
const SHORTEST_MS: u64 = 1000;

/// Why it is not known what arrived.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// The configuration or the access key cannot work.
    #[error("{0}")]
    Person(String),
    /// It may work later.
    #[error("{0}")]
    Unavailable(String),
}

/// An account at Sumo Logic, as far as it may be looked into.
#[derive(Debug)]
pub struct Search {
    desk: Desk,
    scope: String,
    format: Format,
    rows: u64,
}

/// How a job ended.
enum Ended {
    Counts(BTreeMap<String, u64>),
    TooMany,
    Gone(String),
}

#[derive(Deserialize)]
struct Created {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    state: String,
    #[serde(default)]
    record_count: u64,
    #[serde(default)]
    pending_errors: Vec<String>,
}

#[derive(Deserialize)]
struct Records {
    records: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    map: BTreeMap<String, String>,
}

impl Search {
    /// The account of a sink that has an access key. Reads the secrets.
    pub async fn open(sumo: &SumoConfig, format: Format, client: reqwest::Client, clock: Arc<dyn Clock>) -> Result<Self, SearchError> {
        let scope = query::scope(sumo).ok_or_else(|| SearchError::Person("the sink has no `category` to search for".to_owned()))?;
        Ok(Self { desk: Desk::open(sumo, client, clock).await?, scope, format, rows: ROWS })
    }

    /// The same, of an account whose searches give fewer rows.
    pub fn giving(self, rows: u64) -> Self {
        Self { rows, ..self }
    }

    /// Whether the account may be looked into: a search of one second is begun and ended.
    pub async fn check(&mut self, now: Instant) -> Result<String, SearchError> {
        let look = Look { start: now.minus(Duration::from_secs(1)), end: now, by: Time::Receipt, among: None };
        self.job(&look).await?;
        Ok(format!("the access key may search at {}", self.desk.host()))
    }

    /// The ids that are there, and how often.
    pub async fn counts(&mut self, look: &Look<'_>) -> Result<BTreeMap<String, u64>, SearchError> {
        let mut found = BTreeMap::new();
        let mut left = vec![look.clone()];
        while let Some(look) = left.pop() {
            match self.job(&look).await? {
                Some(counts) => {
                    for (id, count) in counts {
                        *found.entry(id).or_default() += count;
                    }
                }
                None => {
                    let (earlier, later) = look.halves();
                    if look.length() <= SHORTEST_MS {
                        let what = format!("more than {} events of one second lie at Sumo Logic: they cannot be told apart", self.rows);
                        return Err(SearchError::Person(what));
                    }
                    left.extend([later, earlier]);
                }
            }
        }
        Ok(found)
    }

    /// `None`: there may be more than fits.
    async fn job(&mut self, look: &Look<'_>) -> Result<Option<BTreeMap<String, u64>>, SearchError> {
        let mut why = String::new();
        for _ in 0..BEGUN {
            match self.once(look).await? {
                Ended::Counts(counts) => return Ok(Some(counts)),
                Ended::TooMany => return Ok(None),
                Ended::Gone(gone) => why = gone,
            }
        }
        Err(SearchError::Unavailable(format!("a search at {} did not come to its end: {why}", self.desk.host())))
    }

    async fn once(&mut self, look: &Look<'_>) -> Result<Ended, SearchError> {
        let wish = look.wish(&self.scope, self.format);
        let Created { id } = self.desk.create(&wish).await?;
        // It becomes part of a path.
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(SearchError::Unavailable(format!("{} answered with a search job of no name", self.desk.host())));
        }
        let ended = self.read(&id).await;
        // Whatever came of it, it need not go on.
        if !matches!(ended, Ok(Ended::Gone(_))) {
            self.desk.delete(&id).await;
        }
        ended
    }

    async fn read(&mut self, id: &str) -> Result<Ended, SearchError> {
        let state = loop {
            let Some(state) = self.desk.get::<State>(id, "").await? else { return Ok(Ended::Gone("it is not there any more".to_owned())) };
            if let Some(error) = state.pending_errors.first() {
                return Err(SearchError::Person(format!("{} refuses the search: {}", self.desk.host(), brief(error, 300))));
            }
            match state.state.as_str() {
                "DONE GATHERING RESULTS" => break state,
                "FORCE PAUSED" => return Ok(Ended::TooMany),
                "CANCELLED" => return Ok(Ended::Gone("it was cancelled".to_owned())),
                _ => self.desk.pause().await,
            }
        };
        if state.record_count >= self.rows {
            return Ok(Ended::TooMany);
        }
        let mut counts = BTreeMap::new();
        let mut offset = 0;
        while offset < state.record_count {
            let page = format!("/records?offset={offset}&limit={PAGE}");
            let Some(Records { records }) = self.desk.get(id, &page).await? else {
                return Ok(Ended::Gone("it went away while its records were read".to_owned()));
            };
            if records.is_empty() {
                return Ok(Ended::Gone(format!("it said {} records and gave {offset}", state.record_count)));
            }
            offset += records.len() as u64;
            for Row { map } in records {
                let count = map.get("_count").and_then(|count| count.parse::<u64>().ok());
                if let (Some(id), Some(count)) = (map.get(query::NAME).filter(|id| !id.is_empty()), count) {
                    counts.insert(id.clone(), count);
                }
            }
        }
        Ok(Ended::Counts(counts))
    }
}
