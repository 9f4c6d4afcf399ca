//! From an alert to an account that is signed out or suspended, at a simulated Entra and a simulated Miro, and the log of it.

mod apart;
mod guards;
mod killed;
mod people;

use std::time::Duration;

use miro_source::{
    alert::Who,
    clock::{Clock as _, SteppedClock},
    model::Instant,
    respond::{Action, Cause, Move, Order, Record, Response, ResponseQuery, Said, Switch, Switched, verify},
};
use miro_source_tests::{
    drive::Drive,
    stage::{MINUTE, ORIGIN, Recipe, Stage},
};
use serde_json::json;
use simulator::{Done, Endpoint, Fault, Organization, Part, Played, Rule, Settings, Spec, World};

/// Who exports a board raises this alert, which is what everything here reacts to.
const POLICY: &str = "[[policy]]\nname = \"exported\"\ncategory = \"threat-detection\"\nseverity = \"high\"\nmatch = [{ filter = \"activity.type\", equals = \"content_carried_off\" }]\n";
/// Everything is really done.
const REALLY: &str = "[respond]\nenabled = true\ndry_run = false\nadministrators = [\"nobody@acme.example\"]\n";

fn world() -> World {
    let spec = Spec { from: ORIGIN - 60 * MINUTE, to: ORIGIN, events: 100, late_share: 0.0, ..Spec::default() };
    let world = World::new(Organization::generate(8, spec), Settings::default());
    world.set(|settings| settings.sumo.keep_records = 10_000);
    world
}

fn played(stage: &Stage, part: Part) -> Played {
    stage.world.played(part).unwrap()
}

/// The stage with a configuration: what acts is whatever `more` says.
async fn stage(more: impl FnOnce(&Stage) -> String) -> (Stage, SteppedClock, std::path::PathBuf) {
    let (stage, clock) = Stage::stepped(world()).await.unwrap();
    let config = stage.configure(&Recipe { detect: true, interval: "1m".into(), ..Recipe::default() }, clock.now()).unwrap();
    let text = std::fs::read_to_string(&config).unwrap();
    let config = stage.write(&format!("{text}\n{}", more(&stage))).unwrap();
    (stage, clock, config)
}

/// Somebody exports a board then.
fn exports(stage: &Stage, who: &Played, at: Instant) {
    stage.world.add_event_with(at.0, at.0, "content_carried_off", |record| {
        record["createdBy"] = json!({"type": "user", "id": who.miro_id, "name": who.name, "email": who.email});
    });
}

fn responses(drive: &Drive) -> Vec<Response> {
    let mut all = drive.store.responses(&ResponseQuery { limit: 1000, ..ResponseQuery::default() }).unwrap();
    all.sort_by_key(|response| response.id);
    all
}

/// Where each stands, and what came of it.
fn shown(drive: &Drive) -> Vec<(Action, &'static str, String)> {
    responses(drive).into_iter().map(|each| (each.action, each.state.as_str(), each.outcome.unwrap_or_default())).collect()
}

fn order(who: &Played, responder: &str, action: Action) -> Order {
    Order {
        source: "acme".parse().unwrap(),
        responder: responder.parse().unwrap(),
        action,
        target: Who { id: None, email: Some(who.email.clone()), name: None },
        alert: None,
        who: "ann".into(),
        why: "a test".into(),
        mail: None,
        dry_run: false,
        four_eyes: false,
        reverts: None,
    }
}

/// The records that Sumo Logic accepted, in order.
fn delivered(stage: &Stage) -> Vec<Record> {
    let lines = stage.world.others().into_iter().map(|record| String::from_utf8_lossy(&record.line).into_owned());
    lines.filter_map(|line| Record::parse(&line).ok()).collect()
}

fn whole_log(drive: &Drive) {
    let records = drive.store.governance(0, usize::MAX).unwrap();
    let head = verify(&miro_source::respond::Head::default(), &records).unwrap();
    assert_eq!(head, drive.store.governance_head().unwrap());
}

