//! What `status` says of what is so and ends.

use crate::{condition::Known, neutral::visible};

/// A line each, and below it what to do.
pub(super) fn print(open: &[Known]) {
    for known in open {
        let condition = &known.condition;
        say!("\nso it is since {}: {:<7} {}", known.begun, condition.severity.as_str(), visible(&condition.title));
        for reason in &condition.reasons {
            say!("  because    {}", visible(reason));
        }
        say!("  to do      {}", visible(&condition.advice));
    }
}
