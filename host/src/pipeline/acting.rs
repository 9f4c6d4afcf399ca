//! What acts on accounts, and the directories that it is told of: put together from `[[responder]]`.

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::Notify;

use super::{Left, chronicle, parts};
use crate::{
    authenticate::Keys,
    clock::Clock,
    config::{Config, ResponderConfig, reactions},
    directory::{self, KeeperParts},
    egress::Grant,
    enrich::Board,
    model::{Instant, ResponderName, SourceName},
    neutral::brief,
    respond::{Executor, ExecutorParts, Remit, Witness},
    runtime::{self, Responder, Runtime},
    schedule::Remedy,
    store::{Store, StoreError, blocking},
    trust::Trust,
};

/// Says in the store what is to be done from now on, and holds what a restored store would do again.
pub(super) async fn prepare(config: &Config, store: &Arc<dyn Store>, now: Instant) -> Result<(), StoreError> {
    let wanted = reactions(config);
    let held = blocking(store, move |store| {
        store.set_reactions(&wanted, now)?;
        if store.responses_restored()? { store.hold_restored(now) } else { Ok(0) }
    })
    .await?;
    if held > 0 {
        tracing::warn!(
            responses = held,
            "the store was restored from a backup, or is a copy: what it would do waits for approval (`miro-source respond`)"
        );
    }
    Ok(())
}

/// All that executors and directories are made of.
pub(super) struct Ground<'a> {
    pub(super) runtime: &'a Arc<Runtime>,
    pub(super) trust: &'a Trust,
    pub(super) store: &'a Arc<dyn Store>,
    pub(super) clock: &'a Arc<dyn Clock>,
    pub(super) told: &'a Arc<Notify>,
    pub(super) heard: &'a BTreeMap<SourceName, Arc<Notify>>,
    /// They are those of the whole host, which is to be told of.
    pub(super) whole: bool,
}

impl Ground<'_> {
    /// Those that can be: whose component does not load is told, and the others go on without.
    pub(super) async fn all(
        &self,
        config: &Config,
        boards: &BTreeMap<ResponderName, Arc<Board>>,
        refused: &mut Vec<Left>,
    ) -> Result<(Vec<Executor>, Vec<directory::Keeper>), StoreError> {
        let mut loaded: BTreeMap<ResponderName, Responder> = BTreeMap::new();
        for each in &config.responders {
            match responder(self.runtime, self.trust, each).await {
                Ok(responder) => {
                    if self.whole {
                        let (whose, is) = (format!("responder {}", each.name), (&each.component, &*responder.generation()));
                        chronicle::component(self.store, whose, is, &each.sources, self.clock.now()).await?;
                    }
                    loaded.insert(each.name.clone(), responder);
                }
                Err(why) => {
                    let message = format!("responder `{}` does not run: {why:#}", each.name);
                    tracing::error!(responder = %each.name, "{}", brief(&message, 1000));
                    refused.push(Left { message, remedy: Remedy::Configure });
                }
            }
        }
        let (mut executors, mut directories) = (Vec::new(), Vec::new());
        for each in &config.responders {
            let Some(responder) = loaded.get(&each.name) else { continue };
            if let (Some(directory), Some(board)) = (&each.directory, boards.get(&each.name)) {
                directories.push(directory::Keeper::new(KeeperParts {
                    name: each.name.clone(),
                    responder: responder.clone(),
                    keys: Keys::from(each),
                    groups: directory.groups.clone(),
                    sources: each.sources.clone(),
                    interval: directory.interval,
                    board: Arc::clone(board),
                    store: Arc::clone(self.store),
                    clock: Arc::clone(self.clock),
                    told: each.sources.iter().filter_map(|source| self.heard.get(source).cloned()).collect(),
                }));
            }
            if !config.respond.enabled || each.actions.is_empty() {
                continue;
            }
            executors.push(Executor::new(ExecutorParts {
                remit: Remit { name: each.name.clone(), sources: each.sources.clone(), actions: each.actions.clone() },
                responder: responder.clone(),
                keys: Keys::from(each),
                guards: config.respond.guards(),
                witnesses: witnesses(config, each, &loaded),
                people: people(config, each),
                store: Arc::clone(self.store),
                clock: Arc::clone(self.clock),
                told: Arc::clone(self.told),
            }));
        }
        Ok((executors, directories))
    }
}

/// A responder, loaded where it is trusted.
pub(crate) async fn responder(runtime: &Arc<Runtime>, trust: &Trust, config: &ResponderConfig) -> anyhow::Result<Responder> {
    let wasm = parts::wasm(trust, &config.component).await?;
    let load = async |kind| parts::acting(runtime, kind, Arc::clone(&wasm), &config.component).await;
    let grant = Arc::new(Grant::new(config.allow.iter().cloned()));
    let responder = Responder::new(Arc::clone(runtime), load(runtime::Kind::Responder).await?, &config.config.to_string(), grant);
    Ok(match config.directory {
        Some(_) => responder.with_directory(load(runtime::Kind::Directory).await?),
        None => responder,
    })
}

