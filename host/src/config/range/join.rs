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
            let sources = match number {
                0 => of_main(file, ranged, known, warnings),
                _ => of_included(file, ranged),
            };
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

fn of_main(file: &File, ranged: &Ranged, known: &Known, warnings: &mut Vec<String>) -> Vec<SourceName> {
    let whose = Whose {
        section: "range",
        name: &ranged.config.name,
        verb: "is about",
        takes: "is about",
        wanted: ranged.wanted.as_deref(),
        span: &ranged.span,
    };
    whose.find(file, &[], known, warnings)
}

/// A range of an included file is about that file's sources only.
fn of_included(file: &File, ranged: &Ranged) -> Vec<SourceName> {
    let own: Vec<&SourceName> = file.sources.iter().map(|source| &source.config.name).collect();
    let Some(wanted) = &ranged.wanted else { return own.into_iter().cloned().collect() };
    let mut found = Vec::new();
    for (name, span) in wanted {
        if !own.contains(&name) {
            let what = format!("there is no source \"{name}\" in this file for range \"{}\"", ranged.config.name);
            note_once(
                file,
                span,
                what,
                "a range of an included file is about that file's sources; write others in the main file".to_owned(),
            );
        } else if !found.contains(name) {
            found.push(name.clone());
        }
    }
    found
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
