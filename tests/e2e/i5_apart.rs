//! I5: nothing of one source reaches another's sinks, and no secret reaches anything but its own vendor.

use std::{fmt::Write as _, time::Duration};

use miro_source::clock::Clock as _;
use miro_source_tests::{
    drive::Drive,
    stage::{HOUR, ORIGIN, Recipe, Stage},
};
use simulator::{Organization, Settings, Spec, World};

#[tokio::test]
async fn i5_two_sources_with_the_same_users_never_meet() {
    let spec = Spec { from: ORIGIN - HOUR, to: ORIGIN, events: 500, late_share: 0.0, ..Spec::default() };
    // The same seed: the same people with the same e-mail addresses, even the same event ids.
    let world = |settings| World::new(Organization::generate(6, spec.clone()), settings);
    let (stage, clock) = Stage::stepped(world(Settings::default())).await.unwrap();
    let other = world(Settings::default());
    let second = Stage::start(other.clone(), std::sync::Arc::new(clock.clone())).await.unwrap();

    let recipe = Recipe { since: "2h".into(), ..Recipe::default() };
    let mut text = format!(
        "detect = false\n[store]\npath = {:?}\nkey = {{ file = {:?} }}\n",
        stage.path("miro-source.db"),
        stage.secret("key", &"7d".repeat(32)).unwrap()
    );
    stage.source(&mut text, "acme", &recipe, clock.now()).unwrap();
    second.source(&mut text, "globex", &recipe, clock.now()).unwrap();
    for (source, url) in [("acme", &stage.server.sumo_url), ("globex", &second.server.sumo_url)] {
        let file = stage.secret(&format!("{source}_sumo"), url).unwrap();
        writeln!(
            text,
            "[[sink]]\nname = \"to_{source}\"\ntype = \"sumo\"\nsources = [\"{source}\"]\nurl = {{ file = {file:?} }}\ncategory = \"{source}\"\n"
        )
        .unwrap();
    }
    let config = stage.write(&text).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(1200)).await.unwrap();
    for (name, world) in [("acme", &stage.world), ("globex", &other)] {
        let account = world.account(clock.now().0);
        assert_eq!((account.held, account.lost, account.duplicates, account.unexpected), (500, 0, 0, 0), "{name}: {account:#?}");
        // Its events, and what is said of its health.
        let ours = [Some(name.to_owned()), Some(format!("{name}/alerts"))];
        assert!(world.records().iter().all(|record| ours.contains(&record.metadata.category)));
    }
}
