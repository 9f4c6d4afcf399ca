//! Sends what is on the shelf, and never lets anybody wait for it.

use std::{sync::Arc, time::Duration};

use http::{HeaderName, HeaderValue, header};
use tokio_util::sync::CancellationToken;
use tracing::instrument::WithSubscriber as _;
use url::Url;

use super::{
    Shelf,
    otlp::{rejected, request},
    recorder::Finished,
};
use crate::{
    backoff::Backoff,
    clock::Clock,
    config::TelemetryConfig,
    egress::{
        cause::CREDENTIALS,
        exchange::{Reply, exchange_within},
        headers,
    },
    model::Instant,
    neutral::{brief, covered},
};

/// How long a span waits for others.
const EVERY: Duration = Duration::from_secs(5);
/// The most spans in one request: a few hundred kilobytes.
const BATCH: usize = 512;
/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How much of it is read: it may say at length what it did not take.
const ANSWER: usize = 64 << 10;
/// What a stop waits for the last of them.
pub const LAST: Duration = Duration::from_secs(2);
/// And between two tries.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(300));

/// Sends the spans of a shelf to a collector.
pub struct Exporter {
    shelf: Arc<Shelf>,
    config: TelemetryConfig,
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
    /// `None` until read, and again after a refusal.
    fields: Option<Vec<(HeaderName, HeaderValue)>>,
    backoff: Backoff,
    /// Why nothing arrives, while nothing does.
    trouble: Option<String>,
    /// What the collector said last of what it takes only in part.
    objection: Option<String>,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    /// It is there, but for so many, or with an objection.
    Taken(u64, Option<String>),
    /// It may be taken later.
    Later(Option<Duration>, String),
    /// It never will.
    Never(String),
}

impl Exporter {
    /// From that shelf to the endpoint of the configuration. `client` must not follow redirects: one would carry the headers on.
    pub fn new(shelf: Arc<Shelf>, config: TelemetryConfig, client: reqwest::Client, clock: Arc<dyn Clock>) -> Self {
        let backoff = Backoff::new("telemetry", BACKOFF.0, BACKOFF.1);
        Self { shelf, config, client, clock, fields: None, backoff, trouble: None, objection: None }
    }

    /// Sends until `ending`, and then what is left, within [`LAST`], where `stop` is cancelled too: else somebody else goes on.
    pub async fn run(mut self, ending: CancellationToken, stop: CancellationToken) {
        let mut next = self.clock.now().plus(EVERY);
        loop {
            let shelf = Arc::clone(&self.shelf);
            tokio::select! {
                biased;
                () = ending.cancelled() => break,
                () = self.clock.sleep_until(next) => {}
                () = shelf.much(), if self.trouble.is_none() => {}
            }
            next = self.send(&ending).await;
        }
        if stop.is_cancelled() {
            self.shelf.keep(0.0);
            let last = CancellationToken::new();
            if tokio::time::timeout(LAST, self.send(&last)).await.is_err() {
                tracing::debug!("the collector of traces took too long for the last spans");
            }
        }
    }

    /// Sends everything, until it works no longer. When to do so again.
    pub(super) async fn send(&mut self, ending: &CancellationToken) -> Instant {
        loop {
            let spans = self.shelf.take(BATCH);
            if spans.is_empty() {
                return self.clock.now().plus(EVERY);
            }
            let answer = tokio::select! {
                biased;
                answer = self.post(&spans) => answer,
                () = ending.cancelled() => {
                    self.shelf.put_back(spans);
                    return self.clock.now();
                }
            };
            let wait = match answer {
                Answer::Taken(rejected, objection) => {
                    self.shelf.lose(rejected);
                    self.objected(rejected, objection);
                    self.backoff.reset();
                    if self.trouble.take().is_some() {
                        tracing::info!("traces arrive at {} again", self.host());
                    }
                    continue;
                }
                Answer::Later(wait, why) => {
                    self.shelf.put_back(spans);
                    self.troubled(why);
                    wait
                }
                Answer::Never(why) => {
                    self.shelf.lose(spans.len() as u64);
                    self.fields = None;
                    self.troubled(why);
                    None
                }
            };
            return self.clock.now().plus(self.backoff.failed().max(wait.unwrap_or_default().min(BACKOFF.1)));
        }
    }

