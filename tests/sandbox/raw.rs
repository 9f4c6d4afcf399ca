//! A far side of bare sockets: it answers what it was told to, and keeps every byte that came.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// What is sent once the head of a request is there.
#[derive(Clone, Debug)]
pub(crate) enum Says {
    /// This, and then it waits for the next request.
    Whole(String),
    /// This, and then that again and again for as long as somebody reads.
    Endless(String, Vec<u8>),
    /// This, and then a little now and then, for as long as somebody reads.
    Drip(String, &'static [u8]),
    /// This, and then nothing more.
    Nothing(String),
    /// This, and it hangs up.
    Once(String),
}

/// How often it drips. How fast is no matter of the tests: only that it never ends.
const NOW_AND_THEN: std::time::Duration = std::time::Duration::from_millis(20);

/// A listener on loopback.
pub(crate) struct Raw {
    pub(crate) address: SocketAddr,
    came: Arc<Mutex<Vec<u8>>>,
    connections: Arc<AtomicUsize>,
}

impl Raw {
    pub(crate) async fn start(says: Says) -> Self {
        Self::start_at("127.0.0.1:0", says).await
    }

    pub(crate) async fn start_at(address: &str, says: Says) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let raw = Self { address: listener.local_addr().unwrap(), came: Arc::default(), connections: Arc::default() };
        let (came, connections) = (Arc::clone(&raw.came), Arc::clone(&raw.connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, says.clone(), Arc::clone(&came)));
            }
        });
        raw
    }

    /// Its origin, to be granted.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every byte that came, of all connections.
    pub(crate) fn came(&self) -> String {
        String::from_utf8_lossy(&self.came.lock().unwrap()).into_owned()
    }

    /// How many connections were made.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// An answer of HTTP/1.1.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

async fn serve(mut stream: TcpStream, says: Says, came: Arc<Mutex<Vec<u8>>>) {
    while head(&mut stream, &came).await {
        let (first, again): (_, Option<&[u8]>) = match &says {
            Says::Whole(text) | Says::Nothing(text) | Says::Once(text) => (text, None),
            Says::Endless(text, again) => (text, Some(again)),
            Says::Drip(text, again) => (text, Some(again)),
        };
        if stream.write_all(first.as_bytes()).await.is_err() {
            return;
        }
        if matches!(says, Says::Once(_)) {
            return;
        }
        let mut drips = tokio::time::interval(NOW_AND_THEN);
        while let Some(again) = again {
            if matches!(says, Says::Drip(..)) {
                drips.tick().await;
            }
            if stream.write_all(again).await.is_err() {
                return;
            }
        }
    }
}

/// Reads a request up to its empty line; whether there was one.
async fn head(stream: &mut TcpStream, came: &Mutex<Vec<u8>>) -> bool {
    let mut head = Vec::new();
    let mut byte = [0_u8];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte).await {
            Ok(1) => {
                head.extend(byte);
                came.lock().unwrap().extend(byte);
            }
            _ => return false,
        }
    }
    // A body, where one follows, is read as the beginning of the next request: every byte is kept.
    true
}
