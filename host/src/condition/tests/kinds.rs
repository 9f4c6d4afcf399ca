//! Each kind begins once, gets worse once a step, and ends once, whatever process looks.

use super::*;
use crate::{
    model::Lane,
    notify,
    store::{Backlog, Outbox, StoredGap},
};

fn sink_scene(now: Instant, state: sink::State, oldest: Option<Instant>) -> Scene {
    let name: SinkName = "sumo".parse().unwrap();
    let backlog = |lane, events, oldest| Backlog { sink: name.clone(), source: acme(), lane, events, oldest };
    let waiting = u64::from(oldest.is_some());
    let sink = SinkScene {
        name: name.clone(),
        sources: vec![acme()],
        status: Some(sink::Status { state, ..idle() }),
        // A backfill takes as long as it takes.
        backlog: vec![backlog(Lane::Live, waiting, oldest), backlog(Lane::History, 1_000_000, Some(Instant(1)))],
        alerts: None,
        outbox: Outbox::default(),
    };
    Scene { sinks: vec![sink], ..of(collecting(now), now) }
}

fn trouble(since: Instant) -> sink::Trouble {
    sink::Trouble { since, reason: "answered 401".into(), next: since }
}

#[test]
fn i2_a_source_that_needs_a_person_begins_at_once_and_is_over_when_it_collects() {
    let at = |minutes: u32| NOON.plus(MINUTE * minutes);
    let starting = |minutes| {
        let mut source = collecting(at(minutes));
        source.status = source.status.map(|status| Status { state: State::Started, ..status });
        of(source, at(minutes))
    };
    let scenes = [
        of(collecting(at(0)), at(0)),
        of(failing(at(1), at(1), Remedy::Authorize), at(1)),
        // A restart: nobody knows yet.
        starting(2),
        of(failing(at(3), at(3), Remedy::Authorize), at(3)),
        of(collecting(at(4)), at(4)),
        of(failing(at(5), at(5), Remedy::Configure), at(5)),
        of(collecting(at(6)), at(6)),
    ];
    assert_eq!(course(scenes), ["begins source/acme", "ends source/acme", "begins source/acme", "ends source/acme"]);
}

#[test]
fn what_may_heal_by_itself_is_told_after_ten_minutes_and_worse_when_it_needs_a_person() {
    let at = |minutes: u32| NOON.plus(MINUTE * minutes);
    let scenes = [
        of(failing(at(1), at(0), Remedy::Wait), at(1)),
        of(collecting(at(2)), at(2)),
        of(failing(at(11), at(3), Remedy::Wait), at(11)),
        of(failing(at(14), at(3), Remedy::Wait), at(14)),
        of(failing(at(15), at(3), Remedy::Configure), at(15)),
        of(collecting(at(16)), at(16)),
    ];
    assert_eq!(course(scenes), ["begins source/acme", "worse source/acme", "ends source/acme"]);
}

#[test]
fn a_sink_that_needs_a_person_and_events_that_wait_for_fifteen_minutes_are_two_things() {
    let at = |minutes: u32| NOON.plus(MINUTE * minutes);
    let scenes = [
        sink_scene(at(0), sink::State::Retrying(trouble(at(0))), Some(at(0))),
        sink_scene(at(15), sink::State::Retrying(trouble(at(0))), Some(at(0))),
        sink_scene(at(16), sink::State::Retrying(trouble(at(0))), Some(at(0))),
        sink_scene(at(17), sink::State::Paused(trouble(at(0))), Some(at(0))),
        // Between two tries, and delivering the first of what waited.
        sink_scene(at(18), sink::State::Retrying(trouble(at(0))), Some(at(0))),
        sink_scene(at(19), sink::State::Delivering, Some(at(1))),
        sink_scene(at(20), sink::State::Idle, None),
    ];
    assert_eq!(course(scenes), ["begins undelivered/sumo/acme", "begins sink/sumo", "ends sink/sumo", "ends undelivered/sumo/acme"]);
}

