use super::{EMAIL, LOOKING, NOW, TOKEN, answer, lost, never, resolve, says, target};
use crate::{
    http::{Method, Request},
    responder::{Account, Action, Resolution, Target},
    types::Failure,
};

fn member(id: &str, email: &str, role: &str) -> String {
    format!(r#"{{"id": "{id}", "email": "{email}", "active": true, "role": "{role}", "license": "full", "adminRoles": []}}"#)
}

fn page(members: &[String], cursor: &str) -> String {
    format!(r#"{{"type": "cursor-list", "limit": 100, "size": {}, "cursor": "{cursor}", "data": [{}]}}"#, members.len(), members.join(","))
}

fn asked(config: &str, target: &Target, state: Option<&str>) -> Request {
    let mut asked = None;
    let _ = super::super::resolve(config, TOKEN, target, state, NOW, |request, _| {
        asked = Some(request);
        lost()
    });
    asked.unwrap()
}

fn account(resolution: Result<Resolution, Failure>) -> Account {
    match resolution {
        Ok(Resolution::Account(account)) => account,
        other => panic!("{other:?}"),
    }
}

fn found(body: &str) -> Result<Resolution, Failure> {
    resolve(LOOKING, &target(None, Some(EMAIL)), None, answer(200, &[], body))
}

#[test]
fn without_an_organization_the_address_is_the_account_and_nothing_is_asked() {
    let resolve = |target: &Target| super::super::resolve("{}", TOKEN, target, None, NOW, never);
    for target in [target(None, Some(" Ada@Acme.Example ")), target(Some("7"), Some(EMAIL)), target(Some(EMAIL), None)] {
        let account = account(resolve(&target));
        assert_eq!((account.id.as_str(), account.emails, account.enabled, account.roles), (EMAIL, vec![EMAIL.to_owned()], None, None));
        assert!(!account.last_administrator && account.obstacles.is_empty());
    }
    for target in [target(Some("7"), None), target(None, None), target(None, Some("nobody"))] {
        assert!(matches!(resolve(&target), Err(Failure::Invalid(_))), "{target:?}");
    }
}

#[test]
fn a_member_is_looked_up_by_address_or_by_id() {
    let by_address = asked(LOOKING, &target(None, Some("o'hara+1@acme.example")), None);
    assert_eq!(by_address.method, Method::Get);
    assert_eq!(by_address.url, "https://api.miro.com/v2/orgs/3074457345821140123/members?emails=o%27hara%2B1%40acme.example");
    assert!(by_address.headers.contains(&("authorization".to_owned(), format!("Bearer {TOKEN}"))) && by_address.body.is_none());
    let by_id = asked(LOOKING, &target(Some("7"), None), None);
    assert_eq!(by_id.url, "https://api.miro.com/v2/orgs/3074457345821140123/members/7");
    let one = || answer(200, &[], &member("7", EMAIL, "organization_internal_user"));
    let read = account(resolve(LOOKING, &target(Some("7"), None), None, one()));
    assert_eq!((read.id.as_str(), read.emails, read.enabled, read.roles), ("7", vec![EMAIL.to_owned()], Some(true), Some(Vec::new())));
    assert!(resolve(LOOKING, &target(Some("8"), None), None, one()).is_err());
    assert!(matches!(resolve(LOOKING, &target(Some("8"), None), None, answer(404, &[], "{}")), Ok(Resolution::Nobody(_))));
    let dotted = super::super::resolve(LOOKING, TOKEN, &target(Some("../../oauth"), None), None, NOW, never);
    assert!(matches!(dotted, Err(Failure::Invalid(_))));
}

#[test]
fn nobody_and_several_are_told_apart() {
    let ada = || member("7", "ADA@acme.example", "organization_internal_user");
    assert_eq!(account(found(&page(&[ada()], ""))).emails, [EMAIL]);
    assert_eq!(account(found(&format!("[{}]", ada()))).id, "7");
    assert!(matches!(found(&page(&[], "")), Ok(Resolution::Nobody(_))));
    // Members that nobody asked for.
    assert!(matches!(found(&page(&[member("8", "bob@acme.example", "unknown")], "8")), Ok(Resolution::Nobody(_))));
    let Ok(Resolution::Several(text)) = found(&page(&[ada(), member("8", EMAIL, "unknown")], "")) else { panic!() };
    assert!(text.contains("2 members"), "{text}");
    let other = resolve(LOOKING, &target(Some("8"), Some(EMAIL)), None, answer(200, &[], &page(&[ada()], "")));
    assert!(matches!(other, Ok(Resolution::Nobody(_))));
}

#[test]
fn roles_are_said_in_miros_words_and_a_guest_is_out_of_scims_reach() {
    let with = |role: &str, more: &str| {
        let member = format!(r#"{{"id": "7", "email": "{EMAIL}", "active": false, "role": "{role}", "adminRoles": {more}}}"#);
        account(found(&page(&[member], "")))
    };
    let some = with("organization_internal_user", r#"[{"type": "admin-role", "name": "Content Admin"}, "User Admin", 5]"#);
    assert_eq!(
        (some.roles.unwrap(), some.enabled),
        (vec!["Content Admin".into(), "User Admin".into(), "an unnamed admin role".to_owned()], Some(false))
    );
    assert_eq!(with("unknown", "null").roles, None);
    for role in ["organization_team_guest_user", "organization_external_user"] {
        let guest = with(role, "[]");
        assert_eq!(guest.obstacles.iter().map(|(action, _)| *action).collect::<Vec<_>>(), [Action::Suspend, Action::Restore]);
    }
    // Who cannot sign in administers nothing.
    assert!(!with("organization_internal_admin", "[]").last_administrator);
}

#[test]
fn a_company_admin_is_the_last_one_where_no_other_is_found() {
    let ada = member("7", EMAIL, "organization_internal_admin");
    let Ok(Resolution::More(state)) = found(&page(std::slice::from_ref(&ada), "")) else { panic!() };
    let who = target(None, Some(EMAIL));
    let request = asked(LOOKING, &who, Some(&state));
    assert_eq!(
        request.url,
        "https://api.miro.com/v2/orgs/3074457345821140123/members?role=organization_internal_admin&active=true&limit=100"
    );
    let then = |state: &str, members: &[String], cursor| resolve(LOOKING, &who, Some(state), answer(200, &[], &page(members, cursor)));
    let bob = member("8", "bob@acme.example", "organization_internal_admin");
    let both = account(then(&state, &[ada.clone(), bob.clone()], ""));
    assert_eq!((both.last_administrator, both.roles.unwrap()), (false, vec!["organization_internal_admin".to_owned()]));
    assert!(account(then(&state, std::slice::from_ref(&ada), "")).last_administrator);
    // A filter that was not kept to changes nothing.
    let idle = bob.replace("true", "false");
    assert!(
        account(then(&state, &[ada.clone(), idle, member("9", "c@acme.example", "organization_internal_user")], "")).last_administrator
    );
    let Ok(Resolution::More(second)) = then(&state, std::slice::from_ref(&ada), "7") else { panic!() };
    assert!(asked(LOOKING, &who, Some(&second)).url.ends_with("&limit=100&cursor=7"));
    assert!(!account(then(&second, &[bob], "")).last_administrator);
    assert!(matches!(then(&second, &[ada], "7"), Err(Failure::Protocol(_))));
}

#[test]
fn a_state_of_somebody_else_is_refused() {
    for state in ["", "{}", "null", r#"{"version": 2, "member": {"id": "7", "email": "a@b"}, "cursor": null}"#] {
        let refused = super::super::resolve(LOOKING, TOKEN, &target(None, Some(EMAIL)), Some(state), NOW, never);
        assert!(matches!(refused, Err(Failure::Invalid(_))), "{state}");
    }
}

#[test]
fn a_refusal_names_the_scope_and_no_token() {
    let refused = resolve(
        LOOKING,
        &target(None, Some(EMAIL)),
        None,
        answer(403, &[], &format!(r#"{{"code": "forbiddenAccess", "message": "{TOKEN} may not"}}"#)),
    );
    let failure = refused.unwrap_err();
    assert!(matches!(failure, Failure::Forbidden(_)) && says(&failure).contains("organizations:read"), "{failure:?}");
    assert!(!says(&failure).contains(TOKEN));
    for body in [
        "",
        "null",
        "[[[[",
        "{}",
        r#"{"data": 1}"#,
        r#"{"data": [{"id": 7}]}"#,
        &"[".repeat(100_000),
        &page(&[member("../x", EMAIL, "unknown")], ""),
    ] {
        assert!(matches!(found(body), Err(Failure::Protocol(_))), "{body:.40}");
    }
}
