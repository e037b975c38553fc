//! Requests to a bucket that outlast what passes: too much at once, a server's own trouble, a connection that
//! is cut. They are repeated within a time, not a number of times, further and further apart, at moments that
//! no two clients share, and when the server says. What does not pass is told at once, by the one table. Once it
//! was waited for in vain, nothing more is waited for on this line until a request gets through: a command has
//! one patience, and not one for each of its requests.
//!
//! A conditional put is repeated too. Should its answer have been what was lost, the repeated one is refused
//! as a conflict; who puts on terms looks up what is there before believing that.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use reqwest::header::{ACCEPT_ENCODING, HeaderValue, IF_MATCH};

use super::answer::{self, Asked, Unusable};
use super::trouble::{TroubleKind, Where};

/// A request waits to be made again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// What stands in its way.
    pub why: String,
    pub again_in: Duration,
    /// After which it is given up.
    pub gives_up_in: Duration,
}

type Listener = Box<dyn Fn(&Waiting) + Send + Sync>;

/// The line to a bucket's service, as all clones of a store share it.
#[derive(Default)]
pub(super) struct Line {
    pub place: Where,
    /// Of the service; of the bucket, where its name is a part of the host.
    pub address: String,
    /// Who is told that requests wait.
    pub listener: RwLock<Option<Listener>>,
    /// The last that was waited for was waited for in vain.
    pub is_spent: AtomicBool,
}

impl Line {
    pub fn tell(&self, listener: impl Fn(&Waiting) + Send + Sync + 'static) {
        *self.listener.write().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(listener));
    }

    fn waits(&self, waiting: &Waiting) {
        if let Some(listener) = &*self.listener.read().unwrap_or_else(PoisonError::into_inner) {
            listener(waiting);
        }
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Line").field(&self.address).finish()
    }
}

/// A client of one bucket.
#[derive(Clone, Debug)]
pub(super) struct Patient {
    pub client: HttpClient,
    /// For how long a request is repeated.
    pub patience: Duration,
    pub line: Arc<Line>,
}

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// Where nobody is there at all, a user learns it sooner: of a patience of 30 s, after 5 s.
const AWAY_PART: u32 = 6;

#[async_trait]
impl HttpService for Patient {
    async fn call(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        // What is stored is compared by its hash: nobody on the way may recode it.
        request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let is_list = request.uri().query().is_some_and(|query| query.contains("list-type"));
        let replaces = request.headers().contains_key(IF_MATCH);
        let asked = Asked { method: request.method().clone(), is_list, replaces };
        let began = Instant::now();
        let mut longest = FIRST_PAUSE;
        loop {
            let trouble = match self.client.execute(request.clone()).await {
                Ok(response) => match answer::read(&asked, response).await {
                    Ok(response) => {
                        self.line.is_spent.store(false, Relaxed);
                        return Ok(response);
                    }
                    Err(Unusable::Answer(answer)) => self.line.place.trouble(&answer),
                    Err(Unusable::Cut(error)) => self.line.place.unanswered(&error),
                },
                Err(error) => self.line.place.unanswered(&error),
            };
            let pause = trouble.again_after.map_or(longest, |after| after + longest / 4).mul_f64(jitter());
            let pause = pause.max(trouble.again_after.unwrap_or_default());
            let left = self.patience_with(trouble.kind).saturating_sub(began.elapsed());
            if !trouble.kind.may_pass() || pause > left {
                self.line.is_spent.fetch_or(trouble.kind.may_pass(), Relaxed);
                return Err(HttpError::new(HttpErrorKind::Unknown, trouble));
            }
            self.line.waits(&Waiting { why: trouble.what, again_in: pause, gives_up_in: left });
            tokio::time::sleep(pause).await;
            longest = (longest * 2).min(LONGEST_PAUSE);
        }
    }
}

impl Patient {
    fn patience_with(&self, kind: TroubleKind) -> Duration {
        match kind {
            _ if self.line.is_spent.load(Relaxed) => Duration::ZERO,
            TroubleKind::Away => self.patience / AWAY_PART,
            _ => self.patience,
        }
    }
}

/// A factor between a half and one.
fn jitter() -> f64 {
    0.5 + rand::random::<f64>() / 2.0
}

impl HttpConnector for Patient {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}
