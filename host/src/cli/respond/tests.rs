//! What a person types and sees.

use super::{mail, order, revert, show, text, verify};
use crate::{
    alert::{
        AlertId, Severity, Who,
        tests::{NOON, alert, source},
    },
    config::{self, Config},
    control::{Reply, Request, perform},
    model::Instant,
    respond::{
        Account, Action, Approval, Cause, Changed, Head, Mail, Move, Order, Record, Response, ResponseId, Said, State, Switch, Switched,
        Trace, Wait,
    },
};

const ODD: &str = "Eve\u{1b}[2J\u{202e}\nroot";

fn order() -> Order {
    Order {
        source: source(),
        responder: "entra".parse().unwrap(),
        action: Action::Suspend,
        target: Who { email: Some("eve@example.com".into()), ..Who::default() },
        alert: Some(AlertId(7)),
        who: "ann".into(),
        why: "she called".into(),
        mail: None,
        dry_run: false,
        four_eyes: false,
        reverts: None,
    }
}

fn response() -> Response {
    Response { id: ResponseId(3), ..order().response(NOON) }
}

fn account() -> Account {
    Account {
        id: "a-1".into(),
        name: Some("Eve".into()),
        emails: vec!["eve@example.com".into()],
        enabled: Some(true),
        roles: Some(Vec::new()),
        last_administrator: false,
        obstacles: Vec::new(),
    }
}

fn read(text: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.toml");
    let source = "[[source]]\nname = \"acme\"\nallow = [\"https://api.miro.com\"]\n";
    std::fs::write(&path, format!("{source}{text}")).unwrap();
    config::load(&path).unwrap()
}

fn responder(name: &str, actions: &str) -> String {
    format!("[[responder]]\nname = \"{name}\"\ncomponent = \"builtin:miro\"\nactions = [{actions}]\nallow = [\"https://api.miro.com\"]\n")
}

#[test]
fn a_list_is_two_short_lines_a_response() {
    let mut waits = response();
    (waits.state, waits.dry_run) = (State::Waiting(Wait::Cap), true);
    waits.cause = Cause::Policy {
        policy: "impossible-travel".into(),
        alert: Some(AlertId(7)),
        key: "k".into(),
        title: "Impossible travel".into(),
        severity: Severity::High,
        newest: NOON,
    };
    waits.outcome = Some("3 suspensions happened by themselves within the hour, at most 3 may".into());
    assert_eq!(
        text::lines(&[response(), waits]),
        "     3  2026-03-01T12:00:00.000Z  suspend eve@example.com by entra: pending
        ann: she called (alert 7)
     3  2026-03-01T12:00:00.000Z  suspend eve@example.com by entra (dry run): waiting for approval: more than the cap
        impossible-travel: Impossible travel, high (alert 7); 3 suspensions happened by themselves within the hour, at most 3 may
"
    );
}

#[test]
fn whoever_approves_is_told_that_it_is_done_in_earnest_and_that_it_may_have_been_done_before() {
    let mut asked = response();
    assert_eq!(text::proposal(&asked), "suspend eve@example.com with entra (ann: she called (alert 7))");
    asked.dry_run = true;
    assert_eq!(text::proposal(&asked), "suspend eve@example.com in earnest with entra (ann: she called (alert 7))");
    (asked.dry_run, asked.state) = (false, State::Waiting(Wait::Restored));
    asked.outcome = Some("it may have been done\u{1b}[2J".into());
    let proposal = text::proposal(&asked);
    assert!(proposal.contains("(alert 7)); it may have been done") && !proposal.contains('\u{1b}'), "{proposal}");
}

