//! The end of credentials: `POST /v2/oauth/revoke`, <https://developers.miro.com/reference/revoke-token-v2>. It ends the
//! refresh token too, and leaves the app installed.

use super::{answer, client_id, client_secret};
use crate::{
    config::Config,
    http::{Method, Request, Response, TransportError},
    types::{Credentials, Failure, Secrets},
};

const TRIED: &str = "revoke the access token";

/// Asks Miro to forget `credentials`.
///
/// # Errors
/// `invalid` without `client_id` or the secret `client_secret`.
pub fn revoke(config: &Config, secrets: &Secrets, credentials: &Credentials) -> Result<Request, Failure> {
    let body = serde_json::json!({
        "accessToken": credentials.access_token,
        "clientId": client_id(config)?,
        "clientSecret": client_secret(secrets)?,
    });
    Ok(Request {
        method: Method::Post,
        url: format!("{}/v2/oauth/revoke", config.api_url),
        headers: vec![("content-type".to_owned(), "application/json".to_owned()), ("accept".to_owned(), "application/json".to_owned())],
        body: Some(body.to_string().into_bytes()),
    })
}

/// What came of it. `secrets` and `credentials` only to keep them out of texts.
///
/// # Errors
/// `unauthorized` where Miro refuses (400, 401, 403, 404), else by status.
pub fn revoke_answer(secrets: &Secrets, credentials: &Credentials, answer: Result<Response, TransportError>) -> Result<(), Failure> {
    let response = answer.map_err(|error| answer::no_answer(TRIED, &error))?;
    let mut hide: Vec<&str> = secrets.iter().map(|(_, secret)| secret.as_str()).collect();
    hide.extend([Some(credentials.access_token.as_str()), credentials.refresh_token.as_deref()].into_iter().flatten());
    match response.status {
        200..=299 => Ok(()),
        400 | 401 | 403 | 404 if !answer::is_web_page(&response) => Err(Failure::Unauthorized(format!(
            "cannot {TRIED}: Miro refused ({}); it may be revoked or expired already; to be sure, uninstall the app in Miro's team settings",
            answer::words(&response, &hide)
        ))),
        _ => Err(answer::otherwise(TRIED, &response, &hide)),
    }
}
