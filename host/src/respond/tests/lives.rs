//! Every move in every state, and who may make it.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

fn in_state(state: State) -> Response {
    Response { state, step: Some(step(Effect::Repeatable)), ..automatic(Action::Suspend) }
}

fn states() -> [State; 7] {
    [
        State::Waiting(Wait::Cap),
        State::Pending,
        State::Running,
        State::Succeeded,
        State::Failed,
        State::Reverted(ResponseId(4)),
        State::Skipped,
    ]
}

fn trace() -> Option<Trace> {
    Some(Trace { at: NOON, request: "PATCH /users/{id}".into(), status: Some(204), request_id: None, code: None })
}

fn moves() -> [Move; 15] {
    [
        Move::Approve,
        Move::Reject("a train".into()),
        Move::Hold(Wait::Unknown, "nobody knows".into()),
        Move::Hold(Wait::Restored, "it may have been done".into()),
        Move::Resolved(account()),
        Move::Stepped(step(Effect::Once), trace()),
        Move::Begin,
        Move::Retry { unsure: false, why: "429".into(), trace: trace(), due: Instant(NOON.0 + 5) },
        Move::Succeed("disabled".into(), trace()),
        Move::Fail("403".into(), trace()),
        Move::Skip("a guest".into()),
        Move::Lapse("too old".into()),
        Move::Try("would disable it".into()),
        Move::Release("suspend failed".into()),
        Move::Revert(ResponseId(9)),
    ]
}

/// What each move makes of each state; nothing: it is illegal.
fn expected(state: &State, next: &Move) -> Option<&'static str> {
    let (open, idle) = (matches!(state, State::Pending | State::Running), matches!(state, State::Waiting(_)));
    match next {
        Move::Approve => (idle || *state == State::Skipped).then_some("pending"),
        Move::Reject(_) => (idle || *state == State::Pending).then_some("skipped"),
        Move::Hold(Wait::Restored, _) => (open || idle).then_some("waiting"),
        Move::Hold(..) => open.then_some("waiting"),
        Move::Resolved(_) | Move::Retry { .. } => open.then(|| state.as_str()),
        Move::Stepped(..) | Move::Begin => open.then_some("running"),
        Move::Succeed(..) => open.then_some("succeeded"),
        Move::Fail(..) => open.then_some("failed"),
        Move::Release(_) => None,
        Move::Skip(_) | Move::Lapse(_) | Move::Try(_) => open.then_some("skipped"),
        Move::Revert(_) => (*state == State::Succeeded).then_some("reverted"),
    }
}

/// Once it changed something it is brought to its end, whatever guards say by then; a read is not enough.
#[test]
fn it_has_acted_once_a_step_that_changes_something_was_taken() {
    let go = |response: &Response, next| after(response, &next, None, NOON).unwrap();
    let read = go(&in_state(State::Pending), Move::Stepped(step(Effect::Once), trace()));
    assert!(!read.acted);
    let begun = go(&read, Move::Begin);
    assert!(!go(&begun, Move::Retry { unsure: false, why: "429".into(), trace: trace(), due: NOON }).acted);
    assert!(go(&begun, Move::Stepped(step(Effect::Repeatable), trace())).acted);

    // Nor is what may have been done left half done: an answer was lost, or the host was stopped during the call.
    let begun = go(&in_state(State::Running), Move::Begin);
    let retry = |unsure| Move::Retry { unsure, why: "504".into(), trace: trace(), due: NOON };
    assert!(!go(&begun, retry(false)).acted && go(&begun, retry(true)).acted);
    let stopped = go(&begun, Move::Begin);
    assert!(go(&stopped, retry(false)).acted, "what the first call did is as unknown as before");
    let read = Response { step: Some(step(Effect::None)), ..in_state(State::Running) };
    assert!(!go(&read, retry(true)).acted, "to read changes nothing");
}

#[test]
fn every_move_in_every_state_is_legal_or_says_why_not() {
    for state in states() {
        for next in moves() {
            let before = in_state(state.clone());
            let done = after(&before, &next, Some("ann"), NOON);
            match (expected(&state, &next), done) {
                (Some(expected), Ok(after)) => {
                    assert_eq!(after.state.as_str(), expected, "{state:?} {next:?}");
                    assert_eq!((after.revision, after.changed), (1, NOON), "{state:?} {next:?}");
                    assert!(!after.state.is_final() || matches!(next, Move::Revert(_)) || after.due == Instant::FAR, "{state:?} {next:?}");
                }
                (None, Err(why)) => assert!(why.to_string().contains("response 3"), "{state:?} {next:?}: {why}"),
                (expected, done) => panic!("{state:?} {next:?}: {expected:?} and {done:?}"),
            }
        }
    }
}

