//! A run for some of the sources alone: `backfill`, and the repair of `verify`, where no host runs.
//!
//! What always holds:
//!
//! - **Only theirs is done.** It reads their events, has them judged, and delivers them and their alerts to their sinks.
//! - **Nothing is known by it of the whole.** It ends no condition, tells no channel, acts on no account, replaces no component, forgets
//!   nothing that is old, and checks nothing: the next whole run does.
//! - **What is written down is of the whole.** Who hears of alerts, who reacts, and what the governance log says of the configuration come
//!   of all of it.

use std::collections::BTreeSet;

use crate::{config::Config, model::SourceName};

/// What of a configuration is about these sources.
pub(super) fn portion(config: &Config, sources: &BTreeSet<SourceName>) -> Config {
    let theirs = |of: &[SourceName]| of.iter().any(|name| sources.contains(name));
    let mut only = config.clone();
    only.sources.retain(|each| sources.contains(&each.name));
    only.sinks.retain(|each| theirs(&each.sources));
    for sink in &mut only.sinks {
        sink.sources.retain(|name| sources.contains(name));
    }
    only.detectors.retain(|each| theirs(&each.sources));
    only.responders.retain(|each| theirs(&each.sources));
    only.channels.clear();
    only.broken.clear();
    only
}

#[cfg(test)]
mod tests {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _, sync::Arc};

    use futures_util::future::BoxFuture;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::{
        alert::{Activity, Severity},
        clock::SteppedClock,
        condition::{Change, Concerns, Condition, Kind, Known, Turn},
        config::{ComponentRef, load},
        egress::{Answer, RequestLimits, Transport, TransportError},
        model::Instant,
        pipeline::{Edges, Pipeline},
        runtime::{Runtime, digest},
        store::Store,
        swap::{Consent, Offer},
        trust::Package,
    };

    const NOON: Instant = Instant(1_772_366_400_000);

    /// A network without a way out.
    struct Cut;

    impl Transport for Cut {
        fn send(&self, _: http::Request<bytes::Bytes>, _: &RequestLimits) -> BoxFuture<'static, Result<Answer, TransportError>> {
            Box::pin(std::future::ready(Err(TransportError::Unreachable("cut".to_owned()))))
        }
    }

    /// Two sources, each with a token.
    fn config(folder: &std::path::Path) -> Config {
        let secret = |name: &str, text: &str| {
            let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(folder.join(name)).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        };
        let source = |name: &str| {
            secret(name, "a-token-of-a-test");
            format!(
                "[[source]]\nname = \"{name}\"\nallow = [\"https://api.miro.com\"]\nsecrets = {{ access_token = {{ file = \"{name}\" }} }}\n"
            )
        };
        secret("key", &"7d".repeat(32));
        let sink = "[[sink]]\nname = \"out\"\ntype = \"file\"\npath = \"out.ndjson\"\nsources = [\"acme\", \"beta\"]\n";
        let store = "[store]\npath = \"store.db\"\nkey = { file = \"key\" }\n";
        std::fs::write(folder.join("c.toml"), format!("detect = false\n{store}{}{}{sink}", source("acme"), source("beta"))).unwrap();
        load(&folder.join("c.toml")).unwrap()
    }

    fn edges(config: &Config) -> Edges {
        let real = Edges::real(config, Arc::new(SteppedClock::new(NOON))).unwrap();
        Edges { transport: Arc::new(Cut), ..real }
    }

    fn open(kind: Kind, subject: &str) -> Turn {
        let condition = Condition {
            kind,
            subject: subject.to_owned(),
            concerns: Concerns::Host,
            severity: Severity::High,
            step: 0,
            since: NOON,
            title: "so it is".to_owned(),
            reasons: Vec::new(),
            advice: String::new(),
        };
        let known = Known { condition, begun: NOON, ended: None, news: 1 };
        Turn { known, news: Some(Activity::Create), channels: Vec::new(), lines: Vec::new() }
    }

    fn stopped() -> CancellationToken {
        let stop = CancellationToken::new();
        stop.cancel();
        stop
    }

    /// What a run for one source must leave as it is: open conditions, the governance log, and what is old.
    fn left(store: &dyn Store) -> (usize, usize, usize) {
        let open = store.conditions().unwrap().iter().filter(|known| known.is_open()).count();
        let said = store.governance(0, 100).unwrap().len();
        (open, said, store.notes("detect/beta/gone-by/gone").unwrap().len())
    }

    #[tokio::test]
    async fn i5_a_run_for_one_source_ends_records_and_forgets_nothing_of_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        let acme = BTreeSet::from(["acme".parse::<SourceName>().unwrap()]);
        let whole = Pipeline::assemble(&config, edges(&config)).await.unwrap();
        let store = whole.store();
        let turns = vec![open(Kind::Source, "beta"), open(Kind::Certificate, "origin https://beta"), open(Kind::Check, "sink out")];
        store.turn_conditions(&Change { turns, ..Change::default() }, NOON).unwrap();
        // Housekeeping notes when it was first seen that nobody has it any more.
        store.judged(&"beta".parse().unwrap(), &"gone-by".parse().unwrap()).unwrap();
        drop((whole, store));

        let once = Pipeline::assemble_part(&config, &acme, edges(&config)).await.unwrap();
        let store = once.store();
        let said = once.once(stopped()).await.unwrap();
        assert!(said.iter().all(|left| left.message.contains("acme")) && !said.is_empty(), "{said:?}");
        assert_eq!(left(store.as_ref()), (3, 0, 0));
        drop(store);
        let run = Pipeline::assemble_part(&config, &acme, edges(&config)).await.unwrap();
        let store = run.store();
        run.run(stopped()).await.unwrap();
        assert_eq!(left(store.as_ref()), (3, 0, 0));
        drop(store);

        // The whole does all of that.
        let run = Pipeline::assemble(&config, edges(&config)).await.unwrap();
        let store = run.store();
        run.run(stopped()).await.unwrap();
        assert_eq!(left(store.as_ref()), (3, 0, 1));
        drop(store);
        let once = Pipeline::assemble(&config, edges(&config)).await.unwrap();
        let store = once.store();
        once.once(stopped()).await.unwrap();
        assert_eq!(left(store.as_ref()).0, 1, "it does not know yet how beta is doing");
    }
    #[tokio::test]
    async fn i6_a_run_for_one_source_replaces_no_component_that_the_others_run_too() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(folder.path());
        let newer = Runtime::builtin("miro").unwrap();
        // A custom section changes its bytes and nothing else.
        let (older, file) = ([newer, &[0, 2, 1, b'x']].concat(), folder.path().join("c.wasm"));
        config.components.digests = [newer, &older].map(|wasm| format!("sha256:{}", digest(wasm)).parse().unwrap()).into();
        config.sources.iter_mut().for_each(|source| source.component = ComponentRef::Path(file.clone()));
        std::fs::write(&file, &older).unwrap();
        drop(Pipeline::assemble(&config, edges(&config)).await.unwrap());
        std::fs::write(&file, newer).unwrap();

        let acme = BTreeSet::from(["acme".parse::<SourceName>().unwrap()]);
        let part = Pipeline::assemble_part(&config, &acme, edges(&config)).await.unwrap();
        let (store, swaps) = (part.store(), part.swaps());
        part.once(stopped()).await.unwrap();
        let package = Arc::new(Package::read(&file).unwrap());
        let asked = Offer { component: "c".to_owned(), package, consent: Consent::Any, reason: "a person asked".to_owned() };
        let refused = swaps.offer(asked).await.unwrap_err();
        assert!(refused.reason.contains("runs for some sources alone"), "{refused:?}");
        assert_eq!(store.tenures().unwrap().len(), 1, "nor is anything noted against it");
        drop((store, swaps));

        let whole = Pipeline::assemble(&config, edges(&config)).await.unwrap();
        let store = whole.store();
        whole.once(stopped()).await.unwrap();
        assert_eq!(store.tenures().unwrap().len(), 2, "the whole tries it");
    }
}