#[tokio::test]
async fn an_alert_suspends_its_user_in_entra_and_miro_and_mails_them_and_the_log_says_so() {
    let (stage, clock, config) = stage(|stage| {
        let actions = "actions = [\"notify\", \"sign-out\", \"suspend\"]";
        let both = "[[action]]\npolicies = [\"exported\"]\ndo = \"suspend\"\nwith = [\"entra\", \"miro\"]\n\
                    [[action]]\npolicies = [\"exported\"]\ndo = \"sign-out\"\nwith = [\"entra\", \"miro\"]\n\
                    [[action]]\npolicies = [\"exported\"]\ndo = \"notify\"\nwith = [\"entra\"]\nsubject = \"{policy}\"\nmanager = true\n";
        let miro = stage.miro("actions = [\"sign-out\", \"suspend\"]").unwrap();
        format!("{REALLY}{POLICY}{}{miro}{both}", stage.entra(actions).unwrap())
    })
    .await;
    let plain = played(&stage, Part::Plain);
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(120)).await.unwrap();
    exports(&stage, &plain, clock.now());
    drive.pass(Duration::from_secs(300)).await.unwrap();

    let shown = shown(&drive);
    let of = |action| shown.iter().filter(|each| each.0 == action).map(|each| each.1).collect::<Vec<_>>();
    assert_eq!(of(Action::Suspend), ["succeeded", "succeeded"], "{shown:#?}");
    assert_eq!(of(Action::SignOut), ["skipped", "skipped"], "what suspending contains is not done beside it: {shown:#?}");
    assert_eq!(of(Action::Notify), ["succeeded"], "{shown:#?}");
    let person = plain.person.clone().unwrap();
    for (done, who, times) in [
        (Done::Disabled, person.id.as_str(), 1),
        (Done::SignedOut, person.id.as_str(), 1),
        (Done::Suspended, plain.email.as_str(), 1),
        (Done::Mailed, plain.email.as_str(), 1),
    ] {
        assert_eq!(stage.world.count(done, who), times, "{done:?}: {:#?}", stage.world.effects());
    }
    let mail = stage.world.effects().into_iter().find(|effect| effect.done == Done::Mailed).unwrap();
    assert_eq!(mail.subject.as_deref(), Some("exported"));
    whole_log(&drive);

    // The log reaches Sumo Logic, whole and in order.
    assert_eq!(delivered(&stage), drive.store.governance(0, usize::MAX).unwrap());
}

#[tokio::test]
async fn by_hand_each_action_is_done_and_a_suspension_is_taken_back() {
    let (stage, clock, config) = stage(|stage| {
        let entra = stage.entra("actions = [\"notify\", \"sign-out\", \"suspend\", \"confirm-compromised\"]").unwrap();
        let miro = stage.miro("actions = [\"sign-out\", \"suspend\"]").unwrap();
        format!("{REALLY}{entra}{miro}")
    })
    .await;
    let plain = played(&stage, Part::Plain);
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(60)).await.unwrap();
    for (responder, action) in [
        ("entra", Action::SignOut),
        ("entra", Action::ConfirmCompromised),
        ("entra", Action::Suspend),
        ("miro", Action::SignOut),
        ("miro", Action::Suspend),
    ] {
        drive.store.order(&order(&plain, responder, action), clock.now()).unwrap();
    }
    drive.nudge();
    drive.pass(Duration::from_secs(60)).await.unwrap();
    assert!(shown(&drive).iter().all(|each| each.1 == "succeeded"), "{:#?}", shown(&drive));
    let id = plain.person.as_ref().unwrap().id.clone();
    for done in [Done::SignedOut, Done::Confirmed, Done::Disabled] {
        assert!(stage.world.count(done, &id) >= 1, "{done:?}");
    }
    for done in [Done::SessionsReset, Done::Suspended] {
        assert_eq!(stage.world.count(done, &plain.email), 1, "{done:?}: {:#?}", stage.world.effects());
    }

    let suspended: Vec<Response> = responses(&drive).into_iter().filter(|each| each.action == Action::Suspend).collect();
    for each in &suspended {
        let back = Order { reverts: Some(each.id), ..order(&plain, each.responder.as_str(), Action::Restore) };
        drive.store.order(&back, clock.now()).unwrap();
    }
    drive.nudge();
    drive.pass(Duration::from_secs(60)).await.unwrap();
    assert_eq!(stage.world.count(Done::Enabled, &id), 1);
    assert_eq!(stage.world.count(Done::Restored, &plain.email), 1);
    for each in suspended {
        assert_eq!(drive.store.response(each.id).unwrap().unwrap().state.as_str(), "reverted");
    }
    whole_log(&drive);
}

