//! Graph's error, see <https://learn.microsoft.com/en-us/graph/errors>.

use std::borrow::Cow;

use http::header;
use serde_json::json;

use crate::answer::Answer;

/// Why Graph does not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: u16,
    code: &'static str,
    message: Cow<'static, str>,
    /// Seconds for `Retry-After`.
    retry_after: Option<u64>,
    /// Where to begin again.
    location: Option<String>,
}

const fn refusal(status: u16, code: &'static str, message: &'static str) -> Refusal {
    Refusal { status, code, message: Cow::Borrowed(message), retry_after: None, location: None }
}

impl Refusal {
    pub(super) const DENIED: Self = refusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
    pub(super) const MAIL_DENIED: Self = refusal(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
    pub(super) const UNLICENSED: Self = refusal(403, "Forbidden", "Your tenant is not licensed for this feature.");
    /// See <https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/8997>.
    pub(super) const NO_AUDIT: Self = refusal(
        403,
        "Authentication_MSGraphPermissionMissing",
        "Calling principal does not have required MSGraph permissions AuditLog.Read.All",
    );
    /// See <https://github.com/microsoftgraph/msgraph-sdk-dotnet/issues/1006>.
    pub(super) const NOT_PREMIUM: Self = refusal(
        403,
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "Neither tenant is B2C or tenant doesn't have premium license",
    );
    pub(super) const FILTER: Self = refusal(400, "BadRequest", "Invalid filter clause");
    pub(super) const SKIP_TOKEN: Self = refusal(400, "BadRequest", "Invalid Skip Token, skip token is null");
    pub(super) const NO_MAILBOX: Self =
        refusal(404, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive, soft-deleted, or is hosted on-premise.");
    pub(super) const NO_SENDER: Self = refusal(404, "ErrorInvalidUser", "The requested user is invalid.");
    pub(super) const ADVANCED: Self = refusal(
        400,
        "Request_UnsupportedQuery",
        "Unsupported Query. The query needs the header ConsistencyLevel: eventual and $count=true.",
    );

    /// A 400.
    pub(super) fn bad(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), ..refusal(400, code, "") }
    }

    /// The same with that status.
    pub(super) fn at(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub(super) fn token(message: &'static str) -> Self {
        refusal(401, "InvalidAuthenticationToken", message)
    }

    pub(super) fn nobody(key: &str) -> Self {
        let message = format!("Resource '{key}' does not exist or one of its queried reference-property objects are not present.");
        Self { message: message.into(), ..refusal(404, "Request_ResourceNotFound", "") }
    }

    pub(super) fn throttled(retry_after: Option<u64>) -> Self {
        Self { retry_after, ..refusal(429, "TooManyRequests", "Too many requests.") }
    }

    /// A link that is not known or holds no more: everything is to be read again, from there.
    pub(super) fn resync(location: String) -> Self {
        let message = "Resync required. Replace any local items with the server's version.";
        Self { location: Some(location), ..refusal(410, "syncStateNotFound", message) }
    }

    pub(super) fn on_demand(status: u16) -> Self {
        let code = match status {
            400 => "Request_BadRequest",
            401 => "InvalidAuthenticationToken",
            403 => "Authorization_RequestDenied",
            404 => "Request_ResourceNotFound",
            410 => "syncStateNotFound",
            429 => "TooManyRequests",
            503 => "serviceNotAvailable",
            504 => "gatewayTimeout",
            _ => "generalException",
        };
        refusal(status, code, "A fault on demand.")
    }

    pub(super) fn answer(self, request_id: &str, client_request_id: &str, now: u64) -> Answer {
        let at = i64::try_from(now).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()).unwrap_or_default();
        let inner = json!({ "date": at.strftime("%Y-%m-%dT%H:%M:%S").to_string(), "request-id": request_id, "client-request-id": client_request_id });
        let answer = Answer::json(self.status, &json!({ "error": { "code": self.code, "message": self.message, "innerError": inner } }));
        let answer = self.retry_after.iter().fold(answer, |answer, seconds| answer.with(header::RETRY_AFTER, seconds.to_string()));
        self.location.iter().fold(answer, |answer, to| answer.with(header::LOCATION, to))
    }
}
