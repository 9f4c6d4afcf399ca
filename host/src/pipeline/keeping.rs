//! How long what is stored is kept, and what stays whatever its age.
//!
//! What always holds:
//!
//! - **A broken file costs nothing.** While there is one, any source of the store that stands in no other may stand in it: all that is
//!   kept of that source stays.
//! - **What a source said lasts.** It is noted in the store. A source that is not configured keeps for as long as it said, or as is
//!   usual where that is longer, and what it held stays held.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    config::{Config, KeepingConfig, StoreConfig},
    model::{Instant, SourceName},
    privacy::Hold,
    store::{KEEPING, Old, Prune, Result, Room, Store, StoreError, StoreErrorKind},
};

/// Ids are remembered at least so long, whatever the retention of records: longer than any lateness a source may be
/// asked to revisit (60 days), plus its period, plus a day.
const IDS: Duration = Duration::from_secs(100 * 24 * 3600);

/// What stays of each source whatever its age, also of those that were removed from the configuration. Notes nothing.
pub fn holds(config: &Config, store: &dyn Store) -> Result<Vec<(SourceName, Hold)>> {
    Ok(Kept::of(config, &store.notes(KEEPING)?.into_iter().collect()).holds())
}

/// How long what is stored is kept.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    usual: Keeping,
    /// Of each source that is configured, or was.
    sources: BTreeMap<SourceName, Keeping>,
    /// What stays of all others.
    others: Hold,
}

/// How long what is of a source is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Keeping {
    records: Duration,
    behaviours: Duration,
    alerts: Duration,
    hold: Hold,
}

impl Keeping {
    fn of(keeping: &KeepingConfig, store: &StoreConfig) -> Self {
        Self {
            records: keeping.retention(store),
            behaviours: keeping.behaviours_retention.unwrap_or(store.behaviours_retention),
            alerts: keeping.alerts_retention.unwrap_or(store.alerts_retention),
            hold: keeping.hold.clone(),
        }
    }

    /// That of a source that is not configured.
    fn lasting(self, usual: &Self) -> Self {
        Self {
            records: self.records.max(usual.records),
            behaviours: self.behaviours.max(usual.behaviours),
            alerts: self.alerts.max(usual.alerts),
            hold: self.hold,
        }
    }
}

impl Kept {
    /// As the configuration says, and as the store knows of sources that are not in it. Notes what the configuration says.
    pub(super) fn note(config: &Config, store: &dyn Store) -> Result<Self> {
        let noted = store.notes(KEEPING)?.into_iter().collect();
        let kept = Self::of(config, &noted);
        for source in &config.sources {
            let text = serde_json::to_string(&Keeping::of(&source.keeping, &config.store))
                .map_err(|why| StoreError::new(StoreErrorKind::Conflict, format!("failed to note how long a source is kept: {why}")))?;
            let key = format!("{KEEPING}{}", source.name);
            // A write is synced: with thousands of sources only what is new is worth one.
            if noted.get(&key) != Some(&text) {
                store.note(&key, &text)?;
            }
        }
        Ok(kept)
    }

    /// As the configuration says, and as was noted of sources that are not in it.
    fn of(config: &Config, noted: &BTreeMap<String, String>) -> Self {
        let usual = Keeping::of(&KeepingConfig::default(), &config.store);
        let mut sources = BTreeMap::new();
        for (key, text) in noted {
            let Some(name) = key.strip_prefix(KEEPING).and_then(|name| name.parse::<SourceName>().ok()) else { continue };
            let noted = serde_json::from_str(text).unwrap_or_else(|why| {
                tracing::warn!(source = %name, "how long its events are to be kept cannot be read ({why}): all of it stays until it is configured");
                Keeping { hold: Hold::All, ..usual.clone() }
            });
            sources.insert(name, noted.lasting(&usual));
        }
        let others = if config.broken.is_empty() { Hold::Nothing } else { Hold::All };
        if others == Hold::All {
            sources.values_mut().for_each(|keeping| keeping.hold = Hold::All);
        }
        sources.extend(config.sources.iter().map(|source| (source.name.clone(), Keeping::of(&source.keeping, &config.store))));
        Self { usual, sources, others }
    }

    /// What stays of each source, whatever its age.
    pub(super) fn holds(&self) -> Vec<(SourceName, Hold)> {
        self.sources.iter().map(|(source, keeping)| (source.clone(), keeping.hold.clone())).collect()
    }

    /// What makes room in the store, and leaves what is held.
    pub(super) fn room(&self, config: &Config) -> Room {
        let latenesses = config.sources.iter().filter_map(|source| Some((source.name.clone(), source.lateness()?)));
        Room::new(config.store.limits, config.store.retention)
            .holding(self.holds().into_iter().collect(), self.others.clone())
            .revisiting(latenesses.collect())
    }

    /// The longest that records are kept.
    fn longest(&self) -> Duration {
        self.sources.values().map(|keeping| keeping.records).fold(self.usual.records, Duration::max)
    }

    /// How long after a detector of a source is gone what it learned is kept. None: it stays.
    pub(super) fn outlasts(&self, source: &SourceName) -> Option<Duration> {
        let hold = self.sources.get(source).map_or(&self.others, |keeping| &keeping.hold);
        (*hold != Hold::All).then(|| self.longest())
    }

