//! Responses: rows that change only along their life, each change with its record.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{
    alerts::{packed, unpacked},
    chain,
    fault::{Outcome, conflict},
    names::{column, number, register},
    switch,
};
use crate::{
    alert::Who,
    model::{Instant, ResponderName, SourceName},
    respond::{Action, Caps, Changed, Illegal, Move, Order, Response, ResponseId, ResponseQuery, Said, State, Wait, after, settled},
    store::Due,
};

/// Stores a response that a policy made, unless the same is there. Its number.
///
/// What was never taken up because it came too late gives way to what comes in time: an old event read again, one from a backfill,
/// or a responder that was down must not keep the account safe from what its user does now.
pub(super) fn make(db: &Connection, response: Response) -> Outcome<Option<ResponseId>> {
    let source = register(db, &response.source)?;
    let key = response.key();
    if let Some(same) = of_key(db, source, key.as_deref())? {
        if !same.gives_way(&response) {
            return Ok(None);
        }
        db.prepare_cached("UPDATE responses SET key = NULL WHERE source = ?1 AND key = ?2")?.execute(params![source, key])?;
    }
    let made = add(db, source, key.as_deref(), response, None)?;
    if let Some(stronger) = made.within {
        let next = match of_key(db, source, made.key_of(stronger).as_deref())? {
            Some(stronger) => settled(&stronger, None),
            None => Some(Move::Release(format!("there is no {stronger} that contains it"))),
        };
        if let Some(next) = next {
            change(db, made.id, None, &next, None, made.made)?;
        }
    }
    Ok(Some(made.id))
}

/// The response that a policy made, by its key.
fn of_key(db: &Connection, source: i64, key: Option<&str>) -> Outcome<Option<Response>> {
    let mut statement = db.prepare_cached("SELECT id, body FROM responses WHERE source = ?1 AND key = ?2")?;
    statement.query_row(params![source, key], read).optional()?.map(response).transpose()
}

/// Stores a person's order.
pub(super) fn order(db: &Connection, order: &Order, at: Instant) -> Outcome<Response> {
    if let Some(id) = order.reverts {
        let reverted = get(db, id)?;
        let failed = |why: String| conflict(format!("failed to take response {id} back: {why}"));
        if reverted.state != State::Succeeded {
            return Err(failed(format!("it is {}, and only what succeeded can be taken back", reverted.state.as_str())));
        }
        if reverted.begun.is_none() {
            return Err(failed("nothing of it was begun, so that it changed nothing".to_owned()));
        }
        match reverted.action.undo() {
            Some(undo) if undo == order.action => {}
            Some(undo) => return Err(failed(format!("{} is taken back by {undo}, not by {}", reverted.action, order.action))),
            None => return Err(failed(format!("nothing takes {} back", reverted.action))),
        }
    }
    let source = register(db, &order.source)?;
    add(db, source, None, order.clone().response(at), Some(&order.who))
}

fn add(db: &Connection, source: i64, key: Option<&str>, response: Response, who: Option<&str>) -> Outcome<Response> {
    let mut insert = db.prepare_cached(
        "INSERT INTO responses (source, responder, action, state, due, alert, key, who, changed, suspended, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    insert.execute(params![
        source,
        response.responder.as_str(),
        response.action.as_str(),
        response.state.as_str(),
        column(response.due.0),
        response.cause.alert().map(|alert| alert.0),
        key,
        searchable(&response),
        column(response.changed.0),
        suspension(&response),
        packed(&response)?,
    ])?;
    let response = Response { id: ResponseId(db.last_insert_rowid()), ..response };
    note(db, &response, None, who)?;
    Ok(response)
}

fn put(db: &Connection, response: &Response, change: &Move, who: Option<&str>) -> Outcome<()> {
    // Once it counts among the suspensions it goes on to, whatever becomes of it.
    let mut update = db.prepare_cached(
        "UPDATE responses SET state = ?2, due = ?3, who = ?4, changed = ?5, suspended = coalesce(suspended, ?6), body = ?7 WHERE id = ?1",
    )?;
    update.execute(params![
        response.id.0,
        response.state.as_str(),
        column(response.due.0),
        searchable(response),
        column(response.changed.0),
        suspension(response),
        packed(response)?,
    ])?;
    note(db, response, Some(change), who)
}

