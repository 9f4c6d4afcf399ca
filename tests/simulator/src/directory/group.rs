//! Groups of people, and of groups.

use serde::Serialize;

use crate::directory::{Person, guid, part::Part};

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// The object id.
    pub id: String,
    /// The name, which need not be unique.
    pub display_name: String,
    /// Object ids of its direct members: people and groups.
    pub members: Vec<String>,
}

/// `Everyone` at Miro; `Contractors`; `Watched`, which holds `Contractors` and one more; `Finance's`; and two called `Twins`.
pub(crate) fn draw(seed: u64, people: &[Person]) -> Vec<Group> {
    let id = |name: &str, n| guid(seed, name, n);
    let named = |parts: &[Part]| -> Vec<String> {
        parts.iter().map(|part| id("person", part.place())).filter(|id| people.iter().any(|person| person.id == *id)).collect()
    };
    let group = |n, name: &str, members: Vec<String>| Group { id: id("group", n), display_name: name.into(), members };
    let contractors = named(&[Part::Plain, Part::ByMail, Part::Guest]);
    let watched = named(&[Part::ByProxy]).into_iter().chain([id("group", 1)]).collect();
    vec![
        group(0, "Everyone", people.iter().filter(|person| person.account_enabled).map(|person| person.id.clone()).collect()),
        group(1, "Contractors", contractors),
        group(2, "Watched", watched),
        group(3, "Finance's", named(&[Part::Reader])),
        group(4, "Twins", Vec::new()),
        group(5, "Twins", Vec::new()),
    ]
}
