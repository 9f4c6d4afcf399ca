//! The pair is never risked.

use super::world::{LIFETIME, World};
use crate::{exit::Exit, source::RefreshFailure, types::Failure};

#[test]
fn a_pair_is_renewed_before_it_ends_and_when_it_is_refused() {
    let world = World::rotating();
    assert_eq!(world.run(), Exit::Done);
    // Somebody ended the access token early: refused, renewed, repeated.
    world.inner.borrow_mut().failures = [Failure::Expired].into();
    assert_eq!(world.run(), Exit::Done);
    assert_eq!(world.inner.borrow().pair, Some(2));
    // The end comes near: renewed without being refused first.
    world.pass(LIFETIME - 110_000);
    let collects = world.inner.borrow().collects;
    assert_eq!(world.run(), Exit::Done);
    assert_eq!((world.inner.borrow().pair, world.inner.borrow().collects), (Some(3), collects + 1));
}

#[test]
fn still_refused_after_a_renewal_needs_a_person() {
    let world = World::rotating();
    world.inner.borrow_mut().failures = [Failure::Expired, Failure::Expired].into();
    assert_eq!(world.run(), Exit::Authorize);
    assert_eq!(world.inner.borrow().pair, Some(2), "renewed once");
}

#[test]
fn unsent_costs_nothing() {
    let world = World::rotating();
    world.inner.borrow_mut().failures = [Failure::Expired].into();
    world.inner.borrow_mut().refreshes = [RefreshFailure::Unsent(Failure::Unavailable("no connection".into()))].into();
    assert_eq!(world.run(), Exit::Left);
    assert!(world.file("tokens.json").unwrap().contains("\"attempts\":0"));
    assert_eq!(world.run(), Exit::Done, "{}", world.said());
}

#[test]
fn a_pair_whose_answers_are_lost_is_sent_again_by_each_run_until_it_is_granted() {
    let world = World::rotating();
    world.inner.borrow_mut().failures = [Failure::Expired].into();
    world.inner.borrow_mut().refreshes = [
        RefreshFailure::Unknown("lost".into()),
        RefreshFailure::Unsent(Failure::Unavailable("x".into())),
        RefreshFailure::Unknown("lost".into()),
    ]
    .into();
    let ends: Vec<Exit> = (0..4).map(|_| world.run()).collect();
    assert_eq!(ends, [Exit::Left, Exit::Left, Exit::Left, Exit::Done]);
    assert_eq!(world.inner.borrow().sent["refresh-1"], 3);
}

#[test]
fn a_pair_that_is_spent_when_it_is_sent_again_needs_a_person_and_is_not_sent_once_more() {
    let mut world = World::rotating();
    world.inner.borrow_mut().failures = [Failure::Expired].into();
    world.inner.borrow_mut().refreshes = [RefreshFailure::Unknown("lost".into())].into();
    assert_eq!(world.run(), Exit::Left);
    world.inner.borrow_mut().pair = Some(7);
    let ends: Vec<Exit> = (0..3).map(|_| world.run()).collect();
    assert_eq!(ends, [Exit::Authorize; 3]);
    assert_eq!(world.inner.borrow().sent["refresh-1"], 2);
    world.authorize();
    assert_eq!(world.run(), Exit::Done);
}

#[test]
fn a_refused_pair_is_buried_until_a_person_configures_another() {
    let mut world = World::rotating();
    assert_eq!(world.run(), Exit::Done);
    world.inner.borrow_mut().pair = Some(7);
    assert_eq!(world.run(), Exit::Authorize);
    assert!(!world.said().contains("refresh-1"), "{}", world.said());
    let asked = world.inner.borrow().sent.clone();
    assert_eq!(world.run(), Exit::Authorize);
    assert_eq!(world.inner.borrow().sent, asked, "not asked again");
    world.authorize();
    assert_eq!(world.run(), Exit::Done);
}

#[test]
fn a_damaged_pair_is_not_printed() {
    let world = World::rotating();
    world.inner.borrow_mut().files.write("state/tokens.json", br#"{"version":1,"access_token":"hush"#.to_vec());
    assert_eq!(world.run(), Exit::Authorize);
    assert!(!world.said().contains("hush"), "{}", world.said());
}
