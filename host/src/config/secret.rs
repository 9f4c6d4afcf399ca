//! Fetching a secret from where the configuration says it is. The only place that does.

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use secrecy::SecretString;
use tokio::io::AsyncReadExt;
use zeroize::Zeroizing;

use super::{ChannelConfig, Config, ResponderConfig, SecretRef, SinkKind, SourceConfig, TelemetryConfig, excerpt::is_steering};

/// The largest secret.
const LARGEST: u64 = 64 * 1024;
/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A secret that could not be fetched. Never says anything of its value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The environment variable is not set, or is empty.
    #[error("the environment variable {name} is {state}; set it for the process that runs miro-source")]
    Env {
        /// Its name.
        name: String,
        /// `not set`, `empty` or `not UTF-8`.
        state: &'static str,
    },
    /// The file cannot be read.
    #[error("cannot read the secret file {file}: {why}; create it, readable only by the user that runs miro-source")]
    File {
        /// The file.
        file: String,
        /// The reason, of the operating system.
        why: String,
    },
    /// Others may read it.
    #[error(
        "the secret file {file} has mode {mode:04o}: others may read it; run `chmod 600 {file}`, and replace the secret where they may have"
    )]
    TooOpen {
        /// The file.
        file: String,
        /// Its mode.
        mode: u32,
    },
    /// systemd hands no such credential to this process.
    #[error(
        "there is no credential {name}: {why}; write LoadCredential={name}:/path into the unit, and run commands that need it within the service"
    )]
    Credential {
        /// Its name.
        name: String,
        /// The reason.
        why: String,
    },
    /// The command could not be run, failed, or took too long.
    #[error("the command {program} for a secret {why}; run it by hand as the user that runs miro-source")]
    Command {
        /// Its first word.
        program: String,
        /// What happened.
        why: String,
    },
    /// What was fetched is no secret.
    #[error("the secret from {place} {what}")]
    Content {
        /// Where it came from.
        place: String,
        /// What is wrong with it.
        what: &'static str,
    },
}

impl SecretError {
    /// Whether it may go by itself: a file that is being written, a mount or a network that is not there yet. What is not set, not
    /// handed over or open to others stays so until a person changes it.
    pub fn may_come(&self) -> bool {
        match self {
            Self::File { .. } | Self::Command { .. } | Self::Content { .. } => true,
            Self::Env { .. } | Self::TooOpen { .. } | Self::Credential { .. } => false,
        }
    }
}

/// Fetches a secret: UTF-8 text, one trailing line break removed. A file that everybody may read is refused. Blocks, for a
/// command up to ten seconds.
pub fn resolve(reference: &SecretRef) -> Result<SecretString, SecretError> {
    closed(reference, EVERYBODY)?;
    public(reference)
}

/// The same for what is no secret and stands where secrets may: a certificate.
pub fn public(reference: &SecretRef) -> Result<SecretString, SecretError> {
    let place = place(reference);
    let wrong = |what| SecretError::Content { place: place.clone(), what };
    let bytes = fetch(reference)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| wrong("is not UTF-8 text"))?;
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    if text.trim().is_empty() {
        return Err(wrong("is empty; put the secret there"));
    }
    if text.contains('\0') {
        return Err(wrong("holds a NUL byte; write it as plain text"));
    }
    Ok(SecretString::from(text))
}

/// Fetches the store's key as it is: 32 raw bytes, hex or base64, for the store to parse. A file must be readable by its
/// owner alone.
pub fn store_key(reference: &SecretRef) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    closed(reference, OTHERS)?;
    fetch(reference)
}

/// Refuses a file that is open to these. What systemd hands over is its own affair.
fn closed(reference: &SecretRef, whom: u32) -> Result<(), SecretError> {
    match reference {
        SecretRef::File(file) => match open_to(whom, file) {
            Some(mode) => Err(SecretError::TooOpen { file: shown(file), mode }),
            None => Ok(()),
        },
        SecretRef::Env(_) | SecretRef::Command(_) | SecretRef::Credential(_) => Ok(()),
    }
}

/// What to say of a secret that works but stands open: to a group, which may be meant.
pub(crate) fn concern(reference: &SecretRef) -> Option<String> {
    let SecretRef::File(file) = reference else { return None };
    let mode = open_to(OTHERS, file)?;
    let file = shown(file);
    Some(if mode & EVERYBODY == 0 {
        format!("the secret file {file} has mode {mode:04o}: its group may read it; run `chmod 600 {file}` unless that is meant")
    } else {
        format!("the secret file {file} has mode {mode:04o}: others may read it, and it is not used; run `chmod 600 {file}`")
    })
}

/// Where it is, for messages.
pub fn place(reference: &SecretRef) -> String {
    match reference {
        SecretRef::Env(name) => format!("the environment variable {}", neutral(name)),
        SecretRef::File(file) => format!("the file {}", shown(file)),
        SecretRef::Command(words) => format!("the command {}", program(words)),
        SecretRef::Credential(name) => format!("the credential {}", neutral(name)),
    }
}

