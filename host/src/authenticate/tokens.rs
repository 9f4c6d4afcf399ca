//! What the host is let in with: secrets opened, an assertion signed, a token kept in memory while it lasts.
//!
//! The private key stays here: a component says what is to be signed and gets the signed text. A token is never written anywhere.

use std::{collections::BTreeMap, time::Duration};

use audit_pipeline::types::Credentials;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Certificate, Signer};
use crate::{
    config::{AssertionConfig, ResponderConfig, SecretRef, SourceConfig, secret},
    model::Instant,
    respond::Action,
    runtime::{CallError, Responder},
};

/// A token that has less left is not used any more.
const EARLY: Duration = Duration::from_secs(120);
/// What was signed, or what a platform vouches with, as components know it.
const ASSERTION: &str = "assertion";

/// Where what lets a responder in is found.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// Secrets by name. Read anew for every token, so that a mended file heals without a restart.
    pub secrets: BTreeMap<String, SecretRef>,
    /// What the secret `assertion` is made of, where it takes one.
    pub assertion: Option<AssertionConfig>,
}

impl From<&SourceConfig> for Keys {
    fn from(config: &SourceConfig) -> Self {
        Self { secrets: config.secrets.clone(), assertion: config.assertion.clone() }
    }
}

impl From<&ResponderConfig> for Keys {
    fn from(config: &ResponderConfig) -> Self {
        Self { secrets: config.secrets.clone(), assertion: config.assertion.clone() }
    }
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum NoToken {
    /// What it takes is not there, or not what it should be.
    #[error("{0}")]
    Unreadable(String),
    /// The component, or its vendor, refused.
    #[error("{0}")]
    Refused(#[from] CallError),
}

/// The tokens of one component, by what they are for.
#[derive(Debug, Default)]
pub struct Tokens {
    held: BTreeMap<Option<Action>, Held>,
    obtained: u64,
}

#[derive(Debug)]
struct Held {
    token: SecretString,
    until: Instant,
}

impl Tokens {
    /// A token for an action, or for reading: the one at hand, else a new one.
    pub async fn get(&mut self, responder: &Responder, keys: &Keys, action: Option<Action>, now: Instant) -> Result<SecretString, NoToken> {
        if let Some(held) = self.held.get(&action).filter(|held| now < held.until) {
            return Ok(held.token.clone());
        }
        let secrets = keys.open(responder, now).await?;
        let got = responder.authenticate(&secrets, action.map(Into::into), now).await?;
        let Credentials { access_token, expires_at, .. } = got;
        let token = SecretString::from(access_token);
        let until = match expires_at {
            // A short one is used for as long as it lasts, less a fifth.
            Some(at) => Instant(at).minus(EARLY.min(Instant(at).since(now) / 5)),
            // The configured one: read again, since somebody may have changed it.
            None => now.plus(EARLY),
        };
        self.obtained += 1;
        self.held.insert(action, Held { token: token.clone(), until });
        Ok(token)
    }

    /// How many were obtained so far.
    pub fn obtained(&self) -> u64 {
        self.obtained
    }

    /// Until when the one at hand is used.
    pub fn until(&self, action: Option<Action>) -> Option<Instant> {
        self.held.get(&action).map(|held| held.until)
    }

    /// The vendor refused it: the next one is new.
    pub fn forget(&mut self, action: Option<Action>) {
        self.held.remove(&action);
    }
}

/// What was read of them.
struct Opened {
    secrets: Vec<(String, String)>,
    signer: Option<Signer>,
}

impl Keys {
    /// Everything that the component may have, opened. Nothing of it is kept.
    async fn open(&self, responder: &Responder, now: Instant) -> Result<Vec<(String, String)>, NoToken> {
        let keys = self.clone();
        let opened = tokio::task::spawn_blocking(move || keys.read()).await.map_err(|gone| NoToken::Unreadable(gone.to_string()))?;
        let Opened { mut secrets, signer } = opened.map_err(|why| NoToken::Unreadable(why.to_string()))?;
        if let Some(signer) = signer {
            let unsigned = responder.assertion(&signer.thumbprint(), &nonce()?, now).await?;
            let signed = signer.sign(&unsigned).map_err(|why| NoToken::Unreadable(why.to_string()))?;
            secrets.push((ASSERTION.to_owned(), signed));
        }
        Ok(secrets)
    }

    /// Reads it all, and gives the certificate, where there is one. Blocks on the disk.
    pub fn examine(&self) -> anyhow::Result<Option<Certificate>> {
        Ok(self.read()?.signer.map(|signer| signer.certificate()))
    }

    /// The certificate alone, where there is one and it can be read. Blocks on the disk.
    pub fn certificate(&self) -> Option<Certificate> {
        let Some(AssertionConfig::Certificate { certificate, .. }) = &self.assertion else { return None };
        Signer::certificate_of(secret::public(certificate).ok()?.expose_secret()).ok()
    }

    /// Reads it all. Blocks on the disk.
    fn read(&self) -> anyhow::Result<Opened> {
        let mut secrets = Vec::with_capacity(self.secrets.len() + 1);
        for (name, at) in &self.secrets {
            secrets.push((name.clone(), secret::resolve(at)?.expose_secret().to_owned()));
        }
        let signer = match &self.assertion {
            None => None,
            Some(AssertionConfig::Federated(at)) => {
                secrets.push((ASSERTION.to_owned(), secret::resolve(at)?.expose_secret().to_owned()));
                None
            }
            Some(AssertionConfig::Certificate { certificate, private_key }) => {
                let (certificate, key) = (secret::public(certificate)?, secret::resolve(private_key)?);
                Some(Signer::new(certificate.expose_secret(), key.expose_secret())?)
            }
        };
        Ok(Opened { secrets, signer })
    }
}

/// 128 random bits, in hex.
fn nonce() -> Result<String, NoToken> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|why| NoToken::Unreadable(format!("the system gives no random bytes: {why}")))?;
    Ok(hex::encode(bytes))
}
