//! Findings do not depend on where a batch ends; profiles stay small; nothing panics.

use proptest::prelude::*;

use super::*;
use crate::{
    detector::{Departure, DepartureKind},
    memory::{address::Address, alias::Alias, organization::Organization, user::User},
};

fn anything() -> impl Strategy<Value = Sighting> {
    let networks = prop_oneof![
        Just(None),
        (prop::sample::select(vec!["PT", "ES", "BR", "DE", "US", "zz", ""]), -90.0..90.0, -180.0..180.0, 0_u32..9, 0_u8..9).prop_map(
            |(country, latitude, longitude, asn, tag)| {
                let mut network = network(country, latitude, longitude, asn);
                match tag {
                    0 => network.tags.push("tor".into()),
                    1 => network.tags.push("botnet".into()),
                    2 => network.tags.push("hosting".into()),
                    3 => network.category = Some("corporate".into()),
                    4 => network.category = Some("risky".into()),
                    5 => network.latitude = Some(f64::NAN),
                    _ => {}
                }
                Some(network)
            }
        )
    ];
    let kinds: Vec<(&str, Vec<&str>)> = vec![
        ("sign_in_failed", vec!["sign-in", "interactive"]),
        ("sign_in_succeeded", vec!["sign-in", "interactive"]),
        ("board_exported", vec!["exported"]),
        ("board_shared", vec!["shared"]),
        ("board_deleted", vec!["deleted"]),
        ("user_role_changed", vec!["administrative"]),
        ("sso_disabled", vec!["administrative", "impersonated"]),
    ];
    (networks, prop::sample::select(kinds), 0_u64..400, 0_u8..40, "[a-c]{0,1}", 0_u8..5).prop_map(
        |(network, (action, traits), hours, odd, user, ip)| {
            // Mostly in order, sometimes anywhere.
            let mut sighting = sighting(&user, START + hours * HOUR);
            sighting.network = network;
            sighting.event.action = action.into();
            sighting.event.traits = traits.iter().map(|&each| each.to_owned()).collect();
            sighting.event.outcome = if action.ends_with("failed") { Outcome::Failure } else { Outcome::Success };
            sighting.event.ip = (ip > 0).then(|| format!("203.0.113.{ip}"));
            match odd {
                0 => sighting.event.actor.id = None,
                1 => (sighting.event.actor.id, sighting.event.actor.email) = (None, None),
                2 => sighting.event.time = u64::MAX,
                3 => sighting.event.time = 0,
                4 => sighting.event.ip = Some("2001:db8::1".into()),
                5 => sighting.event.ip = Some("\u{202e}not an address".into()),
                6 => sighting.standing.departed = Some(Departure { kind: DepartureKind::Deleted, at: START }),
                7 => sighting.event.actor.id = Some("x".repeat(5000)),
                8 => sighting.event.actor.kind = ActorKind::Automation,
                _ => {}
            }
            sighting
        },
    )
}

fn log(sightings: Vec<Sighting>) -> Log {
    let row = serde_json::json!([{"filter": "activity.type", "equals": ["exported", "shared"]}]);
    let policies = serde_json::json!([
        {"name": "single", "severity": "low", "category": "dlp", "match": [{"filter": "administrative", "equals": true}]},
        {"name": "often", "severity": "low", "category": "dlp", "match": row, "repeated": {"count": 3, "minutes": 6000}},
    ]);
    let config = serde_json::json!({
        "learning_days": 1, "learning_events": 5, "policies": policies,
        "rules": {"mass-share": {"floor": 2}, "failed-logins": {"floor": 2}},
    });
    let numbered = sightings.into_iter().zip(1..).map(|(sighting, seq)| Sighting { seq, ..sighting });
    Log { sightings: numbered.collect(), config: config.to_string() }
}

/// Somebody who did everything there is to remember, in sessions of every size, within a month.
#[test]
fn the_profile_of_a_user_who_did_everything_is_small() {
    let countries = ["PT", "BR", "DE", "US", "JP", "AU", "ZA", "IN", "CA", "FR", "CL", "KE"];
    let traits = ["administrative", "impersonated", "exported", "shared", "deleted"];
    let mut log = Log::new();
    for (session, count) in (0..).zip([1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 256, 512, 600]) {
        for nth in 0..count {
            log.add("ana", START + session * 30 * HOUR + nth * 1000, |sighting| {
                let place = (session + nth) as usize;
                let network = network(countries[place % 12], -80.0 + place as f64 % 160.0, 170.0, 4_200_000_000 + (place % 12) as u32);
                from(sighting, &network, &format!("2001:db8:{place:x}::{nth:x}"));
                does(sighting, &format!("setting_{place}_changed"), &traits);
                sighting.event.actor.email = Some(format!("ana{}@example.com", place % 6));
                sighting.seq += 1 << 40;
            });
        }
    }
    for nth in 0..60 {
        log.add("ana", START + 601 * HOUR + nth * 20 * MINUTE, |sighting| {
            from(sighting, &lisbon(), &format!("203.0.113.{nth}"));
            signs_in(sighting, Outcome::Failure);
            sighting.seq += 1 << 40;
        });
    }
    let mut host = Host::default();
    host.judge(&log.config, &log.sightings);
    let size = host.0["user:ana"].len();
    assert!((1000..=2048).contains(&size), "{size} bytes");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// However the log is cut, and with every profile written and read between, the findings are the same.
    #[test]
    fn findings_do_not_depend_on_where_a_batch_ends(sightings in prop::collection::vec(anything(), 1..120), cuts in prop::collection::vec(1_usize..40, 1..60)) {
        let log = log(sightings);
        let whole = log.findings_in(5000);
        prop_assert_eq!(&whole, &log.findings_in(1));
        let (mut host, mut rest, mut found) = (Host::default(), log.sightings.as_slice(), Vec::new());
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (batch, later) = rest.split_at((*cut).min(rest.len()));
            found.extend(host.judge(&log.config, batch));
            rest = later;
        }
        prop_assert_eq!(whole, found);
    }

    /// At most 2 KB a user, whatever happens.
    #[test]
    fn profiles_stay_small(sightings in prop::collection::vec(anything(), 1..600)) {
        let mut host = Host::default();
        let log = log(sightings);
        for batch in log.sightings.chunks(100) {
            host.judge(&log.config, batch);
        }
        for (subject, body) in &host.0 {
            prop_assert!(!subject.starts_with("user:") || body.len() <= 2048, "{} has {} bytes", subject, body.len());
        }
    }

    /// What the host hands back may be damaged: it is learned anew, never fallen over.
    #[test]
    fn hostile_profiles_read_as_nothing_or_as_a_profile(body in prop::collection::vec(any::<u8>(), 0..300), version in 0_u8..3) {
        let body = [vec![version], body].concat();
        if let Some(user) = User::read(&body) { prop_assert!(user.write().len() <= 2048); }
        let _ = (Address::read(&body), Alias::read(&body), Organization::read(&body));
    }
}
