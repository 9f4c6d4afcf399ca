//! A message as the body of a POST.
//!
//! The URL is a credential, and so may be a header or the key of an integration: all are read when first needed and again after
//! every pause, and no message shows more than the URL's host.

use std::{path::PathBuf, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use http::{HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{
    Answer, Carrier, CarrierError, Manner, Message, Template,
    signature::signature,
    template::{json, pagerduty, slack, teams},
};
use crate::{
    config::{SecretRef, WebhookConfig, secret},
    egress::{
        cause::CREDENTIALS,
        endpoint,
        exchange::{Reply, exchange},
        headers,
    },
    neutral::{brief, covered},
};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Where PagerDuty takes events, unless the operator says otherwise.
pub(crate) const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";

/// Posts messages.
pub(super) struct Webhook {
    client: reqwest::Client,
    config: Arc<WebhookConfig>,
    /// `None` until read, and again after every pause.
    target: Option<Target>,
}

/// The opened secrets.
struct Target {
    url: Url,
    /// All that may be shown of it.
    host: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    hmac: Option<SecretString>,
    routing_key: SecretString,
}

impl Webhook {
    /// `client` must not follow redirects: a redirect would carry the credentials on.
    pub(super) fn new(client: reqwest::Client, config: WebhookConfig) -> Self {
        Self { client, config: Arc::new(config), target: None }
    }

    async fn target(&mut self) -> Result<&Target, CarrierError> {
        let target = match self.target.take() {
            Some(target) => target,
            None => {
                let config = Arc::clone(&self.config);
                // A secret may be the output of a command.
                let read = tokio::task::spawn_blocking(move || open(&config)).await;
                read.unwrap_or_else(|gone| Err(CarrierError(format!("failed to read the secrets of the channel: {gone}"))))?
            }
        };
        Ok(self.target.insert(target))
    }

    async fn post(&mut self, message: &Message<'_>) -> Answer {
        let (client, template) = (self.client.clone(), self.config.template);
        let target = match self.target().await {
            Ok(target) => target,
            Err(why) => return Answer::Paused { reason: why.to_string() },
        };
        let request = target.request(&client, template, message);
        let answer = match exchange(request.timeout(TIMEOUT)).await {
            Ok(reply) => target.judge(&reply),
            Err(lost) => {
                let reason = format!("failed to reach {}: {}", target.host, lost.reason);
                if lost.person { Answer::Paused { reason } } else { Answer::Retry { after: None, reason } }
            }
        };
        if matches!(answer, Answer::Paused { .. }) {
            self.target = None;
        }
        answer
    }
}

impl Carrier for Webhook {
    fn carry<'a>(&'a mut self, message: &'a Message<'a>) -> BoxFuture<'a, Answer> {
        Box::pin(self.post(message))
    }

    fn check(&mut self) -> BoxFuture<'_, Result<String, CarrierError>> {
        Box::pin(async {
            self.target = None;
            let target = self.target().await?;
            Ok(format!("its secrets can be read; it would post to {}", target.host))
        })
    }

    fn manner(&self) -> Manner {
        self.config.template.manner()
    }

    fn files(&self) -> Vec<PathBuf> {
        self.config.secrets().into_iter().filter_map(SecretRef::file).collect()
    }
}

impl Target {
    fn request(&self, client: &reqwest::Client, template: Template, message: &Message<'_>) -> reqwest::RequestBuilder {
        let body = match template {
            Template::Json => json(message),
            Template::Slack => slack(message),
            Template::Teams => teams(message),
            Template::PagerDuty => pagerduty(message, self.routing_key.expose_secret()),
        };
        let timestamp = (message.at.0 / 1000).to_string();
        let mut request = client.post(self.url.clone()).header(header::CONTENT_TYPE, "application/json");
        for (name, value) in &self.headers {
            request = request.header(name, value.clone());
        }
        if let Some(signed) = self.hmac.as_ref().and_then(|secret| signature(secret, &timestamp, body.as_bytes())) {
            request = request.header("x-signature-256", signed);
        }
        request.header("x-signature-timestamp", timestamp).header("x-delivery-id", message.delivery()).body(body)
    }

    /// What nobody may read.
    fn secrets(&self) -> Vec<&str> {
        let headers = self.headers.iter().filter(|(_, value)| value.is_sensitive()).filter_map(|(_, value)| value.to_str().ok());
        let keys = self.hmac.iter().chain([&self.routing_key]).map(|key| key.expose_secret()).filter(|key| !key.is_empty());
        endpoint::secrets(&self.url).chain(headers).chain(keys).collect()
    }

