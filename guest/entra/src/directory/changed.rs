//! Who is new or changed: <https://learn.microsoft.com/graph/delta-query-users>.
//!
//! A **cycle** reads the deleted accounts that are new since the cycle before, then what changed since then. The changes come
//! last because they hold: the list of deleted accounts is answered from an index that may lag behind, so an account that was
//! restored may still stand in it. Each deletion is told once, so a lagging index does not tell it again later.
//!
//! 1. `GET /directory/deletedItems/microsoft.graph.user`, latest first, until a deletion that the cycle before knew. It tells what
//!    the changes do not: the addresses of those who were gone before anybody looked, and since when. Forbidden, it is left out
//!    for a day.
//! 2. `GET /users/delta`, or where the last cycle ended, page by page until the link for the next cycle. Without the header
//!    `Prefer: return=minimal` an entry carries all that was selected; one that nevertheless came in part is asked for again
//!    (`GET /users?$filter=id eq … or id eq …`) rather than guessed.
//!
//! Where Graph no longer knows a link, the changes begin again from nothing; in between only the deleted accounts tell who left.

use super::{
    checkpoint::{Checkpoint, PARTIAL, Stage},
    person::{Entry, SELECT, deleted, entry},
};
use crate::{
    config::Config,
    graph::{Ask, Page, READ, Reply, User, link, quote},
    http::{Answer, Request},
    people::{Changes, Person},
    types::Failure,
};

const DELETED: &str = "read the deleted accounts";
const CHANGES: &str = "read what changed in the directory";
const PART: &str = "read accounts that came in part";
/// How long a list that was forbidden is left out, in milliseconds.
const DAY: u64 = 86_400_000;
/// As many as one filter takes: <https://learn.microsoft.com/graph/filter-query-parameter>.
const AT_ONCE: usize = 15;

/// Who is new or changed since the checkpoint.
pub fn changed(
    config: &Config,
    token: &str,
    checkpoint: Option<&str>,
    now: u64,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<Changes, Failure> {
    let mut at = match checkpoint {
        Some(text) => Checkpoint::parse(config, text)?,
        None => Checkpoint::begin(),
    };
    if at.stage == Stage::Deleted && at.forbidden.is_some_and(|since| now.saturating_sub(since) < DAY) {
        at.stage = Stage::Changes;
    }
    let call = Call { config, token, now };
    let people = if !at.partial.is_empty() {
        call.partial(&mut at, send)?
    } else if at.stage == Stage::Deleted {
        call.deleted(&mut at, send)?
    } else {
        call.changes(&mut at, send)?
    };
    // What had to begin again twice waits for the next interval.
    let more = at.more() && !(at.again && at.changes.is_none() && at.stage == Stage::Changes && people.is_none());
    Ok(Changes { people: people.unwrap_or_default(), checkpoint: at.text()?, more })
}

struct Call<'a> {
    config: &'a Config,
    token: &'a str,
    now: u64,
}

