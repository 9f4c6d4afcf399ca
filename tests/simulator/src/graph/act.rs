//! What is done to an account: sessions revoked, the account disabled or enabled, its risk confirmed.

use serde_json::{Map, Value, json};

use super::{Asker, Outcome, permission, refusal::Refusal};
use crate::{answer::Answer, directory::same, effect::Done, world::State};

/// Between two confirmations, in milliseconds.
const CONFIRM_MS: u64 = 1_000;

impl State {
    /// `POST /users/{id}/revokeSignInSessions`, <https://learn.microsoft.com/en-us/graph/api/user-revokesigninsessions>. Guests
    /// sign in at home: nothing comes of it, and nobody is told.
    pub(super) fn revoke_sessions(&mut self, asker: &Asker<'_>, key: &str) -> Outcome {
        asker.may(permission::REVOKE)?;
        if !asker.request.body().is_empty() {
            return Err(Refusal::bad("Request_BadRequest", "The request has a body, and should have none."));
        }
        let person = self.directory.find(key).ok_or_else(|| Refusal::nobody(key))?.clone();
        let reached = person.user_type == crate::directory::UserType::Member;
        if reached {
            self.directory.change(&person.id, |person| person.sessions_from = asker.now);
        }
        let effect = self.done(asker, Done::SignedOut, &person.id, &person.user_principal_name, reached);
        self.ledger.effect(effect);
        let body = json!({ "@odata.context": asker.context("Edm.Boolean"), "value": true });
        Ok(if self.settings.graph.revoked == 204 { Answer::empty(204) } else { Answer::json(200, &body) })
    }

    /// `PATCH /users/{id}`, <https://learn.microsoft.com/en-us/graph/api/user-update>: `accountEnabled` and nothing else. Who
    /// holds a privileged role is out of reach for an app that has none.
    pub(super) fn update_user(&mut self, asker: &Asker<'_>, key: &str) -> Outcome {
        permission::account(asker.permissions())?;
        let body = object(asker)?;
        let enabled = match (body.get("accountEnabled"), body.len()) {
            (Some(Value::Bool(enabled)), 1) => *enabled,
            _ => return Err(Refusal::bad("Request_BadRequest", "Only a boolean accountEnabled can be updated here.")),
        };
        let person = self.directory.find(key).ok_or_else(|| Refusal::nobody(key))?.clone();
        let privileged = self.entra.app(&asker.granted.client_id).is_some_and(|app| app.privileged);
        if person.is_privileged() && !privileged {
            return Err(Refusal::DENIED);
        }
        self.directory.change(&person.id, |person| person.account_enabled = enabled);
        let done = if enabled { Done::Enabled } else { Done::Disabled };
        let effect = self.done(asker, done, &person.id, &person.user_principal_name, person.account_enabled != enabled);
        self.ledger.effect(effect);
        Ok(Answer::empty(204))
    }

    /// `POST /identityProtection/riskyUsers/confirmCompromised`,
    /// <https://learn.microsoft.com/en-us/graph/api/riskyuser-confirmcompromised>: one request a second, and a 429 that does not
    /// say how long.
    pub(super) fn confirm_compromised(&mut self, asker: &Asker<'_>) -> Outcome {
        asker.may(&["IdentityRiskyUser.ReadWrite.All"])?;
        if !self.settings.graph.risk_licensed {
            return Err(Refusal::UNLICENSED);
        }
        if self.graph.confirmed.is_some_and(|last| asker.now < last + CONFIRM_MS) {
            return Err(Refusal::throttled(None));
        }
        self.graph.confirmed = Some(asker.now);
        let body = object(asker)?;
        let wrong = || Refusal::bad("BadRequest", "userIds must be a list of 1 to 60 user ids.");
        let ids = body.get("userIds").and_then(Value::as_array).filter(|ids| body.len() == 1 && (1..=60).contains(&ids.len()));
        let ids: Vec<&str> = ids.ok_or_else(wrong)?.iter().map(|id| id.as_str().ok_or_else(wrong)).collect::<Result<_, _>>()?;
        let people = ids.iter().map(|id| match self.directory.find(id) {
            Some(person) if same(&person.id, id) => Ok(person.clone()),
            _ => Err(Refusal::nobody(id)),
        });
        for person in people.collect::<Result<Vec<_>, _>>()? {
            let again = self.ledger.effects().iter().any(|effect| effect.done == Done::Confirmed && effect.target == person.id);
            let effect = self.done(asker, Done::Confirmed, &person.id, &person.user_principal_name, !again);
            self.ledger.effect(effect);
        }
        Ok(Answer::empty(204))
    }
}

/// The body, which is to be one object in JSON and to say so.
pub(super) fn object(asker: &Asker<'_>) -> Result<Map<String, Value>, Refusal> {
    let kind = asker.request.headers().get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(Refusal::bad("Request_BadRequest", "A Content-Type of application/json is required."));
    }
    let read = serde_json::from_slice(asker.request.body());
    read.map_err(|_| Refusal::bad("BadRequest", "Unable to read JSON request payload."))
}
