//! The place that a component fills: what is current, what is tried out by one source, what may still be taken back.
//!
//! Workers ask for their [`Turn`] at every step, and report how it went. Changing what is current goes through one door at
//! a time, the store first: what the store says is what a restart finds.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use arc_swap::ArcSwapOption;
use tokio::sync::{Notify, oneshot};

use crate::{
    model::{GenerationNumber, Instant, SourceName},
    runtime::{Component, Current, Generation},
    store::{PROBATION, Store, StoreError, Successor, blocking},
};

/// The place that a component fills.
pub struct Slot {
    /// What the configuration calls it.
    name: String,
    component: Arc<Component>,
    /// The sources that run it.
    sources: Vec<SourceName>,
    canary: ArcSwapOption<Canary>,
    /// What to go back to, while the current one is on probation.
    before: ArcSwapOption<Current>,
    called: Notify,
    door: tokio::sync::Mutex<()>,
    polls: AtomicU64,
    failures: AtomicU64,
}

/// A candidate that one source polls with.
pub struct Canary {
    /// The source.
    pub source: SourceName,
    /// The candidate.
    pub generation: Arc<Generation>,
    pub(super) heir: Heir,
    outcome: Mutex<Option<oneshot::Sender<Outcome>>>,
}

/// What the store is told of a candidate that becomes current.
#[derive(Clone, Debug)]
pub(super) struct Heir {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) package: Arc<[u8]>,
    pub(super) configured: String,
    pub(super) reason: String,
}

/// How a canary ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its poll was complete: it is current, with this number.
    Promoted(GenerationNumber),
    /// It failed.
    Failed {
        /// Why.
        reason: String,
        /// It would fail again.
        lasting: bool,
    },
}

/// What one step of one source runs on.
pub struct Turn {
    /// The current generation.
    pub current: Arc<Current>,
    /// The generation that streams begin on: one that the current one may give way to must be able to read what it wrote.
    pub base: Arc<Generation>,
    /// Set where this source is the canary.
    pub canary: Option<Arc<Canary>>,
}

impl Slot {
    /// Filled by `component`, which these sources run; with `before` still to go back to.
    pub fn new(name: impl Into<String>, component: Arc<Component>, sources: Vec<SourceName>, before: Option<Current>) -> Self {
        Self {
            name: name.into(),
            component,
            sources,
            canary: ArcSwapOption::empty(),
            before: ArcSwapOption::new(before.map(Arc::new)),
            called: Notify::new(),
            door: tokio::sync::Mutex::new(()),
            polls: AtomicU64::new(0),
            failures: AtomicU64::new(0),
        }
    }

    /// What the configuration calls it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What fills it.
    pub fn component(&self) -> &Arc<Component> {
        &self.component
    }

    /// The sources that run it.
    pub fn sources(&self) -> &[SourceName] {
        &self.sources
    }

    /// What the next step of `source` runs on.
    pub fn turn(&self, source: &SourceName) -> Turn {
        let current = self.component.now();
        let base = self.before.load().as_ref().map_or_else(|| Arc::clone(&current.generation), |before| Arc::clone(&before.generation));
        let canary = self.canary.load_full().filter(|canary| canary.source == *source);
        Turn { current, base, canary }
    }

    /// The canary's source, while one is under way.
    pub fn canary(&self) -> Option<Arc<Canary>> {
        self.canary.load_full()
    }