#[test]
fn only_a_person_approves_and_rejects() {
    for who in [None, Some("")] {
        let waiting = in_state(State::Waiting(Wait::Approval));
        assert_eq!(after(&waiting, &Move::Approve, who, NOON).unwrap_err().to_string(), "only a person approves");
        assert_eq!(after(&waiting, &Move::Reject("no".into()), who, NOON).unwrap_err().to_string(), "only a person rejects");
    }
}

#[test]
fn an_approval_is_noted_and_is_not_automatic_any_more() {
    let waiting = Response { due: Instant::FAR, outcome: Some("held".into()), ..in_state(State::Waiting(Wait::Cap)) };
    let approved = after(&waiting, &Move::Approve, Some("ann"), NOON).unwrap();
    assert_eq!(approved.approvals, [Approval { who: "ann".into(), at: NOON }]);
    assert!(waiting.is_automatic() && !approved.is_automatic());
    assert_eq!((approved.due, approved.outcome), (NOON, None));
}

#[test]
fn two_people_are_two_people() {
    let waiting = Response { wants: 2, ..in_state(State::Waiting(Wait::Approval)) };
    let once = after(&waiting, &Move::Approve, Some("ann"), NOON).unwrap();
    assert_eq!(once.state, State::Waiting(Wait::FourEyes));
    let again = after(&once, &Move::Approve, Some("ann"), NOON).unwrap_err().to_string();
    assert!(again.contains("somebody else than ann"), "{again}");
    assert_eq!(after(&once, &Move::Approve, Some("bob"), NOON).unwrap().state, State::Pending);
}

#[test]
fn who_asks_under_four_eyes_cannot_approve() {
    let asked = Order { four_eyes: true, ..order(Action::Suspend, "ann") }.response(NOON);
    assert_eq!(asked.state, State::Waiting(Wait::FourEyes));
    after(&asked, &Move::Approve, Some("ann"), NOON).unwrap_err();
    assert_eq!(after(&asked, &Move::Approve, Some("bob"), NOON).unwrap().state, State::Pending);

    // Not even by way of a dry run or a rejection.
    let tried = Order { four_eyes: true, dry_run: true, ..order(Action::Suspend, "ann") }.response(NOON);
    assert_eq!(tried.state, State::Pending, "to try it out takes nobody");
    let skipped = after(&tried, &Move::Skip("would disable it".into()), None, NOON).unwrap();
    let rejected = after(&asked, &Move::Reject("no".into()), Some("ann"), NOON).unwrap();
    after(&rejected, &Move::Approve, Some("ann"), NOON).unwrap_err();
    // To want to look is not to want it done: it takes two who do, in whatever order.
    assert_eq!(tried.approvals, []);
    for (first, second) in [("ann", "bob"), ("bob", "ann"), ("bob", "carol")] {
        let once = after(&skipped, &Move::Approve, Some(first), NOON).unwrap();
        assert_eq!(once.state, State::Waiting(Wait::FourEyes), "{first}");
        after(&once, &Move::Approve, Some(first), NOON).unwrap_err();
        let earnest = after(&once, &Move::Approve, Some(second), NOON).unwrap();
        assert_eq!((earnest.people(), earnest.state, earnest.dry_run), (2, State::Pending, false), "{first} {second}");
    }
}

/// A policy made it, or a person ordered it, before four eyes were turned on.
#[test]
fn what_is_held_for_a_second_person_takes_one() {
    let hold = Move::Hold(Wait::FourEyes, "a second person has to".into());
    let go = |response: &Response, next: &Move, who| after(response, next, who, NOON);
    let waiting = Response { wants: 1, ..in_state(State::Waiting(Wait::Cap)) };
    let made = go(&waiting, &Move::Approve, Some("ann")).unwrap();
    for one in [made, order(Action::Suspend, "ann").response(NOON)] {
        assert_eq!(one.state, State::Pending);
        let held = go(&one, &hold, None).unwrap();
        assert_eq!((held.wants, held.people(), held.state.clone()), (2, 1, State::Waiting(Wait::FourEyes)));
        go(&held, &Move::Approve, Some("ann")).unwrap_err();
        let both = go(&held, &Move::Approve, Some("bob")).unwrap();
        assert_eq!((both.people(), both.state), (2, State::Pending));
    }

    // To want to look is not to want it done.
    let tried = Order { dry_run: true, ..order(Action::Suspend, "ann") }.response(NOON);
    let skipped = go(&tried, &Move::Try("would disable it".into()), None).unwrap();
    let held = go(&go(&skipped, &Move::Approve, Some("bob")).unwrap(), &hold, None).unwrap();
    assert_eq!(held.approvals.iter().map(|each| each.who.as_str()).collect::<Vec<_>>(), ["bob"]);
}

