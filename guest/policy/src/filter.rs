//! What a row may look at: the table of filters, with the operators that each has.

use crate::{
    row::Operator::{self, Contains, DoesNotContain, DoesNotEqual, DoesNotStartWith, EndsWith, Equals, Is, StartsWith},
    word::words,
};

words! {
    /// What a row looks at.
    Filter {
        /// The vendor's identifier of the activity.
        ActivityId = "activity.id",
        /// What was done: the vendor's verb or a trait.
        ActivityType = "activity.type",
        /// What was done, in the vendor's verb alone. What Microsoft calls the action type.
        ActivityAction = "activity.action",
        /// What was done, in traits alone.
        ActivityTrait = "activity.trait",
        /// The vendor's category.
        ActivityCategory = "activity.category",
        /// How it ended. Not set where the vendor does not say.
        ActivityOutcome = "activity.outcome",
        /// Whether it changes settings, roles, members or integrations.
        Administrative = "administrative",
        /// Whether it was done in the name of another. Not set where the meaning of an action is not known.
        Impersonated = "impersonated",
        /// The vendor.
        App = "app",
        /// The source, as it is called in the configuration. What Microsoft calls the instance of an app.
        Source = "source",
        /// The identifier of what was acted upon.
        ObjectId = "object.id",
        /// Its name.
        ObjectName = "object.name",
        /// Its name or its identifier.
        ObjectItem = "object.item",
        /// What kind of thing it is.
        ObjectKind = "object.kind",
        /// The vendor's identifier of a user.
        UserId = "user.id",
        /// A user by display name, e-mail address or identifier.
        UserName = "user.name",
        /// A user's e-mail address.
        UserEmail = "user.email",
        /// What stands behind its `@`.
        UserDomain = "user.domain",
        /// A group that the user was in, and `External users`.
        UserGroup = "user.group",
        /// What kind of principal acted.
        UserKind = "user.kind",
        /// The organization at the vendor, by name or identifier.
        Organization = "organization",
        /// The team, by name or identifier.
        Team = "team",
        /// The client's address; `equals` takes ranges too.
        IpAddress = "ip.address",
        /// What the operator calls the address.
        IpCategory = "ip.category",
        /// What the operator or a feed says of it.
        IpTag = "ip.tag",
        /// Its autonomous system.
        IpAsn = "ip.asn",
        /// Who it is registered to.
        IpIsp = "ip.isp",
        /// The country, as ISO 3166-1 alpha-2.
        LocationCountry = "location.country",
        /// The city.
        LocationCity = "location.city",
        /// The vendor's session identifier.
        Session = "session",
        /// How the event came into the log.
        Lane = "lane",
        /// The words of the activity: action, category, and the names of who, what and where.
        Text = "text",
        /// The client's user agent.
        UserAgent = "user-agent",
        /// Never set: no audit log says it.
        UserAgentTag = "user-agent.tag",
        /// What kind of device: `pc`, `mobile`, `tablet`. Few audit logs say it.
        DeviceType = "device.type",
        /// What is known of the device: `compliant`, `managed`, how it is joined. Few audit logs say it.
        DeviceTag = "device.tag",
        /// Never set: nothing stands between the user and the app.
        AppliedAction = "applied-action",
        /// Never set: alerts come after policies.
        AlertId = "alert.id",
        /// Never set: matches come after policies.
        MatchedPolicy = "matched-policy",
    }
}

/// What the values of a filter are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Compared to the letter: identifiers.
    Exact,
    /// Compared without regard to case.
    Text,
    Choice(&'static [&'static str]),
    Flag,
    Address,
    Country,
    Number,
}

const FLAG: &[Operator] = &[Equals];
const PLAIN: &[Operator] = &[Equals, DoesNotEqual];
const ONE_OF: &[Operator] = &[Equals, DoesNotEqual, Is];
const NAME: &[Operator] = &[Equals, DoesNotEqual, StartsWith, DoesNotStartWith, Is];
const WORDS: &[Operator] = &[Equals, DoesNotEqual, Contains, DoesNotContain, Is];
const FULL: &[Operator] = &[Equals, DoesNotEqual, Contains, DoesNotContain, StartsWith, DoesNotStartWith, EndsWith, Is];
const SEARCH: &[Operator] = &[Contains, DoesNotContain, StartsWith];

