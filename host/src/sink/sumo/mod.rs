//! A Sumo Logic HTTP Logs and Metrics Source.
//!
//! One POST per batch: NDJSON, gzip, at most 1,000,000 bytes before compression, the same headers every time. What an
//! answer means is decided in [`answer`]; what a record must look like to stay one message, in [`shrink`]. The URL is the
//! credential: it is read when first needed and again after every pause, and no message shows more than its host.
//!
//! <https://help.sumologic.com/docs/send-data/hosted-collectors/http-source/logs-metrics/upload-logs/>

use std::{collections::BTreeSet, fmt, time::Duration};

use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue};
use secrecy::ExposeSecret;
use url::Url;

use self::answer::Answer;
use super::{Batch, BatchLimits, Outcome, SecretSource, Sink, SinkError};
use crate::{
    config::SumoConfig,
    egress::{
        endpoint,
        exchange::{Reply, exchange},
    },
    neutral,
};

pub mod answer;
pub mod body;
mod headers;
pub mod search;
pub mod shrink;
#[cfg(test)]
mod tests;

/// Most bytes before compression that one POST may carry.
pub const BATCH_BYTES: usize = 1_000_000;
/// The far side gives up after 30 seconds and then answers; this leaves its answer the time to arrive.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Names remembered so that a large action is warned of once; more would be noise.
const WARNED: usize = 1000;

/// Where the secrets of a Sumo Logic sink are.
#[derive(Clone)]
pub struct SumoSecrets {
    /// The whole URL of the source.
    pub url: SecretSource,
    /// The token of the variant with an `x-sumo-token` header.
    pub token: Option<SecretSource>,
}

/// Sends batches to a Sumo Logic HTTP source.
pub struct SumoSink {
    client: reqwest::Client,
    headers: HeaderMap,
    limits: BatchLimits,
    secrets: SumoSecrets,
    /// `None` until read, and again after every pause.
    target: Option<Target>,
    warned: BTreeSet<String>,
}

/// The opened secrets.
struct Target {
    url: Url,
    /// All that may be shown of it.
    host: String,
    token: Option<HeaderValue>,
}

impl fmt::Debug for SumoSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SumoSink").field("host", &self.target.as_ref().map(|target| &target.host)).finish_non_exhaustive()
    }
}

impl SumoSink {
    /// Checks what goes with every batch. `client` must not follow redirects: a redirect would carry the credential on.
    pub fn new(client: reqwest::Client, config: &SumoConfig, secrets: SumoSecrets) -> Result<Self, SinkError> {
        if !(1..=BATCH_BYTES).contains(&config.batch_bytes) {
            return Err(SinkError::Config(format!("`batch_bytes` must be 1 to {BATCH_BYTES}; it is {}", config.batch_bytes)));
        }
        Ok(Self {
            client,
            headers: headers::headers(config)?,
            limits: BatchLimits { events: 10_000, bytes: config.batch_bytes },
            secrets,
            target: None,
            warned: BTreeSet::new(),
        })
    }

    async fn target(&mut self) -> Result<&Target, SinkError> {
        let target = match self.target.take() {
            Some(target) => target,
            None => open(self.secrets.clone()).await?,
        };
        Ok(self.target.insert(target))
    }

    fn warn_of_large(&mut self, batch: &Batch<'_>) {
        for line in batch.events.iter().filter(|line| line.bytes.len() > body::LARGE) {
            if self.warned.len() < WARNED && self.warned.insert(line.action.clone()) {
                let (action, bytes) = (neutral::brief(&line.action, 100), line.bytes.len());
                let shrunk = bytes > body::LARGEST;
                tracing::warn!(source = %batch.source, action, bytes, shrunk, "an event is larger than Sumo Logic's Cloud SIEM reads whole");
            }
        }
    }

    async fn send(&mut self, batch: Batch<'_>) -> Outcome {
        self.warn_of_large(&batch);
        let (client, headers) = (self.client.clone(), self.headers.clone());
        let target = match self.target().await {
            Ok(target) => target,
            Err(why) => return Outcome::Paused { reason: why.to_string() },
        };
        let body = match body::encode(batch.events) {
            Ok(body) => body,
            Err(why) => return Outcome::Retry { after: None, reason: format!("failed to compress a batch: {why}"), ambiguous: false },
        };
        let request = target.authorized(client.post(target.url.clone())).headers(headers).body(body).timeout(TIMEOUT);
        let outcome = ask(target, request).await;
        if matches!(outcome, Outcome::Paused { .. }) {
            self.target = None;
        }
        outcome
    }

