//! One detector in two languages: what JavaScript makes of the same events, in the native host's sandbox, is what Rust makes of them.

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use audit_pipeline::{
    detector::{Answer, Lane, Profile, Sighting, Standing, Verdict},
    types::{Actor, ActorKind, Event, Outcome},
};
use miro_source::{
    egress::HttpTransport,
    runtime::{Component, Detector, Kind, Limits, Runtime, RuntimeOptions},
};

use crate::runtime::here;

/// Builds `guest/night` of Rust and of JavaScript and lets both judge the same weeks.
pub(crate) fn compare() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let made = folder.path().join("night.wasm");
    // As `guest/README.md` says.
    let jco = std::fs::canonicalize(here().join("node/node_modules/.bin/jco"))?;
    let output = std::process::Command::new(jco)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../guest/night"))
        .args("componentize night.js --wit ../../wit --world-name pure-detector".split(' '))
        .args("--backend quickjs --backend-qjs-disable-async --backend-qjs-stub-wasi --out".split(' '))
        .arg(&made)
        .output()
        .context("failed to start jco")?;
    anyhow::ensure!(output.status.success(), "failed to make a component of JavaScript: {}", String::from_utf8_lossy(&output.stderr));
    let script = std::fs::read(&made)?;
    let native = miro_source_tests::component::build("guest-night")?;
    let runtime = tokio::runtime::Runtime::new()?;
    let (of_script, of_native) = runtime.block_on(async {
        let host = host()?;
        anyhow::Ok((judge(&host, script).await?, judge(&host, native).await?))
    })?;
    anyhow::ensure!(of_native.findings.len() > 20, "{of_native:#?}");
    anyhow::ensure!(format!("{of_script:?}") == format!("{of_native:?}"), "JavaScript: {of_script:#?}\nRust: {of_native:#?}");
    Ok(())
}

fn host() -> anyhow::Result<Arc<Runtime>> {
    let transport = Arc::new(HttpTransport::new(&miro_source::config::NetworkConfig::default())?);
    Ok(Runtime::new(RuntimeOptions { cache: None, transport, limits: Limits::default() })?)
}

/// Three weeks of sightings, in one call.
async fn judge(host: &Arc<Runtime>, wasm: Vec<u8>) -> anyhow::Result<Verdict> {
    let generation = host.load_as(Kind::Detector, wasm.into()).await?;
    anyhow::ensure!(generation.imports().iter().all(|import| import.starts_with("audit:pipeline/types")), "it imports functions");
    let detector = Detector::new(Arc::clone(host), Arc::new(Component::new(generation)), "{\"from\": 21}");
    let sightings: Vec<Sighting> = (0..500).map(sighting).collect();
    let Answer::Needs(subjects) = detector.detect(&sightings, &[]).await? else { anyhow::bail!("it asked for nothing") };
    let profiles: Vec<Profile> = subjects.into_iter().map(|subject| Profile { subject, body: b"3".to_vec() }).collect();
    let Answer::Verdict(verdict) = detector.detect(&sightings, &profiles).await? else { anyhow::bail!("it asked again") };
    Ok(verdict)
}

fn sighting(nth: u64) -> Sighting {
    let word = |of: &[&str]| of.get(usize::try_from(nth).unwrap_or_default() % of.len()).map(|word| (*word).to_owned());
    let actor = Actor { kind: ActorKind::User, id: word(&["ana", "ben", "chloé"]), name: None, email: word(&["a@example.com", ""]) };
    let event = Event {
        id: nth.to_string(),
        time: nth * 3_600_000,
        action: word(&["user_role_changed", "sso_settings_changed", "r\u{202e}ôle"]).unwrap_or_default(),
        category: None,
        traits: word(&["administrative", "administrative", "read", "administrative", "shared"]).into_iter().collect(),
        outcome: Outcome::Success,
        actor,
        object: None,
        team: None,
        organization: None,
        ip: word(&["192.0.2.1", "2001:db8::1"]).filter(|_| !nth.is_multiple_of(7)),
        user_agent: None,
        session: None,
        extra: Vec::new(),
        record: String::new(),
    };
    let standing = Standing { groups: Vec::new(), departed: None };
    Sighting { seq: nth, received: event.time, lane: Lane::Live, event, network: None, standing }
}
