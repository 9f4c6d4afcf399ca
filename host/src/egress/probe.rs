//! One look at a place that something goes to: its addresses, the way there, its certificate, and whether it answers. Asks for
//! nothing that anybody keeps: an empty `HEAD /`, or a mail server's greeting. No path, no credential.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustls::{
    DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use rustls_platform_verifier::Verifier;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{
    address::is_public_by,
    certificate::Certificate,
    client::{NetworkError, Purpose},
    dial::{Connection, Dialer, status},
    nat64::Nat64,
    route::{Proxy, Route, authority},
    tls,
};
use crate::config::{NetworkConfig, SmtpTls};

/// How long an answer may take once the connection stands.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest line that is read.
const LINE: usize = 4 << 10;
/// The most lines of a mail server's answer.
const LINES: usize = 100;

/// What is spoken there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Speech {
    /// HTTP, without TLS: this machine only.
    Http,
    /// HTTP over TLS.
    Https,
    /// Mail that begins with TLS.
    SmtpsImplicit,
    /// Mail that turns to TLS.
    SmtpStarttls,
    /// Mail without TLS.
    SmtpPlain,
}

impl From<SmtpTls> for Speech {
    fn from(tls: SmtpTls) -> Self {
        match tls {
            SmtpTls::Implicit => Self::SmtpsImplicit,
            SmtpTls::Starttls => Self::SmtpStarttls,
            SmtpTls::None => Self::SmtpPlain,
        }
    }
}

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// What is spoken there.
    pub speech: Speech,
}

/// What was seen.
#[derive(Debug)]
pub struct Look {
    /// The way there.
    pub route: Route,
    /// Its addresses, and why there are none. Nothing where the proxy looks it up.
    pub addresses: Option<Result<Vec<IpAddr>, String>>,
    /// Its certificate, trusted or not. Nothing where there is none, or none was seen.
    pub certificate: Option<Certificate>,
    /// The status of its answer, or why there is none.
    pub answer: Result<u16, String>,
}

/// Looks at places as `[network]` has it.
#[derive(Debug)]
pub struct Probe {
    dialer: Dialer,
    verifier: Arc<Verifier>,
    nat64: Option<Nat64>,
}

impl Probe {
    /// Reads `ca_file` and the proxy's password.
    pub fn new(network: &NetworkConfig) -> Result<Self, NetworkError> {
        Ok(Self { dialer: Dialer::new(network)?, verifier: Arc::new(tls::verifier(network)?), nat64: network.nat64 })
    }

    /// Looks at a place, for whoever goes there.
    pub async fn look(&self, place: &Place, purpose: Purpose) -> Look {
        let route = self.dialer.route(&place.host);
        let addresses = match &route {
            Route::Through(_) => None,
            Route::Direct | Route::Excepted => Some(self.dialer.addresses(&place.host).await),
        };
        let seen = Arc::new(Seen { verifier: Arc::clone(&self.verifier), leaf: Mutex::default() });
        let answer = match &addresses {
            None => match &route {
                // What is not in TLS is asked of the proxy by its whole address, and no tunnel is made.
                Route::Through(proxy) if place.speech == Speech::Http => {
                    self.ask(self.dialer.proxy(proxy).await, place, Some(proxy), &seen).await
                }
                _ => self.ask(self.dialer.dial(&place.host, place.port).await, place, None, &seen).await,
            },
            Some(Err(why)) => Err(why.to_string()),
            Some(Ok(found)) => match self.permitted(place, found, purpose) {
                Ok(kept) => self.ask(self.dialer.straight(&place.host, place.port, kept).await, place, None, &seen).await,
                Err(why) => Err(why),
            },
        };
        let leaf = seen.leaf.lock().unwrap_or_else(PoisonError::into_inner).take();
        let certificate = leaf.and_then(|leaf| Certificate::read(&leaf));
        Look { route, addresses: addresses.map(|found| found.map_err(|why| why.to_string())), certificate, answer }
    }

    /// A component gets to public addresses only, but for what is this machine by its name.
    fn permitted(&self, place: &Place, found: &[IpAddr], purpose: Purpose) -> Result<Vec<IpAddr>, String> {
        let literal = super::route::bare(&place.host).parse::<IpAddr>().is_ok();
        let fits = |ip: &IpAddr| match purpose {
            Purpose::Sink => true,
            Purpose::Component if ip.is_loopback() => literal || place.host == "localhost",
            Purpose::Component => place.host != "localhost" && is_public_by(*ip, self.nat64.as_ref()),
        };
        let kept: Vec<IpAddr> = found.iter().copied().filter(fits).collect();
        if kept.is_empty() {
            Err("none of its addresses is of the public Internet, so no component gets there".to_owned())
        } else {
            Ok(kept)
        }
    }

