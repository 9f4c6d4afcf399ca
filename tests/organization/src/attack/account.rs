//! Accounts that should be dead, and accounts whose password is guessed.

use super::{
    Played,
    scene::{Entry, Scene},
};
use crate::{
    action,
    calendar::{DAY, HOUR, MINUTE},
    network::Address,
};

/// An account that left the directory hours to weeks ago.
pub(super) fn terminated<'a>(scene: &mut Scene<'a>) -> Option<Played<'a>> {
    let after =
        if scene.dice.chance(0.3) { scene.dice.between(3, 24) * HOUR } else { scene.dice.between(1, 9) * DAY + scene.dice.below(DAY) };
    let cue = scene.departed(after)?;
    let home = cue.person.home.address(cue.time);
    let count = scene.dice.between(1, 12);
    let variant = match scene.dice.below(4) {
        0 => {
            scene.look_around(cue.person, &home, cue.time, Entry::Session, count);
            "a session that nobody ended"
        }
        1 => {
            scene.look_around(cue.person, &home, cue.time, Entry::Password, count);
            "a second password beside the directory's"
        }
        2 => {
            let boards = scene.dice.between(15, 80);
            scene.sweep(cue.person, &home, &action::BOARD_EXPORTED, cue.time, boards, 40 * MINUTE);
            "taking their own work along"
        }
        _ => {
            let world = scene.world;
            let town = scene.dice.pick(&world.towns)?;
            let address = scene.hideout(town);
            scene.look_around(cue.person, &address, cue.time, Entry::Password, count);
            "somebody else, elsewhere"
        }
    };
    Some(Played { person: cue.person, variant })
}

/// Passwords tried one after another on one account.
pub(super) fn guessed<'a>(scene: &mut Scene<'a>) -> Option<Played<'a>> {
    let cue = if scene.dice.chance(0.5) { scene.at_work(|_| true)? } else { scene.in_silence(HOUR, |_| true)? };
    let (person, start) = (cue.person, cue.time);
    let world = scene.world;
    let count = match scene.dice.below(3) {
        0 => scene.dice.between(15, 30),
        1 => scene.dice.between(30, 100),
        _ => scene.dice.between(100, 300),
    };
    let span = scene.dice.between(5, 40) * MINUTE;
    let sources = if scene.dice.chance(0.35) { scene.dice.between(4, 25) } else { 1 };
    let mut addresses: Vec<Address> = Vec::new();
    for _ in 0..sources {
        let town = if scene.dice.chance(0.2) { &person.home.town } else { scene.dice.pick(&world.towns)? };
        addresses.push(scene.hideout(town));
    }
    scene.guess(person, &addresses, start, count, span);
    let opened = scene.dice.chance(0.35);
    if opened && let Some(address) = scene.dice.pick(&addresses).cloned() {
        let count = scene.dice.between(1, 10);
        scene.look_around(person, &address, start + span + MINUTE, Entry::Password, count);
    }
    let variant = match (sources, opened) {
        (1, false) => "from one address",
        (1, true) => "from one address, and it opens",
        (_, false) => "from many addresses",
        (_, true) => "from many addresses, and it opens",
    };
    Some(Played { person, variant })
}
