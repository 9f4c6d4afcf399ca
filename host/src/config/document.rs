//! One file: its text, its parsed table, and the mistakes noted so far.

use std::{
    cell::RefCell,
    ops::Range,
    path::{Path, PathBuf},
};

use toml::{Spanned, de::DeTable};

use super::{
    excerpt::{excerpt, position},
    problem::Problem,
};

/// The largest configuration file that is read.
const LARGEST: u64 = 4 * 1024 * 1024;

/// More syntax errors than these are mostly echoes of the first.
const SYNTAX_ERRORS: usize = 3;

/// A file being read, and what is wrong with it.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) file: PathBuf,
    pub(super) text: String,
    problems: RefCell<Vec<(usize, Problem)>>,
}

impl Document {
    /// Reads the file; a file that cannot be read is a document with one problem.
    pub(super) fn open(file: &Path) -> Self {
        let (text, problem) = match read(file) {
            Ok(text) => (text, None),
            Err((what, help)) => (String::new(), Some((what, help))),
        };
        let document = Self::new(file, text);
        if let Some((what, help)) = problem {
            document.note_file(what, help);
        }
        document
    }

    pub(super) fn new(file: &Path, text: String) -> Self {
        Self { file: file.to_owned(), text, problems: RefCell::default() }
    }

    /// The folder that relative paths of this file start from.
    pub(super) fn folder(&self) -> &Path {
        match self.file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }

    /// A path as written in this file.
    pub(super) fn path(&self, written: &str) -> PathBuf {
        self.folder().join(written)
    }

    /// The table. Syntax errors are noted, and then there is none: what follows from a broken line would only confuse.
    pub(super) fn table(&self) -> Option<Spanned<DeTable<'_>>> {
        if self.is_wrong() {
            return None;
        }
        let (table, errors) = DeTable::parse_recoverable(&self.text);
        let mut lines = Vec::new();
        for error in &errors {
            let span = error.span().unwrap_or(0..0);
            let at = position(&self.text, span.start);
            // One broken line often looks wrong in several ways, and so does what follows it; the first few say it.
            if !lines.contains(&at.0) && lines.len() < SYNTAX_ERRORS {
                lines.push(at.0);
                let (what, help) = syntax(error.message(), &self.text, &span);
                let problem = Problem {
                    file: self.file.clone(),
                    at: Some(at),
                    what,
                    excerpt: Some(excerpt(&self.text, &span)),
                    help: Some(help.to_owned()),
                };
                self.problems.borrow_mut().push((span.start, problem));
            }
        }
        errors.is_empty().then_some(table)
    }

    /// Notes a mistake at a place.
    pub(super) fn note(&self, span: &Range<usize>, what: impl Into<String>, help: impl Into<String>) {
        let at = Some(position(&self.text, span.start));
        let problem = Problem { file: self.file.clone(), at, what: what.into(), excerpt: None, help: Some(help.into()) };
        self.problems.borrow_mut().push((span.start, problem));
    }

    /// Notes a mistake of the file as a whole.
    pub(super) fn note_file(&self, what: impl Into<String>, help: impl Into<String>) {
        let problem = Problem { file: self.file.clone(), at: None, what: what.into(), excerpt: None, help: Some(help.into()) };
        self.problems.borrow_mut().push((usize::MAX, problem));
    }

    pub(super) fn is_wrong(&self) -> bool {
        !self.problems.borrow().is_empty()
    }

    /// Everything noted, in order of appearance.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut problems = self.problems.borrow().clone();
        problems.sort_by_key(|(at, _)| *at);
        problems.into_iter().map(|(_, problem)| problem).collect()
    }

    pub(super) fn line(&self, offset: usize) -> usize {
        position(&self.text, offset).0
    }
}

fn read(file: &Path) -> Result<String, (String, String)> {
    use std::io::Read;
    let failed = |why: std::io::Error| match why.kind() {
        std::io::ErrorKind::NotFound => {
            ("there is no such file".to_owned(), "`miro-source init` writes one; `--config FILE` names another".to_owned())
        }
        std::io::ErrorKind::PermissionDenied => (
            "this file may not be read by the user that runs miro-source".to_owned(),
            "give that user the right to read it, or run as its owner".to_owned(),
        ),
        _ => (format!("cannot read this file: {why}"), "check the path, then try again".to_owned()),
    };
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).map_err(failed)?;
    opened.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LARGEST {
        return Err((
            "this file is larger than 4 MiB, which no configuration is".to_owned(),
            "check that `--config` or `include` names the right file".to_owned(),
        ));
    }
    String::from_utf8(bytes).map_err(|why| {
        let line = why.as_bytes().iter().take(why.utf8_error().valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
        (format!("line {line} is not UTF-8 text"), "save the file as UTF-8".to_owned())
    })
}

/// What is wrong and what to do, in the words of this file's readers rather than of a grammar.
fn syntax(message: &str, text: &str, span: &Range<usize>) -> (String, &'static str) {
    let line_start = text.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let line = text.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let (what, help) = if message.contains("duplicate key") {
        ("this key stands twice", "remove one of the two; a second source or sink begins with its own [[source]] or [[sink]] line")
    } else if line.matches('"').count() % 2 == 1 {
        ("a text is not closed", "texts stand between two double quotes on one line, like name = \"acme\"")
    } else if message.contains("string values must be quoted") {
        if span.is_empty() {
            ("there is no value after `=`", "write a value, or remove the line; a text stands in double quotes, like name = \"acme\"")
        } else {
            (
                "this value is not in quotes",
                "texts, durations and sizes stand between double quotes, like name = \"acme\" or interval = \"5m\"",
            )
        }
    } else if message.contains("key with no value") {
        ("this is no `key = value`", "every line is a section such as [[source]], `key = value`, or begins with `#`")
    } else if message.contains("unclosed inline table") {
        ("a table is not closed", "close it with }, like { env = \"MIRO_ACCESS_TOKEN\" }")
    } else if message.contains("unclosed") && line.trim_start().starts_with('[') && !line.contains('=') {
        (
            "this section is not closed",
            "a section is written [store], [network], [log] or [components]; a source or a sink is written [[source]] or [[sink]]",
        )
    } else if message.contains("unclosed array") {
        ("a list is not closed", "close it with ], like allow = [\"https://api.miro.com\"]")
    } else {
        let help = "write `key = value` with texts in double quotes (interval = \"5m\"), lists in [ ] and tables in { }";
        return (format!("this is not TOML: {}", message.replace('\n', ", ")), help);
    };
    (what.to_owned(), help)
}
