//! One event as a policy sees it: borrowed, so that looking costs nothing.

/// One stored event. Whoever calls fills in what is known; everything else stays as [`Activity::default`] has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Activity<'a> {
    /// The vendor's identifier.
    pub id: &'a str,
    /// Its place in the log.
    pub seq: u64,
    /// When it happened, in milliseconds since 1970.
    pub time: u64,
    /// How it came into the log.
    pub lane: Lane,
    /// The vendor, as its component is called: `miro`.
    pub app: Option<&'a str>,
    /// The source, as the operator calls it. What Microsoft calls the instance of an app.
    pub source: Option<&'a str>,
    /// The vendor's verb.
    pub action: &'a str,
    /// The vendor's category.
    pub category: Option<&'a str>,
    /// What it means, in the vocabulary of `wit/types.wit`.
    pub traits: &'a [String],
    /// How it ended.
    pub outcome: Outcome,
    /// Who acted.
    pub actor: Actor<'a>,
    /// What was acted upon.
    pub object: Entity<'a>,
    /// The team it happened in.
    pub team: Entity<'a>,
    /// The customer's organization at the vendor.
    pub organization: Entity<'a>,
    /// The groups that the actor was in, by the directory.
    pub groups: &'a [String],
    /// The client's address, as the vendor wrote it.
    pub ip: Option<&'a str>,
    /// What the operator calls that address: `corporate`, `risky`, …
    pub ip_category: Option<&'a str>,
    /// What the operator or a feed says of it: `tor`, `botnet`, …
    pub ip_tags: &'a [String],
    /// Its autonomous system.
    pub asn: Option<u32>,
    /// Who it is registered to.
    pub isp: Option<&'a str>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<&'a str>,
    /// The city.
    pub city: Option<&'a str>,
    /// The client's user agent.
    pub user_agent: Option<&'a str>,
    /// The vendor's session identifier.
    pub session: Option<&'a str>,
    /// Further facts by dotted name, each value as JSON.
    pub extra: &'a [(String, String)],
}

/// Who acted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Actor<'a> {
    /// What kind of principal.
    pub kind: ActorKind,
    /// The vendor's identifier.
    pub id: Option<&'a str>,
    /// The display name. Written by users.
    pub name: Option<&'a str>,
    /// The e-mail address.
    pub email: Option<&'a str>,
}

/// Something named.
#[derive(Clone, Copy, Debug, Default)]
pub struct Entity<'a> {
    /// The kind of thing, in the vendor's words.
    pub kind: Option<&'a str>,
    /// The vendor's identifier.
    pub id: Option<&'a str>,
    /// The display name. Written by users.
    pub name: Option<&'a str>,
}

/// Kinds of objects that are people.
const PEOPLE: [&str; 6] = ["user", "member", "account", "guest", "collaborator", "person"];

impl<'a> Entity<'a> {
    /// Whether the thing is a user: by its kind or, where the vendor tells no kind, by a name that is an e-mail address.
    #[must_use]
    pub fn is_user(&self) -> bool {
        match self.kind {
            Some(kind) => PEOPLE.iter().any(|person| kind.eq_ignore_ascii_case(person)),
            None => self.email().is_some(),
        }
    }

    /// Its name, where that is an e-mail address.
    pub(crate) fn email(&self) -> Option<&'a str> {
        self.name.filter(|name| domain(name).is_some() && !name.contains(char::is_whitespace))
    }
}

/// What stands behind the `@` of an e-mail address.
pub(crate) fn domain(email: &str) -> Option<&str> {
    email.rsplit_once('@').map(|(_, domain)| domain).filter(|domain| !domain.is_empty())
}

/// How it ended, as far as the vendor says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was refused or broke.
    Failure,
    /// The vendor does not say.
    #[default]
    Unknown,
}

/// What kind of principal acted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ActorKind {
    /// A person.
    User,
    /// An application.
    Application,
    /// A directory synchronization.
    Provisioner,
    /// The vendor's own automation.
    Automation,
    /// The vendor does not say.
    #[default]
    Unknown,
}

/// How an event came into the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lane {
    /// Soon after it happened.
    #[default]
    Live,
    /// After its time had been read.
    Late,
    /// By a backfill.
    History,
}

impl Outcome {
    /// The word for it; none where the vendor does not say.
    pub(crate) const fn word(self) -> Option<&'static str> {
        match self {
            Self::Success => Some("success"),
            Self::Failure => Some("failure"),
            Self::Unknown => None,
        }
    }
}

impl ActorKind {
    /// The word for it; none where the vendor does not say.
    pub(crate) const fn word(self) -> Option<&'static str> {
        match self {
            Self::User => Some("user"),
            Self::Application => Some("application"),
            Self::Provisioner => Some("provisioner"),
            Self::Automation => Some("automation"),
            Self::Unknown => None,
        }
    }
}

impl Lane {
    /// The word for it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Late => "late",
            Self::History => "history",
        }
    }
}
