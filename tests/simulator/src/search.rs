//! The Search Job API over what the HTTP Source accepted, see <https://help.sumologic.com/docs/api/search-job/>.
//!
//! Access id and key by Basic authentication; four requests a second; a job is created, asked for its state until it is done, paged
//! through and deleted. Its cookie comes with every request about it, or there is no such job; nor is there one that nobody asked
//! about for half a minute. It understands one kind of query, which is all that a proof needs:
//!
//! ```text
//! _sourceCategory="a" _sourceName="b" | json field=_raw "path" as x nodrop | where … and … | where x in ("…") | count by x
//! ```
//!
//! The time of a message is what it says of itself; where that is more than a year old, or more than two days ahead, when it came.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Method, Request, header};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{answer::Answer, ledger::Record, world::State};

/// Where it listens.
pub(crate) const PATH: &str = "/api/v1/search/jobs";
/// The access id.
pub(crate) const ACCESS_ID: &str = "suSIMULATED01";
/// The access key.
pub(crate) const ACCESS_KEY: &str = "simulatedAccessKeySimulatedAccessKeySimulatedAccessKeySimulated01";
/// A job that nobody asks about is cancelled.
const IDLE_MS: u64 = 30_000;
/// Requests in any one second.
const A_SECOND: usize = 4;
/// Rows of a page.
const PAGE: usize = 10_000;
const DAY_MS: u64 = 86_400_000;

/// What goes on there.
#[derive(Debug, Default)]
pub(crate) struct Search {
    jobs: BTreeMap<String, Job>,
    asked: VecDeque<u64>,
    /// When each job was, in order.
    created: Vec<u64>,
}

#[derive(Debug)]
struct Job {
    cookie: String,
    rows: Vec<(String, u64)>,
    /// How often its state is still something else than done.
    pending: usize,
    asked: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wish {
    query: Option<String>,
    from: Option<Value>,
    to: Option<Value>,
    time_zone: Option<String>,
    #[serde(default)]
    by_receipt_time: bool,
    #[serde(default, rename = "requiresRawMessages")]
    _raw: bool,
}

/// A query, understood.
#[derive(Debug, Default)]
struct Query {
    scope: Vec<(String, String)>,
    path: Vec<String>,
    bounds: Vec<(String, String, u64)>,
    among: Option<BTreeSet<String>>,
    name: String,
}

fn refused(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, &json!({ "status": status, "id": "SIMUL-ATED0-00002", "code": code, "message": message }))
}

impl State {
    pub(crate) fn search(&mut self, request: &Request<Bytes>, now: u64) -> Answer {
        let expected = format!("Basic {}", STANDARD.encode(format!("{ACCESS_ID}:{ACCESS_KEY}")));
        if head(request, header::AUTHORIZATION.as_str()) != Some(expected.as_str()) {
            return refused(401, "unauthorized", "Credential could not be verified.");
        }
        self.search.asked.retain(|at| at + 1000 > now);
        let throttled = self.settings.search.throttled > 0;
        self.settings.search.throttled = self.settings.search.throttled.saturating_sub(1);
        if throttled || self.search.asked.len() >= A_SECOND {
            return refused(429, "rate.limit.exceeded", "You have exceeded the maximum API request rate.");
        }
        self.search.asked.push_back(now);
        self.search.jobs.retain(|_, job| job.asked + IDLE_MS > now);
        if head(request, "accept") != Some("application/json") {
            self.ledger.violation("search without Accept: application/json", || request.uri().path().to_owned());
        }
        let path = request.uri().path().strip_prefix(PATH).unwrap_or_default().to_owned();
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match (request.method(), parts.as_slice()) {
            (&Method::POST, []) => self.create(request, now),
            (&Method::GET | &Method::DELETE, [id, ..]) if !self.search.knows(id, request) => {
                refused(404, "searchjob.jobid.invalid", "Job ID is invalid.")
            }
            (&Method::GET, [id]) => self.search.state(id, now),
            (&Method::GET, [id, "records"]) => self.search.records(id, request.uri().query().unwrap_or_default(), now),
            (&Method::DELETE, [id]) => {
                self.search.jobs.remove(*id);
                Answer::json(200, &json!({ "id": id }))
            }
            _ => refused(405, "method.unsupported", "Unsupported method for URL."),
        }
    }

