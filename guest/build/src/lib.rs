//! Turns a guest of this workspace into a component, the same bytes wherever it is built.
//!
//! A guest is a build of its own: another target, another profile, its own target folder (cargo holds a lock on the
//! caller's while a build script runs), and an environment without what was meant for the caller. Whoever needs a
//! component calls this, a build script as well as a test or a command, and all share one folder of builds:
//!
//! ```no_run
//! # fn main() -> Result<(), String> {
//! let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
//! component_build::ensure_target(|said| eprintln!("{said}"))?;
//! let exe = std::env::current_exe().map_err(|why| why.to_string())?;
//! let miro: Vec<u8> = component_build::component(root, &component_build::target_dir(&exe), "guest-miro")?;
//! # Ok(()) }
//! ```
//!
//! | module | what |
//! |---|---|
//! | `guest` | runs cargo, and makes a component of the core module |
//! | `stamp` | what a component says about itself: name, version, licence, revision |
//! | `folder` | where the builds are |
//! | `target` | the standard library of the target, installed where it is missing |
//!
//! What comes out depends on the sources, the lock file and the compiler, not on the machine: paths of this machine are
//! replaced, flags and profiles from the environment left out. An error is a text for a person: what failed, and what to do.

mod folder;
mod guest;
mod stamp;
mod target;

pub use folder::target_dir;
pub use guest::component;
pub use stamp::Stamp;
pub use target::{TARGET, ensure_target};
