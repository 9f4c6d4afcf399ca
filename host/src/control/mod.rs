//! How commands reach a store that another process owns.
//!
//! A host that runs listens on a Unix socket beside its database, readable by its own user only. A command that must
//! write calls [`submit`]: it takes the store itself where nobody owns it, asks the owner where somebody does, and refuses
//! with the owner's name where neither works. Both ways end in the same [`perform`].
//!
//! One JSON object a line, one answer a request. Not a public interface: both ends are the same binary.

use std::path::{Path, PathBuf};

use audit_pipeline::types::Credentials;
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
};
use tokio_util::sync::CancellationToken;

use crate::{
    alert::{Alert, AlertId, Step, Suppression, SuppressionId},
    backoff::spread,
    config::SecretRef,
    model::{Instant, Seq, SinkName, SourceName},
    neutral::brief,
    pipeline,
    respond::{Move, Order, Response, ResponseId, Switch, Switched},
    store::{Erased, History, Parked, Result as StoreResult, Store, StoreError, StoreErrorKind},
    swap::{Promoted, Shown},
};

mod account;
mod privacy;
mod submit;
mod swap;
mod who;

pub use account::{carry_out, tell};
pub use privacy::Privacy;
pub use submit::{remember, submit};
pub use swap::{NotSwapped, Swap};
pub(crate) use who::am_i;

/// A request or an answer is at most this long.
const LINE: u64 = 1 << 20;

/// What a command asks of the owner of a store.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// Try parked events again: one of a sink, all of a sink, or all.
    RetryParked {
        /// Of this sink.
        sink: Option<SinkName>,
        /// Only this one.
        seq: Option<Seq>,
    },
    /// Send events again to the sinks that they are named with.
    Resend(Vec<Parked>),
    /// Begin backfills.
    AddHistories(Vec<History>),
    /// A person authorized: this is the pair.
    PutGrant {
        /// Whose.
        source: SourceName,
        /// The access token.
        access_token: String,
        /// The refresh token.
        refresh_token: Option<String>,
        /// When the access token expires.
        expires_at: Option<u64>,
        /// The configured tokens at that time, as a fingerprint, so that they are not taken for newer ones.
        configured: Vec<String>,
    },
    /// A person says that the stored pair is good in spite of a restore.
    Confirm(SourceName),
    /// Take, close or reopen an alert.
    ChangeAlert {
        /// Which.
        id: AlertId,
        /// What.
        step: Step,
        /// Who.
        who: String,
    },
    /// End a suppression before its time.
    LiftSuppression {
        /// Which.
        id: SuppressionId,
        /// Who.
        who: String,
    },
    /// A person wants something done to an account.
    Order(Box<Order>),
    /// A person moves a response along.
    MoveResponse {
        /// Which.
        id: ResponseId,
        /// The revision that they saw; without, whatever it is by now.
        revision: Option<u64>,
        /// How.
        next: Box<Move>,
        /// Who.
        who: String,
    },
    /// Nothing acts from now on.
    Stop {
        /// Who.
        who: String,
        /// Why.
        why: String,
    },
    /// What waits may be done again.
    Resume {
        /// Who.
        who: String,
        /// Why, where they say.
        why: Option<String>,
    },
    /// Something for a person who asks what is kept of them.
    Privacy(Box<Privacy>),
    /// Seal everything with the key in this file, and go on with that.
    Rekey(PathBuf),
    /// Poll now.
    Nudge,
    /// Replace a component.
    Swap(Swap),
    /// Say which components are in use.
    Components,
    /// Read the configuration again, and go on as it says.
    Reload,
    /// Only remember in the governance log what a command does by itself.
    Remember {
        /// What.
        about: String,
        /// To which source, where it is one's alone.
        source: Option<SourceName>,
    },
}

/// A request, and who has it.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// The user of the operating system. The socket is its owner's alone, so this is for the record and opens nothing.
    pub who: String,
    /// What is asked.
    pub request: Request,
}

#[derive(Serialize)]
struct Asking<'a> {
    who: String,
    request: &'a Request,
}