    fn create(&mut self, request: &Request<Bytes>, now: u64) -> Answer {
        if head(request, "content-type") != Some("application/json") {
            return refused(415, "contenttype.invalid", "Invalid content type.");
        }
        let Ok(wish) = serde_json::from_slice::<Wish>(request.body()) else { return refused(400, "generic", "Generic error.") };
        let (Some(from), Some(to)) = (wish.from.as_ref().and_then(millis), wish.to.as_ref().and_then(millis)) else {
            return refused(400, "searchjob.invalid.timestamp.from", "The 'from' field contains an invalid time.");
        };
        if to < from {
            return refused(400, "searchjob.to.smaller.than.from", "The 'from' time cannot be larger than the 'to' time.");
        }
        if wish.time_zone.as_deref() != Some("UTC") {
            return refused(400, "searchjob.unknown.timezone", "The 'timezone' value is not a known time zone.");
        }
        let Some(query) = wish.query.as_deref().and_then(understood) else {
            return refused(400, "searchjob.parse.error", "Unable to parse query.");
        };
        let settings = self.settings.search.clone();
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for record in self.ledger.records() {
            let (own, receipt) = (message_time(record), record.received);
            let at = if wish.by_receipt_time { receipt } else { own };
            let is = |name: &str| if name == "_messageTime" { own } else { receipt };
            // Whether `to` belongs to it is nowhere said: here it does.
            let since = self.search.created.len() - self.search.created.partition_point(|job| *job < receipt);
            if since >= settings.unseen && (from..=to).contains(&at) && query.scoped(record) && query.bounded(is) {
                let id = query.value(record);
                if let Some(id) = id.filter(|id| query.among.as_ref().is_none_or(|among| among.contains(id))) {
                    *counts.entry(id).or_default() += 1;
                }
            }
        }
        self.search.created.push(now);
        let number = self.search.created.len();
        let (id, cookie) = (format!("{number:016X}"), format!("AWSALB=job{number}"));
        let rows = counts.into_iter().take(settings.rows).collect();
        let job = Job { cookie: cookie.clone(), rows, pending: settings.pending, asked: now };
        if settings.cancelled == 0 {
            self.search.jobs.insert(id.clone(), job);
        }
        self.settings.search.cancelled = settings.cancelled.saturating_sub(1);
        let body = json!({ "id": id, "link": { "rel": "self", "href": format!("{PATH}/{id}") } });
        Answer::json(202, &body)
            .with(header::LOCATION, format!("{PATH}/{id}"))
            .with(header::SET_COOKIE, format!("{cookie}; Path=/; HttpOnly"))
    }

    pub(crate) fn forget_at_sumo(&mut self, ids: &[String]) {
        self.ledger.forget(ids);
    }
}

impl Search {
    fn knows(&self, id: &str, request: &Request<Bytes>) -> bool {
        let cookies = head(request, "cookie").unwrap_or_default();
        self.jobs.get(id).is_some_and(|job| cookies.split("; ").any(|cookie| cookie == job.cookie))
    }

    fn state(&mut self, id: &str, now: u64) -> Answer {
        let Some(job) = self.jobs.get_mut(id) else { return refused(404, "searchjob.jobid.invalid", "Job ID is invalid.") };
        job.asked = now;
        let state = match job.pending {
            0 => "DONE GATHERING RESULTS",
            1 => "GATHERING RESULTS",
            _ => "NOT STARTED",
        };
        job.pending = job.pending.saturating_sub(1);
        let messages: u64 = job.rows.iter().map(|(_, count)| count).sum();
        let body = json!({
            "state": state, "messageCount": messages, "recordCount": job.rows.len(),
            "histogramBuckets": [], "pendingErrors": [], "pendingWarnings": [],
        });
        Answer::json(200, &body)
    }