impl Call<'_> {
    fn ask(&self, ask: Ask, send: impl FnOnce(Request, u64) -> Answer) -> Result<Reply, Failure> {
        let words = ask.words;
        ask.send(self.token, &["changed", words, &self.config.tenant], self.now, send)
    }

    /// A page of the deleted accounts.
    fn deleted(&self, at: &mut Checkpoint, send: impl FnOnce(Request, u64) -> Answer) -> Result<Option<Vec<Person>>, Failure> {
        const WORDS: &str = "GET /directory/deletedItems/microsoft.graph.user";
        // What is new since the last time is little; all of it is much.
        let top = if at.newest.is_some() { 100 } else { 999 };
        let ask = match &at.deleted {
            Some(link) => Ask::follow(WORDS, link.clone()),
            None => Ask::get(
                self.config,
                WORDS,
                &format!(
                    "/directory/deletedItems/microsoft.graph.user?$select=id,userPrincipalName,mail,otherMails,deletedDateTime\
                     &$orderby=deletedDateTime%20desc&$count=true&$top={top}"
                ),
            ),
        };
        let reply = self.ask(ask.eventual(), send)?;
        if reply.refused() == Some(403) {
            at.forbidden = Some(self.now);
            (at.deleted, at.passing, at.stage) = (None, None, Stage::Changes);
            return Ok(Some(Vec::new()));
        }
        if at.deleted.is_some() && stale(&reply) {
            // The next cycle reads it again; nothing of it is taken as known yet.
            (at.deleted, at.passing, at.stage) = (None, None, Stage::Changes);
            return Ok(Some(Vec::new()));
        }
        let page: Page<User> = reply.json(DELETED, READ)?;
        let next = link::of(self.config, &page.next, at.deleted.as_deref(), DELETED)?;
        at.forbidden = None;
        let mut people = Vec::new();
        let mut known = false;
        for person in page.value.iter().filter_map(deleted) {
            if person.since.is_some_and(|since| at.newest.is_some_and(|newest| since <= newest)) {
                known = true;
                break;
            }
            at.passing = at.passing.max(person.since);
            people.push(person);
        }
        match next {
            Some(link) if !known => at.deleted = Some(link),
            _ => {
                at.newest = at.newest.max(at.passing);
                (at.deleted, at.passing, at.stage) = (None, None, Stage::Changes);
            }
        }
        Ok(Some(people))
    }

    /// A page of the changes. `None` where they begin again, for the second time.
    fn changes(&self, at: &mut Checkpoint, send: impl FnOnce(Request, u64) -> Answer) -> Result<Option<Vec<Person>>, Failure> {
        const WORDS: &str = "GET /users/delta";
        let ask = match &at.changes {
            Some(link) => Ask::follow(WORDS, link.clone()),
            None => Ask::get(self.config, WORDS, &format!("/users/delta?{SELECT}")),
        };
        let reply = self.ask(ask, send)?;
        if at.changes.is_some() && stale(&reply) {
            let twice = std::mem::replace(&mut at.again, true);
            at.changes = None;
            return Ok((!twice).then(Vec::new));
        }
        let page: Page<User> = reply.json(CHANGES, READ)?;
        let next = link::of(self.config, &page.next, at.changes.as_deref(), CHANGES)?;
        // The link for the next cycle may be the one that was asked: nothing changed.
        let last = link::of(self.config, &page.delta, None, CHANGES)?;
        let (people, partial) = sorted(&page.value);
        if partial.len() > PARTIAL {
            return Err(Failure::Protocol(format!("cannot {CHANGES}: {} accounts of one page came in part", partial.len())));
        }
        match (next, last) {
            (Some(next), _) => at.changes = Some(next),
            (None, Some(last)) => {
                at.changes = Some(last);
                (at.stage, at.again) = (Stage::Deleted, false);
            }
            (None, None) => {
                return Err(Failure::Protocol(format!(
                    "cannot {CHANGES}: the page has neither a next one nor a link for what changes from now on"
                )));
            }
        }
        at.partial = partial;
        Ok(Some(people))
    }

    /// Some of the accounts that came in part, whole. Those that do not come are gone; the changes will say so.
    fn partial(&self, at: &mut Checkpoint, send: impl FnOnce(Request, u64) -> Answer) -> Result<Option<Vec<Person>>, Failure> {
        let some = at.partial.len().min(AT_ONCE);
        let rest = at.partial.split_off(some);
        let ids = at.partial.iter().map(|id| format!("id%20eq%20%27{}%27", quote(id))).collect::<Vec<_>>().join("%20or%20");
        let ask = Ask::get(self.config, "GET /users?$filter=id", &format!("/users?$filter={ids}&{SELECT}"));
        let page: Page<User> = self.ask(ask, send)?.json(PART, READ)?;
        let (people, partial) = sorted(&page.value);
        if people.is_empty() && !partial.is_empty() {
            return Err(Failure::Forbidden(format!(
                "cannot {PART}: Microsoft Graph leaves out whether they are enabled; {}",
                READ.forbidden
            )));
        }
        at.partial = rest;
        Ok(Some(people))
    }
}

fn sorted(users: &[User]) -> (Vec<Person>, Vec<String>) {
    let (mut people, mut partial) = (Vec::new(), Vec::new());
    for user in users {
        match entry(user) {
            Entry::Person(person) => {
                partial.retain(|id| *id != person.id);
                people.push(person);
            }
            Entry::Partial(id) if !partial.contains(&id) => partial.push(id),
            Entry::Partial(_) | Entry::Nothing => {}
        }
    }
    (people, partial)
}

/// Whether Graph no longer knows a link of its own: 410, and 400 with one of several codes. Links last some days:
/// <https://learn.microsoft.com/graph/delta-query-overview#synchronization-reset>.
fn stale(reply: &Reply) -> bool {
    matches!(reply.refused(), Some(400 | 410))
}
