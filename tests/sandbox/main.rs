//! The sandbox, attacked: one test for every attack, named for what holds and for its invariant (I5: nothing is reached that
//! was not granted; I7: everything is bounded). The table of them all stands in `host/README.md`, "Limits".
//!
//! | file | attacks |
//! |---|---|
//! | `compute` | loops, recursion, memory, tables, traps |
//! | `imports` | asking for more than is offered |
//! | `output` | answers that are too large, too many, or none |
//! | `notes` | floods of what is logged |
//! | `hoard` | thousands of open requests, and what they hold |
//! | `reach` | addresses that were not granted |
//! | `names` | names that lead elsewhere, and change their mind |
//! | `headers` | smuggling through the request |
//! | `slow` | far sides that drip, or never end |
//! | `beside` | all of them in one host with a source that does nothing wrong |
//! | `flat` | the same again and again, and what the process holds then |
//!
//! `ground` is what they stand on, `attacks` the list that the last two go through, `raw` a far side of bare sockets.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod attacks;
mod beside;
mod compute;
#[cfg(target_os = "linux")] // It reads /proc.
mod flat;
mod ground;
mod headers;
mod hoard;
mod imports;
mod names;
mod notes;
mod output;
mod raw;
mod reach;
mod slow;
