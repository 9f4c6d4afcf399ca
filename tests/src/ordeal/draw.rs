//! Drawing a plan from a seed.

use std::sync::{Arc, Mutex, PoisonError};

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom as _};
use simulator::{Bound, Changed, CutCursor, Endpoint, Fault, LastPage, MiroSettings, Reset, Rule, Settings, Spec, SumoSettings};

use super::plan::{Crash, Outage, Plan, Sabotage, Side};
use crate::stage::{HOUR, MINUTE, ORIGIN, Token};

const SECOND: u64 = 1000;
/// Nothing goes wrong before the host has begun: what it owes counts from then on.
pub(super) const BEGUN: u64 = ORIGIN + 5 * MINUTE;
/// So many polls make an ordeal long enough, and a thousand of them short enough.
const POLLS: u64 = 60;

/// Chance that repeats itself. Clones draw from the same.
#[derive(Clone, Debug)]
pub(super) struct Dice(Arc<Mutex<StdRng>>);

impl Dice {
    /// The dice of that seed, for that purpose.
    pub(super) fn new(seed: u64, purpose: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed ^ purpose.wrapping_mul(0x9e37_79b9_7f4a_7c15)))))
    }

    /// Whether something that likely happens now.
    pub(super) fn strikes(&self, probability: f64) -> bool {
        probability > 0.0 && self.0.lock().unwrap_or_else(PoisonError::into_inner).random_bool(probability.min(1.0))
    }
}

impl Plan {
    /// The plan of a seed.
    pub fn draw(seed: u64) -> Self {
        let rng = &mut StdRng::seed_from_u64(seed);
        let revisit = revisit(rng);
        let longest = revisit.iter().copied().max().unwrap_or(0);
        let since = *of(rng, &[0, 0, 10 * MINUTE, HOUR, 5 * HOUR]);
        let span = spread(rng, 2 * HOUR, 40 * HOUR);
        let page_limit = *of(rng, &[100, 100, 100, 50, 20, 7, 3]);
        let organization = organization(rng, since, span, longest, page_limit);
        let windows = [10 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR, 24 * HOUR, 30 * 24 * HOUR];
        let window = (*of(rng, &windows)).max(longest / 12);
        let intervals = [MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR];
        let shortest = (span + longest * 3 / 2) / POLLS;
        let interval = *of(rng, &intervals.map(|interval| interval.max(shortest / MINUTE * MINUTE)));
        let faults_until = BEGUN + spread(rng, 30 * MINUTE, span + longest / 2);
        let at = |rng: &mut StdRng| rng.random_range(BEGUN..faults_until);
        let outages = times(rng, 3, |rng| Outage { at: at(rng), lasts: spread(rng, 2 * MINUTE, 30 * HOUR) });
        let crashes = times(rng, 6, |rng| Crash {
            at: at(rng),
            boundary: rng.random_range(0..16),
            side: *of(rng, &[Side::Before, Side::After]),
            down: *of(rng, &[0, 0, SECOND, 30 * SECOND, 30 * MINUTE]),
        });
        let rules = times(rng, 7, |rng| rule(rng, faults_until));
        Self {
            seed,
            settings: Settings { miro: miro(rng), sumo: sumo(rng), ..Settings::default() },
            token: *of(rng, &[Token::Static, Token::Rotating, Token::Rotating]),
            interval,
            since,
            revisit,
            page_limit,
            window,
            body_cap: *of(rng, &[8 << 20, 8 << 20, 1 << 16]),
            batch: *of(rng, &[1_000_000, 1_000_000, 100_000, 10_000]),
            rules,
            disk: if rng.random_bool(0.3) { rng.random_range(0.01..0.2) } else { 0.0 },
            faults_until,
            outages,
            crashes,
            person: spread(rng, MINUTE, 90 * MINUTE),
            organization,
            sabotage: Sabotage::Honest,
        }
    }
}

