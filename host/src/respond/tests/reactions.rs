//! What is made of a finding.

use super::*;
use crate::alert::{Quiet, SuppressionId};

fn all(reactions: &[Reaction], found: &Found, fate: Fate) -> Vec<Response> {
    reacted(reactions, made(found, fate))
}

fn one(reaction: &Reaction, found: &Found, fate: Fate) -> Response {
    all(std::slice::from_ref(reaction), found, fate).remove(0)
}

#[test]
fn each_fate_is_reacted_to_or_not_or_says_why_not() {
    let (reaction, found) = (reaction(Action::Suspend), found("travel", "eve"));
    let id = AlertId(7);
    for fate in [Fate::Raised(id), Fate::Repeated(id), Fate::Withheld(id)] {
        let response = one(&reaction, &found, fate);
        assert_eq!((response.state, response.due, response.cause.alert()), (State::Pending, NOON, Some(id)), "{fate:?}");
    }
    for why in [Quiet::History, Quiet::FirstRun, Quiet::Old] {
        let response = one(&reaction, &found, Fate::Quiet(why));
        assert_eq!((response.state.clone(), response.due, response.cause.alert()), (State::Skipped, Instant::FAR, None), "{why:?}");
        assert!(response.outcome.unwrap().starts_with("too old: "));
    }
    for fate in [Fate::Quiet(Quiet::Policy), Fate::Suppressed(SuppressionId(1))] {
        assert_eq!(all(std::slice::from_ref(&reaction), &found, fate), [], "{fate:?}");
    }
}

#[test]
fn only_its_policies_from_its_severity_on() {
    let (reaction, fate) = (reaction(Action::Suspend), Fate::Raised(AlertId(7)));
    assert_eq!(all(std::slice::from_ref(&reaction), &found("failed", "eve"), fate), []);
    let found = found("travel", "eve");
    for (severity, expected) in [(Severity::Low, 0), (Severity::Medium, 1), (Severity::High, 1)] {
        let made = Made { severity, ..made(&found, fate) };
        assert_eq!(reacted(std::slice::from_ref(&reaction), made).len(), expected, "{severity:?}");
    }
}

#[test]
fn what_another_detector_calls_the_same_is_another_policy() {
    let (reaction, found) = (reaction(Action::Suspend), found("travel", "eve"));
    let (ours, other) = (made(&found, Fate::Raised(AlertId(7))), "other".parse().unwrap());
    assert_eq!(reacted(std::slice::from_ref(&reaction), ours).len(), 1);
    assert_eq!(reacted(std::slice::from_ref(&reaction), Made { detector: &other, ..ours }), []);
}

#[test]
fn what_waits_and_what_is_tried_out() {
    let (found, fate) = (found("travel", "eve"), Fate::Raised(AlertId(7)));
    let of = |approvals, dry_run| one(&Reaction { approvals, dry_run, ..reaction(Action::Suspend) }, &found, fate);
    assert_eq!((of(0, false).state, of(0, false).wants), (State::Pending, 1));
    assert_eq!((of(2, false).state, of(2, false).wants), (State::Waiting(Wait::Approval), 2));
    let two = one(&Reaction { four_eyes: true, ..reaction(Action::Suspend) }, &found, fate);
    assert_eq!((two.state, two.wants), (State::Pending, 2), "by itself, and whatever holds it takes two");
    let tried = of(2, true);
    assert_eq!((tried.state, tried.dry_run, tried.wants), (State::Pending, true, 2), "nobody is asked to try it out");
}

#[test]
fn what_happened_before_the_action_was_configured_is_not_its_business() {
    let (found, fate) = (found("travel", "eve"), Fate::Raised(AlertId(7)));
    let since = |since| one(&Reaction { since, ..reaction(Action::Suspend) }, &found, fate);
    assert_eq!(since(NOON).state, State::Pending);
    let later = since(Instant(NOON.0 + 1));
    assert_eq!(later.state, State::Skipped);
    assert!(later.outcome.unwrap().contains("before this action was configured, on 2026-03-01T12:00:00.001Z"));
}

#[test]
fn what_comes_late_is_skipped() {
    let (reaction, found, fate) = (reaction(Action::Suspend), found("travel", "eve"), Fate::Repeated(AlertId(7)));
    let at = |ms| reacted(std::slice::from_ref(&reaction), Made { at: Instant(NOON.0 + ms), ..made(&found, fate) }).remove(0);
    assert_eq!(at(3_600_000).state, State::Pending);
    assert_eq!(at(3_600_001).outcome.unwrap(), "too old: the newest event is of 2026-03-01T12:00:00.000Z, and `act_within` is 3600 s");
}

