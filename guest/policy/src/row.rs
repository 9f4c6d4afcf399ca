//! One row of a policy: a filter, one operator, its values. Rows add up; the values of a row are alternatives.

use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::{
    filter::{Filter, Kind},
    word::words,
};

words! {
    /// How what an activity has is compared with the values of a row.
    Operator {
        /// It is one of them, from the first character to the last.
        Equals = "equals",
        /// It is none of them. **An activity that has nothing there passes**; add a row with `is = "set"` against that.
        DoesNotEqual = "does_not_equal",
        /// It has one of them as whole words.
        Contains = "contains",
        /// It has none of them as whole words, or nothing is there.
        DoesNotContain = "does_not_contain",
        /// It begins with one of them.
        StartsWith = "starts_with",
        /// It begins with none of them, or nothing is there.
        DoesNotStartWith = "does_not_start_with",
        /// It ends with one of them.
        EndsWith = "ends_with",
        /// Whether anything is there: `"set"` or `"not-set"`.
        Is = "is",
    }
}

impl Operator {
    /// The one it turns round, where it turns one round.
    pub(crate) const fn negated(self) -> Option<Self> {
        match self {
            Self::DoesNotEqual => Some(Self::Equals),
            Self::DoesNotContain => Some(Self::Contains),
            Self::DoesNotStartWith => Some(Self::StartsWith),
            _ => None,
        }
    }
}

words! {
    /// As what a user has to be in an activity.
    Role {
        /// It was done by them.
        Actor = "actor",
        /// It was done to them, and not by them.
        Object = "object",
        /// Either.
        Any = "any",
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What is looked at.
    pub filter: Filter,
    /// As what, where that is a user.
    pub role: Role,
    /// How it is compared.
    pub operator: Operator,
    /// With what: texts as they were written, `true`, `set`, numbers in decimal. Never empty.
    pub values: Vec<String>,
}

impl Serialize for Row {
    /// The same form that [`mod@crate::check`] reads.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("filter", &self.filter)?;
        if self.filter.has_role() && self.role != Role::Actor {
            map.serialize_entry("as", &self.role)?;
        }
        let key = self.operator.word();
        let first = self.values.first().map_or("", String::as_str);
        match (self.operator, self.filter.kind()) {
            (Operator::Is, _) => map.serialize_entry(key, first)?,
            (_, Kind::Flag) => map.serialize_entry(key, &(first == "true"))?,
            (_, Kind::Number) => {
                let numbers: Vec<u32> = self.values.iter().filter_map(|value| value.parse().ok()).collect();
                map.serialize_entry(key, &numbers)?;
            }
            _ => map.serialize_entry(key, &self.values)?,
        }
        map.end()
    }
}
