//! Taking, closing, reopening.

use std::time::Duration;

use super::*;

fn close(verdict: Verdict) -> Step {
    Step::Close(Closing::new(verdict, None, None, Suppress::Usual).unwrap())
}

#[test]
fn an_alert_goes_from_open_over_in_progress_to_closed_and_back() {
    let taken = after(&State::Open, &Step::Take, "ann", NOON).unwrap();
    assert_eq!(taken, State::InProgress { who: "ann".into() });
    let closed = after(&taken, &close(Verdict::Benign), "bob", NOON).unwrap();
    let State::Closed(closure) = &closed else { panic!() };
    assert_eq!((closure.verdict, closure.who.as_str(), closure.at), (Verdict::Benign, "bob", NOON));
    assert_eq!(after(&closed, &Step::Reopen, "ann", NOON).unwrap(), State::Open);
    assert_eq!(after(&taken, &Step::Take, "bob", NOON).unwrap(), State::InProgress { who: "bob".into() }, "another takes over");
}

#[test]
fn an_illegal_step_says_what_is_possible() {
    let told = |state: &State, step: &Step| after(state, step, "ann", NOON).unwrap_err().to_string();
    assert_eq!(told(&State::Open, &Step::Reopen), "it is open: take it or close it");
    let closed = after(&State::Open, &close(Verdict::TruePositive), "bob", NOON).unwrap();
    let text = "it was closed as true positive by bob on 2026-03-01T12:00:00.000Z: reopen it first";
    assert_eq!(told(&closed, &Step::Take), text);
    assert_eq!(told(&closed, &close(Verdict::Benign)), text);
    assert_eq!(told(&State::InProgress { who: "ann".into() }, &Step::Take), "you have it already: close it");
}

#[test]
fn reasons_are_defenders_and_fit_their_verdict() {
    let benign = [("severity-lower", 2), ("other", 4), ("confirmed-with-user", 5), ("test", 6)];
    let false_positive = [("not-of-interest", 0), ("too-many-similar", 1), ("not-accurate", 3), ("other", 4)];
    for (verdict, fitting) in [(Verdict::Benign, benign), (Verdict::FalsePositive, false_positive)] {
        for reason in Reason::ALL {
            let fits = fitting.contains(&(reason.as_str(), reason.id()));
            assert_eq!(Closing::new(verdict, Some(reason), None, Suppress::Usual).is_ok(), fits, "{reason:?} of {verdict:?}");
            assert_eq!(reason.id().to_string().parse::<Reason>().unwrap(), reason);
            assert_eq!(reason.as_str().parse::<Reason>().unwrap(), reason);
        }
    }
    let wrong = Closing::new(Verdict::Benign, Some(Reason::NotAccurate), None, Suppress::Usual).unwrap_err().to_string();
    assert!(wrong.contains("one of severity-lower (2), other (4), confirmed-with-user (5), test (6)"), "{wrong}");
    assert!(Closing::new(Verdict::TruePositive, Some(Reason::Other), None, Suppress::Usual).is_err());
    assert!("7".parse::<Reason>().unwrap_err().to_string().contains("there is no reason `7`"));
}

#[test]
fn a_true_positive_is_never_suppressed_and_an_incident_only_when_asked() {
    let until = |verdict, suppress, with| Closing::new(verdict, None, None, suppress).unwrap().until(NOON, with);
    let month = Some(NOON.plus(Duration::from_hours(30 * 24)));
    for verdict in [Verdict::Benign, Verdict::FalsePositive] {
        assert_eq!(until(verdict, Suppress::Usual, None), month);
        assert_eq!(until(verdict, Suppress::Never, None), None);
        assert_eq!(until(verdict, Suppress::Usual, Some(AlertId(9))), None);
        assert_eq!(until(verdict, Suppress::For(HOUR), Some(AlertId(9))), Some(Instant(NOON.0 + HOUR)));
    }
    assert_eq!(until(Verdict::TruePositive, Suppress::Usual, None), None);
    assert!(Closing::new(Verdict::TruePositive, None, None, Suppress::For(HOUR)).is_err());
}
