//! The tokens, by the rules of `refresh` in `wit/source.wit`.
//!
//! Without a configured `refresh_token` the `access_token` is used as it is configured, read anew in every run. With one
//! the pair lives in `tokens.json`, in plain text: the folder must be readable by its owner only.
//!
//! 1. **Adopt.** The configured pair is taken where none is stored, or where the configured one changed since.
//! 2. **Due.** A pair is refreshed min(2 min, a fifth of its lifetime) before it expires, or once when it is refused.
//! 3. **Refresh.** The intent is on disk before the vendor is asked; the new pair is on disk before it is used.
//! 4. **Failure.** `unsent` takes the intent back. `rejected` needs a person. `unknown`, as well as a run that died with
//!    an open intent, lets each later run send the old pair again until the vendor grants or refuses it: nothing is lost by asking.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    edges::{Edges, replace},
    exit::{Ended, Result},
    run::describe,
    settings::Settings,
    source::RefreshFailure,
    types::Credentials,
};

const TOKENS: &str = "tokens.json";
/// The longest time before its end at which a pair is renewed.
const EARLY: u64 = 120_000;

/// What `tokens.json` holds.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    version: u32,
    access_token: String,
    refresh_token: Option<String>,
    expires_at: Option<u64>,
    obtained: u64,
    /// Of the configured pair that this one goes back to.
    fingerprint: String,
    /// How often this pair was sent without an answer.
    attempts: u32,
    /// Why it is of no use any more.
    dead: Option<String>,
}

/// Keeps the tokens of one source.
pub struct Custody<'a> {
    edges: Edges<'a>,
    settings: &'a Settings,
    kept: Option<Kept>,
}

impl<'a> Custody<'a> {
    /// Reads the stored pair, and takes the configured one where that is newer.
    pub fn load(edges: Edges<'a>, settings: &'a Settings) -> Result<Self> {
        let path = format!("{}/{TOKENS}", settings.state);
        let stored: Option<Kept> = match edges.disk.read(&path)? {
            Some(bytes) => Some(serde_json::from_slice(&bytes).map_err(|why| {
                // The text of the error could repeat the file, and so a token.
                Ended::authorize(format!(
                    "{path} is damaged (column {}): authorize again, set the new pair and delete the file",
                    why.column()
                ))
            })?),
            None => None,
        };
        let mut custody = Self { edges, settings, kept: stored };
        let access = settings.secret("access_token").unwrap_or_default();
        let Some(refresh) = settings.secret("refresh_token") else {
            // A token that does not expire was configured in the place of a pair.
            custody.kept = None;
            return Ok(custody);
        };
        let fingerprint = fingerprint(access, refresh);
        if custody.kept.as_ref().is_none_or(|kept| kept.fingerprint != fingerprint) {
            let kept = Kept {
                version: 1,
                access_token: access.to_owned(),
                refresh_token: Some(refresh.to_owned()),
                expires_at: None,
                obtained: edges.clock.now(),
                fingerprint,
                attempts: 0,
                dead: None,
            };
            custody.keep(kept)?;
        }
        Ok(custody)
    }

    /// The token to use now; nothing where a refresh comes first.
    pub fn access(&self, now: u64) -> Result<Option<String>> {
        let Some(kept) = &self.kept else {
            let token = self.settings.secret("access_token").filter(|token| !token.is_empty());
            return token.map(|token| Some(token.to_owned())).ok_or_else(|| Ended::configuration("there is no access token"));
        };
        if let Some(why) = &kept.dead {
            return Err(Ended::authorize(why.clone()));
        }
        let due = kept.expires_at.is_some_and(|expires| {
            let early = EARLY.min(expires.saturating_sub(kept.obtained) / 5);
            now >= expires.saturating_sub(early)
        });
        Ok((!due && kept.attempts == 0).then(|| kept.access_token.clone()))
    }

    /// Whether there is anything to refresh.
    pub fn renewable(&self) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.refresh_token.is_some())
    }

    /// Every token that is known, for covering it in what is printed.
    pub fn secrets(&self) -> Vec<String> {
        self.kept.iter().flat_map(|kept| [Some(kept.access_token.clone()), kept.refresh_token.clone()]).flatten().collect()
    }

    /// Asks the vendor for a newer pair, once.
    pub fn refresh(&mut self) -> Result<()> {
        let Some(old) = self.kept.clone() else { return Err(Ended::authorize("there is no pair of tokens to refresh")) };
        let sent = Kept { attempts: old.attempts.saturating_add(1), ..old.clone() };
        self.keep(sent.clone())?;
        let secrets: Vec<(String, String)> =
            self.settings.secrets.iter().filter(|(name, _)| !matches!(name.as_str(), "access_token" | "refresh_token")).cloned().collect();
        let pair =
            Credentials { access_token: old.access_token.clone(), refresh_token: old.refresh_token.clone(), expires_at: old.expires_at };
        let now = self.edges.clock.now();
        match self.edges.source.refresh(&self.settings.config, &secrets, &pair, now) {
            Ok(new) => self.keep(Kept {
                access_token: new.access_token,
                refresh_token: new.refresh_token,
                expires_at: new.expires_at,
                obtained: now,
                attempts: 0,
                ..old
            }),
            Err(RefreshFailure::Unsent(failure)) => {
                self.keep(old)?;
                Err(Ended::left(format!("failed to refresh the token: {}", describe(&failure))))
            }
            Err(RefreshFailure::Rejected(failure)) => self.bury(sent, &describe(&failure)),
            Err(RefreshFailure::Unknown(why)) => Err(Ended::left(format!(
                "the answer to a token refresh was lost ({why}): the next run sends the pair again; where this lasts, authorize again"
            ))),
        }
    }

    fn bury(&mut self, kept: Kept, why: &str) -> Result<()> {
        let why =
            format!("the vendor no longer accepts the tokens ({why}): authorize again and set the new access_token and refresh_token");
        self.keep(Kept { dead: Some(why.clone()), ..kept })?;
        Err(Ended::authorize(why))
    }

    /// Stores it durably, and only then has it.
    fn keep(&mut self, kept: Kept) -> Result<()> {
        let bytes = serde_json::to_vec(&kept).map_err(|why| Ended::left(format!("failed to write {TOKENS}: {why}")))?;
        replace(self.edges.disk, &self.settings.state, TOKENS, &bytes)?;
        self.kept = Some(kept);
        Ok(())
    }
}

fn fingerprint(access: &str, refresh: &str) -> String {
    let digest = Sha256::new().chain_update(access).chain_update([0]).chain_update(refresh).finalize();
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
