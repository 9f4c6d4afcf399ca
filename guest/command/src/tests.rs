//! Runs in a world in memory: files that lose what was not synced, a vendor that rotates its tokens, a clock that only
//! moves when it is told to.

mod cases;
mod crash;
mod disk;
mod lease;
mod settings;
mod tokens;
mod world;
