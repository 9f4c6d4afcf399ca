//! A message for a program of the operator's own, as one line of JSON on its standard input.
//!
//! Nothing of an event is in an argument or in the environment, which holds only `PATH` and `LANG`. What the program prints is
//! read up to a bound, for people; its exit code alone says whether it took the message.

use std::{path::PathBuf, process::Stdio, time::Duration};

use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};

use super::{Answer, Carrier, CarrierError, Manner, Message, template::json};
use crate::{config::CommandConfig, neutral::brief};

/// What is read of each stream of its output.
const OUTPUT: u64 = 4096;
/// Its environment, all of it.
const ENVIRONMENT: [(&str, &str); 2] = [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("LANG", "C.UTF-8")];

/// Runs a program.
pub(super) struct Command {
    config: CommandConfig,
}

struct Ran {
    status: std::process::ExitStatus,
    out: Vec<u8>,
    err: Vec<u8>,
}

impl Command {
    pub(super) fn new(config: CommandConfig) -> Self {
        Self { config }
    }

    fn program(&self) -> &str {
        self.config.command.first().map_or("", String::as_str)
    }

    async fn run(&self, message: &Message<'_>) -> Answer {
        let program = brief(self.program(), 200);
        let CommandConfig { timeout, .. } = &self.config;
        let ran = match tokio::time::timeout(*timeout, self.once(json(message) + "\n")).await {
            Ok(ran) => ran,
            Err(_) => {
                return Answer::Retry {
                    after: None,
                    reason: format!("{program} took longer than {} s and was stopped", timeout.as_secs()),
                };
            }
        };
        match ran {
            Ok(Ran { status, out, .. }) if status.success() => Answer::Accepted { said: format!("{program} ended with 0{}", said(&out)) },
            Ok(Ran { status, err, .. }) => Answer::Retry { after: None, reason: format!("{program} failed ({status}){}", said(&err)) },
            Err(why) if matches!(why.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::PermissionDenied) => {
                Answer::Paused { reason: format!("failed to run {program}: {why}; check `command` of the channel") }
            }
            Err(why) => Answer::Retry { after: None, reason: format!("failed to run {program}: {why}") },
        }
    }

    async fn once(&self, input: String) -> std::io::Result<Ran> {
        let (program, arguments) = self.config.command.split_first().ok_or(std::io::ErrorKind::NotFound)?;
        let mut command = tokio::process::Command::new(program);
        command.args(arguments).env_clear().envs(ENVIRONMENT);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        // A group of its own: what it started ends with it.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let group = Group(child.id());
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let write = async {
            if let Some(mut stdin) = stdin {
                // One that reads nothing took it all the same, if it says so.
                let _ = stdin.write_all(input.as_bytes()).await;
            }
        };
        let ended = async {
            let status = child.wait().await;
            // A child of it may hold its output open for ever.
            drop(group);
            status
        };
        let ((), out, err, status) = tokio::join!(write, beginning(stdout), beginning(stderr), ended);
        Ok(Ran { status: status?, out, err })
    }
}

/// The processes that a program started. Dropping it kills them.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.0.and_then(|pid| i32::try_from(pid).ok()).and_then(rustix::process::Pid::from_raw) {
            // Where none is left there is nothing to end.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// The beginning of an output; the rest is read and forgotten, so that nobody waits for a reader.
async fn beginning(stream: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let Some(mut stream) = stream else { return Vec::new() };
    let mut kept = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut piece).await {
        let room = usize::try_from(OUTPUT).unwrap_or_default().saturating_sub(kept.len()).min(read);
        kept.extend_from_slice(piece.get(..room).unwrap_or_default());
    }
    kept
}

/// The last line that says something, as people may see it.
fn said(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    text.lines().rfind(|line| !line.trim().is_empty()).map(|line| format!(" and said: {}", brief(line, 200))).unwrap_or_default()
}

impl Carrier for Command {
    fn carry<'a>(&'a mut self, message: &'a Message<'a>) -> BoxFuture<'a, Answer> {
        Box::pin(self.run(message))
    }

    fn check(&mut self) -> BoxFuture<'_, Result<String, CarrierError>> {
        Box::pin(async {
            let program = self.program();
            // Without a slash it is looked for in `PATH`, when it runs.
            if program.contains('/') && tokio::fs::metadata(program).await.is_err() {
                return Err(CarrierError(format!("there is no program {}; check `command` of the channel", brief(program, 200))));
            }
            Ok(format!("it would run {}", brief(program, 200)))
        })
    }

    fn manner(&self) -> Manner {
        Manner::Program
    }

    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }
}

/// How long a program may take, where nothing is said.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