    /// Returns once a canary was called after this was.
    pub fn called(&self) -> tokio::sync::futures::Notified<'_> {
        self.called.notified()
    }

    /// Whether the current generation, being `number`, may be taken back.
    pub fn on_probation(&self, number: GenerationNumber) -> bool {
        self.before.load().is_some() && self.component.now().number == Some(number)
    }

    /// Lets one source try a candidate. What becomes of it comes out of the receiver; nothing where the host stops.
    pub(super) async fn call(
        &self,
        source: SourceName,
        generation: Arc<Generation>,
        heir: Heir,
    ) -> (Arc<Canary>, oneshot::Receiver<Outcome>) {
        let (outcome, receiver) = oneshot::channel();
        let canary = Arc::new(Canary { source, generation, heir, outcome: Mutex::new(Some(outcome)) });
        let _door = self.door.lock().await;
        self.canary.store(Some(Arc::clone(&canary)));
        self.called.notify_waiters();
        (canary, receiver)
    }

    /// A canary's poll was complete: its candidate is current from here on. `None` where it was withdrawn meanwhile: then its
    /// pages must not be stored.
    pub async fn promote(
        &self,
        canary: &Arc<Canary>,
        store: &Arc<dyn Store>,
        now: Instant,
    ) -> Result<Option<GenerationNumber>, StoreError> {
        let _door = self.door.lock().await;
        if !self.canary.load().as_ref().is_some_and(|calling| Arc::ptr_eq(calling, canary)) {
            return Ok(None);
        }
        let number = self.install(&canary.generation, &canary.heir, store, now).await?;
        self.canary.store(None);
        canary.end(Outcome::Promoted(number));
        Ok(Some(number))
    }

    /// Makes a proved candidate current where no source could try it.
    pub(super) async fn put(
        &self,
        generation: &Arc<Generation>,
        heir: &Heir,
        store: &Arc<dyn Store>,
        now: Instant,
    ) -> Result<GenerationNumber, StoreError> {
        let _door = self.door.lock().await;
        self.install(generation, heir, store, now).await
    }

    async fn install(
        &self,
        generation: &Arc<Generation>,
        heir: &Heir,
        store: &Arc<dyn Store>,
        now: Instant,
    ) -> Result<GenerationNumber, StoreError> {
        let before = self.component.now();
        self.flush(store).await?;
        let (component, sources, digest, heir) = (self.name.clone(), self.sources.clone(), generation.digest().to_owned(), heir.clone());
        let number = blocking(store, move |store| {
            store.install(&Successor {
                component: &component,
                digest: &digest,
                name: &heir.name,
                version: &heir.version,
                package: &heir.package,
                configured: &heir.configured,
                reason: &heir.reason,
                probation: Some(&sources),
                at: now,
            })
        })
        .await?;
        // What streams begin on changes before what is current: a step in between begins on the older one, which both read.
        self.before.store(Some(before));
        self.component.swap(Arc::clone(generation), Some(number));
        Ok(number)
    }

    /// A canary failed, or is given up. Not where it was promoted or withdrawn already.
    pub async fn withdraw(&self, canary: &Arc<Canary>, reason: String, lasting: bool) {
        let _door = self.door.lock().await;
        if self.canary.load().as_ref().is_some_and(|calling| Arc::ptr_eq(calling, canary)) {
            self.canary.store(None);
            canary.end(Outcome::Failed { reason, lasting });
        }
    }

    /// The generation `number` failed `source`. In that source's first polls it is taken back, and its streams with it.
    /// Returns whether it is not current any more.
    pub async fn take_back(
        &self,
        number: GenerationNumber,
        source: &SourceName,
        reason: &str,
        store: &Arc<dyn Store>,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let _door = self.door.lock().await;
        if self.component.now().number != Some(number) {
            return Ok(true);
        }
        let Some(before) = self.before.load_full() else { return Ok(false) };
        let (name, text) = (source.clone(), format!("source `{source}`: {reason}"));
        let back = blocking(store, move |store| match store.polls(number, &name)? {
            Some(polls) if polls < PROBATION => store.take_back(number, &text, now),
            _ => Ok(None),
        });
        let Some(back) = back.await? else { return Ok(false) };
        self.component.take_back(Arc::clone(&before.generation), Some(back));
        self.before.store(None);
        tracing::error!(
            component = self.name, %source, generation = %number, back_to = %back,
            "the component's new generation failed in its first polls and was taken back, checkpoints with it: {reason}"
        );
        Ok(true)
    }

    /// A source completed a poll on the generation `number`.
    pub async fn polled(
        &self,
        number: GenerationNumber,
        source: &SourceName,
        store: &Arc<dyn Store>,
        now: Instant,
    ) -> Result<(), StoreError> {
        self.polls.fetch_add(1, Ordering::Relaxed);
        if !self.on_probation(number) {
            return Ok(());
        }
        let _door = self.door.lock().await;
        let name = source.clone();
        let over = blocking(store, move |store| store.polled(number, &name, now)).await?;
        if over && self.component.now().number == Some(number) {
            self.before.store(None);
            tracing::info!(component = self.name, generation = %number, "the component's new generation has proved itself and stays");
        }
        Ok(())
    }

    /// A call failed, whatever the reason.
    pub fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    /// What the current generation did that the store does not know yet: polls and failures.
    pub fn tally(&self) -> (u64, u64) {
        (self.polls.load(Ordering::Relaxed), self.failures.load(Ordering::Relaxed))
    }

    /// Tells the store what the current generation did.
    pub async fn flush(&self, store: &Arc<dyn Store>) -> Result<(), StoreError> {
        let Some(number) = self.component.now().number else { return Ok(()) };
        let (polls, failures) = (self.polls.swap(0, Ordering::Relaxed), self.failures.swap(0, Ordering::Relaxed));
        if (polls, failures) == (0, 0) {
            return Ok(());
        }
        blocking(store, move |store| store.tally(number, polls, failures)).await
    }
}

impl Canary {
    fn end(&self, outcome: Outcome) {
        if let Some(waiting) = self.outcome.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Whoever asked may have gone; the history says what happened.
            let _ = waiting.send(outcome);
        }
    }
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slot").field("name", &self.name).field("component", &self.component).finish_non_exhaustive()
    }
}
