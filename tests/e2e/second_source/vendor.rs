//! Tidemark, as its API is described in `guest/example/README.md`, and strict: what is not described there is refused.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::json;

/// The one token that it knows.
pub(super) const TOKEN: &str = "tdm_5a1e0c7b9d2f4e68";

/// Every so many requests one is told to wait.
const THROTTLE: u64 = 7;
const MINUTE: u64 = 60_000;

/// The vendor on a loopback port. It lives as long as the process.
pub(super) struct Vendor {
    pub(super) url: String,
    state: Arc<Mutex<State>>,
}

/// What it noted.
#[derive(Clone, Debug, Default)]
pub(super) struct Books {
    /// Why requests were refused, in order.
    pub(super) refused: Vec<String>,
    pub(super) throttled: u64,
    /// Events that showed up between two pages.
    pub(super) shifted: u64,
}

struct State {
    clock: Box<dyn Fn() -> u64 + Send>,
    held: Vec<Held>,
    requests: u64,
    books: Books,
}

struct Held {
    id: String,
    time: u64,
    visible: u64,
    kind: &'static str,
}

struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Vendor {
    pub(super) fn open(clock: impl Fn() -> u64 + Send + 'static) -> std::io::Result<Self> {
        let listener = TcpListener::bind((miro_source_tests::network::loopback().map_err(std::io::Error::other)?, 0))?;
        let url = format!("http://{}", listener.local_addr()?);
        let state = Arc::new(Mutex::new(State { clock: Box::new(clock), held: Vec::new(), requests: 0, books: Books::default() }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || serve(&stream, &state));
            }
        });
        Ok(Self { url, state })
    }

    /// An event that shows up so long after it happened.
    pub(super) fn add(&self, time: u64, late: u64) {
        lock(&self.state).add(time, time + late);
    }

    /// The ids of what has shown up.
    pub(super) fn visible(&self) -> Vec<String> {
        let state = lock(&self.state);
        let now = (state.clock)();
        state.held.iter().filter(|held| held.visible <= now).map(|held| held.id.clone()).collect()
    }

    pub(super) fn books(&self) -> Books {
        lock(&self.state).books.clone()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn add(&mut self, time: u64, visible: u64) {
        let kinds = ["session.started", "document.shared", "board.linked", "never.heard.of"];
        let number = self.held.len();
        self.held.push(Held { id: format!("evt_{number:06}"), time, visible, kind: kinds[number % kinds.len()] });
    }

    fn answer(&mut self, line: &str, token: Option<&str>) -> Answer {
        self.requests += 1;
        if self.requests.is_multiple_of(THROTTLE) {
            self.books.throttled += 1;
            return Answer { status: 429, headers: vec![("retry-after", "3".to_owned())], body: "{\"error\":\"slow_down\"}".to_owned() };
        }
        let refused = |status: u16, why: &str| Err((status, format!("{status} {why}: {line}")));
        let answered = match (line.split(' ').collect::<Vec<_>>().as_slice(), token) {
            (_, token) if token != Some(TOKEN) => refused(401, "a token of nobody"),
            (["GET", target, "HTTP/1.1"], _) => match target.split_once('?') {
                Some(("/v1/events", query)) => self.events(query).or_else(|why| refused(400, &why)),
                _ => refused(404, "no such address"),
            },
            _ => refused(405, "only GET"),
        };
        answered.unwrap_or_else(|(status, why)| {
            self.books.refused.push(why);
            Answer { status, headers: Vec::new(), body: "{\"error\":\"refused\"}".to_owned() }
        })
    }

    fn events(&mut self, query: &str) -> Result<Answer, String> {
        let (mut from, mut to, mut page, mut per_page) = (None, None, None, None);
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').ok_or("a parameter without value")?;
            let slot = match name {
                "from" => &mut from,
                "to" => &mut to,
                "page" => &mut page,
                "per_page" => &mut per_page,
                _ => return Err(format!("unknown parameter {name}")),
            };
            let number: u64 = value.parse().map_err(|_| format!("{name} is no number"))?;
            if slot.replace(number).is_some() {
                return Err(format!("{name} twice"));
            }
        }
        let (from, page, per_page) = (from.ok_or("no from")?, page.unwrap_or(1), per_page.unwrap_or(20));
        if page == 0 || !(1..=100).contains(&per_page) {
            return Err("page or per_page out of range".to_owned());
        }
        let now = (self.clock)();
        if page > 1 {
            // Between two pages something that happened a while ago shows up, and moves the ones behind it.
            self.books.shifted += 1;
            self.add(now - self.books.shifted % 14 * MINUTE, now);
        }
        let inside = |held: &&Held| held.visible <= now && held.time >= from && to.is_none_or(|to| held.time < to);
        let mut found: Vec<&Held> = self.held.iter().filter(inside).collect();
        found.sort_by_key(|held| (held.time, &held.id));
        let (skip, take) = (usize::try_from((page - 1) * per_page).unwrap(), usize::try_from(per_page).unwrap());
        let more = found.len() > skip + take;
        let events: Vec<_> = found.into_iter().skip(skip).take(take).map(Held::json).collect();
        // Written over several lines, as some do.
        let body = serde_json::to_string_pretty(&json!({ "page": page, "as_of": now, "events": events })).unwrap();
        let next = format!("</v1/events?from={from}&page={}&per_page={per_page}>; rel=\"next\"", page + 1);
        Ok(Answer { status: 200, headers: if more { vec![("link", next)] } else { Vec::new() }, body })
    }
}

impl Held {
    fn json(&self) -> serde_json::Value {
        json!({
            "id": self.id, "type": self.kind, "occurred_at": self.time, "ok": true, "ip": "203.0.113.9",
            "actor": { "id": "u_17", "name": "Ann Example", "email": "Ann@Example.com" },
            "target": { "kind": "document", "id": "d_9", "name": "Plan\nof two lines" },
            "workspace": { "id": "w_1", "name": "Design" },
        })
    }
}

/// Requests of one connection, one after the other, until it ends.
fn serve(mut stream: &TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    loop {
        let request = lines.next()?.ok()?;
        let mut token = None;
        while let Some(header) = lines.next()?.ok().filter(|line| !line.is_empty()) {
            if let Some((name, value)) = header.split_once(": ")
                && name.eq_ignore_ascii_case("authorization")
            {
                token = value.strip_prefix("Bearer ").map(str::to_owned);
            }
        }
        let Answer { status, headers, body } = lock(state).answer(&request, token.as_deref());
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        write!(stream, "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
            .ok()?;
    }
}
