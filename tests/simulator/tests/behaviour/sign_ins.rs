#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use serde_json::Value;
use simulator::{Answer, Device, Endpoint, Fault, MIRO_APP, Part, Rule, SignIn, World};

use crate::{
    desk::{FROM, json, world},
    microsoft::{call, email, person, token},
};

const PATH: &str = "/v1.0/auditLogs/signIns";
const MINUTE: u64 = 60_000;
const DAY: u64 = 86_400_000;

/// Requests of a minute apart, so that the limit is not what is tested.
fn list(world: &World, query: &[(&str, &str)], now: u64) -> Answer {
    world.set(|settings| settings.graph.reports_budget = None);
    call(world, &token(world), "GET", PATH, query, None, now)
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, json(answer)["error"]["code"].as_str().unwrap_or_default().to_owned())
}

fn ids(page: &Value) -> Vec<&str> {
    page["value"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect()
}

#[test]
fn a_sign_in_is_written_as_graph_documents_it() {
    let world = world(0);
    let (plain, address) = (person(&world, Part::Plain), email(&world, Part::Plain));
    let device = Device { operating_system: Some("MacOs".into()), is_compliant: Some(true), ..Device::default() };
    let id = world.sign_in(SignIn::new(FROM, &address).ended(50126).from("198.51.100.7").on(device));
    let body = json(&list(&world, &[], FROM + 1));
    let it = &body["value"][0];
    assert_eq!(it["id"], id.as_str());
    assert_eq!((it["userId"].as_str(), it["userPrincipalName"].as_str()), (Some(plain.id.as_str()), Some(address.as_str())));
    assert_eq!((it["appId"].as_str(), it["appDisplayName"].as_str()), (Some(MIRO_APP), Some("Miro")));
    assert_eq!((it["ipAddress"].as_str(), it["isInteractive"].as_bool()), (Some("198.51.100.7"), Some(true)));
    assert_eq!(
        (&it["status"]["errorCode"], it["status"]["failureReason"].as_str().unwrap().contains("password")),
        (&Value::from(50126), true)
    );
    assert_eq!((&it["deviceDetail"]["operatingSystem"], &it["deviceDetail"]["isCompliant"]), (&Value::from("MacOs"), &Value::from(true)));
    let time = it["createdDateTime"].as_str().unwrap();
    assert!(time.len() == "2020-03-13T19:15:41.6195833Z".len() && time.starts_with("2026-01-01T00:00:00.000"), "{time}");
    // Somebody who is known by their mail, and a stranger.
    world.sign_in(SignIn::new(FROM + 1, &email(&world, Part::ByMail)));
    world.sign_in(SignIn::new(FROM + 2, "Stranger@elsewhere.example").ended(50034));
    let body = json(&list(&world, &[], FROM + 2));
    assert_eq!(body["value"][1]["userId"], person(&world, Part::ByMail).id.as_str());
    assert_eq!(body["value"][0]["userId"], "00000000-0000-0000-0000-000000000000");
    assert_eq!(body["value"][0]["userPrincipalName"], "stranger@elsewhere.example");
}

#[test]
fn newest_come_first_and_a_link_leads_through_what_was_there() {
    let world = world(0);
    let who = email(&world, Part::Plain);
    let mut expected: Vec<String> = (0..5).map(|n| world.sign_in(SignIn::new(FROM + n * MINUTE, &who))).collect();
    expected.reverse();
    let now = FROM + 10 * MINUTE;
    let first = json(&list(&world, &[("$top", "2")], now));
    let mut found: Vec<String> = ids(&first).iter().map(|id| (*id).to_owned()).collect();
    // What shows up in between is not in these pages.
    world.sign_in(SignIn::new(FROM, &who));
    let mut link = first["@odata.nextLink"].as_str().map(str::to_owned);
    while let Some(next) = link {
        let (_, query) = next.split_once('?').unwrap();
        assert!(next.starts_with("http://127.0.0.1:4712/v1.0/auditLogs/signIns?"), "{next}");
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        // Written as it was sent: what the client encoded stays so.
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let page = json(&list(&world, &pairs, now));
        found.extend(ids(&page).iter().map(|id| (*id).to_owned()));
        link = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    assert_eq!(found, expected);
    let token = first["@odata.nextLink"].as_str().unwrap().split("$skiptoken=").nth(1).unwrap();
    assert_eq!(code(&list(&world, &[("$top", "3"), ("$skiptoken", token)], now)), (400, "BadRequest".into()), "another query");
    assert_eq!(code(&list(&world, &[("$skiptoken", "made-up")], now)), (400, "BadRequest".into()));
    assert!(json(&list(&world, &[], now)).get("@odata.nextLink").is_none(), "a thousand come unasked");
}

#[test]
fn a_filter_holds_times_and_applications_and_nothing_else() {
    let world = world(0);
    let who = email(&world, Part::Plain);
    let [first, second, third] = [0, 1, 2].map(|n| world.sign_in(SignIn::new(FROM + n * MINUTE, &who)));
    let other = "11111111-2222-3333-4444-555555555555";
    let elsewhere = world.sign_in(SignIn { app_id: other.into(), ..SignIn::new(FROM + 3 * MINUTE, &who) });
    let now = FROM + 10 * MINUTE;
    let found = |filter: &str| {
        let answer = list(&world, &[("$filter", filter)], now);
        assert_eq!(answer.status, 200, "{filter}: {:?}", answer.body);
        ids(&json(&answer)).iter().map(|id| (*id).to_owned()).collect::<Vec<_>>()
    };
    let miro = format!("appId eq '{MIRO_APP}'");
    assert_eq!(found(&miro), [third.as_str(), &second, &first]);
    assert_eq!(found(&format!("(appId eq '{other}' or {miro}) and createdDateTime ge 2026-01-01T00:02:00Z")), [elsewhere.as_str(), &third]);
    // A bound in milliseconds is before what happened within that millisecond.
    assert_eq!(
        found(&format!("createdDateTime ge 2026-01-01T00:00:00.000Z and createdDateTime le 2026-01-01T00:01:00.001Z and {miro}")),
        [second.as_str(), &first]
    );
    assert_eq!(found("createdDateTime le 2026-01-01T00:01:00.000Z and createdDateTime ge 2026-01-01T00:00:01Z"), Vec::<String>::new());
    for wrong in [
        "",
        "createdDateTime lt 2026-01-01T00:00:00Z",
        "createdDateTime gt 2026-01-01T00:00:00Z",
        "createdDateTime ge '2026-01-01T00:00:00Z'",
        "createdDateTime ge 2026-01-01",
        "createdDateTime ge 2026-01-01T00:00:00+01:00",
        "appId eq 'Miro'",
        "appId ne '11111111-2222-3333-4444-555555555555'",
        "userDisplayName eq 'Ann'",
        "appId eq '11111111-2222-3333-4444-555555555555' or appId eq '11111111-2222-3333-4444-555555555555'",
        "(appId eq '11111111-2222-3333-4444-555555555555'",
        "createdDateTime ge 2026-01-01T00:00:00Z  and",
        // Ninety days back.
        "createdDateTime ge 2025-10-01T00:00:00Z",
    ] {
        assert_eq!(code(&list(&world, &[("$filter", wrong)], now)), (400, "BadRequest".into()), "{wrong}");
    }
    for wrong in [("$top", "0"), ("$top", "1001"), ("$top", "x"), ("$orderby", "createdDateTime"), ("$select", "id"), ("$count", "true")] {
        assert_eq!(code(&list(&world, &[wrong], now)), (400, "BadRequest".into()), "{wrong:?}");
    }
}

#[test]
fn a_sign_in_shows_late_and_for_thirty_days() {
    let world = world(0);
    world.set(|settings| settings.graph.sign_ins_late_ms = 2 * MINUTE);
    let who = email(&world, Part::Plain);
    world.sign_in(SignIn::new(FROM, &who));
    world.sign_in(SignIn { late_ms: Some(10 * MINUTE), ..SignIn::new(FROM, &who) });
    let shown = |now: u64| ids(&json(&list(&world, &[], now))).len();
    assert_eq!([0, 1, 2, 9, 10].map(|minute| shown(FROM + minute * MINUTE)), [0, 0, 1, 1, 2]);
    world.set(|settings| settings.graph.token_life_s = 40 * 86_400);
    assert_eq!([30, 31].map(|day| shown(FROM + day * DAY)), [2, 0]);
}

#[test]
fn reading_takes_the_permission_the_licence_and_patience() {
    let world = world(0);
    world.register(world.app().with_permissions("reader", &["User.Read.All", "Directory.Read.All"]));
    let poor = world.grant("reader", FROM).unwrap();
    let refused = call(&world, &poor, "GET", PATH, &[], None, FROM);
    assert_eq!(code(&refused), (403, "Authentication_MSGraphPermissionMissing".into()));
    world.set(|settings| settings.graph.premium = false);
    let rich = token(&world);
    let ask = |now: u64| call(&world, &rich, "GET", PATH, &[], None, now);
    assert_eq!(code(&ask(FROM)), (403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant".into()));
    world.set(|settings| settings.graph.premium = true);
    assert_eq!([1, 2, 3, 4].map(|ms| ask(FROM + ms).status), [200; 4]);
    let sixth = ask(FROM + 5);
    assert_eq!((sixth.status, sixth.headers["retry-after"].to_str().unwrap()), (429, "10"));
    assert_eq!(call(&world, &rich, "GET", "/v1.0/users", &[], None, FROM + 6).status, 200, "other things have another limit");
    assert_eq!(ask(FROM + 10_000).status, 200);
    world.add_rule(Rule::new(Endpoint::SignIns, Fault::Status { status: 410, body: None, retry_after: None }).once());
    assert_eq!(ask(FROM + 10_001).status, 410);
    assert_eq!(call(&world, &rich, "POST", PATH, &[], None, FROM + 10_002).status, 404);
}
