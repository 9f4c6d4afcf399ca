//! Requests to the Search Job API, one at a time and never more than four a second, and what their answers mean.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, header};
use secrecy::ExposeSecret as _;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::{SearchError, deployment};
use crate::{
    clock::Clock,
    config::{SecretRef, SumoConfig, secret},
    egress::{
        endpoint,
        exchange::{Reply, exchange_within},
    },
    model::Instant,
    neutral::{brief, covered},
};

/// Between two requests: four a second are let through, and other programs may share the key.
const PACE: Duration = Duration::from_millis(300);
/// Between two looks at the state of a job, which ends unless it is asked about every 20 to 30 seconds.
const PAUSE: Duration = Duration::from_secs(1);
/// Tries of one request that is throttled or gets no answer, about a minute in all.
const TRIES: u32 = 7;
const TIMEOUT: Duration = Duration::from_secs(60);
/// A page of ten thousand ids, with much room.
const ANSWER: usize = 32 << 20;

/// Where the requests go.
pub(super) struct Desk {
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
    jobs: Url,
    authorization: HeaderValue,
    secrets: Vec<Zeroizing<String>>,
    cookies: BTreeMap<String, String>,
    next: Instant,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("host", &self.host()).finish_non_exhaustive()
    }
}

impl Desk {
    pub(super) async fn open(sumo: &SumoConfig, client: reqwest::Client, clock: Arc<dyn Clock>) -> Result<Self, SearchError> {
        let config = sumo.search.clone().ok_or_else(|| SearchError::Person("the sink has no access key".to_owned()))?;
        let url = sumo.url.clone();
        let opened = tokio::task::spawn_blocking(move || {
            let read = |what: &str, at: &SecretRef| {
                secret::resolve(at).map_err(|why| SearchError::Person(format!("failed to read `{what}`: {why}")))
            };
            let (id, key) = (read("access_id", &config.access_id)?, read("access_key", &config.access_key)?);
            let api = match config.api_url {
                Some(url) => url,
                None => {
                    let source = endpoint::endpoint(read("url", &url)?.expose_secret()).map_err(SearchError::Person)?;
                    deployment::api(&source).ok_or_else(|| {
                        let host = brief(source.host_str().unwrap_or_default(), 100);
                        SearchError::Person(format!(
                            "{host} does not say which deployment of Sumo Logic it is: set `api_url`, like api_url = \"https://api.eu.sumologic.com\""
                        ))
                    })?
                }
            };
            Ok((id, key, api))
        });
        let (id, key, api) = opened.await.unwrap_or_else(|gone| Err(SearchError::Unavailable(gone.to_string())))?;
        let wrong = |what: &str| SearchError::Person(what.to_owned());
        let pair = Zeroizing::new(format!("{}:{}", id.expose_secret().trim(), key.expose_secret().trim()));
        let encoded = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
        let mut authorization = HeaderValue::from_str(&encoded).map_err(|_| wrong("the access key holds what no header can"))?;
        authorization.set_sensitive(true);
        let jobs = api.join("/api/v1/search/jobs").map_err(|_| wrong("`api_url` names no host"))?;
        let secrets = vec![Zeroizing::new(key.expose_secret().trim().to_owned()), encoded];
        Ok(Self { client, clock, jobs, authorization, secrets, cookies: BTreeMap::new(), next: Instant::EPOCH })
    }

    /// All that may be shown of where they go.
    pub(super) fn host(&self) -> &str {
        self.jobs.host_str().unwrap_or_default()
    }

    pub(super) async fn create<T: DeserializeOwned>(&mut self, wish: &Value) -> Result<T, SearchError> {
        let reply = self
            .ask(|client, jobs| client.post(jobs.clone()).header(header::CONTENT_TYPE, "application/json").body(wish.to_string()))
            .await?;
        match reply.status {
            202 | 200 => self.parse(&reply),
            _ => Err(self.refused(&reply)),
        }
    }

