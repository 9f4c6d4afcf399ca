//! One passage over the log.

use std::collections::BTreeMap;

use audit_pipeline::{
    detector::Sighting,
    types::{Actor, Outcome},
};
use serde::Serialize;

use super::{
    Attribute, Circle, Compared, Focus, Named, Seen, Usual,
    circle::{Common, Drawing, Keep},
    trace::Values,
    usual::Counts,
};
use crate::model::Instant;

const DAY: u64 = 86_400_000;
/// What is first and last seen of, beside the user.
const TRACED: [Attribute; 3] = [Attribute::Address, Attribute::Country, Attribute::UserAgent];
/// Users that are listed of one address.
const OTHERS: usize = 20;

/// Takes the kept events in, one after the other.
#[derive(Debug)]
pub struct Inquiry {
    focus: Focus,
    circles: Vec<Drawing>,
    /// Of the user; where nobody is meant, of the address.
    own: BTreeMap<Attribute, Values>,
    own_seen: Seen,
    days: u64,
    recent: u64,
    failed: u64,
    /// Of everybody.
    traced: BTreeMap<(Attribute, String), Seen>,
    others: BTreeMap<String, Values>,
    log: Seen,
}

/// All that was found in the log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Found {
    /// The log as far as it was read.
    pub log: Seen,
    /// When the subject was seen. A count of 0: never.
    pub seen: Seen,
    /// Who answered to the name.
    pub named: Vec<Named>,
    /// More answered than are listed.
    pub crowded: bool,
    /// First and last seen by anybody.
    pub kept: Vec<Kept>,
    /// What has something in common.
    pub circles: Vec<Circle>,
    /// The days that are looked back to.
    pub usual: Usual,
    /// The alert's events beside that.
    pub compared: Vec<Compared>,
    /// Who else came from the addresses.
    pub others: Vec<Others>,
}

/// When a value was seen by anybody.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Kept {
    /// Of what.
    pub attribute: Attribute,
    /// Which.
    pub value: String,
    /// When.
    pub seen: Seen,
}

/// Who else came from an address.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Others {
    /// The address.
    pub address: String,
    /// How many are told apart.
    pub count: usize,
    /// Events of users that are not told apart any more.
    pub beyond: u64,
    /// The busiest of them.
    pub users: Vec<(String, Seen)>,
}

impl Inquiry {
    /// Looks for what is in focus: around an alert within `around`, which is its events with some time on both sides.
    pub fn new(focus: Focus, around: (Instant, Instant), keep: Keep) -> Self {
        let draw = |same, wanted| Drawing::new(same, wanted, around, keep);
        let circles = vec![
            draw(Common::User, std::collections::BTreeSet::new()),
            draw(Common::Target, std::collections::BTreeSet::new()),
            draw(Common::Type, focus.wanted(Attribute::Action)),
            draw(Common::Address, focus.wanted(Attribute::Address)),
            draw(Common::Location, focus.wanted(Attribute::Country)),
        ];
        let mut own: BTreeMap<Attribute, Values> = Attribute::ALL.into_iter().map(|attribute| (attribute, Values::default())).collect();
        for (attribute, values) in &mut own {
            focus.wanted(*attribute).iter().for_each(|value| values.expect(value));
        }
        let wanted = |attribute: Attribute| focus.wanted(attribute).into_iter().map(move |value| ((attribute, value), Seen::default()));
        let traced = TRACED.into_iter().flat_map(wanted).collect();
        let others = focus.wanted(Attribute::Address).into_iter().map(|address| (address, Values::default())).collect();
        let (days, recent, failed) = (0, 0, 0);
        Self { circles, own, own_seen: Seen::default(), days, recent, failed, traced, others, log: Seen::default(), focus }
    }

