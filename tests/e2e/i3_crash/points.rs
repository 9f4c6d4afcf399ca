//! Killed between any two steps of the way from a page to an accepted batch.

use miro_source::{clock::SystemClock, kill_point::KillPoint, model::Instant};
use miro_source_tests::stage::Stage;

use super::{account, backlog, batches, finish, killed, recipe, start};

/// At which passing of the point a host dies, one after the other.
const PASSINGS: [u32; 5] = [1, 2, 1, 5, 3];

/// Kills a host at each of these passings, and lets a last one finish.
async fn killed_at(point: KillPoint) -> simulator::Account {
    let world = backlog(4, 5_000);
    let stage = Stage::start(world.clone(), std::sync::Arc::new(SystemClock)).await.unwrap();
    stage.configure(&recipe(), Instant::system()).unwrap();
    for passing in PASSINGS {
        let place = format!("{}:{passing}", point.as_str());
        killed(start(&stage, Some(&place)), &place).await;
        // A batch accepted, however late its sender died, was a batch of what Miro holds.
        assert_eq!(account(&world).unexpected, 0);
    }
    let account = finish(&stage).await;
    let largest = batches(&world).into_iter().max().unwrap_or_default() as u64;
    println!("{}: {} kills, {} duplicates, largest batch {largest}", point.as_str(), PASSINGS.len(), account.duplicates);
    assert_eq!((account.held, account.lost, account.unexpected), (5_000, 0, 0), "{account:#?}");
    assert!(account.violations.is_empty(), "{account:#?}");
    // The sink works beside: its batch may be under way at any of these deaths.
    assert!(account.duplicates <= PASSINGS.len() as u64 * largest, "{account:#?}");
    account
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i3_killed_with_a_page_in_hand_it_reads_the_page_again() {
    killed_at(KillPoint::Fetched).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i3_killed_after_a_page_was_stored_it_goes_on_behind_it() {
    killed_at(KillPoint::Committed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i2_killed_after_a_batch_was_accepted_it_repeats_that_batch_and_no_more() {
    let account = killed_at(KillPoint::Accepted).await;
    assert!(account.duplicates > 0, "each kill left one batch accepted and not noted: {account:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i2_killed_after_the_cursor_moved_it_repeats_nothing() {
    let account = killed_at(KillPoint::CursorMoved).await;
    assert_eq!(account.duplicates, 0, "{account:#?}");
}
