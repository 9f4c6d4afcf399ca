//! A message as a mail, handed to the operator's own mail server.
//!
//! TLS is rustls with the certificates of this machine and of `ca_file`. The proxy of [network] speaks HTTP, so mail goes past it.

use std::{path::PathBuf, time::Duration};

use futures_util::future::BoxFuture;
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor,
    transport::smtp::{
        Error,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use secrecy::ExposeSecret as _;

use super::{
    Answer, Carrier, CarrierError, Manner, Message,
    template::{Parties, mail},
};
use crate::{
    config::{SecretRef, SmtpConfig, SmtpTls, secret},
    neutral::{brief, covered},
};

/// How long a whole mail may take.
const TIMEOUT: Duration = Duration::from_secs(60);

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// Sends mails.
pub(super) struct Smtp {
    config: SmtpConfig,
    ca_file: Option<PathBuf>,
    parties: Parties,
    /// `None` until the password was read, and again after every pause.
    server: Option<Server>,
}

struct Server {
    transport: Transport,
    password: Option<secrecy::SecretString>,
}

impl Smtp {
    pub(super) fn new(config: SmtpConfig, ca_file: Option<PathBuf>) -> Self {
        let parties = Parties { from: config.from.clone(), to: config.to.clone() };
        Self { config, ca_file, parties, server: None }
    }

    async fn server(&mut self) -> Result<&Server, CarrierError> {
        let server = match self.server.take() {
            Some(server) => server,
            None => {
                let (config, ca_file) = (self.config.clone(), self.ca_file.clone());
                let read = tokio::task::spawn_blocking(move || open(&config, ca_file.as_deref())).await;
                read.unwrap_or_else(|gone| Err(CarrierError(format!("failed to read the secrets of the channel: {gone}"))))?
            }
        };
        Ok(self.server.insert(server))
    }

    async fn send(&mut self, message: &Message<'_>) -> Answer {
        let mail = match mail(message, &self.parties) {
            Ok(mail) => mail,
            Err(why) => return Answer::Refused { reason: why.to_string() },
        };
        let host = self.config.host.clone();
        let server = match self.server().await {
            Ok(server) => server,
            Err(why) => return Answer::Paused { reason: why.to_string() },
        };
        let answer = match tokio::time::timeout(TIMEOUT, server.transport.send(mail)).await {
            Ok(Ok(response)) => {
                let text: String = response.message().collect::<Vec<_>>().join(" ");
                Answer::Accepted { said: format!("{host} answered {} (\"{}\")", response.code(), brief(&server.covered(&text), 200)) }
            }
            Ok(Err(why)) => server.judge(&host, &why),
            Err(_) => Answer::Retry { after: None, reason: format!("{host} took longer than {} s for a mail", TIMEOUT.as_secs()) },
        };
        if matches!(answer, Answer::Paused { .. }) {
            self.server = None;
        }
        answer
    }
}

impl Server {
    fn covered(&self, text: &str) -> String {
        let password = self.password.as_ref().map(|password| password.expose_secret());
        covered(text, password.as_slice()).into_owned()
    }

    /// What an error of SMTP means: <https://www.rfc-editor.org/rfc/rfc5321#section-4.2> and, for those of AUTH,
    /// <https://www.rfc-editor.org/rfc/rfc4954#section-6>.
    fn judge(&self, host: &str, why: &Error) -> Answer {
        let said = format!("{host}: {}", brief(&self.covered(&why.to_string()), 300));
        let code = why.status().map(|code| code.to_string());
        match code.as_deref() {
            Some("530" | "534" | "535" | "538") => {
                Answer::Paused { reason: format!("{said}: put the current password where `password` points, it is read again") }
            }
            Some("550" | "551" | "553") => {
                Answer::Paused { reason: format!("{said}: check `from` and `to`, and whether this host may send there") }
            }
            _ if why.is_permanent() => Answer::Refused { reason: said },
            _ if why.is_client() => Answer::Paused { reason: format!("{said}: check `tls`, `port` and `user`") },
            _ => Answer::Retry { after: None, reason: said },
        }
    }
}

impl Carrier for Smtp {
    fn carry<'a>(&'a mut self, message: &'a Message<'a>) -> BoxFuture<'a, Answer> {
        Box::pin(self.send(message))
    }

    fn check(&mut self) -> BoxFuture<'_, Result<String, CarrierError>> {
        Box::pin(async {
            self.server = None;
            self.server().await?;
            let SmtpConfig { host, port, .. } = &self.config;
            Ok(format!("its secrets can be read; it would send by {host}:{port}"))
        })
    }

    fn manner(&self) -> Manner {
        Manner::People
    }

    fn files(&self) -> Vec<PathBuf> {
        self.config.password.iter().filter_map(SecretRef::file).map(PathBuf::from).collect()
    }
}

fn open(config: &SmtpConfig, ca_file: Option<&std::path::Path>) -> Result<Server, CarrierError> {
    let read = |at: &SecretRef| secret::resolve(at).map_err(|why| CarrierError(format!("failed to read `password`: {why}")));
    let password = config.password.as_ref().map(read).transpose()?;
    let parameters = || tls(&config.host, ca_file);
    let tls = match config.tls {
        SmtpTls::Starttls => Tls::Required(parameters()?),
        SmtpTls::Implicit => Tls::Wrapper(parameters()?),
        SmtpTls::None => Tls::None,
    };
    let mut builder = Transport::builder_dangerous(config.host.clone()).port(config.port).tls(tls).timeout(Some(TIMEOUT));
    if let (Some(user), Some(password)) = (&config.user, &password) {
        builder = builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
    }
    Ok(Server { transport: builder.build(), password })
}

fn tls(host: &str, ca_file: Option<&std::path::Path>) -> Result<TlsParameters, CarrierError> {
    let failed = |why: Error| CarrierError(format!("failed to set up TLS for {host}: {why}"));
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(path) = ca_file {
        let unread = |why: &dyn std::fmt::Display| CarrierError(format!("failed to read `ca_file` {}: {why}", path.display()));
        let pem = std::fs::read(path).map_err(|why| unread(&why))?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|why| unread(&why))?);
    }
    builder.build_rustls().map_err(failed)
}