/// Whose directory counts the users of each source: never that of another source (I5).
fn people(config: &Config, of: &ResponderConfig) -> BTreeMap<SourceName, ResponderName> {
    let directory = |source: &&SourceName| config.responders.iter().find(|each| each.directory.is_some() && each.sources.contains(*source));
    of.sources.iter().filter_map(|source| Some((source.clone(), directory(&source)?.name.clone()))).collect()
}

/// Who else knows an administrator where this one acts: the vendor's own responder of the same sources. Nobody where that does not run:
/// then it cannot be told, which is something else than that nobody has to be asked.
fn witnesses(config: &Config, of: &ResponderConfig, loaded: &BTreeMap<ResponderName, Responder>) -> BTreeMap<SourceName, Option<Witness>> {
    let tells = |each: &&ResponderConfig| each.is_built_in("miro") && each.config.get("organization").is_some() && each.name != of.name;
    let mut found = BTreeMap::new();
    for each in config.responders.iter().filter(tells) {
        for source in each.sources.iter().filter(|source| of.sources.contains(source)) {
            let witness = found.entry(source.clone()).or_insert(None);
            if let (None, Some(responder)) = (&witness, loaded.get(&each.name)) {
                *witness = Some(Witness::new(responder.clone(), Keys::from(each)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load;

    /// A responder that acts, or tells of people, with these sources.
    fn responder(name: &str, what: &str, sources: &str) -> String {
        format!(
            "[[responder]]\nname = \"{name}\"\ncomponent = \"builtin:entra\"\nsources = [{sources}]\n{what}\n\
             config = {{ tenant = \"{name}.example\", client_id = \"1\" }}\nfederated_token = {{ env = \"TOKEN\" }}\n\
             allow = [\"https://graph.microsoft.com\"]\n"
        )
    }

    /// Where nobody knew of one, a Company Admin of Miro would be suspended at Entra, where they hold no role.
    #[test]
    fn whoever_knows_the_administrators_is_asked_for_also_where_it_does_not_run() {
        let folder = tempfile::tempdir().unwrap();
        let miro = |name: &str, source: &str, organization: &str| {
            format!(
                "[[responder]]\nname = \"{name}\"\ncomponent = \"builtin:miro\"\nsources = [\"{source}\"]\nactions = [\"sign-out\"]\n\
                 config = {{ {organization} }}\nsecrets = {{ access_token = {{ env = \"TOKEN\" }} }}\n\
                 allow = [\"https://api.miro.com\", \"https://miro.com\"]\n"
            )
        };
        let source = |name: &str| format!("[[source]]\nname = \"{name}\"\nallow = [\"https://api.miro.com\"]\n");
        let text = [
            source("acme"),
            source("beta"),
            responder("entra", "actions = [\"suspend\"]", "\"acme\", \"beta\""),
            miro("knows", "acme", "organization = \"3074457345618265000\""),
            miro("knows-nothing", "beta", ""),
        ];
        std::fs::write(folder.path().join("c.toml"), text.concat()).unwrap();
        let config = load(&folder.path().join("c.toml")).unwrap();
        let of = config.responders.iter().find(|each| each.name.as_str() == "entra").unwrap();
        let found = witnesses(&config, of, &BTreeMap::new());
        assert!(matches!(found.get(&"acme".parse().unwrap()), Some(None)), "{found:?}");
        assert_eq!(found.len(), 1, "{found:?}");
    }

    /// A tenant with many people would lift the cap of another one that has few.
    #[test]
    fn i5_the_users_of_each_source_are_counted_by_a_directory_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let source = |name: &str| format!("[[source]]\nname = \"{name}\"\nallow = [\"https://api.miro.com\"]\n");
        let text = [
            source("acme"),
            source("beta"),
            source("gamma"),
            responder("many", "actions = []\ndirectory = true", "\"beta\""),
            responder("acts", "actions = [\"suspend\"]", "\"acme\", \"beta\", \"gamma\""),
            responder("few", "actions = [\"sign-out\"]\ndirectory = true", "\"acme\""),
        ];
        std::fs::write(folder.path().join("c.toml"), text.concat()).unwrap();
        let config = load(&folder.path().join("c.toml")).unwrap();
        let counted = |name: &str| {
            let of = config.responders.iter().find(|each| each.name.as_str() == name).unwrap();
            people(&config, of).into_iter().map(|(source, by)| format!("{source} by {by}")).collect::<Vec<_>>()
        };
        assert_eq!(counted("acts"), ["acme by few", "beta by many"], "and those of gamma by nobody");
        assert_eq!((counted("few"), counted("many")), (vec!["acme by few".to_owned()], vec!["beta by many".to_owned()]));
    }
}