    fn records(&mut self, id: &str, query: &str, now: u64) -> Answer {
        let number = |name: &str| {
            url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).and_then(|(_, value)| value.parse::<usize>().ok())
        };
        let Some(job) = self.jobs.get_mut(id) else { return refused(400, "searchjob.jobid.invalid", "Job ID is invalid.") };
        job.asked = now;
        let Some(offset) = number("offset") else { return refused(400, "searchjob.offset.missing", "Offset is missing.") };
        let Some(limit) = number("limit") else { return refused(400, "searchjob.limit.missing", "Limit is missing.") };
        if limit == 0 || limit > PAGE {
            return refused(400, "searchjob.limit.invalid", "Limit is 1 to 10000.");
        }
        let rows = job.rows.iter().skip(offset).take(limit);
        let rows: Vec<Value> = rows.map(|(id, count)| json!({ "map": { "event_id": id, "_count": count.to_string() } })).collect();
        Answer::json(200, &json!({ "fields": [], "records": rows }))
    }
}

fn head<'a>(request: &'a Request<Bytes>, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

fn millis(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Auto-correction included.
fn message_time(record: &Record) -> u64 {
    let said = || -> Option<u64> {
        let line: Value = serde_json::from_slice(&record.line).ok()?;
        if let Some(time) = line.get("time").and_then(Value::as_u64) {
            return Some(time);
        }
        let text = line.get("createdAt")?.as_str()?;
        let at = jiff::fmt::strtime::parse("%Y-%m-%dT%H:%M:%S%.f%z", text).ok()?.to_timestamp().ok()?;
        u64::try_from(at.as_millisecond()).ok()
    };
    let fits = |at: &u64| record.received < at + 365 * DAY_MS && *at < record.received + 2 * DAY_MS;
    said().filter(fits).unwrap_or(record.received)
}

impl Query {
    fn scoped(&self, record: &Record) -> bool {
        self.scope.iter().all(|(field, wanted)| {
            let found = match field.as_str() {
                "_sourceCategory" => &record.metadata.category,
                "_sourceName" => &record.metadata.name,
                _ => &record.metadata.host,
            };
            found.as_ref().is_some_and(|found| found.eq_ignore_ascii_case(wanted))
        })
    }

    fn bounded(&self, is: impl Fn(&str) -> u64) -> bool {
        self.bounds.iter().all(|(field, operator, bound)| if operator == ">=" { is(field) >= *bound } else { is(field) < *bound })
    }

    fn value(&self, record: &Record) -> Option<String> {
        let line: Value = serde_json::from_slice(&record.line).ok()?;
        let found = self.path.iter().try_fold(&line, |at, part| at.get(part))?;
        found.as_str().map(str::to_owned)
    }
}

/// `None`: nothing that it understands.
fn understood(text: &str) -> Option<Query> {
    let mut query = Query::default();
    let mut steps = text.split(" | ");
    for term in steps.next()?.split("\" ") {
        let (field, value) = term.split_once("=\"")?;
        if !["_sourceCategory", "_sourceName", "_sourceHost"].contains(&field) {
            return None;
        }
        query.scope.push((field.to_owned(), value.trim_end_matches('"').to_owned()));
    }
    let mut counted = false;
    for step in steps {
        if let Some(rest) = step.strip_prefix("json field=_raw \"") {
            let (path, name) = rest.strip_suffix(" nodrop")?.split_once("\" as ")?;
            query.path = path.split('.').map(str::to_owned).collect();
            query.name = name.to_owned();
        } else if let Some(rest) = step.strip_prefix("where _") {
            for bound in rest.split(" and _") {
                let mut words = bound.split(' ');
                let (field, operator, number) = (format!("_{}", words.next()?), words.next()?.to_owned(), words.next()?.parse().ok()?);
                if !["_messageTime", "_receiptTime"].contains(&field.as_str()) || ![">=", "<"].contains(&operator.as_str()) {
                    return None;
                }
                query.bounds.push((field, operator, number));
            }
        } else if let Some(rest) = step.strip_prefix("where ") {
            let list = rest.strip_prefix(&format!("{} in (", query.name))?.strip_suffix(')')?;
            query.among = Some(serde_json::from_str::<BTreeSet<String>>(&format!("[{list}]")).ok()?);
        } else {
            counted = step == format!("count by {}", query.name);
        }
    }
    (counted && query.name == "event_id").then_some(query)
}