#[tokio::test]
async fn it_waits_as_it_is_told_takes_one_fresh_token_and_names_the_permission_that_is_missing() {
    let (stage, clock, config) = stage(|stage| format!("{REALLY}{}", stage.entra("actions = [\"sign-out\", \"suspend\"]").unwrap())).await;
    let plain = played(&stage, Part::Plain);
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(1)).await.unwrap();

    // 429 with its wait.
    let rule = stage.world.add_rule(Rule::new(Endpoint::RevokeSessions, Fault::Throttle { retry_after: Some(30) }).times(1));
    let ordered = clock.now();
    drive.store.order(&order(&plain, "entra", Action::SignOut), ordered).unwrap();
    drive.nudge();
    drive.pass(Duration::from_secs(29)).await.unwrap();
    assert_eq!((stage.world.struck(rule), shown(&drive)[0].1), (1, "running"), "{:#?}", shown(&drive));
    drive.pass(Duration::from_secs(10)).await.unwrap();
    assert_eq!(shown(&drive)[0].1, "succeeded", "{:#?}", shown(&drive));
    let traces: Vec<Option<u16>> = responses(&drive)[0].traces.iter().map(|trace| trace.status).collect();
    assert_eq!(traces, [Some(429), Some(200)]);
    assert!(responses(&drive)[0].traces.iter().all(|trace| trace.request_id.is_some()));

    // 503, and a token that is refused once.
    stage.world.add_rule(Rule::new(Endpoint::RevokeSessions, Fault::Status { status: 503, body: None, retry_after: None }).times(2));
    stage.world.add_rule(Rule::new(Endpoint::RevokeSessions, Fault::ExpireToken).times(1));
    drive.store.order(&order(&plain, "entra", Action::SignOut), clock.now()).unwrap();
    drive.nudge();
    drive.pass(Duration::from_secs(120)).await.unwrap();
    let second = &responses(&drive)[1];
    assert_eq!(second.state.as_str(), "succeeded", "{second:#?}");
    let traces: Vec<Option<u16>> = second.traces.iter().map(|trace| trace.status).collect();
    assert_eq!(traces, [Some(503), Some(503), Some(401), Some(200)]);

    // 403: at once and for good, with the permission.
    let mut app = stage.world.app();
    app.permissions.retain(|permission| !permission.contains("RevokeSessions") && !permission.contains("ReadWrite"));
    stage.world.register(app);
    clock.step_to(clock.now().plus(Duration::from_secs(4000)));
    drive.store.order(&order(&plain, "entra", Action::SignOut), clock.now()).unwrap();
    drive.nudge();
    drive.pass(Duration::from_secs(60)).await.unwrap();
    let third = &responses(&drive)[2];
    assert_eq!(third.state.as_str(), "failed", "{third:#?}");
    assert!(third.outcome.as_deref().is_some_and(|why| why.contains("User.RevokeSessions.All")), "{third:#?}");
    assert_eq!(third.traces.last().and_then(|trace| trace.status), Some(403));
    whole_log(&drive);
}

