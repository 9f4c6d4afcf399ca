//! One sighting with all that is remembered about it.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::Rule;
use crate::{
    config::{Config, Sensitivity, Setting},
    detector::{Finding, Severity, Sighting},
    hash,
    memory::{address::Address, organization::Organization, user::User},
    moment::{HOUR, Moment},
    place::Place,
    subject,
    types::Outcome,
};

/// One sighting with all that is remembered about it.
#[derive(Debug)]
pub struct Scene<'a> {
    /// What may be set.
    pub config: &'a Config,
    /// What happened.
    pub sighting: &'a Sighting,
    /// When.
    pub at: Moment,
    /// The user's subject.
    pub subject: &'a str,
    /// The user.
    pub user: &'a mut User,
    /// The address they came from, if known.
    pub address: Option<&'a mut Address>,
    /// The organization.
    pub organization: &'a mut Organization,
    /// Where they came from, if known.
    pub place: Option<Place>,
    /// It can be reached from where they were just before.
    pub reached: bool,
}

/// What a finding rests on, in the words of its rule.
#[derive(Debug)]
pub struct Because {
    /// What makes it the same again: an address, a country, a session.
    pub key: String,
    /// Why, in sentences.
    pub reasons: Vec<String>,
    /// Graver than usual.
    pub severity: Option<Severity>,
    /// Further addresses than that of the sighting.
    pub addresses: Vec<IpAddr>,
    /// When it began, where that is not with the sighting.
    pub start: Option<Moment>,
    /// When it ended, where that is not with the sighting.
    pub end: Option<Moment>,
    /// Events before the sighting.
    pub evidence: Vec<u64>,
    /// What it was compared with.
    pub baseline: Map<String, Value>,
}

