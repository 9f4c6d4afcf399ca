//! Who is told, and in what shape.

use super::*;
use crate::{
    notify::{How, Ledger, Matter, Notice, Settled},
    store::Store as _,
};

fn waiting(desk: &Desk, channel: &str) -> Option<Notice> {
    desk.store().notices(&channel.parse().unwrap(), Instant::FAR).unwrap().next
}

fn of_channel(failing: &str) -> Scene {
    let status = crate::notify::Status { state: crate::notify::State::Paused { since: NOON, reason: "answered 404".into() }, said: None };
    let channel = ChannelScene { name: failing.parse().unwrap(), sources: vec![acme()], status: Some(status), waiting: 1 };
    Scene { channels: vec![channel], ..of(collecting(NOON), NOON) }
}

#[test]
fn a_channel_is_not_told_of_its_own_trouble_and_the_others_are() {
    let desk = Desk::new();
    desk.look(&of_channel("soc"));
    assert!(waiting(&desk, "soc").is_none());
    let told = waiting(&desk, "mail").unwrap();
    assert!(matches!(&told.matter, Matter::Condition(known) if known.condition.title == "channel soc tells nobody"), "{told:?}");
    // Alerts are told by no other channel.
    let [open] = desk.open().try_into().unwrap();
    assert!(open.condition.reasons[1].ends_with("; alerts wait for this one"), "{:?}", open.condition.reasons);
}

#[test]
fn what_waits_on_a_channel_that_fails_is_told_by_others_whatever_they_usually_hear_of() {
    let mut desk = Desk::new();
    for ear in &mut desk.listeners.channels {
        if ear.name.as_str() == "mail" {
            ear.severity = Severity::High;
        }
    }
    let mut source = collecting(NOON);
    source.unmapped = vec!["board_teleported".into()];
    desk.look(&of(source.clone(), NOON));
    assert!(waiting(&desk, "soc").is_some() && waiting(&desk, "mail").is_none(), "it is not that bad");
    desk.look(&Scene { sources: vec![source], ..of_channel("soc") });
    let store = desk.store();
    let mail: ChannelName = "mail".parse().unwrap();
    assert_eq!(store.channel(&mail, Instant::FAR).unwrap().waiting, 2, "the trouble, and what waits");
}

/// Tells a channel what waits for it.
fn tell(desk: &Desk, name: &str) {
    let notice = waiting(desk, name).unwrap();
    let how = How::Told(notice.matter.known(notice.told.as_ref(), NOON));
    let settled = Settled { named: notice.matter.named(), revision: notice.revision, how };
    desk.store().settle_notice(&name.parse().unwrap(), Some(&settled), &Ledger::default()).unwrap();
}

#[test]
fn i5_what_comes_back_is_told_to_those_whose_business_it_is_then_and_to_those_who_wait_for_its_end() {
    let mut desk = Desk::new();
    let (bad, well) = (of(failing(NOON, NOON, Remedy::Configure), NOON), of(collecting(NOON), NOON));
    desk.listeners.channels.push(Ear { name: "pager".parse().unwrap(), sources: vec![acme()], severity: Severity::Medium });
    desk.look(&bad);
    for name in ["soc", "mail", "pager"] {
        tell(&desk, name);
    }
    desk.look(&well);
    for name in ["soc", "mail"] {
        tell(&desk, name);
    }
    desk.listeners.channels.retain(|ear| ear.name.as_str() == "soc");
    desk.look(&bad);
    assert!(waiting(&desk, "soc").is_some() && waiting(&desk, "mail").is_none(), "it is no business of mail any more");
    assert!(waiting(&desk, "pager").is_some(), "it has not heard of the end yet");
    tell(&desk, "soc");
    desk.look(&well);
    assert!(waiting(&desk, "soc").is_some() && waiting(&desk, "mail").is_none() && waiting(&desk, "pager").is_some());
}

