//! The calls of the contract, for one detector: its configuration is bound, its component may be swapped.

use std::sync::Arc;

use audit_pipeline::{
    detector::{Answer, Profile, Rule, Sighting, Trail},
    types::{Description, Event},
};
use tracing::Instrument as _;

use super::{Runtime, answer as must, call::Visit, component::Component, error::CallError, generation::Generation, rules, verdict};
use crate::egress::Gate;

/// One detector as the host calls it. Cheap to clone.
#[derive(Clone)]
pub struct Detector {
    runtime: Arc<Runtime>,
    component: Arc<Component>,
    /// What the generated calls take for `json`.
    config: Arc<String>,
}

/// One call: enter, instantiate, run within the time, judge.
macro_rules! call {
    ($detector:expr, $function:ident($($argument:expr),*)) => {{
        let mut visit = $detector.enter().await?;
        let generation = Arc::clone(&visit.generation);
        let span = visit.traced(stringify!($function));
        let running = async {
            let instance = generation.detector()?.instantiate_async(&mut visit.store).await?;
            instance.audit_pipeline_detector().$function(&mut visit.store, &$detector.config $(, $argument)*).await
        };
        let outcome = tokio::time::timeout(visit.time, running.instrument(span)).await;
        visit.leave(outcome).answered().map_err(short)
    }};
}

impl Detector {
    /// A detector that runs `component` with `config` (JSON). It reaches nothing.
    pub fn new(runtime: Arc<Runtime>, component: Arc<Component>, config: &str) -> Self {
        Self { runtime, component, config: Arc::new(config.to_owned()) }
    }

    /// The generation that the next call gets.
    pub fn generation(&self) -> Arc<Generation> {
        self.component.current()
    }

    /// Its configuration, as JSON.
    pub fn config(&self) -> &str {
        &self.config
    }

    /// About the component.
    pub async fn describe(&self) -> Result<Description, CallError> {
        self.runtime.describe(&self.generation()).await
    }

    /// Every rule that it has, and what each reads. Fails where its configuration can never work.
    pub async fn rules(&self) -> Result<Vec<Rule>, CallError> {
        let mut got = call!(self, call_rules())?;
        rules::check(&mut got).map_err(CallError::Broken)?;
        Ok(got)
    }

    /// Whose profiles the sightings will need, as far as it tells by whose they are.
    pub async fn subjects(&self, sightings: &[Sighting]) -> Result<Vec<String>, CallError> {
        let trails: Vec<Trail> = sightings.iter().map(trail).collect();
        let got = call!(self, call_subjects(&trails))?;
        verdict::subjects(&got, sightings.len()).map_err(CallError::Broken)?;
        Ok(got)
    }

    /// What the sightings lead to, or whose profiles it needs first. The answer is checked against what was asked.
    pub async fn detect(&self, sightings: &[Sighting], profiles: &[Profile]) -> Result<Answer, CallError> {
        let mut got = call!(self, call_detect(sightings, profiles))?;
        verdict::check(&mut got, sightings).map_err(CallError::Broken)?;
        Ok(got)
    }

    async fn enter(&self) -> Result<Visit, CallError> {
        let gate = Gate::new(Arc::clone(&self.runtime.transport), Arc::default(), Arc::default(), self.runtime.limits.request, 0);
        Visit::enter(&self.runtime, self.generation(), gate).await
    }
}

/// A failure in bounds.
fn short(why: CallError) -> CallError {
    match why {
        CallError::Failed(failure) => CallError::Failed(must::failure(failure)),
        other => other,
    }
}

fn trail(sighting: &Sighting) -> Trail {
    let Event { actor, ip, .. } = &sighting.event;
    Trail { actor: actor.id.clone(), email: actor.email.clone(), ip: ip.clone() }
}

impl std::fmt::Debug for Detector {
    /// Without the configuration, which is the operator's business.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Detector").field("generation", &self.generation()).finish_non_exhaustive()
    }
}