fn fetch(reference: &SecretRef) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let bytes = match reference {
        SecretRef::Env(name) => env(name)?,
        SecretRef::File(file) => read(file)?,
        SecretRef::Command(words) => command(words, PATIENCE)?,
        SecretRef::Credential(name) => credential(name)?,
    };
    if bytes.len() as u64 > LARGEST {
        return Err(SecretError::Content { place: place(reference), what: "is larger than 64 KiB; check that this is the right place" });
    }
    Ok(bytes)
}

fn env(name: &str) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let failed = |state| SecretError::Env { name: neutral(name), state };
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Err(failed("empty")),
        Ok(value) => Ok(Zeroizing::new(value.into_bytes())),
        Err(std::env::VarError::NotPresent) => Err(failed("not set")),
        Err(std::env::VarError::NotUnicode(_)) => Err(failed("not UTF-8")),
    }
}

fn read(file: &Path) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let failed = |why: std::io::Error| SecretError::File { file: shown(file), why: why.to_string() };
    // Its full size at once: growing would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST as usize + 1));
    std::fs::File::open(file).map_err(failed)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Where systemd puts the credentials of the service.
pub(super) fn credentials() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from).filter(|folder| folder.is_absolute())
}

fn credential(name: &str) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let failed = |why: String| SecretError::Credential { name: neutral(name), why };
    let folder = credentials().ok_or_else(|| failed("CREDENTIALS_DIRECTORY is not set, systemd did not start this process".to_owned()))?;
    read(&folder.join(name)).map_err(|why| match why {
        SecretError::File { why, .. } => failed(why),
        other => other,
    })
}

/// Runs in a thread and a runtime of its own, so that it may be called from anywhere.
pub(super) fn command(words: &[String], patience: Duration) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let failed = |why: String| SecretError::Command { program: program(words), why };
    let words = words.to_vec();
    let ran = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            match tokio::time::timeout(patience, run(&words)).await {
                Ok(ran) => ran,
                Err(_) => Err(std::io::ErrorKind::TimedOut.into()),
            }
        })
    });
    let ran = ran.join().map_err(|_| failed("broke off".to_owned()))?;
    let (status, out, err) = ran.map_err(|why| {
        failed(match why.kind() {
            std::io::ErrorKind::TimedOut => format!("took longer than {} s and was stopped", patience.as_secs()),
            std::io::ErrorKind::NotFound => "does not exist".to_owned(),
            _ => format!("could not be run: {why}"),
        })
    })?;
    if status.success() {
        return Ok(out);
    }
    let said = String::from_utf8_lossy(&err);
    let said = neutral(said.lines().find(|line| !line.trim().is_empty()).unwrap_or("nothing"));
    Err(failed(format!("failed ({status}) and said: {said}")))
}

async fn run(words: &[String]) -> std::io::Result<(std::process::ExitStatus, Zeroizing<Vec<u8>>, Vec<u8>)> {
    let (program, arguments) = words.split_first().ok_or(std::io::ErrorKind::NotFound)?;
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut out = Zeroizing::new(Vec::with_capacity(LARGEST as usize + 1));
    let mut err = Vec::new();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let read_out = async {
        match stdout {
            Some(stdout) => stdout.take(LARGEST + 1).read_to_end(&mut out).await,
            None => Ok(0),
        }
    };
    let read_err = async {
        match stderr {
            Some(stderr) => stderr.take(LARGEST).read_to_end(&mut err).await,
            None => Ok(0),
        }
    };
    let (read_out, read_err) = tokio::join!(read_out, read_err);
    read_out?;
    read_err?;
    Ok((child.wait().await?, out, err))
}

fn program(words: &[String]) -> String {
    neutral(words.first().map_or("(none)", String::as_str))
}

fn shown(file: &Path) -> String {
    neutral(&file.display().to_string())
}

/// One short line without anything that steers a terminal.
fn neutral(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !is_steering(*c)).take(200).collect()
}

/// Whoever is neither the owner nor of the group.
const EVERYBODY: u32 = 0o007;
/// Whoever is not the owner.
const OTHERS: u32 = 0o077;

/// The mode of a file that these may use.
#[cfg(unix)]
fn open_to(whom: u32, file: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(file).ok()?.permissions().mode() & 0o7777;
    (mode & whom != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_to(_: u32, _: &Path) -> Option<u32> {
    None
}

/// Where every secret is that a configuration names, the store's key aside.
pub(super) fn places(config: &Config) -> impl Iterator<Item = &SecretRef> {
    let references = config.sources.iter().flat_map(SourceConfig::guarded);
    let references = references.chain(config.sinks.iter().flat_map(|sink| match &sink.kind {
        SinkKind::Sumo(sumo) => {
            let search = sumo.search.iter().flat_map(|search| [&search.access_id, &search.access_key]);
            std::iter::once(&sumo.url).chain(&sumo.token).chain(search).collect()
        }
        SinkKind::File { .. } | SinkKind::Stdout => Vec::new(),
    }));
    let references = references.chain(config.channels.iter().flat_map(ChannelConfig::secrets));
    let references = references.chain(config.responders.iter().flat_map(ResponderConfig::guarded));
    let references = references.chain(config.telemetry.iter().flat_map(TelemetryConfig::secrets));
    references.chain(&config.network.proxy_password)
}
