//! The custody of a source's token.
//!
//! A static token comes from the configuration and is read again every time it is needed, so that a mended secret file
//! heals a source without a restart. An [`Authority`] obtains one anew whenever it is needed; nothing of that is stored, so there is
//! nothing to lose: refused, it is obtained once more. A rotating pair lives sealed in the store:
//!
//! 1. **Adopt.** The configured pair is taken where the store has none, or where the configuration changed since
//!    (fingerprints differ): otherwise the store's pair is the newer one.
//! 2. **Due.** It is refreshed min(2 min, a fifth of its lifetime) before it expires, or once when it is refused.
//! 3. **Refresh.** The intent is journaled durably, the component called once, the new pair stored durably; only then is
//!    it used. One refresh a source at a time: a worker is the only one who refreshes, a store has one owner (I4).
//!    A pair that cannot be stored is kept in memory, the only copy there is, until it can. Whoever drops a custody lets it
//!    [leave](Custody::leave) before.
//! 4. **Failure.** `unsent` closes the intent and is repeated. `rejected` needs a person. `unknown` (also a crash with an
//!    open intent) leaves the intent open and the old pair is sent again until the vendor says whether it is spent: where it
//!    is, nothing is lost by asking; where it is not, the source heals by itself.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use audit_pipeline::{
    source::RefreshFailure,
    types::{Credentials, Failure},
};
use secrecy::{ExposeSecret, SecretString};

use super::state::{TokenKind, TokenStatus};
use crate::{
    authenticate::{Authority, NoToken},
    backoff::Backoff,
    clock::Clock,
    config::{SecretRef, secret},
    kill_point::KillPoint,
    model::{Instant, SourceName},
    runtime::{CallError, RefreshError, Source},
    store::{Grant, Store, StoreError, StoreErrorKind, blocking},
};

/// How often a pair is stored once more before it is given up with its custody: for some ten seconds.
const LAST_TRIES: u32 = 5;

/// What a source can do now, as far as its token goes.
pub enum Access {
    /// Use this one.
    Token(SecretString),
    /// Call [`Custody::refresh`] first.
    Due,
    /// A person must authorize: why and how.
    Dead(String),
    /// A person must mend the configuration, or where it says the token is: why and how.
    Unreadable(String),
    /// The component, or its vendor, gave none.
    Refused(CallError),
}

/// What a refresh came to.
pub enum Refreshed {
    /// There is a new pair, of this version.
    Renewed(u64),
    /// It was not sent: wait that long, or by one's own backoff.
    Unsent(Option<Duration>, String),
    /// Nobody knows: ask again.
    Unknown(String),
    /// A person must act.
    Dead(String),
}

/// A pair that came, and what it is stored with.
#[derive(Clone)]
struct Unsaved {
    after: u64,
    pair: Credentials,
    fingerprint: Vec<u8>,
    at: Instant,
}

/// Keeps the token of one source.
pub struct Custody {
    name: SourceName,
    secrets: BTreeMap<String, SecretRef>,
    store: Arc<dyn Store>,
    source: Source,
    authority: Option<Authority>,
    grant: Option<Grant>,
    /// What is not stored yet: the pair in the store is spent.
    unsaved: Option<Unsaved>,
    loaded: bool,
    status: TokenStatus,
    /// How the component broke in the last refresh, where it did.
    broke: Option<CallError>,
}

impl Custody {
    /// Of a source with these secrets.
    pub fn new(name: SourceName, secrets: BTreeMap<String, SecretRef>, store: Arc<dyn Store>, source: Source) -> Self {
        Self {
            name,
            secrets,
            store,
            source,
            authority: None,
            grant: None,
            unsaved: None,
            loaded: false,
            status: TokenStatus::default(),
            broke: None,
        }
    }

    /// The same, of a source whose token is obtained whenever one is needed.
    #[must_use]
    pub fn obtaining(self, authority: Authority) -> Self {
        Self { authority: Some(authority), ..self }
    }

    /// What may be shown of the token.
    pub fn status(&self) -> TokenStatus {
        self.status
    }