impl Request {
    /// Whether the sources have something to do when it is done.
    pub fn concerns_sources(&self) -> bool {
        !matches!(
            self,
            Self::ChangeAlert { .. }
                | Self::LiftSuppression { .. }
                | Self::Order(_)
                | Self::MoveResponse { .. }
                | Self::Stop { .. }
                | Self::Resume { .. }
                | Self::Remember { .. }
                | Self::Privacy(_)
        )
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::RetryParked { .. } => "retry parked events",
            Self::Resend(_) => "send events again",
            Self::AddHistories(_) => "begin a backfill",
            Self::PutGrant { .. } => "store new tokens",
            Self::Confirm(_) => "confirm the stored tokens",
            Self::ChangeAlert { .. } => "change an alert",
            Self::LiftSuppression { .. } => "lift a suppression",
            Self::Order(_) => "order an action",
            Self::MoveResponse { .. } => "change a response",
            Self::Stop { .. } => "stop all actions",
            Self::Resume { .. } => "resume actions",
            Self::Privacy(_) => "see to what is kept of a person",
            Self::Rekey(_) => "change the key",
            Self::Nudge => "poll now",
            Self::Swap(_) => "replace a component",
            Self::Components => "say which components are in use",
            Self::Reload => "read the configuration again",
            Self::Remember { .. } => "write to the governance log",
        })
    }
}

/// The owner's answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// Done, to so many things.
    Done(u64),
    /// Begun, with these numbers.
    Numbers(Vec<i64>),
    /// Replaced.
    Promoted(Promoted),
    /// Not replaced, and why.
    Refused(NotSwapped),
    /// The components in use.
    Components(Vec<Shown>),
    /// The alert as it is now.
    Alert(Box<Alert>),
    /// The suppression as it is now.
    Suppression(Suppression),
    /// The response as it is now.
    Response(Box<Response>),
    /// A part of an erasure is done.
    Erased(Box<Erased>),
    /// Goes on with the configuration as it is now, and what of it is different.
    Reloaded(String),
    /// Not done, and why.
    Failed(String),
}

/// Does what was asked.
pub fn perform(store: &dyn Store, request: &Request, now: Instant) -> Reply {
    let done = || -> StoreResult<Reply> {
        Ok(match request {
            Request::RetryParked { sink, seq } => Reply::Done(store.retry_parked(sink.as_ref(), *seq)?),
            Request::Resend(events) => {
                store.park(events)?;
                Reply::Done(u64::try_from(events.len()).unwrap_or(u64::MAX))
            }
            Request::AddHistories(histories) => {
                let mut numbers = Vec::with_capacity(histories.len());
                for history in histories {
                    store.register(&history.source)?;
                    numbers.push(store.add_history(history)?);
                }
                Reply::Numbers(numbers)
            }
            Request::PutGrant { source, access_token, refresh_token, expires_at, configured } => {
                store.register(source)?;
                let tokens: Vec<&str> = configured.iter().map(String::as_str).collect();
                let fingerprint = store.fingerprint(&tokens);
                let pair =
                    Credentials { access_token: access_token.clone(), refresh_token: refresh_token.clone(), expires_at: *expires_at };
                let after = store.grant(source)?.map(|grant| grant.version);
                store.put_grant(source, after, &pair, &fingerprint, now)?;
                store.confirm(source)?;
                Reply::Done(1)
            }
            Request::Confirm(source) => {
                store.confirm(source)?;
                Reply::Done(1)
            }
            Request::ChangeAlert { id, step, who } => Reply::Alert(Box::new(store.change_alert(*id, step, who, now)?)),
            Request::LiftSuppression { id, who } => Reply::Suppression(store.lift_suppression(*id, who, now)?),
            Request::Order(order) => Reply::Response(Box::new(store.order(order, now)?)),
            Request::MoveResponse { id, revision, next, who } => {
                Reply::Response(Box::new(store.move_response(*id, *revision, next, Some(who), now)?))
            }
            Request::Stop { who, why } => {
                store.switch(&Switched { at: now, who: who.clone(), switch: Switch::Stop, why: Some(why.clone()) })?;
                tracing::warn!("all actions are stopped by {}: {}", brief(who, 100), brief(why, 500));
                Reply::Done(1)
            }
            Request::Resume { who, why } => {
                let stopped = store.switch(&Switched { at: now, who: who.clone(), switch: Switch::Resume, why: why.clone() })?;
                if stopped {
                    tracing::warn!(
                        "actions are resumed by {}: {}",
                        brief(who, 100),
                        brief(why.as_deref().unwrap_or("no reason given"), 500)
                    );
                }
                Reply::Done(u64::from(stopped))
            }
            Request::Privacy(asked) => asked.perform(store, now)?,
            Request::Rekey(file) => {
                let key = pipeline::key_at(&SecretRef::File(file.clone()));
                store.rekey(&key.map_err(|why| StoreError::new(StoreErrorKind::Unusable, format!("{why:#}")))?)?;
                tracing::warn!("everything is sealed with another key now");
                Reply::Done(1)
            }
            Request::Nudge | Request::Remember { .. } => Reply::Done(0),
            Request::Swap(_) => Reply::Failed(
                "no host is running: put the file where the configuration's `component` points, and start one; or start one and repeat"
                    .to_owned(),
            ),
            Request::Components | Request::Reload => Reply::Failed("no host is running".to_owned()),
        })
    };
    done().unwrap_or_else(|why| Reply::Failed(why.to_string()))
}

