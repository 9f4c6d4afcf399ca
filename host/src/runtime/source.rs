//! The calls of the contract, for one source: its configuration and grant are bound, its component may be swapped.

use std::sync::Arc;

use audit_pipeline::{
    source::{Allowance, Identity, Note, Page, RefreshFailure, Span},
    types::{Credentials, Description, Event, Failure},
};
use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument as _;

use super::{
    Runtime, answer as must,
    call::{Ended, Visit, explained, with_fault},
    component::Component,
    cover,
    error::{CallError, RefreshError},
    generation::Generation,
    origins::{Declared, Origins, Reach},
    page,
};
use crate::{
    egress::{Gate, Grant, Transport},
    model::Instant,
};

/// One source as its component sees it. Cheap to clone.
#[derive(Clone)]
pub struct Source {
    runtime: Arc<Runtime>,
    code: Code,
    /// How its requests travel.
    transport: Arc<dyn Transport>,
    /// What the generated calls take for `json`.
    config: Arc<String>,
    grant: Arc<Grant>,
    declared: Arc<Declared>,
}

/// Which generation serves a call.
#[derive(Clone)]
enum Code {
    /// Whichever is current when the call begins.
    Current(Arc<Component>),
    /// This one.
    Pinned(Arc<Generation>),
}

/// One call: enter, instantiate, run within the time, judge.
macro_rules! call {
    ($source:expr, $reach:expr, $function:ident($($argument:expr),*)) => {{
        let mut visit = $source.enter($reach).await?;
        let generation = Arc::clone(&visit.generation);
        let span = visit.traced(stringify!($function));
        let running = async {
            let instance = generation.source()?.instantiate_async(&mut visit.store).await?;
            instance.audit_pipeline_source().$function(&mut visit.store, $($argument),*).await
        };
        let outcome = tokio::time::timeout(visit.time, running.instrument(span)).await;
        visit.leave(outcome)
    }};
}

impl Source {
    /// A source that runs `component` with `config` (JSON) and reaches no more than `grant`.
    pub fn new(runtime: Arc<Runtime>, component: Arc<Component>, config: Arc<str>, grant: Arc<Grant>) -> Self {
        let transport = Arc::clone(&runtime.transport);
        let config = Arc::new(config.as_ref().to_owned());
        Self { runtime, code: Code::Current(component), transport, config, grant, declared: Arc::default() }
    }

    /// The generation that the next call gets.
    pub fn generation(&self) -> Arc<Generation> {
        match &self.code {
            Code::Current(component) => component.current(),
            Code::Pinned(generation) => Arc::clone(generation),
        }
    }

    /// The same source on one generation, whatever becomes current meanwhile.
    pub fn pinned(&self, generation: Arc<Generation>) -> Self {
        Self { code: Code::Pinned(generation), ..self.clone() }
    }

    /// The same source, its requests travelling another way.
    pub fn over(&self, transport: Arc<dyn Transport>) -> Self {
        Self { transport, ..self.clone() }
    }

    /// How its requests travel.
    pub fn transport(&self) -> Arc<dyn Transport> {
        Arc::clone(&self.transport)
    }

    /// The same source with another configuration, as it was when a transcript was made.
    pub fn configured(&self, config: &str) -> Self {
        if *self.config == config {
            return self.clone();
        }
        Self { config: Arc::new(config.to_owned()), declared: Arc::default(), ..self.clone() }
    }

    /// Its configuration, as JSON.
    pub fn config(&self) -> &str {
        &self.config
    }

    /// About the component.
    pub async fn describe(&self) -> Result<Description, CallError> {
        self.runtime.describe(&self.generation()).await
    }

    /// How the vendor meters requests.
    pub async fn metering(&self) -> Result<Allowance, CallError> {
        let got = answer(call!(self, Reach::Nothing, call_metering(&self.config)))?;
        must::allowance(&got).map_err(CallError::Broken)?;
        Ok(got)
    }

    /// What the component must reach with this configuration, as it wrote it. Asked once a generation.
    pub async fn origins(&self) -> Result<Vec<String>, CallError> {
        Ok(self.declared(&self.generation()).await?.written.to_vec())
    }

    /// Who the token belongs to and what it may do.
    pub async fn check(&self, access_token: &str) -> Result<Identity, CallError> {
        let got =
            answer(call!(self, Reach::One, call_check(&self.config, access_token))).map_err(|why| cover::error(why, &[access_token]))?;
        must::identity(&got).map_err(CallError::Broken)?;
        Ok(got)
    }

