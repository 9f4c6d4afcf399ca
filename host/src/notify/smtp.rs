//! A message as a mail, handed to the operator's own mail server.
//!
//! The connection is the host's own ([`Dialer`]): through a tunnel of the proxy where there is one, and over TLS that trusts the
//! authorities of this machine and of `ca_file`. A new one for every mail, since mails are few.

use std::{path::PathBuf, time::Duration};

use futures_util::future::BoxFuture;
use lettre::transport::smtp::{
    Error,
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::{AsyncSmtpConnection, AsyncTokioStream, Certificate, TlsParameters},
    extension::ClientId,
    response::Response,
};
use secrecy::ExposeSecret as _;

use super::{
    Answer, Carrier, CarrierError, Manner, Message,
    template::{Parties, mail},
};
use crate::{
    config::{NetworkConfig, SecretRef, SmtpConfig, SmtpTls, secret},
    egress::{Connection, DialError, Dialer, tls},
    neutral::{brief, covered},
};

/// How long a whole mail may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Sends mails.
pub(super) struct Smtp {
    config: SmtpConfig,
    network: NetworkConfig,
    parties: Parties,
    /// `None` until the password was read, and again after every pause.
    server: Option<Server>,
}

struct Server {
    config: SmtpConfig,
    dialer: Dialer,
    /// For STARTTLS, which happens inside the conversation.
    tls: TlsParameters,
    password: Option<secrecy::SecretString>,
}

/// Why a mail was not taken.
enum Unsent {
    Unreached(DialError),
    Said(Error),
}

impl Smtp {
    pub(super) fn new(config: SmtpConfig, network: NetworkConfig) -> Self {
        let parties = Parties { from: config.from.clone(), to: config.to.clone() };
        Self { config, network, parties, server: None }
    }

    async fn server(&mut self) -> Result<&Server, CarrierError> {
        let server = match self.server.take() {
            Some(server) => server,
            None => {
                let (config, network) = (self.config.clone(), self.network.clone());
                let read = tokio::task::spawn_blocking(move || open(config, &network)).await;
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
        let answer = match tokio::time::timeout(TIMEOUT, server.send(&mail)).await {
            Ok(Ok(response)) => {
                let text: String = response.message().collect::<Vec<_>>().join(" ");
                Answer::Accepted { said: format!("{host} answered {} (\"{}\")", response.code(), brief(&server.covered(&text), 200)) }
            }
            Ok(Err(Unsent::Said(why))) => server.judge(&host, &why),
            Ok(Err(Unsent::Unreached(why))) if why.needs_person() => Answer::Paused { reason: why.to_string() },
            Ok(Err(Unsent::Unreached(why))) => Answer::Retry { after: None, reason: why.to_string() },
            Err(_) => Answer::Retry { after: None, reason: format!("{host} took longer than {} s for a mail", TIMEOUT.as_secs()) },
        };
        if matches!(answer, Answer::Paused { .. }) {
            self.server = None;
        }
        answer
    }
}

impl Server {
    /// One conversation, from the greeting to the goodbye.
    async fn send(&self, mail: &lettre::Message) -> Result<Response, Unsent> {
        let SmtpConfig { host, port, .. } = &self.config;
        let mut connection = self.dialer.dial(host, *port).await.map_err(Unsent::Unreached)?;
        if self.config.tls == SmtpTls::Implicit {
            connection = self.dialer.secure(connection, host).await.map_err(Unsent::Unreached)?;
        }
        self.talk(connection, mail).await.map_err(Unsent::Said)
    }

    async fn talk(&self, connection: Connection, mail: &lettre::Message) -> Result<Response, Error> {
        let name = ClientId::default();
        let mut server = AsyncSmtpConnection::connect_with_transport(Box::new(connection), &name).await?;
        if self.config.tls == SmtpTls::Starttls {
            server.starttls(self.tls.clone(), &name).await?;
        }
        if let (Some(user), Some(password)) = (&self.config.user, &self.password) {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            server.auth(DEFAULT_MECHANISMS, &credentials).await?;
        }
        let response = server.send(mail.envelope(), &mail.formatted()).await?;
        // It has the mail, whatever becomes of the goodbye.
        let _ = server.quit().await;
        Ok(response)
    }

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
        self.config.password.iter().filter_map(SecretRef::file).collect()
    }
}

impl AsyncTokioStream for Connection {
    fn peer_addr(&self) -> std::io::Result<std::net::SocketAddr> {
        Ok(self.peer)
    }
}

fn open(config: SmtpConfig, network: &NetworkConfig) -> Result<Server, CarrierError> {
    let read = |at: &SecretRef| secret::resolve(at).map_err(|why| CarrierError(format!("failed to read `password`: {why}")));
    let password = config.password.as_ref().map(read).transpose()?;
    let dialer = Dialer::new(network).map_err(|why| CarrierError(why.to_string()))?;
    let tls = parameters(&config.host, network)?;
    Ok(Server { config, dialer, tls, password })
}

fn parameters(host: &str, network: &NetworkConfig) -> Result<TlsParameters, CarrierError> {
    let failed = |why: Error| CarrierError(format!("failed to set up TLS for {host}: {why}"));
    let mut builder = TlsParameters::builder(host.to_owned());
    for authority in tls::authorities(network).map_err(|why| CarrierError(why.to_string()))? {
        builder = builder.add_root_certificate(Certificate::from_der(authority.to_vec()).map_err(failed)?);
    }
    builder.build_rustls().map_err(failed)
}
