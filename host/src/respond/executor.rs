//! The worker of one responder: takes the next response that is due, one call a step, each noted before the next.
//!
//! No waiting and no task of its own in a step, so that a runner can drive it by hand and stop it between any two steps. Whatever
//! the moment it is stopped at, what it finds in the store afterwards says what may be done next:
//!
//! | found | next |
//! |---|---|
//! | pending, account unknown | resolve it |
//! | account known, no step | ask for the first step |
//! | a step, not begun | note that it begins, then call |
//! | a step that may be repeated, begun | call again |
//! | a step that may not, begun | nobody knows whether it happened: it failed, and says so |

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use audit_pipeline::{
    responder::{Effect, Order, Resolution},
    types::Failure,
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::{
    Account, Facts, Guards, Move, Remit, Response, ResponseId, Step, Stopped, Trace, Witness, facts::users, guard, progress::moved,
    witness::heard,
};
use crate::{
    authenticate::{Keys, NoToken, Tokens},
    backoff::Backoff,
    clock::Clock,
    kill_point::KillPoint,
    model::{Instant, ResponderName, SourceName},
    neutral::brief,
    runtime::{CallError, RespondError, Responder},
    store::{Store, StoreError, StoreErrorKind, blocking},
    trace::span,
};

/// The first wait after a failure, and the longest.
const SOON: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));
/// Failures of the component itself, in a row, before a response is given up.
const FLAWS: u32 = 5;
/// How long it looks whether it may act again where nobody tells it.
const LOOK: Duration = Duration::from_secs(60);
/// Calls to find one account.
const LOOKS: u32 = 20;

/// When to step again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Now.
    AtOnce,
    /// When a response is made or approved, or at this moment where there is one.
    Idle(Option<Instant>),
}

/// What a worker is made of.
pub struct ExecutorParts {
    /// Its name, and what the operator lets it do.
    pub remit: Remit,
    /// Its component, configured.
    pub responder: Responder,
    /// What lets it in.
    pub keys: Keys,
    /// Who is never acted on automatically.
    pub guards: Guards,
    /// Of each source who else knows its administrators. Nobody: the one that would does not run, and nobody can tell.
    pub witnesses: BTreeMap<SourceName, Option<Witness>>,
    /// Of each source the directory that says how many users there are.
    pub people: BTreeMap<SourceName, ResponderName>,
    /// Where the responses are.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Told when a response changed.
    pub told: Arc<Notify>,
}

/// The worker of one responder.
pub struct Executor {
    parts: ExecutorParts,
    tokens: Tokens,
    /// The account that is being looked for: of which response, with which state, after how many calls.
    asking: Option<(ResponseId, String, u32)>,
    /// The response whose token was refused just now: a second refusal is final.
    refused: Option<ResponseId>,
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Executor").field("name", &self.parts.remit.name).finish_non_exhaustive()
    }
}

impl Executor {
    /// A worker that begins where the store says.
    pub fn new(parts: ExecutorParts) -> Self {
        Self { parts, tokens: Tokens::default(), asking: None, refused: None }
    }

    /// The responder's name.
    pub fn name(&self) -> &ResponderName {
        &self.parts.remit.name
    }

    /// Steps until `shutdown`. `wake` is notified when a response was made or changed.
    pub async fn run(mut self, shutdown: CancellationToken, wake: Arc<Notify>) -> Result<(), StoreError> {
        let clock = Arc::clone(&self.parts.clock);
        while !shutdown.is_cancelled() {
            let woken = wake.notified();
            tokio::pin!(woken);
            // From here on no wake is missed, also not one during the step.
            woken.as_mut().enable();
            match self.step().await? {
                Next::AtOnce => tokio::task::yield_now().await,
                Next::Idle(None) => tokio::select! { () = shutdown.cancelled() => {}, () = woken => {} },
                Next::Idle(Some(at)) => {
                    tokio::select! { () = shutdown.cancelled() => {}, () = woken => {}, () = clock.sleep_until(at) => {} }
                }
            }
        }
        Ok(())
    }

    /// At most one call. An error means that the store cannot be used any more. Dropping the future counts as a crash.
    pub async fn step(&mut self) -> Result<Next, StoreError> {
        let now = self.parts.clock.now();
        match self.advance(now).await {
            // Somebody else moved it, or the disk was busy: what is so now is found with the next step.
            Err(why) if matches!(why.kind, StoreErrorKind::Conflict | StoreErrorKind::Retry) => {
                tracing::debug!(responder = %self.parts.remit.name, "{why}");
                Ok(Next::Idle(Some(now.plus(SOON.0))))
            }
            done => done,
        }
    }

