//! A vendor in memory, a host of a few lines, and what must hold between them.

mod late;
mod paging;
mod refusals;

use std::{cell::RefCell, collections::BTreeSet};

use serde_json::json;

use super::{Checkpoint, Plan, answer, plan};
use crate::{
    config::Config,
    http::{Body, Request, Response, TransportError},
    instant::iso,
    normalize::{self, Traits},
    source::{Gap, Next, Note, Page, Span},
    types::Failure,
};

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// 2026-01-01, when most tests begin.
const T0: u64 = 1_767_225_600_000;

/// One event at the vendor.
#[derive(Clone, Debug)]
struct Held {
    time: u64,
    id: String,
    visible: u64,
    /// Bytes of ballast.
    weight: usize,
}

/// Miro as far as collecting sees it: pages by key, as its cursors suggest.
#[derive(Clone, Debug, Default)]
struct Vendor {
    held: Vec<Held>,
    retention: Option<u64>,
    /// Whether the bounds let their own millisecond in.
    inclusive: bool,
    /// A cursor is refused that is not the one of this many pages.
    widest: Option<u64>,
    /// Minus the host's clock.
    skew: i64,
    /// Its cursors, each with the bounds and the limit that it was given under: with others it is refused.
    issued: RefCell<BTreeSet<(String, u64, u64, usize)>>,
}

impl Vendor {
    fn add(&mut self, time: u64, visible: u64) -> String {
        let id = format!("{}#{:019}-DDB", iso(time), self.held.len());
        self.held.push(Held { time, id: id.clone(), visible, weight: 0 });
        id
    }

    fn clock(&self, now: u64) -> u64 {
        now.saturating_add_signed(self.skew)
    }

    /// The answer at the host's `now`; bodies over `cap` do not come through.
    fn respond(&self, request: &Request, now: u64, cap: u64) -> Response {
        let clock = self.clock(now);
        let query = query(&request.url);
        let get = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let [after, before] = ["createdAfter", "createdBefore"].map(|name| instant(&get(name).unwrap()));
        let limit: usize = get("limit").unwrap().parse().unwrap();
        assert_eq!(get("sorting").as_deref(), Some("ASC"));
        let too_old = self.retention.is_some_and(|keeps| after < clock - keeps);
        if too_old || self.widest.is_some_and(|widest| before - after > widest) {
            return respond(400, &json!({"status": 400, "code": "invalidParameters", "message": "createdAfter", "type": "error"}), clock);
        }
        let inside = |time: u64| if self.inclusive { (after..=before).contains(&time) } else { after < time && time < before };
        let mut found: Vec<&Held> = self.held.iter().filter(|held| inside(held.time) && held.visible <= clock).collect();
        found.sort_by(|a, b| a.id.cmp(&b.id));
        if let Some(cursor) = get("cursor") {
            assert!(cursor.contains('#'), "a cursor came cut short: {cursor}");
            if !self.issued.borrow().contains(&(cursor.clone(), after, before, limit)) {
                return respond(400, &json!({"status": 400, "code": "invalidParameters", "message": "cursor", "type": "error"}), clock);
            }
            found.retain(|held| held.id > cursor);
        }
        let more = found.len() > limit;
        found.truncate(limit);
        let cursor = if more { found.last().map(|held| held.id.clone()) } else { None };
        self.issued.borrow_mut().extend(cursor.iter().map(|cursor| (cursor.clone(), after, before, limit)));
        let data: Vec<_> = found
            .iter()
            .map(|held| json!({"id": held.id, "createdAt": iso(held.time).replace('Z', "+0000"), "event": "board_opened", "pad": "x".repeat(held.weight)}))
            .collect();
        let mut response = respond(200, &json!({"type": "cursor-list", "size": 0, "data": data, "cursor": cursor}), clock);
        if matches!(&response.body, Body::Whole(body) if body.len() as u64 > cap) {
            response.body = Body::TooLarge;
        }
        response
    }
}

/// An answer with Miro's clock.
fn respond(status: u16, body: &serde_json::Value, clock: u64) -> Response {
    let date = jiff::Timestamp::from_millisecond(i64::try_from(clock).unwrap()).unwrap().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    Response { status, headers: vec![("date".to_owned(), date)], body: Body::Whole(body.to_string().into_bytes()) }
}

fn query(url: &str) -> Vec<(String, String)> {
    assert!(!url.contains('#'), "{url}");
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
    config: Config,
    checkpoint: String,
    stored: BTreeSet<String>,
    gaps: Vec<Gap>,
    calls: u64,
    /// Pages that held an event.
    pages: u64,
}

impl Host {
    fn new(config: &str, span: Span, now: u64) -> Self {
        let config = Config::parse(config).unwrap();
        let checkpoint = Checkpoint::begin(&config, span, now).unwrap().text().unwrap();
        Self { config, checkpoint, stored: BTreeSet::new(), gaps: Vec::new(), calls: 0, pages: 0 }
    }

    fn ask(&self, now: u64) -> Plan {
        plan(&self.config, "token", &self.checkpoint, now).unwrap()
    }

    fn take(&self, now: u64, came: Result<Response, TransportError>) -> Result<Page, Failure> {
        let traits = Traits::new(&self.config.traits);
        answer(&self.config, "token", &self.checkpoint, now, came, |raw, end| normalize::event(&traits, raw, end))
    }

    /// One call and its commit.
    fn step(&mut self, vendor: &Vendor, now: u64) -> Result<Page, Failure> {
        let page = match self.ask(now) {
            Plan::Ask(request) => self.take(now, Ok(vendor.respond(&request, now, self.config.body_cap)))?,
            Plan::Rest(page) => page,
        };
        self.commit(&page);
        Ok(page)
    }

    fn commit(&mut self, page: &Page) {
        self.calls += 1;
        self.pages += u64::from(!page.events.is_empty());
        self.stored.extend(page.events.iter().map(|event| event.id.clone()));
        self.checkpoint.clone_from(&page.checkpoint);
        for note in &page.notes {
            if let Note::Gap(gap) = note {
                self.gaps.push(gap.clone());
            }
        }
    }

    /// Calls until there is nothing to do at once, each call taking a tenth of a second. Returns the time then.
    fn poll(&mut self, vendor: &Vendor, mut now: u64) -> u64 {
        for _ in 0..20_000 {
            let page = self.step(vendor, now).unwrap();
            now += 100;
            match page.next {
                Next::CaughtUp | Next::Finished => return now,
                Next::After(wait) => now += wait,
                Next::AtOnce => {}
            }
        }
        unreachable!("a poll of 20,000 calls");
    }
}
