//! A second detector beside the built-in one, by a component that is not built in.

use std::time::Duration;

use miro_source::{
    alert::{AlertQuery, Wanted},
    clock::Clock as _,
    respond::{Kind, Said},
};
use miro_source_tests::{
    component,
    drive::Drive,
    stage::{HOUR, MINUTE, ORIGIN, Recipe, Stage},
};
use simulator::{Organization, Settings, Spec, World};

#[tokio::test]
async fn a_second_detector_needs_a_component_and_no_change_of_the_host() {
    let spec = Spec { from: ORIGIN - HOUR, to: ORIGIN, events: 20, late_share: 0.0, odd_share: 0.0, ..Spec::default() };
    let (stage, clock) = Stage::stepped(World::new(Organization::generate(1, spec), Settings::default())).await.unwrap();
    // Time begins at midnight.
    for nth in 1..=3 {
        stage.world.add_event_with(ORIGIN + nth * MINUTE, ORIGIN + nth * MINUTE, "user_role_changed", |record| {
            record["createdBy"] = serde_json::json!({"type": "user", "id": "3074457345618265000", "email": "ana@example.com"});
        });
    }
    let mut more = String::new();
    let wasm = component::build("guest-night").unwrap();
    let path = component::install(stage.folder.path(), "night", &wasm, &mut more).unwrap();
    more += &format!(
        "[[detector]]\nname = \"detect\"\n\n[[detector]]\nname = \"night\"\ncomponent = {path:?}\nconfig = {{ from = 23, to = 4 }}\n"
    );
    let recipe = Recipe { detect: true, sink: format!("category = \"miro\"\n{more}"), ..Recipe::default() };
    let config = stage.configure(&recipe, clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(700)).await.unwrap();
    let all = AlertQuery { wanted: Wanted::All, policy: None, user: None, address: None, since: None, incident: None, most: 100 };
    let alerts = drive.store.alerts(&all).unwrap();
    let found: Vec<_> = alerts.iter().map(|alert| (alert.policy.as_str(), alert.detector.as_str())).collect();
    assert_eq!(found, [("night-administration", "night")]);
    assert_eq!(alerts[0].story.reasons, ["user_role_changed at 0:00 UTC, the first that night"]);

    // Its file is another one, which differs in nothing that it does: by a section of its own that nobody reads.
    let told = |drive: &Drive| {
        let records = drive.store.governance(0, usize::MAX).unwrap();
        let said = records.iter().map(|record| record.said().unwrap());
        let about = said.filter_map(|said| if let Said::Deed(deed) = said { Some((deed.deed, deed.about)) } else { None });
        about.filter(|(deed, _)| *deed == Kind::Component).map(|(_, about)| about).collect::<Vec<_>>()
    };
    assert_eq!(told(&drive), [""; 0], "the first takes the place of none");
    drop(drive);
    let digest = |wasm: &[u8]| miro_source::runtime::digest(wasm);
    let other = [&wasm[..], &[0, 2, 1, b'x']].concat();
    std::fs::write(&path, &other).unwrap();
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace(&digest(&wasm), &digest(&other))).unwrap();
    for start in ["the first", "a further"] {
        let drive = Drive::open(&config, &clock).await.unwrap();
        let told = told(&drive);
        assert_eq!(told.len(), 1, "at {start} start: {told:?}");
        assert!(told[0].starts_with("detector night is ") && told[0].contains(&digest(&other)), "{told:?}");
    }
}
