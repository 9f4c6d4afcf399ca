//! Something that is wrong with what an operator wrote.

use std::fmt;

/// One thing that is wrong: where, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The way to it from the top of what was checked.
    pub path: Vec<Step>,
    /// What was wrong and what is expected.
    pub message: String,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a table.
    Key(String),
    /// Into a list, from 0.
    Index(usize),
}

impl fmt::Display for Rejection {
    /// `match[1].equals: …`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.path.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => {
                    let dot = if place == 0 { "" } else { "." };
                    if key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') && !key.is_empty() {
                        write!(f, "{dot}{key}")?;
                    } else {
                        write!(f, "{dot}{key:?}")?;
                    }
                }
            }
        }
        if !self.path.is_empty() {
            f.write_str(": ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Rejection {}