    async fn advance(&mut self, now: Instant) -> Result<Next, StoreError> {
        if Stopped::read(&self.parts.store).await?.is_some() {
            return Ok(Next::Idle(Some(now.plus(LOOK))));
        }
        let name = self.parts.remit.name.clone();
        let due = blocking(&self.parts.store, move |store| store.due_response(&name, now)).await?;
        let Some(response) = due.next else { return Ok(Next::Idle(due.wake)) };
        let span = span::response(&self.parts.remit.name, &response.source, response.action.as_str(), response.attempts);
        let next = self.decide(&response, now).instrument(span).await?;
        if let Some(next) = next {
            self.apply(response.id, Some(response.revision), next, now).await?;
        }
        Ok(Next::AtOnce)
    }

    /// What becomes of it next. `None`: its account is still looked for, or what came of a step is noted already.
    async fn decide(&mut self, response: &Response, now: Instant) -> Result<Option<Move>, StoreError> {
        if let Some(step) = response.step.as_ref().filter(|step| step.begun && step.effect == Effect::Once) {
            let why =
                format!("sent or not: unknown. It was about to {} when it was stopped; nothing of it is repeated by itself", step.intent);
            return Ok(Some(Move::Fail(why, None)));
        }
        // Half of it is worse than all of it.
        if !response.acted && response.step.as_ref().is_none_or(|step| !step.begun) {
            if let Some(why) = self.parts.remit.refuses(response) {
                return Ok(Some(Move::Skip(why)));
            }
            let facts = self.facts(response, now).await?;
            if let Some(next) = guard(response, &self.parts.guards, &facts, now).next() {
                return Ok(Some(next));
            }
        }
        if response.is_given_up(now) {
            let why = format!("given up after a day: {}", response.outcome.as_deref().unwrap_or("it did not work"));
            return Ok(Some(Move::Fail(why, None)));
        }
        // Finding an account is reading, whatever is to be done to it.
        let purpose = response.account.as_ref().map(|_| response.action);
        let token = match self.tokens.get(&self.parts.responder, &self.parts.keys, purpose, now).await {
            Ok(token) => token,
            Err(why) => return Ok(Some(self.locked_out(response, &why, now))),
        };
        Ok(match (&response.account, &response.step) {
            (None, _) => self.resolve(response, &token, now).await,
            (Some(account), None) => match self.testify(response, now).await {
                Some(held) => Some(held),
                None => Some(self.begin(response, account, &token, now).await),
            },
            (Some(account), Some(step)) => {
                self.go_on(response, account, step, &token, now).await?;
                None
            }
        })
    }

    async fn resolve(&mut self, response: &Response, token: &SecretString, now: Instant) -> Option<Move> {
        let target = super::witness::wanted(&response.target);
        let (state, looks) = match self.asking.take() {
            Some((id, state, looks)) if id == response.id => (Some(state), looks),
            _ => (None, 0),
        };
        match self.parts.responder.resolve(token.expose_secret(), &target, state.as_deref(), now).await {
            Ok(Resolution::More(_)) if looks >= LOOKS => Some(Move::Fail(format!("its account was not found in {LOOKS} requests"), None)),
            Ok(Resolution::More(state)) => {
                self.asking = Some((response.id, state, looks + 1));
                None
            }
            Ok(Resolution::Account(account)) => Some(Move::Resolved(account.into())),
            Ok(Resolution::Nobody(why)) => Some(Move::Fail(format!("nobody to act on: {why}"), None)),
            Ok(Resolution::Several(why)) => Some(Move::Fail(format!("it is not clear whom to act on: {why}"), None)),
            Err(why) => Some(self.failed(response, RespondError { why, uncertain: false, trace: None }, now)),
        }
    }

    /// What the vendor of the events says of the account, before anything drastic happens to it by itself.
    async fn testify(&mut self, response: &Response, now: Instant) -> Option<Move> {
        if !response.is_automatic() || !response.action.is_drastic() {
            return None;
        }
        let said = match self.parts.witnesses.get_mut(&response.source)? {
            Some(witness) => witness.ask(&response.target, now).await.map_err(|why| brief(&why.to_string(), 500)),
            None => Err("the responder that knows does not run".to_owned()),
        };
        heard(said).next()
    }

    /// The first step, which changes nothing.
    async fn begin(&mut self, response: &Response, account: &Account, token: &SecretString, now: Instant) -> Move {
        match self.parts.responder.respond(token.expose_secret(), &order(response, account), None, now).await {
            Ok(progress) => moved(progress, response, account, now),
            Err(why) => self.failed(response, why, now),
        }
    }

