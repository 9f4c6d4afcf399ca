//! The audit log as it is written.

use std::sync::Arc;

use crate::{Actor, Happening, Object, Outcome, Person, action::Action, calendar::MINUTE, dice::Dice, network::Address};

/// What is to be written of one action.
#[derive(Debug)]
pub(crate) struct Deed {
    time: u64,
    action: &'static Action,
    outcome: Outcome,
    object: Option<Arc<Object>>,
    address: Option<Address>,
}

impl Deed {
    /// `action` at `time`, done, from nowhere known.
    pub(crate) const fn new(time: u64, action: &'static Action) -> Self {
        Self { time, action, outcome: Outcome::Success, object: None, address: None }
    }

    pub(crate) fn failed(mut self) -> Self {
        self.outcome = Outcome::Failure;
        self
    }

    pub(crate) fn on(mut self, object: Option<Arc<Object>>) -> Self {
        self.object = object;
        self
    }

    pub(crate) fn from(mut self, address: &Address) -> Self {
        self.address = Some(address.clone());
        self
    }
}

/// All that was written, in any order and without identifiers.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) happenings: Vec<Happening>,
    /// The attack that is being written.
    pub(crate) label: Option<usize>,
}

impl Log {
    pub(crate) fn write(&mut self, dice: &mut Dice, person: &Person, deed: Deed) {
        let received = deed.time + lateness(dice);
        let departed = person.departed_at(received);
        self.append(person.actor_at(deed.time), &person.groups, departed, received, deed);
    }

    pub(crate) fn write_machine(&mut self, dice: &mut Dice, actor: &Arc<Actor>, groups: &Arc<[Arc<str>]>, deed: Deed) {
        let received = deed.time + lateness(dice);
        self.append(actor, groups, None, received, deed);
    }

    fn append(&mut self, actor: &Arc<Actor>, groups: &Arc<[Arc<str>]>, departed: Option<crate::Departure>, received: u64, deed: Deed) {
        let (ip, network) = deed.address.map_or((None, None), |address| (Some(address.ip), address.network));
        self.happenings.push(Happening {
            id: Box::default(),
            time: deed.time,
            received,
            action: deed.action.name,
            traits: deed.action.traits,
            outcome: deed.outcome,
            actor: Arc::clone(actor),
            object: deed.object,
            ip,
            network,
            departed,
            groups: Arc::clone(groups),
            attack: self.label,
        });
    }
}

/// Seconds, and half an hour at most for three in two hundred.
fn lateness(dice: &mut Dice) -> u64 {
    if dice.chance(0.015) { (dice.magnitude(11) * 1_000).min(30 * MINUTE) } else { dice.between(4_000, 90_000) }
}
