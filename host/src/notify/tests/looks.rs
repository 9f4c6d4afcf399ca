//! How messages look, hostile ones included.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::{
    alert::{Story, Who, tests::alert},
    notify::template::{Parties, json, mail, pagerduty, slack, teams},
};

fn parties() -> Parties {
    Parties {
        from: "miro-source <alerts@example.com>".parse().unwrap(),
        to: vec!["soc@example.com".parse().unwrap(), "ann@example.com".parse().unwrap()],
    }
}

fn letter(message: &Message<'_>) -> String {
    String::from_utf8(mail(message, &parties()).unwrap().formatted()).unwrap()
}

fn pretty(body: &str) -> String {
    serde_json::to_string_pretty(&serde_json::from_str::<Value>(body).unwrap()).unwrap()
}

/// What an attacker may call himself, a board, or his browser.
const NASTY: &str =
    "<!channel> <https://evil.example|miro.com> *b* [x](https://evil.example) @here & \u{202e}gpj\u{1b}[31m\r\nBcc: all@example.com";

fn hostile() -> Alert {
    let mut alert = alert();
    alert.policy = NASTY.into();
    alert.story = Story {
        title: NASTY.into(),
        reasons: vec![NASTY.into(), "ordinary".into()],
        who: Who { id: Some("1".into()), email: None, name: Some(NASTY.into()) },
        addresses: vec![NASTY.into()],
        ..alert.story
    };
    alert
}

/// Every template of one message, one below the other.
fn all(message: &Message<'_>) -> String {
    let bodies = [
        ("slack", pretty(&slack(message))),
        ("teams", pretty(&teams(message))),
        ("pagerduty", pretty(&pagerduty(message, "ROUTING-KEY"))),
        ("json", pretty(&json(message))),
        ("mail", letter(message).replace('\r', "")),
    ];
    bodies.map(|(name, body)| format!("=== {name}\n{body}\n")).concat()
}

#[test]
fn a_new_alert() {
    insta::assert_snapshot!(all(&message(&channel(), &alert(), Activity::Create, None)));
}

#[test]
fn an_alert_that_got_worse() {
    let told = Told::next(None, &alert(), NOON);
    let mut alert = Alert { count: 5, ..alert() };
    alert.story.severity = Severity::High;
    insta::assert_snapshot!(all(&message(&channel(), &alert, Activity::Update, Some(&told))));
}

#[test]
fn an_alert_that_is_over() {
    let told = Told::next(None, &alert(), NOON);
    insta::assert_snapshot!(all(&message(&channel(), &closed(alert()), Activity::Close, Some(&told))));
}

#[test]
fn a_hostile_alert() {
    insta::assert_snapshot!(all(&message(&channel(), &hostile(), Activity::Create, None)));
}

#[test]
fn a_condition_that_begins_and_is_over() {
    use crate::condition::{Concerns, Condition, Kind, Known};
    let channel = channel();
    let condition = Condition {
        kind: Kind::Sink,
        subject: "sumo".into(),
        concerns: Concerns::Host,
        severity: Severity::High,
        step: 0,
        since: NOON,
        title: "sink sumo needs a person".into(),
        reasons: vec!["answered 401: <@everyone> [x](http://evil)".into()],
        advice: "mend what the line above says".into(),
    };
    let begun = Known { condition, begun: later(60_000), ended: None, news: 1 };
    let over = Known { ended: Some(later(DAY)), ..begun.clone() };
    let of = |known, activity| Message { channel: &channel, at: later(DAY), said: Said::Condition { known, activity, told: None } };
    insta::assert_snapshot!(format!("{}\n{}", all(&of(&begun, Activity::Create)), all(&of(&over, Activity::Close))));
}

#[test]
fn what_was_missed_and_a_test() {
    let channel = channel();
    let of = |said| Message { channel: &channel, at: NOON, said };
    let withheld = of(Said::Missed(Missed::Withheld { count: 17, since: later(0), until: later(DAY) }));
    let lapsed = of(Said::Missed(Missed::Lapsed { count: 1, since: NOON }));
    let letters = [withheld, lapsed, of(Said::Test)].map(|message| letter(&message).replace('\r', ""));
    insta::assert_snapshot!(format!("{}\n{}", letters.join("\n---\n"), all(&of(Said::Test))));
}

