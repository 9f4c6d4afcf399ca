//! What an access token stands for: `GET /v1/oauth-token`, <https://developers.miro.com/reference/token-info>.

use serde_json::value::RawValue;

use super::answer;
use crate::{
    config::Config,
    http::{Method, Request, Response, TransportError},
    normalize::json,
    source::Identity,
    types::{Entity, Failure},
};

/// The scope that reading the audit log needs.
pub const SCOPE: &str = "auditlogs:read";

const TRIED: &str = "ask Miro about the access token";

/// The question.
///
/// # Errors
/// `invalid` for a token that no header can carry.
pub fn check(config: &Config, access_token: &str) -> Result<Request, Failure> {
    if access_token.is_empty() || !access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Failure::Invalid(
            "the access token is empty or has a space, a line break or a letter outside ASCII in it; copy it again".to_owned(),
        ));
    }
    Ok(Request {
        method: Method::Get,
        url: format!("{}/v1/oauth-token", config.api_url),
        headers: vec![("authorization".to_owned(), format!("Bearer {access_token}")), ("accept".to_owned(), "application/json".to_owned())],
        body: None,
    })
}

/// The answer. Where Miro names no scopes at all, none counts as missing: reading will tell.
///
/// # Errors
/// `expired` for a token that Miro refuses (status 401, and 400: the question has no other parameter), `forbidden`,
/// `throttled`, `unavailable`, `invalid`, `protocol` by status.
pub fn check_answer(answer: Result<Response, TransportError>) -> Result<Identity, Failure> {
    let response = answer.map_err(|error| answer::no_answer(TRIED, &error))?;
    match response.status {
        200 => answer::body(&response)
            .and_then(identity)
            .ok_or_else(|| Failure::Protocol(format!("cannot {TRIED}: the answer is not a JSON object"))),
        400 | 401 if !answer::is_web_page(&response) => Err(Failure::Expired),
        403 => Err(Failure::Forbidden(format!(
            "cannot {TRIED}: it is forbidden ({}); the organization must be on Miro's Enterprise plan, the app installed by a Company Admin, with the scope {SCOPE}",
            answer::words(&response, &[])
        ))),
        _ => Err(answer::otherwise(TRIED, &response, &[])),
    }
}

fn identity(body: &str) -> Option<Identity> {
    let [organization, user, created_by, scopes, scope] = json::members(body, &["organization", "user", "createdBy", "scopes", "scope"])?;
    let named = [scopes, scope].into_iter().flatten().find(|value| value.get().starts_with(['[', '"']));
    let scopes = named.map(list).unwrap_or_default();
    let missing = if named.is_none() || scopes.iter().any(|scope| scope == SCOPE) { Vec::new() } else { vec![SCOPE.to_owned()] };
    Some(Identity {
        organization: organization.and_then(|value| entity(value, "organization")),
        user: user.and_then(|value| entity(value, "user")).or_else(|| created_by.and_then(|value| entity(value, "user"))),
        scopes,
        missing,
    })
}

/// Scopes as an array or, as in OAuth itself, as words of one string.
fn list(scopes: &RawValue) -> Vec<String> {
    match json::elements(scopes.get()) {
        Some(elements) => elements.into_iter().filter_map(|scope| json::owned(Some(scope))).collect(),
        None => json::text(Some(scopes)).map(|words| words.split_whitespace().map(ToOwned::to_owned).collect()).unwrap_or_default(),
    }
}

fn entity(value: &RawValue, kind: &str) -> Option<Entity> {
    let [id, name] = json::members(value.get(), &["id", "name"])?;
    let (id, name) = (json::owned(id), json::owned(name));
    (id.is_some() || name.is_some()).then(|| Entity { kind: Some(kind.to_owned()), id, name })
}
