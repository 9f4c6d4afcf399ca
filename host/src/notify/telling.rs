//! What there is to say to a channel: the difference between an alert, or a condition, as it is and what the channel knows.

use std::time::Duration;

use super::{Phase, Route, Told};
use crate::{
    alert::{Activity, Alert, State},
    condition::Known,
    model::Instant,
};

/// People are told again of what goes on no sooner than after this, unless it gets worse.
const SELDOM: Duration = Duration::from_secs(6 * 3600);

/// Who listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// A program: it hears of every change.
    Program,
    /// A pager: the same, but the end of one alert ends the page for all with its fingerprint.
    Pager,
    /// People who read: they hear when it begins, gets worse and ends, and now and then that it goes on.
    People,
}

/// What to do about an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// There is nothing to say.
    Nothing,
    /// Say this.
    Say(Activity),
    /// Perhaps, then.
    Later(Instant),
}

/// What to say of an alert. `shared`: another open alert has its fingerprint.
pub fn telling(alert: &Alert, told: Option<&Told>, route: &Route, manner: Manner, shared: bool, now: Instant) -> Telling {
    let phase = Phase::from(&alert.state);
    let Some(told) = told else {
        // What is over, or part of an incident that is told of by itself, is no news.
        let news = phase != Phase::Closed && alert.incident.is_none() && route.takes(alert);
        return if news { Telling::Say(Activity::Create) } else { Telling::Nothing };
    };
    match (phase, told.phase) {
        (Phase::Closed, Phase::Closed) => Telling::Nothing,
        (Phase::Closed, _) if manner == Manner::Pager && shared => Telling::Nothing,
        (Phase::Closed, _) if manner == Manner::People && with_incident(&alert.state) => Telling::Nothing,
        (Phase::Closed, _) => Telling::Say(Activity::Close),
        (_, Phase::Closed) => Telling::Say(Activity::Update),
        _ if alert.incident.is_some() => Telling::Nothing,
        _ if alert.story.severity > told.severity => Telling::Say(Activity::Update),
        _ if manner == Manner::People && alert.count == told.count => Telling::Nothing,
        _ if manner == Manner::People && now.since(told.at) < SELDOM => Telling::Later(told.at.plus(SELDOM)),
        _ if alert.count == told.count && phase == told.phase => Telling::Nothing,
        _ => Telling::Say(Activity::Update),
    }
}

/// What to say of a condition. Whether it concerns the channel at all was decided when it was noted.
pub fn telling_condition(known: &Known, told: Option<&Told>, manner: Manner, now: Instant) -> Telling {
    match (known.is_open(), told) {
        (true, None) => Telling::Say(Activity::Create),
        (true, Some(told)) if told.phase == Phase::Closed => Telling::Say(Activity::Create),
        (true, Some(told)) if known.condition.severity > told.severity => Telling::Say(Activity::Update),
        (true, Some(told)) if known.news == told.count => Telling::Nothing,
        // One that is told is over and back before anybody heard of the end is still told.
        (true, Some(told)) if manner == Manner::People && now.since(told.at) < SELDOM => Telling::Later(told.at.plus(SELDOM)),
        (true, Some(_)) => Telling::Say(Activity::Update),
        (false, Some(told)) if told.phase != Phase::Closed => Telling::Say(Activity::Close),
        (false, _) => Telling::Nothing,
    }
}

/// The end of an incident is the end of all that it holds.
fn with_incident(state: &State) -> bool {
    matches!(state, State::Closed(closure) if closure.with.is_some())
}
