//! `sources`: whose events something is about. What it names may stand in any file, so it only shows between them.

use std::{collections::BTreeSet, ops::Range};

use super::{
    Config,
    join::{Known, Named, note_once},
    load::{File, Role},
};
use crate::model::SourceName;

/// `sources` as it is written, and what it belongs to.
pub(super) struct Whose<'a> {
    /// The section, without brackets: `sink`.
    pub(super) section: &'static str,
    /// The name of that one.
    pub(super) name: &'a str,
    /// What it does with a source: `feeds from`.
    pub(super) verb: &'static str,
    /// What it does with a source's events: `gets`.
    pub(super) takes: &'static str,
    /// What stands in `sources`. None where it was left out.
    pub(super) wanted: Option<&'a [(SourceName, Range<usize>)]>,
    /// Where to say that it is missing.
    pub(super) span: &'a Range<usize>,
}

impl Whose<'_> {
    /// The sources that run. `own`: those of an included file, of which one alone need not be named. What is wrong is noted once.
    pub(super) fn find(&self, file: &File, own: &[SourceName], known: &Known, warnings: &mut Vec<String>) -> Vec<SourceName> {
        let Self { section, name: called, verb, .. } = self;
        let Some(wanted) = self.wanted else {
            return match (own, known.names.as_slice()) {
                ([one], _) | (_, [one]) => vec![one.clone()],
                (_, []) => Vec::new(),
                (_, several) => {
                    let what = format!("`sources` is missing in [[{section}]] \"{called}\", and there are {} sources", several.len());
                    let help = format!("say whose events it {}, like sources = [{}]", self.takes, known.quoted());
                    note_once(file, self.span, what, help);
                    Vec::new()
                }
            };
        };
        let mut found = Vec::new();
        for (name, span) in wanted {
            match known.look_up(name) {
                Named::Known if found.contains(name) => {}
                Named::Known => found.push(name.clone()),
                Named::Lost => warnings.push(format!(
                    "{}: {section} \"{called}\" {verb} \"{name}\", which is in a file that is wrong: it goes on without",
                    file.place(span.start)
                )),
                Named::Unknown => {
                    note_once(file, span, format!("there is no source \"{name}\" for {section} \"{called}\""), known.help(name))
                }
            }
        }
        found
    }

    /// What it names of files that are wrong.
    pub(super) fn lost(&self, known: &Known) -> Vec<SourceName> {
        let lost = self.wanted.iter().copied().flatten().filter(|(name, _)| matches!(known.look_up(name), Named::Lost));
        lost.map(|(name, _)| name.clone()).collect()
    }

    /// The same for what, in an included file, is about that file's sources only, and about all of them where none is named.
    pub(super) fn find_own(&self, file: &File, known: &Known, warnings: &mut Vec<String>) -> Vec<SourceName> {
        if file.role == Role::Main {
            return self.find(file, &[], known, warnings);
        }
        let Self { section, name: called, .. } = self;
        let own: Vec<&SourceName> = file.sources.iter().map(|source| &source.config.name).collect();
        let Some(wanted) = self.wanted else { return own.into_iter().cloned().collect() };
        let mut found = Vec::new();
        for (name, span) in wanted {
            if !own.contains(&name) {
                let what = format!("there is no source \"{name}\" in this file for {section} \"{called}\"");
                let help = format!("a [[{section}]] of an included file is about that file's sources; write others in the main file");
                note_once(file, span, what, help);
            } else if !found.contains(name) {
                found.push(name.clone());
            }
        }
        found
    }
}

impl File {
    /// The sources that stand in it, it being wrong. None where that cannot be told: not even names can be read, or there are none where
    /// some would be, since what is wrong may be how they are written.
    pub(super) fn hidden(&self) -> Option<Vec<SourceName>> {
        let names = self.names.as_ref()?.iter().map(|name| name.parse().ok()).collect::<Option<Vec<SourceName>>>()?;
        (self.role == Role::Policies || !names.is_empty()).then_some(names)
    }
}

impl Config {
    /// All sources there are: those that run, and those of files that are wrong. None where nobody knows which stand in one of those, and
    /// nothing else names so many.
    pub fn everyone(&self) -> Option<BTreeSet<SourceName>> {
        let running = self.sources.iter().map(|source| &source.name);
        let mut all: BTreeSet<SourceName> =
            running.chain(self.broken.iter().flat_map(|file| file.sources.iter().flatten())).cloned().collect();
        let read = all.len();
        all.extend(self.sinks.iter().flat_map(|sink| &sink.lost).cloned());
        all.extend(self.channels.iter().flat_map(|channel| &channel.lost).cloned());
        let unread = self.broken.iter().filter(|file| file.sources.is_none()).count();
        (all.len() >= read + unread).then_some(all)
    }
}
