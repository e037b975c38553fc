//! A proxy in front of a server: it counts the requests that pass, and can be cut or fall silent, so
//! that a spike sees what its client does then.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};
use zenith_core::catalog::Server;

/// What the wire does with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// Bytes pass.
    Open = 0,
    /// Connections are closed at once.
    Cut = 1,
    /// Connections are accepted, and nothing ever comes back.
    Silent = 2,
}

/// Where in an exchange something happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutAt {
    /// The request never reaches the server.
    Request,
    /// It was done, and its answer is lost.
    Answer,
}

/// What then becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Cut,
    /// It stands, and nothing comes any more.
    Hang,
}

/// What is to happen to the request of a number, and perhaps to all after it.
#[derive(Clone, Copy)]
struct Planned {
    request: u64,
    at: CutAt,
    then: Then,
    ever_after: bool,
}

/// A wire to one server.
pub struct Wire {
    address: SocketAddr,
    shared: Arc<Shared>,
    _stop: DropGuard,
}

struct Shared {
    state: AtomicU8,
    requests: AtomicU64,
    plan: Mutex<Option<Planned>>,
    hangs: Notify,
}

impl Wire {
    /// Lays a wire to `server`, on a port of its own.
    pub async fn to(server: SocketAddr) -> anyhow::Result<Wire> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            state: AtomicU8::new(State::Open as u8),
            requests: AtomicU64::new(0),
            plan: Mutex::new(None),
            hangs: Notify::new(),
        });
        let stop = CancellationToken::new();
        tokio::spawn(accept(listener, server, shared.clone(), stop.clone()));
        Ok(Wire { address, shared, _stop: stop.drop_guard() })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes what happens to new bytes, on open connections too.
    pub fn set(&self, state: State) {
        self.shared.state.store(state as u8, Relaxed);
    }

    /// Cuts one connection, at the request of this number from now on.
    pub fn cut_once(&self, request: u64, at: CutAt) {
        self.plan(Planned { request, at, then: Then::Cut, ever_after: false });
    }

    /// Cuts every connection, at the request of this number from now on and ever after.
    pub fn cut_from(&self, request: u64) {
        self.plan(Planned { request, at: CutAt::Request, then: Then::Cut, ever_after: true });
    }

    /// Lets the exchange of this number from now on hang.
    pub fn hang_once(&self, request: u64, at: CutAt) {
        self.plan(Planned { request, at, then: Then::Hang, ever_after: false });
    }

    /// Waits until an exchange hangs as planned: then whoever asked can be killed at that very moment.
    pub async fn hanging(&self) {
        self.shared.hangs.notified().await;
    }

    /// Lets everything pass again.
    pub fn mend(&self) {
        *self.shared.plan.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.set(State::Open);
    }

    fn plan(&self, planned: Planned) {
        let request = planned.request + self.requests();
        let planned = Planned { request, ..planned };
        *self.shared.plan.lock().unwrap_or_else(PoisonError::into_inner) = Some(planned);
    }

    /// A database's server, reached through this wire; the database is named by the host.
    pub fn reach(&self, server: &Server) -> anyhow::Result<Server> {
        let mut wired = server.clone();
        wired.url.set_port(Some(self.address.port())).ok().context("the address takes no port")?;
        Ok(wired)
    }

    /// Requests that came for the server since the wire was laid.
    pub fn requests(&self) -> u64 {
        self.shared.requests.load(Relaxed)
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, shared: Arc<Shared>, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((client, _)) = accepted else { continue };
        connections.spawn(pass(client, server, shared.clone()));
        while connections.try_join_next().is_some() {}
    }
    connections.shutdown().await;
}

async fn pass(mut client: TcpStream, server: SocketAddr, shared: Arc<Shared>) {
    if shared.is(State::Cut) {
        return;
    }
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (mut from_client, mut from_server) = (vec![0; 16 << 10], vec![0; 64 << 10]);
    let mut loses_answer = None;
    loop {
        let sent = tokio::select! {
            read = client.read(&mut from_client) => match read {
                Ok(count @ 1..) => {
                    let bytes = &from_client[..count];
                    match shared.count(heads(bytes)) {
                        Some((CutAt::Request, then)) => return shared.end(then).await,
                        Some((CutAt::Answer, then)) => loses_answer = Some(then),
                        None => {}
                    }
                    if shared.is(State::Silent) { continue }
                    server.write_all(bytes).await
                }
                _ => return,
            },
            read = server.read(&mut from_server) => match read {
                Ok(1..) if loses_answer.is_some() => {
                    return shared.end(loses_answer.unwrap_or(Then::Cut)).await;
                }
                Ok(count @ 1..) if shared.is(State::Silent) => { let _ = count; continue }
                Ok(count @ 1..) => client.write_all(&from_server[..count]).await,
                _ => return,
            },
        };
        if sent.is_err() || shared.is(State::Cut) {
            return;
        }
    }
}

/// How many requests begin in these bytes: a client writes the head of one in a piece.
fn heads(bytes: &[u8]) -> u64 {
    let mark: &[u8] = b" HTTP/1.1\r\n";
    bytes.windows(mark.len()).filter(|window| *window == mark).count() as u64
}

impl Shared {
    /// Counts requests, and says what is to happen to them.
    fn count(&self, requests: u64) -> Option<(CutAt, Then)> {
        let first = self.requests.fetch_add(requests, Relaxed);
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        let planned = (*plan).filter(|planned| {
            let is_it = (first..first + requests).contains(&planned.request);
            is_it || (planned.ever_after && first + requests > planned.request)
        })?;
        if !planned.ever_after {
            *plan = None;
        }
        Some((planned.at, planned.then))
    }

    /// What becomes of a connection.
    async fn end(&self, then: Then) {
        if then == Then::Hang {
            self.hangs.notify_one();
            std::future::pending().await
        }
    }

    fn is(&self, state: State) -> bool {
        self.state.load(Relaxed) == state as u8
    }
}
