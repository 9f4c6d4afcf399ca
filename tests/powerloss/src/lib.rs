//! A disk in memory, under SQLite, that loses power, and fills up.
//!
//! Writes reach the disk's cache at once and the disk itself at the next sync of their file. When the power goes, each
//! write since then is kept, dropped or torn (sector by sector), independently of its neighbours; so is the length of
//! a file, and a file deleted without a sync may be back. What a program was told is durable must survive all of it.
//!
//! It also fills up: from a write on, each is cut short and refused, until there is room.
//!
//! - [`disk`]: the disk, as plain values.
//! - [`vfs`]: the thin shell that makes it a SQLite VFS; the only `unsafe` code of the workspace.

pub mod disk;
pub mod vfs;
