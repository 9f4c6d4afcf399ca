//! All slots of a host, and offering candidates to them: one at a time a slot.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedMutexGuard, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::{
    difference::Difference,
    kept,
    proof::{Ground, Proved, Refusal, Step, prove},
    slot::{Canary, Heir, Outcome, Slot},
    tenancy::Tenancy,
};
use crate::{
    clock::Clock,
    config::ComponentRef,
    model::{GenerationNumber, SourceName},
    neutral::visible,
    runtime::{Runtime, Source, digest},
    schedule::{Remedy, State, Status},
    store::{Refused, Store, StoreError, blocking},
    trust::{Package, Trust},
};

/// How long a canary may take: twice the longest pause that a vendor's limits commonly ask for.
const PATIENCE: Duration = Duration::from_secs(600);

/// A source that runs a component, as a swap sees it.
pub struct Seat {
    /// Its name.
    pub name: SourceName,
    /// Its calls.
    pub source: Source,
    /// The origins it grants, as text.
    pub allow: Vec<String>,
    /// How it does.
    pub status: watch::Receiver<Status>,
}

/// What a person accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consent {
    /// Only the same events from every transcript.
    Same,
    /// Whatever differs, or that there is nothing to compare.
    Any,
}

/// A candidate for a slot.
pub struct Offer {
    /// The slot: as the configuration names the component, or a short name of it.
    pub component: String,
    /// The candidate.
    pub package: Arc<Package>,
    /// What is accepted.
    pub consent: Consent,
    /// Why it comes.
    pub reason: String,
}

/// A candidate that became current.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promoted {
    /// Its number.
    pub number: GenerationNumber,
    /// Its digest.
    pub digest: String,
    /// What it calls itself.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What vouches for it.
    pub vouched: String,
    /// The source that tried it.
    pub canary: Option<SourceName>,
    /// How many transcripts it was compared on.
    pub transcripts: usize,
    /// What it does differently.
    pub differences: Vec<Difference>,
}

/// All slots of a host.
pub struct Swaps {
    pub(super) runtime: Arc<Runtime>,
    pub(super) trust: Trust,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) posts: Vec<Post>,
    /// Of some sources alone: what fills the slots stays.
    part: bool,
}

/// A slot and who runs what fills it.
pub(super) struct Post {
    pub(super) tenancy: Tenancy,
    pub(super) seats: Vec<Seat>,
    /// What vouched for each generation that may be current, by its digest.
    pub(super) vouched: Mutex<BTreeMap<String, String>>,
    busy: Arc<tokio::sync::Mutex<()>>,
}

/// An offer whose canary is polling.
pub(crate) struct Begun<'a> {
    post: &'a Post,
    promoted: Promoted,
    trial: Option<(Arc<Canary>, oneshot::Receiver<Outcome>)>,
    _busy: OwnedMutexGuard<()>,
}

impl Swaps {
    /// Of these slots.
    pub fn new(
        runtime: Arc<Runtime>,
        trust: Trust,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        slots: impl IntoIterator<Item = (Tenancy, Vec<Seat>)>,
    ) -> Self {
        let post = |(tenancy, seats): (Tenancy, Vec<Seat>)| Post {
            vouched: Mutex::new([(tenancy.slot.component().current().digest().to_owned(), tenancy.vouched.clone())].into()),
            tenancy,
            seats,
            busy: Arc::default(),
        };
        Self { runtime, trust, store, clock, posts: slots.into_iter().map(post).collect(), part: false }
    }

    /// The same of a run for some sources alone. It replaces nothing: for the others that run the same, nothing would be proved.
    #[must_use]
    pub fn of_some(self) -> Self {
        Self { part: true, ..self }
    }

    /// Proves a candidate, lets one source try it, and says what became of it. The history knows afterwards, too.
    pub async fn offer(&self, offer: Offer) -> Result<Promoted, Refusal> {
        let post = self.find(&offer.component)?;
        let begun = self.begin(post, &offer).await?;
        self.end(begun, self.clock.sleep_until(self.clock.now().plus(PATIENCE))).await
    }

    /// The slots.
    pub fn slots(&self) -> impl Iterator<Item = &Arc<Slot>> {
        self.posts.iter().map(|post| &post.tenancy.slot)
    }

