//! The built-in rules by name, and what each stands for.

use crate::detector::Severity;

/// A built-in rule. The first eight are the anomaly detections that Microsoft Defender for Cloud Apps has for Miro.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Activity from anonymous IP addresses
    AnonymousIp,
    /// Activity from infrequent country
    InfrequentCountry,
    /// Activity from suspicious IP addresses
    SuspiciousIp,
    /// Impossible travel
    ImpossibleTravel,
    /// Activity performed by terminated user
    TerminatedUser,
    /// Multiple failed login attempts
    FailedLogins,
    /// Unusual administrative activities
    UnusualAdministration,
    /// Unusual impersonated activities
    UnusualImpersonation,
    /// Activity of an account that is disabled in the directory
    DisabledUser,
    /// Unusual download or export
    MassDownload,
    /// Unusual share
    MassShare,
    /// Unusual deletion
    MassDelete,
    /// An account unused for long is active
    InactiveAccount,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::AnonymousIp,
        Self::InfrequentCountry,
        Self::SuspiciousIp,
        Self::ImpossibleTravel,
        Self::TerminatedUser,
        Self::FailedLogins,
        Self::UnusualAdministration,
        Self::UnusualImpersonation,
        Self::DisabledUser,
        Self::MassDownload,
        Self::MassShare,
        Self::MassDelete,
        Self::InactiveAccount,
    ];

    /// Its name in configuration, findings and alerts.
    pub fn name(self) -> &'static str {
        match self {
            Self::AnonymousIp => "anonymous-ip",
            Self::InfrequentCountry => "infrequent-country",
            Self::SuspiciousIp => "suspicious-ip",
            Self::ImpossibleTravel => "impossible-travel",
            Self::TerminatedUser => "terminated-user",
            Self::FailedLogins => "failed-logins",
            Self::UnusualAdministration => "unusual-administration",
            Self::UnusualImpersonation => "unusual-impersonation",
            Self::DisabledUser => "disabled-user",
            Self::MassDownload => "mass-download",
            Self::MassShare => "mass-share",
            Self::MassDelete => "mass-delete",
            Self::InactiveAccount => "inactive-account",
        }
    }

    /// Its place in [`Self::ALL`].
    pub(crate) fn place(self) -> usize {
        self as usize
    }

    /// The rule of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }

    /// Its title, for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::AnonymousIp => "Activity from anonymous IP address",
            Self::InfrequentCountry => "Activity from infrequent country",
            Self::SuspiciousIp => "Activity from suspicious IP address",
            Self::ImpossibleTravel => "Impossible travel",
            Self::TerminatedUser => "Activity performed by terminated user",
            Self::FailedLogins => "Multiple failed login attempts",
            Self::UnusualAdministration => "Unusual administrative activities",
            Self::UnusualImpersonation => "Unusual impersonated activities",
            Self::DisabledUser => "Activity performed by disabled user",
            Self::MassDownload => "Unusual number of downloads",
            Self::MassShare => "Unusual number of shares",
            Self::MassDelete => "Unusual number of deletions",
            Self::InactiveAccount => "Inactive account active again",
        }
    }

    /// How grave a finding is where nothing makes it graver.
    pub fn severity(self) -> Severity {
        match self {
            Self::TerminatedUser => Severity::High,
            Self::InactiveAccount => Severity::Low,
            _ => Severity::Medium,
        }
    }

    /// ATT&CK tactic and techniques.
    pub fn attacks(self) -> &'static [&'static str] {
        match self {
            Self::AnonymousIp => &["TA0001", "T1078.004", "T1090.003"],
            Self::InfrequentCountry => &["TA0001", "T1078.004"],
            Self::SuspiciousIp => &["TA0001", "T1078.004", "T1110.003"],
            Self::ImpossibleTravel => &["TA0001", "T1078", "T1078.004"],
            Self::TerminatedUser | Self::DisabledUser => &["TA0003", "T1078.004"],
            Self::FailedLogins => &["TA0006", "T1110"],
            Self::UnusualAdministration => &["TA0004", "T1098"],
            Self::UnusualImpersonation => &["TA0009", "T1550"],
            Self::MassDownload => &["TA0010", "T1530"],
            Self::MassShare => &["TA0010", "T1567"],
            Self::MassDelete => &["TA0040", "T1485"],
            Self::InactiveAccount => &["TA0003", "T1078"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rule;

    #[test]
    fn all_rules_are_in_their_place_and_found_by_name() {
        for (place, rule) in Rule::ALL.into_iter().enumerate() {
            assert_eq!((rule.place(), Rule::named(rule.name())), (place, Some(rule)));
        }
    }
}
