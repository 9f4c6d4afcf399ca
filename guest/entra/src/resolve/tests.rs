use crate::{
    component::resolve,
    http::{Answer, Request, TransportError},
    responder::{Account, Action, Resolution, Target},
    tests::{CONFIG, ID, NOW, TOKEN, header, line, refuses, says, with},
    types::Failure,
};

const SELECT: &str =
    "$select=id,displayName,userPrincipalName,mail,otherMails,proxyAddresses,accountEnabled,userType,onPremisesSyncEnabled";

fn target(id: Option<&str>, email: Option<&str>) -> Target {
    Target { id: id.map(str::to_owned), email: email.map(str::to_owned) }
}

fn step(target: &Target, state: Option<&str>, answer: Answer) -> (Request, Result<Resolution, Failure>) {
    let mut asked = None;
    let came = resolve(CONFIG, TOKEN, target, state, NOW, |request, _| {
        asked = Some(request);
        answer
    });
    (asked.unwrap(), came)
}

/// The state of what is not at its end.
fn more(came: Result<Resolution, Failure>) -> String {
    match came {
        Ok(Resolution::More(state)) => state,
        other => panic!("{other:?}"),
    }
}

fn user(more: &str) -> String {
    format!(
        r#"{{"id": "{ID}", "displayName": "Ann O'Neil\u0007", "userPrincipalName": "Ann@contoso.example", "mail": "a.oneil@contoso.example",
            "otherMails": [], "proxyAddresses": ["smtp:oneil@contoso.example"], "accountEnabled": true, "userType": "Member",
            "onPremisesSyncEnabled": null{more}}}"#
    )
}