    async fn ask(
        &self,
        dialed: Result<Connection, super::DialError>,
        place: &Place,
        proxy: Option<&Proxy>,
        seen: &Arc<Seen>,
    ) -> Result<u16, String> {
        let mut connection = dialed.map_err(|why| why.to_string())?;
        let config = Arc::new(tls::judged_by(Arc::clone(seen) as Arc<dyn ServerCertVerifier>).map_err(|why| why.to_string())?);
        let asking = async {
            if place.speech == Speech::SmtpStarttls {
                turn(&mut connection).await.map_err(|why| why.to_string())?;
            }
            if matches!(place.speech, Speech::Https | Speech::SmtpsImplicit | Speech::SmtpStarttls) {
                connection = Dialer::shake(config, connection, &place.host).await.map_err(|why| why.to_string())?;
            }
            let asked = match place.speech {
                Speech::Http | Speech::Https => http(&mut connection, place, proxy).await,
                Speech::SmtpsImplicit | Speech::SmtpPlain => reply(&mut connection).await,
                Speech::SmtpStarttls => hello(&mut connection).await,
            };
            let status = asked.map_err(|why| format!("the connection was lost: {why}"))?;
            match (status, proxy) {
                (Some(407), Some(proxy)) => Err(super::DialError::Credentials(proxy.clone()).to_string()),
                (Some(status @ 502..=504), Some(proxy)) => Err(format!("the proxy {proxy}, or the host behind it, answers {status}")),
                (Some(status), _) => Ok(status),
                (None, _) => Err("it answers with something else than what is spoken there".to_owned()),
            }
        };
        tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| Err("no answer in time".to_owned()))
    }
}

async fn http(connection: &mut Connection, place: &Place, proxy: Option<&Proxy>) -> std::io::Result<Option<u16>> {
    let default = if place.speech == Speech::Https { 443 } else { 80 };
    let host = authority(&place.host);
    let host = if place.port == default { host } else { format!("{host}:{}", place.port) };
    let agent = concat!("miro-source/", env!("CARGO_PKG_VERSION"));
    let (target, authorized) = match proxy {
        Some(proxy) => (format!("http://{host}/"), proxy.authorized()),
        None => ("/".to_owned(), String::new()),
    };
    let request =
        format!("HEAD {target} HTTP/1.1\r\nhost: {host}\r\nuser-agent: {agent}\r\naccept: */*\r\n{authorized}connection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await?;
    connection.flush().await?;
    Ok(status(&line(connection).await?))
}

/// From the greeting to where TLS begins.
async fn turn(connection: &mut Connection) -> Result<(), String> {
    let lost = |why: std::io::Error| format!("the connection was lost: {why}");
    let wrong = |said: Option<u16>, what: &str| match said {
        Some(code) => format!("it answers {code} to {what}"),
        None => "it answers with something that is not SMTP".to_owned(),
    };
    for (code, what, say) in [(220, "a connection", "EHLO [127.0.0.1]\r\n"), (250, "EHLO", "STARTTLS\r\n"), (220, "STARTTLS", "")] {
        let said = reply(connection).await.map_err(lost)?;
        if said != Some(code) {
            return Err(wrong(said, what));
        }
        connection.write_all(say.as_bytes()).await.map_err(lost)?;
        connection.flush().await.map_err(lost)?;
    }
    Ok(())
}

async fn hello(connection: &mut Connection) -> std::io::Result<Option<u16>> {
    connection.write_all(b"EHLO [127.0.0.1]\r\n").await?;
    connection.flush().await?;
    reply(connection).await
}

/// The code of an answer of SMTP, which may have several lines.
async fn reply(connection: &mut Connection) -> std::io::Result<Option<u16>> {
    for _ in 0..LINES {
        let line = line(connection).await?;
        let code = line.get(..3).and_then(|code| std::str::from_utf8(code).ok()).and_then(|code| code.parse().ok());
        match (code, line.get(3)) {
            (Some(_), Some(b'-')) => {}
            (code, _) => return Ok(code),
        }
    }
    Ok(None)
}

/// A line with its end, or as much of it as may be.
async fn line(connection: &mut Connection) -> std::io::Result<Vec<u8>> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") && line.len() < LINE {
        line.push(connection.read_u8().await?);
    }
    Ok(line)
}

/// Judges as ever, and keeps what it judged.
#[derive(Debug)]
struct Seen {
    verifier: Arc<Verifier>,
    leaf: Mutex<Option<CertificateDer<'static>>>,
}

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        *self.leaf.lock().unwrap_or_else(PoisonError::into_inner) = Some(leaf.clone().into_owned());
        self.verifier.verify_server_cert(leaf, intermediates, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, leaf, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, leaf, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}