fn of<'a, T>(rng: &mut StdRng, all: &'a [T]) -> &'a T {
    all.choose(rng).unwrap_or_else(|| unreachable!("every list here has something in it"))
}

/// Every order of magnitude as likely.
fn spread(rng: &mut StdRng, least: u64, most: u64) -> u64 {
    let most = most.max(least + 1);
    let exponent = rng.random_range((least as f64).ln()..(most as f64).ln());
    (exponent.exp() as u64).clamp(least, most)
}

fn times<T>(rng: &mut StdRng, most: usize, mut draw: impl FnMut(&mut StdRng) -> T) -> Vec<T> {
    let count = rng.random_range(0..=most);
    (0..count).map(|_| draw(rng)).collect()
}

fn revisit(rng: &mut StdRng) -> Vec<u64> {
    let lists: [&[u64]; 9] = [
        &[],
        &[10 * MINUTE],
        &[10 * MINUTE, HOUR],
        &[10 * MINUTE, HOUR, 6 * HOUR],
        &[10 * MINUTE, HOUR, 24 * HOUR],
        &[10 * MINUTE, HOUR, 24 * HOUR],
        &[2 * HOUR],
        &[MINUTE, 3 * HOUR],
        &[30 * MINUTE, 40 * MINUTE, 12 * HOUR],
    ];
    of(rng, &lists).to_vec()
}

fn organization(rng: &mut StdRng, since: u64, span: u64, longest: u64, page_limit: u32) -> Spec {
    let most = if page_limit < 10 { 150 } else { 600 };
    let share = |rng: &mut StdRng, most: f64| if rng.random_bool(0.5) { rng.random_range(0.0..most) } else { 0.0 };
    // Without a tier nothing late is promised, not even the second by which v1 rounds down.
    let late = |share: f64| if longest > 0 { share } else { 0.0 };
    Spec {
        from: ORIGIN - since,
        to: ORIGIN + span,
        events: rng.random_range(50..=most),
        users: 20,
        teams: 3,
        boards: 30,
        late_share: late(share(rng, 0.6)),
        late_min_ms: SECOND,
        late_max_ms: spread(rng, 2 * SECOND, longest.max(4 * SECOND) - SECOND).min(longest.saturating_sub(SECOND)),
        tie_share: share(rng, 0.5),
        v1_share: late(share(rng, 1.0)),
        odd_share: share(rng, 0.3),
        nasty_share: share(rng, 0.3),
        text_details_share: share(rng, 0.1),
        ..Spec::default()
    }
}

fn miro(rng: &mut StdRng) -> MiroSettings {
    let scarce = rng.random_bool(0.25);
    let credits = if scarce { rng.random_range(3..30) * 100 } else { 100_000 };
    MiroSettings {
        lower: *of(rng, &[Bound::Inclusive, Bound::Exclusive]),
        upper: *of(rng, &[Bound::Inclusive, Bound::Exclusive]),
        changed_parameters: *of(rng, &[Changed::Refuse, Changed::AllowLimit, Changed::Allow]),
        cut_cursor: *of(rng, &[CutCursor::FirstPage, CutCursor::Refuse]),
        last_page: *of(rng, &[LastPage::NoCursor, LastPage::EmptyPage, LastPage::EmptyText, LastPage::Null]),
        omit_size: rng.random_bool(0.3),
        date_skew_ms: if rng.random_bool(0.4) { rng.random_range(-300_000..=300_000) } else { 0 },
        credits_per_minute: credits,
        other_use: if scarce { rng.random_range(0..credits / 2) } else { 0 },
        reset: *of(rng, &[Reset::EpochSeconds, Reset::EpochMillis, Reset::DeltaSeconds]),
        retry_after: rng.random_bool(0.5),
        expires_in: *of(rng, &[3599, 3599, 600, 120, 7200]),
        ..MiroSettings::default()
    }
}

fn sumo(rng: &mut StdRng) -> SumoSettings {
    let max_body = if rng.random_bool(0.3) { rng.random_range(20_000..200_000) } else { 1_000_000 };
    SumoSettings { max_body, keep_records: 0, ..SumoSettings::default() }
}