impl Filter {
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::ActivityId | Self::ObjectId | Self::UserId | Self::Session | Self::AlertId => Kind::Exact,
            Self::Administrative | Self::Impersonated => Kind::Flag,
            Self::IpAddress => Kind::Address,
            Self::IpAsn => Kind::Number,
            Self::LocationCountry => Kind::Country,
            Self::ActivityOutcome => Kind::Choice(&["success", "failure"]),
            Self::UserKind => Kind::Choice(&["user", "application", "provisioner", "automation"]),
            Self::IpCategory => Kind::Choice(&["corporate", "administrative", "risky", "vpn", "cloud-provider", "other"]),
            Self::Lane => Kind::Choice(&["live", "late", "history"]),
            _ => Kind::Text,
        }
    }

    /// The words that its values are, where they are some and no others.
    #[must_use]
    pub const fn choices(self) -> Option<&'static [&'static str]> {
        match self.kind() {
            Kind::Choice(words) => Some(words),
            _ => None,
        }
    }

    /// The operators it has.
    #[must_use]
    pub const fn operators(self) -> &'static [Operator] {
        match self {
            Self::Administrative | Self::Impersonated => FLAG,
            Self::ActivityId | Self::ObjectItem | Self::Lane | Self::App | Self::Source | Self::AlertId => PLAIN,
            Self::UserName | Self::UserEmail | Self::UserGroup | Self::IpAddress => NAME,
            Self::IpIsp | Self::UserAgent => WORDS,
            Self::ActivityAction | Self::ObjectName => FULL,
            Self::Text => SEARCH,
            _ => ONE_OF,
        }
    }

    /// Whether a row may say as what the user takes part.
    #[must_use]
    pub const fn has_role(self) -> bool {
        matches!(self, Self::UserId | Self::UserName | Self::UserEmail | Self::UserDomain | Self::UserGroup)
    }

    /// Whether any activity ever has it. What is not answered is 'not set' everywhere: `does_not_equal` passes, `equals` never.
    #[must_use]
    pub const fn is_answered(self) -> bool {
        !matches!(self, Self::UserAgentTag | Self::AppliedAction | Self::AlertId | Self::MatchedPolicy)
    }

    /// What people call it, as the subject of a sentence.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::ActivityId => "the activity",
            Self::ActivityType | Self::ActivityAction | Self::ActivityTrait => "the action",
            Self::ActivityCategory => "the category of the action",
            Self::ActivityOutcome => "the outcome",
            Self::Administrative => "administrative",
            Self::Impersonated => "in the name of another",
            Self::App => "the app",
            Self::Source => "the source",
            Self::ObjectId | Self::ObjectName | Self::ObjectItem => "the object",
            Self::ObjectKind => "the kind of object",
            Self::UserId | Self::UserName => "the user",
            Self::UserEmail => "the e-mail address",
            Self::UserDomain => "the e-mail domain",
            Self::UserGroup => "the group",
            Self::UserKind => "the kind of actor",
            Self::Organization => "the organization",
            Self::Team => "the team",
            Self::IpAddress => "the address",
            Self::IpCategory => "the category of the address",
            Self::IpTag => "the tag of the address",
            Self::IpAsn => "the autonomous system",
            Self::IpIsp => "the provider of the address",
            Self::LocationCountry => "the country",
            Self::LocationCity => "the city",
            Self::Session => "the session",
            Self::Lane => "the lane",
            Self::Text => "the text",
            Self::UserAgent => "the user agent",
            Self::UserAgentTag => "the tag of the user agent",
            Self::DeviceType => "the type of device",
            Self::DeviceTag => "the tag of the device",
            Self::AppliedAction => "the applied action",
            Self::AlertId => "the alert",
            Self::MatchedPolicy => "the matched policy",
        }
    }
}

/// What Microsoft's API and pages call things, in lower case, and what they are called here.
pub(crate) const ELSEWHERE: &[(&str, &str)] = &[
    ("service", "app"),
    ("instance", "source"),
    ("user.orgunit", "organization"),
    ("user.organization", "organization"),
    ("user.username", "user.name"),
    ("user.tags", "user.group"),
    ("entity", "user.id"),
    ("user", "user.name"),
    ("actiontype", "activity.action"),
    ("action-type", "activity.action"),
    ("action", "activity.action"),
    ("trait", "activity.trait"),
    ("activity.eventactiontype", "activity.type"),
    ("activity-type", "activity.type"),
    ("activity.impersonated", "impersonated"),
    ("activity.takenaction", "applied-action"),
    ("activity.alertid", "alert.id"),
    ("activity.administrative", "administrative"),
    ("device.tags", "device.tag"),
    ("useragent.useragent", "user-agent"),
    ("useragent.tags", "user-agent.tag"),
    ("location.organizations", "ip.isp"),
    ("location", "location.country"),
    ("country", "location.country"),
    ("ip", "ip.address"),
    ("ip.tags", "ip.tag"),
    ("fileid", "object.id"),
    ("activityobject", "object.item"),
    ("policy", "matched-policy"),
    ("outcome", "activity.outcome"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_from_elsewhere_leads_to_a_filter() {
        for (name, here) in ELSEWHERE {
            assert!(Filter::of(here).is_some(), "{name} leads to {here}");
            assert!(Filter::of(name).is_none(), "{name} is a filter itself");
        }
    }

    #[test]
    fn most_filters_support_multiple_values_as_well_as_not() {
        for filter in Filter::ALL {
            let not = filter.operators().iter().any(|operator| operator.negated().is_some());
            assert!(not || filter.kind() == Kind::Flag, "{filter} has no NOT");
        }
    }
}
