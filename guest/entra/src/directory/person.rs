//! An account as a person.

use crate::{
    graph::User,
    people::{Person, State},
    words,
};

/// What an account is read with, so that it is a whole person.
pub(super) const SELECT: &str = "$select=id,displayName,userPrincipalName,mail,otherMails,proxyAddresses,accountEnabled";

/// What an entry of a list says.
pub(super) enum Entry {
    /// Who it is, and in which state.
    Person(Person),
    /// Some of what was selected is missing: who it is, only.
    Partial(String),
    /// Nothing.
    Nothing,
}

/// Reads an entry. An account always has a name to sign in with, and is enabled or not: without one of them it came in part,
/// which says nothing about the rest.
pub(super) fn entry(user: &User) -> Entry {
    let Some(id) = user.id().map(str::to_owned) else { return Entry::Nothing };
    if user.removed.is_there() {
        // `changed`: it can be restored; `deleted`: it cannot. Restored, it comes again as a whole.
        return Entry::Person(Person { id, emails: Vec::new(), name: None, state: State::Deleted, since: None });
    }
    let (Some(enabled), Some(_)) = (user.account_enabled.truth(), user.user_principal_name.text()) else { return Entry::Partial(id) };
    let state = if enabled { State::Active } else { State::Disabled };
    Entry::Person(Person { id, emails: user.addresses(), name: user.name(), state, since: None })
}

/// A deleted account, and since when.
pub(super) fn deleted(user: &User) -> Option<Person> {
    let since = user.deleted_date_time.text().and_then(words::instant);
    let (id, emails) = (user.id()?.to_owned(), user.addresses());
    Some(Person { id, emails, name: user.name(), state: State::Deleted, since })
}
