//! Which person stands behind the name that something was done in.
//!
//! A name is that of a person (`ann`), of a person and the user of the operating system that they act as (`ann as root`), or of such a
//! user alone, where nobody knows which person that is (`somebody as root`).

use std::collections::BTreeSet;

/// Who it is where nobody knows.
pub const SOMEBODY: &str = "somebody";

/// The person that a name tells, and `None` where it tells nobody from others: `root` and what has a number alone are no people.
pub fn person(name: &str) -> Option<&str> {
    let person = name.split_once(" as ").map_or(name, |(person, _)| person).trim();
    let nobody = person.is_empty() || person == SOMEBODY || person == "root" || person.starts_with("uid ");
    (!nobody).then_some(person)
}

/// How many people these names tell.
pub fn people<'a>(names: impl IntoIterator<Item = &'a str>) -> usize {
    names.into_iter().filter_map(person).collect::<BTreeSet<_>>().len()
}

/// Whether two names are of one person, whatever users they act as.
pub fn is_same(one: &str, other: &str) -> bool {
    one == other || person(one).is_some_and(|one| person(other) == Some(one))
}