#[test]
fn a_sink_whose_alerts_stand_still_or_were_refused_needs_a_person_too() {
    let scene = |minutes: u32, alerts: sink::State, waiting, refused| {
        let mut scene = sink_scene(NOON.plus(MINUTE * minutes), sink::State::Idle, None);
        scene.sinks[0].alerts = Some(sink::Status { state: alerts, ..idle() });
        scene.sinks[0].outbox = Outbox { waiting, refused };
        scene
    };
    let stuck = || sink::State::Paused(trouble(NOON));
    let scenes = [
        scene(0, sink::State::Idle, 0, 0),
        scene(1, stuck(), 2, 0),
        scene(2, sink::State::Retrying(trouble(NOON)), 2, 0),
        scene(3, sink::State::Idle, 0, 0),
        // Set aside, until they are sent again. One of them may have told of this.
        scene(4, sink::State::Idle, 0, 1),
        scene(5, sink::State::Idle, 0, 2),
        scene(6, stuck(), 1, 2),
        // A restart between two tries is no news.
        scene(7, sink::State::Retrying(trouble(NOON)), 1, 2),
        scene(8, stuck(), 1, 2),
        scene(9, sink::State::Idle, 0, 2),
        scene(10, sink::State::Idle, 0, 0),
    ];
    let (begins, worse, ends) = ("begins sink/sumo", "worse sink/sumo", "ends sink/sumo");
    assert_eq!(course(scenes), [begins, ends, begins, worse, ends]);
    let desk = Desk::new();
    desk.look(&scene(0, stuck(), 1, 2));
    let [open] = desk.open().try_into().unwrap();
    assert_eq!(
        open.condition.reasons,
        [
            "lines about alerts and health wait: answered 401",
            "it refused 2 lines about alerts and health; `miro-source parked retry --sink sumo` sends them again"
        ]
    );
}

#[test]
fn a_refresh_token_is_told_of_14_7_and_1_days_before_its_end_once_each() {
    let days = |day: u32| {
        let now = NOON.plus(DAY * day);
        let mut source = collecting(now);
        source.pair = Some(Pair { obtained: if day > 61 { now } else { NOON }, lasts: DAY * 60 });
        of(source, now)
    };
    let worse = || "worse refresh/acme".to_owned();
    let expected = ["begins refresh/acme".to_owned(), worse(), worse(), worse(), "ends refresh/acme".to_owned()];
    assert_eq!(course([1, 45, 46, 50, 53, 58, 59, 60, 61, 62].map(days)), expected);
    let desk = Desk::new();
    for day in [46, 53, 59] {
        desk.look(&days(day));
    }
    let [open] = desk.open().try_into().unwrap();
    assert_eq!(open.condition.title, "the refresh token of source acme is over within a day");
    assert_eq!(open.condition.severity, Severity::High);
}

#[test]
fn a_certificate_is_told_of_14_7_and_1_days_before_its_end_and_its_renewal_ends_that() {
    let days = |day: u32| {
        let ends = NOON.plus(if day > 60 { DAY * 400 } else { DAY * 60 });
        let expiry =
            Expiry { subject: "origin https://sumo".into(), ends, advice: "renew it".into(), concerns: Concerns::Sources(vec![acme()]) };
        Scene { certificates: vec![expiry], ..of(collecting(NOON.plus(DAY * day)), NOON.plus(DAY * day)) }
    };
    let key = "certificate/origin https://sumo";
    let expected = [format!("begins {key}"), format!("worse {key}"), format!("worse {key}"), format!("worse {key}"), format!("ends {key}")];
    assert_eq!(course([0, 46, 47, 53, 59, 60, 61].map(days)), expected);
}

#[test]
fn a_certificate_that_a_check_could_not_look_at_is_told_of_until_one_sees_another() {
    let subject = "origin https://sumo";
    let expiry = |days: u32| Expiry {
        subject: subject.into(),
        ends: NOON.plus(DAY * days),
        advice: "renew it".into(),
        concerns: Concerns::Sources(vec![acme()]),
    };
    let seen = |days: u32| Checked { certificates: vec![expiry(days)], ..Checked::default() };
    let unseen = || Checked { unseen: vec![subject.into()], ..Checked::default() };
    let mut checkup = Checkup { at: Some(NOON), ..Checkup::default() };
    let mut after = |hour: u32, checked: Checked| {
        let now = NOON.plus(HOUR * hour);
        checkup = checkup.after(checked, now);
        Scene { certificates: checkup.certificates.clone(), ..of(collecting(now), now) }
    };
    let scenes = [after(0, seen(10)), after(1, unseen()), after(2, unseen()), after(3, seen(10)), after(4, seen(400)), after(5, unseen())];
    assert_eq!(course(scenes), [format!("begins certificate/{subject}"), format!("ends certificate/{subject}")]);
    let scenes = [after(6, seen(10)), after(7, Checked::default())];
    let expected = [format!("begins certificate/{subject}"), format!("ends certificate/{subject}")];
    assert_eq!(course(scenes), expected, "nothing goes there any more");
}

