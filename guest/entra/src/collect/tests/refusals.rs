//! What Graph refuses, and what comes of links.

use serde_json::json;

use super::{Body, DAY, Graph, HOUR, Host, MINUTE, MIRO, Response, T0, TOKEN, answer, config};
use crate::{
    component,
    source::{Next, Note, Page, RefreshFailure, Span},
    tests::{refuses, says, with},
    types::Failure,
};

/// A live span in the middle of its first window.
fn midway() -> (Graph, Host) {
    let mut graph = Graph { page: 2, ..Graph::default() };
    for n in 0..10 {
        graph.add(T0 - HOUR + n * MINUTE, 0);
    }
    let mut host = Host::new(r#", "since": "2h""#, Span::Live(T0), T0);
    host.step(&graph, T0).unwrap();
    (graph, host)
}

fn warnings(page: &Page) -> Vec<&str> {
    page.notes.iter().filter_map(|note| if let Note::Warning(text) = note { Some(text.as_str()) } else { None }).collect()
}

#[test]
fn a_failure_leaves_the_checkpoint_and_says_what_to_do() {
    let (_, host) = midway();
    let failure = |answer| host.try_with(T0, |_| answer).unwrap_err();
    assert_eq!(failure(refuses(401, "InvalidAuthenticationToken")), Failure::Expired);
    assert_eq!(failure(with(429, &[("retry-after", "7")], "")), Failure::Throttled(Some(7000)));
    let text = failure(refuses(403, "Authorization_RequestDenied")).to_string();
    assert!(text.contains("AuditLog.Read.All") && !text.contains("words for people"), "{text}");
    let unlicensed = failure(refuses(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant"));
    assert!(matches!(&unlicensed, Failure::Forbidden(text) if text.contains("Entra ID P1 or P2")), "{unlicensed:?}");
    assert!(matches!(failure(says(503, "")), Failure::Unavailable(_)));
    assert!(matches!(failure(says(404, "")), Failure::Invalid(_)));
    assert!(matches!(failure(says(200, "[]")), Failure::Protocol(_)));
    assert!(matches!(failure(says(200, "<html>")), Failure::Unavailable(_)));
}

#[test]
fn a_link_that_is_refused_begins_its_window_again_and_then_a_shorter_one() {
    for refusal in [refuses(400, "BadRequest"), says(410, "")] {
        let (graph, mut host) = midway();
        let again = host.try_with(T0, |_| refusal.clone()).unwrap();
        assert!(matches!(again.next, Next::After(2000)) && warnings(&again)[0].contains("is read again"), "{again:?}");
        host.commit(&again);
        assert!(!host.checkpoint.contains("skiptoken"));
        host.step(&graph, T0).unwrap();
        let shorter = host.try_with(T0, |_| refusal.clone()).unwrap();
        assert!(warnings(&shorter)[0].contains("in smaller parts"), "{shorter:?}");
        host.commit(&shorter);
        host.poll(&graph, T0);
        assert_eq!(host.stored.len(), 10);
        assert!(!host.checkpoint.contains("width"), "{}", host.checkpoint);
    }
}

#[test]
fn where_no_link_ever_holds_windows_of_one_page_are_read() {
    let mut graph = Graph { page: 2, furthest: 0, ..Graph::default() };
    for n in 0..40 {
        graph.add(T0 - 20 * HOUR + n * 30 * MINUTE, 0);
    }
    let mut host = Host::new("", Span::Live(T0), T0);
    host.poll(&graph, T0);
    assert_eq!((host.stored.len(), host.gaps.len()), (40, 0));
    assert!(host.calls < 300, "{}", host.calls);
}

#[test]
fn where_even_the_shortest_window_has_no_end_it_rests() {
    let mut graph = Graph { page: 2, furthest: 0, ..Graph::default() };
    for _ in 0..3 {
        graph.add(T0 - 10 * MINUTE, 0);
    }
    let mut host = Host::new("", Span::Live(T0), T0);
    let mut rests = 0;
    for _ in 0..200 {
        let page = host.step(&graph, T0).unwrap();
        if page.next == Next::After(300_000) {
            assert!(warnings(&page)[0].contains("five minutes"), "{page:?}");
            rests += 1;
        }
    }
    assert!(rests > 10, "{rests}");
    assert!(host.through < T0 - 9 * MINUTE, "nothing is passed over in silence");
    graph.furthest = usize::MAX;
    host.poll(&graph, T0);
    assert_eq!(host.stored.len(), 3);
}

#[test]
fn a_refusal_of_the_first_page_is_no_stale_link() {
    let host = Host::new("", Span::Live(T0), T0);
    assert!(matches!(host.try_with(T0, |_| refuses(400, "BadRequest")), Err(Failure::Invalid(text)) if text.contains("BadRequest")));
}

#[test]
fn links_lead_to_graph_and_never_in_a_circle() {
    let page = |link: &str| Ok(answer(200, &json!({ "@odata.nextLink": link, "value": [] }), T0));
    let mut host = Host::new("", Span::Live(T0), T0);
    for link in ["https://elsewhere.example/v1.0/auditLogs/signIns", "https://graph.microsoft.com/beta/auditLogs/signIns"] {
        assert!(matches!(host.try_with(T0, |_| page(link)), Err(Failure::Protocol(text)) if text.contains("graph_url")));
    }
    let [one, two] = ["a", "b"].map(|token| format!("https://graph.microsoft.com/v1.0/auditLogs/signIns?$skiptoken={token}"));
    let came = host.try_with(T0, |_| page(&one)).unwrap();
    host.commit(&came);
    assert!(matches!(host.try_with(T0, |_| page(&one)), Err(Failure::Protocol(text)) if text.contains("never end")));
    // A longer circle ends too.
    for call in 0.. {
        let came = host.try_with(T0, |_| page(if call % 2 == 0 { &two } else { &one })).unwrap();
        host.commit(&came);
        if let [warning, ..] = warnings(&came)[..] {
            assert!(call > 1_900 && warning.contains("without end"), "{call}: {warning}");
            break;
        }
    }
}

#[test]
fn a_link_to_another_cloud_is_forgotten_and_its_window_begins_again() {
    let (_, mut host) = midway();
    host.config = config(r#", "graph_url": "https://graph.microsoft.us""#);
    let came = host.try_with(T0, |request| {
        assert!(request.url.starts_with("https://graph.microsoft.us/v1.0/auditLogs/signIns?$filter="), "{}", request.url);
        says(200, r#"{"value": []}"#)
    });
    assert_eq!(came.unwrap().next, Next::CaughtUp);
}

#[test]
fn i7_where_nothing_ever_fits_it_fails_instead_of_walking_through_the_day() {
    let mut host = Host::new("", Span::Fixed((T0, T0 + DAY)), T0 + DAY);
    for call in 0.. {
        assert!(call < 100, "still walking");
        match host.try_with(T0 + DAY, |_| Ok(Response { status: 200, headers: Vec::new(), body: Body::TooLarge })) {
            Ok(page) => host.commit(&page),
            Err(Failure::Protocol(text)) => return assert!(text.contains("too large"), "{text}"),
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[test]
fn without_applications_nothing_is_asked_and_the_key_is_named() {
    let config = config("").replace(&format!(r#", "applications": ["{MIRO}"]"#), "");
    let start = component::begin(&super::config(""), Span::Live(T0), T0).unwrap();
    let failures = [
        component::begin(&config, Span::Live(T0), T0).unwrap_err(),
        component::collect(&config, TOKEN, &start, T0, |_, _| unreachable!()).unwrap_err(),
        component::check(&config, TOKEN, |_, _| unreachable!()).unwrap_err(),
    ];
    for failure in failures {
        assert!(matches!(&failure, Failure::Invalid(text) if text.starts_with("`applications` is missing")), "{failure:?}");
    }
    assert_eq!(component::origins(&config).unwrap().len(), 2, "the responder and the directory do without");
}

#[test]
fn a_check_tries_what_the_token_may_do() {
    let check = |answer| {
        component::check(&config(""), TOKEN, |request, _| {
            assert_eq!(request.url, format!("https://graph.microsoft.com/v1.0/auditLogs/signIns?$filter=appId%20eq%20%27{MIRO}%27&$top=1"));
            answer
        })
    };
    let good = check(says(200, r#"{"value": [{"id": "a"}]}"#)).unwrap();
    assert_eq!(good.organization.unwrap().id.as_deref(), Some("contoso.example"));
    assert_eq!((good.scopes.as_slice(), good.missing.len()), (&["AuditLog.Read.All".to_owned()][..], 0));
    let poor = check(refuses(403, "Authorization_RequestDenied")).unwrap();
    assert_eq!((poor.scopes.len(), poor.missing.as_slice()), (0, &["AuditLog.Read.All".to_owned()][..]));
    let unlicensed = check(refuses(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant"));
    assert!(matches!(unlicensed, Err(Failure::Forbidden(text)) if text.contains("Entra ID P1 or P2")));
    assert_eq!(check(refuses(401, "InvalidAuthenticationToken")), Err(Failure::Expired));
    assert!(matches!(check(says(403, "<html>")), Err(Failure::Unavailable(_))), "a proxy says nothing of permissions");
}

#[test]
fn an_app_has_nobody_who_authorizes_it() {
    let config = config("");
    for failure in
        [component::authorize_url(&config).unwrap_err(), component::exchange(&config).unwrap_err(), component::revoke(&config).unwrap_err()]
    {
        assert!(matches!(&failure, Failure::Invalid(text) if text.contains("the responder that the source names")), "{failure:?}");
    }
    assert!(matches!(component::refresh(&config), Err(RefreshFailure::Rejected(Failure::Invalid(_)))));
    let cost = component::metering(&config).unwrap();
    assert_eq!((cost.events, cost.cost, cost.budget, cost.unit.as_str()), (1000, 1, 30, "requests"));
}
