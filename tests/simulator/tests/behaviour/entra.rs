#![expect(clippy::indexing_slicing, reason = "tests")]

use serde_json::Value;
use simulator::{Answer, App, Endpoint, Fault, Rule, Secret, World};

use crate::{
    desk::{FROM, json, world},
    microsoft::{GRANT, SCOPE, assertion, read, token_request},
};

const TYPE: (&str, &str) = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");

fn with_secret(world: &World, tenant: &str, client_id: &str, secret: &str) -> Answer {
    token_request(world, tenant, &[GRANT, SCOPE, ("client_id", client_id), ("client_secret", secret)], FROM)
}

fn with_assertion(world: &World, assertion: &str) -> Answer {
    let client_id = world.app().client_id;
    token_request(world, &world.tenant(), &[GRANT, SCOPE, TYPE, ("client_id", &client_id), ("client_assertion", assertion)], FROM)
}

fn code(answer: &Answer) -> (u16, u64) {
    (answer.status, json(answer)["error_codes"][0].as_u64().unwrap_or_default())
}

#[test]
fn a_secret_buys_a_token_that_opens_graph_until_it_expires() {
    let world = world(0);
    let app = world.app();
    for tenant in [world.tenant(), "acme.example".into()] {
        let answer = with_secret(&world, &tenant, &app.client_id, &app.secrets[0].value);
        let body = json(&answer);
        assert_eq!((answer.status, body["token_type"].as_str(), body["expires_in"].as_u64()), (200, Some("Bearer"), Some(3599)));
        assert!(body.get("refresh_token").is_none());
        let token = body["access_token"].as_str().unwrap();
        let at = |now| crate::microsoft::call(&world, token, "GET", "/v1.0/users", &[], None, now).status;
        assert_eq!((at(FROM), at(FROM + 3_598_999), at(FROM + 3_599_000)), (200, 200, 401));
        world.expire_grant(token);
        let refused = read(&world, token, "/v1.0/users", &[]);
        assert_eq!((refused.status, json(&refused)["error"]["code"].as_str()), (401, Some("InvalidAuthenticationToken")));
    }
}

#[test]
fn what_is_wrong_with_the_client_is_told_by_entras_numbers() {
    let world = world(0);
    let (app, tenant) = (world.app(), world.tenant());
    let secret = app.secrets[0].value.clone();
    let old = App { client_id: "old".into(), secrets: vec![Secret { value: "old".into(), expires: Some(FROM) }], ..App::default() };
    world.register(old);
    assert_eq!(code(&with_secret(&world, &tenant, &app.client_id, "wrong")), (401, 7_000_215));
    assert_eq!(code(&with_secret(&world, &tenant, "old", "old")), (401, 7_000_222));
    assert_eq!(code(&with_secret(&world, &tenant, "nobody", &secret)), (400, 700_016));
    assert_eq!(code(&with_secret(&world, "elsewhere.example", &app.client_id, &secret)), (400, 90_002));
    let without = |leave: &str| {
        let all = [GRANT, SCOPE, ("client_id", &app.client_id), ("client_secret", &secret)];
        code(&token_request(&world, &tenant, &all.into_iter().filter(|(name, _)| *name != leave).collect::<Vec<_>>(), FROM))
    };
    assert_eq!([without("grant_type"), without("scope"), without("client_id"), without("client_secret")], [(400, 900_144); 4]);
    let wide = [GRANT, ("scope", "https://graph.microsoft.com/User.Read.All"), ("client_id", &app.client_id), ("client_secret", &secret)];
    assert_eq!(code(&token_request(&world, &tenant, &wide, FROM)), (400, 1_002_012));
    let refused = json(&with_secret(&world, &tenant, &app.client_id, "wrong"));
    assert!(refused["error"] == "invalid_client" && refused["error_description"].as_str().unwrap().starts_with("AADSTS7000215: "));
    assert!(refused["trace_id"].is_string() && refused["correlation_id"].is_string() && refused["timestamp"].is_string());
}

#[test]
fn an_assertion_that_the_registered_certificate_signed_buys_a_token_once() {
    let world = world(0);
    let signed = assertion(&world, |_, _| {});
    assert_eq!(with_assertion(&world, &signed).status, 200);
    assert_eq!(code(&with_assertion(&world, &signed)), (401, 50_027));
    let again = assertion(&world, |_, claims| claims["jti"] = "twice".into());
    assert_eq!(with_assertion(&world, &again).status, 200);
    let real = format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", world.tenant());
    let real = assertion(&world, |_, claims| (claims["jti"], claims["aud"]) = ("thrice".into(), real.into()));
    assert_eq!(with_assertion(&world, &real).status, 200);
    assert_eq!(world.account(FROM).violations.len(), 1);
}

#[test]
fn an_assertion_is_judged_by_each_of_its_claims() {
    let world = world(0);
    let seconds = FROM / 1000;
    type Change = fn(&mut Value, &mut Value);
    let cases: [(&str, Change, u64); 8] = [
        ("alg", |header, _| header["alg"] = "RS256".into(), 50_027),
        ("x5t", |header, _| header["x5t#S256"] = "AAAA".into(), 700_027),
        ("aud", |_, claims| claims["aud"] = "https://elsewhere.example".into(), 700_023),
        ("iss", |_, claims| claims["iss"] = "somebody".into(), 700_021),
        ("sub", |_, claims| claims["sub"] = "somebody".into(), 700_021),
        ("exp", |_, claims| claims["exp"] = claims["nbf"].clone(), 700_024),
        ("nbf", |_, claims| claims["nbf"] = claims["exp"].clone(), 700_024),
        ("jti", |_, claims| claims["jti"] = "".into(), 50_027),
    ];
    for (name, change, number) in cases {
        let signed = assertion(&world, |header, claims| {
            claims["jti"] = name.into();
            change(header, claims);
        });
        assert_eq!(code(&with_assertion(&world, &signed)), (401, number), "{name}");
    }
    let signed = assertion(&world, |_, claims| claims["jti"] = "changed".into());
    let [header, _, signature] = signed.split('.').collect::<Vec<_>>().try_into().unwrap();
    let other = assertion(&world, |_, claims| (claims["jti"], claims["exp"]) = ("other".into(), (seconds + 301).into()));
    let body = other.split('.').nth(1).unwrap();
    assert_eq!(code(&with_assertion(&world, &format!("{header}.{body}.{signature}"))), (401, 700_027));
    assert_eq!(code(&with_assertion(&world, "a.b")), (401, 50_027));
}

#[test]
fn faults_strike_the_token_endpoint_in_entras_words() {
    let world = world(0);
    let app = world.app();
    let ask = || with_secret(&world, &world.tenant(), &app.client_id, &app.secrets[0].value);
    world.add_rule(Rule::new(Endpoint::EntraToken, Fault::Throttle { retry_after: Some(7) }).once());
    let answer = ask();
    assert_eq!((answer.status, answer.headers["retry-after"].to_str().unwrap(), ask().status), (429, "7", 200));
    assert!(json(&answer)["error_codes"].is_array());
}
