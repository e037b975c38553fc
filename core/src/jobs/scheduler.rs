//! The loop that runs what is due: a look every few seconds by the wall's clock, whatever slept in between.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::claim::{Holding, Look};
use super::error::JobError;
use super::executor::{Executor, Task, Work};
use super::job::Job;
use super::run::{Outcome, RunKey, RunStatus};
use super::store::Store;
use crate::task::alone;

/// How long a lease stands after it was taken or kept.
pub const LEASE: Duration = Duration::from_secs(30);
/// The longest sleep: a clock that was moved, or a machine that slept, is noticed after it.
const SLEEP_MAX: Duration = Duration::from_secs(15);
/// The same while something runs that may be asked to stop.
const SLEEP_MAX_RUNNING: Duration = Duration::from_secs(2);
/// How long runs have to stop in good order when the scheduler ends.
const STOP_WITHIN: Duration = Duration::from_secs(2);
/// How long the rest may take, after that, until it is left as lost.
const END_WITHIN: Duration = Duration::from_millis(1500);
/// How long a round may take that was begun before the end, and giving the lease back after it.
const ROUND_WITHIN: Duration = Duration::from_secs(1);
const GIVEN_BACK_WITHIN: Duration = Duration::from_millis(500);

/// What a scheduler tells whoever started it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchedulerEvent {
    /// It schedules from now on.
    Scheduling,
    /// Another one does; this one waits.
    StandingBy {
        told: String,
    },
    Started {
        name: String,
        key: RunKey,
    },
    Ended {
        name: String,
        key: RunKey,
        status: RunStatus,
        why: Option<String>,
    },
    /// A run ended after its lease had: what it came to was thrown away.
    TooLate {
        name: String,
        key: RunKey,
    },
    Lost {
        key: RunKey,
    },
    /// The jobs cannot be reached; what is due then is caught up with.
    Away {
        error: JobError,
    },
}

/// What one round found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Whether this scheduler holds the place.
    pub is_mine: bool,
    /// When something is due or may start, as far as is known.
    pub next_ms: Option<i64>,
}

/// Runs the jobs of one place.
pub struct Scheduler<E: Executor> {
    store: Store,
    executor: Arc<E>,
    holder: String,
    told: String,
    lease: Duration,
    sleep_max: Duration,
    running: HashMap<RunKey, Running>,
    ended: (mpsc::UnboundedSender<Ended>, mpsc::UnboundedReceiver<Ended>),
    /// What ended and could not be written yet.
    unwritten: Vec<Ended>,
    end: CancellationToken,
    events: mpsc::UnboundedSender<SchedulerEvent>,
    was_mine: Option<bool>,
    /// When the lease was kept last.
    kept_at: Option<Instant>,
}

/// A run that ended, and what it came to.
type Ended = (RunKey, Outcome);

/// A run of this scheduler's.
struct Running {
    name: String,
    fence: i64,
    stop: CancellationToken,
}

