//! One connection of a proxy: what it is asked for, and the bytes that go both ways.

use std::io;

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{Far, Inspection, Shared, Tunnel};

/// The most that anybody says before a tunnel.
const HEAD: usize = 16 << 10;

pub(super) async fn serve(mut client: TcpStream, shared: &Shared) -> io::Result<()> {
    client.set_nodelay(true)?;
    let head = head(&mut client).await?;
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default();
    let Some(target) = first.strip_prefix("CONNECT ").and_then(|rest| rest.strip_suffix(" HTTP/1.1")) else {
        shared.lock().tunnels.push(Tunnel { target: first.to_owned(), status: 405 });
        return say(&mut client, 405, "").await;
    };
    let field = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    let authorization = lines.filter_map(field).find(|(name, _)| name == "proxy-authorization").map(|(_, value)| value);
    let decision = shared.decide(target, authorization.as_deref());
    let Some(far) = decision.far else {
        return match decision.status {
            0 => Ok(()),
            407 => say(&mut client, 407, "proxy-authenticate: Basic realm=\"gateway\"\r\n").await,
            status => say(&mut client, status, "").await,
        };
    };
    let beyond = TcpStream::connect(far.address).await?;
    beyond.set_nodelay(true)?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    carry(client, beyond, far, target, decision.cut, shared).await
}

async fn carry(client: TcpStream, beyond: TcpStream, far: Far, target: &str, cut: Option<u64>, shared: &Shared) -> io::Result<()> {
    match far.tls {
        Inspection::Passed => between(client, beyond, cut).await,
        Inspection::Inspected => {
            let host = target.rsplit_once(':').map_or(target, |(host, _)| host);
            let client = shared.authority.server(host, &shared.ends(host))?.accept(client).await?;
            between(client, beyond, cut).await
        }
    }
}

/// Until one of them is done; a break on one side breaks the other.
async fn between(mut client: impl AsyncRead + AsyncWrite + Unpin, mut beyond: TcpStream, cut: Option<u64>) -> io::Result<()> {
    let Some(bytes) = cut else {
        tokio::io::copy_bidirectional(&mut client, &mut beyond).await?;
        return Ok(());
    };
    let (mut hears, mut says) = tokio::io::split(client);
    let (from, mut to) = beyond.split();
    let mut from = from.take(bytes);
    tokio::select! {
        ended = tokio::io::copy(&mut hears, &mut to) => ended.map(drop),
        ended = tokio::io::copy(&mut from, &mut says) => ended.map(drop),
    }
}

async fn say(client: &mut TcpStream, status: u16, fields: &str) -> io::Result<()> {
    let answer = format!("HTTP/1.1 {status} Refused\r\n{fields}content-length: 0\r\nconnection: close\r\n\r\n");
    client.write_all(answer.as_bytes()).await?;
    client.shutdown().await
}

/// To the empty line and no byte further.
async fn head(client: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
        head.push(client.read_u8().await?);
    }
    String::from_utf8(head).map_err(io::Error::other)
}
