//! A batch of sightings, in order: whose profiles they need, and what they lead to.

use std::collections::HashSet;

use activity_policy::{Compiled, Rule, Tally};
use foldhash::fast::FixedState;

use crate::{
    activity,
    config::Config,
    detector::{Answer, Finding, Profile, Sighting, Trail, Verdict},
    memory::{address::Address, alias::Alias, organization::Organization, user::User},
    moment::Moment,
    place::Place,
    rules::{self, Scene},
    shelf::{Body, Given, Shelf},
    subject::{self, Trace, Who},
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

/// Looked up, never walked through.
type Seen<'a> = HashSet<&'a str, FixedState>;

/// Whose profiles a batch with these trails needs by the look of it, without having read anything: all but those of who is known by
/// an e-mail address alone.
pub fn subjects(config: &Config, trails: &[Trail]) -> Vec<String> {
    // What it was counts too, and is not known yet: rather too many than another look.
    let counted = config.policies.iter().any(|policy| policy.enabled && policy.repeated.is_some());
    let of = |most| Seen::with_capacity_and_hasher(most, FixedState::default());
    let [mut users, mut mails, mut addresses] = [trails.len(); 3].map(of);
    let mut nobodies = of(0);
    let mut needed = Vec::with_capacity(trails.len().saturating_mul(3).saturating_add(1));
    needed.push(subject::ORGANIZATION.to_owned());
    for trace in trails.iter().map(Trace::from) {
        needed.extend(trace.email.filter(|mail| mails.insert(mail)).map(subject::alias));
        needed.extend(trace.ip.filter(|ip| addresses.insert(ip)).map(subject::address));
        let subject = match trace.who() {
            Some(Who::Identified(id)) => users.insert(id).then(|| subject::user(id)),
            Some(Who::Mail(_)) => None,
            Some(Who::Address(address)) => nobodies.insert(address).then(|| subject::nobody(address)),
            None => nobodies.insert("").then(|| subject::nobody("")),
        };
        needed.extend(subject.as_deref().filter(|_| counted).map(subject::tally));
        needed.extend(subject);
    }
    needed
}

/// Judges `sightings`, which stand in the order of their places. Asks for profiles until all are given.
pub fn judge(config: &Config, sightings: &[Sighting], mut profiles: Vec<Profile>) -> Answer {
    let policies = Compiled::new(&config.policies, &config.domains);
    let mut shelves = Shelves::of(sightings.len(), &profiles);
    let whole = shelves.organizations.find(subject::ORGANIZATION, &mut shelves.given);
    // Whose each is depends on who had an e-mail address by then: in order, before anything is judged.
    let seats: Vec<Seat<'_, '_>> = sightings.iter().map(|sighting| shelves.seat(config, &policies, sighting)).collect();
    if !shelves.given.missing.is_empty() {
        return Answer::Needs(shelves.given.missing.into_iter().collect());
    }
    let mut findings: Vec<Finding> = Vec::new();
    for (sighting, seat) in sightings.iter().zip(&seats) {
        for rule in &seat.rules {
            let tally = seat.tally.and_then(|tally| shelves.tallies.get(tally));
            findings.extend(activity::judge(config, &policies, rule, sighting, &seat.subject, tally));
        }
        let organization = whole.and_then(|whole| shelves.organizations.get(whole));
        let (Some(user), Some(organization)) = (seat.user.and_then(|user| shelves.users.get(user)), organization) else { continue };
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
    let Shelves { given: _, users, addresses, aliases, organizations, tallies } = shelves;
    let mut changed = Vec::with_capacity(profiles.len());
    users.changed(&mut profiles, &mut changed);
    addresses.changed(&mut profiles, &mut changed);
    aliases.changed(&mut profiles, &mut changed);
    organizations.changed(&mut profiles, &mut changed);
    tallies.changed(&mut profiles, &mut changed);
    Answer::Verdict(Verdict { findings, profiles: changed })
}

/// Everything that is remembered, as far as the batch needs it.
struct Shelves<'a> {
    given: Given<'a>,
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

impl<'a> Shelves<'a> {
    /// For so many events.
    fn of(events: usize, profiles: &'a [Profile]) -> Self {
        let most = events.min(profiles.len());
        Self {
            given: Given::new(profiles),
            users: Shelf::of(most),
            addresses: Shelf::of(most),
            aliases: Shelf::of(most),
            organizations: Shelf::of(1),
            tallies: Shelf::of(0),
        }
    }

    fn seat<'c, 'p>(&mut self, config: &Config, policies: &'c Compiled<'p>, sighting: &Sighting) -> Seat<'c, 'p> {
        let trace = Trace::of(&sighting.event);
        let known = self.resolve(trace, Moment::of(sighting.event.time));
        let user = known.as_ref().and_then(|subject| self.users.find(subject, &mut self.given));
        let address = trace.ip.and_then(|ip| self.addresses.find(&subject::address(ip), &mut self.given));
        let subject = known.unwrap_or_else(|| subject::nobody(""));
        let any = !policies.rules().is_empty();
        let rules: Vec<_> = if any { policies.matching(&activity::view(config, sighting)).collect() } else { Vec::new() };
        let counted = rules.iter().any(|rule| rule.policy().repeated.is_some());
        let tally = if counted { self.tallies.find(&subject::tally(&subject), &mut self.given) } else { None };
        Seat { subject, user, address, tally, rules }
    }

    /// Whose it is. A user who comes with an e-mail address is known by that address from then on.
    fn resolve(&mut self, trace: Trace<'_>, at: Moment) -> Option<String> {
        let alias = trace.email.and_then(|mail| self.aliases.find(&subject::alias(mail), &mut self.given));
        let alias = alias.and_then(|place| self.aliases.get(place));
        Some(match trace.who()? {
            Who::Identified(id) => {
                let subject = subject::user(id);
                if let Some(alias) = alias {
                    alias.see(&subject, at);
                }
                subject
            }
            Who::Mail(mail) => {
                let holder = alias.and_then(|alias| alias.holder(at).map(str::to_owned));
                holder.unwrap_or_else(|| subject::stranger(mail))
            }
            Who::Address(address) => subject::nobody(address),
        })
    }
}
