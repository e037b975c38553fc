//! An S3 server in this process, over loopback, on a folder. It counts what passes, writes it down when
//! asked to, can delay every answer, and fails when and how it is told to.
//!
//! # Decisions
//!
//! - **The bucket's server checks a condition and then writes**; a lock around conditional puts makes it one
//!   step, as the protocol promises. What it answers is in memory before the delay ends, since it reads 4 KiB
//!   at a time, and that would be measured instead of the formats.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use bytes::{Bytes, BytesMut};
use hyper::body::{Body as _, Frame, Incoming};
use hyper::{Method, Request};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::host::MultiDomain;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpError, HttpResponse};
use s3s_fs::FileSystem;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::faults::{Count, Fault, FaultPlan, Speech};
use super::manners::{Behaviour, Manners};
use super::promises::Promise;
use super::requests::{Log, Request as Logged, RequestKind};
use super::store::StoreAddress;

/// Key id and secret of the lab's bucket: it is on loopback, and gone with the lab.
pub const KEY_ID: &str = "lab";
pub const SECRET: &str = "lab-secret";
pub const REGION: &str = "us-east-1";

/// A running S3 server with one bucket.
pub struct Bucket {
    address: SocketAddr,
    name: String,
    traffic: Arc<Traffic>,
    _stop: DropGuard,
}

#[derive(Default)]
struct Traffic {
    log: Log,
    gets: AtomicU64,
    heads: AtomicU64,
    lists: AtomicU64,
    puts: AtomicU64,
    deletes: AtomicU64,
    bytes_read: AtomicU64,
    bytes_written: AtomicU64,
    delay_ms: AtomicU64,
    plan: Mutex<Option<Planned>>,
    broken: Mutex<Vec<Promise>>,
    behaviour: Behaviour,
    hangs: Notify,
}

struct Planned {
    plan: FaultPlan,
    seen: u64,
    /// When the first request was befallen.
    since: Option<Instant>,
}

impl Traffic {
    /// What is to become of the request that comes now.
    fn fault(&self) -> Option<Fault> {
        let mut planned = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        let Planned { plan, seen, since } = planned.as_mut()?;
        let number = *seen;
        *seen += 1;
        if number < plan.at || number - plan.at >= plan.times {
            return None;
        }
        let since = since.get_or_insert_with(Instant::now).elapsed();
        plan.lasts.is_none_or(|lasts| since < lasts).then_some(plan.fault)
    }
}

impl Bucket {
    /// Starts a server on a free port that keeps the bucket `name` below `folder`.
    pub async fn start(folder: &Path, name: &str) -> anyhow::Result<Bucket> {
        std::fs::create_dir_all(folder.join(name)).context("cannot create the bucket's folder")?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let hosts = [address.to_string(), format!("localhost:{}", address.port())];
        let service = |checks: bool| -> anyhow::Result<S3Service> {
            let files = FileSystem::new(folder)
                .map_err(|error| anyhow::anyhow!("cannot serve the bucket's folder: {error:?}"))?;
            let mut builder = S3ServiceBuilder::new(files);
            builder.set_host(MultiDomain::new(&hosts)?);
            if checks {
                builder.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
            }
            Ok(builder.build())
        };
        let traffic = Arc::new(Traffic::default());
        let stop = CancellationToken::new();
        let service = Counted {
            inner: service(true)?,
            forgetful: service(false)?,
            traffic: traffic.clone(),
            conditional: Arc::new(tokio::sync::Mutex::new(())),
        };
        tokio::spawn(serve(listener, service, stop.clone()));
        Ok(Bucket { address, name: name.to_string(), traffic, _stop: stop.drop_guard() })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// How any client reaches it.
    pub fn store(&self) -> StoreAddress {
        StoreAddress {
            endpoint: self.endpoint(),
            bucket: self.name.clone(),
            region: REGION.to_string(),
            key_id: KEY_ID.to_string(),
            secret: SECRET.into(),
            prefix: "lab".to_string(),
        }
    }

    /// Adds a delay to every answer, as a bucket far away has.
    pub fn set_delay(&self, delay: Duration) {
        self.traffic.delay_ms.store(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX), Relaxed);
    }