fn note(db: &Connection, response: &Response, change: Option<&Move>, who: Option<&str>) -> Outcome<()> {
    let (response, change, who) = (response.clone(), change.cloned(), who.map(str::to_owned));
    let changed = Changed { at: response.changed, response: response.id, who, change, after: response };
    chain::append(db, &Said::Response(Box::new(changed)))
}

/// Since when it counts as a suspension that happened by itself, or may have.
fn suspension(response: &Response) -> Option<i64> {
    let done = (response.state == State::Succeeded).then_some(response.changed);
    response.begun.or(done).filter(|_| response.counts()).map(|at| column(at.0))
}

/// All that the target and its account are called, lower case, for searching in it.
fn searchable(response: &Response) -> String {
    let account = response.account.iter().flat_map(|account| account.emails.iter().chain([&account.id]).chain(&account.name));
    let known: Vec<String> = [response.target.searchable()].into_iter().chain(account.map(|name| name.to_lowercase())).collect();
    known.join("\n")
}

/// Moves a response, and what it takes back.
pub(super) fn change(
    db: &Connection,
    id: ResponseId,
    revision: Option<u64>,
    next: &Move,
    who: Option<&str>,
    at: Instant,
) -> Outcome<Response> {
    let before = get(db, id)?;
    if revision.is_some_and(|seen| seen != before.revision) {
        return Err(conflict(format!("failed to change response {id}: it changed meanwhile, and is {} by now", before.state.as_str())));
    }
    // Whoever threw the switch was told that nothing begins after it.
    if *next == Move::Begin && switch::is_thrown(db)? {
        return Err(conflict(format!("failed to begin response {id}: nothing acts until `miro-source respond resume`")));
    }
    let response = after(&before, next, who, at).map_err(|Illegal(why)| conflict(why))?;
    put(db, &response, next, who)?;
    settle(db, &response, next, at)?;
    if let (State::Succeeded, Some(reverted), false) = (&response.state, response.reverts, response.dry_run)
        // It may be forgotten by now, or taken back by another one.
        && let Some(reverted) = find(db, reverted)?.filter(|reverted| reverted.state == State::Succeeded)
    {
        let back = Move::Revert(id);
        put(db, &after(&reverted, &back, who, at).map_err(|Illegal(why)| conflict(why))?, &back, who)?;
    }
    Ok(response)
}

/// Notes that the next call is about to be made.
pub(super) fn begin(db: &Connection, id: ResponseId, revision: u64, caps: Caps, users: u64, at: Instant) -> Outcome<Response> {
    let response = get(db, id)?;
    if response.is_capped()
        && let Some(why) = caps.exceeded(suspended(db, &response.source, &response.target, Caps::since(at))?, users)
    {
        return Err(conflict(format!("failed to begin response {id}: {why}")));
    }
    change(db, id, Some(revision), &Move::Begin, None, at)
}

/// What a response contains ends with it, or is done by itself.
fn settle(db: &Connection, stronger: &Response, by: &Move, at: Instant) -> Outcome<()> {
    let waits = |weaker: &Response| weaker.state == State::Pending && weaker.within == Some(stronger.action);
    for action in Action::ALL.into_iter().filter(|action| stronger.action.contains(*action)) {
        let Some(key) = stronger.key_of(action) else { continue };
        let weaker = of_key(db, register(db, &stronger.source)?, Some(&key))?.filter(waits);
        if let (Some(weaker), Some(next)) = (weaker, settled(stronger, Some(by))) {
            change(db, weaker.id, None, &next, None, at)?;
        }
    }
    Ok(())
}

