use simulator::{Changed, CutCursor, Denial, Reset, TooOld};

use crate::desk::{FROM, LATER, TO, audit, bound, get, ids, json, query, world};

#[test]
fn bounds_limit_and_sorting_are_read_strictly() {
    let world = world(10);
    let token = world.issue_static();
    let good = query(FROM, TO, 100, None);
    assert_eq!(audit(&world, &token, &good, LATER).status, 200);
    let both = format!("createdAfter={}&createdBefore={}", bound(FROM), bound(TO));
    for wrong in [
        format!("createdAfter={}", bound(FROM)),
        format!("createdBefore={}", bound(FROM)),
        both.replace(".000Z", "Z"),
        both.replace(".000Z", ".000%2B0000"),
        format!("{both}&limit=0"),
        format!("{both}&limit=101"),
        format!("{both}&limit=many"),
        format!("{both}&sorting=asc"),
        format!("{both}&sorting=ASC&sorting=ASC"),
        format!("{both}&cursor=nonsense"),
        format!("createdAfter={}&createdBefore={}", bound(TO), bound(FROM)),
    ] {
        let answer = audit(&world, &token, &wrong, LATER);
        assert_eq!((answer.status, json(&answer)["code"].as_str()), (400, Some("invalidParameters")), "{wrong}");
    }
    assert!(!world.account(LATER).violations.is_empty());
}

#[test]
fn a_cursor_needs_the_parameters_it_was_given_for() {
    let world = world(50);
    let token = world.issue_static();
    let cursor = json(&audit(&world, &token, &query(FROM, TO, 10, None), LATER))["cursor"].as_str().unwrap().to_owned();
    let status = |after, limit| audit(&world, &token, &query(after, TO, limit, Some(&cursor)), LATER).status;
    assert_eq!((status(FROM, 10), status(FROM, 5), status(FROM + 1, 10)), (200, 400, 400));
    world.set(|settings| settings.miro.changed_parameters = Changed::AllowLimit);
    assert_eq!((status(FROM, 10), status(FROM, 5), status(FROM + 1, 10)), (200, 200, 400));
    world.set(|settings| settings.miro.changed_parameters = Changed::Allow);
    assert_eq!(status(FROM + 1, 10), 200);
}

#[test]
fn a_cursor_cut_at_its_hash_leads_back_to_the_first_page() {
    let world = world(50);
    let token = world.issue_static();
    let first = json(&audit(&world, &token, &query(FROM, TO, 10, None), LATER));
    let cut = first["cursor"].as_str().unwrap().split('#').next().unwrap();
    let again = audit(&world, &token, &query(FROM, TO, 10, Some(cut)), LATER);
    assert_eq!(ids(&json(&again)), ids(&first));
    world.set(|settings| settings.miro.cut_cursor = CutCursor::Refuse);
    assert_eq!(audit(&world, &token, &query(FROM, TO, 10, Some(cut)), LATER).status, 400);
    assert_eq!(world.account(LATER).violations.iter().find(|v| v.kind.contains("cursor")).unwrap().count, 2);
}

#[test]
fn what_is_older_than_the_retention_is_refused_or_left_out() {
    let world = world(50);
    let token = world.issue_static();
    world.set(|settings| settings.miro.retention_ms = Some(86_400_000));
    let half = TO + 43_200_000;
    assert_eq!(audit(&world, &token, &query(FROM, TO, 100, None), half).status, 400);
    world.set(|settings| settings.miro.too_old = TooOld::LeaveOut);
    let count = ids(&json(&audit(&world, &token, &query(FROM, TO, 100, None), half))).len();
    assert!(count > 0 && count < 50, "{count}");
}

#[test]
fn who_may_not_read_is_told_so_in_the_documented_ways() {
    let world = world(5);
    let good = query(FROM, TO, 100, None);
    let code = |token: &str| {
        let answer = audit(&world, token, &good, LATER);
        (answer.status, json(&answer)["code"].as_str().unwrap().to_owned())
    };
    assert_eq!(code(""), (401, "tokenNotProvided".into()));
    assert_eq!(code("unknown"), (401, "tokenNotProvided".into()));
    assert_eq!(code(&world.issue_static_with("boards:read")), (403, "forbiddenAccess".into()));
    let token = world.issue_static();
    world.set(|settings| (settings.miro.enterprise, settings.miro.denial) = (false, Denial::NotFound));
    assert_eq!(code(&token), (404, "notFound".into()));
    assert_eq!(get(&world, "/v1/audit/logs", &token, LATER).status, 404);
}

#[test]
fn credits_run_out_within_the_minute_and_come_back_with_the_next() {
    let world = world(5);
    let token = world.issue_static();
    world.set(|settings| settings.miro.credits_per_minute = 250);
    let start = LATER / 60_000 * 60_000;
    let call = |now| audit(&world, &token, &query(FROM, TO, 100, None), now);
    let header = |name: &str, now| call(now).headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("x-ratelimit-remaining", start), "150");
    assert_eq!(header("x-ratelimit-remaining", start + 1), "50");
    let refused = call(start + 2);
    assert_eq!((refused.status, refused.headers.get("retry-after")), (429, None));
    assert_eq!(json(&refused)["code"], "tooManyRequests");
    assert_eq!(header("x-ratelimit-reset", start), (start / 1000 + 60).to_string());
    world.set(|settings| (settings.miro.reset, settings.miro.retry_after) = (Reset::DeltaSeconds, true));
    assert_eq!((header("x-ratelimit-reset", start + 50_000), header("retry-after", start + 50_000)), ("10".into(), "10".into()));
    world.set(|settings| settings.miro.reset = Reset::EpochMillis);
    assert_eq!(header("x-ratelimit-reset", start), (start + 60_000).to_string());
    assert_eq!(call(start + 60_000).status, 200);
    assert_eq!(world.account(LATER).throttled, 5);
}

#[test]
fn the_date_header_is_the_given_time_plus_the_skew() {
    let world = world(0);
    world.set(|settings| settings.miro.date_skew_ms = -61_000);
    let answer = get(&world, "/nowhere", "", FROM + 61_000);
    assert_eq!(answer.headers["date"], "Thu, 01 Jan 2026 00:00:00 GMT");
}
