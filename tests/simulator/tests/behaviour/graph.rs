#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use serde_json::{Value, json as value};
use simulator::{Answer, Delivery, Departure, Done, Endpoint, Fault, Part, Rule, World};

use crate::{
    desk::{FROM, json, world},
    microsoft::{call, email, person, read, token},
};

fn error(answer: &Answer) -> (u16, String) {
    (answer.status, json(answer)["error"]["code"].as_str().unwrap_or_default().to_owned())
}

fn found(world: &World, filter: &str) -> Vec<String> {
    let answer = read(world, &token(world), "/v1.0/users", &[("$filter", filter), ("$select", "id"), ("$count", "true")]);
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    json(&answer)["value"].as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect()
}

fn by_any(address: &str) -> String {
    format!(
        "mail eq '{address}' or userPrincipalName eq '{address}' or otherMails/any(x:x eq '{address}') or proxyAddresses/any(p:p eq 'smtp:{address}')"
    )
}

fn act(world: &World, method: &str, path: &str, body: Option<Value>) -> Answer {
    call(world, &token(world), method, path, &[], body, FROM)
}

#[test]
fn everybody_of_the_cast_is_found_by_the_address_they_play() {
    let world = world(0);
    for part in [Part::Plain, Part::ByMail, Part::ByName, Part::ByOtherMail, Part::ByProxy, Part::Guest, Part::Synced, Part::Disabled] {
        let (email, id) = (email(&world, part), person(&world, part).id);
        assert_eq!(found(&world, &by_any(&email)), [id], "{part:?}");
        assert_eq!(
            found(&world, &format!("mail eq '{email}'")).len(),
            usize::from(!matches!(part, Part::ByName | Part::ByOtherMail | Part::ByProxy)),
            "{part:?}"
        );
    }
    assert_eq!(found(&world, &by_any(&email(&world, Part::Shared))).len(), 2);
    assert!(found(&world, &by_any(&email(&world, Part::Absent))).is_empty() && world.played(Part::Absent).unwrap().person.is_none());
}

#[test]
fn a_user_is_read_by_id_or_name_and_shows_what_was_selected() {
    let world = world(0);
    let (token, guest) = (token(&world), person(&world, Part::Guest));
    let select = [("$select", "id,accountEnabled,userType,onPremisesSyncEnabled")];
    let name = guest.user_principal_name.replace('#', "%23");
    for path in [format!("/v1.0/users/{}", guest.id), format!("/v1.0/users/{name}"), format!("/v1.0/users('{name}')")] {
        let answer = read(&world, &token, &path, &select);
        let body = json(&answer);
        assert_eq!((answer.status, body["id"].as_str(), body["userType"].as_str()), (200, Some(guest.id.as_str()), Some("Guest")));
        assert!(body.get("mail").is_none() && body["@odata.context"].as_str().unwrap().ends_with("/$entity"));
    }
    let usual = json(&read(&world, &token, &format!("/v1.0/users/{}", guest.id), &[]));
    assert!(usual.get("accountEnabled").is_none() && usual["mail"].is_string());
    let nobody = read(&world, &token, "/v1.0/users/nobody@acme.example", &[]);
    assert_eq!(error(&nobody), (404, "Request_ResourceNotFound".into()));
    let inner = &json(&nobody)["error"]["innerError"];
    assert_eq!(inner["client-request-id"], "mine");
    assert_eq!(inner["request-id"].as_str().unwrap(), nobody.headers["request-id"].to_str().unwrap());
    assert_eq!(error(&read(&world, &token, "/v1.0/users", &[("$select", "password")])).0, 400);
}

#[test]
fn a_filter_is_understood_whole_or_refused() {
    let world = world(0);
    let token = token(&world);
    world.change_person(&person(&world, Part::Plain).id, |person| person.mail = Some("o'brien@acme.example".into()));
    assert_eq!(found(&world, "mail eq 'O''Brien@acme.example'").len(), 1);
    let wrong = [
        "mail eq 'o'brien@acme.example'",
        "startsWith(mail,'a')",
        "mail ne 'a'",
        "mail eq 'a' and mail eq 'b'",
        "mail eq \"a\"",
        "displayName eq 'a'",
        "otherMails/any(x:y eq 'a')",
        "",
        &vec!["mail eq 'a'"; 16].join(" or "),
    ];
    for filter in wrong {
        assert_eq!(read(&world, &token, "/v1.0/users", &[("$filter", filter), ("$count", "true")]).status, 400, "{filter}");
    }
    let any = "otherMails/any(x:x eq 'a@b.example')";
    assert_eq!(error(&read(&world, &token, "/v1.0/users", &[("$filter", any)])), (400, "Request_UnsupportedQuery".into()));
}

