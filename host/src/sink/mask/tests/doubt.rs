//! Names as reasons show them, and alerts of which nobody knows whom they name.

use activity_policy::reason::quoted;

use super::*;
use crate::{
    alert::{
        AlertFormat, Outlet, Story,
        tests::{detector, found, judgement, source},
    },
    model::{Instant, Lane, SinkName, Stream},
    store::Page,
};

/// What a masked sink is told of an alert with this reason, whose two events are kept or not.
async fn told(reason: &str, kept: bool, change: impl FnOnce(&mut Story), normalize: Normalize) -> String {
    let folder = tempfile::tempdir().unwrap();
    let open = Open::new(folder.path().join("store.db"), Key::new(&[7; 32]), Access::Owner);
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(open).unwrap());
    let (acme, detector, sumo): (_, _, SinkName) = (source(), detector(), "sumo".parse().unwrap());
    let events = ["1", "2"].map(|id| Event { id: id.to_owned(), ..event("Ann") });
    let page = Page {
        source: &acme,
        stream: Stream::Live,
        lane: Lane::Live,
        received: Instant(1),
        events: if kept { &events } else { &[] },
        known: &[],
        checkpoint: "{}",
        through: Instant(1),
        gaps: &[],
        finished: false,
        generation: None,
    };
    store.commit(&page).unwrap();
    store.set_outlets(&[Outlet { sink: sumo.clone(), source: acme.clone(), format: AlertFormat::Ocsf }]).unwrap();
    let mut finding = found("p", "u1");
    finding.story.reasons = vec![reason.to_owned()];
    change(&mut finding.story);
    store.judge(&judgement(&acme, &detector, &[finding])).unwrap();
    let line = store.outbox(&sumo, 1, usize::MAX).unwrap().remove(0);
    Mask::new(&Masked::ALL, store, normalize).dispatch(line).await.unwrap().body
}

/// Every event is of Ann.
fn of_ann() -> Normalize {
    Arc::new(|_, records| Box::pin(future::ready(Ok(records.into_iter().map(|_| Ok(event("Ann Lee"))).collect()))))
}

/// Of a component that does not run.
fn of_nobody() -> Normalize {
    Arc::new(|_, _| Box::pin(future::ready(Err("source `acme` does not run".to_owned()))))
}

const REASON: &str = "the user is “Ann Lee”, “Eve”, and the country is “corporate”";

#[tokio::test]
async fn what_is_quoted_stays_where_all_is_known() {
    let line = told(REASON, true, |_| {}, of_ann()).await;
    assert!(!line.contains("Ann Lee") && line.contains("“Eve”") && line.contains("“corporate”"), "{line}");
}

#[tokio::test]
async fn whatever_an_alert_quotes_is_masked_where_its_events_are_not_at_hand() {
    let unreadable: Normalize =
        Arc::new(|_, records| Box::pin(future::ready(Ok(records.into_iter().map(|_| Err("not any more".to_owned())).collect()))));
    let capped = |story: &mut Story| story.evidence.resize(100, Seq(2));
    let none = |story: &mut Story| story.evidence.clear();
    for (line, why) in [
        (told(REASON, false, |_| {}, of_ann()).await, "forgotten"),
        (told(REASON, true, |_| {}, of_nobody()).await, "of a source that does not run"),
        (told(REASON, true, |_| {}, unreadable).await, "unreadable"),
        (told(REASON, true, capped, of_ann()).await, "more than are told"),
        (told(REASON, true, none, of_ann()).await, "none"),
    ] {
        assert!(!line.contains("Ann Lee") && !line.contains("Eve") && !line.contains("corporate"), "{why}: {line}");
        assert!(line.contains("the user is “user-"), "{why}: {line}");
    }
}

#[tokio::test]
async fn a_quote_that_is_cut_off_is_nobodys_any_more() {
    let line = told("the user is “Ann Lee”, “Eve Ad…", true, |_| {}, of_ann()).await;
    assert!(!line.contains("Ann") && !line.contains("Eve"), "{line}");
}

#[tokio::test]
async fn a_quote_that_is_cut_off_ends_with_its_reason() {
    for next in ["the country is “DE”", "it is not”"] {
        let reasons = || vec!["the user is “Ann Lee”, “Eve Ad…".to_owned(), next.to_owned(), "the team is “Blue”".to_owned()];
        let line = told("", true, |story| story.reasons = reasons(), of_ann()).await;
        assert!(!line.contains("Ann") && !line.contains("Eve"), "{line}");
        assert!(line.contains(next) && line.contains("“Blue”"), "{line}");
    }
}

#[test]
fn a_name_is_masked_as_a_reason_shows_it() {
    let bench = Bench::of(&Masked::ALL);
    let long = format!("Maximiliane {}", "von und zu ".repeat(7));
    for name in [long.as_str(), "An\u{200b}n Lee", "“Ann” Lee", "Ann\u{202e}"] {
        let line = json!({ "value": format!("the user is {}", quoted(name)) }).to_string();
        let expected = json!({ "value": format!("the user is “{}”", bench.pseudonym(Masked::UserName, name.trim())) }).to_string();
        assert_eq!(bench.line(&line, &event(name)), expected, "{name:?}");
    }
}

proptest! {
    /// No masked value leaves.
    #[test]
    fn no_name_is_left_of_a_reason(rest in "[a-zA-Z é”\u{200b}\u{202e}\n]{0,120}") {
        let (bench, name) = (Bench::of(&[Masked::UserName]), format!("zqx{rest}"));
        let line = json!({ "value": format!("the user is {}, not {}", quoted(&name), quoted("corporate")) }).to_string();
        let masked = bench.line(&line, &event(&name));
        prop_assert!(!masked.contains("zqx") && masked.contains("“corporate”"), "{}", masked);
    }
}
