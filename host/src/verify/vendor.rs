//! What the vendor holds of a window, read again as a backfill reads it: page by page, at the pace that the component asks for.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use audit_pipeline::{
    source::{Next, Note, Span},
    types::{Event, Failure},
};
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret as _, SecretString};

use super::report::Unread;
use crate::{
    clock::Clock,
    model::Instant,
    privacy::{Hold, Marks, is_held},
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
    /// Which of them people did who were erased since.
    pub(super) erased: BTreeSet<String>,
    /// Which of these are held, so that the store takes them all the same.
    pub(super) held: BTreeSet<String>,
    /// Where it ended: before what was asked for where it holds very many.
    pub(super) end: Instant,
    pub(super) unread: Vec<Unread>,
}

/// Whom the store keeps out, and who comes in all the same.
pub(super) struct KeptOut {
    erased: Marks,
    hold: Hold,
    held: Marks,
}

impl KeptOut {
    pub(super) fn new(erased: Marks, hold: Hold) -> Self {
        Self { erased, held: hold.marks(), hold }
    }
}

impl Read {
    /// Of a window that nothing was read of yet.
    pub(super) fn until(end: Instant) -> Self {
        Self { events: BTreeMap::new(), erased: BTreeSet::new(), held: BTreeSet::new(), end, unread: Vec::new() }
    }

    /// Adds an event, where it belongs to the window.
    fn add(&mut self, event: Event, start: Instant, kept_out: &KeptOut) {
        let guessed = event.traits.iter().any(|each| each == GUESSED);
        if !guessed && !(start.0..self.end.0).contains(&event.time) {
            return;
        }
        // What they did afterwards is anybody's.
        if kept_out.erased.then(Instant(event.time)).acted(&event.actor) {
            if kept_out.hold == Hold::All || is_held(&event, &kept_out.held) {
                self.held.insert(event.id.clone());
            }
            self.erased.insert(event.id.clone());
        }
        self.events.insert(event.id, Instant(event.time));
    }

    /// Ends it early. What happened at that very moment may go on on the next page.
    fn cut(&mut self, through: Instant) {
        self.events.retain(|_, time| *time < through);
        self.erased.retain(|id| self.events.contains_key(id));
        self.held.retain(|id| self.events.contains_key(id));
        self.end = through;
    }
}

/// Reads one.
pub(super) async fn read(
    source: &Source,
    tokens: Tokens<'_>,
    clock: &Arc<dyn Clock>,
    start: Instant,
    end: Instant,
    kept_out: &KeptOut,
) -> anyhow::Result<Read> {
    let mut token = tokens().await?;
    let failed = |why: &CallError| anyhow::anyhow!("failed to read {start} to {end} again: {}", told(why));
    let mut checkpoint = source.begin(Span::Fixed((start.0, end.0)), clock.now()).await.map_err(|why| failed(&why))?;
    let (mut read, mut failures) = (Read::until(end), 0);
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
            read.add(event, start, kept_out);
        }
        for note in page.notes {
            if let Note::Gap(gap) = note {
                read.unread.push(Unread { start: Instant(gap.start), end: Instant(gap.end), cause: gap.cause });
            }
        }
        checkpoint = page.checkpoint;
        let through = Instant(page.through);
        match page.next {
            Next::Finished => return Ok(read),
            _ if read.events.len() > MOST && through > start && through < end => {
                read.cut(through);
                return Ok(read);
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

#[cfg(test)]
mod tests {
    use audit_pipeline::types::{Actor, ActorKind, Outcome};

    use super::*;
    use crate::{
        privacy::{Identity, Mark},
        store::seal::Key,
    };

    /// Ann did something then.
    fn of_ann(time: u64) -> Event {
        Event {
            id: time.to_string(),
            time,
            action: "board_opened".into(),
            category: None,
            traits: Vec::new(),
            outcome: Outcome::Unknown,
            actor: Actor { kind: ActorKind::Unknown, id: Some("7".into()), name: None, email: Some("ann@example.com".into()) },
            object: None,
            team: None,
            organization: None,
            ip: None,
            user_agent: None,
            session: None,
            extra: Vec::new(),
            record: r#"{"createdBy":{"email":"ann@example.com"}}"#.into(),
        }
    }

    /// What is known of a window from 0 to 100, where Ann was erased at 50.
    fn read(hold: Hold) -> Read {
        let key = Key::new(&[7; 32]);
        let erased = Marks::keyed(&key, Mark::of(&Identity::account("ann@example.com"), &key, Instant(50)));
        let mut read = Read::until(Instant(100));
        for time in [10, 50, 51, 90, 100] {
            read.add(of_ann(time), Instant(0), &KeptOut::new(erased.clone(), hold.clone()));
        }
        read
    }

    fn ids(of: &BTreeSet<String>) -> Vec<&str> {
        of.iter().map(String::as_str).collect()
    }

    #[test]
    fn i1_what_an_erased_person_did_after_the_erasure_is_missed_as_anybodys() {
        let mut read = read(Hold::Nothing);
        assert_eq!((read.events.len(), ids(&read.erased), ids(&read.held)), (4, vec!["10", "50"], vec![]));
        read.cut(Instant(50));
        assert_eq!((read.events.len(), ids(&read.erased), read.end), (1, vec!["10"], Instant(50)));
    }

    #[test]
    fn i1_what_an_erased_person_did_who_is_held_comes_in_and_is_missed_where_it_is_not_there() {
        for hold in [Hold::All, Hold::Of(vec!["Ann@example.com".into()])] {
            let read = read(hold);
            assert_eq!((ids(&read.erased), ids(&read.held)), (vec!["10", "50"], vec!["10", "50"]));
        }
        assert!(read(Hold::Of(vec!["bob@example.com".into()])).held.is_empty());
    }
}
