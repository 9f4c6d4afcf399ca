use std::sync::Arc;

use super::ground::{FEEDS, Ground, NOW, city, database};
use crate::{
    enrich::{Enricher, watch::Post},
    model::Instant,
};

const LATER: Instant = Instant(NOW.0 + 60_000);

fn posts(enricher: &Enricher) -> Vec<Post> {
    enricher.watched().into_iter().map(Post::new).collect()
}

/// What every post says of one look.
fn turn(posts: &mut [Post]) -> Vec<(String, Option<String>)> {
    posts.iter_mut().filter_map(|post| post.turn(LATER)).map(|status| (status.feed, status.problem)).collect()
}

fn place(enricher: &Enricher) -> Option<String> {
    enricher.network(&"acme".parse().unwrap(), "203.0.113.7")?.city
}

#[test]
fn a_file_that_changed_is_read_once_it_stays_the_same() {
    let ground = Ground::new();
    let enricher = ground.enricher(FEEDS);
    let mut posts = posts(&enricher);
    assert_eq!(turn(&mut posts), []);
    ground.write("city.mmdb", database("City", &[("203.0.113.0/24", city("FR", "Paris-sur-Seine", 48.85, 2.35))]));
    assert_eq!(turn(&mut posts), [], "it may still be written to");
    assert_eq!(place(&enricher).as_deref(), Some("Berlin"));
    assert_eq!(turn(&mut posts), [("city".to_owned(), None)]);
    assert_eq!(place(&enricher).as_deref(), Some("Paris-sur-Seine"));
    assert_eq!(enricher.feeds()[0].read, LATER);
    assert_eq!(turn(&mut posts), []);
}

#[test]
fn a_bad_file_changes_nothing_and_is_tried_once() {
    let ground = Ground::new();
    let enricher = ground.enricher(FEEDS);
    let mut posts = posts(&enricher);
    let good = std::fs::read(ground.path("city.mmdb")).unwrap();
    ground.write("city.mmdb", &good[..good.len() / 2]);
    turn(&mut posts);
    let said = turn(&mut posts);
    assert!(matches!(said.as_slice(), [(feed, Some(problem))] if feed == "city" && problem.contains("city.mmdb")), "{said:?}");
    assert_eq!(place(&enricher).as_deref(), Some("Berlin"));
    assert_eq!(turn(&mut posts), [], "said once");
    std::fs::remove_file(ground.path("city.mmdb")).unwrap();
    turn(&mut posts);
    assert!(matches!(turn(&mut posts).as_slice(), [(_, Some(_))]));
    assert_eq!(place(&enricher).as_deref(), Some("Berlin"), "the last good one serves");
    ground.write("city.mmdb", [good.as_slice(), &good].concat());
    turn(&mut posts);
    assert_eq!(turn(&mut posts), [("city".to_owned(), None)], "mended");
}

#[test]
fn a_list_that_changed_is_read_anew_with_what_to_look_at() {
    let ground = Ground::new();
    let enricher = ground.enricher(FEEDS);
    let mut posts = posts(&enricher);
    ground.write("tor.txt", "203.0.113.7\nnonsense\n");
    turn(&mut posts);
    turn(&mut posts);
    let status = enricher.feeds().pop().unwrap();
    assert_eq!((status.feed.as_str(), status.entries), ("threat-list tor", 1));
    assert_eq!(status.concern.as_deref(), Some("line 2 is no address and no CIDR block: nonsense"));
    let network = enricher.network(&"acme".parse().unwrap(), "203.0.113.7").unwrap();
    assert_eq!(network.tags, ["tor"]);
}

#[tokio::test]
async fn the_watch_looks_every_minute_and_keeps_what_it_sees() {
    use crate::{
        clock::{Clock as _, SteppedClock},
        enrich::FeedStatus,
        store::{
            Store,
            seal::Key,
            sqlite::{Access, Open, SqliteStore},
        },
    };
    let ground = Ground::new();
    let enricher = Arc::new(ground.enricher(FEEDS));
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(Open::new(ground.path("store.db"), Key::new(&[1; 32]), Access::Owner)).unwrap());
    let (clock, stop) = (SteppedClock::new(NOW), tokio_util::sync::CancellationToken::new());
    super::super::tell(&enricher, &store).await;
    assert_eq!(store.notes("feed/").unwrap().len(), 3);
    let task = tokio::spawn(super::super::watch(Arc::clone(&enricher), Arc::clone(&store), Arc::new(clock.clone()), stop.clone()));
    let mut wake = None;
    for minute in 0..=2 {
        // It sleeps again: what it had to do is done.
        while clock.next_wake() == wake || clock.next_wake().is_none() {
            tokio::task::yield_now().await;
        }
        wake = clock.next_wake();
        assert_eq!(wake, Some(clock.now().plus(std::time::Duration::from_secs(60))));
        if minute == 0 {
            ground.write("tor.txt", "203.0.113.7\n");
        }
        clock.step_to(wake.unwrap());
    }
    while clock.next_wake() == wake || clock.next_wake().is_none() {
        tokio::task::yield_now().await;
    }
    let (_, noted) = store.notes("feed/threat-list tor").unwrap().pop().unwrap();
    let noted: FeedStatus = serde_json::from_str(&noted).unwrap();
    assert_eq!((noted.entries, noted.read > NOW), (1, true));
    stop.cancel();
    task.await.unwrap();
}
