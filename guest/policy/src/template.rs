//! Policies to begin with: those of Microsoft's templates that an audit log can answer, and its recipes for threat protection.
//! An operator takes the text and changes what is theirs to say: groups, countries, numbers.

/// A policy to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// What it is called; the policy in it has the same name.
    pub name: &'static str,
    /// What it is for, in one sentence.
    pub definition: &'static str,
    /// Where Microsoft describes it: the title of the page.
    pub page: &'static str,
    /// The policy as an operator writes it: one `[[policy]]` table, with comments on what to change.
    pub toml: &'static str,
}

macro_rules! template {
    ($name:literal, $page:literal, $definition:literal) => {
        Template { name: $name, definition: $definition, page: $page, toml: include_str!(concat!("../templates/", $name, ".toml")) }
    };
}

/// All of them, Microsoft's templates first.
pub const TEMPLATES: &[Template] = &[
    template!(
        "administrative-activity-from-a-non-corporate-ip-address",
        "Defender for Cloud Apps policy templates",
        "Alert when an administrator performs an administrative activity from an address outside the category corporate."
    ),
    template!(
        "log-on-from-a-risky-ip-address",
        "Defender for Cloud Apps policy templates",
        "Alert when a user signs in from an address in the category risky."
    ),
    template!(
        "mass-download-by-a-single-user",
        "Defender for Cloud Apps policy templates",
        "Alert when a single user performs more than 50 downloads within 1 minute."
    ),
    template!(
        "multiple-failed-user-sign-in-attempts-to-an-app",
        "Defender for Cloud Apps policy templates",
        "Alert when a single user tries to sign in to a single app and fails more than 10 times within 5 minutes."
    ),
    template!(
        "activity-of-an-employee-on-leave",
        "Threat protection policies",
        "Alert when a user who is on leave, by a group of the directory, is active."
    ),
    template!(
        "administrative-activity-from-a-risky-ip-address",
        "Threat protection policies",
        "Alert on each administrative activity from an address in the category risky."
    ),
    template!(
        "service-account-from-an-external-ip-address",
        "Threat protection policies",
        "Alert when an account that is called like a service account acts from an address that is not internal."
    ),
    template!(
        "data-exfiltration",
        "Threat protection policies",
        "Alert when a user downloads more than 50 different objects within 1 minute from where no machines are."
    ),
    template!(
        "rogue-administrator",
        "Threat protection policies",
        "Alert when a member of an administrators' group changes credentials 5 times within 30 minutes."
    ),
    template!("unfamiliar-locations", "Create activity policies", "Alert when a user acts from a known country that is not on the list."),
];

impl Template {
    /// The template of that name.
    #[must_use]
    pub fn of(name: &str) -> Option<&'static Self> {
        TEMPLATES.iter().find(|template| template.name == name)
    }
}
