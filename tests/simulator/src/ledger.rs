//! The books: what was asked, what was answered, what arrived, and what nobody should have done.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use bytes::Bytes;
use http::Request;
use serde::Serialize;

use crate::{
    answer::{Answer, Delivery},
    effect::Effect,
    fault::Endpoint,
    log::Acceptance,
};

/// Something a well-behaved client does not do, however it was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Which rule was broken.
    pub kind: String,
    /// How often.
    pub count: u64,
    /// The first time, in detail.
    pub example: String,
}

/// The headers of a request to the HTTP Source; they hold for every line of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Metadata {
    /// `X-Sumo-Name`.
    pub name: Option<String>,
    /// `X-Sumo-Category`.
    pub category: Option<String>,
    /// `X-Sumo-Host`.
    pub host: Option<String>,
    /// `X-Sumo-Fields`.
    pub fields: Option<String>,
    /// `X-Sumo-Client`.
    pub client: Option<String>,
}

/// One accepted line.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its `id`, or the `metadata.uid` of OCSF.
    pub id: Option<String>,
    /// The line as it came, without its line break.
    pub line: Bytes,
    /// The headers it came under.
    pub metadata: Arc<Metadata>,
    /// When, in milliseconds.
    pub received: u64,
}

/// How long events took from visible at Miro to accepted by Sumo, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Delay {
    /// Half of them at most so long.
    pub median: u32,
    /// 99 of 100 at most so long.
    pub p99: u32,
    /// The longest.
    pub max: u32,
}

/// The sum of it all at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Distinct events that have become visible at Miro, asked for or not.
    pub held: u64,
    /// How many of them Sumo accepted.
    pub accepted: u64,
    /// Lines accepted again.
    pub duplicates: u64,
    /// `held` − `accepted`.
    pub lost: u64,
    /// The ids of the first hundred of them (their place in the log where they have none).
    pub lost_ids: Vec<String>,
    /// Accepted lines that claim to be events which Miro never showed.
    pub unexpected: u64,
    /// The first hundred of their ids.
    pub unexpected_ids: Vec<String>,
    /// Accepted lines that are not audit events: alerts, notices.
    pub other: u64,
    /// Requests to Miro.
    pub requests: u64,
    /// Audit pages that arrived whole.
    pub pages: u64,
    /// Audit pages that arrived whole and held nothing.
    pub empty_pages: u64,
    /// Requests after one to the same endpoint that failed, Sumo's included.
    pub retries: u64,
    /// Requests with `grant_type=refresh_token` that were processed, whatever came of them.
    pub refreshes: u64,
    /// Those that were granted, their answer lost or not.
    pub rotations: u64,
    /// Those with a refresh token that was already used.
    pub stale_refreshes: u64,
    /// 401 answers from Miro.
    pub unauthorized: u64,
    /// 429 answers from Miro.
    pub throttled: u64,
    /// `POST` requests to Sumo.
    pub sumo_posts: u64,
    /// Those that were not answered with success.
    pub sumo_refusals: u64,
    /// Uncompressed bytes accepted.
    pub sumo_bytes: u64,
    /// From visible to accepted.
    pub delay: Delay,
    /// What nobody should have done.
    pub violations: Vec<Violation>,
}

/// One request, as the vendor remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// When, in milliseconds.
    pub at: u64,
    /// Where.
    pub endpoint: Endpoint,
    /// The method.
    pub method: String,
    /// The path; empty where it holds a secret.
    pub path: String,
    /// The query; empty where it may hold a secret.
    pub query: String,
    /// The status that was sent or would have been.
    pub status: u16,
    /// How the answer went out.
    pub delivery: Delivery,
}

/// The books themselves.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) account: Account,
    violations: BTreeMap<&'static str, (u64, String)>,
    failed: HashMap<Endpoint, bool>,
    delays: Vec<u32>,
    records: VecDeque<Record>,
    /// Accepted lines that are no events.
    others: VecDeque<Record>,
    calls: VecDeque<Asked>,
    effects: Vec<Effect>,
    /// Requests to Sumo under way, and whether another began meanwhile.
    under_way: BTreeMap<u64, bool>,
    begun: u64,
}

/// How many ids an account names.
pub(crate) const NAMED: usize = 100;
const CALLS: usize = 10_000;
const OTHERS: usize = 10_000;

impl Ledger {
    pub(crate) fn asked(&mut self, endpoint: Endpoint) {
        self.account.requests += u64::from(endpoint.is_miro());
        self.account.sumo_posts += u64::from(endpoint == Endpoint::Sumo);
        self.account.retries += u64::from(self.failed.get(&endpoint).copied().unwrap_or_default());
    }

