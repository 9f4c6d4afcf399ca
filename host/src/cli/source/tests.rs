//! Which token a command uses, against a real store.

use std::path::Path;

use audit_pipeline::types::Credentials;
use secrecy::ExposeSecret as _;

use super::{Access, Held, Trouble};
use crate::{
    config::{ComponentRef, SecretRef, SourceConfig},
    disk,
    model::Instant,
    store::{
        Store,
        seal::Key,
        sqlite::{Access as Opened, Open, SqliteStore},
    },
};

const NOW: Instant = Instant(1_000_000_000);
const HOUR: u64 = 3_600_000;

fn source(folder: &Path, tokens: &[(&str, &str)]) -> SourceConfig {
    let secrets = tokens.iter().map(|(name, value)| {
        let file = folder.join(name);
        let _ = std::fs::remove_file(&file);
        disk::private_file(&file, value.as_bytes()).unwrap();
        ((*name).to_owned(), SecretRef::File(file))
    });
    SourceConfig {
        name: "acme".parse().unwrap(),
        component: ComponentRef::Builtin("miro".into()),
        interval: std::time::Duration::from_secs(300),
        learn: None,
        keeps: None,
        keeping: crate::config::KeepingConfig::default(),
        config: serde_json::json!({}),
        secrets: secrets.collect(),
        assertion: None,
        allow: Vec::new(),
        file: "miro-source.toml".into(),
        line: 1,
    }
}

fn store(folder: &Path, configured: &[&str], expires: u64) -> SqliteStore {
    let store = SqliteStore::open(Open::new(folder.join("store.db"), Key::new(&[7; 32]), Opened::Owner)).unwrap();
    let name = "acme".parse().unwrap();
    store.register(&name).unwrap();
    let pair = Credentials { access_token: "stored".into(), refresh_token: Some("renew".into()), expires_at: Some(expires) };
    store.put_grant(&name, None, &pair, &store.fingerprint(configured), NOW).unwrap();
    store
}

fn found(access: Result<Access, Trouble>) -> Result<(String, Held), Trouble> {
    access.map(|access| (access.token.expose_secret().to_owned(), access.held))
}

#[test]
fn without_a_store_the_configured_token_counts_and_without_a_token_a_person_does() {
    let folder = tempfile::tempdir().unwrap();
    let fixed = source(folder.path(), &[("access_token", "fixed\n")]);
    assert_eq!(found(Access::find(&fixed, None, NOW)).unwrap(), ("fixed".into(), Held::Static));
    let pair = source(folder.path(), &[("access_token", "first"), ("refresh_token", "renew")]);
    assert_eq!(found(Access::find(&pair, None, NOW)).unwrap(), ("first".into(), Held::Adopted));
    let none = source(folder.path(), &[]);
    assert!(matches!(found(Access::find(&none, None, NOW)), Err(Trouble::Authorize(why)) if why.contains("miro-source auth acme")));
    let mut broken = source(folder.path(), &[]);
    broken.secrets.insert("access_token".into(), SecretRef::File(folder.path().join("not there")));
    assert!(matches!(found(Access::find(&broken, None, NOW)), Err(Trouble::Secret(_))));
}

#[test]
fn the_stored_pair_counts_until_the_configured_tokens_change() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), &["first", "renew"], NOW.0 + HOUR);
    let same = source(folder.path(), &[("access_token", "first"), ("refresh_token", "renew")]);
    let expires = Some(Instant(NOW.0 + HOUR));
    let held = Held::Stored { obtained: NOW, expires, due: false };
    assert_eq!(found(Access::find(&same, Some(&store), NOW)).unwrap(), ("stored".into(), held));
    let changed = source(folder.path(), &[("access_token", "second"), ("refresh_token", "renew")]);
    assert_eq!(found(Access::find(&changed, Some(&store), NOW)).unwrap(), ("second".into(), Held::Adopted));
    // Two minutes before it expires the host renews it; a command never does.
    let late = Instant(NOW.0 + HOUR - 120_000);
    let held = Held::Stored { obtained: NOW, expires, due: true };
    assert_eq!(found(Access::find(&source(folder.path(), &[]), Some(&store), late)).unwrap(), ("stored".into(), held));
}

#[test]
fn i4_a_pair_that_the_vendor_refused_is_not_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), &[], NOW.0 + HOUR);
    store.bury_grant(&"acme".parse().unwrap(), 1, "refused for good").unwrap();
    let none = source(folder.path(), &[]);
    assert!(matches!(found(Access::find(&none, Some(&store), NOW)), Err(Trouble::Authorize(why)) if why.contains("refused for good")));
}
