//! Connections: bounded in number, in the time that a request's head may take, and ended gracefully.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Service;

/// Who sends the head of a request slower than this is hung up on.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// How long requests that were begun may take when the service ends.
const END_WITHIN: Duration = Duration::from_secs(5);
/// After a connection that could not be accepted, most often for want of descriptors.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// An address that is listened on.
pub struct Listening {
    listener: TcpListener,
    address: SocketAddr,
}

impl Listening {
    pub async fn on(address: &str) -> std::io::Result<Listening> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Listening { listener, address })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Answers requests until `end` is cancelled, and then those that were begun.
pub async fn serve(listening: Listening, service: Arc<Service>, end: CancellationToken) {
    let router = service.router();
    let (connections, mut open) = (Arc::new(Semaphore::new(service.bounds.connections)), JoinSet::new());
    loop {
        let permit = tokio::select! {
            permit = connections.clone().acquire_owned() => permit,
            () = end.cancelled() => break,
        };
        let Ok(permit) = permit else { break };
        let accepted = tokio::select! {
            accepted = listening.listener.accept() => accepted,
            () = end.cancelled() => break,
        };
        let Ok((stream, _)) = accepted else {
            tokio::select! {
                () = tokio::time::sleep(ACCEPT_AGAIN_AFTER) => continue,
                () = end.cancelled() => break,
            }
        };
        let (router, end) = (router.clone(), end.clone());
        // What has ended is let go of.
        while open.try_join_next().is_some() {}
        open.spawn(async move {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_WITHIN)
                .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
            let mut connection = std::pin::pin!(connection);
            tokio::select! {
                // A client that breaks off is no concern of the service's.
                _ = connection.as_mut() => {}
                () = end.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = connection.await;
                }
            }
            drop(permit);
        });
    }
    let ended = async { while open.join_next().await.is_some() {} };
    // Those that still go on then are dropped.
    let _ = tokio::time::timeout(END_WITHIN, ended).await;
}
