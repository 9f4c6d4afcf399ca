//! Accounts that take, open or destroy many boards.

use super::{
    Played,
    scene::{Cue, Entry, Scene},
};
use crate::{
    Habit,
    action::{self, Action},
    calendar::{HOUR, MINUTE},
    network::Address,
};

/// Whose account, from where.
struct Stage<'a> {
    cue: Cue<'a>,
    address: Address,
    from: From,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    /// Its owner, at their own desk.
    Desk,
    /// Its owner at home, late.
    Home,
    /// Somebody else near the owner.
    Near,
    /// Somebody else in a country of colleagues.
    Far,
}

/// Those who do this for a living are left out: with them, nobody could tell.
fn plain(cue: &Cue<'_>) -> bool {
    !matches!(cue.person.habit, Habit::Archivist | Habit::Facilitator | Habit::Guest)
}

fn set<'a>(scene: &mut Scene<'a>) -> Option<Stage<'a>> {
    let world = scene.world;
    Some(match scene.dice.below(10) {
        0..4 => {
            let cue = scene.at_work(plain)?;
            Stage { cue, address: scene.own_address(&cue), from: From::Desk }
        }
        4..6 => {
            let cue = scene.in_silence(HOUR, plain)?;
            Stage { cue, address: cue.person.home.address(cue.time), from: From::Home }
        }
        6..8 => {
            let cue = scene.in_silence(HOUR, plain)?;
            let address = scene.hideout(&cue.person.home.town);
            Stage { cue, address, from: From::Near }
        }
        _ => {
            let cue = scene.in_silence(HOUR, plain)?;
            let office = scene.dice.pick(&world.offices)?;
            Stage { cue, address: scene.hideout(&office.town), from: From::Far }
        }
    })
}

impl<'a> Stage<'a> {
    fn run(&self, scene: &mut Scene<'a>, action: &'static Action, count: u64) {
        let span = scene.dice.between(5, 60) * MINUTE;
        let mut start = self.cue.time;
        if matches!(self.from, From::Near | From::Far) {
            let entry = Entry::draw(&mut scene.dice);
            let seen = scene.dice.between(1, 4);
            start = scene.look_around(self.cue.person, &self.address, start, entry, seen);
        }
        scene.sweep(self.cue.person, &self.address, action, start, count, span);
    }

    fn played(self, desk: &'static str, home: &'static str, near: &'static str, far: &'static str) -> Played<'a> {
        let variant = match self.from {
            From::Desk => desk,
            From::Home => home,
            From::Near => near,
            From::Far => far,
        };
        Played { person: self.cue.person, variant }
    }
}

/// Boards or their files are taken away.
pub(super) fn export<'a>(scene: &mut Scene<'a>) -> Option<Played<'a>> {
    let stage = set(scene)?;
    let count = if scene.dice.chance(0.5) { scene.dice.between(30, 90) } else { scene.dice.between(90, 400) };
    let action = if scene.dice.chance(0.65) { &action::BOARD_EXPORTED } else { &action::FILE_DOWNLOADED };
    stage.run(scene, action, count);
    Some(stage.played("an insider at the desk", "an insider late at home", "a stolen account, near", "a stolen account, far"))
}

/// Boards are opened to the outside.
pub(super) fn share<'a>(scene: &mut Scene<'a>) -> Option<Played<'a>> {
    let stage = set(scene)?;
    let count = scene.dice.between(30, 220);
    let action = if scene.dice.chance(0.6) { &action::BOARD_LINK_MADE } else { &action::BOARD_SHARED };
    stage.run(scene, action, count);
    Some(stage.played("an insider, for a competitor", "an insider late at home", "a stolen account, near", "a stolen account, far"))
}

/// Boards are destroyed, some of them after they were taken away.
pub(super) fn delete<'a>(scene: &mut Scene<'a>) -> Option<Played<'a>> {
    let stage = set(scene)?;
    let count = if scene.dice.chance(0.5) { scene.dice.between(30, 80) } else { scene.dice.between(80, 300) };
    let ransom = matches!(stage.from, From::Near | From::Far) && scene.dice.chance(0.5);
    if ransom {
        stage.run(scene, &action::BOARD_EXPORTED, count / 2);
    }
    stage.run(scene, &action::BOARD_DELETED, count);
    if ransom {
        return Some(Played { person: stage.cue.person, variant: "taken away, then deleted" });
    }
    Some(stage.played("anger at the desk", "anger late at home", "a stolen account, near", "a stolen account, far"))
}
