//! Activity from anonymous and from suspicious IP addresses.

use serde_json::json;

use super::*;
use crate::detector::Severity;

const TOR: &str = "203.0.113.66";

fn visit(network: &Network, change: impl FnOnce(&mut Sighting)) -> Log {
    let mut log = Log::new();
    log.month("ana", &lisbon(), "192.0.2.1");
    log.add("ana", START, |sighting| {
        from(sighting, network, TOR);
        change(sighting);
    });
    log
}

/// "users were active from an IP address that has been identified as an anonymous proxy IP address"
#[test]
fn activity_from_an_anonymous_proxy_or_tor_is_found() {
    for tag in ["tor", "anonymous-proxy"] {
        let findings = visit(&tagged(stranger(), tag), |_| {}).findings();
        assert_eq!(policies(&findings), ["anonymous-ip"], "{tag}");
        assert_eq!(
            findings[0].reasons,
            [format!("active from {TOR}, which is listed as {tag}"), "nobody else used this address in 30 days".into()]
        );
        assert_eq!((findings[0].severity, findings[0].addresses.as_slice()), (Severity::Medium, [TOR.to_owned()].as_slice()));
    }
}

/// "… by Microsoft Threat Intelligence or by your organization": the operator's tag counts as a feed's.
#[test]
fn an_address_that_the_organization_calls_anonymous_is_one() {
    let findings = visit(&called(tagged(lisbon(), "anonymous-proxy"), "risky"), |_| {}).findings();
    assert_eq!(policies(&findings), ["anonymous-ip"]);
}

/// "users were active from an IP address identified as risky": "performing password spray, Botnet C&C", or the organization's word.
#[test]
fn activity_from_a_risky_address_is_found() {
    for tag in ["botnet", "malware-c2", "brute-force", "password-spray", "darknet-scanner"] {
        assert_eq!(policies(&visit(&tagged(stranger(), tag), |_| {}).findings()), ["suspicious-ip"], "{tag}");
    }
    assert_eq!(policies(&visit(&called(stranger(), "risky"), |_| {}).findings()), ["suspicious-ip"]);
}

/// "don't apply on failed logins and non-interactive logins"
#[test]
fn failed_and_non_interactive_sign_ins_are_passed_over() {
    let tor = tagged(lisbon(), "tor");
    assert!(visit(&tor, |sighting| signs_in(sighting, Outcome::Failure)).findings().is_empty());
    let silent = visit(&tor, |sighting| {
        signs_in(sighting, Outcome::Success);
        sighting.event.traits.retain(|name| name != "interactive");
    });
    assert!(silent.findings().is_empty());
    let automation = visit(&tor, |sighting| sighting.event.actor.kind = ActorKind::Automation);
    assert!(automation.findings().is_empty());
}

/// "mis-tagged IP addresses that are widely used by users in the organization" are no finding, unless very sensitive.
#[test]
fn an_address_that_others_use_is_ordinary() {
    let tor = tagged(lisbon(), "tor");
    let run = |sensitivity: &str, others: usize| {
        let mut log = Log::settled(&json!({"sensitivity": sensitivity}));
        for other in ["bea", "cem", "dai"].iter().take(others) {
            log.add(other, START - DAY, |sighting| from(sighting, &lisbon(), TOR));
        }
        log.add("ana", START, |sighting| from(sighting, &tor, TOR));
        log.of("anonymous-ip").len()
    };
    assert_eq!([run("low", 3), run("medium", 3), run("high", 3), run("medium", 2)], [0, 0, 1, 1]);
}

/// "a custom category overrides a feed": tagged risky by threat intelligence, called corporate by the organization.
#[test]
fn the_organizations_category_is_stronger_than_a_feed() {
    for category in ["corporate", "vpn", "administrative", "cloud-provider", "other"] {
        for tag in ["tor", "botnet"] {
            assert!(visit(&called(tagged(stranger(), tag), category), |_| {}).findings().is_empty(), "{category} {tag}");
        }
    }
}

/// What feeds say needs no learning: nobody's own provider is an anonymous one. Who shares an address is not known in an organization's
/// first seven days, which only the least sensitive waits for.
#[test]
fn a_listed_address_needs_no_learning_unless_at_low() {
    let new = |sensitivity: &str, settled: bool| {
        let config = json!({"sensitivity": sensitivity});
        let mut log = if settled { Log::settled(&config) } else { Log::with(&config) };
        log.add("new", START, |sighting| from(sighting, &tagged(lisbon(), "tor"), TOR));
        policies(&log.findings()).len()
    };
    assert_eq!([new("medium", true), new("medium", false), new("high", false)], [1, 1, 1]);
    assert_eq!([new("low", true), new("low", false)], [1, 0]);
}