fn list(users: &[String]) -> Answer {
    says(200, &format!(r#"{{"@odata.context": "x", "value": [{}]}}"#, users.join(",")))
}

const NO_ROLES: &str = r#"{"value": []}"#;

/// By its identifier, to the end.
fn found(user: &str, roles: Answer) -> Account {
    let target = target(Some(ID), None);
    let state = more(step(&target, None, says(200, user)).1);
    match step(&target, Some(&state), roles).1 {
        Ok(Resolution::Account(account)) => account,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_account_is_read_by_its_identifier_and_then_its_roles() {
    let target = target(Some(ID), None);
    let (asked, came) = step(&target, None, says(200, &user("")));
    assert_eq!(line(&asked), format!("GET /v1.0/users/{ID}?{SELECT}"));
    assert_eq!(header(&asked, "consistencylevel"), None);
    let (asked, came) = step(&target, Some(&more(came)), says(200, r#"{"value": [{"id": "r", "displayName": "Global Administrator"}]}"#));
    assert_eq!(line(&asked), format!("GET /v1.0/users/{ID}/transitiveMemberOf/microsoft.graph.directoryRole?$select=id,displayName"));
    let Ok(Resolution::Account(account)) = came else { panic!("{came:?}") };
    assert_eq!((account.id.as_str(), account.name.as_deref(), account.enabled), (ID, Some("Ann O'Neil"), Some(true)));
    assert_eq!(account.emails, ["ann@contoso.example", "a.oneil@contoso.example", "oneil@contoso.example"]);
    assert_eq!(account.roles.as_deref(), Some(&["Global Administrator".to_owned()][..]));
    assert!(account.obstacles.is_empty() && !account.last_administrator);
}

#[test]
fn an_address_is_searched_as_mail_and_name_first_and_then_as_further_addresses() {
    let target = target(None, Some(" O'Neil@Contoso.example "));
    let (asked, came) = step(&target, None, list(&[]));
    let it = "o%27%27neil%40contoso.example";
    assert_eq!(line(&asked), format!("GET /v1.0/users?$filter=mail%20eq%20%27{it}%27%20or%20userPrincipalName%20eq%20%27{it}%27&{SELECT}"));
    assert_eq!(header(&asked, "consistencylevel"), None);
    let (asked, came) = step(&target, Some(&more(came)), list(&[]));
    assert_eq!(
        line(&asked),
        format!(
            "GET /v1.0/users?$filter=otherMails/any(x:x%20eq%20%27{it}%27)%20or%20proxyAddresses/any(x:x%20eq%20%27smtp%3A{it}%27)&{SELECT}&$count=true"
        )
    );
    assert_eq!(header(&asked, "consistencylevel"), Some("eventual"));
    assert!(matches!(came, Ok(Resolution::Nobody(text)) if text.contains("proxy address")));
}

#[test]
fn an_account_whose_address_is_not_its_name_is_found_by_it() {
    let target = target(None, Some("oneil@contoso.example"));
    let state = more(step(&target, None, list(&[])).1);
    let state = more(step(&target, Some(&state), list(&[user("")])).1);
    assert!(matches!(step(&target, Some(&state), says(200, NO_ROLES)).1, Ok(Resolution::Account(account)) if account.id == ID));
}

#[test]
fn more_than_one_is_never_a_guess() {
    let target = target(None, Some("a.oneil@contoso.example"));
    let several = |came| match came {
        Ok(Resolution::Several(text)) => text,
        other => panic!("{other:?}"),
    };
    let text = several(step(&target, None, list(&[user(""), user("")])).1);
    assert!(text.starts_with("2 accounts have the address"), "{text}");
    let state = more(step(&target, None, list(&[])).1);
    several(step(&target, Some(&state), list(&[user(""), user(""), user("")])).1);
    let page = format!(r#"{{"value": [{}], "@odata.nextLink": "https://graph.microsoft.com/v1.0/users?$skiptoken=a"}}"#, user(""));
    let text = several(step(&target, None, says(200, &page)).1);
    assert!(text.starts_with("at least 2"), "{text}");
}

#[test]
fn an_answer_that_does_not_show_the_address_is_not_taken() {
    let target = target(None, Some("bob@contoso.example"));
    assert!(matches!(step(&target, None, list(&[user("")])).1, Err(Failure::Protocol(text)) if text.contains("User.Read.All")));
    let other = user("").replace(ID, "11111111-07e2-4810-8459-485f84f8f204");
    let by_id = Target { id: Some(ID.to_owned()), email: None };
    assert!(matches!(step(&by_id, None, says(200, &other)).1, Err(Failure::Protocol(_))), "another account");
}

#[test]
fn where_both_are_given_both_must_fit() {
    let both = |email| target(Some(ID), Some(email));
    assert!(matches!(step(&both("OneIl@contoso.example"), None, says(200, &user(""))).1, Ok(Resolution::More(_))));
    let came = step(&both("bob@contoso.example"), None, says(200, &user(""))).1;
    assert!(matches!(came, Ok(Resolution::Nobody(text)) if text.contains("both must fit")));
}

#[test]
fn who_is_not_there_is_nobody_and_who_is_not_named_is_invalid() {
    let came = step(&target(Some(ID), None), None, refuses(404, "Request_ResourceNotFound")).1;
    assert!(matches!(came, Ok(Resolution::Nobody(text)) if text.contains(ID)));
    for target in [target(None, None), target(Some(" "), Some("")), target(None, Some("ann")), target(None, Some("a@b\r\nx: y"))] {
        let came = resolve(CONFIG, TOKEN, &target, None, NOW, |_, _| unreachable!());
        assert!(matches!(came, Err(Failure::Invalid(_))), "{came:?}");
    }
}

#[test]
fn a_name_that_begins_with_a_dollar_is_written_as_a_key() {
    let (asked, _) = step(&target(Some("$ann@contoso.example"), None), None, says(200, &user("")));
    assert!(line(&asked).starts_with("GET /v1.0/users('%24ann%40contoso.example')?"), "{}", line(&asked));
    let (asked, _) = step(&target(Some("bob_home.example#EXT#@contoso.example"), None), None, says(200, &user("")));
    assert!(line(&asked).contains("/users/bob_home.example%23EXT%23%40contoso.example?"), "{}", line(&asked));
}

#[test]
fn a_guest_is_not_reached_and_says_why() {
    for more in [r#", "userType": "Guest""#, r#", "userPrincipalName": "ann_home.example#EXT#@contoso.example""#] {
        // A member that comes twice is no account: take the first away.
        let key = more.split('"').nth(1).unwrap();
        let text = user("")
            .replace(&format!("\"{key}\": \"Member\""), "\"x\": 1")
            .replace(&format!("\"{key}\": \"Ann@contoso.example\""), "\"x\": 1");
        let text = format!("{}{more}}}", text.trim_end_matches('}'));
        let account = found(&text, says(200, NO_ROLES));
        let about: Vec<Action> = account.obstacles.iter().map(|(action, _)| *action).collect();
        assert_eq!(about, [Action::SignOut, Action::Suspend], "{text}");
        assert!(account.obstacles.iter().all(|(_, why)| why.contains("home tenant")));
    }
}

#[test]
fn an_account_that_another_directory_keeps_does_not_stay_suspended() {
    let account = found(&user("").replace("\"onPremisesSyncEnabled\": null", "\"onPremisesSyncEnabled\": true"), says(200, NO_ROLES));
    assert!(matches!(account.obstacles.as_slice(), [(Action::Suspend, why)] if why.contains("Active Directory")));
}

#[test]
fn whether_it_is_enabled_is_what_the_directory_says() {
    let enabled = |text: &str| found(&user("").replace("\"accountEnabled\": true", text), says(200, NO_ROLES)).enabled;
    assert_eq!(enabled("\"accountEnabled\": false"), Some(false));
    assert_eq!((enabled("\"accountEnabled\": null"), enabled("\"x\": true"), enabled("\"accountEnabled\": \"true\"")), (None, None, None));
}

#[test]
fn roles_that_cannot_be_read_are_unknown_rather_than_none() {
    assert_eq!(found(&user(""), says(200, NO_ROLES)).roles, Some(Vec::new()));
    for answer in [
        refuses(403, "Authorization_RequestDenied"),
        refuses(400, "Request_UnsupportedQuery"),
        says(200, "[]"),
        says(200, r#"{"value": [{}]}"#),
        says(204, ""),
    ] {
        assert_eq!(found(&user(""), answer).roles, None);
    }
    let hidden = r##"{"value": [{"@odata.type": "#microsoft.graph.directoryRole", "id": "43a6", "displayName": null}]}"##;
    assert_eq!(found(&user(""), says(200, hidden)).roles, Some(vec!["directory role 43a6".to_owned()]), "it has one, whatever its name");
}

#[test]
fn roles_are_read_again_where_that_helps() {
    let target = target(Some(ID), None);
    let state = more(step(&target, None, says(200, &user(""))).1);
    let again = |answer| step(&target, Some(&state), answer).1.unwrap_err();
    assert_eq!(again(refuses(401, "InvalidAuthenticationToken")), Failure::Expired);
    assert_eq!(again(with(429, &[("retry-after", "3")], "")), Failure::Throttled(Some(3000)));
    assert!(matches!(again(refuses(503, "UnknownError")), Failure::Unavailable(_)));
    assert!(matches!(again(Err(TransportError::Unknown("no answer in time".to_owned()))), Failure::Unavailable(_)));
}

#[test]
fn roles_come_page_by_page_from_graph_only() {
    let target = target(Some(ID), None);
    let page = |link: &str| says(200, &format!(r#"{{"value": [{{"displayName": "Global Reader"}}], "@odata.nextLink": "{link}"}}"#));
    let state = more(step(&target, None, says(200, &user(""))).1);
    let link = "https://graph.microsoft.com/v1.0/users/x/transitiveMemberOf?$skiptoken=a";
    let state = more(step(&target, Some(&state), page(link)).1);
    let (asked, came) = step(&target, Some(&state), says(200, r#"{"value": [{"displayName": "User Administrator"}]}"#));
    assert_eq!(asked.url, link);
    let Ok(Resolution::Account(account)) = came else { panic!("{came:?}") };
    assert_eq!(account.roles.unwrap(), ["Global Reader", "User Administrator"]);
    for wrong in ["https://elsewhere.example/v1.0/users", link] {
        assert!(matches!(step(&target, Some(&state), page(wrong)).1, Err(Failure::Protocol(_))), "{wrong}");
    }
    let elsewhere = state.replace("graph.microsoft.com", "elsewhere.example");
    assert!(matches!(resolve(CONFIG, TOKEN, &target, Some(&elsewhere), NOW, |_, _| unreachable!()), Err(Failure::Invalid(_))));
}
