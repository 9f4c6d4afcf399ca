//! What Miro itself lets an administrator do to somebody: sessions, members, SCIM.
#![expect(clippy::unwrap_used, reason = "tests")]

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json as value};
use simulator::{Answer, Done, Endpoint, Fault, MEMBERS_SCOPE, Part, Role, Rule, SESSIONS_SCOPE, World};

use crate::{
    desk::{FROM, json, world},
    microsoft::email,
};

fn ask(world: &World, method: &str, path: &str, token: &str, body: Option<Value>) -> Answer {
    ask_at(world, method, path, token, body, FROM)
}

fn ask_at(world: &World, method: &str, path: &str, token: &str, body: Option<Value>, now: u64) -> Answer {
    let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
    let request = if body.is_some() { request.header("content-type", "application/scim+json") } else { request };
    world.miro(&request.body(Bytes::from(body.map(|body| body.to_string()).unwrap_or_default())).unwrap(), now)
}

fn reset(world: &World, token: &str, query: &str) -> Answer {
    ask(world, "POST", &format!("/v2/sessions/reset_all{query}"), token, None)
}

#[test]
fn sessions_end_for_a_token_with_the_scope_and_a_known_address() {
    let world = world(0);
    let (token, plain) = (world.issue_static_with(SESSIONS_SCOPE), world.played(Part::Plain).unwrap());
    let query = format!("?email={}", plain.email);
    let answer = reset(&world, &token, &query);
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    let effect = &world.effects()[0];
    assert_eq!((effect.done, &effect.target, &effect.address), (Done::SessionsReset, &plain.miro_id, &plain.email));
    assert_eq!(effect.request_id, answer.headers["x-request-id"].to_str().unwrap());
    let statuses = ["", "?email=", "?email=nobody", "?email=nobody@acme.example", &format!("{query}&all=true")];
    assert_eq!(statuses.map(|query| reset(&world, &token, query).status), [400, 400, 400, 404, 400]);
    assert_eq!(reset(&world, &world.issue_static(), &query).status, 403);
    assert_eq!(reset(&world, "nobody", &query).status, 401);
    world.add_rule(Rule::new(Endpoint::SessionReset, Fault::Lost).once());
    reset(&world, &token, &query);
    assert_eq!(world.count(Done::SessionsReset, &plain.email), 2);
    world.set(|settings| settings.miro.credits_per_minute = 500);
    assert_eq!(reset(&world, &token, &query).status, 429);
    world.set(|settings| settings.miro.enterprise = false);
    assert_eq!(reset(&world, &token, &query).status, 403);
}

#[test]
fn members_are_found_by_address_or_listed_page_by_page() {
    let world = world(0);
    let token = world.issue_static_with(MEMBERS_SCOPE);
    let path = format!("/v2/orgs/{}/members", world.organization_id());
    let list = |query: &str| ask(&world, "GET", &format!("{path}?{query}"), &token, None);
    let (plain, reader) = (world.played(Part::Plain).unwrap(), world.played(Part::Reader).unwrap());
    let two = json(&list(&format!("emails={},{}&role=organization_internal_admin", plain.email, reader.email)));
    assert_eq!(
        (two["data"][0]["id"].as_str(), two["data"][1]["adminRoles"][0]["name"].as_str()),
        (Some(plain.miro_id.as_str()), Some("Content Admin"))
    );
    let admins = json(&list("role=organization_internal_admin&active=true"));
    assert_eq!((admins["data"].as_array().unwrap().len(), admins["cursor"].as_str()), (2, Some("")));
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let page = json(&list(&format!("limit=30{cursor}")));
        seen += page["data"].as_array().unwrap().len();
        match page["cursor"].as_str() {
            Some("") => break,
            next => cursor = format!("&cursor={}", next.unwrap()),
        }
    }
    assert_eq!(seen, world.members().len());
    let eleven = ["a@b.example"; 11].join(",");
    let wrong = ["limit=0", "limit=101", "role=admin", "active=maybe", "cursor=1", "name=x", &format!("emails={eleven}")];
    assert_eq!(wrong.map(|query| list(query).status), [400; 7]);
    let one = |id: &str| ask(&world, "GET", &format!("{path}/{id}"), &token, None);
    assert_eq!((json(&one(&plain.miro_id))["email"].as_str(), one("1").status), (Some(plain.email.as_str()), 404));
    assert_eq!(ask(&world, "GET", "/v2/orgs/1/members", &token, None).status, 404);
    assert_eq!(ask(&world, "GET", &path, &world.issue_static(), None).status, 403);
}