    fn judge(&self, reply: &Reply) -> Answer {
        let Reply { status, retry_after, body, .. } = reply;
        let host = &self.host;
        // An answer may quote what it was asked for.
        let body = covered(&String::from_utf8_lossy(body), &self.secrets()).into_owned();
        let body = brief(&body, 200);
        let said = if body.is_empty() { format!("{host} answered {status}") } else { format!("{host} answered {status} (\"{body}\")") };
        let paused = |what: &str| Answer::Paused { reason: format!("{said}: {what}") };
        match status {
            200..=299 => Answer::Accepted { said },
            408 | 425 | 429 | 500..=599 => Answer::Retry { after: *retry_after, reason: said },
            400 | 413 | 422 => Answer::Refused { reason: said },
            401 | 403 | 404 | 410 => paused(
                "the URL or what goes with it is not valid (any more); put the current one where the configuration points, it is read again",
            ),
            407 => paused(CREDENTIALS),
            300..=399 => paused("it redirects, and redirects are not followed; check the URL and any proxy on the way"),
            _ => paused("that is no answer of a webhook; check the URL and any proxy on the way"),
        }
    }
}

fn open(config: &WebhookConfig) -> Result<Target, CarrierError> {
    let read = |key: &str, at: &SecretRef| secret::resolve(at).map_err(|why| CarrierError(format!("failed to read `{key}`: {why}")));
    let url = match &config.url {
        Some(at) => read("url", at)?,
        None => SecretString::from(PAGERDUTY),
    };
    let url = endpoint::endpoint(url.expose_secret()).map_err(CarrierError)?;
    let headers = headers::opened(&config.headers).map_err(CarrierError)?;
    Ok(Target {
        host: url.host_str().unwrap_or_default().to_owned(),
        url,
        headers,
        hmac: config.hmac.as_ref().map(|at| read("hmac", at)).transpose()?,
        routing_key: config.routing_key.as_ref().map(|at| read("routing_key", at)).transpose()?.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::HeaderText;

    fn target(url: &str) -> Result<Target, CarrierError> {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            crate::disk::private_file(&folder.path().join(name), text.as_bytes()).unwrap();
            SecretRef::File(folder.path().join(name))
        };
        let headers = vec![
            (HeaderName::from_static("authorization"), HeaderText::Secret(file("token", "Bearer t0ken-of-the-hook"))),
            (HeaderName::from_static("x-team"), HeaderText::Plain("soc".into())),
        ];
        let hmac = Some(file("hmac", "hmac-0f-the-hook"));
        open(&WebhookConfig { template: Template::Slack, url: Some(file("url", url)), routing_key: None, headers, hmac })
    }

    fn judged(status: u16, body: &str) -> Answer {
        let target = target("https://hooks.slack.com/services/T0/B0/ZaVnC4dhaV1").unwrap();
        target.judge(&Reply { status, retry_after: Some(Duration::from_secs(7)), body: body.into(), broken: None, cookies: Vec::new() })
    }

    #[test]
    fn what_may_heal_is_tried_again_what_needs_a_person_pauses_and_a_bad_message_is_refused() {
        assert_eq!(judged(200, "ok"), Answer::Accepted { said: "hooks.slack.com answered 200 (\"ok\")".into() });
        assert_eq!(judged(202, ""), Answer::Accepted { said: "hooks.slack.com answered 202".into() });
        for status in [408, 425, 429, 500, 502, 503] {
            let after = Some(Duration::from_secs(7));
            assert!(matches!(judged(status, ""), Answer::Retry { after: kept, .. } if kept == after), "{status}");
        }
        for status in [301, 307, 401, 403, 404, 405, 407, 410, 418] {
            assert!(matches!(judged(status, ""), Answer::Paused { .. }), "{status}");
        }
        for status in [400, 413, 422] {
            assert!(
                matches!(judged(status, "invalid_payload"), Answer::Refused { reason } if reason.contains("invalid_payload")),
                "{status}"
            );
        }
    }

    #[test]
    fn i5_no_answer_repeats_a_secret_and_no_url_goes_in_plain_text_beyond_this_machine() {
        let said = format!("{:?}", judged(404, "no ZaVnC4dhaV1, Bearer t0ken-of-the-hook, hmac-0f-the-hook \u{1b}[2J"));
        assert!(!said.contains("ZaVn") && !said.contains("t0ken") && !said.contains("hmac-") && !said.contains('\u{1b}'), "{said}");
        for url in ["http://hooks.slack.com/services/ZaVnC4dhaV1", "file:///etc/passwd", "hooks.slack.com/ZaVnC4dhaV1", ""] {
            let why = target(url).err().unwrap().to_string();
            assert!(why.contains("`url`") && !why.contains("ZaVn"), "{why}");
        }
    }
}
