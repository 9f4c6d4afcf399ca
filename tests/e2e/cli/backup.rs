//! `backup` beside a running host, and `restore`.

use super::Desk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i2_a_store_that_is_copied_while_the_host_runs_is_put_back_and_nothing_is_lost() {
    let desk = Desk::open().await;
    let host = desk.host();
    desk.until("some events are delivered", &host, |account| account.accepted > 0).await;
    let (copy, again) = (desk.stage.path("copy.db"), desk.stage.path("again.db"));
    let file = copy.to_str().unwrap();
    let ran = desk.ends(0, &["backup", file]).await;
    assert!(ran.out.contains("read back and whole; the key is not in it"), "{ran:?}");
    let refused = desk.ends(2, &["backup", file]).await;
    assert!(refused.err.contains("name another"), "{refused:?}");
    let nowhere = desk.ends(1, &["backup", desk.stage.path("no/folder.db").to_str().unwrap()]).await;
    assert!(nowhere.err.contains("is its folder there"), "{nowhere:?}");
    let held = desk.ends(4, &["restore", file]).await;
    assert!(held.err.contains(&format!("process {}", host.pid())), "{held:?}");
    assert!(host.terminate().unwrap().success());

    desk.ends(0, &["backup", again.to_str().unwrap()]).await;
    let ran = desk.ends(0, &["restore", file]).await;
    assert!(ran.out.contains("the store that was there is") && ran.out.contains("auth confirm"), "{ran:?}");
    desk.ends(0, &["once"]).await;
    let account = desk.account();
    assert_eq!((account.held, account.lost), (300, 0), "{account:#?}");
    let log = desk.ends(0, &["respond", "log"]).await.out;
    let said = |what: &str| log.lines().filter(|line| line.contains(what)).count();
    // The first copy remembers that it was made, and not what came after it.
    assert_eq!((said("copy the store to"), said("in the place of the store")), (1, 1), "{log}");
    assert_eq!(said("the store was restored from a backup, or is a copy"), 1, "{log}");
    for name in ["copy.db", "again.db"] {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(desk.stage.path(name)).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let rest: Vec<String> =
        std::fs::read_dir(desk.stage.folder.path()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!rest.iter().any(|name| name.ends_with(".new") || name.ends_with(".restoring")), "{rest:?}");
    assert_eq!(rest.iter().filter(|name| name.contains(".replaced-")).count(), 1, "{rest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i4_a_restored_store_of_a_rotating_token_waits_for_a_person() {
    let desk = Desk::rotating().await;
    let host = desk.settled().await;
    assert!(host.terminate().unwrap().success());
    let copy = desk.stage.path("copy.db");
    desk.ends(0, &["backup", copy.to_str().unwrap()]).await;
    desk.ends(0, &["restore", copy.to_str().unwrap()]).await;
    let refreshes = desk.account().refreshes;
    let ran = desk.ends(3, &["once"]).await;
    assert!(ran.err.contains("or is a copy") && ran.err.contains("auth confirm acme"), "{ran:?}");
    assert_eq!(desk.account().refreshes, refreshes);
    desk.ends(0, &["auth", "confirm", "acme"]).await;
    desk.ends(0, &["once"]).await;
}
