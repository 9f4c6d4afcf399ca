//! The contract's `source` as typed calls.

use std::sync::Arc;

use audit_pipeline::{
    source::{Allowance, Identity, Page, RefreshFailure, Span},
    types::{Credentials, Description, Event, Failure},
};
use tokio::sync::OnceCell;

use super::{
    Component, Runtime,
    call::{CallError, RefreshError, anything},
    cover, page,
};
use crate::{
    egress::{Grant, Origin},
    model::Instant,
};

/// A component with one source's configuration and grant. Cheap to clone.
#[derive(Clone)]
pub struct Source {
    runtime: Arc<Runtime>,
    component: Arc<Component>,
    config: Arc<String>,
    grant: Arc<Grant>,
    /// What the component says it must reach, by the digest of who said so.
    origins: Arc<OnceCell<(String, Vec<String>)>>,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("component", &self.component).field("grant", &self.grant).finish_non_exhaustive()
    }
}

/// Calls one function of the contract in a fresh instance and gives what it returned.
macro_rules! call {
    ($self:ident, $grant:expr, $function:ident $(, $argument:expr)*) => {{
        let generation = $self.component.current();
        $self.runtime.call(&generation, $grant, async |instance, store| {
            instance.audit_pipeline_source().$function(store $(, $argument)*).await
        }).await
    }};
}

impl Source {
    /// A component as one source uses it. `config` is the component's own configuration, JSON.
    pub fn new(runtime: Arc<Runtime>, component: Arc<Component>, config: String, grant: Arc<Grant>) -> Self {
        let config = Arc::new(config);
        Self { runtime, component, config, grant, origins: Arc::default() }
    }

    /// The component.
    pub fn component(&self) -> &Arc<Component> {
        &self.component
    }

    /// The component about itself.
    pub async fn describe(&self) -> Result<Description, CallError> {
        call!(self, Grant::default(), call_describe).0
    }

    /// How the vendor meters requests.
    pub async fn metering(&self) -> Result<Allowance, CallError> {
        answered(call!(self, Grant::default(), call_metering, &self.config).0)
    }

    /// The origins it must reach with this configuration.
    pub async fn origins(&self) -> Result<Vec<String>, CallError> {
        let digest = self.component.current().digest().to_owned();
        if let Some((by, origins)) = self.origins.get()
            && *by == digest
        {
            return Ok(origins.clone());
        }
        let origins = answered(call!(self, Grant::default(), call_origins, &self.config).0)?;
        // Set by somebody else meanwhile: the same answer. Another generation asks each time.
        let _ = self.origins.set((digest, origins.clone()));
        Ok(origins)
    }

    /// Who a token belongs to and what it may do.
    pub async fn check(&self, access_token: &str) -> Result<Identity, CallError> {
        let grant = self.reach().await?;
        answered(call!(self, grant, call_check, &self.config, access_token).0).map_err(|why| cover::error(why, &[access_token]))
    }

    /// Where to send a person's browser.
    pub async fn authorize_url(&self, redirect_uri: &str, state: &str) -> Result<String, CallError> {
        answered(call!(self, Grant::default(), call_authorize_url, &self.config, redirect_uri, state).0)
    }

    /// Turns a code into credentials.
    pub async fn exchange(
        &self,
        secrets: &[(String, String)],
        code: &str,
        redirect_uri: &str,
        now: Instant,
    ) -> Result<Credentials, CallError> {
        let grant = self.reach().await?;
        answered(call!(self, grant, call_exchange, &self.config, &secrets.to_vec(), code, redirect_uri, now.0).0)
            .map_err(|why| cover::error(why, &given(secrets, [Some(code)])))
    }

    /// Turns credentials into newer ones. What cannot have reached the vendor counts as unsent, everything else as unknown.
    pub async fn refresh(
        &self,
        secrets: &[(String, String)],
        credentials: &Credentials,
        now: Instant,
    ) -> Result<Credentials, RefreshError> {
        let unsent = |why: String| RefreshError::Refused(RefreshFailure::Unsent(Failure::Unavailable(why)));
        let grant = self.reach().await.map_err(|why| unsent(why.to_string()))?;
        let (outcome, sent) = call!(self, grant, call_refresh, &self.config, &secrets.to_vec(), credentials, now.0);
        let refreshed = match outcome {
            Ok(Ok(pair)) if pair.access_token.is_empty() => Err(RefreshError::Broken(CallError::Broken("an empty access token".into()))),
            Ok(Ok(pair)) => Ok(pair),
            Ok(Err(failure)) => Err(RefreshError::Refused(failure)),
            Err(why) if !anything(&sent) => Err(unsent(why.to_string())),
            Err(why) => Err(RefreshError::Broken(why)),
        };
        refreshed.map_err(|why| cover::refresh(why, &given(secrets, tokens(credentials))))
    }

    /// Ends credentials at the vendor.
    pub async fn revoke(&self, secrets: &[(String, String)], credentials: &Credentials) -> Result<(), CallError> {
        let grant = self.reach().await?;
        answered(call!(self, grant, call_revoke, &self.config, &secrets.to_vec(), credentials).0)
            .map_err(|why| cover::error(why, &given(secrets, tokens(credentials))))
    }

    /// The first checkpoint of a span.
    pub async fn begin(&self, span: Span, now: Instant) -> Result<String, CallError> {
        answered(call!(self, Grant::default(), call_begin, &self.config, span, now.0).0)
    }

    /// The next step of a span.
    pub async fn collect(&self, access_token: &str, checkpoint: &str, now: Instant) -> Result<Page, CallError> {
        let grant = self.reach().await?;
        let mut page = answered(call!(self, grant, call_collect, &self.config, access_token, &checkpoint.to_owned(), now.0).0)
            .map_err(|why| cover::error(why, &[access_token]))?;
        cover::notes(&mut page, &[access_token]);
        page::check(&page, self.runtime.limits.output)?;
        Ok(page)
    }

    /// Stored records to events again.
    pub async fn normalize(&self, records: Vec<String>) -> Result<Vec<Result<Event, String>>, CallError> {
        let count = records.len();
        one_each(count, call!(self, Grant::default(), call_normalize, &self.config, &records).0?)
    }

    /// Stored records to OCSF.
    pub async fn ocsf(&self, records: Vec<String>) -> Result<Vec<Result<String, String>>, CallError> {
        let count = records.len();
        one_each(count, call!(self, Grant::default(), call_ocsf, &self.config, &records).0?)
    }

    /// What the operator granted of what the component needs.
    async fn reach(&self) -> Result<Grant, CallError> {
        let wanted: Vec<Origin> = self.origins().await?.iter().filter_map(|origin| origin.parse().ok()).collect();
        Ok(self.grant.narrowed(&wanted))
    }
}

/// Everything that a call was given and nobody may read.
fn given<'a, const N: usize>(secrets: &'a [(String, String)], more: [Option<&'a str>; N]) -> Vec<&'a str> {
    secrets.iter().map(|(_, secret)| secret.as_str()).chain(more.into_iter().flatten()).collect()
}

fn tokens(credentials: &Credentials) -> [Option<&str>; 2] {
    [Some(&credentials.access_token), credentials.refresh_token.as_deref()]
}

fn answered<T>(outcome: Result<Result<T, Failure>, CallError>) -> Result<T, CallError> {
    outcome?.map_err(CallError::Failed)
}

fn one_each<T>(count: usize, results: Vec<T>) -> Result<Vec<T>, CallError> {
    if results.len() == count { Ok(results) } else { Err(CallError::Broken(format!("{} results for {count} records", results.len()))) }
}
