//! A source: its component, its grant, its secrets, its token, and one page.

use std::{sync::Arc, time::Duration};

use audit_pipeline::{source::Span, types::Failure};
use secrecy::ExposeSecret as _;

use super::{
    proof,
    report::{Level, Report},
};
use crate::{
    authenticate::Keys,
    cli::{
        Exit,
        source::{Access, Held, Trouble, exit, identity, text, tokenless},
        status::short,
    },
    config::{SourceConfig, secret},
    model::Instant,
    pipeline::Components,
    runtime::{CallError, Source},
    store::Store,
    trust::Refused,
};

/// How much of the past is read to see that it can be read.
const TASTE: Duration = Duration::from_secs(60);

/// What a 403 or 404 means, and what to do about each. The status tells them apart no further.
pub(super) const CAUSES: &str = "one of three things, which the answer does not tell apart:
1. the organization is not on Miro's Enterprise plan, which alone has audit logs: ask for an upgrade
2. the person who authorized the app is not a Company Admin: have one authorize it (`miro-source auth`)
3. the app lacks the scope auditlogs:read: add it in the app's settings, install the app again, authorize again";

/// Checks a source. Each line builds on the one before; the first that fails ends it.
pub(super) struct Examination<'a> {
    config: &'a SourceConfig,
    subject: String,
    now: Instant,
    report: &'a mut Report,
}

impl<'a> Examination<'a> {
    /// Of a source, at that time.
    pub(super) fn new(config: &'a SourceConfig, now: Instant, report: &'a mut Report) -> Self {
        Self { subject: format!("source {}", config.name), config, now, report }
    }

    /// Runs it. `store`: where there is one; `offline`: without asking the vendor.
    pub(super) async fn run(mut self, components: &mut Components, store: Option<&Arc<dyn Store>>, offline: bool) {
        let Some(source) = self.component(components).await else { return };
        let covered = self.origins(&source).await;
        let access = if self.config.authenticates() {
            if !proof::check(Keys::from(self.config), self.now, &self.subject, self.report).await || offline || !covered {
                return;
            }
            self.obtained(components).await
        } else {
            self.access(store).await
        };
        if let Some(access) = access.filter(|_| covered && !offline)
            && self.who(&source, &access).await
        {
            self.page(&source, &access).await;
        }
    }

    async fn component(&mut self, components: &mut Components) -> Option<Source> {
        let advice = "see `component` of the source: builtin:miro, or the path of a .wasm file that exports audit:pipeline/source";
        let loaded = async { anyhow::Ok((components.get(&self.config.component).await?, components.source(self.config).await?)) };
        let (component, source) = match loaded.await {
            Ok(loaded) => loaded,
            Err(why) => {
                // Why it is refused says what to do, too.
                let advice = if why.is::<Refused>() { None } else { Some(advice) };
                self.report.fail(Exit::Configuration, &self.subject, &format!("the component does not load: {why:#}"), advice);
                return None;
            }
        };
        match source.describe().await {
            Ok(described) => {
                let digest = component.current().digest().to_string();
                let short = digest.get(..12).unwrap_or(&digest);
                let text = format!("component {} {} (sha256:{short}…)", described.name, described.version);
                self.report.line(Level::Ok, &self.subject, &text, None);
                for wanted in described.secrets.iter().filter(|wanted| wanted.required && !self.config.secrets.contains_key(&wanted.name)) {
                    let text = format!("the secret `{}` is not set: {}", wanted.name, wanted.purpose);
                    self.report.fail(Exit::Configuration, &self.subject, &text, Some("set it in `secrets` of the source"));
                }
                Some(source)
            }
            Err(why) => {
                self.report.fail(Exit::Configuration, &self.subject, &format!("the component fails: {}", text(&why)), Some(advice));
                None
            }
        }
    }

    async fn origins(&mut self, source: &Source) -> bool {
        let wanted = match source.origins().await {
            Ok(wanted) => wanted,
            Err(why) => {
                self.report.fail(
                    exit(&why),
                    &self.subject,
                    &format!("the component rejects `config`: {}", text(&why)),
                    Some("change `config` of the source"),
                );
                return false;
            }
        };
        let missing: Vec<_> = wanted.iter().filter(|origin| !self.config.allow.iter().any(|granted| granted.as_str() == *origin)).collect();
        for origin in &missing {
            let text = format!("it must reach {origin}, which `allow` does not grant");
            self.report.fail(
                Exit::Configuration,
                &self.subject,
                &text,
                Some(&format!("add \"{origin}\" to `allow` of the source, or change `config`")),
            );
        }
        if missing.is_empty() {
            self.report.line(Level::Ok, &self.subject, &format!("`allow` covers all it must reach: {}", wanted.join(", ")), None);
        }
        missing.is_empty()
    }