fn patch(active: Value) -> Option<Value> {
    let operation = value!({ "op": "Replace", "path": "active", "value": active });
    Some(value!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] }))
}

fn named(world: &World, filter: &str) -> Answer {
    let filter = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect::<String>();
    ask(world, "GET", &format!("/api/v1/scim/Users?filter={filter}"), &world.scim_token(), None)
}

#[test]
fn scim_finds_a_user_by_name_and_switches_it_off_and_on() {
    let world = world(0);
    let plain = world.played(Part::Plain).unwrap();
    let found = json(&named(&world, &format!("userName eq \"{}\"", plain.email.to_uppercase())));
    assert_eq!((found["totalResults"].as_u64(), found["Resources"][0]["id"].as_str()), (Some(1), Some(plain.miro_id.as_str())));
    let path = format!("/api/v1/scim/Users/{}", plain.miro_id);
    for (value, active) in [(value!("false"), false), (value!(false), false), (value!(true), true)] {
        let answer = ask(&world, "PATCH", &path, &world.scim_token(), patch(value));
        assert_eq!((answer.status, json(&answer)["active"].as_bool()), (200, Some(active)));
        assert_eq!(world.members()[2].active, active);
    }
    assert_eq!((world.count(Done::Suspended, &plain.email), world.count(Done::Restored, &plain.miro_id)), (2, 1));
    assert_eq!(world.effects().iter().map(|effect| effect.changed).collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn scim_refuses_in_its_own_words() {
    let world = world(0);
    let (token, plain) = (world.scim_token(), world.played(Part::Plain).unwrap());
    let path = |id: &str| format!("/api/v1/scim/Users/{id}");
    let unknown = ask(&world, "PATCH", &path("1"), &token, patch(value!(false)));
    assert_eq!((unknown.status, json(&unknown)["status"].as_str()), (404, Some("404")));
    let guest = world.played(Part::Guest).unwrap();
    assert_eq!(json(&named(&world, &format!("userName eq \"{}\"", guest.email)))["totalResults"], 0);
    assert_eq!(ask(&world, "PATCH", &path(&guest.miro_id), &token, patch(value!(false))).status, 404);
    for filter in ["userName eq a@b.example", "userName co \"a\"", "emails eq \"a\"", "userName eq \"a\" or userName eq \"b\""] {
        assert_eq!(json(&named(&world, filter))["scimType"], "invalidFilter", "{filter}");
    }
    for body in [patch(value!("no")), Some(value!({})), Some(value!({ "schemas": [], "Operations": [] }))] {
        assert_eq!(ask(&world, "PATCH", &path(&plain.miro_id), &token, body).status, 400);
    }
    let rest = world.issue_static_with(MEMBERS_SCOPE);
    assert_eq!(ask(&world, "GET", "/api/v1/scim/Users", &rest, None).status, 401);
    assert_eq!(ask(&world, "GET", "/v1/oauth-token", &token, None).status, 400);
    world.set(|settings| settings.miro.scim = false);
    assert_eq!(ask(&world, "GET", "/api/v1/scim/Users", &token, None).status, 403);
    world.set(|settings| settings.miro.scim = true);
    let statuses: Vec<u16> =
        (0..101).map(|_| ask_at(&world, "PATCH", &path("1"), &token, patch(value!(false)), FROM + 30_000).status).collect();
    assert_eq!((statuses[99], statuses[100]), (404, 429));
    world.regenerate_scim();
    assert_eq!(ask(&world, "GET", "/api/v1/scim/Users", &token, None).status, 401);
    assert!(world.effects().is_empty());
}

#[test]
fn the_last_company_admin_stays() {
    let world = world(0);
    let admin = |part| world.played(part).unwrap().miro_id;
    let off = |id: &str| ask(&world, "PATCH", &format!("/api/v1/scim/Users/{id}"), &world.scim_token(), patch(value!(false))).status;
    assert_eq!((off(&admin(Part::Administrator)), off(&admin(Part::UserAdministrator))), (200, 400));
    assert!(world.change_member(&email(&world, Part::Plain), |member| member.role = Role::Admin));
    assert_eq!(off(&admin(Part::UserAdministrator)), 200);
}
