//! The lines of a check, and how it ends.

use std::collections::BTreeSet;

use crate::{cli::Exit, model::Instant, neutral::visible};

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// It works.
    Ok,
    /// It works, but should not stay so.
    Warn,
    /// It does not work.
    Fail,
}

/// Where lines go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voice {
    /// To standard output as they come: a person watches.
    Aloud,
    /// Nowhere: what was found is asked for at the end.
    Silent,
}

/// Something that does not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) advice: Option<String>,
}

/// A certificate that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) subject: String,
    pub(super) at: Instant,
    pub(super) advice: &'static str,
}

/// What a check found.
#[derive(Debug)]
pub(super) struct Report {
    exit: Exit,
    warnings: usize,
    voice: Voice,
    pub(super) failures: Vec<Failure>,
    pub(super) ends: Vec<End>,
    /// What has a certificate, or may have one, that could not be looked at.
    pub(super) unseen: Vec<String>,
    /// All that a line is about.
    pub(super) subjects: BTreeSet<String>,
}

impl Default for Report {
    fn default() -> Self {
        Self {
            exit: Exit::Done,
            warnings: 0,
            voice: Voice::Aloud,
            failures: Vec::new(),
            ends: Vec::new(),
            unseen: Vec::new(),
            subjects: BTreeSet::new(),
        }
    }
}

impl Report {
    /// One that prints nothing.
    pub(super) fn silent() -> Self {
        Self { voice: Voice::Silent, ..Self::default() }
    }

    /// A certificate that was seen, and what to do before it ends.
    pub(super) fn ends(&mut self, subject: &str, at: Instant, advice: &'static str) {
        self.ends.push(End { subject: subject.to_owned(), at, advice });
    }

    /// Whose certificate could not be looked at, so that nothing is known of its end.
    pub(super) fn hides(&mut self, subject: &str) {
        self.unseen.push(subject.to_owned());
    }

    /// A line, and below it what to do.
    pub(super) fn line(&mut self, level: Level, subject: &str, text: &str, advice: Option<&str>) {
        self.subjects.insert(subject.to_owned());
        match level {
            Level::Ok => {}
            Level::Warn => self.warnings += 1,
            Level::Fail => {
                let (subject, text, advice) = (subject.to_owned(), text.to_owned(), advice.map(str::to_owned));
                self.failures.push(Failure { subject, text, advice });
            }
        }
        if self.voice == Voice::Aloud {
            say!("{}", format(level, subject, text, advice));
        }
    }

    /// Something does not work, and this is how the command ends unless worse follows.
    pub(super) fn fail(&mut self, exit: Exit, subject: &str, text: &str, advice: Option<&str>) {
        self.exit = self.exit.max(exit);
        self.line(Level::Fail, subject, text, advice);
    }

    /// How the command ends.
    pub(super) fn exit(&self) -> Exit {
        self.exit
    }

    /// The last line.
    pub(super) fn summary(&self) -> String {
        match (self.failures.len(), self.warnings) {
            (0, 0) => "all is well".into(),
            (0, warnings) => format!("it works; {warnings} to look at"),
            (failures, _) => format!("{failures} to mend; see the lines above"),
        }
    }
}

/// Every line of `text` and `advice` made harmless by itself: an excerpt of a file may have several.
fn format(level: Level, subject: &str, text: &str, advice: Option<&str>) -> String {
    let word = match level {
        Level::Ok => "ok  ",
        Level::Warn => "warn",
        Level::Fail => "FAIL",
    };
    let mut out = format!("{word}  {subject}: ");
    for (index, line) in text.lines().enumerate() {
        if index > 0 {
            out.push_str("\n      ");
        }
        out.push_str(&visible(line));
    }
    for line in advice.iter().flat_map(|advice| advice.lines()) {
        out.push_str("\n      → ");
        out.push_str(&visible(line));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_and_what_to_do_and_nothing_moves_the_cursor() {
        let line = format(Level::Fail, "source acme", "refused: \u{1b}[2Jgone", Some("do this\nor that"));
        let mut lines = line.lines();
        assert!(lines.next().unwrap().starts_with("FAIL  source acme: refused: "), "{line}");
        assert_eq!(lines.collect::<Vec<_>>(), ["      → do this", "      → or that"]);
        assert!(!line.contains('\u{1b}'), "{line}");
    }

    #[test]
    fn the_worst_line_decides_how_it_ends() {
        let mut report = Report::default();
        report.line(Level::Warn, "a", "b", None);
        assert_eq!((report.exit(), report.summary().as_str()), (Exit::Done, "it works; 1 to look at"));
        report.fail(Exit::Authorize, "a", "b", None);
        report.fail(Exit::Left, "a", "b", None);
        assert_eq!((report.exit(), report.summary().as_str()), (Exit::Authorize, "2 to mend; see the lines above"));
    }
}
