//! Miro's doors: which there are, who may pass, and what faults do to the answer.

use std::collections::HashMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, Request, header};
use url::{Url, form_urlencoded};

use crate::{
    answer::{Answer, Delivery},
    audit::{self, Query, Source},
    credits,
    directory::guid,
    fault::{Call, Endpoint, Fault},
    oauth::{Closed, SCOPE},
    scim,
    settings::Denial,
    world::State,
};

/// What a request is called. Miro documents no such header; a client takes it where it comes.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

impl State {
    pub(crate) fn miro(&mut self, request: &Request<Bytes>, now: u64) -> Answer {
        self.log.reveal(now);
        let endpoint = door(request);
        self.ledger.asked(endpoint);
        let query = (endpoint == Endpoint::Audit).then(|| Query::read(request.uri().query().unwrap_or_default(), &self.settings.miro));
        let page = query.as_ref().and_then(|q| q.as_ref().ok()).and_then(|q| self.issued.page(q, &self.settings.miro).ok()).unwrap_or(1);
        let fault = self.faults.strike(Call { endpoint, now, page, path: request.uri().path() });
        match (&fault, bearer(request.headers())) {
            (Some(Fault::RevokeToken), _) => self.revoke_token_of(request),
            (Some(Fault::ExpireToken), Some(token)) => drop(self.oauth.expire(token)),
            _ => {}
        }
        let scim = matches!(endpoint, Endpoint::ScimRead | Endpoint::ScimPatch);
        let request_id = guid(self.seed, "miro", usize::try_from(self.ledger.account.requests).unwrap_or_default());
        let answer = match fault.as_ref().and_then(|fault| unprocessed(fault, if scim { scim::on_demand } else { on_demand })) {
            Some(answer) => answer,
            None => {
                let answer = match &query {
                    Some(query) => self.audit(request, query, now),
                    None => self.plain(endpoint, request, &request_id, now),
                };
                match (&fault, &query) {
                    (Some(Fault::RepeatCursor), Some(Ok(query))) if answer.status == 200 => audit::repeated(answer, query),
                    (Some(fault), _) => bent(answer, fault),
                    (None, _) => answer,
                }
            }
        };
        let app = bearer(request.headers()).and_then(|token| self.oauth.app(token, now));
        let answer = if scim { answer } else { self.credits.mark(answer, app, &self.settings.miro, now) };
        let answer = answer.with(header::DATE, date(now, self.settings.miro.date_skew_ms)).with(REQUEST_ID, &request_id);
        self.ledger.answered(endpoint, request, &answer, now);
        answer
    }

    fn revoke_token_of(&mut self, request: &Request<Bytes>) {
        if let Some(token) = bearer(request.headers()) {
            self.oauth.revoke(token);
        }
        let form: HashMap<_, _> = form_urlencoded::parse(request.body()).into_owned().collect();
        if let Some(token) = form.get("refresh_token") {
            self.oauth.revoke(token);
        }
    }

    fn audit(&mut self, request: &Request<Bytes>, query: &Result<Query, String>, now: u64) -> Answer {
        let settings = &self.settings.miro;
        let token = bearer(request.headers());
        if let Err(closed) = self.oauth.may(token, SCOPE, now) {
            return match closed {
                Closed::Missing => Answer::refusal(401, "tokenNotProvided", "No authorization header with a bearer token"),
                Closed::Dead => Answer::refusal(401, "tokenNotProvided", "The access token is expired, revoked or unknown"),
                Closed::Scope => denied(settings.denial),
            };
        }
        if !settings.enterprise || !settings.company_admin {
            return denied(settings.denial);
        }
        let app = token.and_then(|token| self.oauth.app(token, now)).unwrap_or_default();
        if !self.credits.take(app, settings.audit_cost, settings, now) {
            let wait = settings.retry_after.then(|| (60_000 - now % 60_000).div_ceil(1000));
            return credits::throttled(wait);
        }
        let query = match query {
            Ok(query) => query,
            Err(wrong) => {
                self.ledger.violation("audit parameters", || wrong.clone());
                return Answer::refusal(400, "invalidParameters", wrong);
            }
        };
        if !query.strange.is_empty() {
            self.ledger.violation("audit parameters nobody knows", || query.strange.join(", "));
        }
        let number = match self.issued.page(query, settings) {
            Ok(number) => number,
            Err(wrong) => {
                self.ledger.violation("cursor under other parameters", || wrong.clone());
                return Answer::refusal(400, "invalidParameters", &wrong);
            }
        };
        if query.cursor.as_deref().is_some_and(|text| crate::key::Key::parse(text).is_none()) {
            self.ledger.violation("cursor not as it was given", || query.cursor.clone().unwrap_or_default());
        }
        Source { log: &self.log, cast: &self.cast, spec: &self.spec, settings }.page(query, &mut self.issued, number, now)
    }

