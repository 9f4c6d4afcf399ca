//! How the simulated vendors behave where the real ones are undocumented, differ by customer, or may change.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Everything that can be set, while running too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Miro.
    pub miro: MiroSettings,
    /// The HTTP Source.
    pub sumo: SumoSettings,
    /// Sumo's Search Job API.
    pub search: SearchSettings,
    /// Entra and Graph.
    pub graph: GraphSettings,
}

/// Whether a bound belongs to the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// An event at the bound is in.
    Inclusive,
    /// An event at the bound is out.
    Exclusive,
}

/// What a cursor gets that came with other parameters than those it was issued for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// A 400 on any change.
    Refuse,
    /// A 400, unless only `limit` changed.
    AllowLimit,
    /// It is read like any other.
    Allow,
}

/// What a cursor gets that lost everything from its `#` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutCursor {
    /// The first page again, for ever.
    FirstPage,
    /// A 400.
    Refuse,
}

/// How the last page of a window says that it is the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastPage {
    /// Without `cursor`.
    NoCursor,
    /// Not at all: it has a cursor, and the page after it is empty and has none.
    EmptyPage,
    /// `"cursor": ""`.
    EmptyText,
    /// `"cursor": null`.
    Null,
}

/// What a window gets that begins before what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TooOld {
    /// A 400 `invalidParameters`.
    Refuse,
    /// Only what is still kept.
    LeaveOut,
}

/// What a token gets that may not read audit logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denial {
    /// 403 `forbiddenAccess`.
    Forbidden,
    /// 404 `notFound`.
    NotFound,
}

/// What `X-RateLimit-Reset` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reset {
    /// Seconds since the epoch.
    EpochSeconds,
    /// Milliseconds since the epoch.
    EpochMillis,
    /// Seconds from now.
    DeltaSeconds,
}

/// Miro.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MiroSettings {
    /// The largest `limit` that is taken.
    pub max_limit: usize,
    /// `createdAfter`.
    pub lower: Bound,
    /// `createdBefore`.
    pub upper: Bound,
    /// A cursor under changed parameters.
    pub changed_parameters: Changed,
    /// A cursor that lost its tail.
    pub cut_cursor: CutCursor,
    /// The end of a window.
    pub last_page: LastPage,
    /// Leave `size` out, as early versions did.
    pub omit_size: bool,
    /// How far back the log reaches.
    pub retention_ms: Option<u64>,
    /// A window that begins before that.
    pub too_old: TooOld,
    /// Whether the organization has the Enterprise plan.
    pub enterprise: bool,
    /// Whether SCIM is switched on.
    pub scim: bool,
    /// Whether the app was installed by a Company Admin.
    pub company_admin: bool,
    /// What a token without the right gets.
    pub denial: Denial,
    /// What is added to the `Date` header.
    pub date_skew_ms: i64,
    /// The budget of an app.
    pub credits_per_minute: u64,
    /// What a page costs.
    pub audit_cost: u64,
    /// What the customer's other use of the same app takes out of every minute.
    pub other_use: u64,
    /// The form of `X-RateLimit-Reset`.
    pub reset: Reset,
    /// Whether a 429 has `Retry-After`. The real Miro documents none.
    pub retry_after: bool,
    /// How long an access token lives, in seconds.
    pub expires_in: u64,
    /// How long a refresh token lives, in seconds.
    pub refresh_expires_in: u64,
    /// Whether the consent page sends the browser straight back.
    pub auto_approve: bool,
    /// Where a browser may be sent back to. Empty means anywhere; the code remembers where.
    pub redirect_uris: Vec<String>,
}

