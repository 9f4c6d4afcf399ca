//! On which changes of feeds a finding rests.

use audit_pipeline::detector::{Finding, Network, Rule, Sighting};

use crate::{
    enrich::{Enricher, FeedChange},
    model::{Instant, SourceName},
};

/// The changes of the last day without which something that the finding's rule reads would not be known of one of the addresses that
/// its events came from, each once.
pub(super) fn changes<'a>(
    enricher: &Enricher,
    source: &SourceName,
    rules: &[Rule],
    finding: &Finding,
    sightings: impl Iterator<Item = &'a Sighting>,
    now: Instant,
) -> Vec<FeedChange> {
    let rule = rules.iter().find(|rule| rule.name == finding.policy);
    // A detector that does not say what a rule reads may read anything.
    let reads = |fact: &str| rule.is_none_or(|rule| rule.needs.iter().flatten().chain(&rule.uses).any(|word| covers(word, fact)));
    let (mut asked, mut found): (Vec<(&str, Option<&Network>)>, Vec<FeedChange>) = (Vec::new(), Vec::new());
    for sighting in sightings {
        let (Some(ip), network) = (sighting.event.ip.as_deref(), sighting.network.as_ref()) else { continue };
        if asked.contains(&(ip, network)) {
            continue;
        }
        asked.push((ip, network));
        for change in enricher.changes(source, ip, network, now, reads) {
            if !found.contains(&change) {
                found.push(change);
            }
        }
    }
    found
}

/// Whether a word of a rule means a fact: `tags` means any tag.
fn covers(word: &str, fact: &str) -> bool {
    word.eq_ignore_ascii_case(fact) || fact.split_once(':').is_some_and(|(kind, _)| kind.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_without_more_means_every_fact_of_its_kind() {
        let meant = [("tags:tor", "tags:tor"), ("tags", "tags:tor"), ("Tags:TOR", "tags:tor"), ("country", "country")];
        assert!(meant.into_iter().all(|(word, fact)| covers(word, fact)));
        let others = [("tags:vpn", "tags:tor"), ("tag", "tags:tor"), ("country", "city"), ("tags:tor", "tags")];
        assert!(others.into_iter().all(|(word, fact)| !covers(word, fact)));
    }
}