#[test]
fn everything_about_one_is_shown_with_request_ids_and_who_did_what() {
    let mut done = response();
    done.account = Some(account());
    done.approvals = vec![Approval { who: "bob".into(), at: NOON }];
    done.traces = vec![Trace {
        at: NOON,
        request: "PATCH /users/{id}".into(),
        status: Some(403),
        request_id: Some("r-1".into()),
        code: Some("Authorization_RequestDenied".into()),
    }];
    (done.state, done.outcome) = (State::Failed, Some("the app may not".into()));
    let entry = |record, who: Option<&str>, change| show::Entry { record, at: NOON, who: who.map(str::to_owned), change };
    let history = vec![
        entry(1, Some("ann"), None),
        entry(2, Some("bob"), Some(Move::Approve)),
        entry(5, None, Some(Move::Fail("the app may not".into(), None))),
    ];
    let shown = show::read(&show::Shown { response: done, history });
    for expected in [
        "response 3: suspend eve@example.com",
        "why         ann: she called (alert 7)",
        "account     id a-1",
        "no administrative roles",
        "approved    1 of 1: bob on 2026-03-01T12:00:00.000Z",
        "PATCH /users/{id}: 403 Authorization_RequestDenied, request id r-1",
        "bob: approved (record 2)",
        "2026-03-01T12:00:00.000Z  failed: the app may not (record 5)",
    ] {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
}

#[test]
fn of_approvals_those_of_people_are_counted_where_it_takes_two() {
    let by = |who: &str| Approval { who: who.into(), at: NOON };
    for (wants, expected) in [(1, "approved    2 of 1: somebody as root on"), (2, "approved    1 of 2: somebody as root on")] {
        let approved = Response { wants, approvals: vec![by("somebody as root"), by("ann as miro-source")], ..response() };
        let shown = show::read(&show::Shown { response: approved, history: Vec::new() });
        assert!(shown.contains(expected), "{shown}");
    }
}

#[test]
fn nothing_of_what_others_wrote_acts_on_a_terminal() {
    let mut hostile = response();
    hostile.target = Who { email: Some(ODD.into()), name: Some(ODD.into()), ..Who::default() };
    let (name, emails, roles) = (Some(ODD.to_owned()), vec![ODD.to_owned()], Some(vec![ODD.to_owned()]));
    hostile.account = Some(Account { name, emails, roles, obstacles: vec![(Action::Suspend, ODD.into())], ..account() });
    hostile.mail = Some(Mail { subject: ODD.into(), text: ODD.into(), copies: vec![ODD.into()], manager: false });
    hostile.outcome = Some(ODD.into());
    hostile.traces = vec![Trace { at: NOON, request: ODD.into(), status: None, request_id: Some(ODD.into()), code: Some(ODD.into()) }];
    hostile.cause = Cause::Person { who: ODD.into(), why: ODD.into(), alert: None };
    let history = vec![show::Entry { record: 1, at: NOON, who: Some(ODD.into()), change: Some(Move::Reject(ODD.into())) }];
    for text in [text::lines(&[hostile.clone()]), show::read(&show::Shown { response: hostile.clone(), history })] {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
        assert!(!text.lines().any(|line| line.starts_with("root")), "{text}");
    }
    let line = Record::next(&Head::default(), &said(hostile)).unwrap().line();
    assert_eq!(crate::neutral::json(&line), line, "a line of the log is harmless as it was written");
}

#[test]
fn who_does_it_is_named_or_the_only_one_that_may() {
    let config = read(&format!("{}{}", responder("one", "\"sign-out\""), responder("two", "\"sign-out\", \"suspend\"")));
    let of = |name: Option<&str>, action| {
        let name = name.map(|name| name.parse().unwrap());
        order::doer(&config, &source(), name.as_ref(), action).map(|found| found.name.to_string()).map_err(|why| why.to_string())
    };
    assert_eq!(of(None, Action::Suspend).unwrap(), "two");
    assert_eq!(of(None, Action::Restore).unwrap(), "two", "restore comes with suspend");
    assert_eq!(of(Some("one"), Action::SignOut).unwrap(), "one");
    assert!(of(None, Action::SignOut).unwrap_err().contains("`--with` one of one, two"));
    assert!(of(Some("one"), Action::Suspend).unwrap_err().contains("may not do suspend"));
    assert!(of(None, Action::Notify).unwrap_err().contains("add \"notify\" to the `actions`"));
    let refused = order::enabled(&config).unwrap_err().to_string();
    assert!(refused.contains("enabled = true"), "{refused}");
    let tried = read("[respond]\nenabled = true\n");
    order::enabled(&tried).unwrap();
    assert!(order::earnest(&tried, false).unwrap_err().to_string().contains("--really"));
    order::earnest(&tried, true).unwrap();
}

#[test]
fn a_message_is_about_an_alert_or_written_out() {
    let target = order().target;
    let write =
        |subject: Option<&str>, text: Option<&str>, alert| mail::write(subject.map(str::to_owned), text.map(str::to_owned), alert, &target);
    let known = alert();
    let about = write(None, None, Some(&known)).unwrap();
    assert!(about.subject.starts_with("Please check: ") && about.text.contains("eve@example.com"), "{about:?}");
    assert!(!about.text.contains('{'), "{about:?}");
    assert_eq!(write(Some("A"), Some("B"), None).unwrap().text, "B");
    assert!(write(Some("A"), None, None).unwrap_err().to_string().contains("--alert"));
    assert!(write(Some("A"), Some("{title}"), None).unwrap_err().to_string().contains("nothing fills {title}"));
    assert!(write(Some("A\nBcc: x@example.com"), Some("B"), None).is_err());
}

#[test]
fn what_is_taken_back_is_taken_back_from_the_very_account() {
    let done = Response { account: Some(account()), state: State::Succeeded, ..response() };
    let undo = revert::undo(&done, "bob".into(), "it was her".into()).unwrap();
    assert_eq!((undo.action, undo.reverts, undo.alert), (Action::Restore, Some(ResponseId(3)), Some(AlertId(7))));
    assert_eq!((undo.target.id.as_deref(), undo.target.email), (Some("a-1"), None));
    let sent = Response { action: Action::Notify, ..done };
    assert!(revert::undo(&sent, "bob".into(), "".into()).unwrap_err().to_string().contains("nothing takes back"));
}

fn said(after: Response) -> Said {
    Said::Response(Box::new(Changed { at: after.changed, response: after.id, who: Some("ann".into()), change: None, after }))
}

fn log(count: u64) -> Vec<String> {
    let mut head = Head::default();
    let mut lines = Vec::new();
    for number in 0..count {
        let stopped = Switched { at: NOON, who: "ann".into(), switch: Switch::Stop, why: Some("a drill".into()) };
        let said = if number == 3 { Said::Switch(stopped) } else { said(Response { changed: Instant(number), ..response() }) };
        let record = Record::next(&head, &said).unwrap();
        head = record.head();
        lines.push(record.line());
    }
    lines
}

fn checked(lines: &[String]) -> verify::Found {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log.ndjson");
    std::fs::write(&file, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    verify::exported(&file).unwrap()
}

#[test]
fn an_exported_log_is_whole_or_the_first_broken_record_is_named() {
    let lines = log(5);
    let broken = |lines: &[String]| checked(lines).broken.unwrap_or_default();
    let whole = checked(&lines);
    assert_eq!((whole.records, whole.head.number, whole.broken), (5, 5, None));
    assert_eq!(checked(&lines[2..]).records, 3, "an export may begin later");

    let mut changed = lines.clone();
    changed[2] = changed[2].replace("eve@example.com", "bob@example.com");
    assert!(broken(&changed).contains("record 3 is not as it was written"), "{}", broken(&changed));
    assert_eq!(checked(&changed).records, 2);
    let mut added = lines.clone();
    added[1] = added[1].replace("{\"number\"", "{\"note\":1,\"number\"");
    assert!(broken(&added).contains("line 2 is no record"), "{}", broken(&added));
    let mut spaced = lines.clone();
    spaced[1] = spaced[1].replace("\"said\":{", "\"said\":{ ");
    assert!(broken(&spaced).contains("record 2 is not as it was written"));
    let taken: Vec<String> = [&lines[..1], &lines[2..]].concat();
    assert!(broken(&taken).contains("record 3 does not follow"), "{}", broken(&taken));
    let mut swapped = lines.clone();
    swapped.swap(3, 4);
    assert!(broken(&swapped).contains("record 5 does not follow"), "{}", broken(&swapped));
}

#[test]
fn commands_order_decide_stop_and_resume_by_the_store() {
    use crate::{
        respond::Stopped,
        store::{
            Responses as _,
            seal::Key,
            sqlite::{Access, Open, SqliteStore},
        },
    };
    let folder = tempfile::tempdir().unwrap();
    let key = Key::parse(&[7; 32]).unwrap();
    let store = SqliteStore::open(Open::new(folder.path().join("s.db"), key, Access::Owner)).unwrap();
    let made = |reply: Reply| match reply {
        Reply::Response(response) => Ok(*response),
        other => Err(format!("{other:?}")),
    };
    // As it arrives at a host, through the socket.
    let ask = |request: Request| {
        let text = serde_json::to_string(&request).unwrap();
        let request: Request = serde_json::from_str(&text).unwrap();
        assert!(!request.concerns_sources());
        perform(&store, &request, NOON)
    };
    let ordered = made(ask(Request::Order(Box::new(Order { four_eyes: true, ..order() })))).unwrap();
    assert_eq!(ordered.state, State::Waiting(Wait::FourEyes));
    let moving = |who: &str, revision, next| Request::MoveResponse { id: ordered.id, revision, next: Box::new(next), who: who.into() };
    let own = made(ask(moving("ann", None, Move::Approve))).unwrap_err();
    assert!(own.contains("needs somebody else than ann"), "{own}");
    assert!(made(ask(moving("bob", Some(9), Move::Approve))).is_err(), "it is not what bob saw");
    let approved = made(ask(moving("bob", Some(ordered.revision), Move::Approve))).unwrap();
    assert_eq!(approved.state, State::Pending);
    let rejected = made(ask(moving("bob", Some(approved.revision), Move::Reject("no".into())))).unwrap();
    assert_eq!(rejected.state, State::Skipped);
    let records = store.governance(0, 10).unwrap();
    assert_eq!(records.len(), 3);
    assert!(matches!(records[1].said().unwrap(), Said::Response(changed) if changed.who.as_deref() == Some("bob")));

    assert!(matches!(ask(Request::Stop { who: "ann".into(), why: "a drill".into() }), Reply::Done(1)));
    let stopped = Stopped::find(&store).unwrap().unwrap();
    assert_eq!((stopped.who.as_str(), stopped.at, stopped.why.as_str()), ("ann", NOON, "a drill"));
    assert!(matches!(ask(Request::Resume { who: "bob".into(), why: None }), Reply::Done(1)));
    assert!(matches!(ask(Request::Resume { who: "bob".into(), why: None }), Reply::Done(0)));
    assert_eq!(Stopped::find(&store).unwrap(), None);
    let said: Vec<Said> = store.governance(3, 10).unwrap().iter().map(|record| record.said().unwrap()).collect();
    let switched =
        |who: &str, switch, why: Option<&str>| Said::Switch(Switched { at: NOON, who: who.into(), switch, why: why.map(str::to_owned) });
    assert_eq!(said, [switched("ann", Switch::Stop, Some("a drill")), switched("bob", Switch::Resume, None)], "and nothing of the second");
}
