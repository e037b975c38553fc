//! Work beside the screen as a value: what runs, and what becomes of it when the next one comes.

use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use tokio_util::sync::CancellationToken;

/// Tells the screen what work finds.
pub struct Sender<M>(Arc<dyn Fn(M) + Send + Sync>);

impl<M> Clone for Sender<M> {
    fn clone(&self) -> Self {
        Sender(self.0.clone())
    }
}

impl<M: 'static> Sender<M> {
    pub fn new(send: impl Fn(M) + Send + Sync + 'static) -> Sender<M> {
        Sender(Arc::new(send))
    }

    pub fn send(&self, message: M) {
        (self.0)(message);
    }

    /// A sender of something that is told as a message of this one.
    pub fn of<N: 'static>(&self, told: impl Fn(N) -> M + Send + Sync + 'static) -> Sender<N> {
        let sender = self.clone();
        Sender::new(move |message| sender.send(told(message)))
    }
}

type Work<M> = Box<dyn FnOnce(Sender<M>, CancellationToken) -> BoxFuture<'static, ()> + Send>;

/// Something to do, in a slot: what there is at most one of.
pub struct Job<M> {
    pub slot: &'static str,
    pub kind: Kind<M>,
}

pub enum Kind<M> {
    /// The newest counts alone: the one before it is aborted.
    Newest(Work<M>),
    /// It runs to its end, and ends through its token, never by dropping it. `farewell` says what the program's
    /// own end waits for, if it does.
    Lasting { work: Work<M>, farewell: Option<&'static str> },
    /// Tells a lasting one to stop.
    Stop,
}

impl<M: Send + 'static> Job<M> {
    /// Work with one answer, of which the newest counts alone.
    pub fn answer(slot: &'static str, work: impl Future<Output = M> + Send + 'static) -> Job<M> {
        Job::newest(slot, |sender| async move { sender.send(work.await) })
    }

    /// Work with any number of answers, of which the newest counts alone.
    pub fn newest<F>(slot: &'static str, work: impl FnOnce(Sender<M>) -> F + Send + 'static) -> Job<M>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Job { slot, kind: Kind::Newest(Box::new(move |sender, _| work(sender).boxed())) }
    }

    /// Work that is never dropped. Its token is its own: a stopped one must not stop the next.
    pub fn lasting<F>(
        slot: &'static str,
        work: impl FnOnce(Sender<M>, CancellationToken) -> F + Send + 'static,
    ) -> Job<M>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let work: Work<M> = Box::new(move |sender, stop| work(sender, stop).boxed());
        Job { slot, kind: Kind::Lasting { work, farewell: None } }
    }

    /// The program's end waits for it, for a bounded time, and says so.
    pub fn waited_for(self, told: &'static str) -> Job<M> {
        let kind = match self.kind {
            Kind::Lasting { work, .. } => Kind::Lasting { work, farewell: Some(told) },
            kind => kind,
        };
        Job { kind, ..self }
    }

    /// Tells what lasts in a slot to stop.
    pub fn stop(slot: &'static str) -> Job<M> {
        Job { slot, kind: Kind::Stop }
    }

    /// The same work, which tells what it finds as something else.
    pub fn map<N: Send + 'static>(self, told: impl Fn(M) -> N + Send + Sync + 'static) -> Job<N> {
        let other = |work: Work<M>| -> Work<N> { Box::new(move |sender, stop| work(sender.of(told), stop)) };
        let kind = match self.kind {
            Kind::Newest(work) => Kind::Newest(other(work)),
            Kind::Lasting { work, farewell } => Kind::Lasting { work: other(work), farewell },
            Kind::Stop => Kind::Stop,
        };
        Job { slot: self.slot, kind }
    }
}