#[test]
fn roles_and_the_manager_are_told() {
    let world = world(0);
    let token = token(&world);
    let roles = |part| {
        let path = format!("/v1.0/users/{}/transitiveMemberOf/microsoft.graph.directoryRole", person(&world, part).id);
        json(&read(&world, &token, &path, &[]))["value"].clone()
    };
    assert_eq!(roles(Part::Administrator)[0]["displayName"], "Global Administrator");
    assert_eq!(roles(Part::Administrator)[0]["roleTemplateId"], "62e90394-69f5-4237-9190-012177145e10");
    assert!(roles(Part::Plain).as_array().unwrap().is_empty());
    let manager = |part| read(&world, &token, &format!("/v1.0/users/{}/manager", person(&world, part).id), &[("$select", "id,mail")]);
    assert_eq!(json(&manager(Part::Plain))["id"].as_str(), Some(person(&world, Part::Administrator).id.as_str()));
    assert_eq!((manager(Part::Bare).status, manager(Part::Administrator).status), (404, 404));
}

#[test]
fn an_account_is_disabled_and_its_sessions_end() {
    let world = world(0);
    let plain = person(&world, Part::Plain);
    let user = format!("/v1.0/users/{}", plain.id);
    let revoked = act(&world, "POST", &format!("{user}/revokeSignInSessions"), None);
    assert_eq!((revoked.status, json(&revoked)["value"].as_bool()), (200, Some(true)));
    for enabled in [false, false, true] {
        assert_eq!(act(&world, "PATCH", &user, Some(value!({ "accountEnabled": enabled }))).status, 204);
        assert_eq!(person(&world, Part::Plain).account_enabled, enabled);
    }
    assert_eq!(person(&world, Part::Plain).sessions_from, FROM);
    let effects = world.effects();
    assert_eq!(
        effects.iter().map(|effect| (effect.done, effect.changed)).collect::<Vec<_>>(),
        [(Done::SignedOut, true), (Done::Disabled, true), (Done::Disabled, false), (Done::Enabled, true)]
    );
    assert_eq!(
        (&effects[0].request_id, &effects[0].by),
        (&revoked.headers["request-id"].to_str().unwrap().to_owned(), &world.app().client_id)
    );
    assert_eq!(world.count(Done::Disabled, &plain.id), 2);
    for body in [value!({ "accountEnabled": "false" }), value!({}), value!({ "accountEnabled": true, "mail": "x" })] {
        assert_eq!(act(&world, "PATCH", &user, Some(body)).status, 400);
    }
    let guest = format!("/v1.0/users/{}/revokeSignInSessions", person(&world, Part::Guest).id);
    assert_eq!((act(&world, "POST", &guest, None).status, world.effects().last().unwrap().changed), (200, false));
}

#[test]
fn an_administrator_is_out_of_reach_for_an_app_without_a_role() {
    let world = world(0);
    let disable =
        |part| error(&act(&world, "PATCH", &format!("/v1.0/users/{}", person(&world, part).id), Some(value!({ "accountEnabled": false }))));
    assert_eq!(disable(Part::Administrator), (403, "Authorization_RequestDenied".into()));
    assert_eq!(disable(Part::UserAdministrator).0, 403);
    assert!(world.effects().is_empty());
    assert!(world.apps().iter().all(|app| !app.privileged));
    world.register(simulator::App { privileged: true, ..world.app() });
    let path = format!("/v1.0/users/{}", person(&world, Part::Administrator).id);
    assert_eq!(act(&world, "PATCH", &path, Some(value!({ "accountEnabled": false }))).status, 204);
    let reader = format!("/v1.0/users/{}", person(&world, Part::Reader).id);
    assert_eq!(act(&world, "PATCH", &reader, Some(value!({ "accountEnabled": false }))).status, 204);
}