    fn plain(&mut self, endpoint: Endpoint, request: &Request<Bytes>, request_id: &str, now: u64) -> Answer {
        match endpoint {
            Endpoint::Token => self.token(request, now),
            Endpoint::Revoke => self.oauth.revoke_call(request.body()),
            Endpoint::Authorize => self.authorize(request, now),
            Endpoint::Context => {
                let legacy = pairs(request.uri().query().unwrap_or_default()).remove("access_token");
                if legacy.is_some() {
                    self.ledger.violation("a secret in a URL", || "access_token in the query of /v1/oauth-token".into());
                }
                self.oauth.context(bearer(request.headers()).or(legacy.as_deref()), now)
            }
            Endpoint::SessionReset => self.reset_sessions(request, request_id, now).unwrap_or_else(|refusal| refusal),
            Endpoint::Members => self.list_members(request, now).unwrap_or_else(|refusal| refusal),
            Endpoint::ScimRead | Endpoint::ScimPatch => self.scim(endpoint, request, request_id, now).unwrap_or_else(|refusal| refusal),
            _ => Answer::refusal(404, "notFound", "Not found"),
        }
    }

    fn token(&mut self, request: &Request<Bytes>, now: u64) -> Answer {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let form = kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded");
        if !request.body().is_empty() && !form {
            self.ledger.violation("token request that is not a form", || kind.to_owned());
            return Answer::refusal(400, "invalidParameters", "Parameters belong in an application/x-www-form-urlencoded body");
        }
        let mut given = pairs(request.uri().query().unwrap_or_default());
        if !given.is_empty() {
            self.ledger.violation("a secret in a URL", || "token parameters in the query".into());
        }
        given.extend(form_urlencoded::parse(request.body()).into_owned());
        self.ledger.account.refreshes += u64::from(given.get("grant_type").is_some_and(|kind| kind == "refresh_token"));
        self.oauth.token(&given, &self.settings.miro, now)
    }

    /// The consent page. `approve=yes` is its button, and what `auto_approve` presses.
    fn authorize(&mut self, request: &Request<Bytes>, now: u64) -> Answer {
        let given = pairs(request.uri().query().unwrap_or_default());
        let text = |name: &str| given.get(name).map(String::as_str).unwrap_or_default();
        let allowed = &self.settings.miro.redirect_uris;
        let back =
            Url::parse(text("redirect_uri")).ok().filter(|_| allowed.is_empty() || allowed.iter().any(|uri| uri == text("redirect_uri")));
        let Some(mut back) = back.filter(|_| text("client_id") == self.oauth.client_id && text("response_type") == "code") else {
            return Answer::text(
                400,
                "text/html; charset=utf-8",
                "<h1>Invalid request</h1><p>client_id, response_type or redirect_uri</p>",
            );
        };
        if !self.settings.miro.auto_approve && text("approve") != "yes" {
            let query = request.uri().query().unwrap_or_default().replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
            let page = format!(
                "<!doctype html><title>Install app</title><p>miro-source asks for auditlogs:read</p><a href=\"?{query}&amp;approve=yes\">Install &amp; authorize</a>"
            );
            return Answer::text(200, "text/html; charset=utf-8", page);
        }
        let code = self.oauth.issue_code(text("redirect_uri"), now);
        back.query_pairs_mut().append_pair("code", &code).append_pair("client_id", &self.oauth.client_id);
        if let Some(state) = given.get("state") {
            back.query_pairs_mut().append_pair("state", state);
        }
        Answer::empty(302).with(header::LOCATION, back.as_str())
    }
}