/// After a restore: whatever would be done by itself waits for a person, and what waits already waits for one who knows of the restore.
/// What is only tried out goes on. How many wait.
pub(super) fn hold(db: &Connection, at: Instant) -> Outcome<u64> {
    let mut statement = db.prepare_cached("SELECT id, body FROM responses WHERE state IN ('waiting', 'pending', 'running') ORDER BY id")?;
    let open = statement.query_map([], read)?.map(|row| response(row?)).collect::<Outcome<Vec<Response>>>()?;
    let waits: Vec<ResponseId> =
        open.into_iter().filter(|each| matches!(each.state, State::Waiting(_)) || !each.dry_run).map(|each| each.id).collect();
    let next = Move::Hold(Wait::Restored, "the store was restored from a backup: it may have been done already, or rejected".to_owned());
    for id in &waits {
        change(db, *id, None, &next, None, at)?;
    }
    Ok(u64::try_from(waits.len()).unwrap_or_default())
}

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, String)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn response((id, body): (i64, String)) -> Outcome<Response> {
    Ok(Response { id: ResponseId(id), ..unpacked(&body)? })
}

pub(super) fn find(db: &Connection, id: ResponseId) -> Outcome<Option<Response>> {
    db.prepare_cached("SELECT id, body FROM responses WHERE id = ?1")?.query_row([id.0], read).optional()?.map(response).transpose()
}

fn get(db: &Connection, id: ResponseId) -> Outcome<Response> {
    find(db, id)?.ok_or_else(|| conflict(format!("there is no response {id}: `miro-source responses list` shows what there is")))
}

pub(super) fn list(db: &Connection, query: &ResponseQuery) -> Outcome<Vec<Response>> {
    let states = if query.states.is_empty() { "TRUE" } else { "state IN (SELECT value FROM json_each(?1))" };
    let mut statement = db.prepare_cached(&format!(
        "SELECT id, body FROM responses
         WHERE {states} AND (?2 IS NULL OR alert = ?2) AND (?3 IS NULL OR instr(who, ?3))
           AND (?4 IS NULL OR responder = ?4) AND (?5 IS NULL OR changed >= ?5)
         ORDER BY changed DESC, id DESC LIMIT ?6"
    ))?;
    let key = params![
        packed(&query.states)?,
        query.alert.map(|alert| alert.0),
        query.user.as_ref().map(|user| user.to_lowercase()),
        query.responder.as_ref().map(ResponderName::as_str),
        query.since.map(|since| column(since.0)),
        column(u64::try_from(query.limit).unwrap_or(u64::MAX)),
    ];
    let rows = statement.query_map(key, read)?;
    rows.map(|row| response(row?)).collect()
}

pub(super) fn due(db: &Connection, responder: &ResponderName, now: Instant) -> Outcome<Due> {
    let mut statement = db.prepare_cached(
        "SELECT id, body FROM responses WHERE responder = ?1 AND state IN ('pending', 'running') ORDER BY due, id LIMIT 1",
    )?;
    let first = statement.query_row([responder.as_str()], read).optional()?.map(response).transpose()?;
    Ok(match first {
        // It waits for another one.
        Some(first) if first.due == Instant::FAR => Due::default(),
        Some(first) if first.due > now => Due { next: None, wake: Some(first.due) },
        first => Due { next: first, wake: None },
    })
}

pub(super) fn suspended(db: &Connection, source: &SourceName, besides: &Who, (hour, day): (Instant, Instant)) -> Outcome<(u64, u64)> {
    let mut statement = db.prepare_cached(
        // One who is suspended at two vendors is one.
        "SELECT count(DISTINCT person) FILTER (WHERE suspended >= ?2), count(DISTINCT person) FILTER (WHERE suspended >= ?3) FROM (
             SELECT suspended, coalesce(body ->> '$.target.id', body ->> '$.target.email', id) AS person FROM responses
             WHERE source = (SELECT id FROM sources WHERE name = ?1) AND suspended >= min(?2, ?3))
         WHERE person IS NOT coalesce(?4, ?5)",
    )?;
    let key = params![source.as_str(), column(hour.0), column(day.0), besides.id, besides.email];
    Ok(statement.query_row(key, |row| Ok((number(row, 0)?, number(row, 1)?)))?)
}
