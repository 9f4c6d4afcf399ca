//! The operator's own ranges, of each source.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use audit_pipeline::detector::Network;

use super::interval::Intervals;
use crate::{config::RangeConfig, model::SourceName};

/// The ranges of one source.
#[derive(Debug, Default)]
pub(super) struct Ranges {
    at: Intervals<usize>,
    all: Vec<Arc<RangeConfig>>,
}

impl Ranges {
    /// The range that holds the address.
    pub(super) fn find(&self, ip: IpAddr) -> Option<&RangeConfig> {
        self.at.find(ip).and_then(|place| self.all.get(*place)).map(AsRef::as_ref)
    }
}

/// Ranges by source. Those of one source do not overlap: the configuration has seen to it.
pub(super) fn by_source(ranges: &[RangeConfig]) -> BTreeMap<SourceName, Ranges> {
    let mut found: BTreeMap<SourceName, Ranges> = BTreeMap::new();
    for range in ranges {
        let shared = Arc::new(range.clone());
        for source in &range.sources {
            let ranges = found.entry(source.clone()).or_default();
            for block in &range.addresses {
                ranges.at.push(*block, ranges.all.len());
            }
            ranges.all.push(Arc::clone(&shared));
        }
    }
    for ranges in found.values_mut() {
        ranges.at = std::mem::take(&mut ranges.at).sorted();
    }
    found
}

/// The operator's word over the feed's. A place and an ISP are replaced whole: what the feed adds to its own, how far off it
/// may be and the number of the autonomous system, goes with them.
pub(super) fn overrule(range: &RangeConfig, network: &mut Network) {
    network.category = range.category.map(|category| category.as_str().to_owned());
    if let Some(place) = &range.place {
        network.country = Some(place.country.clone());
        network.city.clone_from(&place.city);
        (network.latitude, network.longitude) = place.at.unzip();
        network.radius = None;
    }
    if let Some(isp) = &range.isp {
        network.isp = Some(isp.clone());
        network.asn = None;
    }
    let fed = std::mem::replace(&mut network.tags, range.tags.clone());
    for tag in fed {
        if !network.tags.contains(&tag) {
            network.tags.push(tag);
        }
    }
}
