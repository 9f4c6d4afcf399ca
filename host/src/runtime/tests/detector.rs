//! The detector as it is built in.

use audit_pipeline::{
    detector::{Answer, Lane, Profile, Sighting, Standing},
    types::{Actor, ActorKind, Event, Failure, Outcome},
};

use super::*;

fn sightings(count: u64) -> Vec<Sighting> {
    let sighting = |seq: u64| Sighting {
        seq,
        received: seq * 1000,
        lane: Lane::Live,
        event: Event {
            id: seq.to_string(),
            time: 1_772_442_000_000 + seq * 1000,
            action: "sign_in_failed".into(),
            category: None,
            traits: vec!["sign-in".into(), "interactive".into()],
            outcome: Outcome::Failure,
            actor: Actor { kind: ActorKind::User, id: Some("3074".into()), name: None, email: Some("ana@example.com".into()) },
            object: None,
            team: None,
            organization: None,
            ip: Some("203.0.113.5".into()),
            user_agent: None,
            session: None,
            extra: Vec::new(),
            record: "{}".into(),
        },
        network: None,
        standing: Standing { groups: Vec::new(), departed: None },
    };
    (1..=count).map(sighting).collect()
}

async fn detector(config: &str) -> Detector {
    let runtime = runtime(None, far(200, ""), Limits::default());
    let wasm: Arc<[u8]> = Runtime::builtin("detect").unwrap().into();
    let generation = runtime.load_as(Kind::Detector, wasm).await.unwrap();
    Detector::new(runtime, Arc::new(Component::new(generation)), config)
}

#[tokio::test]
async fn i5_the_detector_imports_no_function() {
    let detector = detector("{}").await;
    assert_eq!(detector.generation().imports(), ["audit:pipeline/types@0.1.0"]);
    assert_eq!(detector.describe().await.unwrap().name, "detect");
}

#[tokio::test]
async fn it_asks_for_profiles_and_then_judges() {
    let detector = detector("{}").await;
    let sightings = sightings(12);
    let Answer::Needs(subjects) = detector.detect(&sightings, &[]).await.unwrap() else { panic!("it asked for nothing") };
    let mut named = detector.subjects(&sightings).await.unwrap();
    named.sort_unstable();
    assert_eq!(named, subjects);
    assert_eq!(subjects, ["address:203.0.113.5", "alias:ana@example.com", "organization", "user:3074"]);
    let profiles: Vec<_> = subjects.into_iter().map(|subject| Profile { subject, body: Vec::new() }).collect();
    let Answer::Verdict(verdict) = detector.detect(&sightings, &profiles).await.unwrap() else { panic!("it asked again") };
    assert_eq!(verdict.findings.iter().map(|finding| finding.policy.as_str()).collect::<Vec<_>>(), ["failed-logins"]);
    assert!(verdict.profiles.iter().any(|profile| profile.subject == "user:3074"));
}

#[tokio::test]
async fn a_configuration_that_cannot_work_is_told_with_its_key() {
    let detector = detector(r#"{"rules": {"imposible-travel": {}}}"#).await;
    for ended in [detector.detect(&[], &[]).await.unwrap_err(), detector.rules().await.unwrap_err()] {
        let CallError::Failed(Failure::Invalid(text)) = &ended else { panic!("{ended:?}") };
        assert!(text.contains("did you mean `impossible-travel`?"), "{text}");
    }
}

#[tokio::test]
async fn it_says_what_each_of_its_rules_reads() {
    let rules = detector("{}").await.rules().await.unwrap();
    assert_eq!(rules.iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>(), crate::config::BUILT_IN);
    let share = rules.iter().find(|rule| rule.name == "mass-share").unwrap();
    assert_eq!((share.events.concat(), share.enabled), (vec!["shared".to_owned()], true));
}
