//! The calls of the contract, for one responder and the directory that it may be: configuration and grant are bound.

use std::sync::Arc;

use audit_pipeline::{
    directory::{Changes, Membership},
    responder::{Ability, Action, Order, Progress, Resolution, Setback, Target, Unsigned},
    types::{Credentials, Description},
};
use tracing::Instrument as _;

use super::{
    Runtime, answer as must,
    call::{Ended, Visit, explained, with_fault},
    component::Component,
    cover,
    error::{CallError, RespondError},
    generation::Generation,
    origins::{Declared, Origins, Reach},
    receipt,
    source::{answer, given},
};
use crate::{
    egress::{Gate, Grant},
    model::Instant,
};

/// One responder as the host calls it. Cheap to clone.
#[derive(Clone)]
pub struct Responder {
    runtime: Arc<Runtime>,
    component: Arc<Component>,
    /// The same component as a directory, where it is one.
    directory: Option<Arc<Component>>,
    /// What the generated calls take for `json`.
    config: Arc<String>,
    grant: Arc<Grant>,
    declared: Arc<Declared>,
}

/// One call: enter, instantiate, run within the time, judge.
macro_rules! call {
    ($responder:expr, $reach:expr, $function:ident($($argument:expr),*)) => {{
        let mut visit = $responder.enter($reach, $responder.component.current()).await?;
        let generation = Arc::clone(&visit.generation);
        let span = visit.traced(stringify!($function));
        let running = async {
            let instance = generation.responder()?.instantiate_async(&mut visit.store).await?;
            instance.audit_pipeline_responder().$function(&mut visit.store, $($argument),*).await
        };
        let outcome = tokio::time::timeout(visit.time, running.instrument(span)).await;
        visit.leave(outcome)
    }};
}

/// The same of the directory.
macro_rules! ask {
    ($responder:expr, $function:ident($($argument:expr),*)) => {{
        let Some(directory) = &$responder.directory else {
            return Err(CallError::Broken("it is no directory".to_owned()));
        };
        let mut visit = $responder.enter(Reach::One, directory.current()).await?;
        let generation = Arc::clone(&visit.generation);
        let span = visit.traced(stringify!($function));
        let running = async {
            let instance = generation.directory()?.instantiate_async(&mut visit.store).await?;
            instance.audit_pipeline_directory().$function(&mut visit.store, $($argument),*).await
        };
        let outcome = tokio::time::timeout(visit.time, running.instrument(span)).await;
        visit.leave(outcome)
    }};
}

impl Responder {
    /// A responder that runs `component` with `config` (JSON) and reaches no more than `grant`.
    pub fn new(runtime: Arc<Runtime>, component: Arc<Component>, config: &str, grant: Arc<Grant>) -> Self {
        Self { runtime, component, directory: None, config: Arc::new(config.to_owned()), grant, declared: Arc::default() }
    }

    /// The same with the component as a directory.
    #[must_use]
    pub fn with_directory(self, directory: Arc<Component>) -> Self {
        Self { directory: Some(directory), ..self }
    }

    /// Whether it is a directory too.
    pub fn is_directory(&self) -> bool {
        self.directory.is_some()
    }

    /// The generation that the next call gets.
    pub fn generation(&self) -> Arc<Generation> {
        self.component.current()
    }

    /// About the component.
    pub async fn describe(&self) -> Result<Description, CallError> {
        self.runtime.describe(&self.generation()).await
    }

    /// What the component must reach with this configuration, as it wrote it. Asked once a generation.
    pub async fn origins(&self) -> Result<Vec<String>, CallError> {
        Ok(self.declared().await?.written.to_vec())
    }

    /// What it can do with this configuration.
    pub async fn abilities(&self) -> Result<Vec<Ability>, CallError> {
        let mut got = answer(call!(self, Reach::Nothing, call_abilities(&self.config)))?;
        receipt::abilities(&mut got).map_err(CallError::Broken)?;
        Ok(got)
    }

    /// What is to be signed before it authenticates.
    pub async fn assertion(&self, certificate: &[u8], nonce: &str, now: Instant) -> Result<Unsigned, CallError> {
        let got = answer(call!(self, Reach::Nothing, call_assertion(&self.config, certificate, nonce, now.0)))?;
        receipt::unsigned(&got).map_err(CallError::Broken)?;
        Ok(got)
    }

    /// A token for an action, or for reading.
    pub async fn authenticate(&self, secrets: &[(String, String)], action: Option<Action>, now: Instant) -> Result<Credentials, CallError> {
        let got = answer(call!(self, Reach::One, call_authenticate(&self.config, &secrets.to_vec(), action, now.0)))
            .map_err(|why| cover::error(why, &given(secrets, [])))?;
        must::credentials(&got).map_err(CallError::Broken)?;
        Ok(got)
    }

