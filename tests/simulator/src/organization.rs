//! An organization and everything that happens in it, the same for the same seed.

use rand::{Rng, SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};

use crate::{cast::Cast, event, key::Key};

/// How an organization is to be. Times are milliseconds since the Unix epoch, shares are between 0 and 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Spec {
    /// When its first event can happen.
    pub from: u64,
    /// Before when its last event happens. May lie in the future: events appear as time passes.
    pub to: u64,
    /// How many events.
    pub events: usize,
    /// How many events in the time before `from`.
    pub past: usize,
    /// How long that time is, in milliseconds.
    pub past_ms: u64,
    /// What happened before is history: nobody is owed it, and no account counts it.
    pub owed_from: u64,
    /// Whether people, teams and settings are administered by the identity provider instead of by anybody.
    pub provisioned: bool,
    /// How many people.
    pub users: usize,
    /// How many teams.
    pub teams: usize,
    /// How many boards.
    pub boards: usize,
    /// Which share of events becomes visible late.
    pub late_share: f64,
    /// How late a late event is at least, in milliseconds.
    pub late_min_ms: u64,
    /// How late a late event is at most. Between the two, every order of magnitude is as likely.
    pub late_max_ms: u64,
    /// Which share of events falls into the millisecond of another.
    pub tie_share: f64,
    /// Which share writes `createdAt` as v1 did: `2018-10-19T23:59:45Z` or `…45.000Z`.
    pub v1_share: f64,
    /// Which share lacks a field, has a null in its place, or carries one of tomorrow.
    pub odd_share: f64,
    /// Which share of names is written to hurt.
    pub nasty_share: f64,
    /// Which share has `details` as a text of JSON instead of an object.
    pub text_details_share: f64,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            from: 1_767_225_600_000,
            to: 1_767_225_600_000 + 86_400_000,
            events: 1_000,
            past: 0,
            past_ms: 0,
            owed_from: 0,
            provisioned: false,
            users: 100,
            teams: 8,
            boards: 300,
            late_share: 0.01,
            late_min_ms: 1_000,
            late_max_ms: 30 * 60_000,
            tie_share: 0.05,
            v1_share: 0.0,
            odd_share: 0.02,
            nasty_share: 0.03,
            text_details_share: 0.01,
        }
    }
}

impl Spec {
    /// With every share between 0 and 1, whatever it was.
    fn bounded(self) -> Self {
        let share = |share: f64| if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        Self {
            late_share: share(self.late_share),
            tie_share: share(self.tie_share),
            v1_share: share(self.v1_share),
            odd_share: share(self.odd_share),
            nasty_share: share(self.nasty_share),
            text_details_share: share(self.text_details_share),
            ..self
        }
    }
}

/// One event before it is written: where it stands, the seed it is drawn from, when Miro shows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) key: Key,
    pub(crate) seed: u64,
    pub(crate) visible_from: u64,
}

/// An organization with its past and its future.
#[derive(Clone, Debug)]
pub struct Organization {
    pub(crate) seed: u64,
    pub(crate) spec: Spec,
    pub(crate) cast: Cast,
    pub(crate) moments: Vec<Moment>,
}

impl Organization {
    /// The organization of that seed. A million events take about a second and 32 MB.
    pub fn generate(seed: u64, spec: Spec) -> Self {
        let spec = spec.bounded();
        let mut rng = StdRng::seed_from_u64(seed);
        let cast = Cast::draw(&mut rng, spec.users, spec.teams, spec.boards, spec.nasty_share);
        let mut last = spec.from.saturating_mul(1000);
        let now = Hours::between(spec.from, spec.to);
        let before = Hours::between(spec.from.saturating_sub(spec.past_ms), spec.from);
        let mut moments: Vec<Moment> = (0..spec.events.saturating_add(spec.past))
            .map(|n| {
                let hours = if n < spec.events { &now } else { &before };
                if rng.random_bool(spec.tie_share) && n > 0 && n != spec.events {
                    last = last / 1000 * 1000 + rng.random_range(0..1000);
                } else {
                    last = hours.draw(&mut rng);
                }
                let seed = rng.random();
                let micros = if event::is_v1(&spec, seed) { last / 1_000_000 * 1_000_000 } else { last };
                let serial = Key::FIRST_SERIAL + u64::try_from(n).unwrap_or_default() * 8;
                let late = if rng.random_bool(spec.late_share) { lateness(&mut rng, &spec) } else { 0 };
                let key = Key { micros, serial };
                Moment { key, seed, visible_from: last / 1000 + late }
            })
            .collect();
        moments.sort_unstable_by_key(|moment| moment.key);
        Self { seed, spec, cast, moments }
    }

    /// How many events it has in all, shown and to come.
    pub fn events(&self) -> usize {
        self.moments.len()
    }
}

fn lateness(rng: &mut StdRng, spec: &Spec) -> u64 {
    let low = spec.late_min_ms.max(1);
    let high = spec.late_max_ms.max(low);
    // Doublings keep it exact enough without leaving whole numbers for long.
    let spread = (high / low).max(1).ilog2();
    let doubled = low.saturating_mul(1 << rng.random_range(0..=spread));
    rng.random_range(doubled.min(high)..=doubled.saturating_mul(2).min(high))
}

/// How busy each hour of the span is, summed up.
struct Hours {
    from: u64,
    to: u64,
    sums: Vec<u64>,
}

impl Hours {
    const HOUR: u64 = 3_600_000;

    fn between(from: u64, to: u64) -> Self {
        let mut sum = 0;
        let sums = (from / Self::HOUR..=to.max(from + 1).saturating_sub(1) / Self::HOUR)
            .map(|hour| {
                sum += Self::busyness(hour);
                sum
            })
            .collect();
        Self { from, to: to.max(from + 1), sums }
    }

    /// Office hours in UTC; nights and weekends are quiet, not silent.
    fn busyness(hour: u64) -> u64 {
        let weekend = matches!((hour / 24 + 4) % 7, 0 | 6);
        let of_day = match hour % 24 {
            9..=11 | 13..=16 => 40,
            8 | 12 | 17 => 24,
            6 | 7 | 18..=20 => 8,
            _ => 2,
        };
        if weekend { of_day / 8 + 1 } else { of_day }
    }

    /// A microsecond within the span.
    fn draw(&self, rng: &mut StdRng) -> u64 {
        let total = self.sums.last().copied().unwrap_or(1);
        let at = rng.random_range(0..total.max(1));
        let hour = u64::try_from(self.sums.partition_point(|sum| *sum <= at)).unwrap_or_default();
        let start = (self.from / Self::HOUR + hour) * Self::HOUR;
        let low = start.max(self.from);
        let high = (start + Self::HOUR).min(self.to).max(low + 1);
        rng.random_range(low * 1000..high * 1000)
    }
}