    /// The secrets and the token, as they stand.
    async fn access(&mut self, store: Option<&Arc<dyn Store>>) -> Option<Access> {
        let (owned, store, now) = (self.config.clone(), store.cloned(), self.now);
        let read = tokio::task::spawn_blocking(move || {
            let rest = owned.secrets.iter().filter(|(name, _)| !matches!(name.as_str(), "access_token" | "refresh_token"));
            let broken: Vec<_> =
                rest.filter_map(|(name, at)| secret::resolve(at).err().map(|why| format!("secret `{name}`: {why}"))).collect();
            (broken, Access::find(&owned, store.as_deref(), now))
        });
        let (broken, found) = match read.await {
            Ok(read) => read,
            Err(gone) => {
                self.report.fail(Exit::Left, &self.subject, &format!("the secrets could not be read: {gone}"), None);
                return None;
            }
        };
        for why in &broken {
            self.report.fail(Exit::Configuration, &self.subject, why, None);
        }
        match found {
            Ok(access) => {
                if broken.is_empty() {
                    self.report.line(Level::Ok, &self.subject, "all secrets can be read", None);
                }
                Some(access)
            }
            Err(Trouble::Secret(why)) => {
                self.report.fail(Exit::Configuration, &self.subject, &why, None);
                None
            }
            Err(Trouble::Authorize(why)) => {
                self.report.fail(Exit::Authorize, &self.subject, &why, None);
                None
            }
            Err(Trouble::Store(why)) => {
                self.report.fail(Exit::Left, &self.subject, &format!("the stored token cannot be read: {why}"), None);
                None
            }
        }
    }

    /// A token as the host obtains it, for this check alone.
    async fn obtained(&mut self, components: &Components) -> Option<Access> {
        let got = match components.authority(self.config).await {
            Ok(Some(mut authority)) => authority.token(self.now).await,
            Ok(None) => return None,
            Err(why) => {
                self.report.fail(Exit::Configuration, &self.subject, &format!("the component obtains no token: {why:#}"), None);
                return None;
            }
        };
        match got {
            Ok(token) => Some(Access { token, held: Held::Obtained }),
            Err(why) => {
                let ended = tokenless(&why);
                self.report.fail(ended.exit, &self.subject, &ended.message, None);
                None
            }
        }
    }

    /// Whose token it is. Returns whether it is worth asking for a page.
    async fn who(&mut self, source: &Source, access: &Access) -> bool {
        let now = self.now;
        let held = match access.held {
            Held::Static => "from the configuration".to_owned(),
            Held::Obtained => "obtained just now, as the application".to_owned(),
            Held::Adopted => "from the configuration; the host takes the pair over when it next reads".to_owned(),
            Held::Stored { obtained, expires: Some(expires), .. } if expires > now => {
                format!("stored {} ago, expires in {}", short(now.since(obtained)), short(expires.since(now)))
            }
            Held::Stored { obtained, .. } => format!("stored {} ago", short(now.since(obtained))),
        };
        match source.check(access.token.expose_secret()).await {
            Ok(found) => {
                let found = identity(&found);
                let text = format!("token {held}: {}", found.summary);
                match &found.missing {
                    None => self.report.line(Level::Ok, &self.subject, &text, None),
                    Some(missing) => self.report.fail(Exit::Authorize, &self.subject, &text, Some(missing)),
                }
                found.missing.is_none()
            }
            Err(why) => {
                self.refused(&why, access.held, &format!("token {held}"));
                false
            }
        }
    }

    /// One page of the last minute, thrown away.
    async fn page(&mut self, source: &Source, access: &Access) {
        let now = self.now;
        let collected = async {
            let first = source.begin(Span::Fixed((now.minus(TASTE).0, now.0)), now).await?;
            source.collect(access.token.expose_secret(), &first, now).await
        };
        match collected.await {
            Ok(page) => {
                let text = format!("the audit log answers: {} events in the last minute (not stored)", page.events.len());
                self.report.line(Level::Ok, &self.subject, &text, None);
            }
            Err(why) => {
                self.refused(&why, access.held, "the audit log");
            }
        }
    }

    fn refused(&mut self, why: &CallError, held: Held, what: &str) {
        let name = &self.config.name;
        if let (CallError::Failed(Failure::Expired), Held::Stored { due: true, .. }) = (why, held) {
            let advice = "the host refreshes it when it next reads (`miro-source run` or `once`); a check never does";
            self.report.line(Level::Warn, &self.subject, &format!("{what}: a refresh is due"), Some(advice));
            return;
        }
        let advice = match why {
            CallError::Failed(Failure::Forbidden(_) | Failure::Unauthorized(_) | Failure::Expired) if held == Held::Obtained => {
                "see the application's registration at the vendor: its permissions, an administrator's consent to them, its licence"
                    .to_owned()
            }
            CallError::Failed(Failure::Forbidden(_)) => CAUSES.to_owned(),
            CallError::Failed(Failure::Expired) => match held {
                Held::Static | Held::Obtained => format!("set a new secrets.access_token, or run `miro-source auth {name}`"),
                Held::Adopted => {
                    format!("the host tries one refresh when it first reads; if that fails too, run `miro-source auth {name}`")
                }
                Held::Stored { .. } => {
                    format!("the host tries one refresh when it next reads; if that fails too, run `miro-source auth {name}`")
                }
            },
            CallError::Failed(Failure::Unauthorized(_)) => format!("run `miro-source auth {name}`"),
            CallError::Failed(Failure::Invalid(_)) => "change `config` or `secrets` of the source".to_owned(),
            CallError::Failed(Failure::Throttled(_)) => {
                "other users of the same app and account use up the vendor's limit; try again in a minute".to_owned()
            }
            CallError::Failed(Failure::Unavailable(_)) => {
                "is the way out open (proxy, firewall, DNS)? it is tried again for ever".to_owned()
            }
            _ => "try again; if it stays so, report it with `--log debug`".to_owned(),
        };
        self.report.fail(exit(why), &self.subject, &format!("{what}: {}", text(why)), Some(&advice));
    }
}