    pub(crate) fn answered(&mut self, endpoint: Endpoint, request: &Request<Bytes>, answer: &Answer, at: u64) {
        if self.calls.len() >= CALLS {
            self.calls.pop_front();
        }
        let told = !matches!(endpoint, Endpoint::Sumo | Endpoint::SumoPing);
        let path = Some(request.uri().path()).filter(|_| told).unwrap_or_default().to_owned();
        let query = request.uri().query().filter(|_| told && !endpoint.has_secret_query()).unwrap_or_default().to_owned();
        let method = request.method().to_string();
        self.calls.push_back(Asked { at, endpoint, method, path, query, status: answer.status, delivery: answer.delivery });
        let failed = !answer.succeeds();
        self.failed.insert(endpoint, failed);
        if endpoint == Endpoint::Sumo {
            self.account.sumo_refusals += u64::from(failed || !(200..300).contains(&answer.status));
            return;
        }
        let arrived = answer.delivery.arrives() && endpoint.is_miro();
        self.account.unauthorized += u64::from(arrived && answer.status == 401);
        self.account.throttled += u64::from(arrived && answer.status == 429);
        if endpoint == Endpoint::Audit && arrived && answer.status == 200 {
            self.account.pages += 1;
            self.account.empty_pages += u64::from(answer.body.ends_with(b"\"data\":[]}"));
        }
    }

    /// A request to Sumo begins; every other one under way is overlapped from now on.
    pub(crate) fn begin(&mut self) -> u64 {
        self.under_way.values_mut().for_each(|overlapped| *overlapped = true);
        self.begun += 1;
        self.under_way.insert(self.begun, false);
        self.begun
    }

    pub(crate) fn end(&mut self, id: u64, answered: bool) {
        if self.under_way.remove(&id) == Some(true) && answered {
            self.violation("more than one sender at once", || "a request to the HTTP Source began before another was answered".into());
        }
    }

    pub(crate) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    pub(crate) fn effects(&self) -> &[Effect] {
        &self.effects
    }

    pub(crate) fn calls(&self) -> impl Iterator<Item = &Asked> {
        self.calls.iter()
    }

    pub(crate) fn violation(&mut self, kind: &'static str, example: impl FnOnce() -> String) {
        let entry = self.violations.entry(kind).or_insert_with(|| (0, example()));
        entry.0 += 1;
    }

    /// An accepted line. `event`: it claims to be one.
    pub(crate) fn accepted(&mut self, record: Record, acceptance: Acceptance, event: bool, keep: usize) {
        match acceptance {
            Acceptance::First(delay) => self.delays.push(u32::try_from(delay).unwrap_or(u32::MAX)),
            Acceptance::Again => self.account.duplicates += 1,
            Acceptance::Unknown if event => {
                self.account.unexpected += 1;
                if self.account.unexpected_ids.len() < NAMED {
                    let named = record.id.clone().unwrap_or_else(|| String::from_utf8_lossy(&record.line).into_owned());
                    self.account.unexpected_ids.push(named);
                }
            }
            Acceptance::Unknown => {
                self.account.other += 1;
                if self.others.len() >= OTHERS {
                    self.others.pop_front();
                }
                self.others.push_back(record.clone());
            }
        }
        if keep > 0 {
            while self.records.len() >= keep {
                self.records.pop_front();
            }
            self.records.push_back(record);
        }
    }

    /// Takes these out of what can be read back.
    pub(crate) fn forget(&mut self, ids: &[String]) {
        self.records.retain(|record| !record.id.as_ref().is_some_and(|id| ids.contains(id)));
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.iter()
    }

    pub(crate) fn others(&self) -> impl Iterator<Item = &Record> {
        self.others.iter()
    }

    /// The sums; what the log knows is left to the caller.
    pub(crate) fn sum(&self) -> Account {
        let mut delays = self.delays.clone();
        delays.sort_unstable();
        let at = |share: usize| delays.get((delays.len() * share / 100).min(delays.len().saturating_sub(1))).copied().unwrap_or_default();
        let violations = self.violations.iter();
        Account {
            delay: Delay { median: at(50), p99: at(99), max: delays.last().copied().unwrap_or_default() },
            violations: violations
                .map(|(kind, (count, example))| Violation { kind: (*kind).into(), count: *count, example: example.clone() })
                .collect(),
            ..self.account.clone()
        }
    }
}
