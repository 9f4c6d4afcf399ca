//! One binary for everything that runs beside the tests, so that `cargo demo` builds one thing and the tests find it:
//!
//! - `demo`: the main job, end to end, against the simulator; see [`demo`].
//! - `demo host …`: `miro-source …`, on the demo's clock where the configuration has one beside it.
//! - `demo simulator …`: the simulator by itself.
//! - `demo seeds …`: ordeals, as many as one wants; see [`ordeal`].

use std::{ffi::OsString, path::PathBuf, process::ExitCode, sync::Arc};

use miro_source::clock::{Clock, SystemClock};
use miro_source_tests::{demo, ordeal, quick_clock::QuickClock};

fn main() -> ExitCode {
    let mut args = std::env::args_os();
    let name = args.next().unwrap_or_default();
    // `cargo demo -- --keep` hands on a second `--`.
    let rest: Vec<OsString> = args.skip_while(|arg| arg == "--").collect();
    match rest.first().and_then(|first| first.to_str()) {
        Some("host") => miro_source::cli::main_with(rest.iter().cloned(), clock_beside(&rest)),
        Some("simulator") => match simulator::main(rest) {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => {
                eprintln!("simulator: {why:#}");
                ExitCode::FAILURE
            }
        },
        Some("seeds") => ordeal::command::main(rest),
        _ => demo::main([name].into_iter().chain(rest)),
    }
}

/// The clock of the folder that `--config` names, or this machine's.
fn clock_beside(args: &[OsString]) -> Arc<dyn Clock> {
    let config = args.iter().skip_while(|arg| *arg != "--config").nth(1).map(PathBuf::from);
    match config.and_then(|config| QuickClock::read(config.parent()?)) {
        Some(quick) => Arc::new(quick),
        None => Arc::new(SystemClock),
    }
}
