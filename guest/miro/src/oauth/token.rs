//! Credentials from a code, and newer ones from older ones: `POST /v1/oauth/token`,
//! <https://developers.miro.com/reference/oauth-20-authorization-v2>. Parameters go into the body, never into the address.

use super::{answer, client_id, client_secret};
use crate::{
    config::Config,
    http::{Body, Method, Request, Response, TransportError, form},
    normalize::json,
    source::RefreshFailure,
    types::{Credentials, Failure, Secrets},
};

const EXCHANGE: &str = "turn the code into credentials";
const REFRESH: &str = "refresh the access token";

/// Trades the code from the redirect. `redirect_uri` must be the one of the authorization.
///
/// # Errors
/// `invalid` without `client_id` or the secret `client_secret`.
pub fn exchange(config: &Config, secrets: &Secrets, code: &str, redirect_uri: &str) -> Result<Request, Failure> {
    Ok(post(
        config,
        &[
            ("grant_type", "authorization_code"),
            ("client_id", client_id(config)?),
            ("client_secret", client_secret(secrets)?),
            ("code", code),
            ("redirect_uri", redirect_uri),
        ],
    ))
}

/// What came of it. `code` and `secrets` only to keep them out of texts.
///
/// # Errors
/// `unauthorized` where Miro refuses (400, 401, 403), else by status.
pub fn exchange_answer(secrets: &Secrets, code: &str, answer: Result<Response, TransportError>, now: u64) -> Result<Credentials, Failure> {
    let hide = hidden(secrets, code);
    let response = answer.map_err(|error| answer::no_answer(EXCHANGE, &error))?;
    match response.status {
        200..=299 => credentials(&response, None, now).ok_or_else(|| {
            Failure::Protocol(format!("cannot {EXCHANGE}: the answer has no access token; authorize again, since a code works once"))
        }),
        400 | 401 | 403 if !answer::is_web_page(&response) => Err(Failure::Unauthorized(format!(
            "cannot {EXCHANGE}: Miro refused it ({}); authorize again: a code works once and for ten minutes, the redirect address must be \
             written in the app's settings exactly as it is here, and `client_id` and `client_secret` must belong to that app",
            answer::words(&response, &hide)
        ))),
        _ => Err(answer::otherwise(EXCHANGE, &response, &hide)),
    }
}

/// Asks for a new pair. The old one dies the moment Miro processes this.
///
/// # Errors
/// `unsent(invalid)` without `client_id` or `client_secret`; `rejected` where there is no refresh token to ask with.
pub fn refresh(config: &Config, secrets: &Secrets, credentials: &Credentials) -> Result<Request, RefreshFailure> {
    let Some(token) = credentials.refresh_token.as_deref().filter(|token| !token.is_empty()) else {
        return Err(RefreshFailure::Rejected(Failure::Unauthorized(format!(
            "cannot {REFRESH}: there is no refresh token; create a new access token at Miro, or authorize an app that has 'Expire user authorization token' selected"
        ))));
    };
    Ok(post(
        config,
        &[
            ("grant_type", "refresh_token"),
            ("client_id", client_id(config).map_err(RefreshFailure::Unsent)?),
            ("client_secret", client_secret(secrets).map_err(RefreshFailure::Unsent)?),
            ("refresh_token", token),
        ],
    ))
}