#[test]
fn one_person_is_one_whatever_users_they_act_as() {
    let ann = ["ann", "ann as root", "ann as miro-source"];
    for asks in ann {
        let asked = Order { four_eyes: true, ..order(Action::Suspend, asks) }.response(NOON);
        let waiting = Response { wants: 2, ..in_state(State::Waiting(Wait::Approval)) };
        let once = after(&waiting, &Move::Approve, Some(asks), NOON).unwrap();
        // By way of a rejection too.
        let rejected = after(&asked, &Move::Reject("no".into()), Some("cid"), NOON).unwrap();
        for before in [asked, once, rejected] {
            for again in ann {
                let why = after(&before, &Move::Approve, Some(again), NOON).unwrap_err().to_string();
                assert!(why.contains("somebody else than ann"), "{why}");
            }
            assert_eq!(after(&before, &Move::Approve, Some("bob as miro-source"), NOON).unwrap().state, State::Pending);
        }
    }
}

#[test]
fn whom_nobody_can_tell_from_others_is_not_one_of_two_and_enough_where_one_is() {
    for nobody in ["somebody as miro-source", "somebody as root", "root", "uid 65532"] {
        let waiting = Response { wants: 2, ..in_state(State::Waiting(Wait::Approval)) };
        let asked = Order { four_eyes: true, ..order(Action::Suspend, nobody) }.response(NOON);
        for before in [&waiting, &asked] {
            let why = after(before, &Move::Approve, Some(nobody), NOON).unwrap_err().to_string();
            assert!(why.contains(&format!("which person {nobody} is")) && why.contains("log in as yourself"), "{why}");
            let once = after(before, &Move::Approve, Some("ann"), NOON).unwrap();
            assert_eq!(once.state, State::Waiting(Wait::FourEyes), "{nobody} asked, or nobody did");
            assert_eq!(after(&once, &Move::Approve, Some("bob"), NOON).unwrap().state, State::Pending);
        }
        let alone = after(&Response { wants: 1, ..waiting }, &Move::Approve, Some(nobody), NOON).unwrap();
        assert_eq!((alone.state, alone.approvals[0].who.as_str()), (State::Pending, nobody));
    }
}

#[test]
fn a_rejection_takes_the_approvals_with_it() {
    let waiting = Response { wants: 2, ..in_state(State::Waiting(Wait::Approval)) };
    let once = after(&waiting, &Move::Approve, Some("ann"), NOON).unwrap();
    let rejected = after(&once, &Move::Reject("a train".into()), Some("carol"), NOON).unwrap();
    assert_eq!(rejected.outcome.as_deref(), Some("rejected by carol: a train"));
    let after_all = after(&rejected, &Move::Approve, Some("bob"), NOON).unwrap();
    assert_eq!(after_all.state, State::Waiting(Wait::FourEyes), "two anew");
}

/// Two wanted it and a guard skipped it; whoever asked wants it after all, rejects it, and wants it again: that is one person.
#[test]
fn whoever_approves_again_is_one_person_still() {
    let go = |response: &Response, next, who| after(response, &next, who, NOON);
    let asked = Order { four_eyes: true, ..order(Action::Suspend, "ann") }.response(NOON);
    let approved = go(&asked, Move::Approve, Some("bob")).unwrap();
    let skipped = go(&approved, Move::Skip("a guest".into()), None).unwrap();
    let again = go(&skipped, Move::Approve, Some("ann")).unwrap();
    assert_eq!(again.approvals.iter().map(|each| each.who.as_str()).collect::<Vec<_>>(), ["bob", "ann"]);
    let rejected = go(&again, Move::Reject("a train".into()), Some("ann")).unwrap();
    go(&rejected, Move::Approve, Some("ann")).unwrap_err();
    assert_eq!(go(&rejected, Move::Approve, Some("bob")).unwrap().state, State::Pending);

    // Nor where a store of an earlier version noted it twice.
    let twice = ["ann", "ann"].map(|who| Approval { who: who.into(), at: NOON }).to_vec();
    let noted = Response { approvals: twice, ..rejected };
    go(&noted, Move::Approve, Some("ann")).unwrap_err();
}

