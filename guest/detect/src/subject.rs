//! Whose profile: a Miro user by identifier, else by e-mail address, else the address they came from.

use crate::{
    detector::Trail,
    hash,
    moment::Moment,
    types::{ActorKind, Event},
};

/// The one profile of the organization.
pub const ORGANIZATION: &str = "organization";
/// Longer identifiers are shortened, so that a subject stays one short text.
const LONGEST: usize = 96;

/// How a user is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who<'a> {
    /// By the vendor's identifier.
    Identified(&'a str),
    /// By e-mail address alone: whoever has it.
    Mail(&'a str),
    /// By nothing but where they came from.
    Address(&'a str),
}

/// What of an event says whose it is: what is empty says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace<'a> {
    /// The vendor's identifier of the actor.
    pub actor: Option<&'a str>,
    /// The actor's e-mail address.
    pub email: Option<&'a str>,
    /// The client's address.
    pub ip: Option<&'a str>,
}

impl<'a> Trace<'a> {
    /// Of an event.
    pub fn of(event: &'a Event) -> Self {
        Self::new(&event.actor.id, &event.actor.email, &event.ip)
    }

    fn new(actor: &'a Option<String>, email: &'a Option<String>, ip: &'a Option<String>) -> Self {
        let [actor, email, ip] = [actor, email, ip].map(|text| text.as_deref().filter(|text| !text.is_empty()));
        Self { actor, email, ip }
    }

    /// How the user is known; nothing where nobody is named.
    pub fn who(self) -> Option<Who<'a>> {
        let (actor, email) = (self.actor.map(Who::Identified), self.email.map(Who::Mail));
        actor.or(email).or(self.ip.map(Who::Address))
    }
}

impl<'a> From<&'a Trail> for Trace<'a> {
    fn from(trail: &'a Trail) -> Self {
        Self::new(&trail.actor, &trail.email, &trail.ip)
    }
}

/// The profile of a user with this identifier.
pub fn user(id: &str) -> String {
    key("user", id)
}

/// The profile of somebody of whom only the e-mail address is known.
pub fn stranger(mail: &str) -> String {
    lower("mail", mail)
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
    lower("alias", mail)
}

/// E-mail addresses are the same in whatever case.
fn lower(kind: &str, mail: &str) -> String {
    let mut mail = mail.to_owned();
    mail.make_ascii_lowercase();
    key(kind, &mail)
}

fn key(kind: &str, name: &str) -> String {
    if name.len() <= LONGEST {
        return [kind, ":", name].concat();
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