/// Where the owner of a database listens: beside it, or in the temporary folder where that path is too long for a socket.
pub fn socket_path(database: &Path) -> PathBuf {
    let mut beside = database.as_os_str().to_owned();
    beside.push(".sock");
    if beside.len() < 100 {
        return beside.into();
    }
    std::env::temp_dir().join(format!("miro-source-{:016x}.sock", spread(&database.to_string_lossy(), 2)))
}

/// Listens for commands.
pub struct Server {
    listener: UnixListener,
    path: PathBuf,
}

impl Server {
    /// Listens at the socket of a database that this process owns.
    pub fn bind(database: &Path) -> std::io::Result<Self> {
        use std::os::unix::fs::PermissionsExt as _;
        let path = socket_path(database);
        match std::fs::remove_file(&path) {
            Err(why) if why.kind() != std::io::ErrorKind::NotFound => return Err(why),
            // Left by a process that died: we hold the lock, so nobody listens there.
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, path })
    }

    /// Answers until told to stop. `handle` does the work, and must not block.
    pub async fn serve<H, F>(self, shutdown: CancellationToken, handle: H)
    where
        H: Fn(Asked) -> F + Send + Sync + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        let handle = std::sync::Arc::new(handle);
        loop {
            let accepted = tokio::select! {
                () = shutdown.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    let handle = std::sync::Arc::clone(&handle);
                    let shutdown = shutdown.clone();
                    tokio::spawn(async move {
                        let answered = tokio::select! {
                            () = shutdown.cancelled() => Ok(()),
                            answered = answer(stream, handle) => answered,
                        };
                        if let Err(why) = answered {
                            tracing::warn!("failed to answer a command: {why}");
                        }
                    });
                }
                Err(why) => tracing::warn!("failed to accept a command: {why}"),
            }
        }
        if let Err(why) = std::fs::remove_file(&self.path) {
            tracing::debug!("failed to remove {}: {why}", self.path.display());
        }
    }
}

async fn answer<H, F>(stream: UnixStream, handle: std::sync::Arc<H>) -> std::io::Result<()>
where
    H: Fn(Asked) -> F,
    F: Future<Output = Reply>,
{
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    BufReader::new(read.take(LINE)).read_line(&mut line).await?;
    let reply = match serde_json::from_str::<Asked>(&line) {
        Ok(asked) => handle(asked).await,
        // Without the text of the request: it may carry a token.
        Err(why) => Reply::Failed(format!("failed to read the command at column {}: the running host is of another version", why.column())),
    };
    let mut text = serde_json::to_vec(&reply)?;
    text.push(b'\n');
    write.write_all(&text).await
}

/// Asks the owner of a database.
pub async fn ask(database: &Path, request: &Request) -> std::io::Result<Reply> {
    let mut stream = UnixStream::connect(socket_path(database)).await?;
    let mut text = serde_json::to_vec(&Asking { who: am_i(), request })?;
    text.push(b'\n');
    stream.write_all(&text).await?;
    let mut line = String::new();
    BufReader::new(stream.take(LINE)).read_line(&mut line).await?;
    Ok(serde_json::from_str(&line)?)
}
