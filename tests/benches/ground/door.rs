//! A far side on loopback that costs next to nothing and says what it cost: every connection has a thread of its own,
//! whose processor time is counted apart.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use bytes::Bytes;

/// Says what to answer to the request of that number, counted from 0.
pub(crate) type Script = dyn Fn(u64) -> Bytes + Send + Sync;

/// The far side. It lives as long as the process.
pub(crate) struct Door {
    /// Its origin.
    pub(crate) url: String,
    books: Arc<Books>,
    arrivals: mpsc::Receiver<Instant>,
}

struct Books {
    requests: AtomicU64,
    nanoseconds: AtomicU64,
    arrived: mpsc::Sender<Instant>,
    script: Box<Script>,
}

impl Door {
    /// Listens.
    pub(crate) fn open(script: impl Fn(u64) -> Bytes + Send + Sync + 'static) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let (arrived, arrivals) = mpsc::channel();
        let books = Arc::new(Books { requests: AtomicU64::new(0), nanoseconds: AtomicU64::new(0), arrived, script: Box::new(script) });
        let shared = Arc::clone(&books);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let books = Arc::clone(&shared);
                std::thread::spawn(move || serve(&stream, &books));
            }
        });
        Ok(Self { url, books, arrivals })
    }

    /// Takes everything.
    pub(crate) fn accepting() -> std::io::Result<Self> {
        Self::open(|_| Bytes::new())
    }

    /// Gives these bodies one after the other, and then an empty page for ever.
    pub(crate) fn pages(bodies: Vec<Bytes>) -> std::io::Result<Self> {
        let empty = Bytes::from_static(b"{\"limit\":100,\"size\":0,\"type\":\"cursor-list\",\"data\":[]}");
        let body = move |at: u64| usize::try_from(at).ok().and_then(|at| bodies.get(at)).unwrap_or(&empty).clone();
        Self::open(body)
    }

    /// Requests so far.
    pub(crate) fn requests(&self) -> u64 {
        self.books.requests.load(Ordering::Acquire)
    }

    /// Processor time of its own so far.
    pub(crate) fn cost(&self) -> Duration {
        Duration::from_nanos(self.books.nanoseconds.load(Ordering::Acquire))
    }

    /// When the next request arrived that nobody asked for yet; `None` where none does for that long.
    pub(crate) fn arrival(&self, wait: Duration) -> Option<Instant> {
        self.arrivals.recv_timeout(wait).ok()
    }
}

/// Ends with the connection.
fn serve(stream: &TcpStream, books: &Books) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::with_capacity(64 << 10, stream);
    let (mut line, mut body, mut counted) = (String::new(), Vec::new(), 0);
    loop {
        let mut length = 0;
        loop {
            line.clear();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse().ok()?,
                None if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        // Nobody may be listening.
        let _ = books.arrived.send(Instant::now());
        body.resize(length, 0);
        reader.read_exact(&mut body).ok()?;
        let answer = (books.script)(books.requests.fetch_add(1, Ordering::AcqRel));
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", answer.len());
        let mut out = stream;
        out.write_all(&[head.as_bytes(), &answer].concat()).ok()?;
        let cost = own_cost();
        books.nanoseconds.fetch_add(cost.saturating_sub(counted), Ordering::AcqRel);
        counted = cost;
    }
}

/// Processor time of this thread in nanoseconds.
fn own_cost() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or_default()
}
