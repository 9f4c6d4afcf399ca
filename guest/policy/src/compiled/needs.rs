//! What an activity must have before it is worth looking closer: one bit for each action or trait that any policy names.

use crate::{
    Activity,
    filter::Filter,
    policy::Policy,
    row::{Operator, Row},
    text,
};

/// Actions and traits, folded and sorted: the place of one is its bit. What finds no place is simply looked at closely.
#[derive(Debug)]
pub(super) struct Keys(Box<[String]>);

/// For each row that names actions or traits, the bits of which an activity must have one.
#[derive(Debug)]
pub(super) struct Needs(Box<[u128]>);

impl Needs {
    pub(super) fn met(&self, has: u128) -> bool {
        self.0.iter().all(|any| any & has != 0)
    }
}

impl Keys {
    pub(super) fn of<'p>(policies: impl Iterator<Item = &'p Policy>) -> Self {
        let mut keys: Vec<String> = policies.flat_map(|policy| &policy.rows).filter_map(named).flatten().collect();
        keys.sort_unstable();
        keys.dedup();
        keys.truncate(128);
        Self(keys.into())
    }

    pub(super) fn needs(&self, policy: &Policy) -> Needs {
        let bits = |row| named(row)?.iter().try_fold(0, |bits, key| Some(bits | self.bit(key)?));
        Needs(policy.rows.iter().filter_map(bits).collect())
    }

    /// The bits that an activity has.
    pub(super) fn has(&self, activity: &Activity<'_>) -> u128 {
        if self.0.is_empty() {
            return 0;
        }
        let traits = activity.traits.iter().filter_map(|name| self.bit(name));
        traits.chain(self.bit(activity.action)).fold(0, |has, bit| has | bit)
    }

    fn bit(&self, key: &str) -> Option<u128> {
        let place = self.0.binary_search_by(|known| text::compare(key, known).reverse()).ok()?;
        1u128.checked_shl(u32::try_from(place).ok()?)
    }
}

/// The actions and traits of which a row needs one; none where it needs none.
pub(crate) fn named(row: &Row) -> Option<Vec<String>> {
    match (row.filter, row.operator) {
        (Filter::ActivityType | Filter::ActivityAction | Filter::ActivityTrait, Operator::Equals) => {
            Some(row.values.iter().map(|value| text::fold(value)).collect())
        }
        (Filter::Administrative | Filter::Impersonated, Operator::Equals) if row.values.iter().any(|value| value == "true") => {
            Some(vec![row.filter.word().to_owned()])
        }
        _ => None,
    }
}