    /// `None`: there is no such job any more.
    pub(super) async fn get<T: DeserializeOwned>(&mut self, id: &str, rest: &str) -> Result<Option<T>, SearchError> {
        let path = format!("/api/v1/search/jobs/{id}{rest}");
        let reply = self.ask(|client, jobs| client.get(jobs.join(&path).unwrap_or_else(|_| jobs.clone()))).await?;
        match reply.status {
            200 => self.parse(&reply).map(Some),
            404 => Ok(None),
            400 if reply.body.windows(13).any(|part| part == b"jobid.invalid") => Ok(None),
            _ => Err(self.refused(&reply)),
        }
    }

    /// A job that stays is cancelled by itself soon.
    pub(super) async fn delete(&mut self, id: &str) {
        let path = format!("/api/v1/search/jobs/{id}");
        if let Err(why) = self.ask(|client, jobs| client.delete(jobs.join(&path).unwrap_or_else(|_| jobs.clone()))).await {
            tracing::debug!("failed to delete a search job: {why}");
        }
        self.cookies.clear();
    }

    /// Until it is worth asking for the state again.
    pub(super) async fn pause(&mut self) {
        self.clock.sleep_until(self.clock.now().plus(PAUSE)).await;
    }

    /// Asks until there is an answer that is none of passing trouble.
    async fn ask(&mut self, build: impl Fn(&reqwest::Client, &Url) -> reqwest::RequestBuilder) -> Result<Reply, SearchError> {
        let mut why = String::new();
        for failures in 0..TRIES {
            self.clock.sleep_until(self.next).await;
            let mut request = build(&self.client, &self.jobs)
                .header(header::AUTHORIZATION, self.authorization.clone())
                .header(header::ACCEPT, "application/json")
                .timeout(TIMEOUT);
            if !self.cookies.is_empty() {
                let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
                request = request.header(header::COOKIE, cookies.join("; "));
            }
            let answered = exchange_within(request, ANSWER).await;
            let now = self.clock.now();
            self.next = now.plus(PACE);
            let wait = Duration::from_secs(1 << failures.min(5));
            match answered {
                Ok(Reply { status: 429 | 500 | 502 | 503 | 504, retry_after, .. }) => {
                    "it is busy, or asked too often".clone_into(&mut why);
                    self.next = now.plus(retry_after.unwrap_or(wait));
                }
                Ok(Reply { broken: Some(broken), .. }) => {
                    (why, self.next) = (broken, now.plus(wait));
                }
                Ok(reply) => {
                    self.keep(&reply.cookies);
                    return Ok(reply);
                }
                Err(lost) => (why, self.next) = (lost.reason, now.plus(wait)),
            }
        }
        Err(SearchError::Unavailable(format!("failed to search at {}: {why}", self.host())))
    }

    fn keep(&mut self, cookies: &[String]) {
        for cookie in cookies {
            if let Some((name, value)) = cookie.split(';').next().and_then(|pair| pair.split_once('=')) {
                self.cookies.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }

    fn parse<T: DeserializeOwned>(&self, reply: &Reply) -> Result<T, SearchError> {
        let odd = || SearchError::Unavailable(format!("{} answered with something else than its API does", self.host()));
        serde_json::from_slice(&reply.body).map_err(|_| odd())
    }

    fn refused(&self, reply: &Reply) -> SearchError {
        let host = self.host();
        SearchError::Person(match reply.status {
            401 => format!("{host} refuses the access key: check `access_id`, `access_key` and, where it is set, `api_url`"),
            403 => format!(
                "{host} does not let this access key search: it needs a role that may search, and an account with the Search Job API"
            ),
            301 | 302 | 307 | 308 => format!("{host} is not the deployment of this account: set `api_url` to the API endpoint of yours"),
            status => {
                let secrets: Vec<&str> = self.secrets.iter().map(|secret| secret.as_str()).collect();
                let body = String::from_utf8_lossy(reply.body.get(..4096).unwrap_or(&reply.body));
                format!("{host} answered {status} to a search: {}", brief(&covered(&body, &secrets), 300))
            }
        })
    }
}
