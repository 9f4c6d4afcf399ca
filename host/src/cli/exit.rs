//! How a command ends, in numbers that cron and systemd understand.

use crate::{
    config::{ConfigErrors, NotFound, secret::SecretError},
    egress::NetworkError,
    enrich::FeedErrors,
    sink::SinkError,
    store::{StoreError, StoreErrorKind},
    trust::Refused,
};

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Everything asked for is done.
    Done = 0,
    /// Something is left, parked, or went wrong in passing: it says what.
    Left = 1,
    /// The configuration cannot work. systemd starts nothing again that ended so.
    Configuration = 2,
    /// A person must authorize again.
    Authorize = 3,
    /// Another process owns the store.
    Owned = 4,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error that knows how the command ends.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Ended {
    /// How.
    pub exit: Exit,
    /// Why, for people.
    pub message: String,
}

impl Ended {
    /// Ends a command with an explanation.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }
}

/// How an error ends a command.
pub(super) fn of(error: &anyhow::Error) -> Exit {
    error.chain().find_map(known).unwrap_or(Exit::Left)
}

fn known(cause: &(dyn std::error::Error + 'static)) -> Option<Exit> {
    if let Some(ended) = cause.downcast_ref::<Ended>() {
        return Some(ended.exit);
    }
    if cause.is::<ConfigErrors>()
        || cause.is::<NotFound>()
        || cause.is::<SinkError>()
        || matches!(cause.downcast_ref::<Refused>(), Some(Refused::Distrusted(_)))
    {
        return Some(Exit::Configuration);
    }
    // A file that is being written, a mount or a network that is not there yet: what comes by itself is asked for again.
    if cause.is::<FeedErrors>() {
        return Some(Exit::Left);
    }
    let may_come = cause.downcast_ref::<SecretError>().map(SecretError::may_come);
    if let Some(may_come) = may_come.or_else(|| cause.downcast_ref::<NetworkError>().map(NetworkError::may_come)) {
        return Some(if may_come { Exit::Left } else { Exit::Configuration });
    }
    let store = cause.downcast_ref::<StoreError>()?;
    Some(match store.kind {
        StoreErrorKind::Locked => Exit::Owned,
        StoreErrorKind::Unusable => Exit::Configuration,
        _ => Exit::Left,
    })
}

/// Writes a line of results to standard output.
pub(super) fn say(line: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    if let Err(why) = writeln!(std::io::stdout().lock(), "{line}") {
        if why.kind() == std::io::ErrorKind::BrokenPipe {
            std::process::exit(Exit::Done as i32);
        }
        // Where even this cannot be said, the exit code is all there is.
        let _ = writeln!(std::io::stderr(), "miro-source: failed to write to standard output: {why}");
        std::process::exit(Exit::Left as i32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{NetworkConfig, SecretRef, secret},
        egress::{Purpose, client},
        enrich::Unreadable,
    };

    fn fetched(reference: &SecretRef) -> Exit {
        of(&secret::store_key(reference).unwrap_err().into())
    }

    fn sh(script: &str) -> SecretRef {
        SecretRef::Command(["sh", "-c", script].map(str::to_owned).to_vec())
    }

    #[test]
    fn i8_what_may_come_by_itself_is_no_configuration_that_cannot_work() {
        let missing = || SecretRef::File("/not/there/key".into());
        assert_eq!((fetched(&missing()), fetched(&sh("exit 1"))), (Exit::Left, Exit::Left));
        let set = |network: &NetworkConfig| of(&client::build(network, Purpose::Sink).unwrap_err().into());
        let proxy = Some("http://someone@127.0.0.1:9".parse().unwrap());
        assert_eq!(set(&NetworkConfig { proxy, proxy_password: Some(missing()), ..NetworkConfig::default() }), Exit::Left);
        assert_eq!(set(&NetworkConfig { ca_file: Some("/not/there.pem".into()), ..NetworkConfig::default() }), Exit::Left);
        let half = Unreadable { feed: "city".into(), path: "city.mmdb".into(), why: "it is no database".into() };
        assert_eq!(of(&FeedErrors(vec![half]).into()), Exit::Left);
    }

    #[test]
    fn what_only_a_person_can_mend_is_a_configuration_that_cannot_work() {
        let unset = || SecretRef::Env("MIRO_SOURCE_NO_SUCH_VARIABLE".into());
        assert_eq!((fetched(&unset()), fetched(&SecretRef::Credential("key".into()))), (Exit::Configuration, Exit::Configuration));
        let proxy = Some("http://someone@127.0.0.1:9".parse().unwrap());
        let network = NetworkConfig { proxy, proxy_password: Some(unset()), ..NetworkConfig::default() };
        assert_eq!(of(&client::build(&network, Purpose::Sink).unwrap_err().into()), Exit::Configuration);
    }

    #[test]
    fn i8_the_unit_leaves_a_host_down_for_nothing_but_a_configuration_that_cannot_work() {
        let unit = include_str!("../../release/miro-source.service");
        let settings = |key: &str| unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).collect::<Vec<_>>();
        assert_eq!(settings("Restart"), ["on-failure"]);
        assert_eq!(settings("RestartPreventExitStatus"), [(Exit::Configuration as i32).to_string()]);
        // Ten seconds apart, what systemd counts as too often is never reached.
        assert_eq!((settings("RestartSec"), settings("StartLimitBurst").len()), (vec!["10s"], 0));
    }
}