#[test]
fn a_permission_that_is_missing_is_a_403() {
    let world = world(0);
    let id = person(&world, Part::Plain).id;
    let user = format!("/v1.0/users/{id}");
    let disable = Some(value!({ "accountEnabled": false }));
    let calls = [
        ("GET", user.clone(), None, vec!["User.Read.All"]),
        ("POST", format!("{user}/revokeSignInSessions"), None, vec!["User.RevokeSessions.All"]),
        ("PATCH", user.clone(), disable, vec!["User.EnableDisableAccount.All", "User.Read.All"]),
        (
            "POST",
            "/v1.0/identityProtection/riskyUsers/confirmCompromised".into(),
            Some(value!({ "userIds": [id] })),
            vec!["IdentityRiskyUser.ReadWrite.All"],
        ),
        ("POST", format!("/v1.0/users/{}/sendMail", world.sender()), Some(mail("a@b.example")), vec!["Mail.Send"]),
        ("GET", "/v1.0/groups".into(), None, vec!["GroupMember.Read.All"]),
    ];
    for (method, path, body, needs) in calls {
        let with = |permissions: &[&str]| {
            world.register(world.apps().first().unwrap().with_permissions("least", permissions));
            let token = world.grant("least", FROM).unwrap();
            call(&world, &token, method, &path, &[], body.clone(), FROM).status
        };
        assert!((200..300).contains(&with(&needs)), "{method} {path}");
        for one in &needs {
            let rest: Vec<&str> = needs.iter().filter(|other| *other != one).copied().collect();
            assert_eq!(with(&rest), 403, "{method} {path} without {one}");
        }
    }
}

fn mail(to: &str) -> Value {
    let to = value!([{ "emailAddress": { "address": to } }]);
    value!({
        "message": { "subject": "Notice", "body": { "contentType": "Text", "content": "Hello" }, "toRecipients": to, "ccRecipients": to },
        "saveToSentItems": false,
    })
}

#[test]
fn a_mail_is_taken_as_often_as_it_is_sent() {
    let world = world(0);
    let path = format!("/v1.0/users/{}/sendMail", world.sender());
    world.add_rule(Rule::new(Endpoint::SendMail, Fault::Lost).once());
    world.add_rule(Rule::new(Endpoint::SendMail, Fault::Reset).once());
    let sent: Vec<_> = (0..3).map(|_| act(&world, "POST", &path, Some(mail("a@b.example")))).collect();
    assert_eq!(sent.iter().map(|answer| answer.delivery).collect::<Vec<_>>(), [Delivery::Lost, Delivery::Reset, Delivery::Whole]);
    assert_eq!((sent[2].status, world.count(Done::Mailed, "a@b.example")), (202, 2));
    assert_eq!((world.effects()[0].subject.as_deref(), world.effects()[0].text.as_deref()), (Some("Notice"), Some("Hello")));
    let changed = |change: fn(&mut Value)| {
        let mut mail = mail("a@b.example");
        change(&mut mail);
        act(&world, "POST", &path, Some(mail)).status
    };
    let wrong: [fn(&mut Value); 6] = [
        |mail| mail["message"]["toRecipients"] = value!([]),
        |mail| mail["message"]["toRecipients"][0]["emailAddress"]["address"] = "nobody".into(),
        |mail| mail["message"]["body"]["contentType"] = "Markdown".into(),
        |mail| mail["message"]["subjekt"] = "x".into(),
        |mail| mail["message"]["subject"] = "a\r\nBcc: all@acme.example".into(),
        |mail| mail["saveToSentItems"] = "false".into(),
    ];
    assert_eq!(wrong.map(changed), [400; 6]);
    let bare = format!("/v1.0/users/{}/sendMail", person(&world, Part::Bare).id);
    assert_eq!(error(&act(&world, "POST", &bare, Some(mail("a@b.example")))), (404, "MailboxNotEnabledForRESTAPI".into()));
    assert_eq!(act(&world, "POST", "/v1.0/users/nobody@acme.example/sendMail", Some(mail("a@b.example"))).status, 404);
}

