//! The numbers an operator may set, each with its default and its bounds.

use crate::rules::Rule;

/// A number of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// A longer gap ends a session of a user.
    SessionMinutes,
    /// A baseline is ready after so many days …
    LearningDays,
    /// … and so many activities.
    LearningEvents,
    /// How far back the past reaches that is compared with.
    PastDays,
    /// From a network or country that is new for the user, such a part of a floor is enough.
    Elsewhere,
    /// An address that so many others use is not suspicious for being listed as anonymous.
    AnonymousOthers,
    /// The same for addresses listed as risky.
    SuspiciousOthers,
    /// A country is not infrequent where so many others were active from.
    CountryOthers,
    /// They count once they have been there for so long.
    CountryHours,
    /// Nobody travels faster.
    TravelSpeed,
    /// Shorter ways are not travel.
    TravelDistance,
    /// A country with at least this part of a user's activities is common for them.
    TravelCommon,
    /// Between countries where they were in so many days nothing is news.
    TravelRecent,
    /// An address that may be so far off is nowhere.
    TravelRadius,
    /// The directory may know of a departure so much earlier than Miro.
    TerminatedGrace,
    /// The same for disabled accounts.
    DisabledGrace,
    /// So many failed sign-ins are nothing, …
    FailedFloor,
    /// … within so many minutes where nothing is known of the user.
    FailedMinutes,
    /// So many times what the user does.
    FailedFactor,
    /// So many administrative activities in an hour are many.
    AdministrationFloor,
    /// So many times what the user does.
    AdministrationFactor,
    /// So many in a session that the user is not accustomed to are many.
    AdministrationStrange,
    /// Where such a part of those who do something do nothing else, it is nobody's administration.
    AdministrationCommon,
    /// Who was given a role so lately may begin to administrate.
    AdministrationAppointed,
    /// So many impersonated activities in an hour are many.
    ImpersonationFloor,
    /// So many times what the user does.
    ImpersonationFactor,
    /// So many downloads and exports in an hour are many.
    DownloadFloor,
    /// So many times what the user does.
    DownloadFactor,
    /// So many shares in an hour are many.
    ShareFloor,
    /// So many times what the user does.
    ShareFactor,
    /// So many deletions in an hour are many.
    DeleteFloor,
    /// So many times what the user does.
    DeleteFactor,
    /// An account not active for so long is inactive.
    InactiveDays,
}

/// Where a setting stands, and what it may be.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Which.
    pub setting: Setting,
    /// The rule it belongs to; none: it stands for all.
    pub rule: Option<Rule>,
    /// Its key.
    pub key: &'static str,
    /// Where nothing is set.
    pub default: u32,
    /// The least it may be.
    pub least: u32,
    /// The most it may be.
    pub most: u32,
    /// What it is, for people.
    pub what: &'static str,
}

const fn entry(setting: Setting, rule: Option<Rule>, key: &'static str, [default, least, most]: [u32; 3], what: &'static str) -> Entry {
    Entry { setting, rule, key, default, least, most, what }
}