fn door(request: &Request<Bytes>) -> Endpoint {
    let path = request.uri().path();
    match (request.method(), path) {
        (&Method::GET, "/v2/audit/logs") => Endpoint::Audit,
        (&Method::POST, "/v1/oauth/token") => Endpoint::Token,
        (&Method::GET, "/v1/oauth-token") => Endpoint::Context,
        (&Method::POST, "/v2/oauth/revoke") => Endpoint::Revoke,
        (&Method::GET, "/oauth/authorize") => Endpoint::Authorize,
        (&Method::POST, "/v2/sessions/reset_all") => Endpoint::SessionReset,
        (&Method::GET, _) if is_member(path) => Endpoint::Members,
        (&Method::PATCH, _) if path.starts_with(scim::PATH) => Endpoint::ScimPatch,
        _ if path.starts_with(scim::PATH) => Endpoint::ScimRead,
        _ => Endpoint::Other,
    }
}

/// `/v2/orgs/{org_id}/members`, or one of them.
fn is_member(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    matches!(parts.as_slice(), ["", "v2", "orgs", _, "members"] | ["", "v2", "orgs", _, "members", _])
}

pub(crate) fn denied(denial: Denial) -> Answer {
    match denial {
        Denial::Forbidden => Answer::refusal(403, "forbiddenAccess", "Insufficient permissions"),
        Denial::NotFound => Answer::refusal(404, "notFound", "Not found"),
    }
}

/// A `Date` header that is off by so many milliseconds.
pub(crate) fn date(now: u64, skew_ms: i64) -> String {
    let shown = i64::try_from(now).unwrap_or(i64::MAX).saturating_add(skew_ms);
    jiff::Timestamp::from_millisecond(shown).unwrap_or_default().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").filter(|token| !token.is_empty())
}

fn pairs(query: &str) -> HashMap<String, String> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Miro's own words for a status that somebody ordered.
pub(crate) fn on_demand(status: u16) -> Answer {
    match status {
        429 => credits::throttled(None),
        _ => Answer::refusal(status, code(status), "A fault on demand"),
    }
}

/// The answer of a fault under which the request is never looked at. `words` are the vendor's own for a status.
pub(crate) fn unprocessed(fault: &Fault, words: impl FnOnce(u16) -> Answer) -> Option<Answer> {
    let after = |answer: Answer, seconds: &Option<u64>| match seconds {
        Some(seconds) => answer.with(header::RETRY_AFTER, seconds.to_string()),
        None => answer,
    };
    let login = "<!DOCTYPE html><html><head><title>Sign in to the network</title></head><body><form></form></body></html>";
    Some(match fault {
        Fault::Reset => Answer { delivery: Delivery::Reset, ..Answer::empty(503) },
        Fault::Throttle { retry_after } => after(words(429), retry_after),
        Fault::Redirect { to } => Answer::empty(302).with(header::LOCATION, to),
        Fault::Html => Answer::text(200, "text/html; charset=utf-8", login),
        Fault::Status { status, body, retry_after } => {
            let answer = match body {
                Some(body) => Answer::text(*status, "text/plain", body.clone()),
                None => words(*status),
            };
            after(answer, retry_after)
        }
        _ => return None,
    })
}

/// The code that Miro documents for a status.
fn code(status: u16) -> &'static str {
    match status {
        400 => "invalidParameters",
        401 => "tokenNotProvided",
        403 => "forbiddenAccess",
        404 => "notFound",
        409 => "conflict",
        429 => "tooManyRequests",
        _ => "internalError",
    }
}

/// What a fault makes of the answer to a processed request.
pub(crate) fn bent(answer: Answer, fault: &Fault) -> Answer {
    let delivery = match fault {
        Fault::Delay { ms } => Delivery::Delayed(*ms),
        Fault::Slow { chunk, pause_ms } => Delivery::Slow(*chunk, *pause_ms),
        Fault::Lost => Delivery::Lost,
        Fault::Truncate { after } => Delivery::Truncated(*after),
        Fault::Oversize { bytes } => Delivery::Giant(*bytes),
        _ => answer.delivery,
    };
    let answer = Answer { delivery, ..answer };
    match fault {
        Fault::BadJson => Answer { body: answer.body.slice(..answer.body.len() / 2), ..answer },
        Fault::ContentType { value } => answer.with(header::CONTENT_TYPE, value),
        _ => answer,
    }
}
