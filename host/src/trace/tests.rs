//! Spans as values: what is kept of them, and what never is.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;
use tracing_subscriber::{Layer as _, layer::SubscriberExt as _};

use super::{
    Exporter, Recorder, Shelf, otlp,
    recorder::{Finished, Kind, Value},
    span,
};
use crate::{
    clock::SteppedClock,
    config::{NetworkConfig, TelemetryConfig},
    egress::{Purpose, client},
    model::{Instant, Lane, Seq, SourceName, Stream},
    runtime::CallError,
    sink::{Batch, Line, Outcome},
};

fn acme() -> SourceName {
    "acme".parse().unwrap()
}

/// What was put on a shelf that keeps such a share while something ran.
fn recorded(share: f64, run: impl FnOnce()) -> Vec<Finished> {
    let shelf = Arc::new(Shelf::default());
    let recorder = Recorder::new(Arc::clone(&shelf));
    let filter = recorder.filter();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(recorder.with_filter(filter)), || {
        shelf.keep(share);
        run();
    });
    shelf.take(usize::MAX)
}

/// One page, and one delivery of what it brought.
fn page() {
    span::poll(&acme(), Stream::Live).in_scope(|| {
        let url = "https://api.miro.com:8443/v2/audit/logs?cursor=s3cret&user=eve@acme.example".parse().unwrap();
        let request = span::request(&http::Method::GET, &url);
        span::answered(&request, 429);
        let commit = span::commit(&acme(), Lane::Late);
        span::committed(&commit, 3, 4, Some(Seq(12)));
    });
    let line = |seq| Line { seq: Seq(seq), action: "board_opened by eve@acme.example".to_owned(), bytes: r#"{"token":"s3cret"}"#.into() };
    let events = [line(11), line(14)];
    let batch = Batch { source: &acme(), lane: Lane::Late, events: &events };
    let delivery = span::delivery(&"sumo".parse().unwrap(), &batch, 40, 2);
    span::delivered(&delivery, &Outcome::Paused { reason: "s3cret of eve@acme.example".to_owned() });
}

#[test]
fn a_part_is_within_its_step_and_a_delivery_is_linked_to_the_commit_of_its_events() {
    let spans = recorded(1.0, page);
    let named = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    let (request, commit, poll, delivery) = (named("GET"), named("commit"), named("poll"), named("deliver"));
    assert_eq!(spans.len(), 4);
    assert_eq!((poll.parent, delivery.parent), (None, None));
    for part in [request, commit] {
        assert_eq!((part.place.trace, part.parent), (poll.place.trace, Some(poll.place.span)));
        assert!(poll.start <= part.start && part.start <= part.end && part.end <= poll.end);
    }
    assert_eq!((delivery.links.as_slice(), delivery.failed), ([commit.place].as_slice(), true));
    assert_eq!((request.kind, request.failed, commit.failed), (Kind::Client, true, false));
    let has =
        |span: &Finished, name: &str, value: Value| assert!(span.attributes.iter().any(|known| *known == (name, value.clone())), "{name}");
    has(request, "server.address", Value::Text("api.miro.com".to_owned()));
    has(request, "server.port", Value::Whole(8443));
    has(request, "http.response.status_code", Value::Whole(429));
    has(commit, "miro_source.log.first", Value::Whole(10));
    has(poll, "miro_source.lane", Value::Text("late".to_owned()));
    has(delivery, "miro_source.outcome", Value::Text("paused".to_owned()));
}

#[test]
fn i5_what_a_vendor_a_component_or_a_user_wrote_is_in_no_attribute() {
    let spans = recorded(1.0, || {
        page();
        let poll = span::poll(&acme(), Stream::History(1));
        span::unread(&poll, &CallError::Trapped("s3cret of eve@acme.example".to_owned()));
        // Neither is what is logged meanwhile, nor a span of anybody else.
        poll.in_scope(|| tracing::error!(token = "s3cret", "eve@acme.example"));
        tracing::error_span!("foreign", token = "s3cret").in_scope(|| span::request(&http::Method::GET, &"https://x/".parse().unwrap()));
    });
    let text = otlp::request(&[], &spans);
    assert_eq!(spans.len(), 5, "{text}");
    for planted in ["s3cret", "@", "board_opened", "audit/logs", "cursor", "foreign"] {
        assert!(!text.contains(planted), "{planted}: {text}");
    }
}

#[test]
fn off_nothing_is_kept_and_a_share_keeps_whole_traces() {
    assert_eq!(recorded(0.0, page), []);
    let spans = recorded(0.5, || (0..400).for_each(|_| page()));
    let polls = spans.iter().filter(|span| span.name == "poll").count();
    // 400 throws of a coin: outside of this once in 10^15.
    assert!((120..280).contains(&polls), "{polls}");
    for of in ["GET", "commit"] {
        assert_eq!(spans.iter().filter(|span| span.name == of).count(), polls, "{of}");
    }
}

#[test]
fn a_full_shelf_drops_what_comes_and_counts_it() {
    let spans = recorded(1.0, || (0..4).for_each(|_| page()));
    let shelf = Shelf::default();
    (0..1024).for_each(|_| spans.iter().cloned().for_each(|span| shelf.put(span)));
    assert_eq!(shelf.dropped(), 1024 * 16 - 4096);
    let taken = shelf.take(512);
    spans.iter().cloned().for_each(|span| shelf.put(span));
    shelf.put_back(taken);
    assert_eq!((shelf.dropped(), shelf.take(usize::MAX).len()), (1024 * 16 - 4096 + 16, 4096), "the oldest of what was taken give way");
}

#[tokio::test]
async fn a_collector_that_is_away_is_tried_again_later_and_its_spans_are_kept() {
    // Bound and not listened at: nobody else gets it meanwhile.
    let away = tokio::net::TcpSocket::new_v4().unwrap();
    away.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let shelf = Arc::new(Shelf::default());
    recorded(1.0, page).into_iter().for_each(|span| shelf.put(span));
    let config = TelemetryConfig {
        endpoint: format!("http://{}/v1/traces", away.local_addr().unwrap()).parse().unwrap(),
        headers: Vec::new(),
        service_name: "miro-source".to_owned(),
        attributes: Vec::new(),
        sample: 1.0,
    };
    let now = Instant(1_780_272_000_000);
    let client = client::build(&NetworkConfig::default(), Purpose::Sink).unwrap();
    let mut exporter = Exporter::new(Arc::clone(&shelf), config, client, Arc::new(SteppedClock::new(now)));
    let next = exporter.send(&CancellationToken::new()).await;
    assert!(next >= now.plus(Duration::from_secs(2)) && next <= now.plus(Duration::from_secs(10)), "{next}");
    assert_eq!((shelf.take(usize::MAX).len(), shelf.dropped()), (4, 0));
}
