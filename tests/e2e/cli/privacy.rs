//! A person who asks what is kept of them, beside a running host.

use miro_source::{
    model::{Instant, Seq},
    store::{
        Store as _,
        seal::Key,
        sqlite::{Access, Open, SqliteStore},
    },
};
use serde_json::{Value, json};

use super::Desk;

const ID: &str = "3074457345618265111";

/// Somebody does something, now, of a name like that.
fn act(desk: &Desk, id: &str, mail: &str, to: &str) {
    let now = Instant::system().0;
    desk.world.add_event_with(now, now, "sign_in_success", |record| {
        record["createdBy"] = json!({"type": "user", "id": id, "name": "Ann Exemplar", "email": mail});
        record["details"] = json!({"shared_with": to});
    });
}

/// Whether a text, in lower case, stands in any file of the store, or in an event that is compressed there.
fn stands(desk: &Desk, text: &str) -> bool {
    let key = Key::parse("7d".repeat(32).as_bytes()).unwrap();
    let store = SqliteStore::open(Open::new(desk.stage.path("miro-source.db"), key, Access::Reader)).unwrap();
    let (acme, mut after) = ("acme".parse().unwrap(), Seq(0));
    loop {
        let events = store.read_all(&acme, after, 1000, usize::MAX).unwrap();
        let Some(last) = events.last() else { break };
        after = last.seq;
        if events.iter().any(|event| event.record.to_lowercase().contains(text)) {
            return true;
        }
    }
    ["", "-wal"].iter().any(|ending| {
        let mut bytes = std::fs::read(desk.stage.path(&format!("miro-source.db{ending}"))).unwrap_or_default();
        bytes.make_ascii_lowercase();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_handed_out_and_erased_beside_a_running_host_and_does_not_come_back() {
    let desk = Desk::open().await;
    let host = desk.settled().await;
    act(&desk, ID, "ann.exemplar@example.com", "bob@example.com");
    act(&desk, "3074457345618265222", "bob@example.com", "to Ann.Exemplar@example.com");
    desk.until("both are delivered", &host, |account| account.held == 302 && account.lost == 0).await;

    assert!(stands(&desk, ID) && stands(&desk, "ann.exemplar@example.com"));

    let export = desk.stage.path("ann.ndjson");
    desk.ends(0, &["privacy", "export", "--user", "Ann.Exemplar@example.com", "--output", &export.display().to_string()]).await;
    let lines: Vec<Value> = std::fs::read_to_string(&export).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let roles: Vec<&str> = lines.iter().filter(|line| line["kind"] == "event").map(|line| line["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["actor", "mentioned"], "{lines:#?}");
    assert!(lines[0]["identities"].to_string().contains(ID), "an address brings the identifier: {}", lines[0]);
    assert_eq!((&lines[0]["kind"], &lines[lines.len() - 1]), (&json!("export"), &json!({"kind": "end", "lines": lines.len()})));

    let copy = desk.stage.path("copy.db").display().to_string();
    desk.ends(0, &["backup", &copy]).await;
    let held = std::fs::read_to_string(&desk.config).unwrap();
    let hold =
        || std::fs::write(&desk.config, held.replace("interval = ", "legal_hold = [\"ann.exemplar@example.com\"]\ninterval = ")).unwrap();
    hold();
    let ran = desk.ends(1, &["privacy", "erase", "--user", ID, "--yes"]).await;
    assert!(ran.err.contains("nothing was erased: source acme is held"), "{ran:?}");
    let ran = desk.ran(&["status"]).await;
    assert!(ran.out.contains("legal hold on source acme: what names one of 1 stays"), "{ran:?}");
    std::fs::write(&desk.config, &held).unwrap();
    let ran = desk.ends(1, &["privacy", "erase", "--user", ID]).await;
    assert!(ran.err.contains("add `--yes`"), "{ran:?}");
    let ran = desk.ends(0, &["privacy", "erase", "--user", ID, "--dry-run"]).await;
    assert!(ran.out.contains("acme: 1 events that they did go, 1 that name them"), "{ran:?}");
    let ran = desk.ends(0, &["privacy", "erase", "--user", ID, "--yes"]).await;
    assert!(ran.out.contains("1 events removed, 0 of them before every sink had them; 1 redacted"), "{ran:?}");

    assert!(!stands(&desk, ID) && !stands(&desk, "ann.exemplar@example.com"));
    let ran = desk.ends(0, &["privacy", "export", "--user", ID]).await;
    assert_eq!(ran.out.lines().count(), 2, "{ran:?}");

    // What happens afterwards is anybody's.
    act(&desk, ID, "ann.exemplar@example.com", "bob@example.com");
    act(&desk, "3074457345618265222", "bob@example.com", "nobody");
    desk.until("both go on", &host, |account| account.held == 304 && account.lost == 0).await;
    let log = desk.ends(0, &["respond", "log"]).await.out;
    assert!(
        log.contains("hand out what is kept of person") && log.contains("end the erasure of person") && !log.contains("ann.exemplar"),
        "{log}"
    );
    assert!(host.terminate().unwrap().success());
    assert!(stands(&desk, ID));

    // What was copied before holds the person again, and is told to let go.
    let ran = desk.ends(0, &["restore", &copy]).await;
    assert!(ran.out.contains("`miro-source privacy erase --again`"), "{ran:?}");
    let export = ["privacy", "export", "--user", ID];
    assert!(desk.ends(0, &export).await.out.lines().count() > 2, "the copy is from before");
    hold();
    for who in [&["--again"][..], &["--user", "bob@example.com"]] {
        let ran = desk.ends(1, &[&["privacy", "erase", "--yes"], who].concat()).await;
        assert!(ran.err.contains("nothing was erased: source acme is held") && ran.err.contains("erased before"), "{ran:?}");
    }
    std::fs::write(&desk.config, &held).unwrap();
    desk.ends(0, &["privacy", "erase", "--again", "--yes"]).await;
    assert_eq!(desk.ends(0, &export).await.out.lines().count(), 2);
    let ran = desk.ran(&["status"]).await;
    assert!(ran.out.contains("identities of people are kept out"), "{ran:?}");
}