    /// One request. It is not traced itself.
    async fn post(&mut self, spans: &[Finished]) -> Answer {
        let fields = match self.fields.take() {
            Some(fields) => fields,
            None => match headers::open(&self.config.headers).await {
                Ok(fields) => fields,
                Err(why) => return Answer::Later(None, why),
            },
        };
        let fields = self.fields.insert(fields);
        let body = request(&self.config.resource(), spans);
        let asked = ask(&self.client, &self.config.endpoint, fields, body).with_subscriber(tracing::subscriber::NoSubscriber::new());
        asked.await
    }

    fn host(&self) -> &str {
        self.config.endpoint.host_str().unwrap_or_default()
    }

    /// Said once, until it is something else: what came between without one changes nothing.
    fn objected(&mut self, rejected: u64, objection: Option<String>) {
        let Some(objection) = objection.filter(|objection| self.objection.as_ref() != Some(objection)) else { return };
        tracing::warn!("the collector at {} did not take {rejected} spans of a request: {objection}", self.host());
        self.objection = Some(objection);
    }

    fn troubled(&mut self, why: String) {
        if self.trouble.is_none() {
            tracing::warn!("traces do not arrive: {why}; everything else goes on, and what is too much of them is dropped");
        }
        self.trouble = Some(why);
    }
}

/// Begins to trace, or ends it where there is nobody to send to. What comes back is done once the last spans are sent, or given up.
pub fn begin(exporter: Option<Exporter>, ending: CancellationToken, stop: CancellationToken) -> impl Future<Output = ()> {
    let running = match exporter {
        Some(exporter) => {
            exporter.shelf.keep(exporter.config.sample);
            Some(tokio::spawn(exporter.run(ending, stop)))
        }
        None => {
            super::shelf().keep(0.0);
            None
        }
    };
    async {
        // One that fell over costs its traces.
        if let Some(running) = running
            && let Err(why) = running.await
        {
            tracing::warn!("traces ended early: {why}");
        }
    }
}

impl std::fmt::Debug for Exporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exporter").field("config", &self.config).finish_non_exhaustive()
    }
}

/// Asks the collector to take nothing: whether it would take something.
pub async fn probe(config: &TelemetryConfig, client: &reqwest::Client) -> Result<String, String> {
    let fields = headers::open(&config.headers).await?;
    match ask(client, &config.endpoint, &fields, request(&config.resource(), &[])).await {
        Answer::Taken(..) => Ok(format!("{} takes traces", config.endpoint.host_str().unwrap_or_default())),
        Answer::Later(_, why) | Answer::Never(why) => Err(why),
    }
}

async fn ask(client: &reqwest::Client, endpoint: &Url, fields: &[(HeaderName, HeaderValue)], body: String) -> Answer {
    let mut request = client.post(endpoint.clone()).header(header::CONTENT_TYPE, "application/json").timeout(TIMEOUT).body(body);
    for (name, value) in fields {
        request = request.header(name, value.clone());
    }
    let host = endpoint.host_str().unwrap_or_default();
    match exchange_within(request, ANSWER).await {
        Ok(reply) => {
            let secrets = fields.iter().filter(|(_, value)| value.is_sensitive()).filter_map(|(_, value)| value.to_str().ok());
            judge(host, &reply, &secrets.collect::<Vec<_>>())
        }
        Err(lost) => Answer::Later(None, format!("failed to reach {host}: {}", lost.reason)),
    }
}

