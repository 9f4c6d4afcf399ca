//! What an ordeal came to, and how it is told.

use std::fmt;

use super::{
    plan::Plan,
    verdict::{Books, Verdict},
};

/// What an ordeal came to.
#[derive(Clone, Debug)]
pub struct Ran {
    /// What happened.
    pub plan: Plan,
    /// What is wrong.
    pub verdict: Verdict,
    /// What it was judged by.
    pub books: Books,
    /// The last steps.
    pub trace: Vec<String>,
    /// How many there were.
    pub steps: u64,
    /// The same for the same steps.
    pub digest: u64,
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seed = self.plan.seed;
        writeln!(f, "seed {seed}:")?;
        self.verdict.0.iter().try_for_each(|wrong| writeln!(f, "  - {wrong}"))?;
        writeln!(f, "the plan: {:#?}\nthe books: {:#?}\nthe last of {} steps:", self.plan, self.books, self.steps)?;
        self.trace.iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        write!(
            f,
            "again, where the plan was drawn and not changed: cargo run -p miro-source-tests --bin demo -- seeds --only {seed} --verbose"
        )
    }
}
