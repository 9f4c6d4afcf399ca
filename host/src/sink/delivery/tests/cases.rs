//! Single stories, each with its name.

use super::*;

#[tokio::test]
async fn live_goes_before_late_before_history_and_sources_take_turns() {
    let mut world = World::new();
    let old = world.store(0, Lane::History, 1);
    let late = world.store(1, Lane::Late, 1);
    let live = [world.store(0, Lane::Live, 17), world.store(1, Lane::Live, 1)];
    world.until_idle().await;
    let expected = [&live[0][..16], &live[1], &live[0][16..], &late, &old].concat();
    assert_eq!(world.taken(), expected);
}

#[tokio::test]
async fn i3_the_cursor_moves_only_after_acceptance() {
    let mut world = World::new();
    let seqs = world.store(0, Lane::Live, 3);
    world.far().script = [Turn::Retry, Turn::Pause, Turn::Ambiguous(3)].into();
    for _ in 0..3 {
        let Some(Next::At(at)) = world.step().await else { panic!("it waits") };
        assert_eq!(world.store.cursor(&name(), &sources()[0], Lane::Live).unwrap(), Seq(0));
        assert_eq!(world.step().await, Some(Next::At(at)), "it does not try before its time");
        world.clock.step_to(at);
    }
    world.until_idle().await;
    assert_eq!(world.store.cursor(&name(), &sources()[0], Lane::Live).unwrap(), seqs[2]);
}

#[tokio::test]
async fn a_single_refused_event_is_parked_once_others_of_its_batch_were_accepted() {
    let mut world = World::new();
    let first = world.store(0, Lane::Live, 1);
    world.far().poison = first.iter().copied().collect();
    world.during(Duration::from_secs(3600)).await;
    assert!(world.parked().is_empty() && matches!(world.state(), State::Down(_)), "alone, it proves nothing");
    let others = world.store(0, Lane::Live, 20);
    world.until_idle().await;
    assert_eq!(world.parked(), first);
    assert_eq!(world.taken(), others);
    assert_eq!(world.state(), State::Idle);
}

#[tokio::test]
async fn a_wrong_header_parks_nothing_and_is_not_hammered() {
    let mut world = World::new();
    let seqs = world.store(0, Lane::Live, 16);
    world.far().poison = seqs.iter().copied().collect();
    world.during(Duration::from_secs(6 * 3600)).await;
    assert!(world.parked().is_empty() && world.taken().is_empty());
    assert!(matches!(world.state(), State::Down(down) if down.reason.contains("everything is refused")));
    assert!(world.far().attempts < 400, "{} attempts in six hours", world.far().attempts);
    world.far().poison.clear();
    world.until_idle().await;
    let taken: BTreeSet<Seq> = world.taken().into_iter().collect();
    assert_eq!((taken, world.taken().len()), (world.all.clone(), 16));
}

#[tokio::test]
async fn after_three_parked_the_sink_is_down_until_it_accepts_the_fourth() {
    let mut world = World::new();
    let seqs = world.store(0, Lane::Live, 40);
    world.far().poison = seqs.iter().copied().step_by(8).collect();
    world.during(Duration::from_secs(3600)).await;
    assert_eq!(world.parked(), [seqs[0], seqs[8], seqs[16]]);
    assert!(matches!(world.state(), State::Down(down) if down.reason.contains("three events")));
    assert_eq!(world.taken().last(), Some(&seqs[23]), "nothing passes the one that is held");
    world.far().poison.clear();
    world.until_idle().await;
    assert_eq!(world.taken().len(), 37);
    assert_eq!(world.parked().len(), 3);
}

#[tokio::test]
async fn a_parked_event_is_tried_again_when_asked_and_not_before() {
    let mut world = World::new();
    let seqs = world.store(0, Lane::Live, 5);
    world.far().poison = [seqs[2]].into();
    world.until_idle().await;
    assert_eq!(world.parked(), [seqs[2]]);
    world.store.retry_parked(None, Some(seqs[2])).unwrap();
    world.until_idle().await;
    assert!(!world.store.parked().unwrap()[0].retry, "refused again: it waits for a person again");
    world.far().poison.clear();
    world.until_idle().await;
    assert_eq!(world.parked(), [seqs[2]]);
    world.store.retry_parked(None, None).unwrap();
    world.until_idle().await;
    assert!(world.parked().is_empty());
    assert_eq!(world.taken().last(), Some(&seqs[2]));
}

#[tokio::test]
async fn parked_events_are_tried_again_together_and_those_that_are_refused_still_are_found() {
    let mut world = World::new();
    let seqs = world.store(0, Lane::Live, 200);
    world.until_idle().await;
    world.again(&seqs);
    let poison = [seqs[0], seqs[1], seqs[2], seqs[120], seqs[199]];
    world.far().poison = poison.into();
    let before = std::mem::take(&mut world.far().attempts);
    world.until_idle().await;
    assert_eq!(world.parked(), poison);
    assert!(world.store.parked().unwrap().iter().all(|parked| !parked.retry));
    assert_eq!(world.taken().len(), 200 + 195);
    assert!(world.taken()[200..].is_sorted());
    let attempts = world.far().attempts;
    assert!(attempts < 60, "{attempts} attempts, {before} for all of them before");
}