    /// The account of a target, or what to ask next.
    pub async fn resolve(&self, token: &str, target: &Target, state: Option<&str>, now: Instant) -> Result<Resolution, CallError> {
        let state = state.map(str::to_owned);
        let mut got = answer(call!(self, Reach::One, call_resolve(&self.config, token, target, state.as_ref(), now.0)))
            .map_err(|why| cover::error(why, &[token]))?;
        receipt::resolution(&mut got).map_err(CallError::Broken)?;
        Ok(got)
    }

    /// The next step of an order. An error says whether something may have been done all the same.
    pub async fn respond(&self, token: &str, order: &Order, state: Option<&str>, now: Instant) -> Result<Progress, RespondError> {
        let state = state.map(str::to_owned);
        let ended = self.responded(token, order, state.as_ref(), now).await.map_err(RespondError::unsent)?;
        let (sent, fault) = (ended.sent, ended.fault.as_ref());
        match (ended.result, ended.refusal) {
            (Ok(Ok(mut progress)), _) => match receipt::progress(&mut progress) {
                Ok(()) => Ok(progress),
                Err(what) => Err(RespondError { why: CallError::Broken(what), uncertain: sent, trace: None }),
            },
            (Ok(Err(_)), Some(refusal)) if !sent => Err(RespondError::unsent(explained(&refusal))),
            (Ok(Err(Setback { failure, uncertain, mut trace })), _) => {
                trace.iter_mut().for_each(receipt::trace);
                let why = cover::error(CallError::Failed(must::failure(with_fault(failure, fault))), &[token]);
                // Where nothing left the gate nothing was done, whatever the component thinks.
                Err(RespondError { why, uncertain: uncertain && sent, trace })
            }
            (Err(why), _) => Err(RespondError { why, uncertain: sent, trace: None }),
        }
    }

    /// Who is new or changed in the directory.
    pub async fn changed(&self, token: &str, checkpoint: Option<&str>, now: Instant) -> Result<Changes, CallError> {
        let checkpoint = checkpoint.map(str::to_owned);
        let mut got =
            answer(ask!(self, call_changed(&self.config, token, checkpoint.as_ref(), now.0))).map_err(|why| cover::error(why, &[token]))?;
        receipt::changes(&mut got).map_err(CallError::Broken)?;
        Ok(got)
    }

    /// Who belongs to a group.
    pub async fn members(&self, token: &str, group: &str, page: Option<&str>, now: Instant) -> Result<Membership, CallError> {
        let page = page.map(str::to_owned);
        let mut got = answer(ask!(self, call_members(&self.config, token, group, page.as_ref(), now.0)))
            .map_err(|why| cover::error(why, &[token]))?;
        receipt::membership(&mut got).map_err(CallError::Broken)?;
        Ok(got)
    }

    async fn responded(
        &self,
        token: &str,
        order: &Order,
        state: Option<&String>,
        now: Instant,
    ) -> Result<Ended<Result<Progress, Setback>>, CallError> {
        Ok(call!(self, Reach::One, call_respond(&self.config, token, order, state, now.0)))
    }

    async fn enter(&self, reach: Reach, generation: Arc<Generation>) -> Result<Visit, CallError> {
        let (declared, requests) = match reach {
            Reach::Nothing => (Arc::default(), 0),
            Reach::One => (self.declared().await?.grant, 1),
        };
        self.visit(generation, declared, requests).await
    }

    async fn visit(&self, generation: Arc<Generation>, declared: Arc<Grant>, requests: u32) -> Result<Visit, CallError> {
        let (transport, limits) = (Arc::clone(&self.runtime.transport), self.runtime.limits.request);
        let gate = Gate::new(transport, Arc::clone(&self.grant), declared, limits, requests);
        Visit::enter(&self.runtime, generation, gate).await
    }

    /// What the current generation declares, asked where it was not yet.
    async fn declared(&self) -> Result<Origins, CallError> {
        let generation = self.component.current();
        if let Some(known) = self.declared.get(generation.digest()) {
            return Ok(known);
        }
        let mut visit = self.visit(Arc::clone(&generation), Arc::default(), 0).await?;
        let span = visit.traced("call_origins");
        let running = async {
            let instance = generation.responder()?.instantiate_async(&mut visit.store).await?;
            instance.audit_pipeline_responder().call_origins(&mut visit.store, &self.config).await
        };
        let outcome = tokio::time::timeout(visit.time, running.instrument(span)).await;
        let origins = Origins::new(answer(visit.leave(outcome))?)?;
        self.declared.put(generation.digest(), origins.clone());
        Ok(origins)
    }
}

impl std::fmt::Debug for Responder {
    /// Without the configuration, which is the operator's business.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Responder").field("generation", &self.generation()).field("grant", &self.grant).finish_non_exhaustive()
    }
}