#[test]
fn what_enough_people_wanted_goes_on_after_a_restore_when_one_of_them_says_so() {
    let both = ["ann", "bob"].map(|who| Approval { who: who.into(), at: NOON });
    let held = Response { wants: 2, approvals: both.to_vec(), ..in_state(State::Waiting(Wait::Restored)) };
    assert_eq!(after(&held, &Move::Approve, Some("ann"), NOON).unwrap().state, State::Pending);
}

#[test]
fn what_waits_after_a_restore_waits_for_as_many_as_before() {
    let waiting = Response { wants: 2, ..in_state(State::Waiting(Wait::Approval)) };
    let once = after(&waiting, &Move::Approve, Some("ann"), NOON).unwrap();
    let held = after(&once, &Move::Hold(Wait::Restored, "it may have been done".into()), None, NOON).unwrap();
    assert_eq!((&held.state, held.wants, &held.approvals), (&State::Waiting(Wait::Restored), 2, &once.approvals));
    after(&held, &Move::Approve, Some("ann"), NOON).unwrap_err();
    assert_eq!(after(&held, &Move::Approve, Some("bob"), NOON).unwrap().state, State::Pending);
}

#[test]
fn what_was_skipped_can_be_approved_unless_a_step_of_it_began() {
    let skipped = Response { dry_run: true, outcome: Some("too old".into()), ..in_state(State::Skipped) };
    let approved = after(&skipped, &Move::Approve, Some("ann"), NOON).unwrap();
    assert_eq!((approved.state, approved.dry_run, approved.outcome), (State::Pending, false, None));

    let begun = after(&in_state(State::Running), &Move::Begin, None, NOON).unwrap();
    // A later step of it was next when it was skipped.
    let further = after(&begun, &Move::Stepped(step(Effect::Once), None), None, NOON).unwrap();
    for begun in [begun, further] {
        let skipped = after(&begun, &Move::Skip("the account is gone".into()), None, NOON).unwrap();
        let why = after(&skipped, &Move::Approve, Some("ann"), NOON).unwrap_err().to_string();
        assert!(why.contains("begun before it was skipped"), "{why}");
    }
}

#[test]
fn what_is_contained_is_released_once_and_a_person_needs_no_release() {
    let contained = Response { within: Some(Action::Suspend), due: Instant::FAR, ..automatic(Action::SignOut) };
    let released = after(&contained, &Move::Release("suspend failed".into()), None, NOON).unwrap();
    assert_eq!((released.state.clone(), released.within, released.due), (State::Pending, None, NOON));
    after(&released, &Move::Release("again".into()), None, NOON).unwrap_err();
    let rejected = after(&contained, &Move::Reject("no".into()), Some("ann"), NOON).unwrap();
    after(&rejected, &Move::Release("suspend failed".into()), None, NOON).unwrap_err();
    let approved = after(&rejected, &Move::Approve, Some("ann"), NOON).unwrap();
    assert_eq!((approved.within, approved.due), (None, NOON));
}

#[test]
fn what_becomes_of_it_depends_on_the_stronger_one() {
    let next = |state: State, by: Option<&Move>| settled(&in_state(state), by);
    for state in [State::Pending, State::Running] {
        assert_eq!(next(state, None), None);
    }
    assert!(matches!(next(State::Succeeded, None), Some(Move::Skip(why)) if why == "contained in suspend (response 3), which was done"));
    assert!(matches!(next(State::Skipped, Some(&Move::Try(String::new()))), Some(Move::Skip(_))));
    for state in [State::Skipped, State::Failed, State::Waiting(Wait::Cap), State::Reverted(ResponseId(4))] {
        assert!(matches!(next(state.clone(), None), Some(Move::Release(_))), "{state:?}");
    }
}

