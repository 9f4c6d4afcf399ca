//! A mail server on loopback: takes every mail and keeps it. As much of SMTP as a client needs, with STARTTLS where it has a
//! certificate.

use std::sync::{Arc, Mutex, PoisonError};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use simulator::{FAR, Proxy, TlsAcceptor};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

use crate::network::loopback;

/// The server. Dropping it stops it.
#[derive(Debug)]
pub struct Mailbox {
    /// Its address: 127.0.0.1, or ::1 where there is no IPv4.
    pub host: String,
    /// Where it listens there.
    pub port: u16,
    shared: Arc<Mutex<Shared>>,
    task: AbortHandle,
}

#[derive(Debug, Default)]
struct Shared {
    mails: Vec<Mail>,
    lose: u32,
}

/// A mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    /// Who authenticated: user and password.
    pub login: String,
    /// The sender of the envelope.
    pub from: String,
    /// The recipients of the envelope.
    pub to: Vec<String>,
    /// Headers and body, line breaks as `\n`.
    pub text: String,
}

impl Mail {
    /// A header, unfolded. Empty where there is none.
    pub fn header(&self, name: &str) -> String {
        let (head, _) = self.text.split_once("\n\n").unwrap_or((&self.text, ""));
        let unfolded = head.replace("\n ", " ");
        unfolded.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap_or_default().to_owned()
    }
}

impl Mailbox {
    /// Listens on a free port.
    pub async fn start() -> anyhow::Result<Self> {
        Self::listen(None).await
    }

    /// The same under this name, and takes no mail before STARTTLS, with a certificate of the authority of that proxy.
    pub async fn secured(host: &str, proxy: &Proxy) -> anyhow::Result<Self> {
        let config = proxy.authority().server(host, FAR)?;
        Self::listen(Some(config)).await
    }

    async fn listen(tls: Option<TlsAcceptor>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((loopback()?, 0)).await?;
        let (host, port) = (listener.local_addr()?.ip().to_string(), listener.local_addr()?.port());
        let shared = Arc::new(Mutex::new(Shared::default()));
        let task = tokio::spawn(listen(listener, tls, Arc::clone(&shared))).abort_handle();
        Ok(Self { host, port, shared, task })
    }

    /// Takes the next mail and hangs up without an answer.
    pub fn lose(&self) {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).lose += 1;
    }

    /// What came so far.
    pub fn mails(&self) -> Vec<Mail> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).mails.clone()
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Mutex<Shared>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, shared) = (tls.clone(), Arc::clone(&shared));
        // One that breaks off is the client's affair.
        tokio::spawn(async move { greet(stream, tls, shared).await.ok() });
    }
}

async fn greet(stream: TcpStream, tls: Option<TlsAcceptor>, shared: Arc<Mutex<Shared>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 localhost\r\n").await?;
    let Some(tls) = tls else { return serve(stream, shared).await };
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        match line.split_whitespace().next().unwrap_or_default() {
            "EHLO" => stream.write_all(b"250-localhost\r\n250 STARTTLS\r\n").await?,
            "STARTTLS" => break,
            _ => stream.write_all(b"530 STARTTLS first\r\n").await?,
        }
    }
    stream.write_all(b"220 go on\r\n").await?;
    serve(BufReader::new(tls.accept(stream.into_inner()).await?), shared).await
}

async fn serve(mut stream: BufReader<impl AsyncRead + AsyncWrite + Unpin>, shared: Arc<Mutex<Shared>>) -> std::io::Result<()> {
    let mut mail = Mail::default();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let said = line.trim_end();
        let (verb, rest) = said.split_once(' ').unwrap_or((said, ""));
        let answer = match verb.to_ascii_uppercase().as_str() {
            "EHLO" => "250-localhost\r\n250-8BITMIME\r\n250 AUTH PLAIN",
            "AUTH" => {
                let opened = BASE64_STANDARD.decode(rest.trim_start_matches("PLAIN ")).unwrap_or_default();
                mail.login = String::from_utf8_lossy(&opened).replace('\0', " ").trim().to_owned();
                "235 welcome"
            }
            "MAIL" => {
                mail.from = bare(rest);
                "250 ok"
            }
            "RCPT" => {
                mail.to.push(bare(rest));
                "250 ok"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                mail.text = text(&mut stream).await?;
                let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
                let login = mail.login.clone();
                shared.mails.push(std::mem::replace(&mut mail, Mail { login, ..Mail::default() }));
                if shared.lose > 0 {
                    shared.lose -= 1;
                    return Ok(());
                }
                "250 kept as 1"
            }
            "QUIT" => "221 bye",
            "RSET" | "NOOP" => "250 ok",
            _ => "502 not here",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// The address of `FROM:<a@example.com> BODY=8BITMIME`.
fn bare(rest: &str) -> String {
    rest.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(address, _)| address).to_owned()
}

/// What stands before the line that is only a full stop.
async fn text(stream: &mut BufReader<impl AsyncRead + Unpin>) -> std::io::Result<String> {
    let (mut text, mut line) = (String::new(), String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end_matches(['\r', '\n']) {
            "." => return Ok(text),
            said => text.push_str(said.strip_prefix("..").map_or(said, |_| said.get(1..).unwrap_or_default())),
        }
        text.push('\n');
    }
}
