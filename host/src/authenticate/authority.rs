//! A component that obtains its own token, as a source asks for it.

use secrecy::SecretString;

use super::{Keys, NoToken, Tokens};
use crate::{model::Instant, runtime::Responder};

/// Obtains a source's token whenever one is needed: there is no pair to keep, and nobody who authorizes.
#[derive(Debug)]
pub struct Authority {
    responder: Responder,
    keys: Keys,
    tokens: Tokens,
}

impl Authority {
    /// One that was not asked yet.
    pub fn new(responder: Responder, keys: Keys) -> Self {
        Self { responder, keys, tokens: Tokens::default() }
    }

    /// A token for reading: the one at hand, else a new one.
    pub async fn token(&mut self, now: Instant) -> Result<SecretString, NoToken> {
        self.tokens.get(&self.responder, &self.keys, None, now).await
    }

    /// A new one, whatever is at hand.
    pub async fn renew(&mut self, now: Instant) -> Result<SecretString, NoToken> {
        self.tokens.forget(None);
        self.token(now).await
    }

    /// How many were obtained so far.
    pub fn obtained(&self) -> u64 {
        self.tokens.obtained()
    }

    /// Until when the one at hand is used.
    pub fn until(&self) -> Option<Instant> {
        self.tokens.until(None)
    }
}
