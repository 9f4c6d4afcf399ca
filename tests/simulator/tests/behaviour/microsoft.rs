//! A client of Entra and Graph as plain as can be, and a signer of assertions.
#![expect(clippy::unwrap_used, reason = "tests")]

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use http::Request;
use ring::{
    rand::SystemRandom,
    signature::{RSA_PSS_SHA256, RsaKeyPair},
};
use serde_json::{Value, json};
use simulator::{Answer, Part, Person, TEST_KEY, World};

use crate::desk::FROM;

pub(crate) fn token_request(world: &World, tenant: &str, parameters: &[(&str, &str)], now: u64) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let request = Request::post(format!("/{tenant}/oauth2/v2.0/token"))
        .header("host", "127.0.0.1:4711")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(body));
    world.entra(&request.unwrap(), now)
}

pub(crate) const SCOPE: (&str, &str) = ("scope", "https://graph.microsoft.com/.default");
pub(crate) const GRANT: (&str, &str) = ("grant_type", "client_credentials");

/// A token of the app that is there from the start.
pub(crate) fn token(world: &World) -> String {
    world.grant(&world.app().client_id, FROM).unwrap()
}

/// An assertion as a good client makes it, with these changes.
pub(crate) fn assertion(world: &World, change: impl FnOnce(&mut Value, &mut Value)) -> String {
    let app = world.app();
    let mut header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": app.certificates.first().unwrap().x5t() });
    let seconds = FROM / 1000;
    let mut claims = json!({
        "aud": format!("http://127.0.0.1:4711/{}/oauth2/v2.0/token", world.tenant()),
        "iss": app.client_id, "sub": app.client_id, "jti": "once", "exp": seconds + 300, "nbf": seconds, "iat": seconds,
    });
    change(&mut header, &mut claims);
    let said = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let der: String = TEST_KEY.lines().filter(|line| !line.starts_with('-')).collect();
    let key = RsaKeyPair::from_pkcs8(&STANDARD.decode(der).unwrap()).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PSS_SHA256, &SystemRandom::new(), said.as_bytes(), &mut signature).unwrap();
    format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// One request to Graph. `query` is percent-encoded here.
pub(crate) fn call(world: &World, token: &str, method: &str, path: &str, query: &[(&str, &str)], body: Option<Value>, now: u64) -> Answer {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let uri = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let mut request = Request::builder().method(method).uri(uri).header("authorization", format!("Bearer {token}"));
    request = request.header("consistencylevel", "eventual").header("client-request-id", "mine").header("host", "127.0.0.1:4712");
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    world.graph(&request.body(Bytes::from(body)).unwrap(), now)
}

pub(crate) fn read(world: &World, token: &str, path: &str, query: &[(&str, &str)]) -> Answer {
    call(world, token, "GET", path, query, None, FROM)
}

pub(crate) fn person(world: &World, part: Part) -> Person {
    world.played(part).unwrap().person.unwrap()
}

pub(crate) fn email(world: &World, part: Part) -> String {
    world.played(part).unwrap().email
}
