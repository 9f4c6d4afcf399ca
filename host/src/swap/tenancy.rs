//! What fills a slot when the host starts.
//!
//! The store's history decides: the generation that was current serves on, whatever lies in the configured file by now. What
//! lies there is offered as a candidate like any other, unless the history says that it was refused or taken back already.

use std::sync::Arc;

use super::{kept, slot::Slot};
use crate::{
    config::ComponentRef,
    model::{GenerationNumber, Instant, SourceName},
    neutral::visible,
    runtime::{Component, Current, Generation, Kind, Runtime},
    store::{Store, Successor, Tenure, TenureState, blocking},
    trust::{Package, Trust},
};

/// A slot, filled.
pub struct Tenancy {
    /// The slot.
    pub slot: Arc<Slot>,
    /// What the configuration names.
    pub reference: ComponentRef,
    /// What the component is for.
    pub kind: Kind,
    /// The digest of what the configuration named at the start.
    pub configured: String,
    /// What vouches for the current generation.
    pub vouched: String,
    /// What the configuration names and what is not current: a candidate.
    pub waiting: Option<Arc<Package>>,
}

/// What opening a slot needs.
pub(super) struct Opening<'a> {
    pub(super) runtime: &'a Runtime,
    pub(super) trust: &'a Trust,
    pub(super) store: &'a Arc<dyn Store>,
    pub(super) kind: Kind,
    pub(super) now: Instant,
}

struct Found {
    generation: Arc<Generation>,
    number: GenerationNumber,
    vouched: String,
}

impl Tenancy {
    /// Fills the slot of a source's component.
    pub async fn open(
        runtime: &Runtime,
        trust: &Trust,
        store: &Arc<dyn Store>,
        reference: &ComponentRef,
        sources: Vec<SourceName>,
        now: Instant,
    ) -> anyhow::Result<Self> {
        Opening { runtime, trust, store, kind: Kind::Source, now }.open(reference, sources).await
    }
}

impl Opening<'_> {
    async fn open(&self, reference: &ComponentRef, sources: Vec<SourceName>) -> anyhow::Result<Tenancy> {
        let name = reference.to_string();
        let (trust, named) = (self.trust.clone(), reference.clone());
        // What the configuration names must be trusted, even where it is not what serves: a source whose operator took the trust
        // away must not run on because an earlier start had it.
        let admitted = tokio::task::spawn_blocking(move || crate::trust::admit(&trust, &named)).await??;
        let (package, vouched) = (Arc::new(admitted.package), admitted.vouched.to_string());
        let configured = crate::runtime::digest(&package.wasm);
        let tenures = blocking(self.store, |store| store.tenures()).await?;
        let tenures: Vec<Tenure> = tenures.into_iter().filter(|each| each.component == name).collect();
        let current = tenures.iter().find(|each| each.state == TenureState::Current);
        let mut waiting = None;
        let (found, before) = match current {
            None => (self.begin(&name, &package, vouched, "the first").await?, None),
            Some(current) if current.digest == configured => {
                let generation = self.load(&name, &package).await?;
                (Found { generation, number: current.number, vouched }, self.before(current, &tenures).await)
            }
            Some(current) => match self.kept(current).await {
                Ok(found) => {
                    waiting = self.candidate(&name, current, &tenures, &configured, package);
                    (found, self.before(current, &tenures).await)
                }
                Err(why) => {
                    let why = format!("the generation before does not run any more: {why}");
                    tracing::warn!(component = name, "{why}; taking what the configuration names");
                    (self.begin(&name, &package, vouched, &why).await?, None)
                }
            },
        };
        self.runtime.name(&found.generation, &name);
        let component = Arc::new(Component::numbered(found.generation, Some(found.number)));
        let slot = Arc::new(Slot::new(name, component, sources, before));
        Ok(Tenancy { slot, reference: reference.clone(), kind: self.kind, configured, vouched: found.vouched, waiting })
    }

    async fn load(&self, name: &str, package: &Package) -> anyhow::Result<Arc<Generation>> {
        let loaded = self.runtime.load_as(self.kind, package.wasm.as_slice().into()).await;
        loaded.map_err(|why| anyhow::anyhow!("failed to load component {name}: {why}"))
    }

    /// The first generation of a slot: nothing to prove it against, and nothing to go back to.
    async fn begin(&self, name: &str, package: &Package, vouched: String, reason: &str) -> anyhow::Result<Found> {
        let generation = self.load(name, package).await?;
        // One that cannot even say what it is shows that at its first poll; its source says so then.
        let described = self.runtime.describe(&generation).await.ok();
        let (component, reason, now) = (name.to_owned(), reason.to_owned(), self.now);
        let (packed, digest) = (kept::pack(package)?, generation.digest().to_owned());
        let number = blocking(self.store, move |store| {
            store.install(&Successor {
                component: &component,
                digest: &digest,
                name: described.as_ref().map_or("", |described| &described.name),
                version: described.as_ref().map_or("", |described| &described.version),
                package: &packed,
                configured: &digest,
                reason: &reason,
                probation: None,
                at: now,
            })
        });
        Ok(Found { number: number.await?, generation, vouched })
    }

    /// A generation from the store, judged again.
    async fn kept(&self, tenure: &Tenure) -> Result<Found, String> {
        let number = tenure.number;
        let bytes = blocking(self.store, move |store| store.package(number)).await.map_err(|why| why.to_string())?;
        let package = bytes.as_deref().and_then(kept::unpack).ok_or("the store does not hold it in a form that this host reads")?;
        let vouched = kept::may_run(&package, self.trust)?;
        let loaded = self.runtime.load_as(self.kind, package.wasm.as_slice().into()).await;
        Ok(Found { generation: loaded.map_err(|why| why.to_string())?, number, vouched })
    }

    /// What to go back to, while the current generation is on probation.
    async fn before(&self, current: &Tenure, tenures: &[Tenure]) -> Option<Current> {
        let before = tenures.iter().rev().find(|each| each.state == TenureState::Replaced && current.probation)?;
        match self.kept(before).await {
            Ok(found) => Some(Current { generation: found.generation, number: Some(found.number), setbacks: 0 }),
            Err(why) => {
                tracing::warn!(
                    component = current.component,
                    "the new generation cannot be taken back, since the one before does not run: {why}"
                );
                None
            }
        }
    }

    /// What the configuration names, where that is something to try.
    fn candidate(&self, name: &str, current: &Tenure, tenures: &[Tenure], configured: &str, package: Arc<Package>) -> Option<Arc<Package>> {
        if current.configured == configured {
            tracing::info!(component = name, generation = %current.number, digest = current.digest, "serving what was swapped in, not what the configuration names");
            return None;
        }
        let last = tenures.iter().rev().find(|each| each.digest == configured);
        match last.filter(|last| last.state == TenureState::TakenBack || last.lasting) {
            Some(last) => {
                tracing::error!(
                    component = name,
                    digest = configured,
                    "what the configuration names was {} before ({}); generation {} serves on; to try it again: `miro-source components swap`",
                    last.state.as_str(),
                    visible(&last.reason),
                    current.number
                );
                None
            }
            None => Some(package),
        }
    }
}
