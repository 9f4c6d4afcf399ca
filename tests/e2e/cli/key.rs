//! `key rotate` beside a running host, and `key lost`.

use super::Desk;

fn key(desk: &Desk) -> String {
    std::fs::read_to_string(desk.stage.path("keys/key")).unwrap()
}

fn kept(desk: &Desk) -> usize {
    let names = std::fs::read_dir(desk.stage.path("keys")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("key.before-")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i5_a_running_host_goes_on_with_a_new_key_and_so_does_the_next_one() {
    let desk = Desk::rotating().await;
    let before = key(&desk);
    let host = desk.settled().await;
    let ran = desk.ends(0, &["key", "rotate"]).await;
    assert!(ran.out.contains("everything is sealed with a new key") && ran.out.contains("older backups need it"), "{ran:?}");
    assert!(key(&desk) != before && kept(&desk) == 1);
    // It refreshes its pair with the new key.
    let rotations = desk.account().rotations;
    assert!(desk.world.expire(&std::fs::read_to_string(desk.stage.path("acme_access_token")).unwrap()));
    desk.until("the pair is rotated", &host, |account| account.rotations > rotations).await;
    assert!(host.terminate().unwrap().success());
    // And the next one opens what it sealed: the pair is not refreshed once more.
    let rotations = desk.account().rotations;
    desk.ends(0, &["once"]).await;
    let account = desk.account();
    assert_eq!((account.lost, account.rotations, account.stale_refreshes), (0, rotations, 0), "{account:#?}");

    // Cut short between the store and the file: the command goes on where it was.
    let current = key(&desk);
    desk.ends(0, &["key", "rotate"]).await;
    std::fs::rename(desk.stage.path("keys/key"), desk.stage.path("keys/key.new")).unwrap();
    desk.stage.secret("keys/key", &current).unwrap();
    let ran = desk.ends(2, &["once"]).await;
    assert!(ran.err.contains("key does not fit"), "{ran:?}");
    desk.ends(0, &["key", "rotate"]).await;
    desk.ends(0, &["once"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_key_costs_an_authorization_and_no_event() {
    let desk = Desk::open().await;
    desk.ends(0, &["once"]).await;
    let ran = desk.ends(1, &["key", "lost"]).await;
    assert!(ran.err.contains("nothing is lost"), "{ran:?}");
    desk.stage.secret("keys/key", &"aa".repeat(32)).unwrap();
    let ran = desk.ends(2, &["once"]).await;
    assert!(ran.err.contains("miro-source key lost"), "{ran:?}");
    let ran = desk.ends(1, &["key", "lost"]).await;
    assert!(ran.err.contains("say --yes"), "{ran:?}");
    desk.ends(0, &["key", "lost", "--yes"]).await;
    desk.ends(0, &["once"]).await;
    let account = desk.account();
    assert_eq!((account.held, account.lost, account.duplicates), (300, 0, 0), "{account:#?}");
}
