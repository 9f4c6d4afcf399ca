//! A token for the app: one request, and what its answer says.

use serde::Deserialize;

use super::{ASSERTION, CLIENT_SECRET, refusal};
use crate::{
    config::Config,
    graph::Loose,
    http::{Answer, Body, Method, Request, TransportError, form},
    types::{Credentials, Failure, Secrets},
    words,
};

pub(super) const TRIED: &str = "obtain a token from Entra";
/// How long a token is taken to be good for where the answer does not say, in milliseconds.
const UNSAID: u64 = 300_000;

/// The question. What was signed comes before the app's secret, where both are there.
///
/// # Errors
/// `invalid` where neither is.
pub fn request(config: &Config, secrets: &Secrets, now: u64) -> Result<Request, Failure> {
    let secret = |name: &str| secrets.iter().find(|(known, secret)| known == name && !secret.is_empty()).map(|(_, secret)| secret.as_str());
    let scope = format!("{}/.default", config.graph_url);
    let mut parameters = vec![("client_id", config.client_id.as_str()), ("scope", scope.as_str()), ("grant_type", "client_credentials")];
    match (secret(ASSERTION), secret(CLIENT_SECRET)) {
        (Some(assertion), _) => {
            parameters.push(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
            parameters.push(("client_assertion", assertion));
        }
        (None, Some(secret)) => parameters.push(("client_secret", secret)),
        (None, None) => {
            return Err(Failure::Invalid(format!(
                "cannot {TRIED}: nothing proves who asks; give it a certificate, the token of a workload identity, or the secret `{CLIENT_SECRET}` \
                 from Certificates & secrets of the app registration"
            )));
        }
    }
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Ok(Request {
        method: Method::Post,
        url: config.token_url(),
        headers: vec![
            header("content-type", "application/x-www-form-urlencoded"),
            header("accept", "application/json"),
            header("client-request-id", &words::request_id(&["authenticate", &config.client_id], now)),
        ],
        body: Some(form::encode(&parameters).into_bytes()),
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Token {
    token_type: Loose,
    expires_in: Loose,
    access_token: Loose,
}

/// What came of it. `secrets` only to keep them out of texts.
///
/// # Errors
/// By status and codes; see [`refusal`].
pub fn token(secrets: &Secrets, answer: Answer, now: u64) -> Result<Credentials, Failure> {
    let hide: Vec<&str> = secrets.iter().map(|(_, secret)| secret.as_str()).collect();
    let response = answer.map_err(|(TransportError::Unsent(why) | TransportError::Unknown(why))| {
        Failure::Unavailable(format!("cannot {TRIED}: no answer: {}", words::cause(&why, &hide)))
    })?;
    if !(200..300).contains(&response.status) {
        return Err(refusal::failure(&response, &hide, now));
    }
    let wrong = |what: &str| Failure::Protocol(format!("cannot {TRIED}: {what}; check `login_url`"));
    let Body::Whole(body) = &response.body else { return Err(wrong("the answer is far too large for a token")) };
    let token: Token = serde_json::from_slice(body).map_err(|_| wrong("the answer is not the JSON of a token"))?;
    if token.token_type.is_there() && !token.token_type.text().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return Err(wrong("the token in the answer is no bearer token"));
    }
    let fits = |token: &&str| token.bytes().all(|byte| byte.is_ascii_graphic());
    let Some(access_token) = token.access_token.text().filter(fits) else { return Err(wrong("the answer holds no token")) };
    let lifetime =
        token.expires_in.text().and_then(|seconds| seconds.parse::<u64>().ok()).map_or(UNSAID, |seconds| seconds.saturating_mul(1000));
    Ok(Credentials { access_token: access_token.to_owned(), refresh_token: None, expires_at: Some(now.saturating_add(lifetime)) })
}