#[test]
fn an_account_is_confirmed_as_compromised_once_a_second() {
    let world = world(0);
    let token = token(&world);
    let confirm = |ids: Value, now| {
        call(&world, &token, "POST", "/v1.0/identityProtection/riskyUsers/confirmCompromised", &[], Some(value!({ "userIds": ids })), now)
    };
    let id = person(&world, Part::Plain).id;
    assert_eq!(confirm(value!([id]), FROM).status, 204);
    let throttled = confirm(value!([id]), FROM + 999);
    assert_eq!((throttled.status, throttled.headers.get("retry-after")), (429, None));
    assert_eq!(confirm(value!([id]), FROM + 1_000).status, 204);
    assert_eq!(confirm(value!([]), FROM + 2_000).status, 400);
    assert_eq!(confirm(value!([person(&world, Part::Plain).user_principal_name]), FROM + 3_000).status, 404);
    assert_eq!(world.count(Done::Confirmed, &id), 2);
    world.set(|settings| settings.graph.risk_licensed = false);
    assert_eq!(confirm(value!([id]), FROM + 9_000).status, 403);
}

#[test]
fn faults_and_the_budget_strike_by_path() {
    let world = world(0);
    let (token, id) = (token(&world), person(&world, Part::Plain).id);
    let path = format!("/v1.0/users/{id}/revokeSignInSessions");
    world.add_rule(Rule::new(Endpoint::RevokeSessions, Fault::Status { status: 503, body: None, retry_after: None }).on_path("*/nobody/*"));
    world.add_rule(
        Rule::new(Endpoint::RevokeSessions, Fault::Throttle { retry_after: Some(3) }).on_path(&format!("/v1.0/users/{id}/*")).once(),
    );
    let throttled = act(&world, "POST", &path, None);
    assert_eq!((error(&throttled), throttled.headers["retry-after"].to_str().unwrap()), ((429, "TooManyRequests".into()), "3"));
    world.add_rule(Rule::new(Endpoint::RevokeSessions, Fault::ExpireToken).once());
    assert_eq!(call(&world, &token, "POST", &path, &[], None, FROM).status, 401);
    assert!(world.effects().is_empty());
    world.set(|settings| settings.graph.budget = Some(2));
    let statuses =
        |now| (0..3).map(|_| call(&world, &self::token(&world), "GET", "/v1.0/groups", &[], None, now).status).collect::<Vec<_>>();
    assert_eq!((statuses(FROM + 10_000), statuses(FROM + 20_000)), (vec![200, 200, 429], vec![200, 200, 429]));
    assert_eq!(world.account(FROM).requests, 0);
}

