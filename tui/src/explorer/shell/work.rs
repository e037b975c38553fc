//! The work beside the screen: it is started, replaced by the next of its kind, and stopped. Work that is no
//! longer wanted is aborted, not waited for; what lasts ends through its token.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinHandle};
use tokio_util::sync::CancellationToken;
use zenith_core::Zenith;
use zenith_core::config::Config;

use super::app::App;
use super::message::{Effect, Message};
use super::{clipboard, surroundings};
use crate::explorer::parts::job::{Job, Kind, Sender};
use crate::explorer::world;

/// How long the program's end waits for what lasts.
const CLOSE_MAX: Duration = Duration::from_secs(5);
/// How long it waits without a word.
const QUIET: Duration = Duration::from_millis(300);

/// Whose work it is: slots of two owners are two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Owner {
    Shell,
    World,
    Tab(usize),
}

/// The work of one screen.
pub struct Work {
    sender: UnboundedSender<Message>,
    /// The data folder, once it is open, for whoever is signed in; no effect asks for it before.
    zenith: watch::Sender<Option<Zenith>>,
    running: HashMap<(Owner, &'static str), AbortHandle>,
    lasting: HashMap<(Owner, &'static str), Lasting>,
}

/// What runs to its end.
struct Lasting {
    stop: CancellationToken,
    task: JoinHandle<()>,
    /// What the program's end says while it waits for it, if it does.
    farewell: Option<&'static str>,
}

impl Work {
    pub fn new(sender: UnboundedSender<Message>) -> Work {
        Work { sender, zenith: watch::Sender::new(None), running: HashMap::new(), lasting: HashMap::new() }
    }

    /// Opens the data folder, and reads the lockfile that governs a folder.
    pub fn open(&self, config: Config, folder: PathBuf) {
        tokio::spawn(world::open(config, folder, self.told(Message::World), self.keep()));
    }

    /// Keeps what was opened, for what is begun from then on.
    fn keep(&self) -> impl FnOnce(Zenith) + Send + 'static {
        let zenith = self.zenith.clone();
        move |opened| {
            zenith.send_replace(Some(opened));
        }
    }

    /// Begins what the state asks for. What only the terminal can do is not done here.
    pub fn begin(&mut self, effect: Effect, app: &App) {
        if let Effect::Copy(text) = effect {
            let copy = clipboard::copy(text, surroundings::clipboards());
            let told = copy.map(|(text, by)| Message::Copied { text, by });
            return self.run(Owner::Shell, Job::answer("copy", told));
        }
        let Some(zenith) = self.zenith.borrow().clone() else { return };
        match effect {
            Effect::Renew => {
                tokio::spawn(world::renew(zenith, self.told(Message::World), self.keep()));
            }
            Effect::World(effect) => {
                self.run(Owner::World, world::work(effect, &zenith).map(Message::World));
            }
            Effect::Tab(index, effect) => {
                let job = app.tabs.get(index).and_then(|tab| tab.work(effect, &zenith));
                if let Some(job) = job {
                    self.run(Owner::Tab(index), job.map(move |message| Message::Tab(index, message)));
                }
            }
            Effect::Copy(_)
            | Effect::Send(_)
            | Effect::Edit(_)
            | Effect::Compose(..)
            | Effect::Mouse(_)
            | Effect::Suspend
            | Effect::Redraw
            | Effect::Quit => {}
        }
    }

    /// Tells the screen something, after what it was told before.
    pub fn tell(&self, message: Message) {
        let _ = self.sender.send(message);
    }

    /// Stops everything; what lasts gives back what it holds.
    pub fn stop(&self) {
        self.lasting.values().for_each(Lasting::stop);
        self.running.values().for_each(AbortHandle::abort);
    }

    /// Waits for what lasts, after [`Work::stop`], for a bounded time, and says so where one would notice.
    pub async fn wait(&mut self) {
        for (_, mut lasting) in self.lasting.drain() {
            let Some(told) = lasting.farewell else { continue };
            if tokio::time::timeout(QUIET, &mut lasting.task).await.is_err() {
                eprintln!("zenith: {told}");
                let _ = tokio::time::timeout(CLOSE_MAX, lasting.task).await;
            }
        }
    }

    fn run(&mut self, owner: Owner, job: Job<Message>) {
        let (key, sender) = ((owner, job.slot), self.told(|message| message));
        match job.kind {
            Kind::Newest(work) => {
                let task = tokio::spawn(work(sender, CancellationToken::new()));
                if let Some(stale) = self.running.insert(key, task.abort_handle()) {
                    stale.abort();
                }
            }
            Kind::Lasting { work, farewell } => {
                let stop = CancellationToken::new();
                let task = tokio::spawn(work(sender, stop.clone()));
                self.lasting.insert(key, Lasting { stop, task, farewell });
            }
            Kind::Stop => self.lasting.get(&key).into_iter().for_each(Lasting::stop),
        }
    }

    /// A sender of something that the screen is told as a message.
    fn told<M: 'static>(&self, message: impl Fn(M) -> Message + Send + Sync + 'static) -> Sender<M> {
        let sender = self.sender.clone();
        Sender::new(move |told| {
            let _ = sender.send(message(told));
        })
    }
}

impl Lasting {
    fn stop(&self) {
        self.stop.cancel();
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::unbounded_channel;
    use tokio::sync::oneshot;
    use tokio::time::timeout;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn work_that_is_no_longer_wanted_is_aborted() {
        let (sender, mut inbox) = unbounded_channel();
        let mut work = Work::new(sender);
        let (held, let_go) = oneshot::channel::<()>();
        let older = async move {
            let _held = held;
            std::future::pending().await
        };
        work.run(Owner::Tab(1), Job::answer("search", older));
        work.run(Owner::Tab(1), Job::answer("search", async { Message::Tick }));
        let ended = timeout(PATIENCE, let_go).await;
        assert!(matches!(ended, Ok(Err(_))), "the older search goes on");
        assert!(matches!(inbox.recv().await, Some(Message::Tick)));
    }

    #[tokio::test]
    async fn what_another_owner_does_under_the_same_name_goes_on() {
        let (sender, mut inbox) = unbounded_channel();
        let mut work = Work::new(sender);
        let (go, wait) = oneshot::channel::<()>();
        let patient = async move {
            let _ = wait.await;
            Message::Terminated
        };
        work.run(Owner::Tab(1), Job::answer("page", patient));
        work.run(Owner::Tab(2), Job::answer("page", async { Message::Tick }));
        assert!(matches!(inbox.recv().await, Some(Message::Tick)));
        go.send(()).unwrap();
        assert!(matches!(inbox.recv().await, Some(Message::Terminated)));
    }

    #[tokio::test]
    async fn what_lasts_ends_through_its_token_and_the_end_waits_for_it() {
        let (sender, mut inbox) = unbounded_channel();
        let mut work = Work::new(sender);
        let job = || {
            Job::lasting("run", |sender: Sender<Message>, stop| async move {
                stop.cancelled().await;
                // Whoever is dropped here tells nothing.
                tokio::task::yield_now().await;
                sender.send(Message::Tick);
            })
        };
        work.run(Owner::World, job());
        work.run(Owner::World, Job::stop("run"));
        assert!(matches!(timeout(PATIENCE, inbox.recv()).await, Ok(Some(Message::Tick))));
        work.run(Owner::World, job().waited_for("waiting for a test"));
        work.stop();
        work.wait().await;
        assert!(matches!(inbox.try_recv(), Ok(Message::Tick)), "it ended before the program");
    }
}
