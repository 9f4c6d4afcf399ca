//! Whoever started the process and wants to hear how it is doing: systemd, by its protocol of notifications
//! (<https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html>).
//!
//! What goes in: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` of the environment, and a [`Sight`]. What goes out, in
//! datagrams: `READY=1` when everything runs, `STATUS=` when that changes, `WATCHDOG=1` at half of the time that the watchdog
//! grants, `RELOADING=1` while the configuration is read again, `STOPPING=1` on the way out. Without `NOTIFY_SOCKET` nothing is said. A supervisor that does not listen costs a line
//! in the log and nothing else.
//!
//! The watchdog is kept quiet only while the runtime makes progress: a task of it must have run, a call that blocks must have
//! got a thread, and none of the host's tasks may have failed.

use std::{
    ffi::OsStr,
    io,
    os::unix::net::{SocketAddr, UnixDatagram},
    sync::Arc,
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use crate::{
    neutral::brief,
    web::{Sight, line},
};

/// How often it is looked whether the status changed, at least.
const LOOK: Duration = Duration::from_secs(10);
/// The longest status, in characters.
const STATUS: usize = 300;

/// Where to say how the process is doing. By default nowhere.
#[derive(Debug, Default)]
pub struct Supervisor {
    socket: Option<(UnixDatagram, SocketAddr)>,
    /// How long it waits for a sign of life.
    watchdog: Option<Duration>,
}

impl Supervisor {
    /// The one that the environment names.
    pub fn find() -> Self {
        let text = |name: &str| std::env::var(name).ok();
        let mine = text("WATCHDOG_PID").is_none_or(|pid| pid == std::process::id().to_string());
        let watchdog = text("WATCHDOG_USEC").filter(|_| mine).and_then(|micros| micros.parse().ok());
        match std::env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty()) {
            Some(name) => Self::at(&name, watchdog.filter(|micros| *micros > 0).map(Duration::from_micros)),
            None => Self::default(),
        }
    }

    /// One that listens at this socket: a path, or `@` and a name that is on no disk.
    pub fn at(name: &OsStr, watchdog: Option<Duration>) -> Self {
        let opened = || -> io::Result<(UnixDatagram, SocketAddr)> {
            let socket = UnixDatagram::unbound()?;
            // Nobody waits for a supervisor that does not read.
            socket.set_nonblocking(true)?;
            Ok((socket, address(name)?))
        };
        match opened() {
            Ok(socket) => Self { socket: Some(socket), watchdog },
            Err(why) => {
                tracing::warn!("NOTIFY_SOCKET is of no use, nothing is told to whoever set it: {why}");
                Self::default()
            }
        }
    }

    /// The host reads its configuration again; it is ready when it says so once more.
    pub fn reloading(&self) {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        let micros = i128::from(now.tv_sec) * 1_000_000 + i128::from(now.tv_nsec) / 1000;
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={micros}"));
    }

    /// The host goes on as it was.
    pub fn unchanged(&self) {
        self.tell("READY=1");
    }

    fn tell(&self, state: &str) {
        let Some((socket, address)) = &self.socket else { return };
        if let Err(why) = socket.send_to_addr(state.as_bytes(), address) {
            tracing::warn!("failed to tell the supervisor: {why}");
        }
    }
}

#[cfg(target_os = "linux")]
fn address(name: &OsStr) -> io::Result<SocketAddr> {
    use std::os::{linux::net::SocketAddrExt as _, unix::ffi::OsStrExt as _};
    match name.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(name),
    }
}

#[cfg(not(target_os = "linux"))]
fn address(name: &OsStr) -> io::Result<SocketAddr> {
    SocketAddr::from_pathname(name)
}

/// Says how the host is doing, from now on until `done`. It is ready now.
pub async fn supervise(supervisor: Arc<Supervisor>, sight: Arc<Sight>, shutdown: CancellationToken, done: CancellationToken) {
    if supervisor.socket.is_none() {
        return;
    }
    let status = || format!("STATUS={}", brief(&line(&sight.seen()), STATUS));
    let mut said = status();
    supervisor.tell(&format!("READY=1\n{said}"));
    let period = supervisor.watchdog.map_or(LOOK, |watchdog| LOOK.min(watchdog / 2)).max(Duration::from_millis(1));
    let mut beats = tokio::time::interval(period);
    beats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut stopping = false;
    loop {
        tokio::select! {
            biased;
            () = shutdown.cancelled(), if !stopping => {
                stopping = true;
                supervisor.tell("STOPPING=1");
            }
            () = done.cancelled() => return,
            _ = beats.tick() => {}
        }
        // While it waits here, nobody is told that all is well.
        let progress = tokio::task::spawn_blocking(|| ()).await.is_ok();
        if supervisor.watchdog.is_some() && progress && sight.alive() {
            supervisor.tell("WATCHDOG=1");
        }
        let now = status();
        if now != said {
            supervisor.tell(&now);
            said = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_socket_is_a_path_or_a_name_on_no_disk() {
        use std::os::linux::net::SocketAddrExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let name = format!("miro-source-test-{}", std::process::id());
        let abstract_one = SocketAddr::from_abstract_name(&name).unwrap();
        for (listening, named) in [
            (UnixDatagram::bind(&path).unwrap(), path.into_os_string()),
            (UnixDatagram::bind_addr(&abstract_one).unwrap(), format!("@{name}").into()),
        ] {
            Supervisor::at(&named, None).tell("READY=1");
            let mut heard = [0; 64];
            let length = listening.recv(&mut heard).unwrap();
            assert_eq!(heard.get(..length), Some(b"READY=1".as_slice()), "{named:?}");
        }
    }

    #[test]
    fn a_socket_that_is_of_no_use_costs_nothing() {
        let folder = tempfile::tempdir().unwrap();
        Supervisor::at(folder.path().join("nobody").as_os_str(), None).tell("READY=1");
        Supervisor::at("x".repeat(200).as_ref(), None).tell("READY=1");
        Supervisor::default().tell("READY=1");
    }
}