    /// The version of the pair, or of the token, that is in use, where it can be renewed at all.
    pub fn renewable(&self) -> Option<u64> {
        if let Some(authority) = &self.authority {
            return Some(authority.obtained());
        }
        self.grant.as_ref().filter(|grant| grant.credentials.refresh_token.is_some()).map(|grant| grant.version)
    }

    /// Forget what is known: the store may hold a newer pair, from a person who authorized again.
    pub fn reload(&mut self) {
        self.loaded = false;
    }

    /// The token to use now.
    pub async fn access(&mut self, now: Instant) -> Result<Access, StoreError> {
        if let Some(authority) = &mut self.authority {
            let got = authority.token(now).await;
            let (expires, version) = (authority.until(), authority.obtained());
            self.status = TokenStatus { kind: TokenKind::Obtained, expires, version, ..TokenStatus::default() };
            return Ok(match got {
                Ok(token) => Access::Token(token),
                Err(NoToken::Unreadable(why)) => Access::Unreadable(why),
                Err(NoToken::Refused(why)) => Access::Refused(why),
            });
        }
        if self.unsaved.is_some() {
            return Ok(Access::Due);
        }
        if !self.loaded
            && let Some(hindered) = self.load(now).await?
        {
            return Ok(hindered);
        }
        let Some(grant) = &self.grant else {
            self.status = TokenStatus { kind: TokenKind::Static, ..TokenStatus::default() };
            return Ok(match self.configured("access_token").await {
                Ok(Some(token)) => Access::Token(token),
                Ok(None) => {
                    Access::Dead(format!("source `{0}` has no token: set secrets.access_token, or run `miro-source auth {0}`", self.name))
                }
                Err(why) => Access::Unreadable(why),
            });
        };
        self.status = TokenStatus {
            kind: TokenKind::Rotating,
            obtained: Some(grant.obtained),
            expires: grant.credentials.expires_at.map(Instant),
            version: grant.version,
        };
        if let Some(why) = &grant.dead {
            let why = why.clone();
            // A person may have authorized again, or changed the configured tokens, in the meantime.
            self.reload();
            return Ok(Access::Dead(why));
        }
        if grant.intent.is_some() || self.due().is_some_and(|due| now >= due) {
            return Ok(Access::Due);
        }
        Ok(Access::Token(SecretString::from(grant.credentials.access_token.clone())))
    }

    /// How the component broke in the last refresh, where it did: asked once.
    pub fn take_broke(&mut self) -> Option<CallError> {
        self.broke.take()
    }

    /// What a person does where the vendor refuses the token.
    pub fn remedy(&self) -> String {
        match &self.authority {
            Some(_) => "it refuses a new one too; look at the application's registration at the vendor".to_owned(),
            None => format!("run `miro-source auth {}`, or set a new token", self.name),
        }
    }

    /// When the pair is to be refreshed.
    pub fn due(&self) -> Option<Instant> {
        let grant = self.grant.as_ref()?;
        grant.credentials.refresh_token.as_ref()?;
        let expires = Instant(grant.credentials.expires_at?);
        let early = Duration::from_secs(120).min(expires.since(grant.obtained) / 5);
        Some(expires.minus(early))
    }

