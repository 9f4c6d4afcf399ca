//! Another responder that is asked about an account before this one acts: the vendor of the events knows its administrators.

use audit_pipeline::responder::{Resolution, Target};
use secrecy::ExposeSecret as _;

use super::{Account, Ruling, Wait, guard::administers};
use crate::{
    alert::Who,
    authenticate::{Keys, NoToken, Tokens},
    model::Instant,
    runtime::{CallError, Responder},
};

/// Calls to find one account.
const LOOKS: u32 = 20;

/// Another responder that is only asked.
#[derive(Debug)]
pub struct Witness {
    responder: Responder,
    keys: Keys,
    tokens: Tokens,
}

impl Witness {
    /// One that was not asked yet.
    pub fn new(responder: Responder, keys: Keys) -> Self {
        Self { responder, keys, tokens: Tokens::default() }
    }

    /// The account as it knows it; `None` where it knows nobody of the kind.
    pub(super) async fn ask(&mut self, who: &Who, now: Instant) -> Result<Option<Account>, NoToken> {
        let target = wanted(who);
        let mut state = None;
        for _ in 0..LOOKS {
            let token = self.tokens.get(&self.responder, &self.keys, None, now).await?;
            match self.responder.resolve(token.expose_secret(), &target, state.as_deref(), now).await? {
                Resolution::More(next) => state = Some(next),
                Resolution::Account(account) => return Ok(Some(account.into())),
                Resolution::Nobody(_) => return Ok(None),
                Resolution::Several(why) => return Err(NoToken::Refused(CallError::Broken(why))),
            }
        }
        Err(NoToken::Refused(CallError::Broken(format!("the account was not found in {LOOKS} requests"))))
    }
}

/// What follows from what a witness said of an account, or why it could not say anything.
pub(super) fn heard(said: Result<Option<Account>, String>) -> Ruling {
    match said {
        Ok(Some(account)) => administers(&account),
        Ok(None) => Ruling::Go,
        Err(why) => Ruling::Hold(Wait::Unknown, format!("whether it is an administrator where the events are from cannot be told: {why}")),
    }
}

/// Whom to look for. An identifier is that of the events' vendor: it says nothing to another where there is an address.
pub(super) fn wanted(who: &Who) -> Target {
    match &who.email {
        Some(email) => Target { id: None, email: Some(email.clone()) },
        None => Target { id: who.id.clone(), email: None },
    }
}
