//! What there is to say.

use super::*;
use crate::alert::{AlertId, tests::alert};

const SELDOM: u64 = 6 * HOUR;

fn told(alert: &Alert) -> Told {
    Told::next(None, alert, NOON)
}

fn to(manner: Manner, alert: &Alert, told: Option<&Told>) -> Telling {
    telling(alert, told, &route(), manner, false, later(HOUR))
}

#[test]
fn what_is_new_and_concerns_the_channel_is_told() {
    let people = |alert: &Alert| to(Manner::People, alert, None);
    assert_eq!(people(&alert()), Telling::Say(Activity::Create));
    let mut low = alert();
    low.story.severity = Severity::Low;
    assert_eq!(people(&low), Telling::Nothing, "not bad enough");
    assert_eq!(people(&closed(alert())), Telling::Nothing, "over before it was told");
    assert_eq!(people(&Alert { incident: Some(AlertId(9)), ..alert() }), Telling::Nothing, "its incident is told");
    let other = Route { policies: vec!["failed-logins".into()], ..route() };
    assert_eq!(telling(&alert(), None, &other, Manner::People, false, NOON), Telling::Nothing);
}

#[test]
fn people_hear_again_when_it_gets_worse_and_now_and_then_while_programs_hear_everything() {
    let before = told(&alert());
    let again = Alert { count: 2, ..alert() };
    assert_eq!(to(Manner::People, &again, Some(&before)), Telling::Later(later(SELDOM)));
    assert_eq!(telling(&again, Some(&before), &route(), Manner::People, false, later(SELDOM)), Telling::Say(Activity::Update));
    assert_eq!(to(Manner::Program, &again, Some(&before)), Telling::Say(Activity::Update));
    let mut worse = again;
    worse.story.severity = Severity::High;
    assert_eq!(to(Manner::People, &worse, Some(&before)), Telling::Say(Activity::Update));
    let taken = Alert { state: Life::InProgress { who: "ann".into() }, ..alert() };
    assert_eq!(to(Manner::People, &taken, Some(&before)), Telling::Nothing);
    assert_eq!(to(Manner::Pager, &taken, Some(&before)), Telling::Say(Activity::Update));
    assert_eq!(to(Manner::Program, &alert(), Some(&before)), Telling::Nothing, "nothing changed");
}

#[test]
fn an_end_is_told_once_and_a_page_ends_with_the_last_alert_of_its_key() {
    let before = told(&alert());
    let over = closed(alert());
    for manner in [Manner::People, Manner::Pager, Manner::Program] {
        assert_eq!(to(manner, &over, Some(&before)), Telling::Say(Activity::Close));
        assert_eq!(to(manner, &over, Some(&told(&over))), Telling::Nothing);
        assert_eq!(to(manner, &alert(), Some(&told(&over))), Telling::Say(Activity::Update), "reopened");
    }
    assert_eq!(telling(&over, Some(&before), &route(), Manner::Pager, true, NOON), Telling::Nothing);
    let mut with = over;
    if let Life::Closed(closure) = &mut with.state {
        closure.with = Some(AlertId(9));
    }
    assert_eq!(to(Manner::People, &with, Some(&before)), Telling::Nothing, "the end of the incident says it");
    assert_eq!(to(Manner::Pager, &with, Some(&before)), Telling::Say(Activity::Close));
}
