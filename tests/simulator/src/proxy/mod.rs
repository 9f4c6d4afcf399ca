//! A forward proxy as a company has one: it opens a tunnel by `CONNECT` to what its table names, wants credentials where it is told to,
//! and inspects TLS with an authority of its own.
//!
//! The names of its table exist nowhere else, so that whoever reaches one went through here. It keeps what it was asked for
//! ([`Proxy::tunnels`]); a request that is no `CONNECT` is refused and kept too.
//!
//! | file | noun |
//! |---|---|
//! | [`authority`] | who issues the certificates |
//! | `tunnel` | one connection |

pub(crate) mod authority;
mod tunnel;

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{net::TcpListener, task::AbortHandle};

use authority::{Authority, FAR};

/// What is at the other end of a tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Far {
    /// Where it really listens.
    pub address: SocketAddr,
    /// Who speaks TLS with the client.
    pub tls: Inspection,
}

/// Who speaks TLS with the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inspection {
    /// The proxy, and beyond it nobody does.
    Inspected,
    /// Whoever is at the other end, if anybody: the proxy looks at nothing.
    Passed,
}

/// What a tunnel is refused with, or comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misdeed {
    /// This status instead of a tunnel.
    Status(u16),
    /// Hangs up instead of an answer.
    HangUp,
    /// Cuts the tunnel once so many bytes came back through it.
    CutAfter(u64),
}

/// What a proxy was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tunnel {
    /// `host:port`; of a request that is no `CONNECT` its first line.
    pub target: String,
    /// What it was answered.
    pub status: u16,
}

/// A proxy. Dropping it stops it.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: AbortHandle,
}

#[derive(Debug)]
struct Shared {
    authority: Authority,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    table: BTreeMap<String, Far>,
    credentials: Option<String>,
    misdeeds: VecDeque<Misdeed>,
    ends: BTreeMap<String, String>,
    tunnels: Vec<Tunnel>,
}

impl Proxy {
    /// Listens on a free port of this address.
    pub async fn start(ip: IpAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((ip, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { authority: Authority::new("Gateway of Example Holding")?, state: Mutex::default() });
        let task = tokio::spawn(listen(listener, Arc::clone(&shared))).abort_handle();
        Ok(Self { address, shared, task })
    }

    /// As `[network] proxy` has it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The authority that clients must trust.
    pub fn authority(&self) -> &Authority {
        &self.shared.authority
    }

    /// Lets `host:port` through to there.
    pub fn lead(&self, target: &str, far: Far) {
        self.shared.lock().table.insert(target.to_owned(), far);
    }

    /// Lets it through no more.
    pub fn forget(&self, target: &str) {
        self.shared.lock().table.remove(target);
    }

    /// Wants these credentials from now on.
    pub fn demand(&self, user: &str, password: &str) {
        use base64::Engine as _;
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        self.shared.lock().credentials = Some(format!("Basic {basic}"));
    }

    /// Lets the certificate of a host end then, as DER writes it: `YYMMDDHHMMSSZ`.
    pub fn end(&self, host: &str, ends: &str) {
        self.shared.lock().ends.insert(host.to_owned(), ends.to_owned());
    }

    /// Does this to the next tunnel for which nothing is planned yet.
    pub fn misbehave(&self, misdeed: Misdeed) {
        self.shared.lock().misdeeds.push_back(misdeed);
    }

    /// What it was asked for so far.
    pub fn tunnels(&self) -> Vec<Tunnel> {
        self.shared.lock().tunnels.clone()
    }

    /// How many tunnels it opened to this host.
    pub fn opened(&self, host: &str) -> usize {
        let of = |tunnel: &&Tunnel| tunnel.status == 200 && tunnel.target.rsplit_once(':').is_some_and(|(name, _)| name == host);
        self.shared.lock().tunnels.iter().filter(of).count()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What becomes of a request for a tunnel.
    fn decide(&self, target: &str, authorization: Option<&str>) -> Decision {
        let mut state = self.lock();
        let (status, far, cut) = match (&state.credentials, state.table.get(target).copied()) {
            (Some(wanted), _) if authorization != Some(wanted.as_str()) => (407, None, None),
            (_, None) => (502, None, None),
            (_, Some(far)) => match state.misdeeds.pop_front() {
                None => (200, Some(far), None),
                Some(Misdeed::CutAfter(bytes)) => (200, Some(far), Some(bytes)),
                Some(Misdeed::Status(status)) => (status, None, None),
                Some(Misdeed::HangUp) => (0, None, None),
            },
        };
        state.tunnels.push(Tunnel { target: target.to_owned(), status });
        Decision { status, far, cut }
    }

    /// Until when the certificate of a host is good.
    fn ends(&self, host: &str) -> String {
        self.lock().ends.get(host).cloned().unwrap_or_else(|| FAR.to_owned())
    }
}

/// What becomes of a request for a tunnel.
struct Decision {
    /// 0: none at all.
    status: u16,
    far: Option<Far>,
    cut: Option<u64>,
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        // One that breaks off is the client's affair.
        tokio::spawn(async move { tunnel::serve(stream, &shared).await.ok() });
    }
}
