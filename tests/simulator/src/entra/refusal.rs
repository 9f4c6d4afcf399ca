//! Entra's refusals.

use serde_json::json;

use crate::{answer::Answer, directory::guid};

/// A refusal: status, OAuth's word, Entra's number, what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: u16,
    error: &'static str,
    number: u32,
    says: std::borrow::Cow<'static, str>,
}

const fn refusal(status: u16, error: &'static str, number: u32, says: &'static str) -> Refusal {
    Refusal { status, error, number, says: std::borrow::Cow::Borrowed(says) }
}

impl Refusal {
    pub(super) const TENANT: Self =
        refusal(400, "invalid_request", 90002, "Tenant not found. Check to make sure you have the correct tenant ID.");
    pub(super) const APP: Self = refusal(400, "unauthorized_client", 700016, "Application was not found in the directory.");
    pub(super) const SECRET: Self = refusal(
        401,
        "invalid_client",
        7000215,
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.",
    );
    pub(super) const EXPIRED_SECRET: Self =
        refusal(401, "invalid_client", 7000222, "The provided client secret keys for the app are expired.");
    pub(super) const SCOPE: Self = refusal(
        400,
        "invalid_scope",
        1002012,
        "The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.",
    );
    pub(super) const GRANT: Self = refusal(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.");
    pub(super) const TWICE: Self =
        refusal(400, "invalid_request", 9000411, "The request is not properly formatted. A parameter is duplicated.");
    pub(super) const BOTH: Self =
        refusal(400, "invalid_request", 90014, "Either 'client_secret' or 'client_assertion' and its type must be there.");
    pub(super) const ASSERTION_TYPE: Self = refusal(400, "invalid_request", 90014, "The client_assertion_type is not supported.");
    pub(super) const MALFORMED: Self = refusal(401, "invalid_client", 50027, "JWT token is invalid or malformed.");
    pub(super) const KEY: Self = refusal(
        401,
        "invalid_client",
        700027,
        "The certificate with identifier used to sign the client assertion is not registered on application.",
    );
    pub(super) const SIGNATURE: Self = refusal(401, "invalid_client", 700027, "Client assertion failed signature validation.");
    pub(super) const ISSUER: Self =
        refusal(401, "invalid_client", 700021, "Client assertion application identifier doesn't match 'client_id' parameter.");
    pub(super) const AUDIENCE: Self =
        refusal(401, "invalid_client", 700023, "Client assertion audience claim does not match Realm issuer.");
    pub(super) const TIME: Self = refusal(401, "invalid_client", 700024, "Client assertion is not within its valid time range.");
    /// Stricter than the real one, which documents no such check.
    pub(super) const REPLAYED: Self = refusal(401, "invalid_client", 50027, "JWT token is invalid: its jti was used before.");
    pub(super) const NOWHERE: Self = refusal(404, "invalid_request", 900561, "The endpoint does not exist.");
    pub(super) const METHOD: Self = refusal(405, "invalid_request", 900561, "The endpoint only accepts POST requests.");

    pub(super) fn missing(name: &str) -> Self {
        let says = format!("The request body must contain the following parameter: '{name}'.").into();
        Self { says, ..refusal(400, "invalid_request", 900144, "") }
    }

    pub(super) fn on_demand(status: u16) -> Self {
        let error = if status == 429 || status >= 500 { "temporarily_unavailable" } else { "invalid_request" };
        refusal(status, error, 90033, "A fault on demand.")
    }

    pub(super) fn answer(&self, trace: &str, now: u64) -> Answer {
        let at = i64::try_from(now).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()).unwrap_or_default();
        let at = at.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let correlation = guid(now, trace, 0);
        let number = self.number;
        let says = format!("AADSTS{number}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {at}", self.says);
        let body = json!({
            "error": self.error, "error_description": says, "error_codes": [number], "timestamp": at,
            "trace_id": trace, "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={number}"),
        });
        Answer::json(self.status, &body)
    }
}
