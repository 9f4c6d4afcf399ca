//! What is known of an address is stored with its event, and delivered records stay as the vendor wrote them.

use std::time::Duration;

use miro_source::{
    clock::Clock as _,
    model::{Lane, Seq},
    store::Range,
};
use miro_source_tests::{
    drive::Drive,
    stage::{HOUR, ORIGIN, Recipe, Stage},
};
use simulator::{Organization, Settings, Spec, World};

#[tokio::test]
async fn what_is_known_of_an_address_is_stored_with_its_event() {
    let spec = Spec { from: ORIGIN - HOUR, to: ORIGIN, events: 300, late_share: 0.0, ..Spec::default() };
    let (stage, clock) = Stage::stepped(World::new(Organization::generate(8, spec), Settings::default())).await.unwrap();
    std::fs::write(stage.path("list.txt"), "198.51.100.0/24\n203.0.113.0/25\n").unwrap();
    let office = "[[range]]\nname = \"Office\"\naddresses = [\"203.0.113.0/24\"]\ncategory = \"corporate\"\ncountry = \"PT\"\n";
    let list = "[[threat-list]]\nname = \"scanners\"\npath = \"list.txt\"\ntag = \"darknet-scanner\"\n";
    let recipe = Recipe { since: "2h".into(), sink: format!("{office}{list}"), ..Recipe::default() };
    let config = stage.configure(&recipe, clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(1200)).await.unwrap();
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost, account.unexpected), (300, 0, 0), "{account:#?}");

    let source = "acme".parse().unwrap();
    let range = Range { source: &source, lane: Lane::Live, after: Seq(0), sink: None, events: 1000, bytes: usize::MAX };
    let (mut office, mut listed, mut unknown) = (0, 0, 0);
    for event in drive.store.read(&range).unwrap() {
        let record: serde_json::Value = serde_json::from_str(&event.record).unwrap();
        let ip = record["context"]["ip"].as_str().unwrap_or_default();
        match (ip.split('.').next().unwrap_or_default(), event.known.network) {
            ("203", Some(network)) => {
                office += 1;
                assert_eq!((network.category.as_deref(), network.country.as_deref()), (Some("corporate"), Some("PT")), "{ip}");
                assert_eq!(network.tags, ["darknet-scanner"], "{ip}");
            }
            ("198", Some(network)) => {
                listed += 1;
                assert_eq!((&network.category, network.tags.as_slice()), (&None, ["darknet-scanner".to_owned()].as_slice()), "{ip}");
            }
            (first, network) => {
                unknown += 1;
                assert!(first != "203" && first != "198" && network.is_none(), "{ip}: {network:?}");
            }
        }
    }
    assert_eq!(office + listed + unknown, 300);
    assert!(office > 0 && listed > 0 && unknown > 0, "{office} {listed} {unknown}");
}