    /// Refreshes the pair: one call to the component, journaled before, stored after. Where a pair that came waits to be stored, that is
    /// all there is to do.
    pub async fn refresh(&mut self, now: Instant) -> Result<Refreshed, StoreError> {
        if let Some(authority) = &mut self.authority {
            return Ok(match authority.renew(now).await {
                Ok(_) => Refreshed::Renewed(authority.obtained()),
                Err(NoToken::Unreadable(why)) => Refreshed::Dead(why),
                Err(NoToken::Refused(CallError::Failed(failure))) => match failure {
                    Failure::Throttled(wait) => Refreshed::Unsent(wait.map(Duration::from_millis), super::worker::describe(&failure)),
                    Failure::Unavailable(why) | Failure::Protocol(why) => Refreshed::Unsent(None, why),
                    failure => Refreshed::Dead(super::worker::describe(&failure)),
                },
                Err(NoToken::Refused(why)) => Refreshed::Unsent(None, why.to_string()),
            });
        }
        if let Some(unsaved) = self.unsaved.clone() {
            return self.save(unsaved).await;
        }
        let Some(grant) = self.grant.clone() else {
            return Ok(Refreshed::Dead(format!("source `{}` has no pair to refresh", self.name)));
        };
        let mut secrets = Vec::new();
        for name in self.secrets.keys().filter(|name| !matches!(name.as_str(), "access_token" | "refresh_token")) {
            match self.configured(name).await {
                Ok(Some(value)) => secrets.push((name.clone(), value.expose_secret().to_owned())),
                Ok(None) => {}
                // Nothing was sent: the pair is intact.
                Err(why) => return Ok(Refreshed::Unsent(None, why)),
            }
        }
        let name = self.name.clone();
        blocking(&self.store, move |store| store.open_intent(&name, grant.version, now)).await?;
        KillPoint::Intent.pass();
        let outcome = self.source.refresh(&secrets, &grant.credentials, now).await;
        KillPoint::Answer.pass();
        self.loaded = false;
        match outcome {
            Ok(pair) => self.save(Unsaved { after: grant.version, pair, fingerprint: grant.fingerprint, at: now }).await,
            Err(RefreshError::Refused(RefreshFailure::Unsent(failure))) => {
                let name = self.name.clone();
                blocking(&self.store, move |store| store.close_intent(&name, grant.version)).await?;
                let wait = if let Failure::Throttled(wait) = &failure { wait.map(Duration::from_millis) } else { None };
                Ok(Refreshed::Unsent(wait, super::worker::describe(&failure)))
            }
            Err(RefreshError::Refused(RefreshFailure::Rejected(failure))) => self.bury(&grant, super::worker::describe(&failure)).await,
            Err(RefreshError::Refused(RefreshFailure::Unknown(why))) => Ok(Refreshed::Unknown(why)),
            Err(RefreshError::BrokenUnsent(why)) => {
                let name = self.name.clone();
                blocking(&self.store, move |store| store.close_intent(&name, grant.version)).await?;
                let text = match &why {
                    CallError::Failed(failure) => super::worker::describe(failure),
                    why => why.to_string(),
                };
                self.broke = Some(why);
                Ok(Refreshed::Unsent(None, text))
            }
            Err(RefreshError::Broken(why)) => {
                let text = why.to_string();
                self.broke = Some(why);
                Ok(Refreshed::Unknown(text))
            }
        }
    }

    /// The token of one who asks but once: refreshed where that is due. [`Access::Due`] where that did not work now.
    pub async fn obtain(&mut self, clock: &dyn Clock) -> Result<Access, StoreError> {
        for _ in 0..2 {
            match self.access(clock.now()).await? {
                // What came of it shows when the token is asked for again.
                Access::Due => {
                    if let Err(why) = self.refresh(clock.now()).await
                        && !self.leave(clock).await?
                    {
                        return Err(why);
                    }
                }
                access => return Ok(access),
            }
        }
        Ok(Access::Due)
    }

    /// The last chance of a pair that came and is not stored yet: it is nowhere else. Returns whether there was one; where it is lost, the
    /// log says so.
    pub async fn leave(&mut self, clock: &dyn Clock) -> Result<bool, StoreError> {
        let Some(unsaved) = self.unsaved.clone() else { return Ok(false) };
        let mut backoff = Backoff::new(self.name.as_str(), Duration::from_millis(500), Duration::from_secs(4));
        loop {
            match self.save(unsaved.clone()).await {
                Err(why) if why.kind == StoreErrorKind::Retry && backoff.attempts() < LAST_TRIES => {
                    clock.sleep_until(clock.now().plus(backoff.failed())).await;
                }
                Err(why) => {
                    let name = &self.name;
                    tracing::error!(source = %name, "the tokens that came last are not stored: {why}; where the vendor refuses those before them, run `miro-source auth {name}`");
                    return Err(why);
                }
                Ok(_) => return Ok(true),
            }
        }
    }