/// What came of it. `old`: the credentials that were sent; an answer without a refresh token leaves the old one in force.
///
/// | answer | result |
/// |---|---|
/// | surely not sent | `unsent(unavailable)` |
/// | sent, no answer; 408, 5xx; 2xx without a readable access token | `unknown`: it may have been processed |
/// | 400, 401, 403 | `rejected(unauthorized)`; with the error `invalid_client`, `unsent(invalid)`: the pair was not looked at |
/// | the same as a web page | `unsent(unavailable)`: it does not come from Miro |
/// | 429 | `unsent(throttled)` |
/// | 3xx, 404, 405 | `unsent(invalid)` |
/// | any other | `unsent(protocol)` |
///
/// # Errors
/// As the table says.
pub fn refresh_answer(
    secrets: &Secrets,
    old: &Credentials,
    answer: Result<Response, TransportError>,
    now: u64,
) -> Result<Credentials, RefreshFailure> {
    let old_token = old.refresh_token.as_deref();
    let mut hide = hidden(secrets, &old.access_token);
    hide.extend(old_token);
    let response = match answer {
        Ok(response) => response,
        Err(error @ TransportError::Unsent(_)) => return Err(RefreshFailure::Unsent(answer::no_answer(REFRESH, &error))),
        Err(TransportError::Unknown(cause)) => {
            return Err(RefreshFailure::Unknown(format!("cannot {REFRESH}: it was sent to Miro and the answer was lost: {cause}")));
        }
    };
    let said = answer::words(&response, &hide);
    match response.status {
        200..=299 => credentials(&response, old_token, now).ok_or_else(|| {
            RefreshFailure::Unknown(format!(
                "cannot {REFRESH}: Miro accepted it, but the answer holds no readable access token (status {})",
                response.status
            ))
        }),
        400 | 401 | 403 if answer::is_web_page(&response) => Err(RefreshFailure::Unsent(Failure::Unavailable(format!(
            "cannot {REFRESH}: a web page answered, not Miro (status {}); check the proxy or firewall between here and Miro",
            response.status
        )))),
        400 | 401 if answer::code(&response).as_deref() == Some("invalid_client") => Err(RefreshFailure::Unsent(Failure::Invalid(
            format!("cannot {REFRESH}: Miro does not know the app ({said}); check `client_id` and `client_secret`"),
        ))),
        400 | 401 | 403 => Err(RefreshFailure::Rejected(Failure::Unauthorized(format!(
            "cannot {REFRESH}: Miro refused the refresh token ({said}); authorize again, and check that `client_id` and `client_secret` belong to the app \
             and that nothing else uses the same pair"
        )))),
        408 | 500..=599 | 0..=199 => Err(RefreshFailure::Unknown(format!(
            "cannot {REFRESH}: Miro failed while it was at it ({said}); the refresh may have been processed"
        ))),
        _ => Err(RefreshFailure::Unsent(answer::otherwise(REFRESH, &response, &hide))),
    }
}

fn post(config: &Config, parameters: &[(&str, &str)]) -> Request {
    Request {
        method: Method::Post,
        url: format!("{}/v1/oauth/token", config.api_url),
        headers: vec![
            ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
            ("accept".to_owned(), "application/json".to_owned()),
        ],
        body: Some(form::encode(parameters).into_bytes()),
    }
}

fn hidden<'a>(secrets: &'a Secrets, more: &'a str) -> Vec<&'a str> {
    secrets.iter().map(|(_, secret)| secret.as_str()).chain([more]).collect()
}

/// The credentials in an answer; `None` without an access token. Nothing else of it is read: `team_id`, say, is a number
/// too long for a double.
fn credentials(response: &Response, old_refresh_token: Option<&str>, now: u64) -> Option<Credentials> {
    let Body::Whole(bytes) = &response.body else { return None };
    let [access_token, refresh_token, expires_in] =
        json::members(std::str::from_utf8(bytes).ok()?, &["access_token", "refresh_token", "expires_in"])?;
    Some(Credentials {
        access_token: json::owned(access_token.filter(|token| token.get().starts_with('"')))?,
        refresh_token: json::owned(refresh_token).or_else(|| old_refresh_token.map(ToOwned::to_owned)),
        expires_at: json::text(expires_in).and_then(|seconds| lifetime(&seconds)).map(|lifetime| now.saturating_add(lifetime)),
    })
}

/// Seconds, as milliseconds.
fn lifetime(seconds: &str) -> Option<u64> {
    let seconds: f64 = seconds.trim().parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0)?;
    // Casts saturate; the number is not negative.
    Some((seconds * 1000.0) as u64)
}