/// What an answer means: <https://opentelemetry.io/docs/specs/otlp/#otlphttp-response>.
fn judge(host: &str, reply: &Reply, secrets: &[&str]) -> Answer {
    let Reply { status, retry_after, body, .. } = reply;
    let said = covered(&String::from_utf8_lossy(body), secrets).into_owned();
    let said = brief(&said, 200);
    let said = if said.is_empty() { format!("{host} answered {status}") } else { format!("{host} answered {status} (\"{said}\")") };
    match status {
        200..=299 => match rejected(body) {
            Some((rejected, objection)) => {
                let said = objection.map(|text| brief(&covered(&text, secrets), 200)).filter(|text| !text.is_empty());
                Answer::Taken(rejected, said.or_else(|| (rejected > 0).then(|| "it does not say why".to_owned())))
            }
            None => Answer::Never(format!("{said}: that is no collector; check `endpoint` of [telemetry] and any proxy on the way")),
        },
        408 | 429 | 502..=504 => Answer::Later(*retry_after, said),
        401 | 403 => Answer::Never(format!("{said}: check `headers` of [telemetry], whose secrets are read again")),
        404 | 405 => Answer::Never(format!("{said}: check `endpoint` of [telemetry]; it takes OTLP over HTTP, usually at port 4318")),
        407 => Answer::Later(None, format!("{said}: {CREDENTIALS}")),
        _ => Answer::Never(said),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;
    use crate::{
        clock::SteppedClock,
        config::NetworkConfig,
        egress::{Purpose, client},
    };

    fn judged(status: u16, body: &str) -> Answer {
        let reply = Reply { status, retry_after: Some(Duration::from_secs(7)), body: body.into(), broken: None, cookies: Vec::new() };
        judge("otel.corp", &reply, &["t0ken-of-the-collector"])
    }

    #[test]
    fn what_may_heal_is_tried_again_and_what_never_will_is_not() {
        for body in ["", "{}", r#"{"partialSuccess":{}}"#] {
            assert_eq!(judged(200, body), Answer::Taken(0, None), "{body}");
        }
        let partly = |body| judged(200, body);
        assert_eq!(partly(r#"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"late"}}"#), Answer::Taken(3, Some("late".to_owned())));
        assert_eq!(partly(r#"{"partialSuccess":{"errorMessage":"soon too many"}}"#), Answer::Taken(0, Some("soon too many".to_owned())));
        assert_eq!(partly(r#"{"partialSuccess":{"rejectedSpans":2}}"#), Answer::Taken(2, Some("it does not say why".to_owned())));
        for status in [408, 429, 502, 503, 504] {
            assert!(matches!(judged(status, ""), Answer::Later(Some(_), _)), "{status}");
        }
        assert!(matches!(judged(407, ""), Answer::Later(None, said) if said.contains("`proxy_password`")));
        for status in [301, 400, 401, 403, 404, 405, 413, 415, 500, 501] {
            assert!(matches!(judged(status, ""), Answer::Never(_)), "{status}");
        }
        assert!(matches!(judged(200, "<h1>Welcome to the proxy</h1>"), Answer::Never(_)));
    }

    /// Counts what is logged.
    struct Lines(Arc<AtomicUsize>);

    impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Lines {
        fn on_event(&self, _: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn an_objection_is_said_once_however_many_requests_come_between_without_one() {
        let config = TelemetryConfig {
            endpoint: "http://otel.corp:4318/v1/traces".parse().unwrap(),
            headers: Vec::new(),
            service_name: "miro-source".to_owned(),
            attributes: Vec::new(),
            sample: 1.0,
        };
        let client = client::build(&NetworkConfig::default(), Purpose::Sink).unwrap();
        let clock = Arc::new(SteppedClock::new(Instant(0)));
        let mut exporter = Exporter::new(Arc::default(), config, client, clock);
        let said = Arc::new(AtomicUsize::new(0));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(Lines(Arc::clone(&said))), || {
            for objection in [Some("late"), None, Some("late"), None, Some("large"), Some("late")] {
                exporter.objected(1, objection.map(str::to_owned));
            }
        });
        assert_eq!(said.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn i5_no_answer_repeats_a_secret() {
        let said = format!("{:?}", judged(401, "bad t0ken-of-the-collector \u{1b}[2J"));
        assert!(!said.contains("t0ken") && !said.contains('\u{1b}'), "{said}");
    }
}
