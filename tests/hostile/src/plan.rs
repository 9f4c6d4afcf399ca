//! What to do: an attack, and when it begins.

use serde::Deserialize;

use crate::types::Failure;

/// The configuration: `{"attack": "request", "url": "https://…"}`. What an attack does not need is ignored.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The attack, by name.
    pub attack: String,
    /// The exports that attack, with commas between them; the others behave well.
    #[serde(default = "collect")]
    pub at: String,
    /// `collect` behaves well so many times first, counting in its checkpoint.
    #[serde(default)]
    pub after: u64,
    /// `collect` attacks once and behaves well again from then on.
    #[serde(default)]
    pub once: bool,
    /// What `origins` answers.
    #[serde(default)]
    pub origins: Vec<String>,
    /// Where a request goes: scheme, authority and path are handed over as they stand here.
    #[serde(default)]
    pub url: String,
    /// The method of a request.
    #[serde(default = "get")]
    pub method: String,
    /// Headers of a request.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// How many.
    #[serde(default = "one")]
    pub count: usize,
    /// Of how many bytes.
    #[serde(default)]
    pub size: usize,
    /// A number: a time, a wait.
    #[serde(default)]
    pub number: u64,
    /// A text, where a short one is needed.
    #[serde(default)]
    pub text: String,
}

/// The plan of the one export that is handed no configuration: who builds the component writes over what follows the mark,
/// see the tests' `hostile` module.
#[expect(clippy::indexing_slicing, reason = "computed when this is compiled: outside, it does not compile")]
static BUILT_IN: [u8; BUILT_IN_LENGTH] = {
    let mut place = [b' '; BUILT_IN_LENGTH];
    let mut at = 0;
    while at < BUILT_IN_MARK.len() {
        place[at] = BUILT_IN_MARK[at];
        at += 1;
    }
    place
};
/// How many bytes there are for it, mark included.
pub const BUILT_IN_LENGTH: usize = 256;
/// What it begins with.
pub const BUILT_IN_MARK: &[u8] = b"the plan of describe:";

/// The plan of `describe`, where one was written into the component.
pub fn built_in() -> Option<Plan> {
    let place = std::hint::black_box(&BUILT_IN);
    serde_json::from_slice(place.get(BUILT_IN_MARK.len()..)?).ok()
}

fn collect() -> String {
    "collect".to_owned()
}

fn get() -> String {
    "GET".to_owned()
}

fn one() -> usize {
    1
}

impl Plan {
    /// Reads it.
    pub fn parse(config: &str) -> Result<Self, Failure> {
        serde_json::from_str(config).map_err(|why| Failure::Invalid(format!("failed to read `config`: {why}")))
    }

    /// Whether `export` attacks.
    pub fn strikes(&self, export: &str) -> bool {
        self.at.split(',').any(|at| at == export)
    }

    /// Whether `collect` attacks at this step.
    pub fn strikes_at(&self, step: u64) -> bool {
        self.strikes("collect") && if self.once { step == self.after } else { step >= self.after }
    }

    /// Of so many bytes, `text` again and again.
    pub fn long(&self) -> String {
        self.long_between("", "")
    }

    /// The same between two texts, in one piece: twice would be too much for its memory.
    pub fn long_between(&self, before: &str, after: &str) -> String {
        let text = if self.text.is_empty() { "x" } else { &self.text };
        let mut out = String::with_capacity(before.len() + self.size + after.len());
        out.push_str(before);
        let many = text.repeat(4096 / text.len());
        while out.len() - before.len() + many.len() <= self.size && !many.is_empty() {
            out.push_str(&many);
        }
        while out.len() - before.len() + text.len() <= self.size {
            out.push_str(text);
        }
        out.push_str(after);
        out
    }

    /// The name of an attack that nobody knows: a mistake in a test.
    pub fn unknown(&self) -> Failure {
        Failure::Invalid(format!("there is no attack `{}` at `{}`", self.attack, self.at))
    }
}