#[tokio::test]
async fn nobody_is_guessed_and_a_name_that_differs_is_found() {
    let (stage, clock, config) = stage(|stage| format!("{REALLY}{}", stage.entra("actions = [\"sign-out\"]").unwrap())).await;
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(1)).await.unwrap();
    let parts = [Part::ByMail, Part::ByName, Part::ByOtherMail, Part::ByProxy, Part::Shared, Part::Absent];
    for part in parts {
        drive.store.order(&order(&played(&stage, part), "entra", Action::SignOut), clock.now()).unwrap();
    }
    drive.nudge();
    drive.pass(Duration::from_secs(60)).await.unwrap();
    let states: Vec<&str> = shown(&drive).iter().map(|each| each.1).collect();
    assert_eq!(states, ["succeeded", "succeeded", "succeeded", "succeeded", "failed", "failed"], "{:#?}", shown(&drive));
    for part in parts.iter().take(4) {
        assert_eq!(stage.world.count(Done::SignedOut, &played(&stage, *part).person.unwrap().id), 1, "{part:?}");
    }
    assert_eq!(stage.world.effects().len(), 4);
}

#[tokio::test]
async fn in_a_dry_run_nothing_is_done_and_the_log_says_what_would_be() {
    let (stage, clock, config) = stage(|stage| {
        let really = REALLY.replace("dry_run = false", "dry_run = true");
        let action = "[[action]]\npolicies = [\"exported\"]\ndo = \"suspend\"\n";
        format!("{really}{POLICY}{}{action}", stage.entra("actions = [\"suspend\"]").unwrap())
    })
    .await;
    let plain = played(&stage, Part::Plain);
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(120)).await.unwrap();
    exports(&stage, &plain, clock.now());
    drive.pass(Duration::from_secs(300)).await.unwrap();
    let shown = shown(&drive);
    assert!(matches!(shown.as_slice(), [(Action::Suspend, "skipped", why)] if why.starts_with("dry run: would ")), "{shown:#?}");
    assert!(shown[0].2.contains(&plain.person.unwrap().id), "{shown:#?}");
    assert!(stage.world.effects().is_empty(), "{:#?}", stage.world.effects());
}

#[tokio::test]
async fn while_the_switch_is_thrown_nothing_acts_whoever_asks() {
    let (stage, clock, config) = stage(|stage| format!("{REALLY}{}", stage.entra("actions = [\"sign-out\"]").unwrap())).await;
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    let switched = |switch, why: &str| Switched { at: clock.now(), who: "ann".into(), switch, why: Some(why.into()) };
    assert!(drive.store.switch(&switched(Switch::Stop, "something is odd")).unwrap());
    drive.store.order(&order(&played(&stage, Part::Plain), "entra", Action::SignOut), clock.now()).unwrap();
    drive.nudge();
    drive.pass(Duration::from_secs(300)).await.unwrap();
    assert!(stage.world.effects().is_empty());
    assert_eq!(shown(&drive)[0].1, "pending");
    assert!(drive.store.switch(&switched(Switch::Resume, "it was a drill")).unwrap());
    drive.nudge();
    drive.pass(Duration::from_secs(120)).await.unwrap();
    assert_eq!(shown(&drive)[0].1, "succeeded", "{:#?}", shown(&drive));
    whole_log(&drive);

    // Who did that, and why, reaches the sink as what was done does.
    let said = delivered(&stage).into_iter().map(|record| record.said().unwrap());
    let whys: Vec<_> =
        said.filter_map(|said| if let Said::Switch(Switched { switch, why, .. }) = said { Some((switch, why)) } else { None }).collect();
    assert_eq!(whys, [(Switch::Stop, Some("something is odd".into())), (Switch::Resume, Some("it was a drill".into()))]);
}

/// What a person says of a response.
fn say(drive: &Drive, clock: &SteppedClock, nth: usize, next: &Move, who: &str) -> Result<Response, miro_source::store::StoreError> {
    drive.store.move_response(responses(drive)[nth].id, None, next, Some(who), clock.now())
}

fn is_of_policy(response: &Response) -> bool {
    matches!(response.cause, Cause::Policy { .. })
}
