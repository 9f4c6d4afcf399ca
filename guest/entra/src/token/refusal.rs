//! Why there is no token, in words of our own: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.

use serde::Deserialize;

use super::authenticate::TRIED;
use crate::{
    graph::Loose,
    http::{Body, Response},
    types::Failure,
    words,
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fault {
    error: Loose,
    error_codes: Loose,
}

/// A code of Entra that is known.
struct Known {
    /// The digits behind `AADSTS`.
    code: &'static str,
    /// The kind of failure.
    kind: fn(String) -> Failure,
    /// What was wrong, and what to do.
    what: &'static str,
}

const fn known(code: &'static str, kind: fn(String) -> Failure, what: &'static str) -> Known {
    Known { code, kind, what }
}

const KNOWN: &[Known] = &[
    known(
        "7000215",
        Failure::Unauthorized,
        "the secret `client_secret` is not one of this app; set its value, which is shown once when it is made, not its ID",
    ),
    known(
        "7000222",
        Failure::Unauthorized,
        "the secret `client_secret` has expired; make a new one under Certificates & secrets of the app registration",
    ),
    known(
        "700016",
        Failure::Invalid,
        "the tenant has no app with this `client_id`; check both, and that an administrator has consented to the app in this tenant",
    ),
    known("90002", Failure::Invalid, "there is no such tenant; check `tenant`, and `login_url` where the tenant is in a national cloud"),
    known("900023", Failure::Invalid, "there is no such tenant; check `tenant`"),
    known("900021", Failure::Invalid, "there is no such tenant; check `tenant`"),
    known(
        "500011",
        Failure::Invalid,
        "the tenant does not know Microsoft Graph at `graph_url`; check it, and `login_url`: both must be of the same cloud",
    ),
    known("70011", Failure::Invalid, "Entra does not know the scope; check that `graph_url` and `login_url` are of the same cloud"),
    known("1002012", Failure::Invalid, "Entra does not know the scope; check that `graph_url` and `login_url` are of the same cloud"),
    known(
        "700027",
        Failure::Unauthorized,
        "the signature of the assertion fits no certificate of the app; upload the certificate to the app registration",
    ),
    known("700024", Failure::Unauthorized, "the assertion is not valid at this time; check the clock of this machine"),
    known("700023", Failure::Invalid, "the assertion is for somebody else; check `login_url` and `tenant`"),
    known("700021", Failure::Unauthorized, "the assertion is not of this app; check `client_id`"),
    known(
        "700211",
        Failure::Unauthorized,
        "no federated credential of the app fits the issuer of the assertion; add one to the app registration",
    ),
    known(
        "700212",
        Failure::Unauthorized,
        "no federated credential of the app fits the audience of the assertion; it is `api://AzureADTokenExchange`",
    ),
    known(
        "700213",
        Failure::Unauthorized,
        "no federated credential of the app fits the subject of the assertion; add one to the app registration",
    ),
    known("7000112", Failure::Forbidden, "the app is disabled in the tenant; enable it under Enterprise applications"),
    known(
        "53003",
        Failure::Forbidden,
        "a Conditional Access policy keeps the app out; make an exception for it, or ask from an address that is allowed",
    ),
    known("53011", Failure::Forbidden, "Entra takes the app itself to be at risk; an administrator must look at Risky workload identities"),
    known("90033", Failure::Unavailable, "Entra cannot do it now"),
    known("90024", Failure::Unavailable, "Entra is busy"),
];

/// What a refusal means. First the status, where it says to wait; then the codes, then RFC 6749's `error`.
pub(super) fn failure(response: &Response, hide: &[&str], now: u64) -> Failure {
    let status = response.status;
    let told = |said: &str, what: &str| format!("cannot {TRIED}: {what} ({said})");
    let bare = format!("status {status}");
    match status {
        429 => return Failure::Throttled(response.header("retry-after").and_then(|text| words::retry_after(text, now))),
        407 => return Failure::Unavailable(told(&bare, "the proxy wants a login; check the proxy's settings")),
        408 | 500..=599 => return Failure::Unavailable(told(&bare, "Entra cannot do it now")),
        _ => {}
    }
    let Body::Whole(body) = &response.body else { return Failure::Protocol(told(&bare, "the answer is far too large for an error")) };
    if body.trim_ascii_start().starts_with(b"<") && status != 404 {
        return Failure::Unavailable(told(&bare, "a web page answered, not Entra; check the proxy or firewall in between"));
    }
    let fault: Fault = serde_json::from_slice(body).unwrap_or_default();
    let codes = fault.error_codes.texts();
    if let Some(Known { code, kind, what }) = KNOWN.iter().find(|known| codes.iter().any(|said| said == known.code)) {
        return kind(told(&format!("AADSTS{code}"), what));
    }
    let number = codes.iter().find(|code| code.len() <= 10 && code.bytes().all(|byte| byte.is_ascii_digit()));
    let word = fault.error.text().and_then(|word| words::code(word, hide));
    let mut said = bare;
    for more in
        [word.clone(), number.filter(|code| !hide.contains(&code.as_str())).map(|code| format!("AADSTS{code}"))].into_iter().flatten()
    {
        said.push_str(&format!(", {more}"));
    }
    let look = "look the code up at https://login.microsoftonline.com/error";
    match (word.as_deref(), status) {
        (Some("temporarily_unavailable"), _) => Failure::Unavailable(told(&said, "Entra cannot do it now")),
        (Some("invalid_client"), _) => Failure::Unauthorized(told(
            &said,
            &format!("Entra does not take what proves who asks; check the secret or the certificate of the app registration, and {look}"),
        )),
        (
            Some(
                "unauthorized_client"
                | "invalid_request"
                | "invalid_scope"
                | "invalid_grant"
                | "unsupported_grant_type"
                | "invalid_resource",
            ),
            _,
        ) => Failure::Invalid(told(
            &said,
            &format!("Entra does not accept the request; check `tenant`, `client_id`, `login_url` and `graph_url`, and {look}"),
        )),
        (_, 300..=399 | 404 | 405) => Failure::Invalid(told(&said, "nothing answers there; check `login_url` and `tenant`")),
        (_, 400 | 401) => Failure::Unauthorized(told(&said, &format!("Entra refuses the app; {look}"))),
        (_, 403) => Failure::Forbidden(told(&said, &format!("Entra forbids it to the app; {look}"))),
        _ => Failure::Protocol(told(&said, "Entra answered what it does not document")),
    }
}
