//! What begins, gets graver and ends: what holds, compared with what is known.

use std::collections::BTreeMap;

use super::{HealthLine, Judged, Key, Known, Stay};
use crate::{
    alert::Activity,
    model::{ChannelName, Instant},
};

/// A condition that is known otherwise from now on.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// As it is now.
    pub known: Known,
    /// What is worth telling of it: that it began, got worse, or is over. None where only its words changed.
    pub news: Option<Activity>,
    /// Channels that are to be told from its beginning on. Those that were told before hear of the rest.
    pub channels: Vec<ChannelName>,
    /// What sinks are told.
    pub lines: Vec<HealthLine>,
}

/// A channel that fails was to be told of this: another one is, where it has not been told yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Of what.
    pub key: Key,
    /// Where it waits.
    pub from: ChannelName,
    /// Who else is told.
    pub to: ChannelName,
}

/// All that is noted at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    /// Conditions.
    pub turns: Vec<Turn>,
    /// What waits where nobody hears it.
    pub spread: Vec<Spread>,
    /// What sinks are told besides.
    pub lines: Vec<HealthLine>,
    /// Small values, each under its key.
    pub notes: Vec<(String, String)>,
}

impl Change {
    /// Whether there is nothing to note.
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty() && self.spread.is_empty() && self.lines.is_empty() && self.notes.is_empty()
    }
}

/// What follows from what holds now. Nobody is named yet who is told of it.
pub fn reconcile(known: &[Known], judged: &Judged, now: Instant) -> Vec<Turn> {
    let before: BTreeMap<Key, &Known> = known.iter().map(|known| (known.condition.key(), known)).collect();
    let holds: BTreeMap<Key, _> = judged.holds.iter().map(|condition| (condition.key(), condition)).collect();
    let mut turns = Vec::new();
    let mut turn = |known: Known, news| turns.push(Turn { known, news, channels: Vec::new(), lines: Vec::new() });
    for (key, condition) in &holds {
        let condition = (*condition).clone();
        match before.get(key) {
            Some(known) if known.is_open() => {
                let worse = condition.step > known.condition.step || condition.severity > known.condition.severity;
                if worse {
                    turn(Known { condition, begun: known.begun, ended: None, news: known.news.saturating_add(1) }, Some(Activity::Update));
                } else if condition != known.condition {
                    turn(Known { condition, ..(*known).clone() }, None);
                }
            }
            earlier => {
                let news = earlier.map_or(0, |known| known.news).saturating_add(1);
                turn(Known { condition, begun: now, ended: None, news }, Some(Activity::Create));
            }
        }
    }
    for (key, known) in before.iter().filter(|(key, known)| known.is_open() && !holds.contains_key(key)) {
        let stays = match judged.stay(key) {
            Some(Stay::Unsure) => true,
            Some(Stay::Since(since)) => known.condition.since == since,
            None => false,
        };
        if !stays {
            turn(Known { ended: Some(now), ..(*known).clone() }, Some(Activity::Close));
        }
    }
    turns
}
