//! An HTTP Source, see <https://help.sumologic.com/docs/send-data/hosted-collectors/http-source/logs-metrics/upload-logs/>.
//!
//! It takes newline-delimited JSON only, and keeps book of whatever the real one would silently slice, drop or misread.

use std::{io::Read, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http::{HeaderMap, HeaderName, Method, Request};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    answer::Answer,
    fault::{Call, Endpoint, Fault},
    ledger::{Ledger, Metadata, Record},
    miro,
    settings::TooLarge,
    world::State,
};

/// Where it listens; the token is the next segment, or the `x-sumo-token` header.
pub(crate) const PATH: &str = "/receiver/v1/http";
/// Nothing larger is ever unpacked.
const UNPACKED: u64 = 64 << 20;

/// A token as long as the real ones.
pub(crate) fn token(seed: u64, generation: u64) -> String {
    let said = [b"sumo".to_vec(), seed.to_le_bytes().to_vec(), generation.to_le_bytes().to_vec()].concat();
    format!("{}==", URL_SAFE_NO_PAD.encode([Sha256::digest(&said), Sha256::digest(Sha256::digest(&said))].concat()))
}

/// As much of a line as the books need; reading it proves that the line is one JSON object.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: Option<Value>,
    #[serde(default)]
    event: Option<Value>,
    #[serde(default)]
    metadata: Option<Value>,
}

impl Line {
    /// The vendor's id, wherever the format keeps it.
    fn id(&self) -> Option<String> {
        let ocsf = || self.metadata.as_ref()?.get("uid")?.as_str();
        self.id.as_ref().and_then(Value::as_str).or_else(ocsf).map(str::to_owned)
    }

    /// Whether it claims to be an audit event.
    fn is_event(&self) -> bool {
        let ocsf = self.metadata.as_ref().is_some_and(|metadata| metadata.get("uid").is_some());
        self.event.as_ref().is_some_and(Value::is_string) || ocsf || self.id().is_some_and(|id| crate::key::Key::parse(&id).is_some())
    }
}

impl State {
    pub(crate) fn sumo(&mut self, request: &Request<Bytes>, now: u64) -> Answer {
        self.log.reveal(now);
        let endpoint = if request.method() == Method::POST { Endpoint::Sumo } else { Endpoint::SumoPing };
        self.ledger.asked(endpoint);
        let fault = self.faults.strike(Call { endpoint, now, page: 1, path: request.uri().path() });
        let answer = match fault.as_ref().and_then(unprocessed) {
            Some(answer) => answer,
            None => {
                let answer = if endpoint == Endpoint::Sumo { self.post(request, fault.as_ref(), now) } else { self.ping(request) };
                fault.as_ref().map_or(answer.clone(), |fault| miro::bent(answer, fault))
            }
        };
        self.ledger.answered(endpoint, request, &answer, now);
        answer
    }

    fn opens(&self, request: &Request<Bytes>) -> bool {
        let token = match request.uri().path().strip_prefix(PATH) {
            Some("" | "/") => text(request.headers(), "x-sumo-token"),
            Some(path) => path.strip_prefix('/').map(str::to_owned),
            None => None,
        };
        token.is_some_and(|token| token == self.sumo_token)
    }

    fn ping(&self, request: &Request<Bytes>) -> Answer {
        match *request.method() {
            Method::GET | Method::HEAD | Method::OPTIONS => Answer::empty(if self.opens(request) { 200 } else { 401 }),
            _ => Answer::empty(405),
        }
    }

    fn post(&mut self, request: &Request<Bytes>, fault: Option<&Fault>, now: u64) -> Answer {
        if !self.opens(request) {
            return Answer::text(401, "text/plain", "Unauthorized: missing or invalid URL token");
        }
        let headers = request.headers();
        check_headers(headers, &mut self.ledger);
        let settings = &self.settings.sumo;
        let poisoned = |(name, value): (&String, &String)| text(headers, name).as_ref() == Some(value);
        if settings.poison_headers.iter().any(poisoned) {
            return Answer::text(400, "text/plain", "Bad Request");
        }
        let body = match unpack(request) {
            Ok(body) => body,
            Err(wrong) => {
                self.ledger.violation("body that cannot be unpacked", || wrong.to_owned());
                return Answer::text(400, "text/plain", "Bad Request");
            }
        };
        if body.len() > settings.max_body {
            self.ledger.violation("body over the limit", || format!("{} bytes uncompressed, limit {}", body.len(), settings.max_body));
            if settings.too_large == TooLarge::Refuse {
                return Answer::text(413, "text/plain", "Request Entity Too Large");
            }
        }
        let lines = self.lines(&body);
        let settings = &self.settings.sumo;
        if lines.iter().any(|(_, _, id)| id.as_ref().is_some_and(|id| settings.poison_ids.contains(id))) {
            return Answer::text(400, "text/plain", "Bad Request");
        }
        let taken = match fault {
            Some(Fault::Partial { lines }) => *lines,
            _ => usize::MAX,
        };
        let metadata = Arc::new(metadata(headers));
        for (line, event, id) in lines.into_iter().take(taken) {
            let acceptance = self.log.accept(id.as_deref(), &line, now);
            self.ledger.account.sumo_bytes += line.len() as u64;
            let record = Record { id, line, metadata: metadata.clone(), received: now };
            self.ledger.accepted(record, acceptance, event, settings.keep_records);
        }
        match fault {
            Some(Fault::Partial { .. }) => Answer::text(408, "text/plain", "Request Timeout"),
            Some(Fault::NoContent) => Answer::empty(204),
            Some(Fault::StatusObject) => {
                let errors = [json!({ "code": "fields.dropped", "message": "some fields are not in the schema" })];
                let body = json!({ "status": 200, "id": "SIMUL-ATED0-00001", "code": "partial", "message": "accepted with warnings", "errors": errors });
                Answer::json(200, &body)
            }
            _ => Answer::empty(200),
        }
    }

