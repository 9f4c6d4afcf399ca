use crate::{
    component,
    http::{Answer, Request, TransportError},
    people::{Changes, Membership, Person, State},
    tests::{CONFIG, ID, NOW, TOKEN, header, line, refuses, says, with},
    types::Failure,
};

const SELECT: &str = "$select=id,displayName,userPrincipalName,mail,otherMails,proxyAddresses,accountEnabled";
const GRAPH: &str = "https://graph.microsoft.com/v1.0";

fn step(checkpoint: Option<&str>, answer: Answer) -> (Request, Result<Changes, Failure>) {
    at(checkpoint, NOW, answer)
}

fn at(checkpoint: Option<&str>, now: u64, answer: Answer) -> (Request, Result<Changes, Failure>) {
    let mut asked = None;
    let came = component::changed(CONFIG, TOKEN, checkpoint, now, |request, _| {
        asked = Some(request);
        answer
    });
    (asked.unwrap(), came)
}

fn page(entries: &[&str], links: &str) -> Answer {
    says(200, &format!(r#"{{"@odata.context": "x"{links}, "value": [{}]}}"#, entries.join(",")))
}

fn next(token: &str) -> String {
    format!(r#", "@odata.nextLink": "{GRAPH}/users/delta?$skiptoken={token}""#)
}

fn last(token: &str) -> String {
    format!(r#", "@odata.deltaLink": "{GRAPH}/users/delta?$deltatoken={token}""#)
}

const ANN: &str = r#"{"id": "a", "displayName": "Ann", "userPrincipalName": "Ann@contoso.example", "mail": null, "accountEnabled": true}"#;
const BOB: &str = r#"{"id": "b", "userPrincipalName": "bob@contoso.example", "otherMails": ["Bob@home.example"], "accountEnabled": false}"#;

fn deleted(id: &str, when: &str) -> String {
    format!(
        r#"{{"id": "{id}", "userPrincipalName": "{id}{id}@contoso.example", "mail": "{id}.x@contoso.example", "deletedDateTime": "{when}"}}"#
    )
}

/// Past the deleted accounts, of which there are none.
fn changes() -> String {
    step(None, page(&[], "")).1.unwrap().checkpoint
}

/// A cycle that is done.
fn finished() -> String {
    step(Some(&changes()), page(&[], &last("d1"))).1.unwrap().checkpoint
}

#[test]
fn a_first_cycle_reads_who_was_deleted_and_then_everybody() {
    let (asked, came) = step(None, page(&[&deleted("c", "2026-05-30T10:00:00Z")], ""));
    assert_eq!(
        line(&asked),
        "GET /v1.0/directory/deletedItems/microsoft.graph.user?$select=id,userPrincipalName,mail,otherMails,deletedDateTime&$orderby=deletedDateTime%20desc&$count=true&$top=999"
    );
    assert_eq!(header(&asked, "consistencylevel"), Some("eventual"));
    let came = came.unwrap();
    assert_eq!(
        came.people,
        [Person {
            id: "c".to_owned(),
            emails: vec!["c@contoso.example".to_owned(), "c.x@contoso.example".to_owned()],
            name: None,
            state: State::Deleted,
            since: Some(1_780_135_200_000),
        }]
    );
    assert!(came.more);
    let (asked, came) = step(Some(&came.checkpoint), page(&[ANN], &next("n1")));
    assert_eq!(line(&asked), format!("GET /v1.0/users/delta?{SELECT}"));
    assert_eq!((header(&asked, "consistencylevel"), header(&asked, "prefer")), (None, None), "all that was selected, changed or not");
    let came = came.unwrap();
    assert_eq!((came.people[0].emails.as_slice(), came.people[0].state), (&["ann@contoso.example".to_owned()][..], State::Active));
    assert!(came.more);
    let (asked, came) = step(Some(&came.checkpoint), page(&[BOB], &last("d1")));
    assert_eq!(asked.url, format!("{GRAPH}/users/delta?$skiptoken=n1"));
    let came = came.unwrap();
    assert_eq!((came.people[0].emails.len(), came.people[0].state, came.more), (2, State::Disabled, false));
}

#[test]
fn a_later_cycle_reads_only_what_is_new() {
    let first = step(None, page(&[&deleted("c", "2026-05-30T10:00:00Z")], "")).1.unwrap();
    let done = step(Some(&first.checkpoint), page(&[], &last("d1"))).1.unwrap();
    let link = r#", "@odata.nextLink": "https://graph.microsoft.com/v1.0/directory/deletedItems/microsoft.graph.user?$skiptoken=a""#;
    let (asked, came) = step(
        Some(&done.checkpoint),
        page(&[&deleted("d", "2026-05-31T10:00:00Z"), &deleted("c", "2026-05-30T10:00:00Z"), &deleted("b", "2026-05-29T10:00:00Z")], link),
    );
    assert!(line(&asked).ends_with("&$top=100"), "{}", line(&asked));
    let came = came.unwrap();
    assert_eq!(came.people.iter().map(|person| person.id.as_str()).collect::<Vec<_>>(), ["d"], "each deletion is told once");
    let (asked, came) = step(Some(&came.checkpoint), page(&[], &last("d2")));
    assert_eq!(asked.url, format!("{GRAPH}/users/delta?$deltatoken=d1"), "known ones end the list");
    assert!(!came.unwrap().more);
}

#[test]
fn many_deleted_accounts_come_page_by_page() {
    let link = r#", "@odata.nextLink": "https://graph.microsoft.com/v1.0/directory/deletedItems/microsoft.graph.user?$skiptoken=a""#;
    let came = step(None, page(&[&deleted("c", "2026-05-30T10:00:00Z")], link)).1.unwrap();
    assert!(came.more);
    let (asked, came) = step(Some(&came.checkpoint), page(&[&deleted("b", "2026-05-29T10:00:00Z")], ""));
    assert!(asked.url.ends_with("$skiptoken=a"));
    assert_eq!(header(&asked, "consistencylevel"), Some("eventual"), "on every page");
    let done = step(Some(&came.unwrap().checkpoint), page(&[], &last("d1"))).1.unwrap();
    let came = step(Some(&done.checkpoint), page(&[&deleted("c", "2026-05-30T10:00:00Z")], "")).1.unwrap();
    assert!(came.people.is_empty(), "the latest of all pages is known");
}

#[test]
fn where_the_deleted_accounts_are_forbidden_the_changes_are_read_all_the_same() {
    let came = step(None, refuses(403, "Authorization_RequestDenied")).1.unwrap();
    assert!(came.more && came.people.is_empty());
    let done = step(Some(&came.checkpoint), page(&[ANN], &last("d1"))).1.unwrap();
    let (asked, _) = step(Some(&done.checkpoint), page(&[], &last("d2")));
    assert!(asked.url.contains("/users/delta?$deltatoken=d1"), "remembered: {}", asked.url);
    let (asked, _) = at(Some(&done.checkpoint), NOW + 86_400_000, page(&[], ""));
    assert!(asked.url.contains("/deletedItems/"), "and tried again a day later");
}

#[test]
fn who_is_removed_is_deleted_and_keeps_the_addresses_that_are_known() {
    for reason in ["changed", "deleted", "never-seen"] {
        let entry = format!(r#"{{"id": "a", "@removed": {{"reason": "{reason}"}}}}"#);
        let came = step(Some(&changes()), page(&[&entry], &last("d1"))).1.unwrap();
        assert_eq!(came.people, [Person { id: "a".to_owned(), emails: Vec::new(), name: None, state: State::Deleted, since: None }]);
    }
}

#[test]
fn who_comes_in_part_is_asked_for_rather_than_guessed() {
    let parts: Vec<String> = (0..16).map(|n| format!(r#"{{"id": "p{n}", "displayName": "new name"}}"#)).collect();
    let mut entries: Vec<&str> = parts.iter().map(String::as_str).collect();
    entries.extend([ANN, r#"{"id": "q'1", "accountEnabled": true}"#, r#"{"accountEnabled": true}"#, "{}"]);
    let came = step(Some(&changes()), page(&entries, &last("d1"))).1.unwrap();
    assert_eq!(came.people.len(), 1, "only who came as a whole");
    assert!(came.more, "the cycle is not done before they are known");
    let (asked, came) = step(Some(&came.checkpoint), page(&[&BOB.replace("\"b\"", "\"p0\"")], ""));
    let line = line(&asked);
    assert!(line.starts_with("GET /v1.0/users?$filter=id%20eq%20%27p0%27%20or%20id%20eq%20%27p1%27%20or%20"), "{line}");
    assert!(line.ends_with(&format!("id%20eq%20%27p14%27&{SELECT}")), "{line}");
    let came = came.unwrap();
    assert_eq!((came.people[0].id.as_str(), came.people[0].state, came.more), ("p0", State::Disabled, true));
    let (asked, came) = step(Some(&came.checkpoint), page(&[], ""));
    assert!(asked.url.contains("=id%20eq%20%27p15%27%20or%20id%20eq%20%27q%27%271%27&"), "{}", asked.url);
    let came = came.unwrap();
    assert!(!came.more, "those that are gone are not waited for");
    assert!(step(Some(&came.checkpoint), page(&[], "")).0.url.contains("/deletedItems/"));
}

#[test]
fn an_account_that_stays_in_part_is_a_permission_that_is_missing() {
    let part = r#"{"id": "p", "displayName": "Pat", "accountEnabled": null}"#;
    let came = step(Some(&changes()), page(&[part], &last("d1"))).1.unwrap();
    let came = step(Some(&came.checkpoint), page(&[part], "")).1;
    assert!(matches!(came, Err(Failure::Forbidden(text)) if text.contains("User.Read.All")));
}

#[test]
fn where_graph_no_longer_knows_the_link_it_begins_again() {
    for answer in [refuses(410, "syncStateNotFound"), refuses(410, "resyncRequired"), refuses(400, "syncStateNotFound"), says(410, "")] {
        let listed = step(Some(&finished()), page(&[], "")).1.unwrap();
        let (asked, came) = step(Some(&listed.checkpoint), answer.clone());
        assert!(asked.url.ends_with("$deltatoken=d1"));
        let came = came.unwrap();
        assert!(came.more && came.people.is_empty());
        let (asked, came) = step(Some(&came.checkpoint), page(&[ANN], &next("n1")));
        assert_eq!(line(&asked), format!("GET /v1.0/users/delta?{SELECT}"));
        let came = step(Some(&came.unwrap().checkpoint), answer).1.unwrap();
        assert!(!came.more, "the second time it waits for the next interval");
        assert_eq!(line(&step(Some(&came.checkpoint), page(&[], &last("d2"))).0), format!("GET /v1.0/users/delta?{SELECT}"));
    }
    assert!(matches!(step(Some(&changes()), says(410, "")).1, Err(Failure::Protocol(_))), "there was no link to forget");
}

#[test]
fn a_page_of_the_deleted_accounts_that_is_no_longer_known_is_left_to_the_next_cycle() {
    let link = r#", "@odata.nextLink": "https://graph.microsoft.com/v1.0/directory/deletedItems/microsoft.graph.user?$skiptoken=a""#;
    let came = step(None, page(&[&deleted("c", "2026-05-30T10:00:00Z")], link)).1.unwrap();
    let came = step(Some(&came.checkpoint), refuses(400, "Directory_ExpiredPageToken")).1.unwrap();
    let done = step(Some(&came.checkpoint), page(&[], &last("d1"))).1.unwrap();
    let came = step(Some(&done.checkpoint), page(&[&deleted("c", "2026-05-30T10:00:00Z")], "")).1.unwrap();
    assert_eq!(came.people.len(), 1, "nothing of it counts as known");
}

#[test]
fn links_lead_to_graph_and_every_page_leads_on() {
    let asked = |links: &str| step(Some(&changes()), page(&[], links)).1;
    for links in [
        r#", "@odata.nextLink": "https://elsewhere.example/v1.0/users/delta?a""#,
        r#", "@odata.deltaLink": "https://elsewhere.example/v1.0/users/delta?a""#,
        r#", "@odata.nextLink": 5"#,
        "",
    ] {
        assert!(matches!(asked(links), Err(Failure::Protocol(_))), "{links}");
    }
    let came = asked(&next("n1")).unwrap();
    assert!(matches!(step(Some(&came.checkpoint), page(&[], &next("n1"))).1, Err(Failure::Protocol(text)) if text.contains("never end")));
    // Nothing changed: the same link again.
    let listed = step(Some(&finished()), page(&[], "")).1.unwrap();
    assert!(!step(Some(&listed.checkpoint), page(&[], &last("d1"))).1.unwrap().more);
}

#[test]
fn another_cloud_is_another_directory() {
    let config = CONFIG.replace("\"sender\"", "\"graph_url\": \"https://graph.microsoft.us\", \"sender\"");
    component::changed(&config, TOKEN, Some(&finished()), NOW, |request, _| {
        assert!(request.url.starts_with("https://graph.microsoft.us/v1.0/directory/"), "{}", request.url);
        page(&[], "")
    })
    .unwrap();
}

#[test]
fn a_failure_changes_nothing() {
    let checkpoint = finished();
    for (answer, expected) in [
        (refuses(401, "InvalidAuthenticationToken"), Failure::Expired),
        (with(429, &[("retry-after", "5")], ""), Failure::Throttled(Some(5000))),
    ] {
        assert_eq!(step(Some(&checkpoint), answer).1, Err(expected));
    }
    assert!(
        matches!(step(Some(&changes()), refuses(403, "Authorization_RequestDenied")).1, Err(Failure::Forbidden(text)) if text.contains("User.Read.All"))
    );
    assert!(matches!(step(Some(&checkpoint), Err(TransportError::Unknown("x".to_owned()))).1, Err(Failure::Unavailable(_))));
}

fn members(group: &str, at: Option<&str>, answer: Answer) -> (Request, Result<Membership, Failure>) {
    let mut asked = None;
    let came = component::members(CONFIG, TOKEN, group, at, NOW, |request, _| {
        asked = Some(request);
        answer
    });
    (asked.unwrap(), came)
}

#[test]
fn a_group_is_found_by_its_name_and_read_page_by_page() {
    let group = format!(r#"{{"id": "{ID}", "displayName": "Bob's team"}}"#);
    let (asked, came) = members("Bob's team", None, page(&[&group], ""));
    assert_eq!(line(&asked), "GET /v1.0/groups?$filter=displayName%20eq%20%27Bob%27%27s%20team%27&$select=id,displayName");
    let came = came.unwrap();
    assert!(came.people.is_empty());
    let link = format!(r#", "@odata.nextLink": "{GRAPH}/groups/{ID}/transitiveMembers/microsoft.graph.user?$skiptoken=a""#);
    let (asked, came) = members("Bob's team", came.next.as_deref(), page(&[ANN], &link));
    assert_eq!(line(&asked), format!("GET /v1.0/groups/{ID}/transitiveMembers/microsoft.graph.user?{SELECT}&$count=true&$top=999"));
    assert_eq!(header(&asked, "consistencylevel"), Some("eventual"));
    let came = came.unwrap();
    assert_eq!(came.people[0].state, State::Active);
    let (asked, came) = members("Bob's team", came.next.as_deref(), page(&[BOB], ""));
    assert!(asked.url.ends_with("$skiptoken=a"));
    let came = came.unwrap();
    assert_eq!((came.people[0].state, came.next), (State::Disabled, None));
}

#[test]
fn an_identifier_is_not_looked_up() {
    let (asked, came) = members(ID, None, page(&[], ""));
    assert!(line(&asked).starts_with(&format!("GET /v1.0/groups/{ID}/transitiveMembers/")));
    assert_eq!(came.unwrap(), Membership { people: Vec::new(), next: None });
}

#[test]
fn a_name_of_none_or_of_several_groups_is_invalid() {
    let group = format!(r#"{{"id": "{ID}"}}"#);
    for (answer, says) in [
        (page(&[], ""), "there is no group with the name \"Soc\""),
        (page(&[&group, &group], ""), "several groups with the name \"Soc\""),
        (refuses(404, "Request_ResourceNotFound"), "no such group"),
    ] {
        assert!(matches!(members("Soc", None, answer).1, Err(Failure::Invalid(text)) if text.contains(says)), "{says}");
    }
    assert!(matches!(members("Soc", None, page(&["{}"], "")).1, Err(Failure::Protocol(_))));
    assert!(matches!(component::members(CONFIG, TOKEN, " ", None, NOW, |_, _| unreachable!()), Err(Failure::Invalid(_))));
}

#[test]
fn members_without_their_state_are_a_permission_that_is_missing() {
    let hidden = r##"{"@odata.type": "#microsoft.graph.user", "id": "a", "displayName": null, "accountEnabled": null}"##;
    assert!(matches!(members(ID, None, page(&[hidden], "")).1, Err(Failure::Forbidden(text)) if text.contains("GroupMember.Read.All")));
    assert!(
        matches!(members(ID, None, refuses(403, "Authorization_RequestDenied")).1, Err(Failure::Forbidden(text)) if text.contains("GroupMember.Read.All"))
    );
}

#[test]
fn a_page_of_members_at_another_origin_is_not_asked_for() {
    let link = r#", "@odata.nextLink": "https://elsewhere.example/v1.0/groups""#;
    assert!(matches!(members(ID, None, page(&[], link)).1, Err(Failure::Protocol(_))));
    let forged = format!(r#"{{"v":1,"group":"{ID}","link":"https://elsewhere.example/v1.0/groups"}}"#);
    assert!(matches!(component::members(CONFIG, TOKEN, ID, Some(&forged), NOW, |_, _| unreachable!()), Err(Failure::Invalid(_))));
}
