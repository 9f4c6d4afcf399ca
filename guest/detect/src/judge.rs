//! A batch of sightings, in order: whose profiles they need, and what they lead to.

use std::collections::BTreeSet;

use crate::{
    config::Config,
    detector::{Answer, Finding, Profile, Sighting, Verdict},
    memory::{address::Address, alias::Alias, organization::Organization, user::User},
    moment::Moment,
    place::Place,
    rules::{self, Scene},
    shelf::{Body, Given, Shelf},
    subject::{self, Who},
};

macro_rules! body {
    ($($kind:ty),*) => { $(impl Body for $kind {
        fn read(body: &[u8]) -> Option<Self> {
            Self::read(body)
        }
        fn write(&self) -> Vec<u8> {
            Self::write(self)
        }
    })* };
}
body!(User, Address, Alias, Organization);

/// Judges `sightings`, which stand in the order of their places. Asks for profiles until all are given.
pub fn judge(config: &Config, sightings: &[Sighting], profiles: Vec<Profile>) -> Answer {
    let mut given = Given::new(profiles);
    let (mut users, mut addresses, mut aliases, mut organizations) =
        (Shelf::<User>::default(), Shelf::<Address>::default(), Shelf::<Alias>::default(), Shelf::<Organization>::default());
    let whole = organizations.find(subject::ORGANIZATION.to_owned(), &mut given);
    // Whose each is depends on who had an e-mail address by then: in order, before anything is judged.
    let places: Vec<Option<Seat>> = sightings
        .iter()
        .map(|sighting| {
            let subject = resolve(sighting, &mut aliases, &mut given)?;
            let user = users.find(subject.clone(), &mut given);
            let address =
                sighting.event.ip.as_deref().filter(|ip| !ip.is_empty()).map(|ip| addresses.find(subject::address(ip), &mut given));
            Some(Seat { subject, user, address })
        })
        .collect();
    let missing: BTreeSet<String> =
        users.missing().chain(addresses.missing()).chain(aliases.missing()).chain(organizations.missing()).collect();
    if !missing.is_empty() {
        return Answer::Needs(missing.into_iter().collect());
    }
    let mut findings: Vec<Finding> = Vec::new();
    for (sighting, seat) in sightings.iter().zip(&places) {
        let Some(seat) = seat else { continue };
        let (Some(user), Some(organization)) = (users.get(seat.user), organizations.get(whole)) else { continue };
        let mut scene = Scene {
            config,
            sighting,
            at: Moment::of(sighting.event.time),
            subject: &seat.subject,
            user,
            address: seat.address.and_then(|address| addresses.get(address)),
            organization,
            place: Place::of(sighting),
            reached: true,
        };
        rules::judge(&mut scene, &mut findings);
    }
    let profiles = users.changed().chain(addresses.changed()).chain(aliases.changed()).chain(organizations.changed());
    Answer::Verdict(Verdict { findings, profiles: profiles.collect() })
}

/// Where a sighting's profiles lie.
struct Seat {
    subject: String,
    user: usize,
    address: Option<usize>,
}

/// Whose it is. A user who comes with an e-mail address is known by that address from then on.
fn resolve(sighting: &Sighting, aliases: &mut Shelf<Alias>, given: &mut Given) -> Option<String> {
    let event = &sighting.event;
    let at = Moment::of(event.time);
    match Who::of(event)? {
        Who::Identified(id) => {
            let subject = subject::user(&id);
            if let Some(mail) = event.actor.email.as_deref().filter(|mail| !mail.is_empty()) {
                let place = aliases.find(subject::alias(&mail.to_ascii_lowercase()), given);
                if let Some(alias) = aliases.get(place) {
                    alias.see(&subject, at);
                }
            }
            Some(subject)
        }
        Who::Mail(mail) => {
            let place = aliases.find(subject::alias(&mail), given);
            let holder = aliases.get(place).and_then(|alias| alias.holder(at).map(str::to_owned));
            Some(holder.unwrap_or_else(|| subject::stranger(&mail)))
        }
        Who::Address(address) => Some(subject::nobody(&address)),
    }
}
