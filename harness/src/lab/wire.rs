//! A proxy in front of a server: it counts the requests that pass, and can be cut or fall silent, so
//! that a spike sees what its client does then.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

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

/// A wire to one server.
pub struct Wire {
    address: SocketAddr,
    shared: Arc<Shared>,
    _stop: DropGuard,
}

#[derive(Default)]
struct Shared {
    state: AtomicU8,
    requests: AtomicU64,
}

impl Wire {
    /// Lays a wire to `server`, on a port of its own.
    pub async fn to(server: SocketAddr) -> anyhow::Result<Wire> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
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

    /// Requests that passed towards the server since the wire was laid.
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
    loop {
        let sent = tokio::select! {
            read = client.read(&mut from_client) => match read {
                Ok(count @ 1..) => {
                    let bytes = &from_client[..count];
                    shared.requests.fetch_add(heads(bytes), Relaxed);
                    if shared.is(State::Silent) { continue }
                    server.write_all(bytes).await
                }
                _ => return,
            },
            read = server.read(&mut from_server) => match read {
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
    fn is(&self, state: State) -> bool {
        self.state.load(Relaxed) == state as u8
    }
}
