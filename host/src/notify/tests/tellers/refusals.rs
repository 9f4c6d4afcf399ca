//! A far side that refuses what it is told: the message, or everything.

use super::*;

/// A desk whose far side refuses what is called so, whenever it comes.
fn refusing(what: &[&'static str]) -> Desk {
    let desk = Desk::open();
    desk.far.lock().unwrap().refuses = what.to_vec();
    desk
}

/// A desk where five alerts lapsed and that was not told yet.
fn lapsed() -> Desk {
    let desk = refusing(&["missed"]);
    let ledger = Ledger { lapsed: 5, lapsed_since: Some(NOON), missed: 5, ..Ledger::default() };
    desk.store.settle_notice(&channel(), None, &ledger).unwrap();
    desk
}

#[tokio::test]
async fn a_message_that_is_refused_first_after_a_start_lets_the_next_ones_pass() {
    let mut desk = refusing(&["eve"]);
    desk.judge(&[found("a", "eve"), severe("b", "bob")]);
    desk.until(later(60_000)).await;
    assert_eq!(desk.heard(), [("raised", 2)]);
    let account = desk.store.channel(&channel(), desk.clock.now()).unwrap();
    assert_eq!((account.refused, account.waiting, account.held), (1, 0, 0));
    assert_eq!(desk.teller.status().state, State::Idle);
}

#[tokio::test]
async fn a_channel_needs_a_person_once_all_that_is_due_was_refused_and_hears_what_comes_then() {
    let mut desk = refusing(&["eve", "bob"]);
    desk.judge(&[found("a", "eve"), found("b", "bob")]);
    for _ in 0..2 {
        let Next::At(at) = desk.teller.step().await.unwrap() else { panic!("it waits") };
        assert!(matches!(desk.teller.status().state, State::Retrying { since: NOON, .. }));
        desk.clock.step_to(at);
    }
    desk.until(later(6 * HOUR)).await;
    assert!(matches!(desk.teller.status().state, State::Paused { since: NOON, .. }));
    let tries = desk.far.lock().unwrap().tries.len();
    assert!(tries < 150, "{tries} tries in six hours");
    desk.judge(&[severe("c", "joe")]);
    desk.until(later(6 * HOUR + 300_000)).await;
    assert_eq!((desk.heard(), &desk.teller.status().state), (vec![("raised", 3)], &State::Idle));
    assert_eq!(desk.store.channel(&channel(), desk.clock.now()).unwrap().refused, 2);
}

#[tokio::test]
async fn a_refused_alert_that_changes_before_each_try_holds_up_no_other() {
    let mut desk = refusing(&["eve"]);
    desk.judge(&[found("a", "eve"), found("b", "bob")]);
    for _ in 0..4 {
        while desk.teller.step().await.unwrap() == Next::AtOnce {}
        desk.clock.step_to(desk.clock.now().plus(std::time::Duration::from_secs(300)));
        desk.judge(&[found("a", "eve")]);
    }
    assert_eq!(desk.heard(), [("raised", 2)]);
}

#[tokio::test]
async fn a_summary_that_is_refused_first_after_a_start_is_left_out_once_another_message_was_taken() {
    let mut desk = lapsed();
    desk.judge(&[found("a", "eve")]);
    desk.until(later(60_000)).await;
    assert_eq!((desk.heard(), &desk.teller.status().state), (vec![("raised", 1)], &State::Idle));
    let ledger = desk.store.channel(&channel(), desk.clock.now()).unwrap().ledger;
    assert_eq!((ledger.lapsed, ledger.missed, ledger.told), (0, 5, 1));
}

#[tokio::test]
async fn a_summary_that_is_refused_and_has_nothing_behind_it_waits_and_holds_up_nothing_that_comes() {
    let mut desk = lapsed();
    desk.until(later(6 * HOUR)).await;
    assert!(matches!(desk.teller.status().state, State::Paused { since: NOON, .. }));
    assert_eq!(desk.store.channel(&channel(), desk.clock.now()).unwrap().ledger.lapsed, 5);
    desk.judge(&[severe("a", "eve")]);
    desk.until(later(6 * HOUR + 300_000)).await;
    assert_eq!(desk.heard(), [("raised", 1)]);
    assert_eq!(desk.store.channel(&channel(), desk.clock.now()).unwrap().ledger.lapsed, 0);
}
