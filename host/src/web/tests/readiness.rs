//! Why a host is not ready.

use super::{collecting, problem, seen, sink, trouble};
use crate::{
    schedule::{Kind, Remedy, State, Status, TokenKind, TokenStatus},
    sink::State as SinkState,
    web::{Seen, line, reasons},
};

fn with(source: Status) -> Seen {
    Seen { sources: vec![source], ..seen() }
}

fn delivering(state: SinkState) -> Seen {
    Seen { sinks: vec![("sumo".parse().unwrap(), sink(state))], ..seen() }
}

#[test]
fn it_is_ready_once_every_source_has_begun() {
    for state in [State::Initialized, State::Authenticated, State::Collecting] {
        assert_eq!(reasons(&with(Status { state, ..collecting("acme") })), Vec::<String>::new());
    }
    for state in [State::Pending, State::Started] {
        let reasons = reasons(&with(Status { state, ..collecting("acme") }));
        assert_eq!(reasons, [format!("source `acme` has not begun: it is {}", state.as_str())]);
    }
}

#[test]
fn what_heals_by_itself_is_no_reason_once_a_source_has_begun() {
    let down = problem(Kind::ThirdPartyGeneric, Remedy::Wait, "the vendor answers 503");
    let first = Status { state: State::Error, problem: down, ..collecting("acme") };
    assert_eq!(reasons(&with(first.clone())), ["source `acme` has not begun: the vendor answers 503"]);
    let token = TokenStatus { kind: TokenKind::Static, ..TokenStatus::default() };
    assert_eq!(reasons(&with(Status { token, ..first })), Vec::<String>::new());
    assert_eq!(reasons(&delivering(SinkState::Retrying(trouble("503")))), Vec::<String>::new());
}

#[test]
fn what_needs_a_person_is_a_reason_each() {
    let token = TokenStatus { kind: TokenKind::Static, ..TokenStatus::default() };
    for remedy in [Remedy::Authorize, Remedy::Configure] {
        let refused = problem(Kind::ThirdPartyConfig, remedy, "ask a Company Admin");
        let reasons = reasons(&with(Status { state: State::Error, problem: refused, token, ..collecting("acme") }));
        assert_eq!(reasons, ["source `acme` needs a person since 2026-06-01T00:00:00.000Z: ask a Company Admin"]);
    }
    for state in [SinkState::Paused(trouble("no such source")), SinkState::Down(trouble("no such source"))] {
        assert_eq!(reasons(&delivering(state)), ["sink `sumo` needs a person since 2026-06-01T00:00:00.000Z: no such source"]);
    }
    let alerts = vec![("sumo".parse().unwrap(), sink(SinkState::Paused(trouble("permission denied"))))];
    let found = reasons(&Seen { alerts, ..seen() });
    assert_eq!(found, ["bringing alerts to sink `sumo` needs a person since 2026-06-01T00:00:00.000Z: permission denied"]);
    let both = Seen { refused: vec!["source `b` does not run: it traps".to_owned()], stopping: true, alive: false, ..seen() };
    assert_eq!(reasons(&both).len(), 3);
    assert!(line(&both).starts_with("1 source, 1 sink: the host is stopping (and 2 more)"), "{}", line(&both));
    assert_eq!(line(&seen()), "1 source, 1 sink: ready");
}

#[test]
fn what_others_wrote_is_one_harmless_line() {
    let said = problem(Kind::ThirdPartyConfig, Remedy::Configure, &format!("\u{1b}[2J\nready\u{202e}{}", "x".repeat(5000)));
    let seen = with(Status { problem: said, ..collecting("acme") });
    for text in [reasons(&seen).remove(0), line(&seen)] {
        assert_eq!(crate::neutral::visible(&text), text);
        assert!(text.contains("\\u{1b}[2J\\nready\\u{202e}") && text.chars().count() < 1100, "{text}");
    }
}