    async fn go_on(
        &mut self,
        response: &Response,
        account: &Account,
        step: &Step,
        token: &SecretString,
        now: Instant,
    ) -> Result<(), StoreError> {
        // On disk before it leaves: whoever finds it knows that it may have happened.
        let begun = match step.effect {
            Effect::None => response.clone(),
            Effect::Repeatable | Effect::Once => self.note_begin(response, now).await?,
        };
        KillPoint::Begun.pass();
        let answer = self.parts.responder.respond(token.expose_secret(), &order(response, account), Some(&step.state), now).await;
        KillPoint::Acted.pass();
        let next = match answer {
            Ok(progress) => moved(progress, response, account, now),
            Err(RespondError { why, uncertain: true, trace }) if step.effect == Effect::Once => {
                let why = format!("sent or not: unknown. The answer was lost ({why}); nothing of it is repeated by itself");
                Move::Fail(brief(&why, 1000), trace.map(|trace| Trace::new(trace, now)))
            }
            Err(why) => self.failed(response, why, now),
        };
        self.apply(begun.id, Some(begun.revision), next, now).await.map(drop)
    }

    /// What a failure means for the response.
    fn failed(&mut self, response: &Response, error: RespondError, now: Instant) -> Move {
        let RespondError { why, uncertain: unsure, trace } = error;
        let trace = trace.map(|trace| Trace::new(trace, now));
        let text = brief(&why.to_string(), 1000);
        let later = |after: Duration| now.plus(after.max(wait(&self.parts.remit.name, response.attempts)));
        let refused_before = self.refused.take() == Some(response.id);
        match why {
            CallError::Failed(Failure::Throttled(after)) => {
                Move::Retry { unsure, why: text, trace, due: later(after.map_or(Duration::ZERO, Duration::from_millis)) }
            }
            CallError::Failed(Failure::Unavailable(_)) => Move::Retry { unsure, why: text, trace, due: later(Duration::ZERO) },
            CallError::Failed(Failure::Expired) => {
                self.tokens.forget(response.account.as_ref().map(|_| response.action));
                if refused_before {
                    return Move::Fail(format!("{text}, a new one as well"), trace);
                }
                self.refused = Some(response.id);
                Move::Retry { unsure, why: text, trace, due: now }
            }
            CallError::Failed(Failure::Unauthorized(_) | Failure::Forbidden(_) | Failure::Invalid(_)) => Move::Fail(text, trace),
            // The component's own flaws may be of the moment; not for ever.
            _ if response.attempts < FLAWS => Move::Retry { unsure, why: text, trace, due: later(Duration::ZERO) },
            _ => Move::Fail(text, trace),
        }
    }

    /// Nothing can be done before somebody mends what lets it in.
    fn locked_out(&self, response: &Response, why: &NoToken, now: Instant) -> Move {
        let text = format!("no token: {}", brief(&why.to_string(), 900));
        let asked = match why {
            NoToken::Refused(CallError::Failed(Failure::Throttled(Some(after)))) => Duration::from_millis(*after),
            _ => Duration::ZERO,
        };
        // What a call did before the host was stopped is as unknown as it was.
        let unsure = response.step.as_ref().is_some_and(|step| step.begun);
        Move::Retry { unsure, why: text, trace: None, due: now.plus(asked.max(wait(&self.parts.remit.name, response.attempts))) }
    }

    /// What is so right now.
    async fn facts(&self, response: &Response, now: Instant) -> Result<Facts, StoreError> {
        let (response, directory) = (response.clone(), self.directory(response));
        blocking(&self.parts.store, move |store| Facts::find(store, &response, directory.as_ref(), now)).await
    }

    fn directory(&self, response: &Response) -> Option<ResponderName> {
        self.parts.people.get(&response.source).cloned()
    }

    /// Notes that the next call is about to be made. Where others were suspended meanwhile it does not begin: guards are asked anew.
    async fn note_begin(&self, response: &Response, now: Instant) -> Result<Response, StoreError> {
        let (id, revision, caps, directory) = (response.id, response.revision, self.parts.guards.caps, self.directory(response));
        blocking(&self.parts.store, move |store| store.begin_response(id, revision, caps, users(store, directory.as_ref())?, now)).await
    }

    async fn apply(&self, id: ResponseId, revision: Option<u64>, next: Move, now: Instant) -> Result<Response, StoreError> {
        let after = blocking(&self.parts.store, move |store| store.move_response(id, revision, &next, None, now)).await?;
        if after.state.is_final() {
            let (outcome, action) = (after.outcome.as_deref().unwrap_or_default(), after.action);
            tracing::info!(responder = %self.parts.remit.name, response = %id, %action, state = after.state.as_str(), "{}", brief(outcome, 500));
            self.parts.told.notify_waiters();
        }
        Ok(after)
    }
}

fn order(response: &Response, account: &Account) -> Order {
    Order { action: response.action.into(), account: account.clone().into(), message: response.mail.clone().map(Into::into) }
}

/// Doubling, from a second to five minutes.
fn wait(name: &ResponderName, attempts: u32) -> Duration {
    let mut backoff = Backoff::new(name.as_str(), SOON.0, SOON.1);
    for _ in 0..attempts.min(12) {
        backoff.failed();
    }
    backoff.failed()
}
