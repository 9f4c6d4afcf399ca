use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::ground::{Ground, HOUR, NOW, field, gzip, list, ok, status};
use crate::{
    clock::Clock as _,
    enrich::Enricher,
    feeds::{Came, Standing, import, orders},
    store::{
        Store,
        seal::Key,
        sqlite::{Access, Open, SqliteStore},
    },
};

fn why(came: &Came) -> &str {
    match came {
        Came::Failed(why) | Came::Doubtful(why) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_is_fetched_once_and_then_only_when_it_changed() {
    let ground = Ground::tor();
    assert_eq!(ground.answered([field(ok(list(300)), "etag", "\"a\"")]).await, Came::New(300));
    assert_eq!((ground.held(), ground.files()), (list(300), vec!["lock".to_owned(), "tor.json".into(), "tor.txt".into()]));
    assert_eq!(ground.answered([status(304)]).await, Came::Unchanged);
    let url = "https://check.torproject.org/torbulkexitlist".to_owned();
    assert_eq!(ground.seen(), [(url.clone(), None), (url.clone(), Some("\"a\"".to_owned()))]);
    // A file that is not the one that came has no tag of its own.
    std::fs::write(ground.shelf.path(ground.order().part), list(250)).unwrap();
    assert_eq!(ground.answered([ok(gzip(&list(400)))]).await, Came::New(400));
    assert_eq!((ground.seen(), ground.held()), (vec![(url, None)], list(400)));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(ground.shelf.path(ground.order().part)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn whatever_goes_wrong_the_last_good_one_serves_on_and_it_is_said_why() {
    let ground = Ground::tor();
    ground.answered([ok(list(300))]).await;
    let page = "<!DOCTYPE html><title>Sign in</title>";
    let mut half = gzip(&list(300));
    half.truncate(half.len() / 2);
    let elsewhere = field(status(302), "location", "https://evil.example/list?token=secret");
    let answers = [
        status(503),
        field(ok(list(300)), "content-type", "text/html; charset=utf-8"),
        ok(page),
        ok(half),
        ok(list(20)),
        ok([list(300), b"nonsense\n".repeat(9)].concat()),
        ok([list(300), b"0.0.0.0/1\n".to_vec()].concat()),
        ok("x".repeat(6_000_000)),
        ok(gzip(&[b'1'; 6_000_000])),
        status(404),
        status(304),
        elsewhere,
    ];
    let mut said = Vec::new();
    for answer in answers {
        said.push(why(&ground.answered([answer]).await).to_owned());
        assert_eq!(ground.held(), list(300), "{said:?}");
    }
    said.push(why(&ground.answered([]).await).to_owned());
    insta::assert_snapshot!(said.join("\n"));
    assert_eq!(ground.record().failures, 13);
    assert_eq!(ground.files().len(), 3, "nothing is left over");
    assert_eq!(ground.record().standing(HOUR, NOW.plus(4 * HOUR)), Standing::Stale);
}

#[tokio::test]
async fn a_redirect_is_followed_within_the_grant_and_not_in_circles() {
    let ground = Ground::new(
        "[[feed]]\nname = \"tor\"\nlicence = \"CC-BY-4.0\"\nallow = [\"https://check.torproject.org\", \"https://mirror.example\"]\n",
    );
    let to = |url: &str| field(status(302), "location", url);
    assert_eq!(ground.answered([to("https://mirror.example/a"), to("/b"), ok(list(300))]).await, Came::New(300));
    let urls: Vec<String> = ground.seen().into_iter().map(|(url, _)| url).collect();
    assert_eq!(urls, ["https://check.torproject.org/torbulkexitlist", "https://mirror.example/a", "https://mirror.example/b"]);
    assert!(why(&ground.answered((0..9).map(|_| to("/c"))).await).ends_with("sends on more than 3 times"));
    assert_eq!(ground.seen().len(), 4);
}

#[tokio::test]
async fn a_sudden_shrink_is_believed_when_it_is_still_so_a_day_later() {
    let ground = Ground::tor();
    ground.answered([ok(list(700))]).await;
    let doubtful = ground.answered([ok(list(300))]).await;
    assert!(matches!(&doubtful, Came::Doubtful(why) if why.contains("300 entries, less than half of the 700")), "{doubtful:?}");
    ground.pass(23 * HOUR);
    assert!(matches!(ground.answered([ok(list(290))]).await, Came::Doubtful(_)));
    assert_eq!(ground.held(), list(700));
    ground.pass(HOUR);
    assert_eq!(ground.answered([ok(list(280))]).await, Came::New(280));
    assert_eq!(ground.held(), list(280));
}

#[tokio::test]
async fn a_process_that_ended_in_the_middle_leaves_nothing_half_and_counts_as_a_failure() {
    let ground = Ground::tor();
    ground.answered([ok(list(300))]).await;
    ground.silence(true);
    ground.seen();
    {
        let (keeper, order, stop) = (ground.keeper(), ground.order(), CancellationToken::new());
        let mut unfinished = std::pin::pin!(keeper.fetch(&order, &stop));
        while ground.seen().is_empty() {
            assert!(futures_util::poll!(unfinished.as_mut()).is_pending());
            tokio::task::yield_now().await;
        }
    }
    let path = ground.folder.path().join("feeds/tor.txt.whole.part");
    std::fs::write(&path, "198.18.0.1\n198.18").unwrap();
    let record = ground.record();
    assert_eq!(record.problem.as_deref(), Some("the latest try was interrupted"));
    assert!(record.due(HOUR, "a") > NOW, "started again, it is not hammered");
    assert_eq!(ground.held(), list(300));
    ground.silence(false);
    assert_eq!(ground.answered([ok(list(400))]).await, Came::New(400));
    assert_eq!(ground.files().len(), 3, "nothing is left over");
}

#[tokio::test]
async fn what_two_processes_want_is_fetched_by_one() {
    let ground = Ground::tor();
    let turn = ground.shelf.turn().unwrap();
    assert!(turn.is_some());
    assert_eq!(ground.answered([ok(list(300))]).await, Came::Nothing);
    assert_eq!(ground.seen(), []);
    drop(turn);
    assert_eq!(ground.answered([]).await, Came::New(300));
}

#[tokio::test]
async fn the_keeper_fetches_when_it_is_due_and_stops_when_told() {
    let ground = Ground::tor();
    let stop = CancellationToken::new();
    ground.tell([ok(list(300)), status(503), ok(list(310))]);
    let task = tokio::spawn(ground.keeper().run(stop.clone()));
    let mut wake = None;
    let mut waits = Vec::new();
    for _ in 0..3 {
        while ground.clock.next_wake() == wake || ground.clock.next_wake().is_none() {
            tokio::task::yield_now().await;
        }
        wake = ground.clock.next_wake();
        waits.push(wake.unwrap().since(ground.clock.now()).as_secs() / 60);
        ground.clock.step_to(wake.unwrap());
    }
    while ground.clock.next_wake() == wake || ground.clock.next_wake().is_none() {
        tokio::task::yield_now().await;
    }
    assert!(waits[0] >= 60 && waits[1] <= 1 && waits[2] >= 60, "{waits:?}");
    assert_eq!((ground.seen().len(), ground.record().failures), (4, 1));
    stop.cancel();
    task.await.unwrap();
    assert_eq!(ground.held(), list(310));
}

#[tokio::test]
async fn what_was_fetched_is_known_of_the_next_event() {
    let ground = Ground::tor();
    let enricher = Arc::new(Enricher::open(&ground.config.enrich, NOW).unwrap());
    let open = Open::new(&ground.config.store.path, Key::new(&[1; 32]), Access::Owner);
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(open).unwrap());
    let known = || enricher.network(&"acme".parse().unwrap(), "198.18.0.7").map(|network| network.tags);
    assert_eq!(known(), None);
    ground.tell([ok(list(300))]);
    let keeper = ground.keeper().serving(Arc::clone(&enricher), Arc::clone(&store));
    assert_eq!(keeper.fetch(&ground.order(), &CancellationToken::new()).await, Came::New(300));
    assert_eq!(known(), Some(vec!["tor".to_owned()]));
    let (_, noted) = store.notes("feed/threat-list tor").unwrap().remove(0);
    assert!(noted.contains("\"entries\":300") && noted.contains("\"problem\":null"), "{noted}");
}

#[test]
fn a_file_brought_by_hand_is_verified_and_its_bringer_believed() {
    let ground = Ground::tor();
    let file = ground.folder.path().join("exits.txt.gz");
    let bring = |bytes: Vec<u8>| {
        std::fs::write(&file, bytes).unwrap();
        import(&ground.shelf, &ground.order(), &file, NOW)
    };
    assert_eq!(bring(gzip(&list(700))), Ok(700));
    assert_eq!(bring(list(250)), Ok(250), "a person knows why it is smaller");
    assert!(bring(b"<html>".to_vec()).unwrap_err().contains("page for people"));
    assert_eq!(ground.held(), list(250));
    assert_eq!(ground.record().standing(HOUR, NOW), Standing::Fresh);
    assert_eq!(orders(&ground.config).len(), 1);
}
