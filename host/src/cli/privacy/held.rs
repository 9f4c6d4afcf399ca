//! What a legal hold keeps is not erased, nor is anything else of the person: half an erasure is none.

use std::collections::BTreeMap;

use super::{Ended, Exit, Hand, Result, erase, log::Makers};
use crate::{
    config::BrokenInclude,
    model::SourceName,
    neutral::visible,
    pipeline,
    privacy::{Hold, Identity, Marks},
    store::blocking,
};

/// What is held of each source, also of those that were removed from the configuration.
pub(super) async fn holds(hand: &Hand<'_>) -> Result<BTreeMap<SourceName, Hold>> {
    let config = hand.config.clone();
    Ok(blocking(hand.store(), move |store| pipeline::holds(&config, store)).await?.into_iter().collect())
}

/// Refuses where a hold keeps somebody who would be erased, or where nobody knows whether one does.
pub(super) async fn refuse(
    hand: &Hand<'_>,
    makers: &Makers,
    named: Option<&SourceName>,
    sources: &[SourceName],
    identities: &[Identity],
    holds: &BTreeMap<SourceName, Hold>,
) -> Result<()> {
    let configured: Vec<&SourceName> = hand.config.sources.iter().map(|source| &source.name).collect();
    let mut concerned = Vec::new();
    for source in sources.iter().filter(|source| !configured.contains(source)) {
        let erased = erased(hand, source).await?;
        if concerns(hand, makers, source, Marks::plain(identities)).await? || concerns(hand, makers, source, erased).await? {
            concerned.push(source.clone());
        }
    }
    if let Some(why) = unknown(&hand.config.broken, &configured, &concerned, named) {
        return Err(Ended::new(Exit::Left, format!("nothing was erased: {why}")).into());
    }
    for (source, hold) in holds.iter().filter(|(source, _)| named.is_none_or(|named| named == *source)) {
        let erased = erased(hand, source).await?;
        if let Some(why) = hold.keeps(identities, &erased) {
            let end = match configured.contains(&source) {
                true => "take the hold out of the configuration first",
                false => "it is not configured, and keeps that until it is again, without the hold: do that first",
            };
            let text = format!("nothing was erased: source {source} is held ({}); {end}, or name another --source", visible(&why));
            return Err(Ended::new(Exit::Left, text).into());
        }
    }
    Ok(())
}

async fn erased(hand: &Hand<'_>, source: &SourceName) -> Result<Marks> {
    let source = source.clone();
    Ok(blocking(hand.store(), move |store| store.kept_out(Some(&source))).await?)
}

/// Whether something of a source names them.
async fn concerns(hand: &Hand<'_>, makers: &Makers, source: &SourceName, marks: Marks) -> Result<bool> {
    let mut any = false;
    let passage = makers.go_through(hand, source, &marks, async |batch| {
        any |= !batch.naming.is_empty();
        Ok(())
    });
    passage.await?;
    Ok(any || !erase::rows(hand, Some(source.clone()), marks).await?.is_empty())
}

/// Why it is not known what is held, where something of these sources would go. A source that is named alone answers for itself.
fn unknown(broken: &[BrokenInclude], configured: &[&SourceName], concerned: &[SourceName], named: Option<&SourceName>) -> Option<String> {
    if named.is_some_and(|named| configured.contains(&named)) {
        return None;
    }
    if let Some(file) = broken.iter().find(|file| file.hides_sources) {
        return Some(format!(
            "{} is wrong, so that nobody knows whom a legal_hold in it keeps; mend it, see `miro-source check`, or name a source of another file \
             with --source",
            visible(&file.path.display().to_string())
        ));
    }
    let unknown = concerned.iter().find(|source| named.is_none() && !configured.contains(source))?;
    Some(format!(
        "source {unknown} names them and is not configured, so that nobody knows whom a legal_hold keeps; configure it, with its legal_hold where it has one, \
         or erase source by source with --source"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_erased_where_nobody_knows_what_is_held() {
        let [acme, old]: [SourceName; 2] = ["acme", "old"].map(|name| name.parse().unwrap());
        let wrong = [BrokenInclude { path: "customers/old.toml".into(), message: String::new(), hides_sources: true, sources: None }];
        let both = [acme.clone(), old.clone()];
        let why = |broken: &[BrokenInclude], sources: &[SourceName], named| unknown(broken, &[&acme], sources, named).unwrap_or_default();
        assert!(why(&wrong, &both[..1], None).starts_with("customers/old.toml is wrong"));
        assert!(why(&wrong, &both[1..], Some(&old)).starts_with("customers/old.toml is wrong"));
        let policies = [BrokenInclude { hides_sources: false, ..wrong[0].clone() }];
        assert_eq!(why(&policies, &both[..1], None), "");
        assert!(why(&[], &both, None).starts_with("source old names them and is not configured"));
        // Whoever names a source says that it is not held.
        assert_eq!([why(&[], &both[1..], Some(&old)), why(&wrong, &both[..1], Some(&acme)), why(&[], &both[..1], None)], ["", "", ""]);
    }
}
