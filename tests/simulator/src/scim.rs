//! Miro's SCIM (<https://developers.miro.com/reference/getting-started-4>, RFC 7643 and RFC 7644): finding a user by name, and switching one off
//! and on. It has a token of its own, and no token of the REST API opens it.
#![expect(clippy::result_large_err, reason = "a refusal is an answer like any other, and made now and then")]

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Method, Request, header};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use crate::{
    answer::Answer,
    directory::same,
    effect::{Done, Effect},
    fault::Endpoint,
    member::{Member, Role},
    miro::bearer,
    world::State,
};

/// Where it is, beside the API.
pub(crate) const PATH: &str = "/api/v1/scim";
const WINDOW_MS: u64 = 30_000;
/// Requests in a window, see <https://developers.miro.com/reference/rate-limits>.
const READS: u64 = 200;
const WRITES: u64 = 100;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The token, and what was asked in this window.
#[derive(Debug)]
pub(crate) struct Scim {
    pub(crate) token: String,
    window: u64,
    reads: u64,
    writes: u64,
}

#[derive(Deserialize)]
struct PatchOp {
    schemas: Vec<String>,
    #[serde(rename = "Operations")]
    operations: Vec<Operation>,
}

#[derive(Deserialize)]
struct Operation {
    op: String,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    value: Value,
}

impl Scim {
    pub(crate) fn new(seed: u64, generation: u64) -> Self {
        let hash = Sha256::digest([b"scim".as_slice(), &seed.to_le_bytes(), &generation.to_le_bytes()].concat());
        Self { token: URL_SAFE_NO_PAD.encode(hash), window: 0, reads: 0, writes: 0 }
    }

    fn spend(&mut self, writes: bool, now: u64) -> Result<(), Answer> {
        if self.window != now / WINDOW_MS {
            (self.window, self.reads, self.writes) = (now / WINDOW_MS, 0, 0);
        }
        let (spent, most) = if writes { (&mut self.writes, WRITES) } else { (&mut self.reads, READS) };
        *spent += 1;
        if *spent > most { Err(on_demand(429)) } else { Ok(()) }
    }
}

/// SCIM's error: its status is a text.
fn refusal(status: u16, kind: Option<&str>, detail: &str) -> Answer {
    let mut body = json!({ "schemas": [ERROR], "status": status.to_string(), "detail": detail });
    if let (Some(kind), Some(body)) = (kind, body.as_object_mut()) {
        body.insert("scimType".to_owned(), json!(kind));
    }
    scim(Answer::json(status, &body))
}

fn scim(answer: Answer) -> Answer {
    answer.with(header::CONTENT_TYPE, "application/scim+json")
}

/// SCIM's words for a status that somebody ordered.
pub(crate) fn on_demand(status: u16) -> Answer {
    refusal(status, (status == 429).then_some("tooManyRequests"), "A fault on demand")
}

fn nobody(id: &str) -> Answer {
    refusal(404, None, &format!("User {id} not found"))
}

impl Member {
    /// Guests are nobody's to provision.
    fn is_provisioned(&self) -> bool {
        !matches!(self.role, Role::TeamGuest | Role::External)
    }

    fn resource(&self) -> Value {
        json!({
            "schemas": [USER], "id": self.id, "userName": self.email, "displayName": self.name, "active": self.active, "userType": "Full",
            "emails": [{ "value": self.email, "primary": true }],
            "meta": { "resourceType": "User", "location": format!("https://miro.com{PATH}/Users/{}", self.id) },
        })
    }
}

impl State {
    pub(crate) fn scim(&mut self, endpoint: Endpoint, request: &Request<Bytes>, request_id: &str, now: u64) -> Result<Answer, Answer> {
        match bearer(request.headers()) {
            Some(token) if token == self.scim.token => {}
            _ => return Err(refusal(401, None, "The SCIM token is missing or not valid")),
        }
        if !self.settings.miro.scim {
            return Err(refusal(403, None, "SCIM is disabled"));
        }
        let path = request.uri().path().strip_prefix(PATH).unwrap_or_default().to_owned();
        let path: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        self.scim.spend(endpoint == Endpoint::ScimPatch, now)?;
        match (request.method(), path.as_slice()) {
            (&Method::GET, ["Users"]) => self.find_users(request),
            (&Method::GET, ["Users", id]) => {
                let member = self.members.iter().find(|member| member.id == *id && member.is_provisioned());
                Ok(scim(Answer::json(200, &member.ok_or_else(|| nobody(id))?.resource())))
            }
            (&Method::PATCH, ["Users", id]) => self.patch_user(request, id, request_id, now),
            _ => Err(refusal(404, None, "Not found")),
        }
    }

