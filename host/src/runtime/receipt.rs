//! What a responder's and a directory's answers must be: short enough to keep, and states that are JSON.

use audit_pipeline::{
    directory::{Changes, Membership, Person},
    responder::{Ability, Account, Progress, Resolution, Trace, Unsigned},
};

use super::answer::{at_most, json, shorten};

/// The longest state of a step, or checkpoint of a directory.
const STATE: usize = 256 << 10;
/// The longest identifier or address.
const NAME: usize = 1 << 10;
/// Addresses, roles and obstacles of one account.
const LISTED: usize = 1000;
/// People in one answer.
const PEOPLE: usize = 10_000;
/// What is to be signed.
const CLAIMS: usize = 16 << 10;

pub(super) fn abilities(abilities: &mut [Ability]) -> Result<(), String> {
    count("abilities", abilities.len(), LISTED)?;
    for ability in abilities {
        count("permissions", ability.permissions.len(), LISTED)?;
        ability.permissions.iter_mut().for_each(shorten);
        shorten(&mut ability.reach);
    }
    Ok(())
}

pub(super) fn unsigned(unsigned: &Unsigned) -> Result<(), String> {
    json("the header to sign", &unsigned.header, CLAIMS)?;
    json("the claims to sign", &unsigned.claims, CLAIMS)?;
    at_most("the algorithm", &unsigned.algorithm, 16)
}

pub(super) fn resolution(resolution: &mut Resolution) -> Result<(), String> {
    match resolution {
        Resolution::More(state) => json("the state", state, STATE),
        Resolution::Account(found) => account(found),
        Resolution::Nobody(text) | Resolution::Several(text) => {
            shorten(text);
            Ok(())
        }
    }
}

fn account(account: &mut Account) -> Result<(), String> {
    if account.id.is_empty() {
        return Err("an account without an identifier".to_owned());
    }
    at_most("the identifier of an account", &account.id, NAME)?;
    count("addresses", account.emails.len(), LISTED)?;
    account.emails.iter().try_for_each(|each| at_most("an address", each, NAME))?;
    let roles = account.roles.iter_mut().flatten();
    roles.for_each(shorten);
    count("roles", account.roles.as_ref().map_or(0, Vec::len), LISTED)?;
    count("obstacles", account.obstacles.len(), LISTED)?;
    account.obstacles.iter_mut().for_each(|(_, why)| shorten(why));
    account.name.iter_mut().for_each(shorten);
    Ok(())
}

pub(super) fn progress(progress: &mut Progress) -> Result<(), String> {
    match progress {
        Progress::More(step) => {
            json("the state of a step", &step.state, STATE)?;
            shorten(&mut step.intent);
            step.trace.iter_mut().for_each(trace);
        }
        Progress::Done(receipt) => {
            shorten(&mut receipt.summary);
            receipt.trace.iter_mut().for_each(trace);
        }
    }
    Ok(())
}

pub(super) fn trace(trace: &mut Trace) {
    shorten(&mut trace.request);
    trace.request_id.iter_mut().for_each(shorten);
    trace.code.iter_mut().for_each(shorten);
}

pub(super) fn changes(changes: &mut Changes) -> Result<(), String> {
    json("the checkpoint", &changes.checkpoint, STATE)?;
    people(&mut changes.people)
}

pub(super) fn membership(membership: &mut Membership) -> Result<(), String> {
    membership.next.iter().try_for_each(|next| json("the next page", next, STATE))?;
    people(&mut membership.people)
}

fn people(people: &mut [Person]) -> Result<(), String> {
    count("people", people.len(), PEOPLE)?;
    for person in people {
        if person.id.is_empty() {
            return Err("a person without an identifier".to_owned());
        }
        at_most("the identifier of a person", &person.id, NAME)?;
        count("addresses", person.emails.len(), LISTED)?;
        person.emails.iter().try_for_each(|each| at_most("an address", each, NAME))?;
        person.name.iter_mut().for_each(shorten);
    }
    Ok(())
}

fn count(what: &str, count: usize, most: usize) -> Result<(), String> {
    if count > most { Err(format!("{count} {what}, at most {most} are allowed")) } else { Ok(()) }
}