    async fn reach(&mut self) -> Result<String, SinkError> {
        let client = self.client.clone();
        // A check always looks at the secrets as they are now.
        self.target = None;
        let target = self.target().await?;
        let request = target.authorized(client.get(target.url.clone())).timeout(TIMEOUT);
        match ask(target, request).await {
            Outcome::Accepted { .. } => Ok(format!("{} answers and knows this source", target.host)),
            Outcome::Retry { reason, .. } => Err(SinkError::Unreachable(reason)),
            Outcome::Paused { reason } | Outcome::Refused { reason } => Err(SinkError::Person(reason)),
            Outcome::TooLarge => Err(SinkError::Person(format!("{} answered 413 to an empty request", target.host))),
        }
    }
}

impl Sink for SumoSink {
    fn deliver<'a>(&'a mut self, batch: Batch<'a>) -> BoxFuture<'a, Outcome> {
        Box::pin(self.send(batch))
    }

    fn limits(&self) -> BatchLimits {
        self.limits
    }

    fn check(&mut self) -> BoxFuture<'_, Result<String, SinkError>> {
        Box::pin(self.reach())
    }
}

impl Target {
    fn authorized(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &self.token {
            Some(token) => request.header("x-sumo-token", token.clone()),
            None => request,
        }
    }

    /// What nobody may read: what is secret of the URL, and the token.
    fn secrets(&self) -> Vec<&str> {
        let token = self.token.as_ref().and_then(|token| token.to_str().ok());
        endpoint::secrets(&self.url).chain(token).collect()
    }
}

async fn open(secrets: SumoSecrets) -> Result<Target, SinkError> {
    // A secret may be the output of a command.
    let read = tokio::task::spawn_blocking(move || {
        let url = (secrets.url)().map_err(|why| SinkError::Person(format!("failed to read `url`: {why}")))?;
        let token = secrets.token.map(|token| token()).transpose();
        let token = token.map_err(|why| SinkError::Person(format!("failed to read `token`: {why}")))?;
        parse(url.expose_secret(), token.as_ref().map(ExposeSecret::expose_secret))
    });
    read.await.unwrap_or_else(|gone| Err(SinkError::Unreachable(format!("failed to read the secrets of the sink: {gone}"))))
}

/// Messages never quote the text: it is a credential.
fn parse(url: &str, token: Option<&str>) -> Result<Target, SinkError> {
    let wrong = |what: &str| SinkError::Person(what.to_owned());
    let url = endpoint::endpoint(url).map_err(SinkError::Person)?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let token = match token {
        None => None,
        Some(text) => {
            let mut value = HeaderValue::from_str(text.trim()).map_err(|_| wrong("`token` contains characters that no token has"))?;
            value.set_sensitive(true);
            Some(value)
        }
    };
    Ok(Target { url, host, token })
}

/// One request, its answer judged.
async fn ask(target: &Target, request: reqwest::RequestBuilder) -> Outcome {
    let host = target.host.as_str();
    let Reply { status, retry_after, body, broken, .. } = match exchange(request).await {
        Ok(reply) => reply,
        Err(lost) => {
            let reason = format!("failed to reach {host}: {}", lost.reason);
            return if lost.person { Outcome::Paused { reason } } else { Outcome::Retry { after: None, reason, ambiguous: lost.sent } };
        }
    };
    // Without its end an answer that would accept says nothing; any other status speaks for itself.
    if let (Some(why), 200 | 204) = (broken, status) {
        return Outcome::Retry { after: None, reason: format!("lost the answer of {host}: {why}"), ambiguous: true };
    }
    // An error page may quote the address it was asked for, and the address is the credential.
    let body = neutral::covered(&String::from_utf8_lossy(&body), &target.secrets()).into_owned();
    answer::judge(host, &Answer { status, retry_after, body: body.as_bytes() })
}