    /// The slot that a person means.
    pub(super) fn find(&self, name: &str) -> Result<&Post, Refusal> {
        let exact = self.posts.iter().find(|post| post.tenancy.slot.name() == name);
        if let Some(post) = exact {
            return Ok(post);
        }
        let short = |post: &&Post| match &post.tenancy.reference {
            ComponentRef::Builtin(builtin) => builtin == name,
            ComponentRef::Path(path) => {
                path.file_stem().is_some_and(|stem| stem == name) || path.file_name().is_some_and(|file| file == name)
            }
        };
        let all = || self.posts.iter().map(|post| post.tenancy.slot.name()).collect::<Vec<_>>().join(", ");
        match *self.posts.iter().filter(short).collect::<Vec<_>>() {
            [post] => Ok(post),
            [] => Err(Refusal::lasting(Step::Trust, format!("no source runs a component `{}`: name one of {}", visible(name), all()))),
            _ => Err(Refusal::lasting(Step::Trust, format!("several components are called `{}`: name one of {}", visible(name), all()))),
        }
    }

    /// The proof, and the call of the canary.
    pub(super) async fn begin<'a>(&'a self, post: &'a Post, offer: &Offer) -> Result<Begun<'a>, Refusal> {
        if self.part {
            let why = "this process runs for some sources alone, and could prove it for no other: the next `miro-source run` takes it";
            return Err(Refusal::passing(Step::Trust, why));
        }
        let busy = Arc::clone(&post.busy).lock_owned().await;
        let found = digest(&offer.package.wasm);
        if post.tenancy.slot.component().current().digest() == found {
            return Err(Refusal::passing(Step::Trust, format!("sha256:{found} is the current generation already")));
        }
        match self.try_begin(post, offer, busy).await {
            Ok(begun) => Ok(begun),
            Err(refusal) => Err(self.refused(post, &found, refusal).await),
        }
    }

    async fn try_begin<'a>(&'a self, post: &'a Post, offer: &Offer, busy: OwnedMutexGuard<()>) -> Result<Begun<'a>, Refusal> {
        let (slot, seats) = (&post.tenancy.slot, post.seats.as_slice());
        let ground = Ground {
            runtime: &self.runtime,
            trust: &self.trust,
            store: &self.store,
            kind: post.tenancy.kind,
            seats,
            now: self.clock.now(),
        };
        let proved = prove(&ground, &offer.package).await?;
        self.runtime.name(&proved.generation, slot.name());
        accepted(&proved, offer.consent)?;
        let named = offer.package.origin == post.tenancy.reference;
        let configured = if named { digest(&offer.package.wasm) } else { post.tenancy.configured.clone() };
        let unpacked = |why: serde_json::Error| Refusal::passing(Step::Trust, format!("failed to pack it: {why}"));
        let heir = Heir {
            name: proved.description.name.clone(),
            version: proved.description.version.clone(),
            package: kept::pack(&offer.package).map_err(unpacked)?.into(),
            configured,
            reason: offer.reason.clone(),
        };
        let mut promoted = Promoted {
            number: GenerationNumber(0),
            digest: proved.generation.digest().to_owned(),
            name: proved.description.name,
            version: proved.description.version,
            vouched: proved.vouched.to_string(),
            canary: None,
            transcripts: proved.transcripts,
            differences: proved.differences,
        };
        let trial = if seats.is_empty() {
            let put = slot.put(&proved.generation, &heir, &self.store, self.clock.now()).await;
            promoted.number = put.map_err(|why| unstored(&why))?;
            None
        } else {
            let canary = choose(seats).ok_or_else(|| {
                Refusal::passing(
                    Step::Canary,
                    "no source of this component can poll now: see `miro-source status`, and mend one of them first",
                )
            })?;
            promoted.canary = Some(canary.clone());
            Some(slot.call(canary, proved.generation, heir).await)
        };
        Ok(Begun { post, promoted, trial, _busy: busy })
    }

    /// Waits for the canary, at most until `given_up`.
    pub(super) async fn end(&self, begun: Begun<'_>, given_up: BoxFuture<'static, ()>) -> Result<Promoted, Refusal> {
        let Begun { post, mut promoted, trial, _busy } = begun;
        let Some((canary, mut outcome)) = trial else { return Ok(promoted) };
        let ended = tokio::select! {
            biased;
            ended = &mut outcome => ended,
            () = given_up => {
                let reason = format!("source `{}` did not complete a poll in time; it is tried again", canary.source);
                post.tenancy.slot.withdraw(&canary, reason, false).await;
                outcome.await
            }
        };
        let refusal = match ended {
            Ok(Outcome::Promoted(number)) => {
                promoted.number = number;
                let mut vouched = post.vouched.lock().unwrap_or_else(PoisonError::into_inner);
                vouched.insert(promoted.digest.clone(), promoted.vouched.clone());
                drop(vouched);
                tracing::info!(
                    component = post.tenancy.slot.name(), generation = %number, digest = promoted.digest, canary = %canary.source,
                    "a new generation of the component is current"
                );
                return Ok(promoted);
            }
            Ok(Outcome::Failed { reason, lasting: true }) => Refusal::lasting(Step::Canary, reason),
            Ok(Outcome::Failed { reason, lasting: false }) => Refusal::passing(Step::Canary, reason),
            Err(_) => Refusal::passing(Step::Canary, "the host stopped before its canary was done"),
        };
        let refusal = Refusal { named: Some((promoted.name, promoted.version)), ..refusal };
        Err(self.refused(post, &promoted.digest, refusal).await)
    }

