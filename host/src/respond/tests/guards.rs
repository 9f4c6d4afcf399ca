//! Each guard, and how one might get past it.

use super::*;

const HOURS: u64 = 3_600_000;

fn guards() -> Guards {
    Guards {
        act_within: Duration::from_hours(1),
        exclude: Vec::new(),
        administrators: Vec::new(),
        caps: Caps { hour: 3, day: 5, permille: 5 },
        dry_run: false,
        approve: Vec::new(),
        four_eyes: false,
    }
}

/// A suspension that a policy made, its account known.
fn suspension() -> Response {
    Response { account: Some(account()), ..automatic(Action::Suspend) }
}

fn ask(response: &Response, guards: &Guards, facts: &Facts) -> Ruling {
    guard(response, guards, facts, NOON)
}

/// Why it is skipped.
fn skipped(response: &Response, guards: &Guards, facts: &Facts) -> String {
    match ask(response, guards, facts) {
        Ruling::Skip(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_nothing_speaks_against_goes_on() {
    for action in Action::ALL {
        let response = Response { account: Some(account()), ..automatic(action) };
        assert_eq!(ask(&response, &guards(), &Facts::default()), Ruling::Go, "{action}");
    }
    assert_eq!(ask(&automatic(Action::Suspend), &guards(), &Facts::default()), Ruling::Go, "what the account is comes later");
}

#[test]
fn excluded_is_whoever_has_an_excluded_name_however_it_is_written() {
    let by = |name: &str| Guards { exclude: vec![name.to_owned()], ..guards() };
    // As the alert calls them, by address or identifier; as the vendor does, by a second address or identifier; in any case.
    let target = Who { id: Some("3458764".into()), email: Some("EVE@Example.COM".into()), name: Some("Eve".into()) };
    for action in Action::ALL {
        let response = Response { target: target.clone(), account: Some(account()), ..automatic(action) };
        for name in ["eve@example.com", "3458764", "eve.second@example.com", "5e2a", "Eve@Example.com"] {
            let why = skipped(&response, &by(name), &Facts::default());
            assert!(why.contains("is excluded"), "{action} {name}: {why}");
        }
        assert_eq!(ask(&response, &by("eve"), &Facts::default()), Ruling::Go, "a display name is anybody's");
        assert_eq!(ask(&response, &by("e@example.com"), &Facts::default()), Ruling::Go, "a part of an address is another");
    }
    let unresolved = Response { target: target.clone(), ..automatic(Action::Suspend) };
    skipped(&unresolved, &by("eve@example.com"), &Facts::default());
}

#[test]
fn administrators_are_told_but_never_shut_out() {
    let guards = Guards { administrators: vec!["eve.second@example.com".into()], ..guards() };
    for action in Action::ALL {
        let response = Response { account: Some(account()), ..automatic(action) };
        let ruling = ask(&response, &guards, &Facts::default());
        assert_eq!(matches!(ruling, Ruling::Skip(_)), action.is_drastic(), "{action}: {ruling:?}");
    }
}

#[test]
fn the_owner_of_the_token_is_never_shut_out() {
    for owner in [
        Who { email: Some("Eve.Second@example.com".into()), ..Who::default() },
        Who { id: Some("5e2a".into()), ..Who::default() },
        Who { id: Some("eve".into()), ..Who::default() },
    ] {
        let facts = Facts { owner: Some(owner), ..Facts::default() };
        assert!(skipped(&suspension(), &guards(), &facts).contains("owns the token"));
    }
    let nobody = Facts { owner: Some(Who { name: Some("eve@example.com".into()), ..Who::default() }), ..Facts::default() };
    assert_eq!(ask(&suspension(), &guards(), &nobody), Ruling::Go);
}

#[test]
fn roles_keep_an_account_and_unknown_roles_ask_a_person() {
    let with = |roles: Option<Vec<String>>| Response { account: Some(Account { roles, ..account() }), ..suspension() };
    assert!(skipped(&with(Some(vec!["Global Administrator".into()])), &guards(), &Facts::default()).contains("Global Administrator"));
    assert!(matches!(ask(&with(None), &guards(), &Facts::default()), Ruling::Hold(Wait::Unknown, _)));
    let last = Response { account: Some(Account { last_administrator: true, ..account() }), ..suspension() };
    assert_eq!(skipped(&last, &guards(), &Facts::default()), "the account is the last administrator");
    let told = Response { action: Action::Notify, ..with(None) };
    assert_eq!(ask(&told, &guards(), &Facts::default()), Ruling::Go, "a mail needs to know no roles");
}

#[test]
fn what_cannot_work_for_an_account_is_not_tried() {
    let obstacles = vec![(Action::Suspend, "it is a guest".to_owned())];
    let guest = Account { obstacles, ..account() };
    let suspend = Response { account: Some(guest.clone()), ..suspension() };
    assert_eq!(skipped(&suspend, &guards(), &Facts::default()), "it is a guest");
    let sign_out = Response { account: Some(guest), ..automatic(Action::SignOut) };
    assert_eq!(ask(&sign_out, &guards(), &Facts::default()), Ruling::Go);
}

#[test]
fn what_is_late_is_not_done() {
    let old = |ms: u64| guard(&suspension(), &guards(), &Facts::default(), Instant(NOON.0 + ms));
    assert_eq!(old(HOURS), Ruling::Go);
    assert!(matches!(old(HOURS + 1), Ruling::Late(why) if why.starts_with("too old: ")), "it waited for its turn too long");
}

#[test]
fn the_caps_are_what_happened_before() {
    let facts = |hour, day, users| Facts { suspended: (hour, day), users, ..Facts::default() };
    let held = |facts: Facts| matches!(ask(&suspension(), &guards(), &facts), Ruling::Hold(Wait::Cap, _));
    assert!(!held(facts(2, 2, 0)));
    assert!(held(facts(3, 3, 0)), "the fourth in an hour");
    assert!(!held(facts(0, 4, 0)));
    assert!(held(facts(0, 5, 0)), "the sixth in a day");
    // Half a percent of all users, where that is more.
    assert!(held(facts(0, 5, 1199)) && !held(facts(0, 5, 1200)), "6 of 1,200");
    assert!(held(facts(0, 6, 1200)) && held(facts(3, 3, 1_000_000)), "the hour has no share");
    assert!(!held(facts(0, 5, u64::MAX)));
    let none = Guards { caps: Caps { hour: 0, day: 0, permille: 0 }, ..guards() };
    assert!(matches!(ask(&suspension(), &none, &facts(0, 0, 9)), Ruling::Hold(Wait::Cap, _)));
}

#[test]
fn the_caps_count_what_began_only_once_and_nothing_but_suspensions() {
    let full = Facts { suspended: (3, 5), ..Facts::default() };
    let begun = Response { begun: Some(NOON), ..suspension() };
    assert_eq!(ask(&begun, &guards(), &full), Ruling::Go, "it is one of the three");
    let tried = Response { dry_run: true, ..suspension() };
    assert_eq!(ask(&tried, &guards(), &full), Ruling::Go);
    let sign_out = Response { account: Some(account()), ..automatic(Action::SignOut) };
    assert_eq!(ask(&sign_out, &guards(), &full), Ruling::Go);
}

#[test]
fn what_a_person_wants_is_the_persons_business() {
    let late = Instant(NOON.0 + 9 * HOURS);
    let guards = Guards { exclude: vec!["eve@example.com".into()], ..guards() };
    let full = Facts { suspended: (9, 9), ..Facts::default() };
    let asked = Response { account: Some(account()), ..order(Action::Suspend, "ann").response(NOON) };
    assert_eq!(guard(&asked, &guards, &full, late), Ruling::Go);
    let approved = Response { approvals: vec![Approval { who: "ann".into(), at: NOON }], ..suspension() };
    assert_eq!(guard(&approved, &guards, &full, late), Ruling::Go);
}

/// Whatever it waited for, and however it was configured when it was made or ordered.
#[test]
fn under_four_eyes_nothing_drastic_is_done_that_one_person_wants() {
    let two = Guards { four_eyes: true, ..guards() };
    let by = |who: &[&str]| who.iter().map(|who| Approval { who: (*who).into(), at: NOON }).collect::<Vec<_>>();
    let policy = |action, who: &[&str]| Response { approvals: by(who), ..automatic(action) };
    let held = |response: &Response| matches!(ask(response, &two, &Facts::default()), Ruling::Hold(Wait::FourEyes, _));
    for action in Action::ALL {
        assert!(held(&policy(action, &["ann"])) && held(&policy(action, &["ann", "ann"])), "{action}");
        assert!(!held(&policy(action, &["ann", "bob"])) && !held(&policy(action, &[])), "{action}: by two, or by itself");
        let ordered = order(action, "ann").response(NOON);
        assert_eq!(held(&ordered), action.is_drastic(), "{action}: ordered where nothing was known of four eyes");
        assert!(!held(&Order { dry_run: true, ..order(action, "ann") }.response(NOON)), "{action}: to try it out takes nobody");
        assert_eq!(ask(&policy(action, &["ann"]), &guards(), &Facts::default()), Ruling::Go, "{action}");
    }
}

/// Entra knows no roles of whoever administers Miro; whoever collects the events does.
#[test]
fn what_a_witness_says_of_roles_counts_and_silence_asks_a_person() {
    use super::super::witness::heard;
    let with = |roles: Option<&str>, last_administrator| {
        let roles = roles.map(|role| Some(role.to_owned()).filter(|role| !role.is_empty()).into_iter().collect());
        heard(Ok(Some(Account { roles, last_administrator, ..account() })))
    };
    assert!(matches!(with(Some("organization_internal_admin"), false), Ruling::Skip(why) if why.contains("organization_internal_admin")));
    assert!(matches!(with(Some(""), true), Ruling::Skip(why) if why.contains("last administrator")));
    assert!(matches!(with(None, false), Ruling::Hold(Wait::Unknown, _)));
    assert_eq!((with(Some(""), false), heard(Ok(None))), (Ruling::Go, Ruling::Go));
    assert!(matches!(heard(Err("429".to_owned())), Ruling::Hold(Wait::Unknown, why) if why.ends_with("cannot be told: 429")));
}

/// It was made of a configuration that let it be done, and is tried again when another one is in force.
#[test]
fn what_is_pending_is_done_as_is_configured_when_it_is_done() {
    let tried = Guards { dry_run: true, ..guards() };
    let waits = Guards { approve: vec![Action::Suspend], ..guards() };
    assert_eq!(skipped(&suspension(), &tried, &Facts::default()), "nothing is done by itself (`dry_run` in [respond])");
    assert!(matches!(ask(&suspension(), &waits, &Facts::default()), Ruling::Hold(Wait::Approval, _)));
    let sign_out = Response { account: Some(account()), ..automatic(Action::SignOut) };
    assert_eq!(ask(&sign_out, &waits, &Facts::default()), Ruling::Go);
    let excluded = Guards { exclude: vec!["eve@example.com".into()], ..waits.clone() };
    assert!(skipped(&suspension(), &excluded, &Facts::default()).contains("is excluded"), "nobody has to decide about that");
    // To find out what would be done is what is wanted of it, and what a person wants is done.
    let dry = Response { dry_run: true, ..suspension() };
    let wanted = Response { approvals: vec![Approval { who: "ann".into(), at: NOON }], ..suspension() };
    for guards in [tried, waits] {
        for response in [&dry, &wanted] {
            assert_eq!(ask(response, &guards, &Facts::default()), Ruling::Go);
        }
    }
}

#[test]
fn what_an_analyst_closed_as_harmless_is_not_done_by_itself() {
    for verdict in [Verdict::Benign, Verdict::FalsePositive] {
        let cleared = Facts { cleared: Some(verdict), ..Facts::default() };
        for action in Action::ALL {
            assert!(skipped(&automatic(action), &guards(), &cleared).contains(verdict.as_str()), "{action}");
        }
        let wanted = Response { approvals: vec![Approval { who: "ann".into(), at: NOON }], ..suspension() };
        assert_eq!(ask(&wanted, &guards(), &cleared), Ruling::Go, "a person wants it all the same");
    }
}

#[test]
fn i5_a_responder_does_nothing_to_users_of_a_source_that_it_is_not_about() {
    let remit =
        |source: &str, action| Remit { name: "entra".parse().unwrap(), sources: vec![source.parse().unwrap()], actions: vec![action] };
    let response = suspension();
    let why = |remit: Remit| remit.refuses(&response).unwrap();
    assert_eq!(remit(response.source.as_str(), Action::Suspend).refuses(&response), None);
    assert!(why(remit("elsewhere", Action::Suspend)).contains("`sources` of responder entra"));
    assert!(why(remit(response.source.as_str(), Action::SignOut)).contains("`actions` of responder entra"));
}
