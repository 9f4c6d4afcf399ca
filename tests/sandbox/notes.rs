//! Floods of what is logged.

use std::time::Duration;

use audit_pipeline::source::Note;
use miro_source_tests::stage::MINUTE;
use serde_json::json;

use crate::{
    attacks::{Attack, Told, Weapon},
    beside::{Host, Log},
    ground::{collect, hostile, is_fit_to_show},
};

fn attack(plan: serde_json::Value) -> Vec<Attack> {
    vec![Attack {
        name: "flood",
        weapon: Weapon::Plan(plan),
        allow: vec!["https://granted.example".into()],
        told: Told::Log,
        text: "",
        refreshes: false,
    }]
}

/// What is logged of a source in five minutes, polled every second.
async fn logged(plan: serde_json::Value) -> Vec<String> {
    let (log, _logging) = Log::start();
    let mut host = Host::with(attack(plan), Vec::new(), "1s").await;
    host.drive.pass(Duration::from_millis(5 * MINUTE)).await.unwrap();
    let status = host.status("flood");
    assert!(status.pages + status.failures > 200, "{status:?}");
    log.about("flood")
}

#[tokio::test]
async fn i7_a_thousand_notes_of_a_page_are_a_hundred_and_a_count() {
    let page = collect(&hostile(json!({"attack": "warnings", "count": 1000, "size": 5000})).await).await.unwrap();
    assert_eq!(page.notes.len(), 101);
    for note in &page.notes {
        let Note::Warning(text) = note else { panic!("{note:?}") };
        is_fit_to_show(text);
    }
    let Some(Note::Warning(last)) = page.notes.last() else { panic!() };
    assert_eq!(last, "the component noted more than 100 things about one page: 900 are left out");
}

#[tokio::test]
async fn i7_a_flood_of_warnings_is_twenty_lines_and_one_more_a_minute() {
    let lines = logged(json!({"attack": "warnings", "count": 1000, "size": 5000, "text": "\u{1b}[2J"})).await;
    // Each line that says how many were left out comes with one that says the next thing.
    assert!(lines.len() <= 20 + 2 * 6, "{} lines", lines.len());
    assert!(lines.iter().any(|line| line.contains("lines were left out") && line.contains("unsaid=")), "{lines:#?}");
    assert!(lines.iter().all(|line| line.len() < 3_000 && !line.contains('\u{1b}')), "{lines:#?}");
}

#[tokio::test]
async fn i7_a_trap_at_every_poll_is_logged_once() {
    let lines = logged(json!({"attack": "trap"})).await;
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].contains("the component failed: the component stopped"), "{lines:#?}");
}

#[tokio::test]
async fn i7_a_failure_with_other_words_at_every_poll_is_twenty_lines_and_one_more_a_minute() {
    let lines = logged(json!({"attack": "chatter"})).await;
    assert!((20..=20 + 2 * 6).contains(&lines.len()), "{} lines", lines.len());
    assert!(lines.iter().any(|line| line.contains("lines were left out")), "{lines:#?}");
}