/// Everything a delta says from `path` on, and the link to the next round.
fn round(world: &World, path: &str, now: u64) -> (Vec<Value>, String) {
    let (mut all, mut path) = (Vec::new(), path.to_owned());
    loop {
        let answer = call(world, &world.grant(&world.app().client_id, now).unwrap(), "GET", &path, &[], None, now);
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        let mut body = json(&answer);
        all.append(body["value"].as_array_mut().unwrap());
        let link = |name: &str| body[name].as_str().map(|link| link.strip_prefix("http://127.0.0.1:4712").unwrap().to_owned());
        match (link("@odata.nextLink"), link("@odata.deltaLink")) {
            (Some(next), None) => path = next,
            (None, Some(delta)) => return (all, delta),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_delta_tells_everybody_and_then_who_changed_or_left() {
    let world = world(0);
    world.set(|settings| settings.graph.page = 7);
    let (all, link) = round(&world, "/v1.0/users/delta?$select=accountEnabled,userPrincipalName", FROM);
    assert_eq!(all.len(), world.people(FROM).len());
    assert!(all.iter().all(|user| user["id"].is_string() && user["accountEnabled"].is_boolean() && user.get("mail").is_none()));
    let (none, link) = round(&world, &link, FROM);
    assert!(none.is_empty());
    let (disabled, deleted, purged) = (person(&world, Part::Plain), person(&world, Part::ByMail), person(&world, Part::ByName));
    world.depart(&disabled.id, Departure::Disabled, FROM + 10);
    world.depart(&deleted.user_principal_name, Departure::Deleted, FROM + 20);
    world.depart(&purged.id, Departure::Purged, FROM + 30);
    assert!(round(&world, &link, FROM + 9).0.is_empty());
    let (left, next) = round(&world, &link, FROM + 30);
    assert_eq!(left[0], value!({ "accountEnabled": false, "userPrincipalName": disabled.user_principal_name, "id": disabled.id }));
    assert_eq!(left[1], value!({ "id": deleted.id, "@removed": { "reason": "changed" } }));
    assert_eq!(left[2], value!({ "id": purged.id, "@removed": { "reason": "deleted" } }));
    assert_eq!(left.len(), 3);
    // The same link again says the same again.
    assert_eq!(round(&world, &link, FROM + 30).0, left);
    let bin = |now| {
        let token = world.grant(&world.app().client_id, now).unwrap();
        let query = [("$orderBy", "deletedDateTime desc"), ("$count", "true"), ("$select", "id,deletedDateTime")];
        json(&call(&world, &token, "GET", "/v1.0/directory/deletedItems/microsoft.graph.user", &query, None, now))["value"].clone()
    };
    assert_eq!(bin(FROM + 30)[0]["id"].as_str(), Some(deleted.id.as_str()));
    assert_eq!(read(&world, &token(&world), &format!("/v1.0/users/{}", deleted.id), &[]).status, 404);
    world.depart(&deleted.id, Departure::Back, FROM + 40);
    let (back, _) = round(&world, &next, FROM + 40);
    assert_eq!(back, [value!({ "accountEnabled": true, "userPrincipalName": deleted.user_principal_name, "id": deleted.id })]);
    assert!(bin(FROM + 40).as_array().unwrap().is_empty());
}

#[test]
fn a_link_that_is_unknown_or_a_week_old_asks_to_begin_again() {
    let world = world(0);
    let (_, link) = round(&world, "/v1.0/users/delta", FROM);
    let at = |path: &str, now| call(&world, &world.grant(&world.app().client_id, now).unwrap(), "GET", path, &[], None, now);
    let week = 7 * 86_400_000;
    assert_eq!(at(&link, FROM + week - 1).status, 200);
    for (path, now) in [(link.as_str(), FROM + week), ("/v1.0/users/delta?$deltatoken=forged", FROM)] {
        let gone = at(path, now);
        assert_eq!(error(&gone), (410, "syncStateNotFound".into()));
        assert!(gone.headers["location"].to_str().unwrap().ends_with("/v1.0/users/delta?$deltatoken="));
    }
    assert_eq!(at(&format!("{link}&$select=id"), FROM).status, 400);
    let latest = json(&at("/v1.0/users/delta?$deltatoken=latest", FROM));
    assert!(latest["value"].as_array().unwrap().is_empty() && latest["@odata.deltaLink"].is_string());
}

#[test]
fn a_group_is_found_by_its_name_and_read_page_by_page() {
    let world = world(0);
    let token = token(&world);
    let named =
        |name: &str| json(&read(&world, &token, "/v1.0/groups", &[("$filter", &format!("displayName eq '{name}'"))]))["value"].clone();
    assert_eq!((named("Twins").as_array().unwrap().len(), named("nobody").as_array().unwrap().len()), (2, 0));
    assert_eq!(named("Finance''s").as_array().unwrap().len(), 1);
    let members = |group: &str, top: &str| {
        let id = named(group)[0]["id"].as_str().unwrap().to_owned();
        let (mut all, mut pages) = (Vec::new(), 0);
        let mut path = format!("/v1.0/groups/{id}/transitiveMembers/microsoft.graph.user?$select=id,mail&$top={top}");
        loop {
            let mut body = json(&read(&world, &token, &path, &[]));
            all.append(body["value"].as_array_mut().unwrap());
            pages += 1;
            match body["@odata.nextLink"].as_str() {
                Some(next) => path = next.strip_prefix("http://127.0.0.1:4712").unwrap().to_owned(),
                None => return (all, pages),
            }
        }
    };
    let (watched, pages) = members("Watched", "3");
    assert_eq!((watched.len(), pages), (4, 2));
    assert!(watched.iter().any(|user| user["id"].as_str() == Some(person(&world, Part::Plain).id.as_str())));
    let (everyone, pages) = members("Everyone", "10");
    assert!(everyone.len() > 90 && pages == everyone.len().div_ceil(10));
    assert_eq!(error(&read(&world, &token, "/v1.0/groups/nowhere/transitiveMembers/microsoft.graph.user", &[])).0, 404);
}
