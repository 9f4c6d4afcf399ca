//! A webhook on loopback: keeps what it is sent and answers as it is told to, else 200 and `ok`.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

use crate::network::loopback;

/// The largest body that is read.
const BODY: usize = 1 << 20;

/// The webhook. Dropping it stops it.
#[derive(Debug)]
pub struct Hook {
    /// Where it is.
    pub url: String,
    shared: Arc<Mutex<Shared>>,
    task: AbortHandle,
}

#[derive(Debug, Default)]
struct Shared {
    posted: Vec<Posted>,
    answers: VecDeque<(u16, &'static str)>,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Posted {
    /// By lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
    /// The status it was answered with.
    pub status: u16,
}

impl Posted {
    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

impl Hook {
    /// Listens on a free port.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((loopback()?, 0)).await?;
        let url = format!("http://{}/hook/0123456789abcdef", listener.local_addr()?);
        let shared = Arc::new(Mutex::new(Shared::default()));
        let task = tokio::spawn(listen(listener, Arc::clone(&shared))).abort_handle();
        Ok(Self { url, shared, task })
    }

    /// Answers the next request so.
    pub fn answer(&self, status: u16, body: &'static str) {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).answers.push_back((status, body));
    }

    /// What it was sent so far.
    pub fn posted(&self) -> Vec<Posted> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).posted.clone()
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, shared: Arc<Mutex<Shared>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        // One that breaks off is the client's affair.
        tokio::spawn(async move { serve(stream, shared).await.ok() });
    }
}

async fn serve(stream: TcpStream, shared: Arc<Mutex<Shared>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.trim().split_once(':') {
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0_usize).min(BODY);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let (status, said) = {
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let (status, said) = shared.answers.pop_front().unwrap_or((200, "ok"));
        let body = String::from_utf8_lossy(&body).into_owned();
        shared.posted.push(Posted { headers, body, status });
        (status, said)
    };
    let answer = format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{said}", said.len());
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}
