use proptest::prelude::*;

use super::*;
use crate::{
    http::{Body, Method, Request, Response, TransportError},
    source::{Identity, RefreshFailure},
    types::Credentials,
};

const NOW: u64 = 1_700_000_000_000;
const SECRET: &str = "s3cret/with+odd=chars&";
const OLD: &str = "old-refresh-token";

/// The answer published at <https://developers.miro.com/reference/oauth-20-authorization-v2>: `team_id` is no double.
const TOKEN: &str = r#"{"token_type":"bearer","team_id":3074457358607431473,"access_token":"eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_o-P91OccaII0A63CDSK--x21xiI","refresh_token":"eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_-PIBKmE9rzQuL3bUeAvUEGFEhLk","scope":"boards:write boards:read identity:read","expires_in":3599}"#;
/// The error published at <https://developers.miro.com/docs/troubleshooting-oauth20>.
const MISMATCH: &str = r#"{"status":401,"code":"oauthError","message":"Redirect URI mismatch.","type":"error"}"#;

fn config(text: &str) -> Config {
    Config::parse(text).unwrap()
}

fn app() -> Config {
    config(r#"{"client_id":"app 1"}"#)
}

fn secrets() -> Secrets {
    vec![("client_secret".to_owned(), SECRET.to_owned())]
}

fn pair() -> Credentials {
    Credentials { access_token: "old-access-token".to_owned(), refresh_token: Some(OLD.to_owned()), expires_at: Some(NOW) }
}

fn answer(status: u16, body: &str) -> Result<Response, TransportError> {
    Ok(Response { status, headers: Vec::new(), body: Body::Whole(body.as_bytes().to_vec()) })
}

fn sent(request: &Request) -> String {
    String::from_utf8_lossy(request.body.as_deref().unwrap_or_default()).into_owned()
}

fn asked(answer: Result<Response, TransportError>) -> Result<Credentials, RefreshFailure> {
    refresh_answer(&secrets(), &pair(), answer, NOW)
}

#[test]
fn the_consent_page_gets_every_parameter_encoded() {
    let with_team = config(r#"{"client_id":"a&b","team_id":"3074457358607431473","authorize_url":"https://miro.com/oauth/authorize"}"#);
    assert_eq!(
        authorize_url(&with_team, "http://127.0.0.1:8000/cb?x=1", "s#ü ").unwrap(),
        "https://miro.com/oauth/authorize?response_type=code&client_id=a%26b&redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Fcb%3Fx%3D1&state=s%23%C3%BC%20&team_id=3074457358607431473"
    );
    assert!(matches!(authorize_url(&config("{}"), "x", "y"), Err(Failure::Invalid(text)) if text.contains("client_id")));
}

#[test]
fn i5_secrets_travel_in_the_body_and_never_in_an_address() {
    let requests = [
        exchange(&app(), &secrets(), "c0de#", "https://a/cb").unwrap(),
        refresh(&app(), &secrets(), &pair()).unwrap(),
        revoke(&app(), &secrets(), &pair()).unwrap(),
        check(&app(), "old-access-token").unwrap(),
    ];
    for request in &requests {
        for secret in ["s3cret", "c0de", OLD, "old-access-token"] {
            assert!(!request.url.contains(secret) && !format!("{request:?}").contains(secret));
        }
    }
    let [exchange, refresh, revoke, check] = &requests;
    assert_eq!((exchange.method, exchange.url.as_str()), (Method::Post, "https://api.miro.com/v1/oauth/token"));
    assert_eq!(
        sent(exchange),
        "grant_type=authorization_code&client_id=app%201&client_secret=s3cret%2Fwith%2Bodd%3Dchars%26&code=c0de%23&redirect_uri=https%3A%2F%2Fa%2Fcb"
    );
    assert_eq!(
        sent(refresh),
        "grant_type=refresh_token&client_id=app%201&client_secret=s3cret%2Fwith%2Bodd%3Dchars%26&refresh_token=old-refresh-token"
    );
    assert_eq!(revoke.url, "https://api.miro.com/v2/oauth/revoke");
    assert_eq!(sent(revoke), r#"{"accessToken":"old-access-token","clientId":"app 1","clientSecret":"s3cret/with+odd=chars&"}"#);
    assert_eq!((check.method, check.url.as_str(), check.body.is_none()), (Method::Get, "https://api.miro.com/v1/oauth-token", true));
    assert_eq!(check.headers[0], ("authorization".to_owned(), "Bearer old-access-token".to_owned()));
}

#[test]
fn what_is_missing_is_named() {
    let no_id = config("{}");
    assert!(matches!(exchange(&no_id, &secrets(), "c", "r"), Err(Failure::Invalid(text)) if text.contains("`client_id`")));
    assert!(matches!(exchange(&app(), &Vec::new(), "c", "r"), Err(Failure::Invalid(text)) if text.contains("`client_secret`")));
    assert!(matches!(refresh(&app(), &Vec::new(), &pair()), Err(RefreshFailure::Unsent(Failure::Invalid(_)))));
    assert!(matches!(refresh(&no_id, &secrets(), &pair()), Err(RefreshFailure::Unsent(Failure::Invalid(_)))));
    assert!(matches!(revoke(&no_id, &secrets(), &pair()), Err(Failure::Invalid(_))));
    let static_token = Credentials { refresh_token: None, ..pair() };
    assert!(matches!(refresh(&app(), &secrets(), &static_token), Err(RefreshFailure::Rejected(Failure::Unauthorized(_)))));
    for token in ["", "two words", "line\nbreak", "ümlaut"] {
        assert!(matches!(check(&app(), token), Err(Failure::Invalid(_))));
    }
}

#[test]
fn i4_the_published_answer_gives_the_new_pair() {
    let new = asked(answer(200, TOKEN)).unwrap();
    assert_eq!(new.access_token, "eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_o-P91OccaII0A63CDSK--x21xiI");
    assert_eq!(new.refresh_token.as_deref(), Some("eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_-PIBKmE9rzQuL3bUeAvUEGFEhLk"));
    assert_eq!(new.expires_at, Some(NOW + 3_599_000));
}

#[test]
fn an_answer_may_say_less() {
    let new = asked(answer(200, r#"{"access_token":"new"}"#)).unwrap();
    assert_eq!((new.refresh_token.as_deref(), new.expires_at), (Some(OLD), None), "the old refresh token stays in force");
    let new =
        exchange_answer(&secrets(), "c", answer(200, r#"{"access_token":"new","refresh_token":null,"expires_in":"60"}"#), NOW).unwrap();
    assert_eq!((new.refresh_token, new.expires_at), (None, Some(NOW + 60_000)));
    assert_eq!(asked(answer(200, r#"{"access_token":"new","expires_in":1e300}"#)).unwrap().expires_at, Some(u64::MAX));
}

#[test]
fn i4_a_refresh_that_may_have_been_processed_is_unknown() {
    for body in ["", "{", "{}", "<html>", "[]", r#"{"access_token":null}"#, r#"{"access_token":""}"#, r#"{"access_token":5}"#] {
        assert!(matches!(asked(answer(200, body)), Err(RefreshFailure::Unknown(_))), "{body}");
    }
    for status in [100, 408, 500, 502, 503, 504, 599] {
        assert!(matches!(asked(answer(status, "")), Err(RefreshFailure::Unknown(_))), "{status}");
    }
    assert!(matches!(asked(Err(TransportError::Unknown("reset".to_owned()))), Err(RefreshFailure::Unknown(_))));
    assert!(matches!(asked(Ok(Response { status: 200, headers: Vec::new(), body: Body::TooLarge })), Err(RefreshFailure::Unknown(_))));
}

#[test]
fn i4_a_refresh_that_was_not_processed_leaves_the_pair_intact() {
    assert!(matches!(asked(Err(TransportError::Unsent("no route".to_owned()))), Err(RefreshFailure::Unsent(Failure::Unavailable(_)))));
    let slow = Response { status: 429, headers: vec![("retry-after".to_owned(), "7".to_owned())], body: Body::Whole(Vec::new()) };
    assert!(matches!(asked(Ok(slow)), Err(RefreshFailure::Unsent(Failure::Throttled(Some(7000))))));
    for status in [301, 302, 404, 405] {
        assert!(matches!(asked(answer(status, "")), Err(RefreshFailure::Unsent(Failure::Invalid(_)))), "{status}");
    }
    assert!(matches!(asked(answer(418, "")), Err(RefreshFailure::Unsent(Failure::Protocol(_)))));
    assert!(matches!(asked(answer(407, "")), Err(RefreshFailure::Unsent(Failure::Unavailable(_)))));
    assert!(matches!(asked(answer(403, " <html>blocked</html>")), Err(RefreshFailure::Unsent(Failure::Unavailable(_)))));
    assert!(matches!(asked(answer(401, r#"{"error":"invalid_client"}"#)), Err(RefreshFailure::Unsent(Failure::Invalid(_)))));
}

#[test]
fn i4_a_refused_pair_needs_a_person_in_either_body_shape() {
    for (status, body, said) in [
        (401, MISMATCH, "oauthError: Redirect URI mismatch."),
        (400, r#"{"error":"invalid_grant","error_description":"refresh token is revoked"}"#, "invalid_grant: refresh token is revoked"),
        (403, "", "status 403"),
    ] {
        match asked(answer(status, body)) {
            Err(RefreshFailure::Rejected(Failure::Unauthorized(text))) => assert!(text.contains(said), "{text}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_exchange_ends_as_its_status_says() {
    let code = |answer| exchange_answer(&secrets(), "c0de", answer, NOW);
    assert!(matches!(code(answer(401, MISMATCH)), Err(Failure::Unauthorized(text)) if text.contains("Redirect URI mismatch.")));
    assert!(
        matches!(code(answer(400, r#"{"error":"invalid_grant","error_description":"code c0de"}"#)), Err(Failure::Unauthorized(text)) if !text.contains("c0de"))
    );
    assert!(matches!(code(answer(200, "{}")), Err(Failure::Protocol(_))));
    assert!(matches!(code(answer(503, "")), Err(Failure::Unavailable(_))));
    assert!(matches!(code(answer(429, "")), Err(Failure::Throttled(None))));
    assert!(matches!(code(answer(404, "")), Err(Failure::Invalid(_))));
    assert!(matches!(code(Err(TransportError::Unknown("reset".to_owned()))), Err(Failure::Unavailable(_))));
}

#[test]
fn a_token_is_what_miro_says_it_is() {
    let body = r#"{"type":"oAuthTokenInformation","organization":{"type":"organization","name":"CompanyName","id":3074457345821140123},"team":{"id":"1"},"user":{"type":"user","name":"Ann","id":"7"},"scopes":["boards:read","auditlogs:read"]}"#;
    let Identity { organization, user, scopes, missing } = check_answer(answer(200, body)).unwrap();
    assert_eq!(organization.unwrap().id.as_deref(), Some("3074457345821140123"));
    assert_eq!(user.unwrap().name.as_deref(), Some("Ann"));
    assert_eq!((scopes, missing), (vec!["boards:read".to_owned(), "auditlogs:read".to_owned()], Vec::new()));

    let lacking = check_answer(answer(200, r#"{"scopes":[],"createdBy":{"id":"7"}}"#)).unwrap();
    assert_eq!((lacking.missing, lacking.user.unwrap().id.as_deref()), (vec![SCOPE.to_owned()], Some("7")));
    assert_eq!(check_answer(answer(200, r#"{"scope":"boards:read auditlogs:read"}"#)).unwrap().missing, [""; 0]);
    assert_eq!(check_answer(answer(200, "{}")).unwrap().missing, [""; 0], "Miro named no scopes: reading will tell");
}

#[test]
fn a_refused_token_is_expired_and_everything_else_says_what_to_do() {
    for (status, body) in [(400, r#"{"message":"Invalid token provided"}"#), (401, r#"{"status":401,"code":"tokenNotProvided"}"#)] {
        assert!(matches!(check_answer(answer(status, body)), Err(Failure::Expired)));
    }
    assert!(
        matches!(check_answer(answer(403, "")), Err(Failure::Forbidden(text)) if text.contains("Company Admin") && text.contains(SCOPE))
    );
    assert!(matches!(check_answer(answer(404, "")), Err(Failure::Invalid(text)) if text.contains("api_url")));
    assert!(matches!(check_answer(answer(200, "<html>")), Err(Failure::Protocol(_))));
    assert!(matches!(check_answer(answer(500, "")), Err(Failure::Unavailable(_))));
    assert!(
        matches!(check_answer(Err(TransportError::Unsent("no route".to_owned()))), Err(Failure::Unavailable(text)) if text.contains("no route"))
    );
}

#[test]
fn a_revoked_token_is_gone_and_a_refusal_is_told() {
    assert!(revoke_answer(&secrets(), &pair(), answer(204, "")).is_ok());
    assert!(matches!(revoke_answer(&secrets(), &pair(), answer(404, "")), Err(Failure::Unauthorized(_))));
    assert!(matches!(revoke_answer(&secrets(), &pair(), answer(500, "")), Err(Failure::Unavailable(_))));
}

proptest! {
    #[test]
    fn i5_no_text_holds_a_secret_that_miro_echoes(status in 300_u16..600, shape in 0..3_usize, words in "[a-z ]{0,20}") {
        let echo = format!("{words} {SECRET} {OLD} old-access-token c0de-c0de eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ {words}");
        let body = match shape {
            0 => serde_json::json!({ "status": status, "code": echo, "message": echo, "type": "error" }).to_string(),
            1 => serde_json::json!({ "error": echo, "error_description": echo }).to_string(),
            _ => echo,
        };
        let texts = [
            format!("{:?}", asked(answer(status, &body))),
            format!("{:?}", exchange_answer(&secrets(), "c0de-c0de", answer(status, &body), NOW)),
            format!("{:?}", revoke_answer(&secrets(), &pair(), answer(status, &body))),
        ];
        prop_assert!(!texts[0].contains(SECRET) && !texts[0].contains(OLD) && !texts[0].contains("old-access-token"));
        prop_assert!(!texts[1].contains(SECRET) && !texts[1].contains("c0de-c0de"));
        prop_assert!(!texts[2].contains(SECRET) && !texts[2].contains(OLD) && !texts[2].contains("old-access-token"));
        prop_assert!(texts.iter().all(|text| !text.contains("eyJtaXJv")));
    }

    #[test]
    fn no_answer_panics(status: u16, body in proptest::collection::vec(any::<u8>(), 0..60)) {
        let response = Response { status, headers: vec![("retry-after".to_owned(), "soon".to_owned())], body: Body::Whole(body) };
        let _ = (asked(Ok(response.clone())), exchange_answer(&secrets(), "c", Ok(response.clone()), NOW), check_answer(Ok(response.clone())), revoke_answer(&secrets(), &pair(), Ok(response)));
    }
}
