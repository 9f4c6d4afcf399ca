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

#[test]
fn a_file_that_the_host_fetches_may_come_later_and_is_known_by_then() {
    let ground = Ground::new();
    let mut config = ground.config("").enrich;
    config.city = Some(ground.path("later.mmdb"));
    config.fetched = vec!["city".to_owned()];
    let enricher = Enricher::open(&config, NOW).unwrap();
    let missing = |enricher: &Enricher| enricher.feeds()[0].problem.clone();
    assert_eq!((place(&enricher), missing(&enricher).as_deref()), (None, Some("was not fetched yet")));
    let mut posts = posts(&enricher);
    ground.write("later.mmdb", std::fs::read(ground.path("city.mmdb")).unwrap());
    turn(&mut posts);
    assert_eq!(turn(&mut posts), [("city".to_owned(), None)]);
    assert_eq!((place(&enricher).as_deref(), missing(&enricher)), (Some("Berlin"), None));
}

#[test]
fn a_database_is_inspected_to_its_last_record() {
    use crate::enrich::{Holds, inspect};
    let ground = Ground::new();
    let look = |holds, name: &str| inspect(holds, &ground.path(name)).map(|found| found.built.is_some());
    assert_eq!(look(Holds::Places, "city.mmdb"), Ok(true));
    assert_eq!(look(Holds::Operators, "asn.mmdb"), Ok(true));
    assert_eq!(look(Holds::Places, "asn.mmdb"), Err("it is a database of another type: ASN".to_owned()));
    ground.write("empty.mmdb", database("City", &[("203.0.113.0/24", serde_json::json!({ "x": 1 }))]));
    assert_eq!(look(Holds::Places, "empty.mmdb"), Err("only 0 of its 1 records say what it is there for".to_owned()));
    ground.write("odd.mmdb", database("City", &[("203.0.113.0/24", serde_json::json!({ "country": 1 }))]));
    assert!(look(Holds::Places, "odd.mmdb").unwrap_err().starts_with("it is damaged: "));
    assert!(look(Holds::Places, "tor.txt").unwrap_err().starts_with("it is no database"));
    assert_eq!(look(Holds::Addresses, "tor.txt"), Ok(false));
    // Both branches of every node lead to the next one: a walk along all paths would not end.
    let mut bytes = std::fs::read(ground.path("city.mmdb")).unwrap();
    let nodes = usize::try_from(inspect(Holds::Places, &ground.path("city.mmdb")).unwrap().entries).unwrap();
    for (node, record) in bytes.chunks_exact_mut(6).take(nodes - 1).enumerate() {
        let [_, next @ ..] = u32::try_from(node + 1).unwrap().to_be_bytes();
        record.copy_from_slice(&[next, next].concat());
    }
    ground.write("endless.mmdb", bytes);
    assert_eq!(look(Holds::Places, "endless.mmdb"), Err("it is damaged: its tree does not end".to_owned()));
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