#[test]
fn a_suspension_contains_the_sign_out_where_it_surely_is_done() {
    let (found, fate) = (found("travel", "eve"), Fate::Raised(AlertId(7)));
    let (suspend, sign_out) = (reaction(Action::Suspend), reaction(Action::SignOut));
    let made = |suspend: &Reaction, sign_out: &Reaction| all(&[sign_out.clone(), suspend.clone()], &found, fate);
    let signed_out = |made: Vec<Response>| made.into_iter().find(|each| each.action == Action::SignOut).unwrap();
    let state = |suspend: &Reaction, sign_out: &Reaction| signed_out(made(suspend, sign_out));
    let contained = state(&suspend, &sign_out);
    assert_eq!((contained.state, contained.within, contained.due), (State::Pending, Some(Action::Suspend), Instant::FAR));
    assert_eq!(made(&suspend, &sign_out)[0].action, Action::Suspend, "the stronger one is there before");

    let weaker = [
        Reaction { dry_run: true, ..suspend.clone() },
        Reaction { approvals: 1, ..suspend.clone() },
        Reaction { since: Instant(NOON.0 + 1), ..suspend.clone() },
        Reaction { responder: "okta".parse().unwrap(), ..suspend.clone() },
        Reaction { severity: Severity::High, ..suspend.clone() },
        Reaction { policies: vec![trigger("failed")], ..suspend.clone() },
    ];
    for suspend in &weaker {
        let alone = state(suspend, &sign_out);
        assert_eq!((alone.state, alone.within, alone.due), (State::Pending, None, NOON), "{suspend:?}");
    }
    let tried = Reaction { dry_run: true, ..suspend.clone() };
    let both = state(&tried, &Reaction { dry_run: true, ..sign_out.clone() });
    assert_eq!(both.within, Some(Action::Suspend), "both are tried out");
    let waits = |reaction: &Reaction| Reaction { approvals: 1, ..reaction.clone() };
    let both = state(&waits(&suspend), &waits(&sign_out));
    assert_eq!((both.state, both.within), (State::Waiting(Wait::Approval), None), "each is for a person");
    let both = all(&[reaction(Action::Notify), suspend], &found, fate);
    assert!(both.iter().all(|response| response.state == State::Pending), "a mail is not contained");
}

#[test]
fn the_key_is_the_same_for_the_same_and_another_for_another() {
    let (reaction, eve) = (reaction(Action::Suspend), found("travel", "eve"));
    let key = |reaction: &Reaction, found: &Found, fate| one(reaction, found, fate).key().unwrap();
    let first = key(&reaction, &eve, Fate::Raised(AlertId(7)));
    assert_eq!(first, key(&reaction, &eve, Fate::Repeated(AlertId(7))), "a repeat");
    let others = [
        key(&reaction, &eve, Fate::Raised(AlertId(8))),
        key(&reaction, &found("travel", "ann"), Fate::Raised(AlertId(7))),
        key(&Reaction { action: Action::Notify, ..reaction.clone() }, &eve, Fate::Raised(AlertId(7))),
        key(&Reaction { responder: "okta".parse().unwrap(), ..reaction.clone() }, &eve, Fate::Raised(AlertId(7))),
        key(&reaction, &eve, Fate::Quiet(Quiet::History)),
    ];
    assert!(others.iter().all(|other| *other != first), "{others:?}");
    assert_eq!(order(Action::Suspend, "ann").response(NOON).key(), None, "a person may ask twice");
}

fn mailed(subject: &str, text: &str, found: &Found) -> Mail {
    let mail = Mail { subject: subject.into(), text: text.into(), copies: vec!["soc@example.com".into()], manager: true };
    one(&Reaction { mail: Some(mail), ..reaction(Action::Notify) }, found, Fate::Raised(AlertId(7))).mail.unwrap()
}

#[test]
fn a_mail_has_its_places_filled() {
    let found = found("travel", "eve");
    let mail = mailed("{title} ({severity})", "{user} {policy} {time}\n{addresses}\n{reasons}\n{{user} {nothing} {", &found);
    assert_eq!(mail.subject, "eve travelled faster than anybody can (medium)");
    assert_eq!(
        mail.text,
        "eve@example.com travel 2026-03-01T12:00:00.000Z\n203.0.113.7\n- Berlin to Lagos, 5,200 km in 20 minutes\n\
         {eve@example.com {nothing} {"
    );
    assert_eq!((mail.copies, mail.manager), (vec!["soc@example.com".to_owned()], true));
}

#[test]
fn what_a_value_says_is_never_a_place_nor_a_line_nor_an_order_to_the_eye() {
    let mut found = found("travel", "eve");
    found.story.title = "{user} {reasons}\r\nBcc: all@example.com \u{202e}gpj\u{1b}[2J{".into();
    found.story.reasons = vec!["{title}".into(), "two\nlines".into()];
    found.story.who.email = Some("{severity}@example.com".into());
    let mail = mailed("{title}: {user}", "{title}\n{user}\n{reasons}", &found);
    let title = "{user} {reasons}\\r\\nBcc: all@example.com \\u{202e}gpj\\u{1b}[2J{";
    assert_eq!(mail.subject, format!("{title}: {{severity}}@example.com"));
    assert_eq!(mail.text, format!("{title}\n{{severity}}@example.com\n- {{title}}\n- two\\nlines"));
    let mail = mailed("{reasons}", "", &found);
    assert_eq!(mail.subject, "- {title} - two\\nlines", "a subject is one line");
    found.story.title = "x".repeat(5000);
    assert_eq!(mailed("{title}", "", &found).subject.chars().count(), 301);
}
