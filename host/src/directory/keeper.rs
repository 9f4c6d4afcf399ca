//! The worker of one directory: reads who is new or changed, and who belongs to which group, and puts it up on the board.
//!
//! One request a step. What a page says is stored together with its checkpoint, so that a crash repeats a page and loses none.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use audit_pipeline::{directory, types::Failure};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Member, Person, PersonState, Reading, Rejudged};
use crate::{
    authenticate::{Keys, NoToken, Tokens},
    backoff::Backoff,
    clock::Clock,
    enrich::Board,
    model::{Instant, ResponderName, SourceName},
    neutral::brief,
    runtime::{CallError, Responder},
    store::{Store, StoreError, StoreErrorKind, blocking},
};

/// The first wait after a failure.
const SOON: Duration = Duration::from_secs(1);
/// Pages of one group.
const PAGES: u32 = 1000;

/// What a keeper is made of.
pub struct KeeperParts {
    /// The responder whose component the directory is.
    pub name: ResponderName,
    /// The component, configured.
    pub responder: Responder,
    /// What lets it in.
    pub keys: Keys,
    /// The groups of interest, by name.
    pub groups: Vec<String>,
    /// The sources that it is told to.
    pub sources: Vec<SourceName>,
    /// How often it is read.
    pub interval: Duration,
    /// Where it is put up.
    pub board: Arc<Board>,
    /// Where it is kept.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Notified when there is something to judge again.
    pub told: Vec<Arc<Notify>>,
}

/// The worker of one directory.
pub struct Keeper {
    parts: KeeperParts,
    tokens: Tokens,
    backoff: Backoff,
    /// The token was refused just now.
    refused: bool,
    next: Work,
    reading: Reading,
}

/// What the next step does.
enum Work {
    /// The board is put up from the store, so that nothing is forgotten over a restart.
    PutUp,
    People,
    /// The groups left, and the page and the members so far of the first of them.
    Groups(VecDeque<String>, Option<String>, Vec<Member>, u32),
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").field("name", &self.parts.name).finish_non_exhaustive()
    }
}

impl Keeper {
    /// A keeper that goes on where the store says.
    pub fn new(parts: KeeperParts) -> Self {
        let backoff = Backoff::new(parts.name.as_str(), SOON, parts.interval.max(SOON));
        Self { parts, tokens: Tokens::default(), backoff, refused: false, next: Work::PutUp, reading: Reading::default() }
    }

    /// The responder whose component it is.
    pub fn name(&self) -> &ResponderName {
        &self.parts.name
    }

    /// Why it is not read, while it is not.
    pub fn problem(&self) -> Option<&str> {
        self.reading.problem.as_ref().map(|(why, _)| why.as_str())
    }

    /// Steps until `shutdown`.
    pub async fn run(mut self, shutdown: CancellationToken) -> Result<(), StoreError> {
        let clock = Arc::clone(&self.parts.clock);
        while !shutdown.is_cancelled() {
            match self.step().await? {
                None => tokio::task::yield_now().await,
                Some(at) => tokio::select! { () = shutdown.cancelled() => {}, () = clock.sleep_until(at) => {} },
            }
        }
        Ok(())
    }

    /// One request at most; when to step again, `None`: at once. An error means that the store cannot be used any more.
    pub async fn step(&mut self) -> Result<Option<Instant>, StoreError> {
        let now = self.parts.clock.now();
        let done = match std::mem::replace(&mut self.next, Work::PutUp) {
            Work::PutUp => self.put_up().await.map(|()| (Work::People, None)).map_err(Trouble::Store),
            Work::People => self.people(now).await,
            Work::Groups(groups, page, members, pages) => self.group(groups, page, members, pages, now).await,
        };
        let (next, at) = match done {
            Ok((next, at)) => {
                self.backoff.reset();
                self.refused = false;
                (next, at)
            }
            Err(Trouble::Store(why)) if why.kind != StoreErrorKind::Retry => return Err(why),
            Err(trouble) => (Work::People, Some(self.failed(&trouble, now))),
        };
        self.next = next;
        self.note().await?;
        Ok(at)
    }

    async fn people(&mut self, now: Instant) -> Result<(Work, Option<Instant>), Trouble> {
        let token = self.token(now).await?;
        let name = self.parts.name.clone();
        let checkpoint = blocking(&self.parts.store, move |store| store.people_checkpoint(&name)).await?;
        let first = checkpoint.is_none() || self.reading.first;
        let got = self.parts.responder.changed(token.expose_secret(), checkpoint.as_deref(), now).await?;
        let people: Vec<Person> = got.people.into_iter().map(|each| person(each, now)).collect();
        let (name, more) = (self.parts.name.clone(), got.more);
        let departed = blocking(&self.parts.store, move |store| store.put_people(&name, &people, &got.checkpoint, now)).await?;
        // Whoever had left before anybody looked is nobody's news.
        self.reading.first = first && more;
        if !first {
            self.judge_again(&departed).await?;
        }
        let groups = VecDeque::from(self.parts.groups.clone());
        Ok((if more { Work::People } else { Work::Groups(groups, None, Vec::new(), 0) }, None))
    }

