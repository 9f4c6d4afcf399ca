//! An hour at the boards: a sign-in now and then, some boards, some work.

use crate::{
    Person,
    action::{self, Action},
    calendar::{HOUR, MINUTE},
    dice::Dice,
    log::{Deed, Log},
    network::Address,
    world::World,
};

/// What people do once a board is open, of a thousand.
static WORK: [(&Action, u32); 11] = [
    (&action::BOARD_OPENED, 520),
    (&action::BOARD_UPDATED, 330),
    (&action::BOARD_CREATED, 45),
    (&action::BOARD_SHARED, 28),
    (&action::FILE_UPLOADED, 30),
    (&action::BOARD_EXPORTED, 14),
    (&action::FILE_DOWNLOADED, 14),
    (&action::BOARD_DELETED, 7),
    (&action::USER_INVITED, 9),
    (&action::BOARD_LINK_MADE, 2),
    (&action::APP_INSTALLED, 1),
];

/// Somebody at work from one address.
pub(crate) struct Session<'a> {
    pub(crate) world: &'a World,
    pub(crate) person: &'a Person,
    pub(crate) address: Address,
}

impl Session<'_> {
    /// `count` pieces of work from `start`; gives the time of the last.
    pub(crate) fn work(&self, dice: &mut Dice, log: &mut Log, start: u64, count: u64) -> u64 {
        let mut now = start;
        if dice.chance(0.4) {
            now = self.sign_in(dice, log, now);
        }
        for index in 0..count {
            let action = if index == 0 {
                &action::BOARD_OPENED
            } else {
                dice.weigh(&WORK, |&(_, weight)| weight).map_or(&action::BOARD_OPENED, |&(action, _)| action)
            };
            let object = if action.name == action::BOARD_CREATED.name {
                Some(crate::board::Boards::fresh(dice))
            } else {
                self.world.boards.usual(dice, self.person.team)
            };
            self.write(dice, log, Deed::new(now, action).on(object));
            now += self.person.pause(dice);
        }
        if dice.chance(0.08) {
            self.write(dice, log, Deed::new(now, &action::SIGN_OUT));
        }
        now
    }

    /// Signs in, with what goes wrong on the way; gives the time after it.
    pub(crate) fn sign_in(&self, dice: &mut Dice, log: &mut Log, start: u64) -> u64 {
        let mut now = start;
        let failures = if self.world.outage.contains(&now) {
            dice.between(2, 6)
        } else if dice.chance(0.04) {
            1 + dice.streak(0.35)
        } else {
            0
        };
        for _ in 0..failures {
            self.fail(dice, log, now);
            now += dice.between(5_000, 70_000);
        }
        if failures > 0 && self.world.outage.contains(&now) {
            now = self.world.outage.end + dice.below(10 * MINUTE);
        }
        self.write(dice, log, Deed::new(now, &action::SIGN_IN));
        now + dice.between(2_000, 20_000)
    }

    /// A password that was changed yesterday: failures over an hour, then a reset.
    pub(crate) fn forget_password(&self, dice: &mut Dice, log: &mut Log, start: u64) -> u64 {
        let failures = dice.between(5, 8);
        for moment in dice.moments(failures, start, dice.clone().between(35, 70) * MINUTE) {
            self.fail(dice, log, moment);
        }
        let now = start + 72 * MINUTE;
        self.write(dice, log, Deed::new(now, &action::PASSWORD_CHANGED));
        self.write(dice, log, Deed::new(now + 20_000, &action::SIGN_IN));
        now + 40_000
    }

    /// A forgotten tablet that tries an old password every half an hour, through the night.
    pub(crate) fn nag(&self, dice: &mut Dice, log: &mut Log, start: u64) {
        let every = dice.between(15, 45) * MINUTE;
        let end = start + dice.between(5, 11) * HOUR;
        let mut now = start;
        while now < end {
            self.fail(dice, log, now);
            now += every + dice.below(20_000);
        }
    }

    pub(crate) fn fail(&self, dice: &mut Dice, log: &mut Log, time: u64) {
        self.write(dice, log, Deed::new(time, &action::SIGN_IN_FAILED).failed());
    }

    pub(crate) fn write(&self, dice: &mut Dice, log: &mut Log, deed: Deed) {
        log.write(dice, self.person, deed.from(&self.address));
    }
}
