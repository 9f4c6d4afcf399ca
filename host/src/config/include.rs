//! `include` and `policies`: the files that a pattern names.

use std::path::{Path, PathBuf};

use super::section::Entry;
use crate::model::SourceName;

/// An included file, or one of policies, that could not be used.
#[derive(Clone, Debug)]
pub struct BrokenInclude {
    /// The file.
    pub path: PathBuf,
    /// Everything wrong with it, for people.
    pub message: String,
    /// Whether sources may stand in it: it is not one of policies.
    pub hides_sources: bool,
    /// The sources in it. None where that cannot be told.
    pub sources: Option<Vec<SourceName>>,
}

impl BrokenInclude {
    /// What does not run for it, in a sentence, without what stands in the file.
    pub fn sentence(&self) -> String {
        // The file, the line and the mistake; what follows shows the line itself.
        let first = self.message.lines().next().unwrap_or_default();
        format!("nothing of an included file runs: {first}")
    }
}

/// The files, each pattern's in the order of their names. What is wrong with a pattern is noted. `like`: how it is written.
pub(super) fn included(entry: &Entry<'_>, like: &str) -> Vec<PathBuf> {
    let help = format!("write it like {like}");
    let (_, pattern_like) = like.split_once(" = ").unwrap_or_default();
    let pattern_like = pattern_like.trim_matches(['[', ']']);
    let mut files: Vec<PathBuf> = Vec::new();
    for (pattern, entry) in entry.texts(&help).unwrap_or_default() {
        let path = entry.document.path(pattern);
        let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
            entry.wrong("files to include", help.as_str());
            continue;
        };
        if folder.to_string_lossy().contains(['*', '?', '[']) || name.contains(['?', '[', '{']) {
            entry.wrong("a pattern with `*` in the name of the file only", help.as_str());
            continue;
        }
        if !name.contains('*') {
            if path.is_file() {
                files.push(path);
            } else {
                entry.note(
                    format!("names {}, and there is no such file", path.display()),
                    format!("write that file, or a pattern such as {pattern_like}; a relative path starts at the folder of this file"),
                );
            }
            continue;
        }
        match matching(folder, name) {
            Ok(found) => files.extend(found),
            Err(why) => entry.note(
                format!("names files in the folder {}, which cannot be read: {}", folder.display(), why.kind()),
                "create the folder, or mend the pattern; a relative path starts at the folder of this file",
            ),
        }
    }
    let mut seen = Vec::new();
    files.retain(|file| {
        let same = file.canonicalize().unwrap_or_else(|_| file.clone());
        let new = !seen.contains(&same);
        seen.push(same);
        new
    });
    files
}

fn matching(folder: &Path, pattern: &str) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let fits = entry.file_name().to_str().is_some_and(|name| !name.starts_with('.') && fits(pattern, name));
        if fits && entry.path().is_file() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a name fits a pattern in which `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part).and_then(|at| rest.get(at + part.len()..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, name, expected) in [
            ("*.toml", "acme.toml", true),
            ("*.toml", "acme.toml.bak", false),
            ("a*z", "az", true),
            ("a*a", "a", false),
            ("*a*b*", "xaxbx", true),
            ("*a*b*", "xbxax", false),
            ("plain", "plain", true),
            ("plain", "plainer", false),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