#[test]
fn a_gap_that_grows_is_told_of_at_half_and_at_four_fifths_of_what_the_vendor_keeps() {
    let days = |day: u32| {
        let now = NOON.plus(DAY * day);
        let mut source = collecting(now);
        source.through = Some(if day > 80 { now } else { NOON });
        of(source, now)
    };
    assert_eq!(course([44, 45, 60, 72, 80, 81].map(days)), ["begins gap/acme", "worse gap/acme", "ends gap/acme"]);
}

#[test]
fn i1_what_was_not_read_is_told_of_until_it_is_filled_and_what_is_being_read_is_neither() {
    let gap = |id: i64, read: bool| {
        let (start, end) = (NOON.minus(DAY * 100), NOON.minus(DAY * 90));
        let found = NOON.plus(MINUTE * u32::try_from(id).unwrap());
        Lost { gap: StoredGap { id, source: acme(), start, end, cause: "older than it is kept".into(), found, filled: false }, read }
    };
    let scene = |minute: u32, lost: Vec<Lost>| {
        let now = NOON.plus(MINUTE * minute);
        of(SourceScene { lost, ..collecting(now) }, now)
    };
    let scenes = [
        scene(0, vec![gap(1, true)]),
        // That did not fill it.
        scene(1, vec![gap(1, false)]),
        scene(2, vec![gap(1, false), gap(2, false)]),
        // The first one grew: it is found anew.
        scene(3, vec![Lost { gap: StoredGap { id: 1, ..gap(3, false).gap }, read: false }, gap(2, false)]),
        scene(4, vec![gap(1, true), gap(2, true)]),
        scene(5, Vec::new()),
    ];
    assert_eq!(course(scenes.clone()), ["begins lost/acme", "worse lost/acme", "worse lost/acme", "ends lost/acme"]);
    let desk = Desk::new();
    desk.look(&scenes[1]);
    let [open] = desk.open().try_into().unwrap();
    assert_eq!(open.condition.severity, Severity::High);
    let expected = "nothing is stored from 2025-11-22T12:00:00.000Z to 2025-12-02T12:00:00.000Z: older than it is kept";
    assert_eq!(open.condition.reasons, [expected]);
    assert!(open.condition.advice.contains("`miro-source backfill --gaps --source acme`"));
}

#[test]
fn each_event_name_that_appears_is_news_and_mapping_them_ends_it() {
    let names = |minute: u32, names: &[&str]| {
        let now = NOON.plus(MINUTE * minute);
        let mut source = collecting(now);
        source.unmapped = names.iter().map(|name| (*name).to_owned()).collect();
        of(source, now)
    };
    let scenes = [
        names(0, &[]),
        names(1, &["a"]),
        names(2, &["a", "b"]),
        // One is mapped, and another one appears.
        names(3, &["a"]),
        names(4, &["a", "c"]),
        names(5, &[]),
    ];
    assert_eq!(course(scenes), ["begins names/acme", "worse names/acme", "worse names/acme", "ends names/acme"]);
}

#[test]
fn a_channel_that_fails_for_five_minutes_begins_and_is_over_when_it_was_told_something() {
    let at = |minutes: u32| NOON.plus(MINUTE * minutes);
    let scene = |minutes: u32, state, waiting| {
        let status = Some(notify::Status { state, said: None });
        let channel = ChannelScene { name: "soc".parse().unwrap(), sources: vec![acme()], status, waiting };
        Scene { channels: vec![channel], ..of(collecting(at(minutes)), at(minutes)) }
    };
    let retrying = || notify::State::Retrying { since: at(0), reason: "no answer".into() };
    let scenes = [
        scene(4, retrying(), 1),
        scene(5, retrying(), 1),
        // A restart.
        scene(6, notify::State::Idle, 1),
        scene(7, notify::State::Idle, 0),
    ];
    assert_eq!(course(scenes), ["begins channel/soc", "ends channel/soc"]);
}