impl Drop for Running {
    /// Nobody looks after it any more, or it has ended.
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl<E: Executor> Scheduler<E> {
    /// A scheduler that no other has the id of. `told` is what others read of it: a host's name, say.
    pub fn new(
        store: Store,
        executor: Arc<E>,
        told: &str,
        events: mpsc::UnboundedSender<SchedulerEvent>,
    ) -> Scheduler<E> {
        Scheduler {
            store,
            executor,
            // Not the host's name: two of one host would be one.
            holder: uuid::Uuid::new_v4().simple().to_string(),
            told: told.to_string(),
            lease: LEASE,
            sleep_max: SLEEP_MAX,
            running: HashMap::new(),
            ended: mpsc::unbounded_channel(),
            unwritten: Vec::new(),
            end: CancellationToken::new(),
            events,
            was_mine: None,
            kept_at: None,
        }
    }

    /// The same with another lease.
    pub fn with_lease(mut self, lease: Duration) -> Scheduler<E> {
        self.lease = lease;
        self
    }

    /// The same with an id that the caller chose: a program that does rounds now and then takes up its own lease.
    pub fn with_holder(mut self, holder: String) -> Scheduler<E> {
        self.holder = holder;
        self
    }

    /// The same with another longest sleep: what a user asks for is seen after it at the latest.
    pub fn with_sleep_max(mut self, most: Duration) -> Scheduler<E> {
        self.sleep_max = most.min(SLEEP_MAX);
        self
    }

    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// Runs what is due until it is told to stop; then stops what runs, and gives the lease back.
    pub async fn serve(mut self, stop: &CancellationToken) {
        while let Some(round) = self.round_until(stop).await {
            let sleep = match round {
                Ok(round) => self.sleep_of(&round),
                Err(error) => {
                    self.tell(SchedulerEvent::Away { error });
                    self.sleep_max
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(sleep) => {}
                Some(ended) = self.ended.1.recv() => self.unwritten.push(ended),
            }
        }
        self.close().await;
    }

    /// Runs one run that waits, and nothing else; `false` where another schedules, or it may not start yet.
    pub async fn run_one(mut self, key: &RunKey, stop: &CancellationToken) -> Result<bool, JobError> {
        let found = self.store.look(E::Work::PLACE, &self.holder, self.lease, &self.told).await?;
        let Some((fence, _)) = found else { return Ok(false) };
        let holding = self.holding(fence);
        let started = self.store.start(&holding, 1, Some(key)).await;
        // A run has a lease of its own: whoever comes to schedule need not wait for it.
        self.store.release(holding.place, &self.holder).await?;
        let Some(key) = started?.pop() else { return Ok(false) };
        let job = self.store.get(&key.job_id).await.ok();
        self.launch(&holding, key, job).await?;
        while !self.running.is_empty() {
            tokio::select! {
                () = stop.cancelled() => {
                    self.close().await;
                    return Ok(true);
                }
                () = tokio::time::sleep(SLEEP_MAX_RUNNING) => self.renew(fence).await?,
                Some(ended) = self.ended.1.recv() => {
                    self.unwritten.push(ended);
                    self.write().await?;
                }
            }
        }
        Ok(true)
    }

    fn sleep_of(&self, round: &Round) -> Duration {
        let most = if self.running.is_empty() { self.sleep_max } else { SLEEP_MAX_RUNNING };
        let Some(next) = round.next_ms.filter(|_| round.is_mine) else { return most };
        let until = next.saturating_sub(self.store.now_ms()).max(0);
        // A little later than due: a timer that ends early would ask for nothing.
        Duration::from_millis(u64::try_from(until).unwrap_or(0) + 5).min(most)
    }

    /// A round, unless it is told to stop: then one that was begun has a moment more. What it claimed and did not begin is
    /// left to its lease.
    pub async fn round_until(&mut self, stop: &CancellationToken) -> Option<Result<Round, JobError>> {
        if stop.is_cancelled() {
            return None;
        }
        let late = async {
            stop.cancelled().await;
            tokio::time::sleep(ROUND_WITHIN).await;
        };
        tokio::select! {
            biased;
            round = self.round() => Some(round),
            () = late => None,
        }
    }

    /// Looks once, and does what there is to do.
    pub async fn round(&mut self) -> Result<Round, JobError> {
        while let Ok(ended) = self.ended.1.try_recv() {
            self.unwritten.push(ended);
        }
        self.write().await?;
        let place = E::Work::PLACE;
        let Some((fence, look)) = self.look().await? else {
            self.renew(0).await?;
            if self.was_mine != Some(false) {
                let watch = self.store.watch(place).await?;
                self.tell(SchedulerEvent::StandingBy {
                    told: watch.map(|watch| watch.told).unwrap_or_default(),
                });
            }
            self.was_mine = Some(false);
            return Ok(Round::default());
        };
        if self.was_mine != Some(true) {
            self.tell(SchedulerEvent::Scheduling);
        }
        self.was_mine = Some(true);
        self.renew(fence).await?;
        self.perform(&self.holding(fence), look).await
    }

    /// A lease that was kept a moment ago is only looked at: a file is not written each second.
    async fn look(&mut self) -> Result<Option<(i64, Look)>, JobError> {
        if self.kept_at.is_some_and(|kept| kept.elapsed() < self.lease / 3)
            && let Some(found) = self.store.glance(E::Work::PLACE, &self.holder).await?
        {
            return Ok(Some(found));
        }
        let found = self.store.look(E::Work::PLACE, &self.holder, self.lease, &self.told).await?;
        self.kept_at = found.map(|_| Instant::now());
        Ok(found)
    }

    async fn perform(&mut self, holding: &Holding, look: Look) -> Result<Round, JobError> {
        if look.lapsed {
            let mut left = self.store.lapsed(holding).await?;
            // Its own are told to stop below, in good order.
            left.retain(|key| !self.running.contains_key(key));
            if !left.is_empty() {
                self.executor.end_left(&left).await;
            }
            for key in self.store.lapse(holding).await? {
                self.forget(&key);
                self.tell(SchedulerEvent::Lost { key });
            }
        }
        let now = self.store.now_ms();
        let (mut more, mut waits) = (false, look.queued_ms.is_some_and(|queued| queued <= now));
        if look.next_due_ms.is_some_and(|due| due <= now) {
            let due = self.store.due(holding.place, now).await?;
            // A job whose action is another place's stays unclaimed, whatever its row says.
            let is_ours = |job: &Job| E::Work::of(&job.given.action).is_some();
            let (due, odd): (Vec<Job>, Vec<Job>) =
                due.into_iter().filter(is_ours).partition(|job| job.given.check(&job.id).is_ok());
            for job in odd {
                // Written by something else, or by a newer version: it would be due for ever.
                self.store.pause(&job.id, "a schedule that cannot be read").await?;
            }
            if !due.is_empty() {
                let accounted = self.store.account(holding, &due, self.free()).await?;
                waits |= accounted.some_wait;
                for key in accounted.run {
                    let job = due.iter().find(|job| job.id == key.job_id).cloned();
                    self.launch(holding, key, job).await?;
                }
                more = true;
            }
        }
        // What was lost may have a further attempt.
        if self.free() > 0 && (waits || look.lapsed) {
            for key in self.store.start(holding, self.free(), None).await? {
                let job = self.store.get(&key.job_id).await.ok();
                self.launch(holding, key, job).await?;
            }
        }
        // What is due and was not taken is looked at again after the usual sleep.
        let next = if more { Some(now) } else { look.next_due_ms.filter(|due| *due > now) };
        let queued = look.queued_ms.filter(|queued| *queued > now);
        Ok(Round { is_mine: true, next_ms: next.into_iter().chain(queued).min() })
    }

    /// Whether something runs, or ended and is not written yet.
    pub fn is_busy(&self) -> bool {
        !self.running.is_empty()
    }

    fn holding(&self, fence: i64) -> Holding {
        Holding { place: E::Work::PLACE, holder: self.holder.clone(), fence, lease: self.lease }
    }

    fn free(&self) -> usize {
        self.executor.at_once().saturating_sub(self.running.len())
    }

    /// Runs in a task of its own; what it comes to is written by the loop.
    async fn launch(&mut self, holding: &Holding, key: RunKey, job: Option<Job>) -> Result<(), JobError> {
        let work = job.as_ref().and_then(|job| Some((job, E::Work::of(&job.given.action)?)));
        let Some((job, work)) = work else {
            let outcome = Outcome::new(RunStatus::Failed, "its job is gone, or another place's");
            self.store.finish(holding, &key, &outcome, &[]).await?;
            return Ok(());
        };
        let task = Task {
            key: key.clone(),
            name: job.given.name.clone(),
            timezone: job.given.timezone.clone(),
            work,
            timeout: Duration::from_secs(u64::from(job.given.timeout_s)),
            stop: CancellationToken::new(),
            end: self.end.clone(),
        };
        let running = Running { name: job.given.name.clone(), fence: holding.fence, stop: task.stop.clone() };
        self.tell(SchedulerEvent::Started { name: running.name.clone(), key: key.clone() });
        self.running.insert(key.clone(), running);
        let (executor, ended) = (self.executor.clone(), self.ended.0.clone());
        tokio::spawn(async move {
            let done = alone(async move { executor.run(task).await }).await;
            let outcome = done
                .unwrap_or_else(|| Outcome::new(RunStatus::Failed, "what runs jobs stopped unexpectedly"));
            let _ = ended.send((key, outcome));
        });
        Ok(())
    }

    /// Writes what ended. What cannot be written now is kept for the next round.
    async fn write(&mut self) -> Result<(), JobError> {
        while let Some((key, outcome)) = self.unwritten.last().cloned() {
            let (fence, name) = match self.running.get(&key) {
                Some(running) => (running.fence, running.name.clone()),
                // It was declared lost meanwhile.
                None => (0, String::new()),
            };
            let secrets = self.executor.secrets();
            let is_mine = self.store.finish(&self.holding(fence), &key, &outcome, &secrets).await?;
            self.unwritten.pop();
            self.running.remove(&key);
            self.tell(match is_mine {
                true => SchedulerEvent::Ended { name, key, status: outcome.status, why: outcome.why },
                false => SchedulerEvent::TooLate { name, key },
            });
        }
        Ok(())
    }

    /// Keeps the leases of what runs, and stops what is to stop.
    async fn renew(&mut self, fence: i64) -> Result<(), JobError> {
        if self.running.is_empty() {
            return Ok(());
        }
        let kept: HashMap<RunKey, bool> = self.store.renew(&self.holding(fence)).await?.into_iter().collect();
        for (key, running) in &self.running {
            // A row that is gone, or another's, has nobody who would read how it ends.
            if kept.get(key).copied().unwrap_or(true) {
                running.stop.cancel();
            }
        }
        Ok(())
    }

    fn forget(&mut self, key: &RunKey) {
        if let Some(running) = self.running.get(key) {
            running.stop.cancel();
        }
    }

    /// Stops what runs, waits for it within bounds, and gives the lease back. What could not be written then is left to its
    /// own lease: whoever schedules next declares it lost.
    pub async fn close(&mut self) {
        self.running.values().for_each(|running| running.stop.cancel());
        for (within, is_last) in [(STOP_WITHIN, false), (END_WITHIN, true)] {
            let _ = tokio::time::timeout(within, self.drain()).await;
            if self.running.is_empty() {
                break;
            }
            if !is_last {
                self.end.cancel();
            }
        }
        // Who could not be told waits for the lease to end.
        let given_back = self.store.release(E::Work::PLACE, &self.holder);
        let _ = tokio::time::timeout(GIVEN_BACK_WITHIN, given_back).await;
    }

    /// Writes what ends until nothing runs.
    async fn drain(&mut self) {
        while !self.running.is_empty() {
            if self.unwritten.is_empty() {
                let Some(ended) = self.ended.1.recv().await else { return };
                self.unwritten.push(ended);
            }
            if self.write().await.is_err() {
                return;
            }
        }
    }

    /// Waits for what this scheduler runs, and writes what it came to: for whoever does rounds by hand.
    pub async fn settle(&mut self) -> Result<(), JobError> {
        // What an earlier round could not write comes first: nothing more may end.
        self.write().await?;
        while !self.running.is_empty() {
            if let Some(ended) = self.ended.1.recv().await {
                self.unwritten.push(ended);
            }
            self.write().await?;
        }
        Ok(())
    }

    fn tell(&self, event: SchedulerEvent) {
        // Nobody need listen.
        let _ = self.events.send(event);
    }
}