    async fn group(
        &mut self,
        mut groups: VecDeque<String>,
        page: Option<String>,
        mut members: Vec<Member>,
        pages: u32,
        now: Instant,
    ) -> Result<(Work, Option<Instant>), Trouble> {
        let Some(group) = groups.front().cloned() else {
            self.put_up().await?;
            self.reading.complete(now);
            return Ok((Work::People, Some(now.plus(self.parts.interval))));
        };
        let token = self.token(now).await?;
        let got = match self.parts.responder.members(token.expose_secret(), &group, page.as_deref(), now).await {
            // One group that is wrong holds only itself up.
            Err(CallError::Failed(Failure::Invalid(why))) => {
                tracing::warn!(directory = %self.parts.name, "group {}: {}", brief(&group, 100), brief(&why, 500));
                self.reading.wrong(&group, &why);
                groups.pop_front();
                return Ok((Work::Groups(groups, None, Vec::new(), 0), None));
            }
            got => got?,
        };
        members.extend(got.people.into_iter().map(|person| Member { id: person.id, emails: lower(person.emails) }));
        if let (Some(next), true) = (got.next, pages < PAGES) {
            return Ok((Work::Groups(groups, Some(next), members, pages + 1), None));
        }
        let name = self.parts.name.clone();
        blocking(&self.parts.store, move |store| store.put_members(&name, &group, &members, now)).await?;
        groups.pop_front();
        Ok((Work::Groups(groups, None, Vec::new(), 0), None))
    }

    async fn put_up(&mut self) -> Result<(), StoreError> {
        let (name, groups) = (self.parts.name.clone(), self.parts.groups.clone());
        let (departed, groups, people) = blocking(&self.parts.store, move |store| {
            let members = |group: String| {
                let members = store.members(&name, &group)?.unwrap_or_default();
                Ok((group, members.into_iter().flat_map(|member| member.emails).collect::<Vec<_>>()))
            };
            let groups = groups.into_iter().map(members).collect::<Result<Vec<_>, StoreError>>()?;
            Ok((store.departed_people(&name)?, groups, store.people_count(&name)?))
        })
        .await?;
        (self.reading.people, self.reading.departed) = (people, departed.len() as u64);
        self.parts.board.put_up(&departed, &groups);
        Ok(())
    }

    /// What these people did since they left is judged again, now that it is known.
    async fn judge_again(&self, departed: &[Person]) -> Result<(), StoreError> {
        if departed.is_empty() {
            return Ok(());
        }
        let (sources, departed) = (self.parts.sources.clone(), departed.to_vec());
        blocking(&self.parts.store, move |store| {
            let ask = |source| departed.iter().try_for_each(|person| Rejudged::of(person).ask(store, source));
            sources.iter().try_for_each(ask)
        })
        .await?;
        self.parts.told.iter().for_each(|told| told.notify_waiters());
        Ok(())
    }

    async fn token(&mut self, now: Instant) -> Result<SecretString, Trouble> {
        Ok(self.tokens.get(&self.parts.responder, &self.parts.keys, None, now).await?)
    }

    fn failed(&mut self, trouble: &Trouble, now: Instant) -> Instant {
        let text = brief(&trouble.to_string(), 1000);
        let asked = match trouble {
            Trouble::Call(CallError::Failed(Failure::Throttled(Some(after)))) => Duration::from_millis(*after),
            Trouble::Call(CallError::Failed(Failure::Expired)) if !std::mem::replace(&mut self.refused, true) => {
                self.tokens.forget(None);
                return now;
            }
            _ => Duration::ZERO,
        };
        if self.reading.failed(&text, now) {
            tracing::warn!(directory = %self.parts.name, "the directory is not read: {text}");
        }
        now.plus(self.backoff.failed().max(asked))
    }

    /// Keeps how it is doing where `status` finds it.
    async fn note(&self) -> Result<(), StoreError> {
        let (key, text) = (Reading::note_key(&self.parts.name), serde_json::to_string(&self.reading).unwrap_or_default());
        match blocking(&self.parts.store, move |store| store.note(&key, &text)).await {
            // Only shown; tried again with the next step.
            Err(why) if why.kind == StoreErrorKind::Retry => Ok(()),
            done => done,
        }
    }
}

/// As the component told it.
fn person(person: directory::Person, now: Instant) -> Person {
    let directory::Person { id, emails, name, state, since } = person;
    let state = match state {
        directory::State::Active => PersonState::Active,
        directory::State::Disabled => PersonState::Disabled,
        directory::State::Deleted => PersonState::Deleted,
    };
    Person { id, emails: lower(emails), name, state, since: since.map(Instant), learned: now }
}

fn lower(emails: Vec<String>) -> Vec<String> {
    emails.into_iter().map(|email| email.to_lowercase()).collect()
}

/// Why a step did not work.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{0}")]
    Call(#[from] CallError),
    #[error("no token: {0}")]
    Token(#[from] NoToken),
    #[error("{0}")]
    Store(#[from] StoreError),
}