#[test]
fn what_two_checks_in_a_row_find_is_told_and_a_clean_one_ends_it() {
    let finding = |text: &str| Finding {
        subject: "sink sumo".into(),
        text: text.into(),
        advice: Some("mend it".into()),
        concerns: Concerns::Sources(vec![acme()]),
        since: NOON,
    };
    let ran = |findings: &[Finding]| Checked { findings: findings.to_vec(), ..Checked::default() };
    let mut checkup = Checkup { at: Some(NOON), ..Checkup::default() };
    let mut scenes = Vec::new();
    for (hour, found) in [(1, vec![finding("no answer")]), (2, vec![]), (3, vec![finding("401")]), (4, vec![finding("401")]), (5, vec![])] {
        let now = NOON.plus(HOUR * hour);
        checkup = checkup.after(ran(&found), now);
        scenes.push(Scene { findings: checkup.confirmed.clone(), ..of(collecting(now), now) });
    }
    assert_eq!(course(scenes), ["begins check/sink sumo", "ends check/sink sumo"]);
}

#[test]
fn a_check_is_due_once_a_day_and_an_hour_after_one_that_found_something() {
    let fresh = Checkup::default();
    assert!(!fresh.is_due("a", NOON), "before it is known when the host began");
    let mut checkup = Checkup { at: Some(NOON), ..fresh };
    let mut runs = 0;
    for minute in 0..(7 * 24 * 60) {
        let now = NOON.plus(MINUTE * minute);
        if checkup.is_due("a", now) {
            runs += 1;
            checkup = checkup.after(Checked::default(), now);
        }
    }
    assert_eq!(runs, 7);
    let finding = Finding { subject: "x".into(), text: String::new(), advice: None, concerns: Concerns::Host, since: NOON };
    let failed = checkup.after(Checked { findings: vec![finding], ..Checked::default() }, NOON);
    assert!(!failed.is_due("a", NOON.plus(MINUTE * 59)) && failed.is_due("a", NOON.plus(HOUR)));
}

#[test]
fn what_does_not_run_is_told_until_all_of_it_runs() {
    let scene = |minute: u32, refused: &[&str]| {
        let now = NOON.plus(MINUTE * minute);
        Scene { refused: refused.iter().map(|text| (*text).to_owned()).collect(), ..of(collecting(now), now) }
    };
    assert_eq!(course([scene(0, &["detector `x` does not run"]), scene(1, &[])]), ["begins refused/host", "ends refused/host"]);
}

#[test]
fn what_stands_in_a_file_that_cannot_be_used_stays_as_it_was_and_everything_else_goes_on() {
    let beta = |now: Instant| {
        let mut source = failing(now, NOON, Remedy::Configure);
        source.name = "beta".parse().unwrap();
        source
    };
    let scene = |minute: u32, sources: &dyn Fn(Instant) -> Vec<SourceScene>, refused: &[&str]| {
        let now = NOON.plus(MINUTE * minute);
        let refused: Vec<String> = refused.iter().map(|text| (*text).to_owned()).collect();
        Scene { now, sources: sources(now), partial: !refused.is_empty(), refused, ..Scene::default() }
    };
    let broken = ["nothing of an included file runs: beta.toml:1:1: this is no TOML"];
    let scenes = [
        scene(0, &|now| vec![failing(now, NOON, Remedy::Configure), beta(now)], &[]),
        scene(1, &|now| vec![failing(now, NOON, Remedy::Configure)], &broken),
        scene(2, &|now| vec![collecting(now)], &broken),
        // It is mended, and there is no beta in it any more.
        scene(3, &|now| vec![collecting(now)], &[]),
    ];
    let expected =
        ["begins source/acme", "begins source/beta", "begins refused/host", "ends source/acme", "ends refused/host", "ends source/beta"];
    assert_eq!(course(scenes), expected);
}

#[test]
fn what_is_configured_no_more_is_over() {
    let gone = Scene { now: NOON.plus(MINUTE), ..Scene::default() };
    assert_eq!(course([of(failing(NOON, NOON, Remedy::Configure), NOON), gone]), ["begins source/acme", "ends source/acme"]);
}