    /// What is old by then.
    pub(super) fn old(&self, now: Instant) -> Prune {
        let old = |keeping: &Keeping| Old {
            records_before: now.minus(keeping.records),
            behaviours_before: now.minus(keeping.behaviours),
            alerts_before: now.minus(keeping.alerts),
            ids_before: now.minus(self.longest().max(IDS)),
            hold: keeping.hold.clone(),
        };
        let usual = match self.others {
            Hold::All => Old { hold: Hold::All, ..Old::default() },
            _ => old(&self.usual),
        };
        let sources = self.sources.iter().map(|(source, keeping)| (source.clone(), old(keeping)));
        Prune { usual, sources: sources.collect(), ..Prune::default() }
    }
}

#[cfg(test)]
mod tests {
    use audit_pipeline::types::{Actor, ActorKind, Event, Outcome};

    use super::*;
    use crate::{
        config::load,
        model::{Lane, Seq, SinkName, Stream},
        store::{
            Page, Range,
            room::{Limits, RESERVE},
            seal::Key,
            sqlite::{Access, Open, SqliteStore},
        },
    };

    const NOW: Instant = Instant(1_800_000_000_000);
    const DAY: Duration = Duration::from_secs(86_400);
    const MAIN: &str = "include = [\"customers/*.toml\"]\n[store]\nkey = { file = \"key\" }\n";

    fn source(name: &str, more: &str) -> String {
        let secrets = format!("secrets = {{ access_token = {{ env = \"{}_TOKEN\" }} }}", name.to_uppercase());
        format!("[[source]]\nname = \"{name}\"\nallow = [\"https://api.miro.com\"]\n{secrets}\n{more}\n")
    }

    /// What becomes of a configuration with this file of a customer, at the limit of its store.
    fn config(folder: &std::path::Path, beta: &str) -> Config {
        let customers = folder.join("customers");
        std::fs::create_dir_all(&customers).unwrap();
        std::fs::write(customers.join("none.toml"), "").unwrap();
        std::fs::write(customers.join("beta.toml"), beta).unwrap();
        std::fs::write(folder.join("m.toml"), format!("{MAIN}{}", source("acme", ""))).unwrap();
        let mut config = load(&folder.join("m.toml")).unwrap();
        config.store.limits = Limits { max_size: Some(RESERVE), min_free: 0 };
        config
    }

    /// A record that its sink has, of two months ago.
    fn delivered(store: &SqliteStore, source: &SourceName) {
        let actor = Actor { kind: ActorKind::Unknown, id: None, name: None, email: None };
        let event = Event {
            id: "1".into(),
            time: 1,
            action: "board_opened".into(),
            category: None,
            traits: Vec::new(),
            outcome: Outcome::Unknown,
            actor,
            object: None,
            team: None,
            organization: None,
            ip: None,
            user_agent: None,
            session: None,
            extra: Vec::new(),
            record: "{}".into(),
        };
        let page = Page {
            source,
            stream: Stream::Live,
            lane: Lane::Live,
            received: NOW.minus(60 * DAY),
            events: &[event],
            known: &[],
            checkpoint: "1",
            through: NOW.minus(60 * DAY),
            gaps: &[],
            finished: false,
            generation: None,
        };
        let last: Seq = store.commit(&page).unwrap().last.unwrap();
        let sink: SinkName = "main".parse().unwrap();
        store.cursor(&sink, source, Lane::Live).unwrap();
        store.advance(&sink, source, Lane::Live, last, &[], NOW).unwrap();
    }

    #[test]
    fn a_source_in_a_broken_file_keeps_all_and_one_that_is_gone_what_it_held_and_for_as_long_as_it_said() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(Open::new(folder.path().join("store.db"), Key::new(&[1; 32]), Access::Owner)).unwrap();
        let [acme, beta, other] = ["acme", "beta", "other"].map(|name| name.parse::<SourceName>().unwrap());
        for source in [&acme, &beta, &other] {
            delivered(&store, source);
        }
        let left = |source: &SourceName| {
            let range = Range { source, lane: Lane::Live, after: Seq(0), sink: None, events: usize::MAX, bytes: usize::MAX };
            store.read(&range).unwrap().len()
        };
        let keeping = "retention = \"400d\"\nlegal_hold = true";
        Kept::note(&config(folder.path(), &source("beta", keeping)), &store).unwrap();

        // A slip of the pen, and a restart.
        let broken = config(folder.path(), &source("beta", keeping).replace("allow", "alow"));
        let kept = Kept::note(&broken, &store).unwrap();
        assert_eq!((broken.broken.len(), kept.outlasts(&beta), kept.outlasts(&other)), (1, None, None));
        store.prune(&kept.old(NOW.plus(1000 * DAY))).unwrap();
        assert_eq!([left(&acme), left(&beta), left(&other)], [0, 1, 1]);
        kept.room(&broken).look(&store, NOW).unwrap().unwrap();
        assert_eq!([left(&beta), left(&other)], [1, 1], "nor does it go where there is no room");

        // Removed with what it held.
        let removed = config(folder.path(), "");
        let kept = Kept::note(&removed, &store).unwrap();
        store.prune(&kept.old(NOW.plus(1000 * DAY))).unwrap();
        kept.room(&removed).look(&store, NOW).unwrap().unwrap();
        assert_eq!([left(&beta), left(&other)], [1, 0]);
        // And removed after that was let go.
        Kept::note(&config(folder.path(), &source("beta", "retention = \"400d\"")), &store).unwrap();
        let kept = Kept::note(&removed, &store).unwrap();
        store.prune(&kept.old(NOW.plus(300 * DAY))).unwrap();
        assert_eq!((left(&beta), kept.outlasts(&beta)), (1, Some(400 * DAY)));
        store.prune(&kept.old(NOW.plus(341 * DAY))).unwrap();
        assert_eq!(left(&beta), 0);
    }
}
