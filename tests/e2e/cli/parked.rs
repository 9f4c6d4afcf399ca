//! `parked` while a host runs: looked at in the store, tried again through the host's socket.

use miro_source::model::Instant;

use super::Desk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parked_event_is_listed_shown_and_tried_again_while_a_host_runs() {
    let desk = Desk::open().await;
    let none = desk.ends(2, &["parked", "list"]).await;
    assert!(none.err.contains("there is no store") && none.err.contains("`miro-source run` creates it"), "{none:?}");
    let poison = desk.world.visible(Instant::system().0)[7].clone();
    let id = serde_json::from_str::<serde_json::Value>(&poison).unwrap()["id"].as_str().unwrap().to_owned();
    desk.world.set(|settings| settings.sumo.poison_ids.extend([id.clone()]));
    let host = desk.host();
    desk.until("only the poison is left", &host, |account| account.pages > 0 && account.lost == 1).await;
    let mut list = desk.ran(&["parked", "list"]).await;
    while list.out.contains("nothing is parked") {
        list = desk.ran(&["parked", "list"]).await;
    }
    println!("{}", list.out);
    assert!(list.out.contains("acme → sumo") && list.out.contains("400"), "{list:?}");
    let seq = list.out.split_whitespace().next().unwrap().to_owned();
    let show = desk.ends(0, &["parked", "show", &seq]).await;
    assert!(show.out.contains(&id), "{show:?}");
    let status = desk.ends(1, &["status"]).await;
    assert!(status.out.contains("parked: 1 event;"), "{status:?}");
    desk.ends(1, &["parked", "show", "999999"]).await;

    desk.world.set(|settings| settings.sumo.poison_ids.clear());
    let retry = desk.ends(0, &["parked", "retry", &seq]).await;
    assert!(retry.out.contains("1 event or line about alerts will be tried again"), "{retry:?}");
    desk.until("it is delivered", &host, |account| account.lost == 0).await;
    assert!(host.terminate().unwrap().success());
    let none = desk.ends(0, &["parked", "retry"]).await;
    assert!(none.out.contains("nothing is parked"), "{none:?}");
    assert_eq!(desk.account().duplicates, 0);
}
