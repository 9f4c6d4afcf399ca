//! The token of a source as it stands, read without changing anything: the same choice as [`crate::schedule::Custody`]
//! makes, but nothing is adopted and nothing refreshed.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    config::{SourceConfig, secret},
    model::Instant,
    store::{Grant, Store, StoreError},
};

/// A token, and what is known about it.
pub(in crate::cli) struct Access {
    /// The token.
    pub(in crate::cli) token: SecretString,
    /// Where it came from.
    pub(in crate::cli) held: Held,
}

/// Where a token comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Held {
    /// The configuration, and it does not rotate.
    Static,
    /// The configuration; the host will take the pair when it next reads.
    Adopted,
    /// The component, with what proves that the host is the application.
    Obtained,
    /// The store.
    Stored {
        /// When the pair was obtained.
        obtained: Instant,
        /// When the access token expires.
        expires: Option<Instant>,
        /// A refresh is due: the host does it before it next reads.
        due: bool,
    },
}

/// Why there is no token.
#[derive(Debug)]
pub(in crate::cli) enum Trouble {
    /// A secret cannot be read.
    Secret(String),
    /// A person must authorize.
    Authorize(String),
    /// The store cannot be read.
    Store(StoreError),
}

impl Access {
    /// The token to use now. Blocks.
    pub(in crate::cli) fn find(source: &SourceConfig, store: Option<&dyn Store>, now: Instant) -> Result<Self, Trouble> {
        let grant = match store {
            Some(store) => store.grant(&source.name).map_err(Trouble::Store)?,
            None => None,
        };
        let configured = match (Self::configured(source), &grant) {
            (Ok(configured), _) => configured,
            // A stored pair needs no configured one.
            (Err(_), Some(_)) => None,
            (Err(why), None) => return Err(Trouble::Secret(why)),
        };
        let Some((store, grant)) = store.zip(grant) else {
            let Some((token, refresh)) = configured else {
                let name = &source.name;
                return Err(Trouble::Authorize(format!("there is no token: run `miro-source auth {name}`, or set secrets.access_token")));
            };
            return Ok(Self { token, held: if refresh.is_some() { Held::Adopted } else { Held::Static } });
        };
        if let Some((token, refresh)) = configured {
            let refresh = refresh.as_ref().map_or("", |token| token.expose_secret());
            if store.fingerprint(&[token.expose_secret(), refresh]) != grant.fingerprint {
                return Ok(Self { token, held: Held::Adopted });
            }
        }
        if store.restored(&source.name).map_err(Trouble::Store)? {
            return Err(Trouble::Authorize(format!(
                "the database is older than the last tokens issued, or is a copy: it was restored from a backup, or copied; run `miro-source auth {0}`, or \
                 `miro-source auth confirm {0}` if the stored tokens are the latest",
                source.name
            )));
        }
        if let Some(why) = &grant.dead {
            return Err(Trouble::Authorize(why.clone()));
        }
        let expires = grant.credentials.expires_at.map(Instant);
        let held = Held::Stored { obtained: grant.obtained, expires, due: due(&grant, now) };
        Ok(Self { token: SecretString::from(grant.credentials.access_token), held })
    }

    /// The configured tokens, opened: access and refresh. `None` where no access token is configured.
    pub(in crate::cli) fn configured(source: &SourceConfig) -> Result<Option<(SecretString, Option<SecretString>)>, String> {
        let open = |name: &str| {
            let reference = source.secrets.get(name);
            reference.map(secret::resolve).transpose().map_err(|why| format!("secret `{name}`: {why}"))
        };
        let Some(access) = open("access_token")? else { return Ok(None) };
        Ok(Some((access, open("refresh_token")?)))
    }
}

fn due(grant: &Grant, now: Instant) -> bool {
    let Some(expires) = grant.credentials.expires_at.map(Instant) else { return grant.intent.is_some() };
    if grant.credentials.refresh_token.is_none() {
        return now >= expires;
    }
    let early = Duration::from_secs(120).min(expires.since(grant.obtained) / 5);
    grant.intent.is_some() || now >= expires.minus(early)
}
