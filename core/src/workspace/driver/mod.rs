//! What keeps a base up to date with the document.
//!
//! # Decisions
//!
//! - **One run at a time, and one that waits.** A run takes the newest moment there is when it begins; whatever changed
//!   since waits for one more, however much it is.
//! - **Nothing is collected between runs.** What changed follows from the moment that the base holds and the newest one:
//!   nothing can be lost on the way.
//! - **A base is looked at before it is believed**: at the start, after every failure, and once a day. What differs is
//!   brought, and counted.
//! - **Who asks gets at least what they ask for, or the reason why not.** Nobody waits through a second failure.
//! - **A run cannot be cut off.** To close is to wait for it, to bring the last changes, and to let go; nothing is
//!   written afterwards.

mod run;
mod timing;

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Duration, Instant};

use self::run::{Done, Step, Worker};
use self::timing::Timing;
pub use self::timing::WAIT_MAX;
use super::base::BaseError;
use super::provider::Provider;
use super::snapshot::Snapshot;

/// How often a base is compared with the document, where nothing gives reason to.
const CHECKED_EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// Questions that wait to be taken up; more wait to be asked.
const ASKED_MAX: usize = 64;

/// How a base stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The moment that the base holds; `None` until it was made.
    pub applied: Option<u64>,
    pub is_running: bool,
    /// Why the last run failed; it is tried again by itself.
    pub failure: Option<BaseError>,
    pub counts: Counts,
    pub is_closed: bool,
}

/// What was done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The base made anew.
    pub rebuilds: u64,
    /// Changes brought.
    pub applies: u64,
    pub failures: u64,
    /// The base compared with the document.
    pub checks: u64,
    /// Comparisons that found rows which differed from what was written.
    pub mismatches: u64,
}

/// How a driver ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The base holds the last moment.
    Whole,
    /// It holds an earlier one; the next start brings the rest.
    Behind,
}

/// Keeps one base up to date, in a task of its own.
///
/// Dropped without [`Driver::close`], it lets a run end and begins none.
#[derive(Clone)]
pub struct Driver {
    asks: mpsc::Sender<Ask>,
    standing: watch::Receiver<Standing>,
}

enum Ask {
    AtLeast(u64, oneshot::Sender<Result<u64, BaseError>>),
    Check(oneshot::Sender<Result<bool, BaseError>>),
    Close(oneshot::Sender<Kept>),
}

impl Driver {
    /// Begins to keep a base. Must be called within a runtime.
    pub fn start<P: Provider>(provider: P, moments: watch::Receiver<Arc<Snapshot>>) -> Driver {
        let (asks, asked) = mpsc::channel(ASKED_MAX);
        let (told, standing) = watch::channel(Standing::default());
        let task = Task {
            worker: Worker::new(provider),
            moments,
            has_document: true,
            told,
            timing: Timing::default(),
            next_step: Step::Resume,
            checked: Instant::now(),
            at_least: Vec::new(),
            is_look_due: false,
            check: Vec::new(),
            checking: Vec::new(),
        };
        tokio::spawn(task.run(asked));
        Driver { asks, standing }
    }

    /// How the base stands, now and with every change.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }

    /// Waits until the base holds at least this moment, without waiting for quiet. Returns the moment that it holds.
    pub async fn at_least(&self, generation: u64) -> Result<u64, BaseError> {
        if let Some(applied) = self.standing.borrow().applied
            && applied >= generation
        {
            return Ok(applied);
        }
        let (reply, answer) = oneshot::channel();
        let sent = self.asks.send(Ask::AtLeast(generation, reply)).await;
        sent.map_err(|_| BaseError::Closed)?;
        answer.await.unwrap_or(Err(BaseError::Closed))
    }

    /// Compares the base with the document, and mends it. Returns whether they were the same.
    pub async fn check(&self) -> Result<bool, BaseError> {
        let (reply, answer) = oneshot::channel();
        self.asks.send(Ask::Check(reply)).await.map_err(|_| BaseError::Closed)?;
        answer.await.unwrap_or(Err(BaseError::Closed))
    }

    /// Brings the last changes, once, and lets go of the base. Nothing is written after this returns.
    pub async fn close(&self) -> Kept {
        let (reply, answer) = oneshot::channel();
        if self.asks.send(Ask::Close(reply)).await.is_ok()
            && let Ok(kept) = answer.await
        {
            return kept;
        }
        // Somebody else closed it; their wait is ours.
        let _ = self.standing.clone().wait_for(|standing| standing.is_closed).await;
        Kept::Behind
    }
}

