//! An account that is taken over, and what should be found of it. Whoever watches is told nothing of this.

use serde_json::{Value, json};
use simulator::World;

use super::{HOUR, MINUTE};

const DAY: u64 = 24 * HOUR;
const SECOND: u64 = 1000;
/// Where its owner works.
const OFFICE: &str = "203.0.113.9";
/// The exit of Tor, in São Paulo, through which the intruder comes.
pub(super) const EXIT: &str = "203.0.113.200";
/// The account's address.
pub(super) const MAIL: &str = "marta.costa@acme.example";
/// The account's identifier at Miro, and its owner's name.
pub(super) const ID: &str = "3074457345618265777";
pub(super) const NAME: &str = "Marta Costa";
/// The rules that must speak, and nothing else may.
pub(super) const EXPECTED: [(&str, &str); 5] = [
    ("failed-logins", "30 wrong passwords in five minutes, then the right one"),
    ("anonymous-ip", "through an exit of Tor"),
    ("infrequent-country", "from Brazil, where nobody ever was"),
    ("impossible-travel", "in Lisbon an hour before"),
    ("mass-download", "90 boards exported in half an hour"),
];

/// Thirty working days of the owner, up to the one that begins at `midnight`, and the intruder on that one.
pub(super) fn play(world: &World, midnight: u64) {
    for day in (0..=30).map(|ago| midnight - ago * DAY) {
        // The epoch was a Thursday.
        if (day / DAY + 3) % 7 < 5 {
            works(world, day);
        }
    }
    let night = midnight + 10 * HOUR;
    for nth in 0..30 {
        act(world, night + nth * 10 * SECOND, "sign_in_failed", EXIT);
    }
    act(world, night + 6 * MINUTE, "sign_in_succeeded", EXIT);
    for nth in 0..90 {
        act(world, night + 8 * MINUTE + nth * 20 * SECOND, "board_exported", EXIT);
    }
}

/// Signs in, opens and exports a few boards, signs out.
fn works(world: &World, day: u64) {
    let morning = day + 8 * HOUR + day / DAY % 7 * 5 * MINUTE;
    act(world, morning, "sign_in_succeeded", OFFICE);
    for nth in 1..=6 {
        act(world, morning + nth * 5 * MINUTE, "board_opened", OFFICE);
    }
    act(world, morning + 31 * MINUTE, "board_exported", OFFICE);
    act(world, morning + 55 * MINUTE, "sign_out_succeeded", OFFICE);
}

fn act(world: &World, at: u64, name: &str, from: &str) {
    world.add_event_with(at, at, name, |record: &mut Value| {
        if let Some(record) = record.as_object_mut() {
            let owner = json!({ "type": "user", "id": ID, "name": NAME, "email": MAIL });
            record.insert("createdBy".to_owned(), owner);
            record.insert("context".to_owned(), json!({ "ip": from }));
        }
    });
}