    /// The lines of a body, whether each claims to be an event, and its id.
    fn lines(&mut self, body: &Bytes) -> Vec<(Bytes, bool, Option<String>)> {
        let ledger = &mut self.ledger;
        let max = self.settings.sumo.max_line;
        if body.is_empty() {
            ledger.violation("empty body", || "a POST without a line".into());
        }
        let mut lines = Vec::new();
        // One line break at the end is how such a body ends; an empty line anywhere else is a message of its own.
        let text = body.strip_suffix(b"\n").unwrap_or(body);
        for line in text.split(|byte| *byte == b'\n').filter(|_| !text.is_empty()) {
            let line = body.slice_ref(line);
            let shown = || String::from_utf8_lossy(&line).chars().take(200).collect::<String>();
            if line.len() > max {
                ledger.violation("line that is sliced", || format!("{} bytes, limit {max}", line.len()));
            }
            if std::str::from_utf8(&line).is_err() {
                ledger.violation("line that is not UTF-8", shown);
            }
            let read = serde_json::from_slice::<Line>(&line).ok().filter(|_| line.first() == Some(&b'{') && line.last() == Some(&b'}'));
            if read.is_none() {
                ledger.violation("line that is not a JSON object", shown);
            }
            let (event, id) = read.map_or((false, None), |read| (read.is_event(), read.id()));
            // Fragments of a sliced line are no event to anybody who searches for it.
            let whole = line.len() <= max;
            lines.push((line, event && whole, id.filter(|_| whole)));
        }
        lines
    }
}

fn unprocessed(fault: &Fault) -> Option<Answer> {
    miro::unprocessed(fault, |status| match status {
        429 => Answer::text(429, "text/plain", "You have temporarily exceeded your Sumo Logic quota. Please try again at a later time"),
        _ => Answer::text(status, "text/plain", format!("status {status}")),
    })
}

fn unpack(request: &Request<Bytes>) -> Result<Bytes, &'static str> {
    let mut unpacked = Vec::new();
    let packed = request.body().as_ref();
    let read = match text(request.headers(), "content-encoding").as_deref() {
        None | Some("identity") => return Ok(request.body().clone()),
        Some("gzip") => MultiGzDecoder::new(packed).take(UNPACKED).read_to_end(&mut unpacked),
        Some("deflate") => ZlibDecoder::new(packed).take(UNPACKED).read_to_end(&mut unpacked),
        Some(_) => return Err("Content-Encoding is neither gzip nor deflate"),
    };
    read.map_err(|_| "the body is not what Content-Encoding says")?;
    Ok(unpacked.into())
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn metadata(headers: &HeaderMap) -> Metadata {
    Metadata {
        name: text(headers, "x-sumo-name"),
        category: text(headers, "x-sumo-category"),
        host: text(headers, "x-sumo-host"),
        fields: text(headers, "x-sumo-fields"),
        client: text(headers, "x-sumo-client"),
    }
}

fn check_headers(headers: &HeaderMap, ledger: &mut Ledger) {
    const LIMITS: [(&str, usize); 3] = [("x-sumo-name", 128), ("x-sumo-host", 128), ("x-sumo-category", 1024)];
    for (name, limit) in LIMITS {
        if text(headers, name).is_some_and(|value| value.chars().count() > limit) {
            ledger.violation("header over its limit", || format!("{name} has more than {limit} characters"));
        }
    }
    let fields = text(headers, "x-sumo-fields").unwrap_or_default();
    let pairs: Vec<_> = fields.split(',').filter(|_| !fields.is_empty()).map(|pair| pair.trim().split_once('=')).collect();
    let fits = |pair: &Option<(&str, &str)>| {
        pair.is_some_and(|(key, value)| !key.is_empty() && key.len() <= 255 && value.chars().count() <= 200 && !value.contains('='))
    };
    if pairs.len() > 30 || !pairs.iter().all(fits) {
        ledger.violation("X-Sumo-Fields over its limits", || fields.clone());
    }
    let known = ["name", "host", "category", "fields", "client", "token"];
    let sumo = |name: &HeaderName| name.as_str().strip_prefix("x-sumo-").is_some_and(|rest| !known.contains(&rest));
    for name in headers.keys() {
        let many = name.as_str().starts_with("x-sumo-") && headers.get_all(name).iter().count() > 1;
        if sumo(name) || many {
            ledger.violation("X-Sumo header nobody knows, or twice", || name.to_string());
        }
    }
    if text(headers, "content-type").is_some_and(|kind| kind.starts_with("application/vnd.sumologic.")) {
        ledger.violation("content type of metrics", || text(headers, "content-type").unwrap_or_default());
    }
}
