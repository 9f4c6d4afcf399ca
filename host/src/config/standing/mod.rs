//! `[[group]]` and `[[departures]]`: who users are to the operator, until a directory says so.

mod join;

use std::{ops::Range, path::PathBuf};

pub(super) use self::join::join;
use super::{
    document::Document,
    feeds::file,
    range::words,
    section::{Entry, Section},
    sink::{optional, wanted},
};
use crate::{enrich::User, model::SourceName};

const NAME: &str = "give it the name that policies and rules use, like name = \"Admins\"";
const MEMBERS: &str = "name users by id or e-mail address, like members = [\"ann@acme.example\"], or a file, like file = \"admins.txt\"";
const MEMBER: &str = "write the vendor's id of a user or an e-mail address, like \"ann@acme.example\"";
const FILE: &str = "name a file with one user a line, by id or e-mail address, like file = \"groups/admins.txt\"";
const DEPARTED: &str = "name a file of comma-separated values with the header `user,kind,at`, like file = \"departures.csv\"";
const SOURCES: &str = "name the sources whose users it is about, like sources = [\"acme\"]";

/// `[[group]]` and `[[departures]]`: what is known of users. By default nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StandingConfig {
    /// `[[group]]`, in order of appearance, includes after the main file. Those of one source have names of their own.
    pub groups: Vec<GroupConfig>,
    /// `[[departures]]`, in order of appearance, includes after the main file. Files of one source have names of their own.
    pub departures: Vec<DeparturesConfig>,
}

/// `[[group]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupConfig {
    /// `name`: what policies and rules call it.
    pub name: String,
    /// `members` or `file`
    pub members: MembersConfig,
    /// `sources`: whose users it is about. Never empty. May be left out as with a range.
    pub sources: Vec<SourceName>,
}

/// Who is in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MembersConfig {
    /// `members`: these. Never empty.
    Listed(Vec<User>),
    /// `file`: those that it names, one a line.
    File(PathBuf),
}

/// `[[departures]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeparturesConfig {
    /// `file`: who left, how and when.
    pub file: PathBuf,
    /// `sources`: whose users it is about. Never empty. May be left out as with a range.
    pub sources: Vec<SourceName>,
}

impl StandingConfig {
    /// What its feeds are called.
    pub fn feeds(&self) -> impl Iterator<Item = String> {
        let groups = self.groups.iter().filter(|group| matches!(group.members, MembersConfig::File(_)));
        groups.map(GroupConfig::feed).chain(self.departures.iter().map(DeparturesConfig::feed))
    }
}

impl GroupConfig {
    /// What its file is called among the feeds.
    pub fn feed(&self) -> String {
        format!("group {} ({})", self.name, named(&self.sources))
    }
}

impl DeparturesConfig {
    /// What the file is called among the feeds.
    pub fn feed(&self) -> String {
        format!("departures {} ({})", self.label(), named(&self.sources))
    }

    fn label(&self) -> String {
        self.file.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

fn named(sources: &[SourceName]) -> String {
    sources.iter().map(SourceName::as_str).collect::<Vec<_>>().join(", ")
}

/// A group whose sources are still only names.
pub(super) struct Grouped {
    config: GroupConfig,
    name_span: Range<usize>,
    of: Sources,
}

/// A file of departures whose sources are still only names.
pub(super) struct Departed {
    config: DeparturesConfig,
    label: String,
    file_span: Range<usize>,
    of: Sources,
}

/// `sources` as it is written.
struct Sources {
    /// None where it was left out.
    wanted: Option<Vec<(SourceName, Range<usize>)>>,
    /// Where to say that it is missing.
    span: Range<usize>,
}

fn sources(section: &Section<'_>, means: &str) -> Option<Sources> {
    let wanted = optional(section.entry("sources"), |entry| wanted(entry, SOURCES, means)).ok()?;
    Some(Sources { wanted, span: section.span.clone() })
}

/// Reads a group; what is wrong is noted.
pub(super) fn group(document: &Document, entry: &Entry<'_>) -> Option<Grouped> {
    let section = entry.table(&["name", "members", "file", "sources"], "write [[group]] on a line of its own and its keys below")?;
    let named = section.entry("name");
    if named.is_none() {
        section.missing("name", NAME);
    }
    let name = named.as_ref().and_then(|entry| words(entry, NAME));
    let members = members(document, &section);
    let of = sources(&section, "this group would be about nobody");
    let config = GroupConfig { name: name?, members: members?, sources: Vec::new() };
    Some(Grouped { config, name_span: named?.span, of: of? })
}

fn members(document: &Document, section: &Section<'_>) -> Option<MembersConfig> {
    match (section.entry("members"), section.entry("file")) {
        (Some(_), Some(also)) => {
            also.note("stands beside `members`: a group has one of the two", "remove one of them");
            None
        }
        (None, Some(entry)) => file(document, &entry, FILE).map(MembersConfig::File),
        (Some(entry), None) => {
            let texts = entry.texts(MEMBER)?;
            if texts.is_empty() {
                entry.note("is empty: nobody would be in this group", MEMBERS);
                return None;
            }
            let each = texts.into_iter().map(|(text, entry)| {
                let user = User::parse(text);
                if user.is_none() {
                    entry.wrong("a user's id or e-mail address", MEMBER);
                }
                user
            });
            each.collect::<Vec<_>>().into_iter().collect::<Option<_>>().map(MembersConfig::Listed)
        }
        (None, None) => {
            section.missing("members", MEMBERS);
            None
        }
    }
}

/// Reads where departures are; what is wrong is noted.
pub(super) fn departures(document: &Document, entry: &Entry<'_>) -> Option<Departed> {
    let section = entry.table(&["file", "sources"], "write [[departures]] on a line of its own and its keys below")?;
    let named = section.entry("file");
    if named.is_none() {
        section.missing("file", DEPARTED);
    }
    let path = named.as_ref().and_then(|entry| file(document, entry, DEPARTED));
    let of = sources(&section, "this file would be about nobody");
    let config = DeparturesConfig { file: path?, sources: Vec::new() };
    Some(Departed { label: config.label(), config, file_span: named?.span, of: of? })
}
