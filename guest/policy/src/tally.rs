//! All that is counted of one subject: a counter for each policy that counts, and for each app where it asks for that.

use std::collections::BTreeMap;

use crate::{Activity, Compiled, Counter, Fired, Rule, Unreadable, hash::Hash, varint};

const VERSION: u8 = 1;
/// The most counters; more than policies and apps make.
const MOST: u64 = 10_000;

/// All that is counted of one subject. What belongs into a detector's profile of it.
///
/// A counter belongs to what a policy counts, not to its name: a policy whose rows, repetition or scope change begins to count
/// anew, since only what happened under it may be held against somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    counters: BTreeMap<Key, Counter>,
}

/// Whose counter it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    rule: u64,
    /// 0 where apps are counted together.
    app: u64,
}

impl Tally {
    /// Counts an activity that the rule is [`Compiled::matching`] and says whether it was one too many. Nothing for a rule without
    /// `repeated`, which needs no counting.
    pub fn observe(&mut self, rule: &Rule<'_>, activity: &Activity<'_>) -> Option<Fired> {
        let repeated = rule.policy().repeated.as_ref()?;
        let app = activity.app.filter(|_| repeated.single_app).map_or(0, |app| Hash::new().text(app).value());
        let key = Key { rule: rule.fingerprint(), app };
        let object = activity.object.id.or(activity.object.name).map(|object| Hash::new().text(object).value());
        let counter = self.counters.entry(key).or_default();
        let fired = counter.observe(repeated, activity.time, activity.seq, object);
        if counter.is_empty() {
            self.counters.remove(&key);
        }
        fired
    }

    /// Forgets what no rule counts any more.
    pub fn retain(&mut self, rules: &Compiled<'_>) {
        self.counters.retain(|key, _| rules.rules().iter().any(|rule| rule.fingerprint() == key.rule));
    }

    /// Whether nothing is counted, and nothing need be kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counters.is_empty()
    }

    /// The tally as bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut to = vec![VERSION];
        varint::put(&mut to, self.counters.len() as u64);
        for (key, counter) in &self.counters {
            to.extend_from_slice(&key.rule.to_le_bytes());
            to.extend_from_slice(&key.app.to_le_bytes());
            let counter = counter.encode();
            varint::put(&mut to, counter.len() as u64);
            to.extend_from_slice(&counter);
        }
        to
    }

    /// The tally that [`Tally::encode`] made these bytes of. No bytes are an empty one.
    ///
    /// # Errors
    /// They are no tally, or not one of a version that is known.
    pub fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        read(bytes).ok_or(Unreadable)
    }
}

fn read(bytes: &[u8]) -> Option<Tally> {
    let (version, rest) = bytes.split_first()?;
    let (count, mut rest) = varint::take(rest).filter(|(count, _)| *version == VERSION && *count <= MOST)?;
    let mut counters = BTreeMap::new();
    for _ in 0..count {
        let (rule, behind) = rest.split_first_chunk::<8>()?;
        let (app, behind) = behind.split_first_chunk::<8>()?;
        let (length, behind) = varint::take(behind)?;
        let (counter, behind) = behind.split_at_checked(usize::try_from(length).ok()?)?;
        let key = Key { rule: u64::from_le_bytes(*rule), app: u64::from_le_bytes(*app) };
        if counters.insert(key, Counter::decode(counter).ok()?).is_some() {
            return None;
        }
        rest = behind;
    }
    rest.is_empty().then_some(Tally { counters })
}

#[cfg(test)]
mod tests;
