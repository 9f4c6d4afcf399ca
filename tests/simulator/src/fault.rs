//! What goes wrong, and when: rules that strike calls.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Which door a request knocks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `GET /v2/audit/logs`.
    Audit,
    /// `POST /v1/oauth/token`.
    Token,
    /// `GET /v1/oauth-token`.
    Context,
    /// `POST /v2/oauth/revoke`.
    Revoke,
    /// `GET /oauth/authorize`.
    Authorize,
    /// Anything else at Miro.
    Other,
    /// `POST` at the HTTP Source.
    Sumo,
    /// `GET` at the HTTP Source.
    SumoPing,
    /// `GET` of a published file.
    Feed,
    /// `POST` of traces.
    Traces,
    /// Miro: `POST /v2/sessions/reset_all`.
    SessionReset,
    /// Miro: `GET /v2/orgs/…/members`, and one of them.
    Members,
    /// Miro's SCIM: reading.
    ScimRead,
    /// Miro's SCIM: `PATCH /Users/…`.
    ScimPatch,
    /// Entra: `POST /…/oauth2/v2.0/token`.
    EntraToken,
    /// Graph: reading one user, the manager, or the roles.
    User,
    /// Graph: `GET /users?…`.
    Users,
    /// Graph: `GET /users/delta`.
    UsersDelta,
    /// Graph: `GET /directory/deletedItems/…`.
    DeletedUsers,
    /// Graph: groups and their members.
    Groups,
    /// Graph: `POST /users/…/revokeSignInSessions`.
    RevokeSessions,
    /// Graph: `PATCH /users/…`.
    UpdateUser,
    /// Graph: `POST /users/…/sendMail`.
    SendMail,
    /// Graph: `POST /identityProtection/riskyUsers/confirmCompromised`.
    ConfirmCompromised,
    /// Graph: `GET /auditLogs/signIns`.
    SignIns,
    /// Anything else at Graph.
    GraphOther,
}

impl Endpoint {
    /// Whether it is a door of Miro.
    pub(crate) fn is_miro(self) -> bool {
        use Endpoint::{Audit, Authorize, Context, Members, Other, Revoke, ScimPatch, ScimRead, SessionReset, Token};
        matches!(self, Audit | Token | Context | Revoke | Authorize | Other | SessionReset | Members | ScimRead | ScimPatch)
    }

    /// Whether a client may have put a secret into the query.
    pub(crate) fn has_secret_query(self) -> bool {
        matches!(self, Self::Token | Self::Context | Self::Revoke | Self::Authorize | Self::Other | Self::EntraToken)
    }
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Processed at once, answered so much later.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// Answered in small chunks with pauses.
    Slow {
        /// Bytes a chunk.
        chunk: usize,
        /// Milliseconds between chunks.
        pause_ms: u64,
    },
    /// The connection breaks before anything is processed.
    Reset,
    /// The connection breaks after everything is processed.
    Lost,
    /// Processed; the connection breaks within the body.
    Truncate {
        /// After so many bytes.
        after: usize,
    },
    /// Processed; blanks follow the body.
    Oversize {
        /// Bytes in all.
        bytes: u64,
    },
    /// Processed; the body ends in the middle of its JSON, and the length agrees.
    BadJson,
    /// Processed; the body says to be something else.
    ContentType {
        /// The header's value.
        value: String,
    },
    /// The page comes with the cursor it was asked for.
    RepeatCursor,
    /// That status, nothing processed.
    Status {
        /// The status.
        status: u16,
        /// The body; without it, the vendor's own.
        #[serde(default)]
        body: Option<String>,
        /// Seconds for `Retry-After`.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// A 429 in the vendor's own words, nothing processed.
    Throttle {
        /// Seconds for `Retry-After`.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// A 302, nothing processed.
    Redirect {
        /// Where to.
        to: String,
    },
    /// A 200 with a proxy's login page, nothing processed.
    Html,
    /// The token of this request is revoked first.
    RevokeToken,
    /// The access token of this request expires first; its refresh token lives on.
    ExpireToken,
    /// Sumo: so many lines are ingested, and the answer is 408.
    Partial {
        /// Lines from the start of the batch.
        lines: usize,
    },
    /// Sumo: ingested; a 200 with a status object that warns.
    StatusObject,
    /// Sumo: ingested; a 204.
    NoContent,
}

/// When a fault strikes. Every condition given must hold; the first rule that strikes a call is the only one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which calls it looks at; empty means all.
    #[serde(default)]
    pub on: Vec<Endpoint>,
    /// What happens to them.
    pub fault: Fault,
    /// Calls that pass first, of those that meet every other condition.
    #[serde(default)]
    pub skip: u64,
    /// How often it strikes; without it, until it is removed.
    #[serde(default)]
    pub times: Option<u64>,
    /// From this time on, in milliseconds.
    #[serde(default)]
    pub since: Option<u64>,
    /// Before this time.
    #[serde(default)]
    pub until: Option<u64>,
    /// Only that page of a window, counted from 1.
    #[serde(default)]
    pub page: Option<u64>,
    /// Only paths of this form; `*` stands for anything, slashes too.
    #[serde(default)]
    pub path: Option<String>,
    /// How likely it strikes, drawn from the seed.
    #[serde(default)]
    pub probability: Option<f64>,
}

impl Rule {
    /// `fault` on every call at `endpoint`.
    pub fn new(endpoint: Endpoint, fault: Fault) -> Self {
        let on = vec![endpoint];
        Self { on, fault, skip: 0, times: None, since: None, until: None, page: None, path: None, probability: None }
    }

