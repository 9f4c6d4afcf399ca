//! `auth`: a person at a browser, and what others at the same door get.

use miro_source::egress::client;
use miro_source_tests::{command::Ran, stage::Stage};
use reqwest::Client;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, ChildStdout},
};
use url::Url;

use super::Desk;

/// A source that nobody has authorized yet.
async fn unauthorized() -> Desk {
    let desk = Desk::rotating().await;
    desk.edit(|text| {
        let text: String = text.lines().filter(|line| !line.contains("_token = {")).map(|line| format!("{line}\n")).collect();
        let consent = format!("authorize_url = \"{}/oauth/authorize\", client_id = ", desk.stage.server.miro_url);
        text.replace("client_id = ", &consent)
    });
    desk
}

/// `auth`, waiting for the browser.
struct Waiting {
    child: Child,
    out: BufReader<ChildStdout>,
    consent: Url,
    callback: Url,
}

impl Waiting {
    async fn begin(desk: &Desk) -> Self {
        let mut child = Ran::command(&desk.config, &["auth", "acme", "--port", "0", "--no-browser"]).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.trim_start().starts_with("http") {
            line.clear();
            assert_ne!(out.read_line(&mut line).await.unwrap(), 0, "it printed no address");
        }
        let consent = Url::parse(line.trim()).unwrap();
        let callback = consent.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1;
        let callback = Url::parse(&callback).unwrap();
        Self { child, out, consent, callback }
    }

    async fn ended(mut self) -> Ran {
        let mut rest = String::new();
        while self.out.read_line(&mut rest).await.unwrap() > 0 {}
        let mut ran = Ran::from(self.child.wait_with_output().await.unwrap());
        ran.out = rest;
        println!("{}{}", ran.out, ran.err);
        ran
    }
}

/// A browser that is told where to go on by [`follow`].
fn browser(desk: &Desk) -> Client {
    client::build(&desk.stage.network().unwrap().unwrap_or_default(), client::Purpose::Sink).unwrap()
}

/// The consent page, and where it sends the browser.
async fn follow(desk: &Desk, consent: &Url) -> reqwest::Response {
    let sent = browser(desk).get(consent.clone()).send().await.unwrap();
    assert_eq!(sent.status(), 302);
    browser(desk).get(sent.headers()["location"].to_str().unwrap()).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn auth_goes_through_the_consent_page_and_back_and_the_host_reads_with_it() {
    let desk = unauthorized().await;
    let ran = desk.ends(3, &["once"]).await;
    assert!(ran.err.contains("run `miro-source auth acme`"), "{ran:?}");

    let waiting = Waiting::begin(&desk).await;
    // Another page in the same browser tries to slip its own code in.
    for forged in ["code=mine&state=guessed", "code=mine", "state=guessed", "error=access_denied", ""] {
        let mut url = waiting.callback.clone();
        url.set_query(Some(forged));
        let answer = browser(&desk).get(url).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{forged}");
    }
    assert_eq!(browser(&desk).get(waiting.callback.join("/favicon.ico").unwrap()).send().await.unwrap().status(), 404);
    let page = follow(&desk, &waiting.consent).await;
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("Authorized"));
    let ran = waiting.ended().await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("Stored, sealed") && ran.out.contains("Authorized: organization Acme Example Holding"), "{ran:?}");
    assert!(ran.err.contains("does not belong to the authorization that is waiting"), "it tells of the others: {ran:?}");

    desk.ends(0, &["once"]).await;
    let account = desk.account();
    assert_eq!((account.held, account.lost, account.refreshes, account.unauthorized), (300, 0, 0, 0), "{account:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn auth_beside_a_host_that_waits_for_it_sets_it_going() {
    let desk = unauthorized().await;
    let host = desk.host();
    miro_source_tests::patience::until("it asks for a person", || host.log().contains("run `miro-source auth acme`")).await.unwrap();
    let waiting = Waiting::begin(&desk).await;
    assert_eq!(follow(&desk, &waiting.consent).await.status(), 200);
    assert_eq!(waiting.ended().await.code, 0);
    desk.until("nothing is left", &host, |account| account.pages > 0 && account.lost == 0).await;
    assert!(host.terminate().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn auth_that_is_refused_changes_nothing_and_says_so() {
    let desk = unauthorized().await;
    let waiting = Waiting::begin(&desk).await;
    let state = waiting.consent.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let mut url = waiting.callback.clone();
    url.query_pairs_mut().append_pair("error", "access_denied").append_pair("state", &state);
    browser(&desk).get(url).send().await.unwrap();
    let ran = waiting.ended().await;
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("did not allow it: nothing was changed"), "{ran:?}");

    // A code that Miro does not know.
    let waiting = Waiting::begin(&desk).await;
    let state = waiting.consent.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let mut url = waiting.callback.clone();
    url.query_pairs_mut().append_pair("code", "no-such-code").append_pair("state", &state);
    browser(&desk).get(url).send().await.unwrap();
    let ran = waiting.ended().await;
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("authorize again"), "{ran:?}");
    desk.ends(3, &["once"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_database_asks_before_it_uses_old_tokens_and_auth_confirm_says_that_they_are_the_latest() {
    let desk = Desk::rotating().await;
    desk.ends(0, &["once"]).await;
    let (database, backup) = (desk.stage.path("miro-source.db"), desk.stage.path("backup.db"));
    std::fs::copy(&database, &backup).unwrap();
    assert!(desk.world.expire(&std::fs::read_to_string(desk.stage.path("acme_access_token")).unwrap()));
    desk.ends(0, &["once"]).await;
    assert_eq!(desk.account().rotations, 1);

    restore(&desk.stage);
    let ran = desk.ends(3, &["once"]).await;
    assert!(ran.err.contains("restored from a backup") && ran.err.contains("miro-source auth confirm acme"), "{ran:?}");
    assert_eq!(desk.account().refreshes, 1, "the old pair was not sent");
    let ran = desk.ends(0, &["auth", "confirm"]).await;
    assert!(ran.out.contains("confirmed"), "{ran:?}");
    // They were not the latest: one refusal, one more refresh, and then a person.
    let ran = desk.ends(3, &["once"]).await;
    assert!(ran.err.contains("run `miro-source auth acme`"), "{ran:?}");
    assert_eq!(desk.account().refreshes, 2, "{:#?}", desk.account());
}

/// Puts the backup in the place of the database, as an operator does.
fn restore(stage: &Stage) {
    for name in ["miro-source.db-wal", "miro-source.db-shm"] {
        let _ = std::fs::remove_file(stage.path(name));
    }
    std::fs::copy(stage.path("backup.db"), stage.path("miro-source.db")).unwrap();
}
