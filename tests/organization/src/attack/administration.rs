//! Accounts that administer as they never did.

use super::{
    Played,
    scene::{Cue, Entry, Scene},
};
use crate::{
    Habit,
    action::{self, Action},
    calendar::{HOUR, MINUTE},
    chore,
    log::Deed,
    network::Address,
    session::Session,
};

/// What opens doors for later.
static DOORS: [&Action; 6] = [
    &action::SSO_UPDATED,
    &action::DOMAIN_ADDED,
    &action::TOKEN_GENERATED,
    &action::SHARING_UPDATED,
    &action::ROLE_CHANGED,
    &action::APP_INSTALLED,
];
/// What harms at once.
static HARM: [&Action; 3] = [&action::USER_DEACTIVATED, &action::USER_DELETED, &action::MEMBER_REMOVED];

/// Somebody who is no administrator becomes one, or one who is goes rogue.
pub(super) fn unusual<'a>(scene: &mut Scene<'a>) -> Option<Played<'a>> {
    let rogue = scene.dice.chance(0.35);
    let period = scene.world.period;
    let suits = |cue: &Cue<'_>| {
        let person = cue.person;
        let administrator = person.habit == Habit::Administrator;
        // A wave of newcomers would hide it, from everybody.
        let busy = person.great_days.iter().any(|&day| cue.time.abs_diff(period.midnight(day, 0) + 12 * HOUR) < 36 * HOUR);
        person.habit != Habit::Guest && administrator == rogue && person.appointed == 0 && !busy
    };
    let cue = if scene.dice.chance(0.6) { scene.at_work(suits)? } else { scene.in_silence(HOUR, suits)? };
    let own = scene.own_address(&cue);
    let near = scene.hideout(&cue.person.home.town);
    let (variant, address, actions, count, span): (_, Address, &'static [&'static Action], _, _) = if rogue {
        match scene.dice.below(2) {
            0 => ("an administrator locks everybody out", own, &HARM, scene.dice.between(60, 250), scene.dice.between(10, 40) * MINUTE),
            _ => (
                "an administrator's account opens doors, from elsewhere",
                near,
                &DOORS,
                scene.dice.between(8, 40),
                scene.dice.between(5, 60) * MINUTE,
            ),
        }
    } else {
        match scene.dice.below(3) {
            0 => ("a few doors, quietly", near, &DOORS, scene.dice.between(3, 7), scene.dice.between(3, 30) * MINUTE),
            1 => (
                "somebody who found the rights, at their own desk",
                own,
                &DOORS,
                scene.dice.between(6, 30),
                scene.dice.between(5, 50) * MINUTE,
            ),
            _ => ("many accounts at once", near, &HARM, scene.dice.between(15, 120), scene.dice.between(5, 40) * MINUTE),
        }
    };
    if Entry::draw(&mut scene.dice) == Entry::Password {
        scene.look_around(cue.person, &address, cue.time, Entry::Password, 1);
    }
    let session = Session { world: scene.world, person: cue.person, address };
    for moment in scene.dice.moments(count, cue.time + 2 * MINUTE, span) {
        let Some(&action) = scene.dice.pick(actions) else { break };
        let object = Some(chore::target(&mut scene.dice, action));
        session.write(&mut scene.dice, &mut scene.log, Deed::new(moment, action).on(object));
    }
    Some(Played { person: cue.person, variant })
}
