//! Accounts that are used from addresses which feeds know.

use super::{
    Played,
    scene::{Entry, Scene},
};
use crate::{
    calendar::{HOUR, MINUTE},
    feed::Feed,
};

/// Through Tor or an anonymous proxy.
pub(super) fn anonymous<'a>(scene: &mut Scene<'a>) -> Option<Played<'a>> {
    let cue = if scene.dice.chance(0.5) { scene.in_silence(HOUR, |_| true)? } else { scene.at_work(|_| true)? };
    let (person, start) = (cue.person, cue.time);
    let tor = scene.dice.chance(0.6);
    let relays = if tor { &scene.world.feed.tor } else { &scene.world.feed.proxies };
    let relay = scene.dice.pick(relays)?;
    let entry = Entry::draw(&mut scene.dice);
    let variant = match scene.dice.below(4) {
        0 => {
            let count = scene.dice.between(1, 3);
            scene.look_around(person, relay, start, entry, count);
            "a short look"
        }
        1 => {
            let count = scene.dice.between(8, 40);
            scene.look_around(person, relay, start, entry, count);
            "a long session"
        }
        2 => {
            // A circuit lasts minutes; then the same session leaves elsewhere.
            let mut now = start;
            for _ in 0..scene.dice.between(3, 6) {
                let relay = scene.dice.pick(relays)?;
                let count = scene.dice.between(2, 5);
                now = scene.look_around(person, relay, now, Entry::Session, count) + scene.dice.between(5, 90) * MINUTE;
            }
            "changing exits"
        }
        _ => {
            let failures = scene.dice.between(2, 6);
            scene.guess(person, std::slice::from_ref(relay), start.saturating_sub(5 * MINUTE), failures, 4 * MINUTE);
            let count = scene.dice.between(3, 15);
            scene.look_around(person, relay, start, Entry::Password, count);
            "after a few failures"
        }
    };
    Some(Played { person, variant })
}

/// From a machine that was taken over, or that attacks for a living.
pub(super) fn suspicious<'a>(scene: &mut Scene<'a>) -> Option<Played<'a>> {
    let cue = if scene.dice.chance(0.5) { scene.in_silence(HOUR, |_| true)? } else { scene.at_work(|_| true)? };
    let (person, start) = (cue.person, cue.time);
    let world = scene.world;
    let anywhere = scene.dice.pick(&world.towns)?;
    let count = scene.dice.between(2, 25);
    let variant = match scene.dice.below(4) {
        0 => {
            // Rented by the hour, because it stands where the victim lives.
            let address = Feed::taken_over(&mut scene.dice, &person.home.town, &["botnet"]);
            let entry = Entry::draw(&mut scene.dice);
            scene.look_around(person, &address, start, entry, count);
            "a bot in the victim's own town"
        }
        1 => {
            let address = Feed::taken_over(&mut scene.dice, anywhere, &["malware-c2", "hosting"]);
            scene.look_around(person, &address, start, Entry::Session, count);
            "a session taken to a command server"
        }
        2 => {
            // One password after another over many accounts, until one of them opens.
            let address = Feed::taken_over(&mut scene.dice, anywhere, &["password-spray"]);
            for _ in 0..scene.dice.between(8, 30) {
                let other = scene.dice.pick(scene.people)?;
                let moment = start - scene.dice.between(1, 40) * MINUTE;
                if other.is_here(moment) {
                    scene.guess(other, std::slice::from_ref(&address), moment, 1, MINUTE);
                }
            }
            scene.look_around(person, &address, start, Entry::Password, count);
            "sprayed"
        }
        _ => {
            let address = Feed::taken_over(&mut scene.dice, anywhere, &["brute-force"]);
            scene.look_around(person, &address, start, Entry::Password, count);
            "a password that was guessed elsewhere"
        }
    };
    Some(Played { person, variant })
}
