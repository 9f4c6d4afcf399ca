//! Who left, as the directory says, and what they did since.

use std::time::Duration;

use miro_source::{
    alert::{AlertQuery, Wanted},
    clock::Clock as _,
};
use miro_source_tests::drive::Drive;
use serde_json::json;
use simulator::{Departure, Endpoint, Fault, Part, Rule};

use super::{played, stage};

#[tokio::test]
async fn whoever_turns_out_to_have_left_is_judged_again_and_nobody_else() {
    let (stage, clock, config) = stage(|stage| stage.entra("actions = []\ndirectory = true\ngroups = [\"Contractors\"]").unwrap()).await;
    let (plain, other) = (played(&stage, Part::Plain), played(&stage, Part::ByMail));
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(600)).await.unwrap();
    let left = clock.now().plus(Duration::from_secs(60));
    stage.world.depart(&plain.person.clone().unwrap().id, Departure::Disabled, left.0);
    // The directory cannot be reached for a while: what happens meanwhile is judged without knowing it.
    stage.world.add_rule(Rule::new(Endpoint::UsersDelta, Fault::Status { status: 503, body: None, retry_after: None }).times(8));
    for (who, after) in [(&plain, 1800), (&other, 1800)] {
        let at = left.plus(Duration::from_secs(after)).0;
        stage.world.add_event_with(at, at, "board_opened", |record| {
            record["createdBy"] = json!({"type": "user", "id": who.miro_id, "name": who.name, "email": who.email});
        });
    }
    drive.pass(Duration::from_secs(3 * 3600)).await.unwrap();
    let query = AlertQuery { wanted: Wanted::All, policy: None, user: None, since: None, address: None, incident: None, most: 100 };
    let alerts = drive.store.alerts(&query).unwrap();
    let found: Vec<(&str, &str)> = alerts.iter().map(|alert| (alert.policy.as_str(), alert.story.who.shown())).collect();
    assert_eq!(found, [("disabled-user", plain.email.as_str())], "{alerts:#?}");
}
