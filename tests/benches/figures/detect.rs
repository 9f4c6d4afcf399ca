//! What judging costs: events a second through the detector in its sandbox, with profiles of 50,000 users, and how large those are.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use audit_pipeline::{
    detector::{Answer, Lane, Network, Profile, Sighting, Standing},
    types::{Actor, ActorKind, Entity, Event, Outcome},
};
use bytes::Bytes;
use miro_source::runtime::{Component, Detector, Kind, Limits, Runtime, RuntimeOptions};

use crate::{
    sandbox::Canned,
    table::{Table, Target},
};

const USERS: u64 = 50_000;
/// As many as the host hands over in one call.
const BATCH: u64 = 2000;
/// Events of each user before it is measured.
const BEFORE: u64 = 12;
/// 2026-03-02T09:00:00Z
const START: u64 = 1_772_442_000_000;

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let runtime = Runtime::new(RuntimeOptions { cache: None, transport: Arc::new(Canned(Bytes::new())), limits: Limits::default() })?;
    let wasm: Arc<[u8]> = Runtime::builtin("detect").context("no built-in detector")?.into();
    let generation = runtime.load_as(Kind::Detector, wasm).await?;
    let detector = Detector::new(runtime, Arc::new(Component::new(generation)), "{}");
    let mut profiles = HashMap::new();
    let (mut spent, mut judged, mut findings) = (Duration::ZERO, 0, 0);
    for first in (0..USERS * (BEFORE + 2)).step_by(BATCH as usize) {
        let sightings: Vec<_> = (first..first + BATCH).map(sighting).collect();
        let (time, found) = judge(&detector, &sightings, &mut profiles).await?;
        if first >= USERS * BEFORE {
            (spent, judged, findings) = (spent + time, judged + BATCH, findings + found);
        }
    }
    let mut users: Vec<usize> = profiles.iter().filter(|(subject, _)| subject.starts_with("user:")).map(|(_, body)| body.len()).collect();
    users.sort_unstable();
    let largest = users.last().copied().unwrap_or_default();
    let second = judged as f64 / spent.as_secs_f64();
    table.row("events judged a second, in the sandbox, 50,000 users", Target::Least(100_000.0), second, "");
    table.row("  of them with findings", Target::None, findings as f64, "");
    table.row("largest profile of a user", Target::Most(2048.0), largest as f64, "bytes");
    table.row("  median", Target::None, users.get(users.len() / 2).copied().unwrap_or_default() as f64, "bytes");
    Ok(())
}

/// One batch. Only the calls are timed, not the looking up of profiles.
async fn judge(detector: &Detector, sightings: &[Sighting], held: &mut HashMap<String, Vec<u8>>) -> anyhow::Result<(Duration, usize)> {
    let began = Instant::now();
    let mut asked = detector.subjects(sightings).await?;
    let (mut given, mut spent) = (Vec::new(), began.elapsed());
    for _ in 0..4 {
        given.extend(asked.into_iter().map(|subject| Profile { body: held.get(&subject).cloned().unwrap_or_default(), subject }));
        let began = Instant::now();
        let answer = detector.detect(sightings, &given).await?;
        spent += began.elapsed();
        match answer {
            Answer::Needs(subjects) => asked = subjects,
            Answer::Verdict(verdict) => {
                held.extend(verdict.profiles.into_iter().map(|profile| (profile.subject, profile.body)));
                return Ok((spent, verdict.findings.len()));
            }
        }
    }
    bail!("the detector asks for ever")
}

/// The `nth` event: users in turn, each with an address and habits of their own.
fn sighting(nth: u64) -> Sighting {
    let (user, round) = (nth * 7919 % USERS, nth / USERS);
    let (action, traits): (&str, &[&str]) = match (user + round) % 6 {
        0 => ("sign_in_succeeded", &["sign-in", "interactive"]),
        1 if user.is_multiple_of(9) => ("sign_in_failed", &["sign-in", "interactive"]),
        2 if user.is_multiple_of(50) => ("user_role_changed", &["account", "administrative"]),
        3 => ("board_exported", &["exported"]),
        4 => ("board_shared", &["shared"]),
        _ => ("board_opened", &["read"]),
    };
    let ip = format!("198.{}.{}.{}", 18 + user % 2, user / 256 % 256, (user + round % 3) % 256);
    let country = ["PT", "ES", "DE", "FR", "US", "GB", "NL", "PL"].get((user % 8) as usize).copied().unwrap_or("PT");
    let record = format!(
        r#"{{"type":"event","id":"{nth}","event":"{action}","category":"boards","createdAt":"2026-03-02T09:00:00.000+0000","createdBy":{{"type":"user","id":"30744573{user}","name":"Person {user}","email":"person{user}@example.com"}},"context":{{"ip":"{ip}","team":{{"id":"30744573{}","name":"Team"}},"organization":{{"id":"3074457346056","name":"Example"}}}},"object":{{"id":"uXjVK{user}","name":"Roadmap {user}"}},"details":{{"role":"EDITOR"}}}}"#,
        user % 300
    );
    Sighting {
        seq: nth + 1,
        received: START + nth,
        lane: Lane::Live,
        event: Event {
            id: nth.to_string(),
            time: START + round * 40 * 3_600_000 + user * 100,
            action: action.into(),
            category: Some("boards".into()),
            traits: traits.iter().map(|&name| name.to_owned()).collect(),
            outcome: if action == "sign_in_failed" { Outcome::Failure } else { Outcome::Success },
            actor: Actor {
                kind: ActorKind::User,
                id: Some(format!("30744573{user}")),
                name: Some(format!("Person {user}")),
                email: Some(format!("person{user}@example.com")),
            },
            object: Some(Entity { kind: Some("board".into()), id: Some(format!("uXjVK{user}")), name: Some(format!("Roadmap {user}")) }),
            team: Some(Entity { kind: Some("team".into()), id: Some(format!("30744573{}", user % 300)), name: Some("Team".into()) }),
            organization: Some(Entity { kind: None, id: Some("3074457346056".into()), name: Some("Example".into()) }),
            ip: Some(ip),
            user_agent: None,
            session: None,
            extra: vec![("details.role".into(), "\"EDITOR\"".into())],
            record,
        },
        network: Some(Network {
            country: Some(country.into()),
            city: Some("City".into()),
            latitude: Some(40.0 + (user % 8) as f64),
            longitude: Some((user % 8) as f64),
            radius: Some(20),
            asn: Some(3000 + (user % 40) as u32),
            isp: Some("Carrier".into()),
            category: None,
            tags: Vec::new(),
        }),
        standing: Standing { groups: vec!["Everybody".into()], departed: None },
    }
}