impl Scene<'_> {
    /// The number of a setting.
    pub fn set(&self, setting: Setting) -> u32 {
        self.config.settings.get(setting)
    }

    /// A setting that is a number of days.
    pub fn days(&self, setting: Setting) -> u16 {
        u16::try_from(self.set(setting)).unwrap_or(u16::MAX)
    }

    /// How many days the past has that is compared with.
    pub fn past(&self) -> u16 {
        self.days(Setting::PastDays)
    }

    /// Whether it has this trait.
    pub fn has(&self, name: &str) -> bool {
        self.sighting.event.traits.iter().any(|each| each == name)
    }

    /// How sensitive a rule is here; nothing where it does not look.
    pub fn gate(&self, rule: Rule) -> Option<Sensitivity> {
        self.config.gate(rule).opens(self.sighting, &self.config.domains)
    }

    /// Whether enough is known of the user to call something unusual.
    pub fn is_known(&self) -> bool {
        self.user.is_known(self.at, self.days(Setting::LearningDays), self.set(Setting::LearningEvents))
    }

    /// Whether it is long enough since the user's first activity to call a place new: places need no number of activities.
    pub fn is_settled(&self) -> bool {
        self.user.is_known(self.at, self.days(Setting::LearningDays), 1)
    }

    /// Whether where it came from says something: a person's successful, interactive activity.
    pub fn is_located(&self) -> bool {
        let event = &self.sighting.event;
        let silent = self.has("sign-in") && !self.has("interactive");
        event.outcome != Outcome::Failure && subject::is_person(event) && !silent
    }

    /// Whether a place tells nothing about where the user is: the operator says so, or a feed does and the user often hides.
    pub fn is_rootless(&self, place: Place) -> bool {
        place.rootless || (place.hosted && self.user.hides(self.at.day(), self.past()))
    }

    /// Whether the user was active through this network on an earlier day.
    pub fn is_usual(&self, place: Place) -> bool {
        place.asn != 0 && self.user.networks.before(place.asn, self.at.day(), self.past())
    }

    /// Whether it comes from a country or a network that is new for the user, and says something about them.
    pub fn is_elsewhere(&self) -> bool {
        self.place.is_some_and(|place| {
            let new = !self.user.countries.before(place.country, self.at) || (place.asn != 0 && !self.is_usual(place));
            new && !place.safe && !self.is_rootless(place)
        })
    }

    /// Whether the address may be one of the user's own carrier: it is no hoster's, and in a country that is not known to be another.
    pub fn is_maybe_home(&self) -> bool {
        let countries = &self.user.countries;
        self.place.is_some_and(|place| !place.hosted && (countries.is_empty() || countries.within(place.country, self.at, self.past())))
    }

    /// Whether the organization is known well enough to say what is common in it.
    pub fn is_home_known(&self) -> bool {
        self.organization.is_known(self.at, self.days(Setting::LearningDays))
    }

    /// Longest gap within a session, in seconds.
    pub fn gap(&self) -> u32 {
        self.set(Setting::SessionMinutes) * 60
    }

    /// The user as a number, for memories that hold many.
    pub fn number(&self) -> u32 {
        hash::narrow(self.subject)
    }

    /// How many others used the address lately.
    pub fn others(&self) -> usize {
        self.address.as_ref().map_or(0, |address| address.users.others(self.number(), self.at.day(), self.past()))
    }

    /// Whether so many others use the address that it is no one's place.
    pub fn is_shared(&self) -> bool {
        self.others() >= self.set(Setting::AnonymousOthers) as usize
    }

    /// A finding of this rule.
    pub fn finding(&self, rule: Rule, because: Because) -> Finding {
        let event = &self.sighting.event;
        let mut addresses: Vec<String> = because.addresses.iter().map(IpAddr::to_string).collect();
        addresses.extend(event.ip.clone().filter(|ip| !addresses.contains(ip)));
        let mut evidence = because.evidence;
        evidence.push(self.sighting.seq);
        evidence.sort_unstable();
        evidence.dedup();
        let usual = self.config.gate(rule).severity.unwrap_or_else(|| rule.severity());
        Finding {
            key: format!("{}|{}|{}", rule.name(), self.subject, because.key),
            policy: rule.name().to_owned(),
            title: rule.title().to_owned(),
            reasons: because.reasons,
            severity: because.severity.filter(|severity| *severity as u8 > usual as u8).unwrap_or(usual),
            actor: event.actor.clone(),
            addresses,
            start: because.start.map_or(event.time, |start| start.instant().min(event.time)),
            end: because.end.map_or(event.time, |end| end.instant().max(event.time)),
            evidence,
            attacks: rule.attacks().iter().map(|&attack| attack.to_owned()).collect(),
            baseline: Value::Object(because.baseline).to_string(),
        }
    }

    /// The organization remembers which network a finding named.
    pub fn alerted(&mut self) {
        if let Some(place) = self.place.filter(|place| place.asn != 0) {
            self.organization.alerted.see(place.asn, self.at.day());
        }
    }

    /// What happened is remembered.
    pub fn teach(&mut self) {
        let (at, day, number) = (self.at, self.at.day(), self.number());
        self.user.see(at);
        self.organization.see(at);
        if let Some(mail) = &self.sighting.event.actor.email {
            self.user.emails.see(hash::narrow(mail), day);
        }
        if !self.is_located() {
            return;
        }
        if let Some(address) = &mut self.address {
            address.users.see(number, day);
        }
        if let Some(place) = self.place {
            // Not before they stayed: who was seen there for an evening may be anybody.
            if self.user.countries.settled(place.country, at, self.set(Setting::CountryHours).saturating_mul(HOUR)) {
                self.organization.visit(place.country, number, day);
            }
            self.user.countries.add(place.country, at);
            let shared = self.is_shared();
            self.user.track.add(at, self.sighting.seq, place, shared, self.reached);
            if place.hosted {
                let past = self.past();
                self.user.hide(day, past);
            }
            if place.asn != 0 {
                self.user.networks.see(&place, day);
            }
        }
    }
}

impl Default for Because {
    fn default() -> Self {
        Self {
            key: String::new(),
            reasons: Vec::new(),
            severity: None,
            addresses: Vec::new(),
            start: None,
            end: None,
            evidence: Vec::new(),
            baseline: Map::new(),
        }
    }
}
