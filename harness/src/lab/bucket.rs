//! An S3 server in this process, over loopback, on a folder. It counts what passes, can delay every
//! answer, and fails when and how it is told to.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use hyper::body::{Body as _, Frame, Incoming};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpError, HttpResponse};
use s3s_fs::FileSystem;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

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

/// What passed since the last [`Bucket::reset`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub gets: u64,
    pub heads: u64,
    pub lists: u64,
    pub puts: u64,
    pub deletes: u64,
    /// Bytes of bodies that were answered to GETs.
    pub bytes_read: u64,
    /// Bytes of bodies that were put.
    pub bytes_written: u64,
}

/// What becomes of some requests. Requests are counted from the moment when the plan is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultPlan {
    /// The number of the first request that it befalls; the first request is 0.
    pub at: u64,
    /// How many requests it befalls.
    pub times: u64,
    pub fault: Fault,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is cut before anything is done.
    CutBefore,
    /// It is done, and then the connection is cut: the answer is lost.
    CutAfter,
    /// Half of the body is answered, and then the connection is cut.
    CutWithin,
    /// Nothing is done, and this status is answered.
    Answer(u16),
    /// Nothing is done and nothing is answered, until who asked is gone.
    HangBefore,
    /// It is done, and nothing is answered.
    HangAfter,
}

impl FaultPlan {
    /// Once, at request `at`.
    pub fn once(at: u64, fault: Fault) -> FaultPlan {
        FaultPlan { at, times: 1, fault }
    }

    /// From request `at` on, for good.
    pub fn from(at: u64, fault: Fault) -> FaultPlan {
        FaultPlan { at, times: u64::MAX, fault }
    }
}

impl Count {
    pub fn requests(&self) -> u64 {
        self.gets + self.heads + self.lists + self.puts + self.deletes
    }
}

#[derive(Default)]
struct Traffic {
    gets: AtomicU64,
    heads: AtomicU64,
    lists: AtomicU64,
    puts: AtomicU64,
    deletes: AtomicU64,
    bytes_read: AtomicU64,
    bytes_written: AtomicU64,
    delay_ms: AtomicU64,
    plan: Mutex<Option<Planned>>,
    hangs: Notify,
}

struct Planned {
    plan: FaultPlan,
    seen: u64,
}

impl Traffic {
    /// What is to become of the request that comes now.
    fn fault(&self) -> Option<Fault> {
        let mut planned = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        let Planned { plan, seen } = planned.as_mut()?;
        let number = *seen;
        *seen += 1;
        let befallen = number >= plan.at && number - plan.at < plan.times;
        befallen.then_some(plan.fault)
    }
}

impl Bucket {
    /// Starts a server on a free port that keeps the bucket `name` below `folder`.
    pub async fn start(folder: &Path, name: &str) -> anyhow::Result<Bucket> {
        std::fs::create_dir_all(folder.join(name)).context("cannot create the bucket's folder")?;
        let files = FileSystem::new(folder)
            .map_err(|error| anyhow::anyhow!("cannot serve the bucket's folder: {error:?}"))?;
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let traffic = Arc::new(Traffic::default());
        let stop = CancellationToken::new();
        let service = Counted {
            inner: builder.build(),
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

    /// Adds a delay to every answer, as a bucket far away has.
    pub fn set_delay(&self, delay: Duration) {
        self.traffic.delay_ms.store(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX), Relaxed);
    }

    /// Makes a plan of what fails from now on, or none.
    pub fn set_faults(&self, plan: Option<FaultPlan>) {
        let planned = plan.map(|plan| Planned { plan, seen: 0 });
        *self.traffic.plan.lock().unwrap_or_else(PoisonError::into_inner) = planned;
    }

    /// Waits until a request hangs as planned: then whoever asked can be killed at that very moment.
    pub async fn hanging(&self) {
        self.traffic.hangs.notified().await;
    }

    /// Counts anew from zero.
    pub fn reset(&self) {
        let Traffic { gets, heads, lists, puts, deletes, bytes_read, bytes_written, .. } = &*self.traffic;
        for counter in [gets, heads, lists, puts, deletes, bytes_read, bytes_written] {
            counter.store(0, Relaxed);
        }
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
    let mut answer = HttpResponse::new(Body::empty());
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer
}

/// An answer of which half the body comes before the connection is cut.
async fn torn(answer: HttpResponse) -> Result<HttpResponse, Broken> {
    let (mut head, body) = answer.into_parts();
    let whole = http_body_util::BodyExt::collect(body).await.map_err(|_| Broken::cut())?.to_bytes();
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
                Some(Fault::HangBefore) => return this.hang().await,
                _ => {}
            }
            let reads = this.count_request(&request);
            let conditional = request.method() == Method::PUT
                && (request.headers().contains_key("if-none-match")
                    || request.headers().contains_key("if-match"));
            let delay = this.traffic.delay_ms.load(Relaxed);
            if delay > 0 {
                tokio::time::sleep(Duration::from_millis(delay)).await;
            }
            let _held = if conditional { Some(this.conditional.lock().await) } else { None };
            let answer = hyper::service::Service::call(&this.inner, request).await.map_err(Broken::Server)?;
            match fault {
                Some(Fault::CutAfter) => return Err(Broken::cut()),
                Some(Fault::CutWithin) => return torn(answer).await,
                Some(Fault::HangAfter) => return this.hang().await,
                _ => {}
            }
            if reads && answer.status().is_success() {
                let bytes = answer
                    .headers()
                    .get("content-length")
                    .and_then(|length| length.to_str().ok()?.parse().ok())
                    .or_else(|| answer.body().size_hint().exact());
                this.traffic.bytes_read.fetch_add(bytes.unwrap_or(0), Relaxed);
            }
            Ok(answer)
        })
    }
}

impl Counted {
    async fn hang(&self) -> Result<HttpResponse, Broken> {
        self.traffic.hangs.notify_one();
        std::future::pending().await
    }

    /// Counts a request by kind, and says whether its answer carries an object's bytes.
    fn count_request(&self, request: &Request<Incoming>) -> bool {
        let Traffic { gets, heads, lists, puts, deletes, bytes_written, .. } = &*self.traffic;
        let query = request.uri().query().unwrap_or_default();
        let lists_bucket = query.contains("list-type") || query.contains("prefix=");
        match *request.method() {
            Method::GET if lists_bucket => lists.fetch_add(1, Relaxed),
            Method::GET => {
                gets.fetch_add(1, Relaxed);
                return true;
            }
            Method::HEAD => heads.fetch_add(1, Relaxed),
            Method::DELETE => deletes.fetch_add(1, Relaxed),
            _ => {
                bytes_written.fetch_add(request.body().size_hint().lower(), Relaxed);
                puts.fetch_add(1, Relaxed)
            }
        };
        false
    }
}
