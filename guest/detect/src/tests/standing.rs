//! Activity performed by terminated user; disabled and inactive accounts.

use super::*;
use crate::detector::{Departure, DepartureKind, Severity};

fn departed(kind: DepartureKind, minutes: u64, outcome: Outcome) -> Vec<Finding> {
    let mut log = Log::new();
    log.add("ana", START + minutes * MINUTE, |sighting| {
        sighting.standing.departed = Some(Departure { kind, at: START });
        sighting.event.outcome = outcome;
    });
    log.findings()
}

/// "users whose accounts were deleted in Microsoft Entra ID, but still perform activities in other platforms"
#[test]
fn activity_after_an_account_was_deleted_is_found_and_grave() {
    let found = departed(DepartureKind::Deleted, 120, Outcome::Success);
    assert_eq!(policies(&found), ["terminated-user"]);
    assert_eq!(found[0].severity, Severity::High);
    assert_eq!(found[0].reasons, ["the account was deleted in the directory 2 hours before this activity"]);
    assert_eq!(found[0].attacks, ["TA0003", "T1078.004"]);
}

/// "the user was temporarily disabled" is another case than deletion.
#[test]
fn a_disabled_account_is_a_kind_of_its_own() {
    let found = departed(DepartureKind::Disabled, 120, Outcome::Success);
    assert_eq!(policies(&found), ["disabled-user"]);
    assert_eq!(found[0].severity, Severity::Medium);
}

/// A quarter of an hour of grace, and nothing for what did not succeed.
#[test]
fn grace_and_failures_are_no_activity() {
    let found = [(15, Outcome::Success), (16, Outcome::Success), (300, Outcome::Failure), (16, Outcome::Unknown)]
        .map(|(minutes, outcome)| departed(DepartureKind::Deleted, minutes, outcome).len());
    assert_eq!(found, [0, 1, 0, 1]);
}

#[test]
fn activity_before_the_departure_is_none() {
    let mut log = Log::new();
    log.add("ana", START - DAY, |sighting| sighting.standing.departed = Some(Departure { kind: DepartureKind::Deleted, at: START }));
    assert!(log.findings().is_empty());
}

/// "Inactive account": not active for 60 days.
#[test]
fn an_account_active_again_after_sixty_days_is_found() {
    let after = |days: u64| {
        let mut log = Log::new();
        log.add("ana", START, |_| {});
        log.add("ana", START + days * DAY, |_| {});
        policies(&log.findings()).len()
    };
    assert_eq!([after(59), after(60)], [0, 1]);
}
