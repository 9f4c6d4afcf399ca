//! What the governance log is told without anybody asking: that the configuration is another one, that a source may reach other
//! places, that a detector or a responder is another component, and once a day, how far the log itself got.
//!
//! The first of all is no change. A head is a record like every other, so that it goes where they go: whoever keeps what a sink got
//! sees each day that nothing was cut off.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    config::{self, ComponentRef, Config},
    model::{Instant, SourceName},
    respond::{Deed, Head, Kind, Turn},
    runtime::Generation,
    store::{Result, Store, blocking},
};

/// The note of the parts, as they were.
const PARTS: &str = "governance/parts";
const GRANT: &str = "governance/grant/";
const COMPONENT: &str = "governance/component/";
const DAY: &str = "governance/day";

/// Tells of what is another than when the host last began.
pub(super) async fn begin(config: &Config, store: &Arc<dyn Store>, now: Instant) -> Result<()> {
    let parts = config::parts(config);
    let grants: Vec<(SourceName, String)> = config
        .sources
        .iter()
        .map(|source| (source.name.clone(), source.allow.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")))
        .collect();
    blocking(store, move |store| {
        let before: BTreeMap<String, String> = noted(store, PARTS)?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let about = format!("{}; digest {}", config::difference(&before, &parts).join(", "), config::digest(&parts));
        let value = serde_json::to_string(&parts).unwrap_or_default();
        tell(store, Turn { note: PARTS, value: &value }, (Kind::Configuration, None), about, now)?;
        for (source, allow) in &grants {
            let about = format!("source {source} may reach {}", if allow.is_empty() { "nothing" } else { allow });
            tell(store, Turn { note: &format!("{GRANT}{source}"), value: allow }, (Kind::Grant, Some(source)), about, now)?;
        }
        head(store, now)
    })
    .await
}

/// Tells of a detector or a responder (`responder entra`) whose component is another than when it last began. Those of sources have
/// generations, which tell of themselves.
pub(super) async fn component(
    store: &Arc<dyn Store>,
    whose: String,
    (named, generation): (&ComponentRef, &Generation),
    sources: &[SourceName],
    now: Instant,
) -> Result<()> {
    let digest = generation.digest().to_owned();
    let about = format!("{whose} is {named}, {digest}, from now on");
    let only = sources.first().filter(|_| sources.len() == 1).cloned();
    blocking(store, move |store| {
        let turn = Turn { note: &format!("{COMPONENT}{whose}"), value: &digest };
        tell(store, turn, (Kind::Component, only.as_ref()), about, now)
    })
    .await
}

/// Tells once a day how far the log got, where there is one.
pub(super) fn head(store: &dyn Store, now: Instant) -> Result<()> {
    let day = now.to_string().get(..10).unwrap_or_default().to_owned();
    let Head { number, hash } = store.governance_head()?;
    if number > 0 {
        tell(store, Turn { note: DAY, value: &day }, (Kind::Head, None), format!("record {number} has the hash {hash}"), now)?;
    }
    Ok(())
}

/// What is so for the first time is remembered, and told when it is another.
fn tell(store: &dyn Store, turn: Turn<'_>, (deed, source): (Kind, Option<&SourceName>), about: String, at: Instant) -> Result<()> {
    if noted(store, turn.note)?.is_none() {
        return store.note(turn.note, turn.value);
    }
    store.deed(&Deed { at, who: None, deed, about, source: source.cloned() }, Some(turn)).map(drop)
}

fn noted(store: &dyn Store, key: &str) -> Result<Option<String>> {
    Ok(store.notes(key)?.into_iter().find(|(found, _)| found == key).map(|(_, value)| value))
}
