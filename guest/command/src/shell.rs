//! The outer skin: WASI and the composed source behind the traits of [`edges`](crate::edges). Compiled for WebAssembly only.

mod disk;

use std::time::Duration;

use crate::{
    bindings::{
        self,
        audit::pipeline::source,
        exports::wasi::cli::run::Guest,
        wasi::{
            cli::{environment, exit::exit_with_code, stderr::get_stderr, stdout::get_stdout},
            clocks::{monotonic_clock, wall_clock},
            io::streams::OutputStream,
        },
    },
    edges::{Clock, Console, Edges, Source},
    exit::Exit,
    run::run,
    source::{Page, RefreshFailure, Span},
    types::{Credentials, Description, Failure, Secrets},
};

struct Command;

impl Guest for Command {
    fn run() -> Result<(), ()> {
        let folders = disk::Folders::opened();
        let edges = Edges { source: &Composed, disk: &folders, clock: &Wasi, console: &Wasi };
        match run(edges, &environment::get_environment()) {
            Exit::Done => Ok(()),
            other => {
                exit_with_code(other as u8);
                // The call above does not return; this says the same in one bit.
                Err(())
            }
        }
    }
}

#[expect(unsafe_code, reason = "what wit-bindgen generates for the canonical ABI")]
mod exports {
    use super::{Command, bindings};

    bindings::export!(Command with_types_in bindings);
}

/// The source that this component was composed with.
struct Composed;

impl Source for Composed {
    fn describe(&self) -> Description {
        source::describe()
    }

    fn begin(&self, config: &str, span: Span, now: u64) -> Result<String, Failure> {
        source::begin(config, span, now)
    }

    fn collect(&self, config: &str, token: &str, checkpoint: &str, now: u64) -> Result<Page, Failure> {
        source::collect(config, token, checkpoint, now)
    }

    fn refresh(&self, config: &str, secrets: &Secrets, old: &Credentials, now: u64) -> Result<Credentials, RefreshFailure> {
        source::refresh(config, secrets, old, now)
    }
}

struct Wasi;

impl Clock for Wasi {
    fn now(&self) -> u64 {
        let now = wall_clock::now();
        now.seconds.saturating_mul(1000).saturating_add(u64::from(now.nanoseconds / 1_000_000))
    }

    fn elapsed(&self) -> u64 {
        monotonic_clock::now() / 1_000_000
    }

    fn wait(&self, milliseconds: u64) {
        let nanoseconds = u64::try_from(Duration::from_millis(milliseconds).as_nanos()).unwrap_or(u64::MAX);
        monotonic_clock::subscribe_duration(nanoseconds).block();
    }
}

/// The most that `blocking-write-and-flush` takes.
const PIECE: usize = 4096;

impl Console for Wasi {
    fn write(&self, bytes: &[u8]) -> Result<(), String> {
        write(&get_stdout(), bytes).map_err(|()| "it is closed".to_owned())
    }

    fn say(&self, line: &str) {
        // Where even this cannot be said, the exit code is all there is.
        let _ = write(&get_stderr(), format!("{line}\n").as_bytes());
    }
}

fn write(to: &OutputStream, bytes: &[u8]) -> Result<(), ()> {
    bytes.chunks(PIECE).try_for_each(|piece| to.blocking_write_and_flush(piece).map_err(drop))
}
