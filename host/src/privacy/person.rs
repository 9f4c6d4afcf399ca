//! All the identities of one person, as they are learned.
//!
//! Whoever is typed is one identity. Of an event that their account did, the actor's identifier and address are theirs too, and what
//! the actor is called is a name of theirs: identifiers bring addresses and addresses identifiers, until a passage over the log
//! brings nothing more. A name brings nothing: others may have it.

use std::collections::BTreeSet;

use audit_pipeline::types::Actor;

use super::{Identity, Kind, Marks};

/// Identities of one person, at most: what has more is no person.
const MOST: usize = 100;

/// Who is meant.
#[derive(Debug)]
pub struct Gathered {
    found: BTreeSet<Identity>,
    accounts: Marks,
    typed: String,
    /// Accounts whose owner is only called so.
    called: BTreeSet<String>,
    met: bool,
}

impl Gathered {
    /// Whoever has this identifier or e-mail address.
    pub fn of(text: &str) -> Self {
        let typed = text.trim().to_owned();
        let found = BTreeSet::from([Identity::account(typed.clone())]);
        let accounts = Marks::plain(&found);
        Self { found, accounts, typed, called: BTreeSet::new(), met: false }
    }

    /// Whether they did this.
    pub fn acted(&self, actor: &Actor) -> bool {
        [&actor.id, &actor.email].into_iter().flatten().any(|text| self.accounts.is_account(text))
    }

    /// Learns of an actor. Whether that was something.
    pub fn learn(&mut self, actor: &Actor) -> bool {
        let accounts = [&actor.id, &actor.email].into_iter().flatten().map(String::as_str);
        if self.acted(actor) {
            return self.add(accounts, actor.name.as_deref());
        }
        self.note(accounts, actor.name.as_deref());
        false
    }

    /// Learns of an entry of a directory, where that is them. Whether that was something.
    pub fn learn_entry(&mut self, id: &str, addresses: &[String], name: Option<&str>) -> bool {
        let theirs = self.accounts.is_account(id) || addresses.iter().any(|address| self.accounts.is_account(address));
        let accounts = std::iter::once(id).chain(addresses.iter().map(String::as_str));
        if theirs {
            return self.add(accounts, name);
        }
        self.note(accounts, name);
        false
    }

    /// Somebody else, who may be called what was typed.
    fn note<'a>(&mut self, mut accounts: impl Iterator<Item = &'a str>, name: Option<&str>) {
        let so = name.is_some_and(|name| name.trim().to_lowercase() == self.typed.to_lowercase());
        if let Some(account) = accounts.next().filter(|_| so && self.called.len() < MOST) {
            self.called.insert(account.to_owned());
        }
    }

    /// The accounts that may be meant where what was typed is only what somebody is called. Empty where it is an account's.
    pub fn only_called(&self) -> Vec<&str> {
        if self.met { Vec::new() } else { self.called.iter().map(String::as_str).collect() }
    }

    fn add<'a>(&mut self, accounts: impl Iterator<Item = &'a str>, name: Option<&str>) -> bool {
        let before = self.found.len();
        self.met = true;
        for text in accounts.filter(|text| !text.is_empty()) {
            if self.found.len() < MOST && !self.accounts.is_account(text) {
                self.found.insert(Identity::account(text));
                self.accounts = Marks::plain(self.found.iter().filter(|identity| identity.kind == Kind::Account));
            }
        }
        if let Some(name) = name.and_then(Identity::name).filter(|_| self.found.len() < MOST) {
            self.found.insert(name);
        }
        self.found.len() > before
    }

    /// Their identities.
    pub fn identities(&self) -> Vec<Identity> {
        self.found.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use audit_pipeline::types::ActorKind;

    use super::*;

    fn actor(id: &str, email: &str, name: &str) -> Actor {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Actor { kind: ActorKind::User, id: some(id), name: some(name), email: some(email) }
    }

    #[test]
    fn identifiers_bring_addresses_and_addresses_identifiers() {
        let mut who = Gathered::of("ann@example.com");
        assert!(!who.learn(&actor("9", "ann@old.example", "Ann Example")), "not known to be theirs yet");
        assert!(who.learn(&actor("9", "Ann@example.com", "Ann Example")));
        assert!(who.learn(&actor("9", "ann@old.example", "")));
        assert!(!who.learn(&actor("9", "ann@old.example", "Ann Example")), "nothing more");
        assert!(!who.learn(&actor("10", "bob@example.com", "Ann Example")), "a name brings nothing");
        assert!(who.only_called().is_empty());
        let texts: Vec<_> = who.identities().into_iter().map(|identity| identity.text).collect();
        assert_eq!(texts, ["9", "ann@example.com", "ann@old.example", "Ann Example"]);
    }

    #[test]
    fn a_name_says_only_whose_accounts_may_be_meant() {
        let mut who = Gathered::of("Ann Example");
        assert!(!who.learn(&actor("9", "ann@example.com", "ann example")) && !who.learn(&actor("10", "", "Ann Example")));
        assert_eq!(who.only_called(), ["10", "9"]);
    }
}
