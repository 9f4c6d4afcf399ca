//! `kill -9` of a real host in the middle of acting.

use miro_source::{
    alert::Who,
    clock::SystemClock,
    config,
    model::Instant,
    pipeline,
    respond::{Action, Mail, Order, Response, ResponseQuery},
};
use miro_source_tests::{
    command::Ran,
    host::Host,
    patience::until,
    stage::{Recipe, Stage},
};
use simulator::{Done, Endpoint, Fault, Organization, Rule, Settings, Spec, World};

use super::REALLY;
use crate::i3_crash::killed;

/// A stage on this machine's clock with so many orders of mails and suspensions, alternating, to people who differ.
async fn ordered(count: usize) -> (Stage, std::path::PathBuf) {
    let now = Instant::system();
    let spec = Spec { from: now.0 - 60_000, to: now.0 - 1_000, events: 1, late_share: 0.0, ..Spec::default() };
    let world = World::new(Organization::generate(8, spec), Settings::default());
    let stage = Stage::start(world, std::sync::Arc::new(SystemClock)).await.unwrap();
    let path = stage.configure(&Recipe::default(), now).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let entra = stage.entra("actions = [\"notify\", \"sign-out\", \"suspend\"]").unwrap();
    let path = stage.write(&format!("{text}\n{REALLY}{entra}")).unwrap();
    let store = pipeline::own(&config::load(&path).unwrap()).unwrap();
    let people: Vec<_> = stage
        .world
        .people(now.0)
        .into_iter()
        .filter(|person| person.mail.is_some() && person.roles.is_empty() && !person.user_principal_name.contains("#EXT#"))
        .collect();
    for (nth, person) in people.iter().cycle().take(count).enumerate() {
        let notify = nth % 2 == 0;
        let mail = Mail { subject: format!("order {nth}"), text: "text".into(), copies: Vec::new(), manager: false };
        let order = Order {
            source: "acme".parse().unwrap(),
            responder: "entra".parse().unwrap(),
            action: if notify { Action::Notify } else { Action::SignOut },
            target: Who { id: None, email: Some(person.user_principal_name.to_lowercase()), name: None },
            alert: None,
            who: "ann".into(),
            why: "a test".into(),
            mail: notify.then_some(mail),
            dry_run: false,
            four_eyes: false,
            reverts: None,
        };
        store.order(&order, now).unwrap();
    }
    drop(store);
    (stage, path)
}

fn responses(path: &std::path::Path) -> Vec<Response> {
    let store = pipeline::look(&config::load(path).unwrap()).unwrap();
    store.responses(&ResponseQuery { limit: 10_000, ..ResponseQuery::default() }).unwrap()
}

/// Every order ended once, no mail went out twice, and a mail that is said to have failed without a doubt went out never.
fn judge(stage: &Stage, path: &std::path::Path, count: usize) {
    let all = responses(path);
    assert_eq!(all.len(), count);
    let effects = stage.world.effects();
    for response in &all {
        assert!(response.state.is_final(), "{response:#?}");
        let Some(mail) = &response.mail else {
            assert_eq!(response.state.as_str(), "succeeded", "{response:#?}");
            continue;
        };
        let sent = effects.iter().filter(|effect| effect.done == Done::Mailed && effect.subject.as_ref() == Some(&mail.subject)).count();
        match response.state.as_str() {
            "succeeded" => assert_eq!(sent, 1, "{response:#?}"),
            "failed" => {
                assert!(response.outcome.as_deref().is_some_and(|why| why.starts_with("sent or not: unknown")), "{response:#?}");
                assert!(sent <= 1, "{response:#?}");
            }
            other => panic!("{other}: {response:#?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_each_point_nothing_is_lost_and_no_mail_goes_out_twice() {
    let (stage, path) = ordered(12).await;
    for place in ["begun:1", "acted:1", "begun:2", "acted:2", "begun:3", "acted:3"] {
        let at = [("MIRO_SOURCE_KILL_AT", place)];
        killed(Host::start(Stage::demo_binary(), &path, &["run"], &at, &stage.path("host.log")).unwrap(), place).await;
    }
    let ran = Ran::of(&path, &["once"]).await.unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    judge(&stage, &path, 12);
    let unknown = responses(&path).iter().filter(|each| each.state.as_str() == "failed").count();
    assert!(unknown >= 2, "killed around a mail at least twice, and said so");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_during_two_hundred_actions_each_ends_once() {
    let (stage, path) = ordered(200).await;
    // Answers that are lost, and ones that take their time, so that the kills fall into calls.
    stage.world.add_rule(Rule::new(Endpoint::SendMail, Fault::Delay { ms: 20 }).after(3));
    for kill in 1..=8_usize {
        let host = Host::start(Stage::demo_binary(), &path, &["run"], &[], &stage.path("host.log")).unwrap();
        let (before, world) = (stage.world.effects().len(), stage.world.clone());
        until("some more is done", move || world.effects().len() > before + 3 * kill).await.unwrap();
        host.kill().unwrap();
    }
    let ran = Ran::of(&path, &["once"]).await.unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    judge(&stage, &path, 200);
}
