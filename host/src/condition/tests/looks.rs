//! How what is told looks to people and to a pager: begun, worse, over, and again, under one key.

use super::*;
use crate::notify::{Manner, Message, Telling, Told, telling_condition};

fn known(scene: &Scene) -> Known {
    let desk = Desk::new();
    desk.look(scene);
    desk.open().remove(0)
}

fn told(known: &Known, before: Option<&Told>, at: Instant) -> Told {
    crate::notify::Matter::Condition(Box::new(known.clone())).known(before, at)
}

#[test]
fn i2_a_channel_is_told_that_it_began_got_worse_and_ended_once_each_and_a_return_is_told_again() {
    let begun = known(&of(failing(NOON, NOON, Remedy::Authorize), NOON));
    let say = |known: &Known, told: Option<&Told>, manner| telling_condition(known, told, manner, NOON.plus(HOUR));
    for manner in [Manner::Program, Manner::Pager, Manner::People] {
        assert_eq!(say(&begun, None, manner), Telling::Say(Activity::Create));
        let first = told(&begun, None, NOON);
        assert_eq!(say(&begun, Some(&first), manner), Telling::Nothing);
        let over = Known { ended: Some(NOON), ..begun.clone() };
        assert_eq!(say(&over, None, manner), Telling::Nothing, "nobody heard that it began");
        assert_eq!(say(&over, Some(&first), manner), Telling::Say(Activity::Close));
        let last = told(&over, Some(&first), NOON);
        assert_eq!(say(&over, Some(&last), manner), Telling::Nothing);
        let again = Known { news: 2, ..begun.clone() };
        assert_eq!(say(&again, Some(&last), manner), Telling::Say(Activity::Create));
    }
    let first = told(&begun, None, NOON);
    let more = Known { news: 2, ..begun };
    assert_eq!(say(&more, Some(&first), Manner::Program), Telling::Say(Activity::Update));
    assert_eq!(say(&more, Some(&first), Manner::People), Telling::Later(NOON.plus(HOUR * 6)), "people are not told of every name");
}

#[test]
fn texts_of_others_are_harmless_and_the_key_stays_the_same() {
    let mut source = failing(NOON, NOON, Remedy::Authorize);
    source.status.as_mut().unwrap().problem.as_mut().unwrap().message = "\u{1b}[2J<!channel> \u{202e}evil".into();
    let known = known(&of(source, NOON));
    let channel: ChannelName = "soc".parse().unwrap();
    let message =
        |activity, told| Message { channel: &channel, at: NOON, said: crate::notify::Said::Condition { known: &known, activity, told } };
    let (begun, over) = (message(Activity::Create, None), message(Activity::Close, None));
    assert_eq!(begun.dedup_key(), over.dedup_key());
    assert_eq!((begun.event(), over.event()), ("begun", "resolved"));
    assert_eq!(begun.title(), "source acme needs a person to authorize it again");
    assert_eq!(over.title(), "Resolved: source acme needs a person to authorize it again");
    let text = begun.reasons().join("\n");
    assert!(text.contains("What to do: run `miro-source auth acme`") && !text.contains(['\u{1b}', '\u{202e}']), "{text}");
    let next = told(&known, None, NOON);
    assert_ne!(begun.delivery(), message(Activity::Close, Some(&next)).delivery());
}
