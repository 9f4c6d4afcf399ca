//! Attacks: what somebody does who should not, written from how attackers behave.
//!
//! Each takes one account, at a moment of its real life: while its owner works, or in a silence of theirs. It is written beside
//! what the owner does and labels all that it writes. Nobody is attacked twice, and no attack knows of another.

mod access;
mod account;
mod administration;
mod bulk;
mod scene;
mod travel;

use std::{fmt, sync::Arc};

use crate::{
    Happening, Person, Settings,
    dice::{Dice, Stream},
    log::Log,
    world::World,
};
use scene::Scene;

/// What an attack is, first of all. An attack often shows in other ways too: who comes by Tor also travels impossibly fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An account is used through Tor or an anonymous proxy.
    AnonymousIp,
    /// An account is used from a country that nobody here has to do with, in a silence long enough for the journey.
    InfrequentCountry,
    /// An account is used from a machine that feeds know: of a botnet, of a command server, of those who guess passwords.
    SuspiciousIp,
    /// An account is used far away minutes to hours after its owner used it, in a country where colleagues live.
    ImpossibleTravel,
    /// An account that left the directory is used.
    TerminatedUser,
    /// Somebody guesses the password of one account.
    FailedLogins,
    /// An account administers as it never did, or far more.
    UnusualAdministration,
    /// An account takes many boards or files away.
    MassExport,
    /// An account opens many boards to the outside.
    MassShare,
    /// An account deletes many boards.
    MassDelete,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::AnonymousIp,
        Self::InfrequentCountry,
        Self::SuspiciousIp,
        Self::ImpossibleTravel,
        Self::TerminatedUser,
        Self::FailedLogins,
        Self::UnusualAdministration,
        Self::MassExport,
        Self::MassShare,
        Self::MassDelete,
    ];

    fn play<'a>(self, scene: &mut Scene<'a>) -> Option<Played<'a>> {
        match self {
            Self::AnonymousIp => access::anonymous(scene),
            Self::InfrequentCountry => travel::infrequent(scene),
            Self::SuspiciousIp => access::suspicious(scene),
            Self::ImpossibleTravel => travel::impossible(scene),
            Self::TerminatedUser => account::terminated(scene),
            Self::FailedLogins => account::guessed(scene),
            Self::UnusualAdministration => administration::unusual(scene),
            Self::MassExport => bulk::export(scene),
            Self::MassShare => bulk::share(scene),
            Self::MassDelete => bulk::delete(scene),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::AnonymousIp => "anonymous IP",
            Self::InfrequentCountry => "infrequent country",
            Self::SuspiciousIp => "suspicious IP",
            Self::ImpossibleTravel => "impossible travel",
            Self::TerminatedUser => "terminated user",
            Self::FailedLogins => "failed logins",
            Self::UnusualAdministration => "unusual administration",
            Self::MassExport => "mass export",
            Self::MassShare => "mass share",
            Self::MassDelete => "mass delete",
        })
    }
}

/// One attack.
#[derive(Clone, Debug, PartialEq)]
pub struct Attack {
    /// What it is, first of all.
    pub kind: Kind,
    /// How it went: a few words.
    pub variant: &'static str,
    /// Whose account: the vendor's identifier.
    pub user: Arc<str>,
    /// The account's e-mail address when the attack began.
    pub email: Arc<str>,
    /// When the first of its happenings happened, in milliseconds since the Unix epoch.
    pub start: u64,
    /// When the last of them happened.
    pub end: u64,
    /// How many happenings are labelled with it.
    pub size: usize,
    /// The identifier of the first.
    pub first: Box<str>,
}

/// How an attack went.
struct Played<'a> {
    person: &'a Person,
    variant: &'static str,
}

/// Attacks people whose ordinary lives are `lives`, person by person in order of time. An attack's number is its place.
pub(crate) fn stage(seed: u64, settings: &Settings, world: &World, people: &[Person], lives: &[&[Happening]]) -> (Vec<Attack>, Log) {
    let mut attacks: Vec<Attack> = Vec::new();
    let mut scene = Scene::new(world, people, lives, Dice::new(seed, Stream::World));
    // Kinds take turns, so that none of them finds all victims gone.
    for turn in 0..settings.attacks_per_kind {
        for (index, kind) in Kind::ALL.into_iter().enumerate() {
            scene.dice = Dice::new(seed, Stream::Attack(turn * Kind::ALL.len() + index));
            scene.log.label = Some(attacks.len());
            let before = scene.log.happenings.len();
            let Some(Played { person, variant }) = kind.play(&mut scene) else {
                scene.log.happenings.truncate(before);
                continue;
            };
            scene.log.happenings.retain(|happening| world.period.contains(happening.time));
            let written = scene.log.happenings.get(before..).unwrap_or_default();
            let times = || written.iter().map(|happening| happening.time);
            let (Some(start), Some(end)) = (times().min(), times().max()) else { continue };
            attacks.push(Attack {
                kind,
                variant,
                user: Arc::clone(&person.id),
                email: person.actor_at(start).email.clone().unwrap_or_default(),
                start,
                end,
                size: written.len(),
                first: Box::default(),
            });
        }
    }
    scene.log.label = None;
    (attacks, scene.log)
}