    /// The same by a name, before which the bucket's own can stand.
    pub fn named_endpoint(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// Behaves like this from now on.
    pub fn set_manners(&self, manners: Manners) {
        self.traffic.behaviour.set(manners);
    }

    /// Makes a plan of what fails from now on, or none. What hung before is not waited for any more.
    pub fn set_faults(&self, plan: Option<FaultPlan>) {
        let _ = futures::FutureExt::now_or_never(self.traffic.hangs.notified());
        let planned = plan.map(|plan| Planned { plan, seen: 0, since: None });
        *self.traffic.plan.lock().unwrap_or_else(PoisonError::into_inner) = planned;
    }

    /// Breaks these promises from now on.
    pub fn set_broken(&self, promises: &[Promise]) {
        *self.traffic.broken.lock().unwrap_or_else(PoisonError::into_inner) = promises.to_vec();
    }

    /// Waits until a request hangs as planned: then whoever asked can be killed at that very moment.
    pub async fn hanging(&self) {
        self.traffic.hangs.notified().await;
    }

    /// Counts anew from zero, and writes down every request from now on.
    pub fn reset(&self) {
        self.traffic.log.begin();
        let Traffic { gets, heads, lists, puts, deletes, bytes_read, bytes_written, .. } = &*self.traffic;
        for counter in [gets, heads, lists, puts, deletes, bytes_read, bytes_written] {
            counter.store(0, Relaxed);
        }
    }

    /// Every request since the last [`Bucket::reset`], in the order in which they came.
    pub fn requests(&self) -> Vec<Logged> {
        self.traffic.log.requests()
    }

    pub fn count(&self) -> Count {
        let traffic = &self.traffic;
        Count {
            gets: traffic.gets.load(Relaxed),
            heads: traffic.heads.load(Relaxed),
            lists: traffic.lists.load(Relaxed),
            puts: traffic.puts.load(Relaxed),
            deletes: traffic.deletes.load(Relaxed),
            bytes_read: traffic.bytes_read.load(Relaxed),
            bytes_written: traffic.bytes_written.load(Relaxed),
        }
    }
}

async fn serve(listener: TcpListener, service: Counted, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else { continue };
        // Without it, small answers wait for the other side's acknowledgement.
        let _ = stream.set_nodelay(true);
        let service = service.clone();
        connections.spawn(async move {
            // A connection that breaks is the client's to report.
            let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
    connections.shutdown().await;
}

/// Why a connection ends without an answer.
#[derive(Debug)]
enum Broken {
    Server(HttpError),
    Cut(io::Error),
}

impl Broken {
    fn cut() -> Broken {
        Broken::Cut(io::Error::new(io::ErrorKind::ConnectionReset, "cut, as planned"))
    }
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Broken::Server(error) => write!(f, "{error:?}"),
            Broken::Cut(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Broken {}

/// An answer that says no more than its status.
fn answer(status: u16) -> HttpResponse {
    Speech { status, headers: &[], body: b"" }.say()
}

/// Waits for a moment that may have passed; the timer itself would make a millisecond of nothing.
async fn wait_until(moment: Instant) {
    if moment > Instant::now() {
        tokio::time::sleep_until(moment.into()).await;
    }
}

/// An answer's head, and its body in memory. The file system behind it reads on to the end of the file when the range
/// that was asked for is long complete, so what counts is the stated length.
async fn gathered(answer: HttpResponse) -> Result<(hyper::http::response::Parts, Bytes), Broken> {
    let (head, mut body) = answer.into_parts();
    let length = stated_length(&head.headers);
    let mut whole = BytesMut::new();
    while length.is_none_or(|length| (whole.len() as u64) < length) {
        let Some(frame) = http_body_util::BodyExt::frame(&mut body).await else { break };
        whole.extend(frame.map_err(|_| Broken::cut())?.into_data());
    }
    Ok((head, whole.freeze()))
}

fn stated_length(headers: &hyper::HeaderMap) -> Option<u64> {
    headers.get("content-length")?.to_str().ok()?.parse().ok()
}

/// An answer of which half the body comes before the connection is cut.
async fn torn(answer: HttpResponse) -> Result<HttpResponse, Broken> {
    let (mut head, whole) = gathered(answer).await?;
    if whole.is_empty() {
        return Err(Broken::cut());
    }
    head.headers.insert("content-length", whole.len().into());
    let half: Bytes = whole.slice(..whole.len() / 2);
    let frames = futures::stream::iter([
        Ok(Frame::data(half)),
        Err(io::Error::new(io::ErrorKind::ConnectionReset, "cut, as planned")),
    ]);
    let body = Body::http_body_unsync(http_body_util::StreamBody::new(frames));
    Ok(HttpResponse::from_parts(head, body))
}

/// The S3 service with counters around it.
#[derive(Clone)]
struct Counted {
    inner: S3Service,
    /// The same without a look at signatures, for requests that lose some of what they sign.
    forgetful: S3Service,
    traffic: Arc<Traffic>,
    /// The file system behind it checks `If-None-Match` and then writes: a lock makes it one step, as
    /// the protocol promises.
    conditional: Arc<tokio::sync::Mutex<()>>,
}

impl hyper::service::Service<Request<Incoming>> for Counted {
    type Response = HttpResponse;
    type Error = Broken;
    type Future = futures::future::BoxFuture<'static, Result<HttpResponse, Broken>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let fault = this.traffic.fault();
            match fault {
                Some(Fault::CutBefore) => return Err(Broken::cut()),
                Some(Fault::Answer(status)) => return Ok(answer(status)),
                Some(Fault::Say(speech)) => return Ok(speech.say()),
                Some(Fault::HangBefore) => return this.hang().await,
                _ => {}
            }
            let kind = RequestKind::of(&request);
            this.count_request(kind, &request);
            if let Some(speech) = this.traffic.behaviour.refuses(&request) {
                return Ok(speech.say());
            }
            let entry = this.traffic.log.came(kind, &request);
            let conditional = request.method() == Method::PUT
                && (request.headers().contains_key("if-none-match")
                    || request.headers().contains_key("if-match"));
            let delay = Duration::from_millis(this.traffic.delay_ms.load(Relaxed));
            let begin = Instant::now() + delay;
            if kind != RequestKind::Get {
                wait_until(begin).await;
            }
            let broken = this.traffic.broken.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let service = if broken.is_empty() { &this.inner } else { &this.forgetful };
            let request = broken.into_iter().fold(request, |request, promise| promise.ignored(request));
            let served = hyper::service::Service::call(service, request);
            let mut answer = if conditional {
                let turn = this.conditional.clone();
                // It is done to its end although whoever asked is gone: the file system goes on writing, and
                // nobody else is to check their condition meanwhile.
                let whole = tokio::spawn(async move {
                    let _held = turn.lock().await;
                    served.await
                });
                whole.await.map_err(|_| Broken::cut())?
            } else {
                served.await
            }
            .map_err(Broken::Server)?;
            if kind == RequestKind::Get {
                // The file system behind it hands out 4 KiB at a time, which would take longer than whatever is
                // measured. Reading is part of the delay, as it is of a real bucket's.
                let (head, body) = gathered(answer).await?;
                answer = HttpResponse::from_parts(head, Body::from(body));
                wait_until(begin).await;
            }
            match fault {
                Some(Fault::CutAfter) => return Err(Broken::cut()),
                Some(Fault::CutWithin) => return torn(answer).await,
                Some(Fault::HangAfter) => return this.hang().await,
                _ => {}
            }
            let bytes = if kind == RequestKind::Get && answer.status().is_success() {
                stated_length(answer.headers()).or_else(|| answer.body().size_hint().exact()).unwrap_or(0)
            } else {
                0
            };
            this.traffic.bytes_read.fetch_add(bytes, Relaxed);
            this.traffic.log.answered(entry, bytes);
            Ok(answer)
        })
    }
}

impl Counted {
    async fn hang(&self) -> Result<HttpResponse, Broken> {
        self.traffic.hangs.notify_one();
        std::future::pending().await
    }

    /// Counts a request by its kind.
    fn count_request(&self, kind: RequestKind, request: &Request<Incoming>) {
        let Traffic { gets, heads, lists, puts, deletes, bytes_written, .. } = &*self.traffic;
        let counter = match kind {
            RequestKind::Get => gets,
            RequestKind::Head => heads,
            RequestKind::List => lists,
            RequestKind::Delete => deletes,
            RequestKind::Put => {
                bytes_written.fetch_add(request.body().size_hint().lower(), Relaxed);
                puts
            }
        };
        counter.fetch_add(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use object_store::ObjectStoreExt;

    use super::*;

    #[tokio::test]
    async fn a_range_is_answered_and_counted_alone_and_after_the_delay() {
        let folder = tempfile::tempdir().unwrap();
        let bucket = Bucket::start(folder.path(), "zenith").await.unwrap();
        let store = bucket.store();
        let (client, path) = (store.client().unwrap(), store.path("large"));
        client.put(&path, vec![7; 100_000].into()).await.unwrap();
        bucket.reset();
        let delay = Duration::from_millis(30);
        bucket.set_delay(delay);
        let started = Instant::now();
        assert_eq!(client.get_range(&path, 10..30).await.unwrap(), vec![7; 20]);
        assert!(started.elapsed() >= delay);
        let requests = bucket.requests();
        assert_eq!((bucket.count().requests(), bucket.count().bytes_read), (1, 20));
        assert_eq!((requests[0].kind, requests[0].bytes), (RequestKind::Get, 20));
        assert_eq!(requests[0].range.as_deref(), Some("bytes=10-29"));
    }
}
