//! What is erased, and what is not, on a store of a test.

use super::{
    erase::take_out,
    held::{holds, refuse},
    log::Makers,
    *,
};
use crate::{
    alert::tests::{NOON, detector, found, judgement, source},
    clock::SteppedClock,
    config,
    store::{
        KEEPING,
        seal::Key,
        sqlite::{Access, Open, SqliteStore},
    },
};

/// A store with an alert of each of two sources, of which only `acme` is configured.
struct Bench {
    config: Config,
    clock: SteppedClock,
    store: Arc<dyn Store>,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("miro-source.toml");
        let text = "[[source]]\nname = \"acme\"\nsecrets = { access_token = { env = \"TOKEN\" } }\nallow = [\"https://api.miro.com\"]\n";
        crate::disk::private_file(&path, text.as_bytes()).unwrap();
        let open = Open::new(folder.path().join("store.db"), Key::new(&[7; 32]), Access::Owner);
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(open).unwrap());
        store.judge(&judgement(&source(), &detector(), &[found("p", "the-user-17")])).unwrap();
        store.judge(&judgement(&old(), &detector(), &[found("p", "the-user-18")])).unwrap();
        Self { config: config::load(&path).unwrap(), clock: SteppedClock::new(NOON), store, _folder: folder }
    }

    fn hand(&self) -> Hand<'_> {
        Hand { config: &self.config, clock: &self.clock, hold: Hold::Owner(Arc::clone(&self.store)) }
    }
}

fn old() -> SourceName {
    "old".parse().unwrap()
}

fn account(user: &str) -> [Identity; 1] {
    [Identity::account(format!("{user}@example.com"))]
}

#[tokio::test]
async fn who_was_erased_from_one_source_alone_is_erased_again_in_what_belongs_to_it() {
    let bench = Bench::new();
    bench.store.keep_out(Some(&source()), &account("the-user-17"), NOON).unwrap();
    let (hand, makers, sources) = (bench.hand(), Makers::default(), [source()]);
    let done = take_out(&hand, &makers, &sources, true).await.unwrap();
    assert_eq!(done.rows.keys().collect::<Vec<_>>(), ["alerts", "behaviours"]);
    assert!(take_out(&hand, &makers, &sources, true).await.unwrap().rows.is_empty(), "once");
}

#[tokio::test]
async fn nobody_is_erased_whom_a_source_names_of_whose_holds_nobody_knows() {
    let bench = Bench::new();
    let (hand, makers, sources) = (bench.hand(), Makers::default(), [source(), old()]);
    let refused = async |user: &str, named: Option<&SourceName>| {
        let ended = refuse(&hand, &makers, named, &sources, &account(user), &holds(&hand).await.unwrap()).await;
        ended.err().map(|why| why.to_string()).unwrap_or_default()
    };
    assert_eq!(refused("the-user-17", None).await, "", "it says nothing of them");
    assert!(refused("the-user-18", None).await.contains("source old names them and is not configured"));
    assert_eq!(refused("the-user-18", Some(&old())).await, "", "whoever names it says so");
    // Neither is somebody with whom they would be erased again.
    bench.store.keep_out(None, &account("the-user-18"), NOON).unwrap();
    assert!(refused("the-user-17", None).await.contains("source old names them and is not configured"));
}

#[tokio::test]
async fn nobody_is_erased_whom_a_source_held_that_was_removed_from_the_configuration() {
    let bench = Bench::new();
    let (hand, makers) = (bench.hand(), Makers::default());
    let said = |hold: &str| {
        let text = format!(r#"{{"records":{0},"behaviours":{0},"alerts":{0},"hold":{hold}}}"#, r#"{"secs":1,"nanos":0}"#);
        bench.store.note(&format!("{KEEPING}old"), &text).unwrap();
    };
    let refused = async |user: &str, named: Option<SourceName>| {
        let sources = named.clone().map_or(vec![source(), old()], |named| vec![named]);
        let ended = refuse(&hand, &makers, named.as_ref(), &sources, &account(user), &holds(&hand).await.unwrap()).await;
        ended.err().map(|why| why.to_string()).unwrap_or_default()
    };
    said(r#""All""#);
    for named in [Some(old()), None] {
        assert!(refused("the-user-17", named).await.contains("source old is held (legal_hold = true); it is not configured"));
    }
    assert_eq!(refused("the-user-17", Some(source())).await, "", "another keeps nothing");
    said(r#"{"Of":["the-user-17@example.com"]}"#);
    assert!(refused("the-user-17", Some(old())).await.contains("source old is held"));
    assert_eq!(refused("the-user-18", Some(old())).await, "");
    said(r#""Nothing""#);
    assert_eq!(refused("the-user-17", Some(old())).await, "");
}