/// The driver's own task.
struct Task<P> {
    worker: Worker<P>,
    moments: watch::Receiver<Arc<Snapshot>>,
    /// Whether somebody may still change the document.
    has_document: bool,
    told: watch::Sender<Standing>,
    timing: Timing,
    next_step: Step,
    checked: Instant,
    at_least: Vec<(u64, oneshot::Sender<Result<u64, BaseError>>)>,
    /// Whether the next run is to look at the base.
    is_look_due: bool,
    /// Who waits for the next look, and who for the one that goes on.
    check: Vec<oneshot::Sender<Result<bool, BaseError>>>,
    checking: Vec<oneshot::Sender<Result<bool, BaseError>>>,
}

impl<P: Provider> Task<P> {
    async fn run(mut self, mut asked: mpsc::Receiver<Ask>) {
        self.timing.changed(Instant::now());
        let mut closing = None;
        loop {
            let due = self.timing.due();
            let daily = self.checked + CHECKED_EVERY;
            tokio::select! {
                biased;
                done = self.worker.done(), if self.timing.is_running() => self.ended(done),
                () = tokio::time::sleep_until(due.unwrap_or(daily)), if due.is_some() => self.begin(),
                changed = self.moments.changed(), if self.has_document => match changed {
                    Ok(()) => self.timing.changed(Instant::now()),
                    Err(_) => self.has_document = false,
                },
                ask = asked.recv() => match ask {
                    Some(Ask::AtLeast(generation, reply)) => self.wait_for(generation, reply),
                    Some(Ask::Check(reply)) => {
                        self.check.push(reply);
                        self.look();
                    }
                    Some(Ask::Close(reply)) => {
                        closing = Some(reply);
                        break;
                    }
                    None => break,
                },
                () = tokio::time::sleep_until(daily) => self.look(),
            }
        }
        let kept = self.close(closing.is_some()).await;
        if let Some(reply) = closing {
            let _ = reply.send(kept);
        }
    }

    fn look(&mut self) {
        self.is_look_due = true;
        self.checked = Instant::now();
        self.timing.asked(Instant::now());
    }

    fn begin(&mut self) {
        self.timing.began();
        let newest = self.moments.borrow_and_update().clone();
        let looks = std::mem::take(&mut self.is_look_due);
        self.checking.append(&mut self.check);
        self.worker.begin(if looks { self.next_step.or_check() } else { self.next_step }, newest);
        self.told.send_modify(|standing| standing.is_running = true);
    }

    fn ended(&mut self, done: Done) {
        let Done { generation, counts, outcome } = done;
        let was_same = counts.mismatches == 0;
        let outcome = outcome.map(|()| generation);
        match &outcome {
            Ok(_) => {
                self.timing.succeeded();
                self.next_step = Step::Apply;
            }
            Err(_) => {
                self.timing.failed(Instant::now());
                self.next_step = self.next_step.after_failure();
            }
        }
        self.told.send_modify(|standing| {
            standing.is_running = false;
            standing.applied = outcome.as_ref().ok().copied().or(standing.applied);
            standing.failure = outcome.as_ref().err().cloned();
            standing.counts.add(counts);
            standing.counts.failures += u64::from(outcome.is_err());
        });
        for reply in self.checking.drain(..) {
            let _ = reply.send(outcome.clone().map(|_| was_same));
        }
        let waiting = std::mem::take(&mut self.at_least);
        for (wanted, reply) in waiting {
            match &outcome {
                Ok(applied) if *applied < wanted => self.at_least.push((wanted, reply)),
                outcome => drop(reply.send(outcome.clone())),
            }
        }
    }

    fn wait_for(&mut self, generation: u64, reply: oneshot::Sender<Result<u64, BaseError>>) {
        let last = self.moments.borrow().generation;
        let applied = self.told.borrow().applied;
        match applied {
            _ if generation > last => drop(reply.send(Err(BaseError::Unknown { asked: generation, last }))),
            Some(applied) if applied >= generation => drop(reply.send(Ok(applied))),
            _ => {
                self.at_least.push((generation, reply));
                // A run that goes on and brings it answers when it ends, well or not.
                if self.worker.brings() < Some(generation) {
                    self.timing.asked(Instant::now());
                }
            }
        }
    }

    async fn close(mut self, drains: bool) -> Kept {
        if self.timing.is_running() {
            let done = self.worker.done().await;
            self.ended(done);
        }
        let is_behind = |task: &Self| task.told.borrow().applied != Some(task.moments.borrow().generation);
        if drains && is_behind(&self) {
            self.begin();
            let done = self.worker.done().await;
            self.ended(done);
        }
        let kept = if is_behind(&self) { Kept::Behind } else { Kept::Whole };
        self.worker.close().await;
        self.told.send_modify(|standing| standing.is_closed = true);
        kept
    }
}

impl Counts {
    fn add(&mut self, other: Counts) {
        self.rebuilds += other.rebuilds;
        self.applies += other.applies;
        self.checks += other.checks;
        self.mismatches += other.mismatches;
    }
}

#[cfg(test)]
mod tests;
