//! What a person types and sees.

use clap::Parser as _;

use super::{change, list, show, suppressions};
use crate::{
    alert::{
        Alert, AlertId, Closing, Reason, Severity, Suppress, Suppression, SuppressionId, Verdict,
        tests::{HOUR, NOON, alert, source},
    },
    model::Instant,
};

#[derive(Debug, clap::Parser)]
struct Typed {
    #[command(flatten)]
    close: change::CloseArgs,
}

fn closing(typed: &[&str]) -> anyhow::Result<Closing> {
    let words = ["close", "7"].iter().chain(typed);
    Typed::try_parse_from(words)?.close.closing()
}

#[test]
fn closing_is_said_in_words_or_in_defenders_numbers() {
    let test = Closing::new(Verdict::Benign, Some(Reason::Test), Some("pentest".into()), Suppress::For(12 * HOUR)).unwrap();
    for reason in ["test", "6"] {
        let typed = ["--as", "benign", "--reason", reason, "--comment", "pentest", "--suppress", "12h"];
        assert_eq!(closing(&typed).unwrap(), test);
    }
    let plain = |verdict, suppress| Closing::new(verdict, None, None, suppress).unwrap();
    assert_eq!(closing(&["--as", "true-positive"]).unwrap(), plain(Verdict::TruePositive, Suppress::Usual));
    assert_eq!(closing(&["--as", "false-positive", "--suppress", "none"]).unwrap(), plain(Verdict::FalsePositive, Suppress::Never));
}

#[test]
fn what_does_not_fit_is_told_with_what_does() {
    let told = |typed: &[&str]| format!("{:#}", closing(typed).unwrap_err());
    let text = told(&["--as", "benign", "--reason", "not-accurate"]);
    assert!(
        text.starts_with("failed to close alert 7: `not-accurate` is no reason of a benign alert: one of severity-lower (2)"),
        "{text}"
    );
    let text = told(&["--as", "benign", "--suppress", "long"]);
    assert!(text.contains("write `none`, or a duration like 12h or 30d"), "{text}");
    assert!(told(&["--as", "true-positive", "--suppress", "1d"]).contains("a true positive is not suppressed"));
    assert!(told(&[]).contains("--as"), "what it was must be said");
}

#[test]
fn a_list_is_two_short_lines_an_alert() {
    let text = list::lines(&[alert()]);
    assert_eq!(
        text,
        "    id          state        last seen                 count  policy, user
     7  medium  open         2026-03-01T12:00:00.000Z      1  impossible-travel, eve@example.com
        eve travelled faster than anybody can
"
    );
    let mut long = alert();
    long.story.title = "x".repeat(500);
    long.story.severity = Severity::Informational;
    assert!(list::lines(&[long]).lines().all(|line| line.chars().count() <= 120));
}

#[test]
fn what_an_attacker_wrote_is_harmless_on_the_terminal() {
    let mut hostile: Alert = alert();
    for text in [&mut hostile.story.title, &mut hostile.story.reasons[0], &mut hostile.story.addresses[0], &mut hostile.policy] {
        *text = "Eve\u{1b}[2J\u{202e}\nroot".to_owned();
    }
    hostile.story.who.email = Some("Eve\u{1b}[2J\u{202e}\nroot".to_owned());
    hostile.story.baseline = serde_json::json!({ "Eve\u{1b}[2J": "\u{202e}" });
    for text in [list::lines(&[hostile.clone()]), show::story(&hostile.story)] {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
        assert!(!text.lines().any(|line| line.starts_with("root")), "{text}");
    }
}

#[test]
fn a_suppression_says_whom_how_long_and_what_it_kept_quiet() {
    let each = Suppression {
        id: SuppressionId(3),
        source: source(),
        policy: "impossible-travel".into(),
        mark: "id:1".into(),
        user: "eve@example.com".into(),
        alert: AlertId(7),
        who: "ann".into(),
        since: NOON,
        until: Instant(NOON.0 + 24 * HOUR),
        lifted: None,
        count: 2,
        latest: Some(Instant(NOON.0 + HOUR)),
    };
    assert_eq!(
        suppressions::line(&each, NOON),
        "     3  until 2026-03-02T12:00:00.000Z  acme, impossible-travel, eve@example.com
        since 2026-03-01T12:00:00.000Z by ann with alert 7; kept 2 findings quiet, the latest 2026-03-01T13:00:00.000Z"
    );
    assert!(suppressions::line(&each, Instant(NOON.0 + 24 * HOUR)).contains("over since 2026-03-02"));
}
