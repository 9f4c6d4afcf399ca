//! A component in many versions, and the vendor it reads: what tests and benchmarks of swapping stand on.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use anyhow::Context as _;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::component;

/// The component `guest-changing` as one of its versions.
pub fn version(name: &str) -> anyhow::Result<Vec<u8>> {
    static BUILT: LazyLock<Result<Vec<u8>, String>> =
        LazyLock::new(|| component::build("guest-changing").map_err(|why| format!("{why:#}")));
    const MARK: &[u8] = b"version:plain___________________";
    let mut wasm = BUILT.clone().map_err(|why| anyhow::anyhow!(why))?;
    let mark = format!("version:{name:_<24}");
    anyhow::ensure!(mark.len() == MARK.len(), "the name of a version has 24 characters at most");
    let places: Vec<usize> = wasm.windows(MARK.len()).enumerate().filter(|(_, bytes)| *bytes == MARK).map(|(place, _)| place).collect();
    let [place] = places.as_slice() else { anyhow::bail!("the mark stands {} times in the component", places.len()) };
    wasm.get_mut(*place..*place + MARK.len()).context("the mark lies outside")?.copy_from_slice(mark.as_bytes());
    Ok(wasm)
}

/// Writes a version where a configuration can name it.
pub fn write(folder: &Path, file: &str, name: &str) -> anyhow::Result<PathBuf> {
    let path = folder.join(file);
    std::fs::write(&path, version(name)?)?;
    Ok(path)
}

/// How the digest of a version is pinned.
pub fn pinned(name: &str) -> anyhow::Result<String> {
    Ok(format!("sha256:{}", miro_source::runtime::digest(&version(name)?)))
}

/// A vendor that counts: step `n` of a source is answered with `event n`, and remembered.
pub struct Vendor {
    /// Where it is.
    pub url: String,
    seen: Arc<Mutex<Seen>>,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    /// By source: every `n` asked for, in order.
    steps: BTreeMap<String, Vec<u64>>,
    down: bool,
}

impl Vendor {
    /// Listens on loopback.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((crate::network::loopback()?, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let memory = Arc::clone(&seen);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let memory = Arc::clone(&memory);
                // A connection that breaks is the client's business.
                tokio::spawn(async move { serve(stream, &memory).await.unwrap_or_default() });
            }
        });
        Ok(Self { url, seen, serving })
    }

    /// Every step that a source asked for, in order.
    pub fn steps(&self, source: &str) -> Vec<u64> {
        self.seen().steps.get(source).cloned().unwrap_or_default()
    }

    /// How many steps all sources asked for.
    pub fn total(&self) -> usize {
        self.seen().steps.values().map(Vec::len).sum()
    }

    /// Answers 503 from now on, or no longer.
    pub fn set_down(&self, down: bool) {
        self.seen().down = down;
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(stream: TcpStream, memory: &Mutex<Seen>) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    while let Some(first) = lines.next_line().await? {
        while lines.next_line().await?.is_some_and(|line| !line.is_empty()) {}
        let target = first.split(' ').nth(1).context("a request line has a target")?;
        let url = url::Url::parse(&format!("http://vendor{target}"))?;
        let asked: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        let (source, n) = (asked.get("source").context("which source")?, asked.get("n").context("which step")?.parse::<u64>()?);
        let answer = {
            let mut seen = memory.lock().unwrap_or_else(PoisonError::into_inner);
            if seen.down {
                "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n".to_owned()
            } else {
                seen.steps.entry(source.clone()).or_default().push(n);
                let body = format!("event {n}");
                format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n{body}", body.len())
            }
        };
        write.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}