/// Carriers have bad addresses among their own, and whose carrier is whose is not known in an organization's first seven days.
#[test]
fn a_suspicious_address_that_may_be_of_the_users_own_carrier_waits_until_the_organization_is_known() {
    let found = |network: &Network, home: Option<Network>, settled: bool| {
        let mut log = if settled { Log::settled(&json!({})) } else { Log::new() };
        if let Some(home) = home {
            log.add("new", START - HOUR, |sighting| from(sighting, &home, "192.0.2.1"));
        }
        log.add("new", START, |sighting| from(sighting, network, TOR));
        log.of("suspicious-ip").len()
    };
    let (at_home, away) = (tagged(lisbon(), "botnet"), tagged(paulo(), "botnet"));
    let (nowhere, hoster) = (Network { country: None, ..at_home.clone() }, tagged(at_home.clone(), "hosting"));
    assert_eq!([found(&at_home, None, false), found(&at_home, Some(lisbon()), false)], [0, 0]);
    assert_eq!([found(&at_home, None, true), found(&away, Some(lisbon()), false)], [1, 1]);
    assert_eq!([found(&nowhere, None, false), found(&hoster, None, false)], [1, 1]);
}

/// "… or by your organization": no crowd, no habit and no first week makes the operator's own word a guess.
#[test]
fn an_address_that_the_organization_calls_risky_is_found_whoever_and_however_many_use_it() {
    let own = called(lisbon(), "risky");
    for sensitivity in ["low", "medium", "high"] {
        let mut log = Log::with(&json!({"sensitivity": sensitivity}));
        for (nth, user) in (0..).zip(["ana", "bea", "cem", "dai", "eve"]) {
            log.add(user, START + nth * HOUR, |sighting| from(sighting, &own, TOR));
        }
        assert_eq!(policies(&log.findings()), ["suspicious-ip"; 5], "{sensitivity}");
    }
    let mut log = Log::new();
    log.month("ana", &lisbon(), "192.0.2.1");
    for day in [1, 2, 3] {
        log.add("ana", START + day * DAY, |sighting| from(sighting, &own, &format!("192.0.2.{day}")));
    }
    assert_eq!(log.of("suspicious-ip").len(), 3, "of their own carrier too");
}

/// Carriers have bad addresses among their own: whose address changes all the time is not suspicious for having one. Whose address stays
/// the same has no reason to come from another.
#[test]
fn a_bad_address_of_the_users_own_carrier_is_ordinary_where_theirs_change() {
    let at = |sensitivity: &str, change: bool| {
        let mut log = Log::with(&json!({"sensitivity": sensitivity}));
        for day in (1..=30).rev() {
            let ip = if change { format!("192.0.2.{day}") } else { "192.0.2.1".to_owned() };
            log.add("ana", START - day * DAY, |sighting| from(sighting, &lisbon(), &ip));
        }
        log.add("ana", START, |sighting| from(sighting, &tagged(lisbon(), "botnet"), TOR));
        log.findings().len()
    };
    assert_eq!(["low", "medium", "high"].map(|level| at(level, true)), [0, 0, 1]);
    assert_eq!(["low", "medium", "high"].map(|level| at(level, false)), [1, 1, 1]);
}

/// Whose carrier gives them such addresses at home has them abroad too.
#[test]
fn a_bad_address_abroad_is_ordinary_for_whom_it_is_at_home() {
    let at = |bad: &[u64]| {
        let mut log = Log::new();
        for day in (1..=30).rev() {
            let network = if bad.contains(&day) { tagged(lisbon(), "botnet") } else { lisbon() };
            log.add("ana", START - day * DAY, |sighting| from(sighting, &network, &format!("192.0.2.{day}")));
        }
        log.add("ana", START, |sighting| from(sighting, &tagged(madrid(), "botnet"), TOR));
        log.of("suspicious-ip").len()
    };
    assert_eq!([at(&[]), at(&[20, 9])], [1, 0]);
}

#[test]
fn success_after_failures_from_a_suspicious_address_is_graver() {
    let mut log = Log::settled(&json!({}));
    let bot = tagged(stranger(), "brute-force");
    for minute in 0..3 {
        log.add("ana", START + minute * MINUTE, |sighting| {
            from(sighting, &bot, TOR);
            signs_in(sighting, Outcome::Failure);
        });
    }
    log.add("ana", START + 4 * MINUTE, |sighting| {
        from(sighting, &bot, TOR);
        signs_in(sighting, Outcome::Success);
    });
    let findings = log.findings();
    assert_eq!(policies(&findings), ["suspicious-ip"]);
    assert_eq!(findings[0].severity, Severity::High);
    assert!(findings[0].reasons.contains(&"it follows 3 failed sign-ins, some from this address".to_owned()), "{:?}", findings[0].reasons);
}
