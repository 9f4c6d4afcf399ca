//! One row, ready to match.

use super::{View, look};
use crate::{
    Activity,
    address::{self, Range},
    filter::{Filter, Kind},
    membership::{EXTERNAL, names_external},
    row::{Operator, Role, Row},
    text::{self, Words},
};

/// One row, ready to match.
#[derive(Debug)]
pub(super) struct Condition {
    filter: Filter,
    role: Role,
    negated: bool,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Set,
    Equal(Texts),
    Begin(Box<[String]>),
    End(Box<[String]>),
    Contain(Box<[Words]>),
    /// A group, and whether `External users` is among them.
    Groups(Texts, bool),
    Addresses(Box<[Range]>),
    Numbers(Box<[u32]>),
}

impl Condition {
    pub(super) fn new(row: &Row) -> Self {
        let (operator, mut negated) = match row.operator.negated() {
            Some(operator) => (operator, true),
            None => (row.operator, false),
        };
        let folded = || row.values.iter().map(|value| text::fold(value)).collect();
        let values = match (operator, row.filter.kind()) {
            (Operator::Is, _) => {
                negated = row.values.first().is_some_and(|word| word == "not-set");
                Values::Set
            }
            (Operator::StartsWith, _) => Values::Begin(folded()),
            (Operator::EndsWith, _) => Values::End(folded()),
            (Operator::Contains, _) => Values::Contain(row.values.iter().map(|value| Words::new(value)).collect()),
            (_, Kind::Address) => Values::Addresses(row.values.iter().filter_map(|value| Range::parse(value).ok()).collect()),
            (_, Kind::Number) => Values::Numbers(row.values.iter().filter_map(|value| value.parse().ok()).collect()),
            (_, Kind::Exact) => Values::Equal(Texts::exact(&row.values)),
            _ if row.filter == Filter::UserGroup => Values::Groups(Texts::folded(&row.values), names_external(&row.values)),
            _ => Values::Equal(Texts::folded(&row.values)),
        };
        Self { filter: row.filter, role: row.role, negated, values }
    }

    /// What is turned round passes where nothing is there.
    pub(super) fn is_met(&self, view: &View<'_, '_>) -> bool {
        self.is_found(view) != self.negated
    }

    fn is_found(&self, view: &View<'_, '_>) -> bool {
        match &self.values {
            Values::Set if self.filter == Filter::IpAsn => view.activity.asn.is_some(),
            Values::Numbers(numbers) => view.activity.asn.is_some_and(|asn| numbers.contains(&asn)),
            Values::Addresses(ranges) => view.address.is_some_and(|bits| ranges.iter().any(|range| range.contains(bits))),
            values => self.any(view.activity, |text| values.hold(text)) || self.is_guest(view),
        }
    }

    fn any(&self, activity: &Activity<'_>, test: impl FnMut(&str) -> bool) -> bool {
        look::any(self.filter, self.role, activity, test)
    }

    fn is_guest(&self, view: &View<'_, '_>) -> bool {
        matches!(self.values, Values::Groups(_, true)) && self.role != Role::Object && view.is_external()
    }

    /// What the activity has there that made it pass or, where the row is turned round, all that it has there.
    pub(super) fn seen(&self, view: &View<'_, '_>) -> Vec<String> {
        if self.filter == Filter::IpAsn {
            return view.activity.asn.map(|asn| format!("AS{asn}")).into_iter().collect();
        }
        let mut seen = Vec::new();
        self.any(view.activity, |text| {
            seen.extend((self.negated || self.values.hold(text)).then(|| text.to_owned()));
            false
        });
        if seen.is_empty() && self.is_guest(view) {
            seen.push(EXTERNAL.to_owned());
        }
        seen
    }
}

impl Values {
    fn hold(&self, text: &str) -> bool {
        match self {
            Self::Set => true,
            Self::Equal(texts) | Self::Groups(texts, _) => texts.has(text),
            Self::Begin(begins) => begins.iter().any(|begin| text::strip(text, begin).is_some()),
            Self::End(ends) => ends.iter().any(|end| text::ends_with(text, end)),
            Self::Contain(words) => words.iter().any(|words| words.found_in(text)),
            Self::Addresses(ranges) => address::bits(text).is_some_and(|bits| ranges.iter().any(|range| range.contains(bits))),
            // Seen before any text is.
            Self::Numbers(_) => false,
        }
    }
}

/// Texts of which one is looked for.
#[derive(Debug)]
pub(super) struct Texts {
    sorted: Box<[String]>,
    exact: bool,
}

impl Texts {
    fn exact(values: &[String]) -> Self {
        Self::sort(values.to_vec(), true)
    }

    pub(super) fn folded(values: &[String]) -> Self {
        Self::sort(values.iter().map(|value| text::fold(value)).collect(), false)
    }

    fn sort(mut values: Vec<String>, exact: bool) -> Self {
        values.sort_unstable();
        Self { sorted: values.into(), exact }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    pub(super) fn has(&self, text: &str) -> bool {
        // A handful is faster one after the other.
        match (self.exact, self.sorted.len()) {
            (true, ..8) => self.sorted.iter().any(|value| value == text),
            (true, _) => self.sorted.binary_search_by(|value| value.as_str().cmp(text)).is_ok(),
            (false, ..8) => self.sorted.iter().any(|value| text::equals(text, value)),
            (false, _) => self.sorted.binary_search_by(|value| text::compare(text, value).reverse()).is_ok(),
        }
    }
}
