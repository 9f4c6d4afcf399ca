//! The store on a disk that loses power, and on one that is full.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod cuts;
mod full;
mod life;
mod upgrade;