    /// Where to send a person's browser.
    pub async fn authorize_url(&self, redirect_uri: &str, state: &str) -> Result<String, CallError> {
        let got = answer(call!(self, Reach::Nothing, call_authorize_url(&self.config, redirect_uri, state)))?;
        must::address(&got).map_err(CallError::Broken)?;
        Ok(got)
    }

    /// Turns the code from the redirect into credentials.
    pub async fn exchange(
        &self,
        secrets: &[(String, String)],
        code: &str,
        redirect_uri: &str,
        now: Instant,
    ) -> Result<Credentials, CallError> {
        let got = answer(call!(self, Reach::One, call_exchange(&self.config, &secrets.to_vec(), code, redirect_uri, now.0)))
            .map_err(|why| cover::error(why, &given(secrets, [Some(code)])))?;
        must::credentials(&got).map_err(CallError::Broken)?;
        Ok(got)
    }

    /// Turns credentials into newer ones. See [`RefreshError`] for what a failure allows.
    pub async fn refresh(
        &self,
        secrets: &[(String, String)],
        credentials: &Credentials,
        now: Instant,
    ) -> Result<Credentials, RefreshError> {
        let ended = self.refreshed(secrets, credentials, now).await.map_err(RefreshError::BrokenUnsent)?;
        let fault = ended.fault.as_ref();
        match (ended.result, ended.refusal) {
            (Ok(Ok(got)), _) => must::credentials(&got).map(|()| got).map_err(|what| RefreshError::Broken(CallError::Broken(what))),
            // Nothing left the gate: the pair is as good as before, whatever the component thinks.
            (Ok(Err(_)), Some(refusal)) if !ended.sent => Err(unsent(explained(&refusal))),
            (Err(why), _) if !ended.sent => Err(RefreshError::BrokenUnsent(why)),
            (Ok(Err(RefreshFailure::Unknown(why))), _) if !ended.sent => {
                Err(unsent(CallError::Failed(with_fault(Failure::Unavailable(why), fault))))
            }
            (Ok(Err(RefreshFailure::Unsent(why))), _) => Err(RefreshError::Refused(shown(RefreshFailure::Unsent(with_fault(why, fault))))),
            (Ok(Err(why)), _) => Err(RefreshError::Refused(shown(why))),
            (Err(why), _) => Err(RefreshError::Broken(why)),
        }
        .map_err(|why| cover::refresh(why, &given(secrets, tokens(credentials))))
    }

    /// Ends the credentials at the vendor.
    pub async fn revoke(&self, secrets: &[(String, String)], credentials: &Credentials) -> Result<(), CallError> {
        answer(call!(self, Reach::One, call_revoke(&self.config, &secrets.to_vec(), credentials)))
            .map_err(|why| cover::error(why, &given(secrets, tokens(credentials))))
    }

    /// The first checkpoint of a span.
    pub async fn begin(&self, span: Span, now: Instant) -> Result<String, CallError> {
        let checkpoint = answer(call!(self, Reach::Nothing, call_begin(&self.config, span, now.0)))?;
        page::checkpoint(&checkpoint).map_err(CallError::Broken)?;
        Ok(checkpoint)
    }