impl Default for MiroSettings {
    fn default() -> Self {
        Self {
            max_limit: 100,
            lower: Bound::Inclusive,
            upper: Bound::Exclusive,
            changed_parameters: Changed::Refuse,
            cut_cursor: CutCursor::FirstPage,
            last_page: LastPage::NoCursor,
            omit_size: false,
            retention_ms: None,
            too_old: TooOld::Refuse,
            enterprise: true,
            scim: true,
            company_admin: true,
            denial: Denial::Forbidden,
            date_skew_ms: 0,
            credits_per_minute: 100_000,
            audit_cost: 100,
            other_use: 0,
            reset: Reset::EpochSeconds,
            retry_after: false,
            expires_in: 3599,
            refresh_expires_in: 60 * 86_400,
            auto_approve: true,
            redirect_uris: Vec::new(),
        }
    }
}

/// What a body over the recommended size gets. It is a violation either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TooLarge {
    /// A 413.
    Refuse,
    /// It is taken, as the real one says it would be.
    Accept,
}

/// The HTTP Source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SumoSettings {
    /// How many uncompressed bytes a request may have.
    pub max_body: usize,
    /// What a larger one gets.
    pub too_large: TooLarge,
    /// From how many bytes on a line is sliced.
    pub max_line: usize,
    /// A batch that holds one of these ids gets a 400.
    pub poison_ids: BTreeSet<String>,
    /// A request with one of these headers (lower-case name, whole value) gets a 400.
    pub poison_headers: BTreeMap<String, String>,
    /// How many of the last accepted lines can be read back.
    pub keep_records: usize,
}

impl Default for SumoSettings {
    fn default() -> Self {
        Self {
            max_body: 1_000_000,
            too_large: TooLarge::Refuse,
            max_line: 262_144,
            poison_ids: BTreeSet::new(),
            poison_headers: BTreeMap::new(),
            keep_records: 50_000,
        }
    }
}

/// Sumo's Search Job API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchSettings {
    /// How often a job says that it is not done yet.
    pub pending: usize,
    /// At most so many rows: the rest is cut off without a word.
    pub rows: usize,
    /// So many of the next requests are answered with 429.
    pub throttled: usize,
    /// So many of the next jobs are cancelled by the service, and gone when their state is asked for.
    pub cancelled: usize,
    /// What came is found only after so many jobs were begun since.
    pub unseen: usize,
}

impl Default for SearchSettings {
    fn default() -> Self {
        Self { pending: 2, rows: 100_000, throttled: 0, cancelled: 0, unseen: 0 }
    }
}

/// Entra and Graph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GraphSettings {
    /// How long a token lives, in seconds.
    pub token_life_s: u64,
    /// How many users, changes or members are on a page that asks for no number.
    pub page: usize,
    /// How many requests an app may send in ten seconds; without it, any number.
    pub budget: Option<u64>,
    /// Seconds for the `Retry-After` of a budget that is used up.
    pub retry_after: Option<u64>,
    /// Whether the tenant has what identity protection takes (Entra ID P2).
    pub risk_licensed: bool,
    /// What revoking sessions is answered with; early documents say 204.
    pub revoked: u16,
    /// How long a delta link holds, in milliseconds.
    pub delta_life_ms: u64,
    /// Whether the tenant has what reading sign-ins takes (Entra ID P1 or P2).
    pub premium: bool,
    /// How many requests for reports an app may send in ten seconds; without it, any number.
    pub reports_budget: Option<u64>,
    /// How much later than it happened a sign-in is shown that says nothing else, in milliseconds.
    pub sign_ins_late_ms: u64,
    /// For how long sign-ins are kept, in milliseconds.
    pub sign_ins_kept_ms: u64,
}

impl Default for GraphSettings {
    fn default() -> Self {
        Self {
            token_life_s: 3599,
            page: 100,
            budget: None,
            retry_after: Some(10),
            risk_licensed: true,
            revoked: 200,
            delta_life_ms: 7 * 86_400_000,
            premium: true,
            reports_budget: Some(5),
            sign_ins_late_ms: 0,
            sign_ins_kept_ms: 30 * 86_400_000,
        }
    }
}