    /// Only the next call.
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Only the next `n` calls.
    pub fn times(self, n: u64) -> Self {
        Self { times: Some(n), ..self }
    }

    /// After `n` calls that pass.
    pub fn after(self, n: u64) -> Self {
        Self { skip: n, ..self }
    }

    /// From `since` until before `until`, in milliseconds.
    pub fn between(self, since: u64, until: u64) -> Self {
        Self { since: Some(since), until: Some(until), ..self }
    }

    /// Only that page of a window.
    pub fn on_page(self, page: u64) -> Self {
        Self { page: Some(page), ..self }
    }

    /// Only paths of this form; `*` stands for anything.
    pub fn on_path(self, path: &str) -> Self {
        Self { path: Some(path.to_owned()), ..self }
    }

    /// With that probability.
    pub fn with_probability(self, probability: f64) -> Self {
        Self { probability: Some(probability), ..self }
    }
}

/// A call, as far as rules look at it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) endpoint: Endpoint,
    pub(crate) now: u64,
    pub(crate) page: u64,
    /// Without the query.
    pub(crate) path: &'a str,
}

/// Every rule in force.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    seed: u64,
    next: u64,
    rules: Vec<Active>,
}

#[derive(Debug)]
struct Active {
    id: u64,
    rule: Rule,
    seen: u64,
    struck: u64,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    pub(crate) fn add(&mut self, rule: Rule) -> u64 {
        self.next += 1;
        self.rules.push(Active { id: self.next, rule, seen: 0, struck: 0 });
        self.next
    }

    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.rules.len();
        self.rules.retain(|active| active.id != id);
        self.rules.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// Every rule: its id, itself, how often it struck.
    pub(crate) fn list(&self) -> impl Iterator<Item = (u64, &Rule, u64)> {
        self.rules.iter().map(|active| (active.id, &active.rule, active.struck))
    }

    /// The fault that strikes this call.
    pub(crate) fn strike(&mut self, call: Call<'_>) -> Option<Fault> {
        let seed = self.seed;
        self.rules.iter_mut().find_map(|active| active.strike(seed, call))
    }
}

impl Active {
    fn strike(&mut self, seed: u64, call: Call<'_>) -> Option<Fault> {
        let rule = &self.rule;
        let meant = (rule.on.is_empty() || rule.on.contains(&call.endpoint))
            && rule.since.is_none_or(|since| call.now >= since)
            && rule.until.is_none_or(|until| call.now < until)
            && rule.page.is_none_or(|page| call.page == page)
            && rule.path.as_deref().is_none_or(|form| fits(form, call.path))
            && rule.times.is_none_or(|times| self.struck < times);
        if !meant {
            return None;
        }
        self.seen += 1;
        let chosen = self.seen > rule.skip && rule.probability.is_none_or(|p| draw(seed, self.id, self.seen) < p);
        self.struck += u64::from(chosen);
        chosen.then(|| rule.fault.clone())
    }
}

/// Whether a path has that form.
fn fits(form: &str, path: &str) -> bool {
    let Some((start, rest)) = form.split_once('*') else { return form == path };
    let Some(path) = path.strip_prefix(start) else { return false };
    (0..=path.len()).any(|at| path.get(at..).is_some_and(|tail| fits(rest, tail)))
}

/// A number in `0..1`, always the same for the same call under the same rule.
fn draw(seed: u64, rule: u64, call: u64) -> f64 {
    let said = [seed, rule, call].map(u64::to_le_bytes).concat();
    let hash: [u8; 32] = Sha256::digest(said).into();
    let [a, b, c, d, ..] = hash;
    f64::from(u32::from_le_bytes([a, b, c, d])) / (f64::from(u32::MAX) + 1.0)
}
