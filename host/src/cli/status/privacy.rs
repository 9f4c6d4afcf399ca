//! What `status` says of people: who is kept out, and what is held.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    config::Config,
    model::{Instant, SourceName},
    privacy::Hold,
    store::{ERASED_LOST, Store},
};

/// It, as it stands.
#[derive(Serialize)]
pub(super) struct Kept {
    /// How many identities of people who were erased are kept out.
    erased: u64,
    /// How many events of theirs came in again and were not stored, by source.
    dropped: BTreeMap<SourceName, u64>,
    /// What a legal hold keeps, by source: all of it, or so many people.
    held: BTreeMap<SourceName, String>,
    /// When the store was damaged so that it could not be read who was erased, where nobody was erased since.
    lost: Option<Instant>,
}

impl Kept {
    pub(super) fn find(config: &Config, store: &dyn Store) -> crate::store::Result<Self> {
        let noted = store.notes("erased/")?;
        let dropped = noted.into_iter().filter_map(|(key, count)| {
            let source = key.strip_prefix("erased/")?.parse().ok()?;
            Some((source, count.parse().ok()?))
        });
        let held = config.sources.iter().filter_map(|source| {
            let what = match &source.keeping.hold {
                Hold::Nothing => return None,
                Hold::All => "everything".to_owned(),
                Hold::Of(who) => format!("what names one of {}", who.len()),
            };
            Some((source.name.clone(), what))
        });
        let lost = store.notes(ERASED_LOST)?.into_iter().find_map(|(_, at)| at.parse().ok().map(Instant));
        Ok(Self { erased: store.erasures()?, dropped: dropped.collect(), held: held.collect(), lost })
    }
}

/// Nothing where there is nothing.
pub(super) fn print(kept: &Kept) {
    if let Some(lost) = kept.lost {
        say!(
            "\nwho was erased could not be read when the store was damaged ({lost}): they may come in again; `miro-source privacy erase --user WHO` for \
             each of them, or `--again` where there is nobody"
        );
    }
    for (source, what) in &kept.held {
        say!("\nlegal hold on source {source}: {what} stays, whatever its age");
    }
    if kept.erased > 0 {
        let dropped: u64 = kept.dropped.values().sum();
        say!("\nerased: {} identities of people are kept out; {dropped} events of theirs came in since and were not stored", kept.erased);
    }
}
