//! `backfill`, by itself and beside a running host.

use miro_source::model::Instant;
use miro_source_tests::stage::{HOUR, Recipe};

use super::Desk;

/// A source whose first poll reaches back ten minutes only: the 300 events lie before that.
async fn unread() -> Desk {
    Desk::with(Recipe { since: "10m".into(), revisit: r#"["10m"]"#.into(), ..Recipe::default() }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backfill_without_a_host_reads_and_delivers_and_ends() {
    let desk = unread().await;
    desk.ends(0, &["once"]).await;
    assert_eq!(desk.account().lost, 300, "the first poll does not reach so far back");
    let estimate = desk.ends(0, &["backfill", "--from", "6h", "--to", "30m", "--estimate-only"]).await;
    assert!(estimate.out.contains("events") && estimate.out.contains("pages"), "{estimate:?}");
    assert_eq!(desk.account().lost, 300, "an estimate reads nothing into the store");
    let nobody = desk.ends(2, &["backfill", "--from", "6h", "--to", "30m"]).await;
    assert!(nobody.err.contains("--yes"), "{nobody:?}");

    let half = Instant(Instant::system().0 - 3 * HOUR).to_string();
    let ran = desk.ends(0, &["backfill", "--from", "6h", "--to", &half, "--yes"]).await;
    assert!(ran.err.contains("read and delivered"), "{ran:?}");
    let account = desk.account();
    assert!(account.accepted > 0 && account.lost > 0, "the stretch asked for, no more: {account:#?}");
    desk.ends(0, &["backfill", "--from", "6h", "--to", "30m", "--yes"]).await;
    let account = desk.account();
    assert_eq!((account.held, account.lost, account.duplicates), (300, 0, 0), "{account:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backfill_beside_a_host_is_read_by_the_host() {
    let desk = unread().await;
    let host = desk.host();
    desk.until("it has polled", &host, |account| account.pages > 0).await;
    let ran = desk.ends(0, &["backfill", "--from", "6h", "--to", "30m", "--yes"]).await;
    assert!(ran.err.contains("done: 300 events read"), "{ran:?}");
    desk.until("it is delivered", &host, |account| account.lost == 0).await;
    assert!(host.terminate().unwrap().success());
    let account = desk.account();
    assert_eq!((account.held, account.duplicates), (300, 0), "{account:#?}");
    let log = std::fs::read_to_string(desk.stage.path("host.log")).unwrap();
    assert!(!log.contains("ERROR"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i1_what_cannot_be_read_is_told_and_status_ends_with_1_until_it_is_read() {
    let desk = unread().await;
    desk.world.set(|settings| settings.miro.retention_ms = Some(3 * HOUR));
    desk.ends(0, &["backfill", "--from", "6h", "--to", "30m", "--yes"]).await;
    let status = desk.ends(1, &["status"]).await;
    assert!(status.out.contains("gap 1 of acme: "), "{status:?}");
    desk.ends(0, &["once"]).await;
    let status = desk.ends(1, &["status"]).await;
    assert!(status.out.contains("high    events of source acme are missing"), "{status:?}");
    desk.world.set(|settings| settings.miro.retention_ms = None);
    desk.ends(0, &["backfill", "--gaps", "--yes"]).await;
    desk.ends(0, &["once"]).await;
    desk.ends(0, &["status"]).await;
    assert_eq!((desk.account().held, desk.account().lost), (300, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backfill_that_cannot_be_says_why() {
    let desk = unread().await;
    for (args, says) in [
        (&["backfill", "--from", "30m", "--to", "6h", "--yes"][..], "must be the earlier"),
        (&["backfill", "--from", "soon", "--yes"], "soon"),
        (&["backfill", "--from", "6h", "--sink", "splunk", "--yes"], "name one of sumo"),
        (&["backfill", "--from", "6h", "--source", "globex", "--yes"], "name one of acme"),
    ] {
        let ran = desk.ends(2, args).await;
        assert!(ran.err.contains(says), "{ran:?}");
    }
    let none = desk.ends(0, &["backfill", "--yes"]).await;
    assert!(none.out.contains("no backfill is unfinished"), "{none:?}");
}
