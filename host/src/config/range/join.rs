//! What only shows between ranges, sources and files: whose they are, and that those of one source do not overlap.

use std::{collections::BTreeMap, ops::Range};

use ipnet::IpNet;

use super::Ranged;
use crate::{
    config::{
        RangeConfig,
        join::{Known, note_once},
        load::File,
        whose::Whose,
    },
    model::SourceName,
};

/// A block of a range of one source.
struct Placed<'a> {
    block: IpNet,
    range: &'a RangeConfig,
    file: &'a File,
    /// The number of the file, and where in it the block stands.
    at: (usize, &'a Range<usize>),
}

/// The ranges of all files that are right, with their sources; what is wrong is noted once.
pub(in crate::config) fn join(files: &[File], known: &Known, warnings: &mut Vec<String>) -> Vec<RangeConfig> {
    let mut found = Vec::new();
    let mut placed: BTreeMap<SourceName, Vec<Placed<'_>>> = BTreeMap::new();
    for (number, file) in files.iter().enumerate() {
        if number > 0 && file.document.is_wrong() {
            continue;
        }
        for ranged in &file.ranges {
            let sources = of(ranged).find_own(file, known, warnings);
            for source in &sources {
                let blocks = ranged.blocks.iter();
                let blocks = blocks.map(|(block, span)| Placed { block: *block, range: &ranged.config, file, at: (number, span) });
                placed.entry(source.clone()).or_default().extend(blocks);
            }
            if !sources.is_empty() {
                found.push(RangeConfig { sources, ..ranged.config.clone() });
            }
        }
    }
    for (source, placed) in &mut placed {
        overlaps(source, placed);
    }
    found
}

fn of(ranged: &Ranged) -> Whose<'_> {
    let (name, wanted) = (&ranged.config.name, ranged.wanted.as_deref());
    Whose { section: "range", name, verb: "is about", takes: "is about", wanted, span: &ranged.span }
}

/// Notes blocks that share an address, at the later one of the two.
fn overlaps(source: &SourceName, placed: &mut [Placed<'_>]) {
    placed.sort_by_key(|each| (each.block.network(), each.block.prefix_len()));
    let mut widest: Option<&Placed<'_>> = None;
    for next in placed.iter() {
        if let Some(before) = widest
            && before.block.contains(&next.block)
        {
            // Blocks hold one another or share nothing.
            let order = |each: &Placed<'_>| (each.at.0, each.at.1.start);
            let (first, second) = if order(before) < order(next) { (before, next) } else { (next, before) };
            let there = format!("{}:{}", first.file.document.file.display(), first.file.document.line(first.at.1.start));
            let what = format!(
                "{} of range \"{}\" overlaps {} of range \"{}\" at {there}",
                second.block, second.range.name, first.block, first.range.name
            );
            let help = format!(
                "both are about source \"{source}\", and an address is in one range of a source only: remove one of the two, or make it smaller"
            );
            note_once(second.file, second.at.1, what, help);
            continue;
        }
        widest = Some(next);
    }
}
