use serde_json::Value;

use crate::{
    component::{assertion, authenticate},
    http::{Request, TransportError},
    tests::{CONFIG, NOW, header, says, with},
    types::{Credentials, Failure, Secrets},
};

const SECRET: &str = "s3cret~of+the=app&";

fn secrets(names: &[&str]) -> Secrets {
    names.iter().map(|name| ((*name).to_owned(), format!("{SECRET}{name}"))).collect()
}

fn asked(names: &[&str], answer: crate::http::Answer) -> (Request, Result<Credentials, Failure>) {
    let mut asked = None;
    let came = authenticate(CONFIG, &secrets(names), NOW, |request, _| {
        asked = Some(request);
        answer
    });
    (asked.unwrap(), came)
}

fn sent(request: &Request) -> String {
    String::from_utf8(request.body.clone().unwrap()).unwrap()
}

/// As published at <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>.
const TOKEN: &str = r#"{"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": "eyJ0eXAiOiJKV1Qi"}"#;

/// As published at <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
fn refusal(error: &str, code: u32) -> String {
    format!(
        r#"{{"error": "{error}", "error_description": "AADSTS{code}: words with {SECRET}client_secret", "error_codes": [{code}],
            "timestamp": "2026-06-01 00:00:00Z", "trace_id": "255d1aef-8c98-452f-ac51-23d051240864"}}"#
    )
}

#[test]
fn the_host_signs_who_the_app_is_and_for_ten_minutes() {
    let unsigned = assertion(CONFIG, &[0xfb; 32], "n-1", NOW + 999).unwrap();
    assert_eq!(unsigned.algorithm, "PS256");
    let header: Value = serde_json::from_str(&unsigned.header).unwrap();
    assert_eq!(header, serde_json::json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s" }));
    let claims: Value = serde_json::from_str(&unsigned.claims).unwrap();
    let seconds = NOW / 1000;
    assert_eq!(
        claims,
        serde_json::json!({
            "aud": "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token",
            "iss": "4f7c", "sub": "4f7c", "jti": "n-1", "nbf": seconds, "iat": seconds, "exp": seconds + 600,
        })
    );
    assert!(matches!(assertion(CONFIG, &[0; 20], "n-1", NOW), Err(Failure::Invalid(text)) if text.contains("20 bytes")));
    assert!(matches!(assertion(CONFIG, &[0; 32], "", NOW), Err(Failure::Invalid(text)) if text.contains("nonce")));
}

#[test]
fn a_secret_travels_in_the_body_and_never_in_the_address() {
    let (request, came) = asked(&["client_secret"], says(200, TOKEN));
    assert_eq!(request.url, "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token");
    assert_eq!(
        sent(&request),
        "client_id=4f7c&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&grant_type=client_credentials&client_secret=s3cret~of%2Bthe%3Dapp%26client_secret"
    );
    assert_eq!(header(&request, "content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(header(&request, "authorization"), None);
    let token = came.unwrap();
    assert_eq!((token.access_token.as_str(), token.refresh_token, token.expires_at), ("eyJ0eXAiOiJKV1Qi", None, Some(NOW + 3_599_000)));
}

#[test]
fn what_was_signed_comes_before_the_secret() {
    let (request, _) = asked(&["client_secret", "assertion"], says(200, TOKEN));
    let body = sent(&request);
    assert!(
        body.contains("client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=s3cret"),
        "{body}"
    );
    assert!(!body.contains("client_secret"), "{body}");
}

#[test]
fn a_national_cloud_has_a_scope_of_its_own() {
    let config =
        r#"{"tenant": "t", "client_id": "c", "login_url": "https://login.microsoftonline.us", "graph_url": "https://graph.microsoft.us"}"#;
    let came = authenticate(config, &secrets(&["client_secret"]), NOW, |request, _| {
        assert_eq!(request.url, "https://login.microsoftonline.us/t/oauth2/v2.0/token");
        assert!(sent(&request).contains("scope=https%3A%2F%2Fgraph.microsoft.us%2F.default&"));
        says(200, TOKEN)
    });
    assert!(came.is_ok());
}

#[test]
fn with_nothing_to_prove_who_asks_nothing_is_asked() {
    for secrets in [Vec::new(), vec![("client_secret".to_owned(), String::new())]] {
        let came = authenticate(CONFIG, &secrets, NOW, |_, _| unreachable!());
        assert!(matches!(came, Err(Failure::Invalid(text)) if text.contains("`client_secret`") && text.contains("certificate")));
    }
}

#[test]
fn what_entra_refuses_says_what_to_do_in_words_of_our_own() {
    type Kind = fn(&Failure) -> bool;
    let unauthorized: Kind = |failure| matches!(failure, Failure::Unauthorized(_));
    let invalid: Kind = |failure| matches!(failure, Failure::Invalid(_));
    for (status, error, code, kind, says_it) in [
        (401, "invalid_client", 7_000_215, unauthorized, "not one of this app; set its value"),
        (401, "invalid_client", 7_000_222, unauthorized, "has expired; make a new one"),
        (400, "unauthorized_client", 700_016, invalid, "no app with this `client_id`"),
        (400, "invalid_request", 90_002, invalid, "no such tenant; check `tenant`"),
        (400, "invalid_resource", 500_011, invalid, "both must be of the same cloud"),
        (401, "invalid_client", 700_027, unauthorized, "upload the certificate"),
        (400, "invalid_client", 1, unauthorized, "status 400, invalid_client, AADSTS1"),
        (400, "invalid_request", 1, invalid, "does not accept the request"),
        (400, "never_seen", 1, unauthorized, "Entra refuses the app; look the code up"),
    ] {
        let failure = asked(&["client_secret"], says(status, &refusal(error, code))).1.unwrap_err();
        let text = format!("{failure:?}");
        assert!(kind(&failure) && text.contains(says_it), "{code}: {text}");
        assert!(!text.contains("words with") && !text.contains(SECRET), "{text}");
    }
    let waits = with(429, &[("retry-after", "17")], "");
    assert_eq!(asked(&["client_secret"], waits).1, Err(Failure::Throttled(Some(17_000))));
    for answer in [says(503, ""), says(500, "{}"), says(403, "<html>"), Err(TransportError::Unsent("no route".to_owned()))] {
        assert!(matches!(asked(&["client_secret"], answer).1, Err(Failure::Unavailable(_))));
    }
    assert!(matches!(asked(&["client_secret"], says(404, "<html>")).1, Err(Failure::Invalid(text)) if text.contains("check `login_url`")));
    assert!(matches!(asked(&["client_secret"], says(403, &refusal("access_denied", 53_003))).1, Err(Failure::Forbidden(_))));
}

#[test]
fn a_token_that_cannot_be_used_is_none() {
    for body in [
        "",
        "{}",
        r#"{"access_token": ""}"#,
        r#"{"access_token": "two words"}"#,
        r#"{"access_token": "line\nbreak"}"#,
        r#"{"access_token": ["x"]}"#,
        r#"{"access_token": "x", "token_type": "pop"}"#,
    ] {
        assert!(
            matches!(asked(&["client_secret"], says(200, body)).1, Err(Failure::Protocol(text)) if text.contains("`login_url`")),
            "{body}"
        );
    }
    let unsaid = asked(&["client_secret"], says(200, r#"{"access_token": "x"}"#)).1.unwrap();
    assert_eq!(unsaid.expires_at, Some(NOW + 300_000), "soon, where it is not said");
    let text = asked(&["client_secret"], says(200, r#"{"access_token": "x", "expires_in": "60"}"#)).1.unwrap();
    assert_eq!(text.expires_at, Some(NOW + 60_000));
}
