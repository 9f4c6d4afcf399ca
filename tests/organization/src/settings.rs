//! How large an organization is to be.

/// How large an organization is to be and how long it is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many people. Below 300 some kinds of attack find too few victims and are left out.
    pub users: usize,
    /// How many days. Below 20 nobody has a past to compare with.
    pub days: u32,
    /// How many attacks of every kind. Nobody is attacked twice, so this times ten must stay far below `users`.
    pub attacks_per_kind: usize,
    /// When the first day begins: a midnight in UTC, in milliseconds since the Unix epoch.
    pub start: u64,
}

impl Default for Settings {
    /// Two months from Monday, 2026-02-16: a quarter begins in them when everybody has a past.
    fn default() -> Self {
        Self { users: 5_000, days: 60, attacks_per_kind: 12, start: 1_771_200_000_000 }
    }
}
