use bytes::Bytes;
use http::Request;
use simulator::{Endpoint, Fault, Rule, World};

use crate::desk::{FROM, TO, audit, form, get, json, query, refresh, world};

fn reads(world: &World, token: &str, now: u64) -> bool {
    audit(world, token, &query(FROM, TO, 1, None), now).status == 200
}

#[test]
fn i4_a_rotation_kills_the_old_pair_at_once() {
    let world = world(1);
    let old = world.issue(FROM);
    assert!(reads(&world, &old.access, FROM));
    let answer = refresh(&world, &old.refresh, FROM + 1);
    assert_eq!(answer.status, 200);
    let new = json(&answer);
    let text = |name: &str| new[name].as_str().unwrap().to_owned();
    assert!(!reads(&world, &old.access, FROM + 1));
    assert!(reads(&world, &text("access_token"), FROM + 1));
    let again = refresh(&world, &old.refresh, FROM + 2);
    assert_eq!((again.status, json(&again)["code"].as_str()), (401, Some("oauthError")));
    assert_eq!(refresh(&world, &text("refresh_token"), FROM + 3).status, 200);
    let account = world.account(FROM + 3);
    assert_eq!((account.refreshes, account.rotations, account.stale_refreshes), (3, 2, 1));
}

#[test]
fn an_access_token_dies_after_its_hour_and_a_refresh_token_after_sixty_days() {
    let world = world(1);
    let pair = world.issue(FROM);
    assert!(reads(&world, &pair.access, FROM + 3_598_999));
    assert!(!reads(&world, &pair.access, FROM + 3_599_000));
    assert_eq!(refresh(&world, &pair.refresh, FROM + 60 * 86_400_000).status, 401);
}

#[test]
fn the_team_id_is_a_number_that_no_double_can_hold() {
    let world = world(1);
    let pair = world.issue(FROM);
    let body = refresh(&world, &pair.refresh, FROM).body;
    assert!(std::str::from_utf8(&body).unwrap().contains(r#""team_id":3074457358607431473,"#));
}

#[test]
fn a_code_works_once_for_ten_minutes_and_for_its_redirect_uri() {
    let world = world(1);
    let (id, secret) = (world.client_id(), world.client_secret());
    let exchange = |code: &str, uri: &str, now| {
        form(&world, &format!("grant_type=authorization_code&client_id={id}&client_secret={secret}&code={code}&redirect_uri={uri}"), now)
    };
    let uri = "http://127.0.0.1:1/callback";
    let code = world.issue_code(uri, FROM);
    assert_eq!((exchange(&code, uri, FROM).status, exchange(&code, uri, FROM).status), (200, 401));
    let code = world.issue_code(uri, FROM);
    let mismatch = exchange(&code, "http://127.0.0.1:2/callback", FROM);
    assert_eq!(json(&mismatch)["message"], "Redirect URI mismatch.");
    let code = world.issue_code(uri, FROM);
    assert_eq!(exchange(&code, uri, FROM + 600_000).status, 401);
}

#[test]
fn the_consent_page_sends_the_browser_back_with_code_and_state() {
    let world = world(1);
    let path = format!(
        "/oauth/authorize?response_type=code&client_id={}&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcb&state=s%261",
        world.client_id()
    );
    let answer = get(&world, &path, "", FROM);
    let back = answer.headers["location"].to_str().unwrap();
    assert!(answer.status == 302 && back.starts_with("http://127.0.0.1:1/cb?code=") && back.ends_with("state=s%261"), "{back}");
    world.set(|settings| settings.miro.auto_approve = false);
    assert_eq!(get(&world, &path, "", FROM).status, 200);
    assert_eq!(get(&world, &format!("{path}&approve=yes"), "", FROM).status, 302);
    world.set(|settings| settings.miro.redirect_uris = vec!["https://elsewhere.example/cb".into()]);
    assert_eq!(get(&world, &path, "", FROM).status, 400);
}

#[test]
fn a_token_request_in_json_is_refused_and_one_in_the_url_is_noted() {
    let world = world(1);
    let json = Request::post("/v1/oauth/token").header("content-type", "application/json").body(Bytes::from_static(b"{}")).unwrap();
    assert_eq!(world.miro(&json, FROM).status, 400);
    let pair = world.issue(FROM);
    let (id, secret) = (world.client_id(), world.client_secret());
    let path = format!("/v1/oauth/token?grant_type=refresh_token&client_id={id}&client_secret={secret}&refresh_token={}", pair.refresh);
    assert_eq!(world.miro(&Request::post(path).body(Bytes::new()).unwrap(), FROM).status, 200);
    assert!(world.account(FROM).violations.iter().any(|violation| violation.kind == "a secret in a URL"));
}

#[test]
fn an_expired_token_is_mended_by_a_refresh() {
    let world = world(1);
    let pair = world.issue(FROM);
    world.add_rule(Rule::new(Endpoint::Audit, Fault::ExpireToken).once());
    assert!(!reads(&world, &pair.access, FROM) && !reads(&world, &pair.access, FROM));
    let new = json(&refresh(&world, &pair.refresh, FROM));
    assert!(reads(&world, new["access_token"].as_str().unwrap(), FROM));
}

#[test]
fn a_revoked_token_takes_its_refresh_token_with_it() {
    let world = world(1);
    let pair = world.issue(FROM);
    assert_eq!(json(&get(&world, "/v1/oauth-token", &pair.access, FROM))["scopes"][0], "auditlogs:read");
    let (id, secret) = (world.client_id(), world.client_secret());
    let body = format!(r#"{{"accessToken":"{}","clientId":"{id}","clientSecret":"{secret}"}}"#, pair.access);
    let revoke = || world.miro(&Request::post("/v2/oauth/revoke").body(Bytes::from(body.clone())).unwrap(), FROM).status;
    assert_eq!((revoke(), revoke()), (204, 404));
    assert_eq!((reads(&world, &pair.access, FROM), refresh(&world, &pair.refresh, FROM).status), (false, 401));
    assert_eq!(get(&world, "/v1/oauth-token", &pair.access, FROM).status, 400);
}