    async fn save(&mut self, unsaved: Unsaved) -> Result<Refreshed, StoreError> {
        let Unsaved { after, pair, fingerprint, at } = unsaved.clone();
        self.unsaved = Some(unsaved);
        let saved = self.adopt(Some(after), pair, fingerprint, at).await;
        // Anything but another try makes it useless: the store has a newer pair, or this process ends.
        if !saved.as_ref().is_err_and(|why| why.kind == StoreErrorKind::Retry) {
            self.unsaved = None;
        }
        let version = saved?;
        KillPoint::Renewed.pass();
        Ok(Refreshed::Renewed(version))
    }

    async fn bury(&mut self, grant: &Grant, why: String) -> Result<Refreshed, StoreError> {
        let message = format!("the vendor no longer accepts the tokens of source `{0}` ({why}): run `miro-source auth {0}`", self.name);
        let (name, version, reason) = (self.name.clone(), grant.version, message.clone());
        blocking(&self.store, move |store| store.bury_grant(&name, version, &reason)).await?;
        self.loaded = false;
        Ok(Refreshed::Dead(message))
    }

    async fn adopt(&mut self, after: Option<u64>, pair: Credentials, fingerprint: Vec<u8>, now: Instant) -> Result<u64, StoreError> {
        let name = self.name.clone();
        blocking(&self.store, move |store| store.put_grant(&name, after, &pair, &fingerprint, now)).await
    }

    /// Reads the grant, and takes the configured pair where it is the newer one. Returns what a person must do first.
    async fn load(&mut self, now: Instant) -> Result<Option<Access>, StoreError> {
        let name = self.name.clone();
        let (grant, restored) = blocking(&self.store, move |store| Ok((store.grant(&name)?, store.restored(&name)?))).await?;
        let configured = match self.configured_pair().await {
            Ok(pair) => pair,
            // A stored pair needs no configured one.
            Err(_) if grant.is_some() => None,
            Err(why) => return Ok(Some(Access::Unreadable(why))),
        };
        let fingerprint = configured.as_ref().map(|pair| {
            let tokens = [pair.access_token.as_str(), pair.refresh_token.as_deref().unwrap_or_default()];
            self.store.fingerprint(&tokens)
        });
        let newer = match (&grant, &fingerprint) {
            (Some(grant), Some(fingerprint)) => grant.fingerprint != *fingerprint,
            (None, Some(_)) => configured.as_ref().is_some_and(|pair| pair.refresh_token.is_some()),
            (_, None) => false,
        };
        if newer && let (Some(pair), Some(fingerprint)) = (configured, fingerprint) {
            tracing::info!(source = %self.name, "took the configured tokens");
            self.adopt(grant.map(|grant| grant.version), pair, fingerprint, now).await?;
            let name = self.name.clone();
            self.grant = blocking(&self.store, move |store| store.grant(&name)).await?;
        } else if restored {
            return Ok(Some(Access::Dead(format!(
                "the database is older than the last tokens issued for source `{0}`, or is a copy: it was restored from a backup, or copied; run `miro-source auth {0}`, \
                 or `miro-source auth confirm {0}` if the stored tokens are the latest",
                self.name
            ))));
        } else {
            self.grant = grant;
        }
        self.loaded = true;
        Ok(None)
    }

    async fn configured_pair(&self) -> Result<Option<Credentials>, String> {
        let Some(access) = self.configured("access_token").await? else { return Ok(None) };
        let refresh = self.configured("refresh_token").await?;
        Ok(Some(Credentials {
            access_token: access.expose_secret().to_owned(),
            refresh_token: refresh.map(|token| token.expose_secret().to_owned()),
            expires_at: None,
        }))
    }

    async fn configured(&self, name: &str) -> Result<Option<SecretString>, String> {
        let Some(reference) = self.secrets.get(name).cloned() else { return Ok(None) };
        let value = tokio::task::spawn_blocking(move || secret::resolve(&reference)).await;
        match value {
            Ok(Ok(value)) => Ok(Some(value)),
            Ok(Err(why)) => Err(format!("secret `{name}` of source `{}`: {why}", self.name)),
            Err(gone) => Err(format!("failed to read secret `{name}` of source `{}`: {gone}", self.name)),
        }
    }
}