#[test]
fn a_taken_alert_is_acknowledged_and_a_closed_one_resolved_under_the_same_key() {
    let channel = channel();
    let told = Told::next(None, &alert(), NOON);
    let taken = Alert { state: Life::InProgress { who: "ann".into() }, ..alert() };
    let over = closed(alert());
    let about = [(&alert(), Activity::Create, None), (&taken, Activity::Update, Some(&told)), (&over, Activity::Close, Some(&told))];
    let events = about.map(|(alert, activity, told)| {
        let event: Value = serde_json::from_str(&pagerduty(&message(&channel, alert, activity, told), "k")).unwrap();
        (event["event_action"].as_str().unwrap().to_owned(), event["dedup_key"].clone())
    });
    assert_eq!(events.each_ref().map(|(action, _)| action.as_str()), ["trigger", "acknowledge", "resolve"]);
    assert!(events.iter().all(|(_, key)| *key == events[0].1), "{events:?}");
}

/// Every text of a JSON value.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(all) => all.iter().for_each(|each| texts(each, found)),
        Value::Object(all) => all.values().for_each(|each| texts(each, found)),
        _ => {}
    }
}

fn nasty() -> impl Strategy<Value = String> {
    let pieces = vec![
        "<",
        ">",
        "&",
        "|",
        "<!here>",
        "<@U1>",
        "](",
        "[",
        "*",
        "_",
        "`",
        "\r\n",
        "\n",
        "\r",
        "\0",
        "\u{1b}[2J",
        "\u{202e}",
        "\u{2028}",
        "\u{feff}",
        "Bcc: x@example.com",
        "\r\n.\r\n",
        "=?utf-8?q?x?=",
        "\"",
        "\\",
        "é",
        "日本",
        "@channel",
        " ",
    ];
    let piece = prop_oneof![4 => prop::sample::select(pieces).prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(piece, 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn names_that_an_attacker_wrote_forge_no_mention_no_link_no_header_and_nothing_on_screen(
        title in nasty(), name in nasty(), reason in nasty(), policy in nasty(), address in nasty(),
    ) {
        let mut alert = alert();
        alert.policy = policy;
        alert.story = Story {
            title,
            reasons: vec![reason; 30],
            who: Who { id: None, email: None, name: Some(name) },
            addresses: vec![address; 30],
            ..alert.story
        };
        let channel = channel();
        let told = Told::next(None, &alert, NOON);
        let message = message(&channel, &alert, Activity::Update, Some(&told));

        let body: Value = serde_json::from_str(&slack(&message)).unwrap();
        let mut said = Vec::new();
        texts(&body, &mut said);
        for text in &said {
            prop_assert!(!text.contains(['<', '>']), "{text}");
            prop_assert!(text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "").find('&').is_none(), "{text}");
            prop_assert!(text.chars().count() <= 3000);
        }
        prop_assert!(!body.to_string().contains("mrkdwn"));
        prop_assert!(body["blocks"][0]["text"]["text"].as_str().unwrap().chars().count() <= 150);

        let body = teams(&message);
        prop_assert!(!body.contains("\"TextBlock\"") && body.len() < 28_000, "{}", body.len());
        let event: Value = serde_json::from_str(&pagerduty(&message, "k")).unwrap();
        prop_assert!(event["payload"]["summary"].as_str().unwrap().chars().count() <= 1024);
        texts(&event, &mut said);
        texts(&serde_json::from_str(&body).unwrap(), &mut said);
        for text in &said {
            prop_assert!(text.split('\n').all(|line| crate::neutral::visible(line) == line), "{text}");
        }

        let letter = letter(&message);
        let (head, _) = letter.split_once("\r\n\r\n").unwrap();
        let names: Vec<&str> = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])).filter_map(|line| Some(line.split_once(": ")?.0)).collect();
        let own = ["From", "Date", "Subject", "Message-ID", "Auto-Submitted", "To", "In-Reply-To", "References", "Content-Type", "Content-Transfer-Encoding"];
        prop_assert!(names.iter().all(|name| own.contains(name) || *name == "MIME-Version"), "{names:?}");
        prop_assert!(letter.is_ascii() && letter.split("\r\n").all(|line| !line.contains(['\r', '\n']) && line.len() <= 998));

        let line = json(&message);
        prop_assert_eq!(crate::neutral::visible(&line), line.as_str());
    }
}