#[test]
fn i5_what_concerns_one_source_goes_to_its_listeners_alone_and_what_concerns_the_host_to_those_of_all() {
    let (beta, all): (SourceName, _) = ("beta".parse().unwrap(), vec![acme(), "beta".parse().unwrap()]);
    let ear =
        |name: &str, sources: Vec<SourceName>| Ear { name: name.parse::<ChannelName>().unwrap(), sources, severity: Severity::Medium };
    let channels = vec![ear("acme", vec![acme()]), ear("beta", vec![beta]), ear("all", all.clone())];
    let mut listeners = Listeners { channels, sinks: Vec::new(), everyone: Some(all.into_iter().collect()) };
    let told = |listeners: &Listeners, scene: &Scene| {
        let judged = judge(scene);
        let each = judged.holds.iter().flat_map(|condition| listeners.channels(condition));
        each.map(|channel| channel.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(told(&listeners, &of(failing(NOON, NOON, Remedy::Authorize), NOON)), ["acme", "all"]);
    let host = Scene { refused: vec!["detector `x` does not run".into()], ..of(collecting(NOON), NOON) };
    assert_eq!(told(&listeners, &host), ["all"]);
    listeners.everyone = None;
    assert_eq!(told(&listeners, &host), Vec::<String>::new(), "where nobody knows who hears of all, nobody does");
}

#[test]
fn a_health_event_has_the_shape_of_sumo_logics_own() {
    // From <https://help.sumologic.com/docs/manage/health-events/>.
    const SAMPLE: &str = r#"{"status":"UnHealthy","details":{"trackerId":"FileCollectionBroken","name":"Failed to find the file path",
        "description":"File collection is not working as expected because of invalid path."},"eventType":"Health-Change",
        "severityLevel":"Error","accountId":"0000000000000131","eventId":"39205436-7e16-4e2f-9f95-ef750e055d79",
        "eventName":"TrackerUnHealthy","eventTime":"2020-01-20T16:10:27.085Z","eventFormatVersion":"1.0","subsystem":"Collection",
        "resourceIdentity":{"collectorId":"000000000641A117","collectorName":"Sumo Logic","id":"000000000679181F",
        "name":"ops_zookeeper","type":"SourceResource"}}"#;
    fn keys(value: &serde_json::Value) -> Vec<String> {
        let Some(object) = value.as_object() else { return Vec::new() };
        let inner = |(key, value): (&String, &serde_json::Value)| {
            let below = keys(value).into_iter().map(|inner| format!("{key}.{inner}")).collect::<Vec<_>>();
            if below.is_empty() { vec![key.clone()] } else { below }
        };
        let mut all: Vec<String> = object.iter().flat_map(inner).collect();
        all.sort();
        all
    }
    let desk = Desk::new();
    desk.look(&of(failing(NOON, NOON, Remedy::Authorize), NOON));
    desk.look(&of(collecting(NOON.plus(MINUTE)), NOON.plus(MINUTE)));
    let lines = desk.store().outbox(&"sumo".parse().unwrap(), 10, 100_000).unwrap();
    let each: Vec<serde_json::Value> = lines.iter().map(|line| serde_json::from_str(&line.body).unwrap()).collect();
    let sample: serde_json::Value = serde_json::from_str(SAMPLE).unwrap();
    assert_eq!(each.len(), 2);
    for line in &each {
        assert_eq!(keys(line), keys(&sample));
        let lengths = |value: &serde_json::Value| ["eventId", "accountId", "eventTime"].map(|key| value[key].as_str().unwrap().len());
        assert_eq!(lengths(line), lengths(&sample), "{line}");
        assert_eq!(line["resourceIdentity"]["id"].as_str().unwrap().len(), 16);
    }
    let said = |line: &serde_json::Value| {
        [&line["status"], &line["severityLevel"], &line["eventName"]].map(|text| text.as_str().unwrap().to_owned())
    };
    assert_eq!(said(&each[0]), ["UnHealthy", "Error", "TrackerUnHealthy"]);
    assert_eq!(said(&each[1]), ["Healthy", "Info", "TrackerHealthy"]);
    assert_ne!(each[0]["eventId"], each[1]["eventId"]);
}

#[test]
fn of_the_heartbeats_that_wait_only_the_latest_leaves_and_of_states_the_latest_hundred() {
    let desk = Desk::new();
    let (store, sink) = (desk.store(), "sumo".parse::<SinkName>().unwrap());
    let line = |urgency, body: String| HealthLine { sink: sink.clone(), source: acme(), urgency, body };
    for number in 0..150 {
        let lines = [Urgency::State, Urgency::Heartbeat].map(|urgency| line(urgency, format!("{} {number}", urgency.as_str())));
        store.proclaim("state/acme", &number.to_string(), &lines).unwrap();
    }
    let left = store.outbox(&sink, 1000, 1_000_000).unwrap();
    assert_eq!(left.len(), 101);
    assert_eq!(left[0].body, "state 50");
    assert_eq!(
        left.iter().filter(|line| line.body.starts_with("heartbeat")).map(|line| line.body.as_str()).collect::<Vec<_>>(),
        ["heartbeat 149"]
    );
}