/// An alert of Friday that is approved on Monday has a day from then on, and an account that is disabled gets its sessions ended.
#[test]
fn what_fails_is_given_up_a_day_after_it_was_wanted_and_never_half_done() {
    let day = 24 * 3_600_000;
    let failed = Response { attempts: 1, made: NOON, ..in_state(State::Running) };
    let given_up = |response: &Response, after: u64| response.is_given_up(Instant(NOON.0 + after));
    assert!(!given_up(&failed, day) && given_up(&failed, day + 1));
    assert!(!given_up(&Response { attempts: 0, ..failed.clone() }, 9 * day), "it waited for its turn");
    let approvals = [0, 3 * day].map(|after| Approval { who: "ann".into(), at: Instant(NOON.0 + after) }).to_vec();
    let approved = Response { approvals, ..failed.clone() };
    assert!(!given_up(&approved, 4 * day) && given_up(&approved, 4 * day + 1));
    assert!(!given_up(&Response { acted: true, ..failed }, 9 * day));
}

#[test]
fn what_is_done_once_is_not_begun_twice() {
    let ready = Response { step: Some(step(Effect::Once)), ..in_state(State::Running) };
    let begun = after(&ready, &Move::Begin, None, NOON).unwrap();
    assert_eq!((begun.step.as_ref().unwrap().begun, begun.begun), (true, Some(NOON)));
    let why = after(&begun, &Move::Begin, None, NOON).unwrap_err().to_string();
    assert!(why.contains("nobody knows whether this was done: disable the account"), "{why}");
    // Surely not done: once more.
    let retry = Move::Retry { unsure: false, why: "429".into(), trace: None, due: NOON };
    let again = after(&begun, &retry, None, NOON).unwrap();
    assert_eq!(again.attempts, 1);
    after(&again, &Move::Begin, None, NOON).unwrap();
    // What may be repeated is.
    let begun = after(&in_state(State::Running), &Move::Begin, None, NOON).unwrap();
    after(&begun, &Move::Begin, None, NOON).unwrap();
}

#[test]
fn reading_begins_nothing() {
    let reading = Response { step: Some(step(Effect::None)), ..in_state(State::Running) };
    assert_eq!(after(&reading, &Move::Begin, None, NOON).unwrap().begun, None);
}

#[test]
fn the_latest_answers_are_kept() {
    let mut response = in_state(State::Running);
    for at in 0..30 {
        let trace = Trace { at: Instant(at), request: String::new(), status: None, request_id: None, code: None };
        response = after(&response, &Move::Stepped(step(Effect::None), Some(trace)), None, NOON).unwrap();
    }
    assert_eq!((response.traces.len(), response.traces[0].at, response.revision), (20, Instant(10), 30));
}

proptest! {
    #[test]
    fn whatever_happens_two_pairs_of_eyes_saw_it_and_the_unknown_is_not_repeated(
        steps in vec((select(moves().to_vec()), select(vec![None, Some("ann"), Some("ann as root"), Some("bob as root"), Some("somebody as root")])), 0..40),
        dry_run in any::<bool>(),
        asked in any::<bool>(),
    ) {
        let mut response = match asked {
            true => Order { four_eyes: true, dry_run, ..order(Action::Suspend, "ann") }.response(NOON),
            false => {
                let found = found("travel", "eve");
                let reaction = Reaction { approvals: 2, dry_run, ..reaction(Action::Suspend) };
                reacted(&[reaction], made(&found, Fate::Raised(AlertId(7)))).remove(0)
            }
        };
        let mut open = false;
        for (next, who) in steps {
            let Ok(next_one) = after(&response, &next, who, NOON) else { continue };
            prop_assert_eq!(next_one.revision, response.revision + 1);
            prop_assert!(next_one.begun.is_some() || response.begun.is_none(), "what may have happened is not forgotten");
            match &next {
                Move::Begin => {
                    let once = response.step.as_ref().is_some_and(|step| step.effect == Effect::Once);
                    prop_assert!(!(once && open), "begun twice");
                    open = once;
                }
                Move::Stepped(..) | Move::Retry { .. } => open = false,
                _ => {}
            }
            let people: std::collections::BTreeSet<&str> = next_one.approvals.iter().filter_map(|each| person(&each.who)).collect();
            let on_its_way = matches!(next_one.state, State::Pending | State::Running | State::Succeeded);
            prop_assert!(!on_its_way || next_one.dry_run || people.len() == 2, "{:?}", next_one.approvals);
            if response.state.is_final() {
                let ways = matches!((&response.state, &next), (State::Succeeded, Move::Revert(_)) | (State::Skipped, Move::Approve));
                prop_assert!(ways, "{:?} was left by {:?}", response.state, next);
            }
            response = next_one;
        }
    }
}