    /// Offers what the configuration names and is not current. Returns with the canaries polling.
    pub(crate) async fn begin_waiting(&self) -> Vec<Begun<'_>> {
        let mut begun = Vec::new();
        for post in self.posts.iter().filter(|_| !self.part) {
            let Some(package) = &post.tenancy.waiting else { continue };
            // Logged and noted by `begin`.
            begun.extend(self.begin(post, &waiting(post, package)).await.ok());
        }
        begun
    }

    /// Polls were taken with it: what is still trying is given up.
    pub(crate) async fn end_waiting(&self, begun: Vec<Begun<'_>>) {
        for each in begun {
            // Logged and noted by `end`.
            let _ = self.end(each, Box::pin(std::future::ready(()))).await;
        }
    }

    /// Serves until told to stop: candidates that wait, files that change.
    pub async fn run(&self, shutdown: CancellationToken) {
        let tending = futures_util::future::join_all(self.posts.iter().filter(|_| !self.part).map(|post| self.tend(post)));
        tokio::select! {
            () = shutdown.cancelled() => {}
            _ = tending => shutdown.cancelled().await,
        }
        self.flush().await;
    }

    /// Notes what the components did, for whoever looks when no host runs.
    pub async fn flush(&self) {
        for post in &self.posts {
            if let Err(why) = post.tenancy.slot.flush(&self.store).await {
                tracing::warn!(component = post.tenancy.slot.name(), "failed to note what the component did: {why}");
            }
        }
    }

    /// Logs and notes a refusal.
    async fn refused(&self, post: &Post, digest: &str, refusal: Refusal) -> Refusal {
        let component = post.tenancy.slot.name();
        tracing::error!(component, digest, step = %refusal.step, "a candidate was refused: {}", visible(&refusal.reason));
        let (component, digest, at, noted) = (component.to_owned(), digest.to_owned(), self.clock.now(), refusal.clone());
        let kept = blocking(&self.store, move |store| {
            let (name, version) = noted.named.unwrap_or_default();
            let reason = format!("{}: {}", noted.step, noted.reason);
            let (name, version, lasting) = (name.as_str(), version.as_str(), noted.lasting);
            store.refuse(&Refused { component: &component, digest: &digest, name, version, reason: &reason, lasting, at })
        });
        if let Err(why) = kept.await {
            tracing::warn!("failed to note the refusal: {why}");
        }
        refusal
    }
}

/// The offer of what the configuration names.
pub(super) fn waiting(post: &Post, package: &Arc<Package>) -> Offer {
    // A builtin comes with the host, whose operator chose it; its differences are told, not asked about.
    let consent = if matches!(package.origin, ComponentRef::Builtin(_)) { Consent::Any } else { Consent::Same };
    let component = post.tenancy.slot.name().to_owned();
    Offer { component, package: Arc::clone(package), consent, reason: "the configuration names it".to_owned() }
}

fn accepted(proved: &Proved, consent: Consent) -> Result<(), Refusal> {
    let named = Some((proved.description.name.clone(), proved.description.version.clone()));
    let refuse = |reason: String, lasting| {
        let differences = proved.differences.clone();
        Err(Refusal { step: Step::Replay, reason, lasting, differences, named: named.clone() })
    };
    match (consent, proved.transcripts, proved.differences.len()) {
        (Consent::Any, ..) => Ok(()),
        (Consent::Same, 0, _) => refuse(
            "there is no page yet to compare it on; poll once, or accept it unseen with `components swap … --accept-diff`".to_owned(),
            false,
        ),
        (Consent::Same, _, 0) => Ok(()),
        (Consent::Same, pages, fields) => refuse(
            format!(
                "{fields} fields differ on {pages} recorded pages; look at them with `components swap …`, accept them with `--accept-diff`"
            ),
            true,
        ),
    }
}

/// A source that collects, or at least one that nobody must mend first.
fn choose(seats: &[Seat]) -> Option<SourceName> {
    let able = |seat: &&Seat| seat.status.borrow().problem.as_ref().is_none_or(|problem| problem.remedy == Remedy::Wait);
    let collecting = |seat: &&Seat| {
        let status = seat.status.borrow();
        status.state == State::Collecting && status.problem.is_none()
    };
    seats.iter().find(collecting).or_else(|| seats.iter().find(able)).map(|seat| seat.name.clone())
}

fn unstored(why: &StoreError) -> Refusal {
    Refusal::passing(Step::Canary, why.to_string())
}