#[tokio::test]
async fn i8_parked_events_that_a_sink_refuses_with_everything_else_stay_to_be_tried_again() {
    let mut world = World::new();
    let seqs = world.store(0, Lane::Live, 200);
    world.until_idle().await;
    world.again(&seqs);
    world.far().poison = seqs.iter().copied().collect();
    world.far().attempts = 0;
    world.during(Duration::from_secs(6 * 3600)).await;
    assert!(matches!(world.state(), State::Down(down) if down.reason.contains("everything is refused")));
    assert!(world.far().attempts < 400, "{} attempts in six hours", world.far().attempts);
    let retry = |world: &World| world.store.parked().unwrap().iter().filter(|parked| parked.retry).count();
    assert_eq!((world.parked().len(), retry(&world)), (200, 193));
    world.far().poison.clear();
    world.until_idle().await;
    assert_eq!((world.parked().len(), retry(&world), world.state()), (7, 0, State::Idle));
}

#[tokio::test]
async fn a_far_side_with_a_small_limit_gets_small_batches() {
    let mut world = World::new();
    let seqs = world.store(0, Lane::Live, 64);
    world.far().most = Some(60);
    world.until_idle().await;
    assert_eq!(world.taken(), seqs);
    assert!(world.parked().is_empty());
    assert!(world.far().attempts < 50, "{} attempts", world.far().attempts);
}

#[tokio::test]
async fn an_event_that_is_too_large_alone_is_parked() {
    let mut world = World::new();
    let seqs = world.store(0, Lane::Live, 1);
    world.far().most = Some(1);
    world.until_idle().await;
    assert_eq!(world.parked(), seqs);
}

#[tokio::test]
async fn an_event_that_cannot_be_converted_is_parked_and_a_converter_that_fails_is_tried_again() {
    let failures = Arc::new(Mutex::new(2));
    let convert: Convert = Arc::new(move |_, records| {
        let mut failures = failures.lock().unwrap();
        if *failures > 0 {
            *failures -= 1;
            return Box::pin(future::ready(Err("the component trapped".to_owned())));
        }
        let made = records.iter().map(|record| if record.contains("id-1\"") { Err("odd".to_owned()) } else { line("{}") });
        Box::pin(future::ready(Ok(made.collect())))
    });
    let mut world = World::with(Lines::Converted(convert));
    let seqs = world.store(0, Lane::Live, 3);
    world.until_idle().await;
    assert_eq!(world.taken(), [seqs[0], seqs[2]]);
    assert_eq!(world.parked(), [seqs[1]]);
}

#[tokio::test]
async fn the_state_is_published_and_noted() {
    let mut world = World::new();
    let mut status = world.worker.status();
    world.store(0, Lane::Live, 1);
    world.far().script = [Turn::Pause].into();
    let noted = |world: &World| serde_json::from_str::<Status>(&world.store.notes("sink/sumo").unwrap()[0].1).unwrap();
    world.step().await;
    assert!(matches!(&status.borrow_and_update().state, State::Paused(trouble) if trouble.reason == "scripted"));
    assert!(matches!(noted(&world).state, State::Paused(_)));
    world.until_idle().await;
    let last = noted(&world);
    assert_eq!((last.state, last.accepted, last.attempts), (State::Idle, 1, 2));
    assert!(last.last_accepted.is_some());
}

#[tokio::test]
async fn the_loop_sleeps_until_woken_and_ends_on_shutdown() {
    let mut world = World::new();
    let (shutdown, wake) = (CancellationToken::new(), Arc::new(Notify::new()));
    let fresh = worker(&world.store, &world.clock, &world.far, &world.crash, &world.lines);
    let mut status = fresh.status();
    let running = tokio::spawn(fresh.run(shutdown.clone(), Arc::clone(&wake)));
    for round in 1..=3 {
        world.store(0, Lane::Live, 1);
        wake.notify_one();
        status.wait_for(|status| status.accepted == round).await.unwrap();
    }
    shutdown.cancel();
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn after_an_outage_live_goes_first_then_late_then_history_across_all_sources() {
    let mut world = World::new();
    world.far().script = std::iter::repeat_n(Turn::Retry, 40).collect();
    for lane in [Lane::History, Lane::Late, Lane::Live] {
        for source in [0, 1] {
            world.store(source, lane, 40);
        }
    }
    world.until_idle().await;
    let lanes: Vec<Lane> = world.far().taken.iter().map(|(_, lane, _)| *lane).collect();
    let expected: Vec<Lane> = Lane::ALL.into_iter().flat_map(|lane| std::iter::repeat_n(lane, 80)).collect();
    assert_eq!(lanes, expected, "whatever came first");
    assert_eq!(world.taken().into_iter().collect::<BTreeSet<_>>(), world.all);
}

#[tokio::test]
async fn a_rate_spreads_a_backlog_over_minutes_and_what_is_live_overtakes_it() {
    let mut world = World::new();
    let history = world.store(0, Lane::History, 200);
    // Each line has 15 to 17 bytes: some 3,300 in all, of which history may send 750 a minute.
    world.worker = worker(&world.store, &world.clock, &world.far, &world.crash, &world.lines).within(Allowance::of(Some(1_000)));
    let began = world.clock.now();
    world.during(Duration::from_secs(61)).await;
    let sent = world.far().taken.len();
    assert!((40..150).contains(&sent), "{sent} of 200 in the first minute and a moment");
    let live = world.store(1, Lane::Live, 3);
    // Nobody waits for the next minute: a quarter of this one was left.
    world.step().await;
    assert_eq!(world.taken().last(), live.last());
    world.until_idle().await;
    let took = world.clock.now().since(began);
    assert!(took >= Duration::from_secs(180) && took <= Duration::from_secs(400), "{took:?}");
    assert_eq!(world.taken().len(), history.len() + live.len());
}