/// All settings, in the order of [`Setting`].
pub const ENTRIES: [Entry; 33] = {
    use Rule as R;
    use Setting as S;
    [
        entry(
            S::SessionMinutes,
            None,
            "session_minutes",
            [30, 1, 1440],
            "a longer gap between two activities of a user begins a new session",
        ),
        entry(S::LearningDays, None, "learning_days", [7, 0, 90], "days until a user's baseline is ready"),
        entry(
            S::LearningEvents,
            None,
            "learning_events",
            [20, 0, 10_000],
            "activities until a user's baseline of amounts and administration is ready",
        ),
        entry(S::PastDays, None, "past_days", [30, 7, 90], "how far back the past reaches that is compared with"),
        entry(
            S::Elsewhere,
            None,
            "elsewhere",
            [60, 1, 100],
            "percent of a floor that are enough from a network or country new for the user",
        ),
        entry(S::AnonymousOthers, Some(R::AnonymousIp), "others", [3, 1, 6], "other users of an address that make it ordinary"),
        entry(S::SuspiciousOthers, Some(R::SuspiciousIp), "others", [2, 1, 6], "other users of an address that make it ordinary"),
        entry(S::CountryOthers, Some(R::InfrequentCountry), "others", [1, 1, 4], "other users active from a country that make it frequent"),
        entry(
            S::CountryHours,
            Some(R::InfrequentCountry),
            "hours",
            [24, 1, 720],
            "hours after which somebody who is there counts as one of them",
        ),
        entry(S::TravelSpeed, Some(R::ImpossibleTravel), "speed", [900, 100, 5000], "km/h that nobody travels faster than"),
        entry(S::TravelDistance, Some(R::ImpossibleTravel), "distance", [500, 50, 20_000], "km below which nothing is travel"),
        entry(
            S::TravelCommon,
            Some(R::ImpossibleTravel),
            "common",
            [5, 1, 100],
            "percent of a user's activities that make a country common for them",
        ),
        entry(
            S::TravelRecent,
            Some(R::ImpossibleTravel),
            "recent",
            [7, 1, 90],
            "days in which two countries visited are both places of the user",
        ),
        entry(
            S::TravelRadius,
            Some(R::ImpossibleTravel),
            "radius",
            [1000, 50, 20_000],
            "km that an address may be off before it is nowhere",
        ),
        entry(
            S::TerminatedGrace,
            Some(R::TerminatedUser),
            "grace_minutes",
            [15, 0, 10_080],
            "minutes between departure and the first activity that counts",
        ),
        entry(
            S::DisabledGrace,
            Some(R::DisabledUser),
            "grace_minutes",
            [15, 0, 10_080],
            "minutes between departure and the first activity that counts",
        ),
        entry(S::FailedFloor, Some(R::FailedLogins), "floor", [10, 1, 1000], "failed sign-ins that are nothing to speak of"),
        entry(
            S::FailedMinutes,
            Some(R::FailedLogins),
            "minutes",
            [5, 1, 60],
            "the time in which they count where the user is not known yet",
        ),
        entry(S::FailedFactor, Some(R::FailedLogins), "factor", [2, 1, 100], "times the user's 99th percentile"),
        entry(S::AdministrationFloor, Some(R::UnusualAdministration), "floor", [10, 1, 10_000], "activities in an hour that are many"),
        entry(S::AdministrationFactor, Some(R::UnusualAdministration), "factor", [3, 1, 100], "times the user's 99th percentile"),
        entry(
            S::AdministrationStrange,
            Some(R::UnusualAdministration),
            "unaccustomed",
            [4, 1, 100],
            "activities in a session that are new for an administrator",
        ),
        entry(
            S::AdministrationCommon,
            Some(R::UnusualAdministration),
            "common",
            [75, 1, 100],
            "percent of those who do an action and no other that make it everybody's",
        ),
        entry(
            S::AdministrationAppointed,
            Some(R::UnusualAdministration),
            "appointed",
            [7, 0, 90],
            "days in which somebody who was given a role may begin to administrate",
        ),
        entry(S::ImpersonationFloor, Some(R::UnusualImpersonation), "floor", [10, 1, 10_000], "activities in an hour that are many"),
        entry(S::ImpersonationFactor, Some(R::UnusualImpersonation), "factor", [3, 1, 100], "times the user's 99th percentile"),
        entry(S::DownloadFloor, Some(R::MassDownload), "floor", [30, 1, 10_000], "activities in an hour that are many"),
        entry(S::DownloadFactor, Some(R::MassDownload), "factor", [3, 1, 100], "times the user's 99th percentile"),
        entry(S::ShareFloor, Some(R::MassShare), "floor", [45, 1, 10_000], "activities in an hour that are many"),
        entry(S::ShareFactor, Some(R::MassShare), "factor", [3, 1, 100], "times the user's 99th percentile"),
        entry(S::DeleteFloor, Some(R::MassDelete), "floor", [30, 1, 10_000], "activities in an hour that are many"),
        entry(S::DeleteFactor, Some(R::MassDelete), "factor", [3, 1, 100], "times the user's 99th percentile"),
        entry(S::InactiveDays, Some(R::InactiveAccount), "days", [60, 7, 730], "days without any activity"),
    ]
};

/// What is set.
#[derive(Clone, Debug)]
pub struct Settings([u32; ENTRIES.len()]);

impl Default for Settings {
    fn default() -> Self {
        Self(ENTRIES.map(|entry| entry.default))
    }
}

impl Settings {
    /// The number.
    pub fn get(&self, setting: Setting) -> u32 {
        self.0.get(setting as usize).copied().unwrap_or_default()
    }

    /// Sets it, whatever its bounds.
    pub fn set(&mut self, setting: Setting, number: u32) {
        if let Some(value) = self.0.get_mut(setting as usize) {
            *value = number;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_its_entry_in_its_place_and_a_default_within_its_bounds() {
        for (place, entry) in ENTRIES.iter().enumerate() {
            assert_eq!(entry.setting as usize, place);
            assert!((entry.least..=entry.most).contains(&entry.default), "{}", entry.key);
        }
    }
}
