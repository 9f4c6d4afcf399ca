//! Work in bulk that is nobody's attack: administration, clean-ups, workshops.

use std::sync::Arc;

use crate::{
    Habit, Object,
    action::{self, Action},
    calendar::{HOUR, MINUTE},
    dice::Dice,
    log::{Deed, Log},
    session::Session,
};

/// What administrators do on an ordinary day.
static ROUTINE: [(&Action, u32); 11] = [
    (&action::ROLE_CHANGED, 28),
    (&action::MEMBER_ADDED, 30),
    (&action::MEMBER_REMOVED, 8),
    (&action::USER_DEACTIVATED, 8),
    (&action::USER_DELETED, 2),
    (&action::TEAM_CREATED, 5),
    (&action::TEAM_UPDATED, 9),
    (&action::APP_INSTALLED, 4),
    (&action::SHARING_UPDATED, 3),
    (&action::TOKEN_GENERATED, 2),
    (&action::SSO_UPDATED, 1),
];

/// Writes the day's chore, if there is one, and gives the time of its end.
pub(crate) fn today(session: &Session<'_>, dice: &mut Dice, log: &mut Log, day: u32, start: u64) -> u64 {
    let great = session.person.great_days.contains(&day);
    match session.person.habit {
        Habit::Administrator if day < session.person.appointed => start,
        Habit::Administrator if great => onboard(session, dice, log, start),
        Habit::Administrator => administer(session, dice, log, start),
        Habit::Archivist if great => tidy(session, dice, log, start, 40, 160, 3 * HOUR),
        Habit::Archivist if day % 5 == 2 => tidy(session, dice, log, start, 5, 30, 90 * MINUTE),
        Habit::Facilitator if great || dice.chance(0.08) => invite(session, dice, log, start),
        Habit::Facilitator => start,
        _ if great => tidy(session, dice, log, start, 8, 28, 2 * HOUR),
        _ => start,
    }
}

fn administer(session: &Session<'_>, dice: &mut Dice, log: &mut Log, start: u64) -> u64 {
    let mut now = start;
    for _ in 0..dice.below(5) + dice.streak(0.5) {
        let action = dice.weigh(&ROUTINE, |&(_, weight)| weight).map_or(&action::ROLE_CHANGED, |&(action, _)| action);
        let object = Some(target(dice, action));
        session.write(dice, log, Deed::new(now, action).on(object));
        now += session.person.pause(dice);
    }
    now
}

/// A wave of newcomers: a role for each, and a team for most.
fn onboard(session: &Session<'_>, dice: &mut Dice, log: &mut Log, start: u64) -> u64 {
    let count = dice.between(50, 130);
    let span = dice.between(40, 200) * MINUTE;
    for moment in dice.moments(count, start, span) {
        let role = target(dice, &action::ROLE_CHANGED);
        session.write(dice, log, Deed::new(moment, &action::ROLE_CHANGED).on(Some(role)));
        if dice.chance(0.7) {
            let team = target(dice, &action::MEMBER_ADDED);
            session.write(dice, log, Deed::new(moment + 4_000, &action::MEMBER_ADDED).on(Some(team)));
        }
    }
    start + span
}

/// Old boards are exported, then deleted: by those who keep order, and by anybody when a project ends.
fn tidy(session: &Session<'_>, dice: &mut Dice, log: &mut Log, start: u64, least: u64, most: u64, longest: u64) -> u64 {
    let count = dice.between(least, most);
    let span = dice.between(longest / 3, longest);
    let boards = session.world.boards.many(dice, session.person.team, count as usize);
    let keep = dice.chance(0.6);
    for (moment, board) in dice.moments(count, start, span).into_iter().zip(boards) {
        if keep {
            session.write(dice, log, Deed::new(moment, &action::BOARD_EXPORTED).on(Some(Arc::clone(&board))));
        }
        session.write(dice, log, Deed::new(moment + 15_000, &action::BOARD_DELETED).on(Some(board)));
    }
    start + span
}

/// Boards for a workshop, shared with those who come.
fn invite(session: &Session<'_>, dice: &mut Dice, log: &mut Log, start: u64) -> u64 {
    let count = dice.between(12, 45);
    let span = dice.between(15, 70) * MINUTE;
    let boards = session.world.boards.many(dice, session.person.team, count as usize);
    for (moment, board) in dice.moments(count, start, span).into_iter().zip(boards) {
        let action = if dice.chance(0.1) { &action::BOARD_LINK_MADE } else { &action::BOARD_SHARED };
        session.write(dice, log, Deed::new(moment, action).on(Some(board)));
    }
    start + span
}

/// Something that `action` is done to.
pub(crate) fn target(dice: &mut Dice, action: &Action) -> Arc<Object> {
    let number = dice.below(9_000);
    let (kind, name) = match action.name.split('_').next() {
        Some("user") => ("user", format!("Person {number}")),
        Some("team") => ("team", format!("Team {}", number % 300)),
        Some("app") => ("app", format!("App {}", number % 60)),
        _ => ("organization", "Meridian".to_owned()),
    };
    Arc::new(Object { kind, id: format!("3074457{number:012}").into(), name: name.into() })
}
