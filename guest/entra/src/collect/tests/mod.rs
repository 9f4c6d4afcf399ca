//! Graph in memory, a host of a few lines, and what must hold between them.

mod late;
mod paging;
mod refusals;

use std::collections::BTreeSet;

use guest_source::instant::iso;
use serde_json::{Value, json};

use crate::{
    component,
    http::{Answer, Body, Request, Response, TransportError},
    source::{Gap, Next, Note, Page, Span},
    types::Failure,
};

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// 2026-01-01, when most tests begin.
const T0: u64 = 1_767_225_600_000;
const MIRO: &str = "6e7b768e-07e2-4810-8459-485f84f8f204";
const TOKEN: &str = "eyJ0eXAiOiJKV1QifQ.open-sesame";

/// The configuration with more keys.
fn config(more: &str) -> String {
    format!(r#"{{"tenant": "contoso.example", "client_id": "4f7c", "applications": ["{MIRO}"]{more}}}"#)
}

/// One sign-in at Graph.
#[derive(Clone, Debug)]
struct Held {
    time: u64,
    id: String,
    visible: u64,
    /// Bytes of ballast.
    weight: usize,
}

/// Graph as far as collecting sees it: newest first, and a link remembers how many were shown.
#[derive(Clone, Debug)]
struct Graph {
    held: Vec<Held>,
    /// Fewer on a page than were asked for.
    page: usize,
    /// Links are refused that lead further than this.
    furthest: usize,
    /// Minus the host's clock.
    skew: i64,
    /// What does not fit.
    cap: usize,
    keeps: u64,
}

impl Default for Graph {
    fn default() -> Self {
        Self { held: Vec::new(), page: 1000, furthest: usize::MAX, skew: 0, cap: 8 << 20, keeps: 30 * DAY }
    }
}

impl Graph {
    fn add(&mut self, time: u64, visible: u64) -> String {
        let id = format!("sign-in-{}", self.held.len());
        self.held.push(Held { time, id: id.clone(), visible, weight: 0 });
        id
    }

    fn clock(&self, now: u64) -> u64 {
        now.saturating_add_signed(self.skew)
    }

    /// The answer at the host's `now`.
    fn respond(&self, request: &Request, now: u64) -> Response {
        let clock = self.clock(now);
        let query = query(&request.url);
        let get = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let filter = get("$filter").unwrap();
        let times = filter.strip_suffix(&format!(" and appId eq '{MIRO}'")).unwrap();
        let (from, to) = times.strip_prefix("createdDateTime ge ").unwrap().split_once(" and createdDateTime le ").unwrap();
        let (from, to) = (instant(from), instant(to));
        if from + 90 * DAY < clock {
            // https://github.com/microsoftgraph/microsoft-graph-docs/issues/5676
            return answer(400, &json!({ "error": { "code": "BadRequest", "message": "Invalid filter clause" } }), clock);
        }
        let top: usize = get("$top").unwrap().parse().unwrap();
        assert!((1..=1000).contains(&top));
        let shown: usize = get("$skiptoken").map_or(0, |token| token.parse().unwrap());
        if shown > self.furthest {
            return answer(400, &json!({ "error": { "code": "BadRequest", "message": "skiptoken" } }), clock);
        }
        let there = |held: &&Held| (from..=to).contains(&held.time) && held.visible <= clock && held.time + self.keeps > clock;
        let mut found: Vec<&Held> = self.held.iter().filter(there).collect();
        found.sort_by(|a, b| (b.time, &b.id).cmp(&(a.time, &a.id)));
        let page: Vec<Value> = found.iter().skip(shown).take(top.min(self.page)).map(|held| written(held)).collect();
        let mut body = json!({ "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#auditLogs/signIns" });
        let end = shown + page.len();
        if end < found.len() {
            let first = request.url.split("&$skiptoken=").next().unwrap();
            body["@odata.nextLink"] = json!(format!("{first}&$skiptoken={end}"));
        }
        body["value"] = json!(page);
        let mut answer = answer(200, &body, clock);
        if body.to_string().len() > self.cap {
            answer.body = Body::TooLarge;
        }
        answer
    }
}

fn written(held: &Held) -> Value {
    json!({
        "id": held.id, "createdDateTime": iso(held.time), "userPrincipalName": "ann@contoso.example", "appId": MIRO,
        "status": { "errorCode": 0, "failureReason": "x".repeat(held.weight) },
    })
}

/// An answer with Graph's clock.
fn answer(status: u16, body: &Value, clock: u64) -> Response {
    let date = jiff::Timestamp::from_millisecond(i64::try_from(clock).unwrap()).unwrap().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    Response { status, headers: vec![("date".to_owned(), date)], body: Body::Whole(body.to_string().into_bytes()) }
}

fn query(url: &str) -> Vec<(String, String)> {
    assert!(url.starts_with("https://graph.microsoft.com/v1.0/auditLogs/signIns?"), "{url}");
    let pairs = url.split_once('?').unwrap().1.split('&');
    pairs.map(|pair| pair.split_once('=').unwrap()).map(|(key, value)| (key.to_owned(), decode(value))).collect()
}

fn decode(text: &str) -> String {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        out.push(char::from(u8::from_str_radix(part.get(..2).unwrap(), 16).unwrap()));
        out.push_str(part.get(2..).unwrap());
    }
    out
}

fn instant(text: &str) -> u64 {
    u64::try_from(text.parse::<jiff::Timestamp>().unwrap().as_millisecond()).unwrap()
}

/// What a host keeps, and how it calls.
struct Host {
    config: String,
    checkpoint: String,
    stored: BTreeSet<String>,
    gaps: Vec<Gap>,
    /// Where the watermark was last.
    through: u64,
    calls: u64,
}

impl Host {
    fn new(more: &str, span: Span, now: u64) -> Self {
        let config = config(more);
        let checkpoint = component::begin(&config, span, now).unwrap();
        Self { config, checkpoint, stored: BTreeSet::new(), gaps: Vec::new(), through: 0, calls: 0 }
    }

    /// One call with that answer, its result not stored. It asks once at most.
    fn try_with(&self, now: u64, send: impl FnOnce(Request) -> Answer) -> Result<Page, Failure> {
        component::collect(&self.config, TOKEN, &self.checkpoint, now, |request, _| send(request))
    }

    /// One call and its commit.
    fn step(&mut self, graph: &Graph, now: u64) -> Result<Page, Failure> {
        let page = self.try_with(now, |request| Ok(graph.respond(&request, now)))?;
        self.commit(&page);
        Ok(page)
    }

    fn commit(&mut self, page: &Page) {
        assert!(page.through >= self.through, "the watermark went back");
        self.calls += 1;
        self.through = page.through;
        self.stored.extend(page.events.iter().map(|event| event.id.clone()));
        self.gaps.extend(page.notes.iter().filter_map(|note| if let Note::Gap(gap) = note { Some(gap.clone()) } else { None }));
        self.checkpoint.clone_from(&page.checkpoint);
    }

    /// Calls until there is nothing more for now, with time passing as it is asked to. Returns when that was.
    fn poll(&mut self, graph: &Graph, mut now: u64) -> u64 {
        for _ in 0..20_000 {
            match self.step(graph, now).unwrap().next {
                Next::AtOnce => {}
                Next::After(wait) => now += wait,
                Next::CaughtUp | Next::Finished => return now,
            }
        }
        panic!("no end");
    }
}
