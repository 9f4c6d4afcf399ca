//! I5: what acts on one vendor reaches no other, and nobody is told its secrets.

use std::time::Duration;

use miro_source::{clock::Clock as _, respond::Action};
use miro_source_tests::drive::Drive;
use simulator::Part;

use super::{REALLY, order, played, responses, shown, stage};

/// The component is told that its vendor is somewhere else, and the operator's grant does not go along.
#[tokio::test]
async fn i5_the_component_of_entra_reaches_no_miro_and_that_of_miro_no_graph() {
    let (stage, clock, config) = stage(|stage| {
        let (miro, graph) = (&stage.server.miro_url, &stage.server.graph_url);
        let entra = stage.entra("actions = [\"sign-out\"]").unwrap();
        let entra = entra.replace(&format!("graph_url = \"{graph}\""), &format!("graph_url = \"{miro}\""));
        let own =
            stage.miro("actions = [\"sign-out\"]").unwrap().replace(&format!("api_url = \"{miro}\""), &format!("api_url = \"{graph}\""));
        format!("{REALLY}{entra}{own}")
    })
    .await;
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(60)).await.unwrap();
    let before = stage.world.calls().len();
    for responder in ["entra", "miro"] {
        drive.store.order(&order(&played(&stage, Part::Plain), responder, Action::SignOut), clock.now()).unwrap();
    }
    drive.nudge();
    drive.settle().await.unwrap();
    let shown = shown(&drive);
    assert!(shown.iter().all(|each| each.1 == "failed" && each.2.contains("grant")), "{shown:#?}");
    assert!(stage.world.effects().is_empty());
    let reached: Vec<String> = stage.world.calls().into_iter().skip(before).map(|call| call.path).collect();
    let strayed = |path: &&String| path.starts_with("/v1.0/") || path.starts_with("/v2/orgs") || path.starts_with("/v2/sessions");
    assert_eq!(reached.iter().find(strayed), None, "{reached:#?}");
}

/// No secret of a responder is in a response, in the log of them, or in the file of the store.
#[tokio::test]
async fn i5_what_lets_a_responder_in_is_nowhere_to_be_read() {
    let (stage, clock, config) = stage(|stage| {
        let (entra, miro) =
            (stage.entra("actions = [\"sign-out\"]").unwrap(), stage.miro("actions = [\"sign-out\", \"suspend\"]").unwrap());
        format!("{REALLY}{entra}{miro}")
    })
    .await;
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(60)).await.unwrap();
    for (responder, action) in [("entra", Action::SignOut), ("miro", Action::SignOut), ("miro", Action::Suspend)] {
        drive.store.order(&order(&played(&stage, Part::Plain), responder, action), clock.now()).unwrap();
    }
    drive.nudge();
    drive.pass(Duration::from_secs(60)).await.unwrap();
    assert!(responses(&drive).iter().all(|each| each.state.as_str() == "succeeded"), "{:#?}", responses(&drive));
    drop(drive);
    let secrets = ["entra.key", "miro_respond_token", "scim_token"].map(|name| std::fs::read_to_string(stage.path(name)).unwrap());
    for entry in std::fs::read_dir(stage.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("miro-source.db") || path.is_dir() {
            continue;
        }
        let bytes = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        for secret in &secrets {
            let part = secret.lines().max_by_key(|line| line.len()).unwrap();
            assert!(!bytes.contains(part), "{name}");
        }
    }
}