    /// The next event.
    pub fn add(&mut self, sighting: &Sighting) {
        let at = Instant(sighting.event.time);
        self.log.add(at);
        let acted = self.focus.person.acted(&sighting.event.actor, at);
        for circle in &mut self.circles {
            circle.add(sighting, acted, &self.focus.person, &self.focus.evidence);
        }
        for attribute in TRACED {
            let Some(value) = attribute.of(sighting) else { continue };
            if let Some(seen) = self.traced.get_mut(&(attribute, value.into_owned())) {
                seen.add(at);
            }
        }
        let from = Attribute::Address.of(sighting).filter(|address| self.others.contains_key(address.as_ref()));
        if let Some(users) = from.as_deref().and_then(|address| self.others.get_mut(address))
            && !acted
            && let Some(trace) = users.of(&name(&sighting.event.actor))
        {
            trace.seen.add(at);
        }
        if acted || self.focus.person.is_nobody() && from.is_some() {
            self.count(sighting, at);
        }
    }

    /// One of the subject's own.
    fn count(&mut self, sighting: &Sighting, at: Instant) {
        self.own_seen.add(at);
        let session = self.focus.session;
        let now = session.is_some_and(|(start, end)| (start..=end).contains(&at));
        let recent = !now && at >= self.focus.since() && if session.is_some() { at < self.focus.until } else { at <= self.focus.until };
        let day = if recent { 1 << (self.focus.until.0 / DAY).saturating_sub(at.0 / DAY).min(63) } else { 0 };
        self.days |= day;
        if recent {
            self.recent = self.recent.saturating_add(1);
            self.failed = self.failed.saturating_add((sighting.event.outcome == Outcome::Failure).into());
        }
        for (attribute, values) in &mut self.own {
            let Some(trace) = attribute.of(sighting).and_then(|value| values.of(&value)) else { continue };
            trace.seen.add(at);
            trace.days |= day;
            trace.recent = trace.recent.saturating_add(recent.into());
            trace.now = trace.now.saturating_add(now.into());
            if session.is_some_and(|(start, _)| at < start) {
                trace.before = trace.before.max(Some(at));
            }
        }
    }

    /// Nothing more comes.
    pub fn found(self) -> Found {
        let of = |attribute: Attribute| self.own.get(&attribute).map(Counts::of).unwrap_or_default();
        let mut hours = [0; 24];
        for (hour, slot) in hours.iter_mut().enumerate() {
            let trace = self.own.get(&Attribute::Hour).and_then(|values| values.get(&format!("{hour:02}:00")));
            *slot = trace.map_or(0, |trace| trace.recent);
        }
        let usual = Usual {
            days: self.days.count_ones(),
            events: self.recent,
            failed: self.failed,
            actions: of(Attribute::Action),
            countries: of(Attribute::Country),
            networks: of(Attribute::Network),
            addresses: of(Attribute::Address),
            user_agents: of(Attribute::UserAgent),
            hours,
        };
        let compared = self.focus.session.map(|(start, _)| self.compared(usual.days, start)).unwrap_or_default();
        let kept = self.traced.into_iter().map(|((attribute, value), seen)| Kept { attribute, value, seen }).collect();
        let circles = self.circles.into_iter().filter_map(|drawing| drawing.done(&self.focus.person)).collect();
        let others = self.others.iter().map(|(address, users)| others(address, users)).collect();
        let (named, crowded) = self.focus.person.met();
        Found { log: self.log, seen: self.own_seen, named, crowded, kept, circles, usual, compared, others }
    }

    fn compared(&self, days: u32, start: Instant) -> Vec<Compared> {
        let each = |(attribute, values): (&Attribute, &Values)| {
            let now = values.most(|trace| trace.now).into_iter();
            now.map(|(value, trace)| Compared::new(*attribute, value, trace, days, start)).collect::<Vec<_>>()
        };
        self.own.iter().flat_map(each).collect()
    }
}

fn others(address: &str, users: &Values) -> Others {
    let all = users.most(|trace| trace.seen.count);
    let listed = all.iter().take(OTHERS).map(|(user, trace)| ((*user).to_owned(), trace.seen)).collect();
    Others { address: address.to_owned(), count: all.len(), beyond: users.more, users: listed }
}

/// As one who acted is told apart from others at an address.
fn name(actor: &Actor) -> String {
    let known = [&actor.email, &actor.id, &actor.name].into_iter().flatten().find(|text| !text.is_empty());
    known.map_or_else(|| "nobody known".to_owned(), Clone::clone)
}