fn rule(rng: &mut StdRng, until: u64) -> Rule {
    let (endpoint, fault) = match rng.random_range(0..10) {
        0..=4 => (Endpoint::Audit, audit(rng)),
        5..=6 => (Endpoint::Token, token(rng)),
        _ => (Endpoint::Sumo, receiver(rng)),
    };
    let since = rng.random_range(BEGUN..until);
    let rule = Rule::new(endpoint, fault).between(since, rng.random_range(since..until).max(since + MINUTE).min(until));
    let ends = matches!(rule.fault, Fault::RevokeToken | Fault::ExpireToken);
    let parks = matches!(rule.fault, Fault::Status { status: 400 | 413, .. });
    // What costs a person's time comes now and then, everything else also in storms.
    let rule = if ends || parks || rng.random_bool(0.3) { rule.times(rng.random_range(1..=4)) } else { rule };
    // An answer that is too large two dozen times in a row is taken for an event that is, and owned up to as a gap.
    let probabilities: &[f64] = if matches!(rule.fault, Fault::Oversize { .. }) { &[0.02, 0.1] } else { &[0.02, 0.1, 0.3, 0.7, 1.0] };
    rule.with_probability(*of(rng, probabilities))
}

fn status(status: u16, rng: &mut StdRng) -> Fault {
    Fault::Status { status, body: None, retry_after: if rng.random_bool(0.3) { Some(rng.random_range(0..120)) } else { None } }
}

fn throttle(rng: &mut StdRng) -> Fault {
    Fault::Throttle { retry_after: if rng.random_bool(0.5) { Some(rng.random_range(0..300)) } else { None } }
}

fn audit(rng: &mut StdRng) -> Fault {
    match rng.random_range(0..16) {
        0 => Fault::Delay { ms: spread(rng, 10, 90 * SECOND) },
        1 => Fault::Reset,
        2 => Fault::Lost,
        3 => Fault::Truncate { after: rng.random_range(0..5_000) },
        4 => Fault::BadJson,
        5 => Fault::Oversize { bytes: spread(rng, 70_000, 9 << 20) },
        6 => Fault::RepeatCursor,
        7 | 8 => {
            let code = *of(rng, &[500, 502, 503, 504, 408, 409, 403, 404, 401]);
            status(code, rng)
        }
        9 => throttle(rng),
        10 => Fault::Html,
        11 => Fault::ContentType { value: (*of(rng, &["text/plain", "text/html", "application/octet-stream"])).into() },
        12 => Fault::Redirect { to: "https://login.example/".into() },
        13 => Fault::RevokeToken,
        14 => Fault::ExpireToken,
        _ => Fault::Slow { chunk: rng.random_range(1..4_000), pause_ms: 1 },
    }
}

fn token(rng: &mut StdRng) -> Fault {
    match rng.random_range(0..8) {
        0 => Fault::Reset,
        1 | 2 => Fault::Lost,
        3 => Fault::Truncate { after: rng.random_range(0..300) },
        4 => Fault::Html,
        5 => throttle(rng),
        _ => {
            let code = *of(rng, &[500, 503, 400, 401]);
            status(code, rng)
        }
    }
}

fn receiver(rng: &mut StdRng) -> Fault {
    match rng.random_range(0..14) {
        0..=2 => {
            let code = *of(rng, &[500, 502, 503, 504, 401, 403, 404]);
            status(code, rng)
        }
        3 => throttle(rng),
        4 => Fault::Partial { lines: rng.random_range(0..50) },
        5 | 6 => Fault::Lost,
        7 => Fault::Reset,
        8 => Fault::Html,
        9 => Fault::StatusObject,
        10 => Fault::NoContent,
        11 => Fault::Delay { ms: spread(rng, 10, 90 * SECOND) },
        12 => status(413, rng),
        _ => status(400, rng),
    }
}
