//! What the vendor holds of a window, read again as a backfill reads it: page by page, at the pace that the component asks for.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use audit_pipeline::{
    source::{Next, Note, Span},
    types::Failure,
};
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret as _, SecretString};

use super::report::Unread;
use crate::{
    clock::Clock,
    model::Instant,
    privacy::Marks,
    runtime::{CallError, Source},
};

/// A window with more events than this ends early.
const MOST: usize = 50_000;
/// Failures in a row that are sat out.
const TRIES: u32 = 6;
/// As the Miro component calls an event whose time is not in it: it belongs to the window that brought it.
const GUESSED: &str = "time-guessed";

/// Where the token comes from. Asked before each window, and again where the vendor refuses it.
pub type Tokens<'a> = &'a (dyn Fn() -> BoxFuture<'a, anyhow::Result<SecretString>> + Send + Sync);

/// What a window holds.
pub(super) struct Read {
    pub(super) events: BTreeMap<String, Instant>,
    /// Which of them people did who are erased.
    pub(super) erased: BTreeSet<String>,
    /// Where it ended: before what was asked for where it holds very many.
    pub(super) end: Instant,
    pub(super) unread: Vec<Unread>,
}

/// Reads one.
pub(super) async fn read(
    source: &Source,
    tokens: Tokens<'_>,
    clock: &Arc<dyn Clock>,
    start: Instant,
    end: Instant,
    kept_out: &Marks,
) -> anyhow::Result<Read> {
    let mut token = tokens().await?;
    let failed = |why: &CallError| anyhow::anyhow!("failed to read {start} to {end} again: {}", told(why));
    let mut checkpoint = source.begin(Span::Fixed((start.0, end.0)), clock.now()).await.map_err(|why| failed(&why))?;
    let (mut events, mut erased, mut unread, mut failures) = (BTreeMap::new(), BTreeSet::new(), Vec::new(), 0);
    loop {
        let page = match source.collect(token.expose_secret(), &checkpoint, clock.now()).await {
            Ok(page) => page,
            Err(why) => {
                failures += 1;
                let wait = match &why {
                    _ if failures >= TRIES => return Err(failed(&why)),
                    CallError::Failed(Failure::Throttled(after)) => after.map_or(Duration::from_secs(30), Duration::from_millis),
                    CallError::Failed(Failure::Unavailable(_)) | CallError::TimedOut => Duration::from_secs(1 << failures),
                    CallError::Failed(Failure::Expired) => {
                        token = tokens().await?;
                        Duration::from_secs(1)
                    }
                    _ => return Err(failed(&why)),
                };
                clock.sleep_until(clock.now().plus(wait)).await;
                continue;
            }
        };
        failures = 0;
        for event in page.events {
            let guessed = event.traits.iter().any(|each| each == GUESSED);
            if guessed || (start.0..end.0).contains(&event.time) {
                if kept_out.acted(&event.actor) {
                    erased.insert(event.id.clone());
                }
                events.insert(event.id, Instant(event.time));
            }
        }
        for note in page.notes {
            if let Note::Gap(gap) = note {
                unread.push(Unread { start: Instant(gap.start), end: Instant(gap.end), cause: gap.cause });
            }
        }
        checkpoint = page.checkpoint;
        let through = Instant(page.through);
        match page.next {
            Next::Finished => return Ok(Read { events, erased, end, unread }),
            _ if events.len() > MOST && through > start && through < end => {
                // What happened at that very moment may go on on the next page.
                events.retain(|_, time| *time < through);
                erased.retain(|id| events.contains_key(id));
                return Ok(Read { events, erased, end: through, unread });
            }
            Next::After(wait) => clock.sleep_until(clock.now().plus(Duration::from_millis(wait))).await,
            Next::AtOnce => {}
            // A fixed span ends with `finished`, and with nothing else.
            Next::CaughtUp => anyhow::bail!("failed to read {start} to {end} again: the component says neither more nor finished"),
        }
    }
}

fn told(why: &CallError) -> String {
    match why {
        CallError::Failed(failure) => crate::neutral::brief(&crate::schedule::describe(failure), 500),
        why => crate::neutral::brief(&why.to_string(), 500),
    }
}
