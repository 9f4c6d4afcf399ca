//! A batch of sightings, in order: whose profiles they need, and what they lead to.

use std::{
    collections::{BTreeSet, HashSet},
    hash::{BuildHasherDefault, DefaultHasher},
};

use activity_policy::{Compiled, Rule, Tally};

use crate::{
    activity,
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
    let policies = Compiled::new(&config.policies, &config.domains);
    if profiles.is_empty() && !sightings.is_empty() {
        return Answer::Needs(first(&policies, sightings));
    }
    let mut shelves = Shelves { given: Given::new(profiles), ..Shelves::default() };
    let whole = shelves.organizations.find(subject::ORGANIZATION.to_owned(), &mut shelves.given);
    // Whose each is depends on who had an e-mail address by then: in order, before anything is judged.
    let seats: Vec<Seat<'_, '_>> = sightings.iter().map(|sighting| shelves.seat(&policies, sighting)).collect();
    let missing = shelves.missing();
    if !missing.is_empty() {
        return Answer::Needs(missing.into_iter().collect());
    }
    let mut findings: Vec<Finding> = Vec::new();
    for (sighting, seat) in sightings.iter().zip(&seats) {
        for rule in &seat.rules {
            let tally = seat.tally.and_then(|tally| shelves.tallies.get(tally));
            findings.extend(activity::judge(&policies, rule, sighting, &seat.subject, tally));
        }
        let (Some(user), Some(organization)) = (seat.user.and_then(|user| shelves.users.get(user)), shelves.organizations.get(whole))
        else {
            continue;
        };
        let mut scene = Scene {
            config,
            sighting,
            at: Moment::of(sighting.event.time),
            subject: &seat.subject,
            user,
            address: seat.address.and_then(|address| shelves.addresses.get(address)),
            organization,
            place: Place::of(sighting),
            reached: true,
        };
        rules::judge(&mut scene, &mut findings);
    }
    Answer::Verdict(Verdict { findings, profiles: shelves.changed() })
}

/// What a batch needs by the look of it, without having read anything: all but the profiles of those who are known by an e-mail
/// address alone.
fn first(policies: &Compiled<'_>, sightings: &[Sighting]) -> Vec<String> {
    let mut needed: HashSet<String, BuildHasherDefault<DefaultHasher>> = HashSet::default();
    needed.insert(subject::ORGANIZATION.to_owned());
    for sighting in sightings {
        let event = &sighting.event;
        let who = Who::of(event);
        let named = who.is_some();
        if let Some(mail) = event.actor.email.as_deref().filter(|mail| !mail.is_empty()) {
            needed.insert(subject::alias(&mail.to_ascii_lowercase()));
        }
        if let Some(ip) = event.ip.as_deref().filter(|ip| !ip.is_empty()) {
            needed.insert(subject::address(ip));
        }
        let subject = match who {
            Some(Who::Identified(id)) => subject::user(&id),
            Some(Who::Mail(_)) => continue,
            Some(Who::Address(address)) => subject::nobody(&address),
            None => subject::nobody(""),
        };
        if policies.matching(&activity::view(sighting)).any(|rule| rule.policy().repeated.is_some()) {
            needed.insert(subject::tally(&subject));
        }
        if named {
            needed.insert(subject);
        }
    }
    let mut needed: Vec<String> = needed.into_iter().collect();
    needed.sort_unstable();
    needed
}

/// Everything that is remembered, as far as the batch needs it.
#[derive(Default)]
struct Shelves {
    given: Given,
    users: Shelf<User>,
    addresses: Shelf<Address>,
    aliases: Shelf<Alias>,
    organizations: Shelf<Organization>,
    tallies: Shelf<Tally>,
}

/// Where a sighting's profiles lie, and which policies it matches.
struct Seat<'c, 'p> {
    subject: String,
    user: Option<usize>,
    address: Option<usize>,
    tally: Option<usize>,
    rules: Vec<&'c Rule<'p>>,
}

impl Shelves {
    fn seat<'c, 'p>(&mut self, policies: &'c Compiled<'p>, sighting: &Sighting) -> Seat<'c, 'p> {
        let known = resolve(sighting, &mut self.aliases, &mut self.given);
        let user = known.as_ref().map(|subject| self.users.find(subject.clone(), &mut self.given));
        let ip = sighting.event.ip.as_deref().filter(|ip| !ip.is_empty());
        let address = ip.map(|ip| self.addresses.find(subject::address(ip), &mut self.given));
        let subject = known.unwrap_or_else(|| subject::nobody(""));
        let view = activity::view(sighting);
        let rules: Vec<_> = policies.matching(&view).collect();
        let counted = rules.iter().any(|rule| rule.policy().repeated.is_some());
        let tally = counted.then(|| self.tallies.find(subject::tally(&subject), &mut self.given));
        Seat { subject, user, address, tally, rules }
    }

    fn missing(&self) -> BTreeSet<String> {
        let Self { users, addresses, aliases, organizations, tallies, .. } = self;
        let all = users.missing().chain(addresses.missing()).chain(aliases.missing()).chain(organizations.missing());
        all.chain(tallies.missing()).collect()
    }

    fn changed(self) -> Vec<Profile> {
        let Self { users, addresses, aliases, organizations, tallies, .. } = self;
        let all = users.changed().chain(addresses.changed()).chain(aliases.changed()).chain(organizations.changed());
        all.chain(tallies.changed()).collect()
    }
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
