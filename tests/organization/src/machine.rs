//! Those who are nobody: the directory's synchronization, integrations, the vendor's automation.

use std::sync::Arc;

use crate::{
    Actor, ActorKind, Habit, Person,
    action::{self, Action},
    calendar::{DAY, HOUR, MINUTE},
    chore,
    dice::Dice,
    log::{Deed, Log},
    network::Address,
    world::World,
};

/// Writes what machines do in the period, and what people do for the directory's sake.
pub(crate) fn run(world: &World, people: &[Person], dice: &mut Dice, log: &mut Log) {
    let cloud = world.seat.town.hosting.described(|network| network.called("cloud-provider"));
    let provisioner = machine(ActorKind::Provisioner, "SCIM");
    let backup = machine(ActorKind::Application, "Board Backup");
    let tracker = machine(ActorKind::Application, "Issue Tracker");
    let automation = machine(ActorKind::Automation, "Miro");
    let [scim, keeper, linker] = [1, 2, 3].map(|host| cloud.v4(host));
    for day in 0..world.period.days {
        let midnight = world.period.start + u64::from(day) * DAY;
        let heavy = world.period.quarter_begins(day);
        let sync = if heavy { dice.between(150, 500) } else { dice.between(0, 40) };
        let hand = Hand { actor: &provisioner, address: Some(&scim) };
        hand.act(
            dice,
            log,
            &[&action::MEMBER_ADDED, &action::MEMBER_REMOVED, &action::ROLE_CHANGED],
            midnight + 3 * HOUR,
            sync,
            8 * MINUTE,
        );

        let saved = if day % 7 == 5 { 400 } else { dice.between(60, 120) };
        back_up(world, &Hand { actor: &backup, address: Some(&keeper) }, dice, log, midnight + HOUR, saved);

        let linked = dice.between(50, 150);
        let hand = Hand { actor: &tracker, address: Some(&linker) };
        hand.act(dice, log, &[&action::BOARD_UPDATED], midnight, linked, DAY);
        let kept = dice.between(5, 40);
        Hand { actor: &automation, address: None }.act(
            dice,
            log,
            &[&action::BOARD_UPDATED, &action::BOARD_DELETED],
            midnight + 2 * HOUR,
            kept,
            HOUR,
        );
    }
    directory(world, people, &Hand { actor: &provisioner, address: Some(&scim) }, dice, log);
}

/// A machine at work.
struct Hand<'a> {
    actor: &'a Arc<Actor>,
    address: Option<&'a Address>,
}

impl Hand<'_> {
    fn act(&self, dice: &mut Dice, log: &mut Log, actions: &[&'static Action], start: u64, count: u64, span: u64) {
        for moment in dice.moments(count, start, span) {
            let Some(&action) = dice.pick(actions) else { return };
            let object = Some(chore::target(dice, action));
            self.write(dice, log, Deed::new(moment, action).on(object));
        }
    }

    fn write(&self, dice: &mut Dice, log: &mut Log, deed: Deed) {
        let deed = if let Some(address) = self.address { deed.from(address) } else { deed };
        log.write_machine(dice, self.actor, &Arc::default(), deed);
    }
}

fn back_up(world: &World, hand: &Hand<'_>, dice: &mut Dice, log: &mut Log, start: u64, count: u64) {
    let team = dice.below(world.teams as u64) as usize;
    let boards = world.boards.many(dice, team, count as usize);
    for (moment, board) in dice.moments(count, start, 40 * MINUTE).into_iter().zip(boards) {
        hand.write(dice, log, Deed::new(moment, &action::BOARD_EXPORTED).on(Some(board)));
    }
}

/// Accounts come and go with the directory; administrators are appointed by each other.
fn directory(world: &World, people: &[Person], scim: &Hand<'_>, dice: &mut Dice, log: &mut Log) {
    let appointing =
        people.iter().find(|person| person.habit == Habit::Administrator && person.appointed == 0 && person.departure.is_none());
    for person in people {
        let object = |time| {
            let actor = person.actor_at(time);
            Some(Arc::new(crate::Object { kind: "user", id: Arc::clone(&person.id), name: actor.name.clone().unwrap_or_default() }))
        };
        if let Some(joined) = person.joined {
            let time = joined + dice.between(0, 240) * MINUTE;
            scim.write(dice, log, Deed::new(time, &action::USER_CREATED).on(object(time)));
            scim.write(dice, log, Deed::new(time + 5_000, &action::MEMBER_ADDED).on(object(time)));
        }
        if let Some(departure) = person.departure {
            scim.write(dice, log, Deed::new(departure.at, &action::USER_DEACTIVATED).on(object(departure.at)));
        }
        if let Some(by) = appointing.filter(|_| person.appointed > 0) {
            let time = world.period.midnight(person.appointed, by.home.town.place.ahead) + 9 * HOUR;
            let deed = Deed::new(time, &action::ROLE_CHANGED).on(object(time)).from(&by.home.address(time));
            log.write(dice, by, deed);
        }
    }
}

fn machine(kind: ActorKind, name: &str) -> Arc<Actor> {
    let id = format!("34587640000000{:05}", name.len() * 37);
    Arc::new(Actor { kind, id: Some(id.into()), name: Some(name.into()), email: None })
}
