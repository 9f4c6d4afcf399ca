//! Whose profile: a Miro user by identifier, else by e-mail address, else the address they came from.

use crate::{
    hash,
    moment::Moment,
    types::{ActorKind, Event},
};

/// The one profile of the organization.
pub const ORGANIZATION: &str = "organization";
/// Longer identifiers are shortened, so that a subject stays one short text.
const LONGEST: usize = 96;

/// How a user is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// By the vendor's identifier.
    Identified(String),
    /// By e-mail address alone: whoever has it.
    Mail(String),
    /// By nothing but where they came from.
    Address(String),
}

impl Who {
    /// Of an event; nothing where nobody is named.
    pub fn of(event: &Event) -> Option<Self> {
        let filled = |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).map(str::to_owned);
        if let Some(id) = filled(&event.actor.id) {
            return Some(Self::Identified(id));
        }
        if let Some(mail) = filled(&event.actor.email) {
            return Some(Self::Mail(mail.to_ascii_lowercase()));
        }
        filled(&event.ip).map(Self::Address)
    }
}

/// The profile of a user with this identifier.
pub fn user(id: &str) -> String {
    key("user", id)
}

/// The profile of somebody of whom only the e-mail address is known.
pub fn stranger(mail: &str) -> String {
    key("mail", mail)
}

/// The profile of somebody of whom only the address is known.
pub fn nobody(address: &str) -> String {
    key("nobody", address)
}

/// Who uses an address.
pub fn address(address: &str) -> String {
    key("address", address)
}

/// How often somebody did what policies count.
pub fn tally(subject: &str) -> String {
    key("tally", subject)
}

/// Whose an e-mail address is.
pub fn alias(mail: &str) -> String {
    key("alias", mail)
}

fn key(kind: &str, name: &str) -> String {
    if name.len() <= LONGEST {
        return format!("{kind}:{name}");
    }
    let end = name.char_indices().map(|(at, _)| at).take_while(|at| *at <= LONGEST).last().unwrap_or_default();
    format!("{kind}:{}#{:016x}", name.get(..end).unwrap_or_default(), hash::wide(name))
}

/// When it happened.
pub fn moment(event: &Event) -> Moment {
    Moment::of(event.time)
}

/// Whether a person did it, rather than an application, a provisioner or an automation.
pub fn is_person(event: &Event) -> bool {
    matches!(event.actor.kind, ActorKind::User | ActorKind::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_identifiers_stay_distinct_and_short() {
        let (one, two) = ("ü".repeat(300), format!("{}x", "ü".repeat(300)));
        assert_ne!(user(&one), user(&two));
        assert!(user(&one).len() < 130);
        assert_eq!(user("3074457"), "user:3074457");
    }
}