    /// A turn to take a step: from `collect` to the end of what is done with its page. Without it every source could hold a
    /// page of many megabytes while it waits for the store.
    pub async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        // Closed only with the runtime, and then nobody holds a page.
        Arc::clone(&self.runtime.turns).acquire_owned().await.ok()
    }

    /// The next step: at most one request. The page is checked.
    pub async fn collect(&self, access_token: &str, checkpoint: &str, now: Instant) -> Result<Page, CallError> {
        let ended = call!(self, Reach::One, call_collect(&self.config, access_token, &checkpoint.to_owned(), now.0));
        let refusal = ended.refusal.clone();
        let mut got = shown_failure(ended.answered()).map_err(|why| cover::error(why, &[access_token]))?;
        page::check(&mut got).map_err(CallError::Broken)?;
        // After the check, which shortens: covering a text of many megabytes takes seconds.
        cover::notes(&mut got, &[access_token]);
        // It went on as if nothing had been refused: whoever reads the log should know.
        got.notes.splice(0..0, refusal.map(|refusal| Note::Warning(refusal.to_string())));
        Ok(got)
    }

    /// Stored records to events again, one result a record.
    pub async fn normalize(&self, records: Vec<String>) -> Result<Vec<Result<Event, String>>, CallError> {
        let got = call!(self, Reach::Nothing, call_normalize(&self.config, &records)).result?;
        one_each(records.len(), got, page::event)
    }

    /// Records to OCSF, one result a record.
    pub async fn ocsf(&self, records: Vec<String>) -> Result<Vec<Result<String, String>>, CallError> {
        let got = call!(self, Reach::Nothing, call_ocsf(&self.config, &records)).result?;
        one_each(records.len(), got, |text| must::json_object("the OCSF event", text, 16 << 20))
    }

    async fn refreshed(
        &self,
        secrets: &[(String, String)],
        credentials: &Credentials,
        now: Instant,
    ) -> Result<Ended<Result<Credentials, RefreshFailure>>, CallError> {
        Ok(call!(self, Reach::One, call_refresh(&self.config, &secrets.to_vec(), credentials, now.0)))
    }

    async fn enter(&self, reach: Reach) -> Result<Visit, CallError> {
        let generation = self.generation();
        let (declared, requests) = match reach {
            Reach::Nothing => (Arc::default(), 0),
            Reach::One => (self.declared(&generation).await?.grant, 1),
        };
        self.visit(generation, declared, requests).await
    }

    async fn visit(&self, generation: Arc<Generation>, declared: Arc<Grant>, requests: u32) -> Result<Visit, CallError> {
        let (transport, limits) = (self.transport(), self.runtime.limits.request);
        let gate = Gate::new(transport, Arc::clone(&self.grant), declared, limits, requests);
        Visit::enter(&self.runtime, generation, gate).await
    }

    /// What this generation declares, asked where it was not yet.
    async fn declared(&self, generation: &Arc<Generation>) -> Result<Origins, CallError> {
        if let Some(known) = self.declared.get(generation.digest()) {
            return Ok(known);
        }
        let mut visit = self.visit(Arc::clone(generation), Arc::default(), 0).await?;
        let span = visit.traced("call_origins");
        let running = async {
            let instance = generation.source()?.instantiate_async(&mut visit.store).await?;
            instance.audit_pipeline_source().call_origins(&mut visit.store, &self.config).await
        };
        let outcome = tokio::time::timeout(visit.time, running.instrument(span)).await;
        let origins = Origins::new(answer(visit.leave(outcome))?)?;
        self.declared.put(generation.digest(), origins.clone());
        Ok(origins)
    }
}

impl std::fmt::Debug for Source {
    /// Without the configuration, which is the operator's business.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("generation", &self.generation()).field("grant", &self.grant).finish_non_exhaustive()
    }
}

pub(super) fn answer<T>(ended: Ended<Result<T, Failure>>) -> Result<T, CallError> {
    if let (Ok(Ok(_)), Some(refusal)) = (&ended.result, &ended.refusal) {
        tracing::warn!("{refusal}");
    }
    shown_failure(ended.answered())
}

fn shown_failure<T>(answered: Result<T, CallError>) -> Result<T, CallError> {
    answered.map_err(|why| match why {
        CallError::Failed(failure) => CallError::Failed(must::failure(failure)),
        other => other,
    })
}

fn one_each<T>(
    asked: usize,
    mut got: Vec<Result<T, String>>,
    check: impl Fn(&T) -> Result<(), String>,
) -> Result<Vec<Result<T, String>>, CallError> {
    if got.len() != asked {
        return Err(CallError::Broken(format!("{} results for {asked} records", got.len())));
    }
    for each in &mut got {
        match each {
            Ok(value) => check(value).map_err(CallError::Broken)?,
            Err(text) => must::shorten(text),
        }
    }
    Ok(got)
}

/// A refresh that surely did not reach the vendor.
fn unsent(why: CallError) -> RefreshError {
    let failure = match why {
        CallError::Failed(failure) => must::failure(failure),
        other => Failure::Unavailable(other.to_string()),
    };
    RefreshError::Refused(RefreshFailure::Unsent(failure))
}

fn shown(why: RefreshFailure) -> RefreshFailure {
    match why {
        RefreshFailure::Unsent(failure) => RefreshFailure::Unsent(must::failure(failure)),
        RefreshFailure::Rejected(failure) => RefreshFailure::Rejected(must::failure(failure)),
        RefreshFailure::Unknown(mut text) => {
            must::shorten(&mut text);
            RefreshFailure::Unknown(text)
        }
    }
}

/// Everything that a call was given and nobody may read.
pub(super) fn given<'a, const N: usize>(secrets: &'a [(String, String)], more: [Option<&'a str>; N]) -> Vec<&'a str> {
    secrets.iter().map(|(_, secret)| secret.as_str()).chain(more.into_iter().flatten()).collect()
}

fn tokens(credentials: &Credentials) -> [Option<&str>; 2] {
    [Some(&credentials.access_token), credentials.refresh_token.as_deref()]
}
