//! A [[feed]] more or less in a file that otherwise stays as its author wrote it.

use std::{fs, path::Path};

use anyhow::Context as _;
use toml::de::{DeTable, DeValue};

use crate::{
    cli::{Ended, Exit, Result},
    config,
    disk::replace,
    feeds::catalogue::Publication,
};

/// The comment above a [[feed]].
pub(super) fn heading(publication: &Publication) -> String {
    format!("# {}. The host fetches it by itself.", publication.title)
}

/// Adds text at the end of a configuration, where it is right with it.
pub(super) fn append(path: &Path, blocks: &str) -> Result<()> {
    let text = read(path)?;
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    write(path, &text, &format!("{text}{gap}{blocks}"))
}

/// Takes the [[feed]] of that name out of a configuration.
pub(super) fn cut(path: &Path, publication: &Publication) -> Result<()> {
    let text = read(path)?;
    let by_hand = || {
        let what =
            format!("failed to find where [[feed]] \"{}\" begins and ends in {}: take it out by hand", publication.name, path.display());
        Ended::new(Exit::Left, what)
    };
    let rest = without(&text, publication).ok_or_else(by_hand)?;
    write(path, &text, &rest)
}

/// The text without the feed, its heading and the empty line above. None where it is not written as [[feed]].
pub(super) fn without(text: &str, publication: &Publication) -> Option<String> {
    let (table, _) = DeTable::parse_recoverable(text);
    let feeds = table.get_ref().iter().find(|(key, _)| key.get_ref() == "feed").map(|(_, value)| value.get_ref())?;
    let DeValue::Array(feeds) = feeds else { return None };
    let (first, last) = feeds.iter().find_map(|feed| {
        let DeValue::Table(table) = feed.get_ref() else { return None };
        let named = table.iter().any(|(key, value)| key.get_ref() == "name" && value.get_ref().as_str() == Some(publication.name));
        let first = table.iter().map(|(key, _)| key.span().start).min()?;
        let last = table.iter().map(|(_, value)| value.span().end).max()?;
        named.then_some((first, last))
    })?;
    // From the header above its first key to the end of the line of its last value.
    let header = text.get(..first)?.rfind("[[")?;
    let begin = text.get(..header)?.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(begin..)?.lines().next()?;
    let bare: String = line.split('#').next()?.chars().filter(|c| !c.is_whitespace()).collect();
    if bare != "[[feed]]" {
        return None;
    }
    let end = text.get(last..)?.find('\n').map_or(text.len(), |at| last + at + 1);
    let above = text.get(..begin)?;
    let above = above.strip_suffix(&format!("{}\n", heading(publication))).unwrap_or(above);
    let above = above.strip_suffix("\n\n").map(|rest| format!("{rest}\n")).unwrap_or_else(|| above.to_owned());
    Some(above + text.get(end..)?)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))
}

/// Writes the new text, and the old one again where the new one is wrong.
fn write(path: &Path, old: &str, new: &str) -> Result<()> {
    // Through a link: what it leads to is the file.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let put = |text: &str| replace(&path, text.as_bytes()).with_context(|| format!("failed to write {}", path.display()));
    put(new)?;
    if let Err(why) = config::load(&path) {
        put(old)?;
        return Err(anyhow::Error::from(why).context("nothing was changed"));
    }
    Ok(())
}