    fn find_users(&self, request: &Request<Bytes>) -> Result<Answer, Answer> {
        let (mut name, mut start, mut count) = (None, 1, 100);
        for (key, value) in form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()) {
            let number = || value.parse::<usize>().map_err(|_| refusal(400, Some("invalidValue"), "Not a number"));
            match key.as_ref() {
                "filter" => name = Some(user_name(&value).ok_or_else(|| refusal(400, Some("invalidFilter"), "Only userName eq \"…\""))?),
                "startIndex" => start = number()?.max(1),
                "count" => count = number()?.min(100),
                "attributes" | "sortBy" | "sortOrder" => {}
                _ => return Err(refusal(400, Some("invalidSyntax"), "Unknown parameter")),
            }
        }
        let met = |member: &&Member| member.is_provisioned() && name.as_ref().is_none_or(|name| same(&member.email, name));
        let all: Vec<Value> = self.members.iter().filter(met).map(Member::resource).collect();
        let page: Vec<&Value> = all.iter().skip(start - 1).take(count).collect();
        let body = json!({
            "schemas": [LIST], "totalResults": all.len(), "startIndex": start, "itemsPerPage": page.len(), "Resources": page,
        });
        Ok(scim(Answer::json(200, &body)))
    }

    fn patch_user(&mut self, request: &Request<Bytes>, id: &str, request_id: &str, now: u64) -> Result<Answer, Answer> {
        let active = switch(request)?;
        let admins = self.members.iter().filter(|member| member.role == Role::Admin && member.active).count();
        let member = self.members.iter_mut().find(|member| member.id == id && member.is_provisioned()).ok_or_else(|| nobody(id))?;
        if member.role == Role::Admin && member.active && !active && admins < 2 {
            return Err(refusal(400, Some("mutability"), "The last Company Admin cannot be deactivated"));
        }
        let changed = member.active != active;
        member.active = active;
        let (address, body) = (member.email.clone(), member.resource());
        self.ledger.effect(Effect {
            at: now,
            by: "scim".to_owned(),
            done: if active { Done::Restored } else { Done::Suspended },
            target: id.to_owned(),
            address,
            subject: None,
            text: None,
            changed,
            request_id: request_id.to_owned(),
        });
        Ok(scim(Answer::json(200, &body)))
    }
}

/// `userName eq "…"`, the value a text of JSON (RFC 7644 section 3.4.2.2).
fn user_name(filter: &str) -> Option<String> {
    let (attribute, rest) = filter.trim().split_once(' ')?;
    let (operator, value) = rest.trim_start().split_once(' ')?;
    let known = attribute.eq_ignore_ascii_case("userName") && operator.eq_ignore_ascii_case("eq");
    serde_json::from_str(value).ok().filter(|_| known)
}

/// What a PATCH makes of `active`, and nothing else.
fn switch(request: &Request<Bytes>) -> Result<bool, Answer> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !["application/scim+json", "application/json"].contains(&kind.split(';').next().unwrap_or_default().trim()) {
        return Err(refusal(415, None, "Content-Type must be application/scim+json"));
    }
    let patch: PatchOp =
        serde_json::from_slice(request.body()).map_err(|_| refusal(400, Some("invalidSyntax"), "The body is no PatchOp"))?;
    let [operation] = patch.operations.as_slice() else { return Err(refusal(400, Some("invalidSyntax"), "One operation, no more")) };
    if patch.schemas != [PATCH] || !operation.op.eq_ignore_ascii_case("replace") {
        return Err(refusal(400, Some("invalidSyntax"), "Only a PatchOp that replaces"));
    }
    let value = match operation.path.as_deref() {
        Some("active") => Some(&operation.value),
        Some(_) => None,
        None => operation.value.as_object().filter(|values| values.len() == 1).and_then(|values| values.get("active")),
    };
    let value = value.ok_or_else(|| refusal(400, Some("invalidPath"), "Only active can be replaced"))?;
    // As documented a text; a boolean says the same.
    let read = value.as_bool().or_else(|| value.as_str().and_then(|text| text.to_ascii_lowercase().parse().ok()));
    read.ok_or_else(|| refusal(400, Some("invalidValue"), "active is neither true nor false"))
}
