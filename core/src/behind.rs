//! Work behind everything else: on threads of its own, fewer than there are cores, which the system lets wait for
//! whoever wants to run. Somebody who types or searches meanwhile waits for none of it.
//!
//! # Decisions
//!
//! - **Threads of its own**, since a priority is a thread's: those of the runtime and of rayon serve who waits, too.
//! - **They stay until the process ends**: connections that were made on them serve afterwards, and waiting costs nothing.
//! - **Niceness on Linux alone**, where it is a thread's (`setpriority(2)`); elsewhere one core is left free.

use std::cell::Cell;
use std::num::NonZero;
use std::sync::OnceLock;
use std::thread::available_parallelism;

use rayon::{ThreadPool, ThreadPoolBuilder};
#[cfg(target_os = "linux")]
use rustix::process::{getpid, getpriority_process, setpriority_process};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinError, JoinHandle};

/// What the threads are called.
const NAME: &str = "zenith-behind";
/// How much further behind than whoever began: who wants to run at the same time gets ten times as much.
#[cfg(target_os = "linux")]
const NICER: i32 = 10;
#[cfg(target_os = "linux")]
const NICEST: i32 = 19;

thread_local! {
    static IS_BEHIND: Cell<bool> = const { Cell::new(false) };
}

/// How many threads compute at the same time: one core is left free where there are more.
pub fn threads() -> usize {
    available_parallelism().map_or(1, NonZero::get).saturating_sub(1).max(1)
}

/// Does work, and whatever it spawns, behind everything else. It ends when nobody waits for it any more. Where the
/// system gives no more threads, it is done here.
pub async fn behind<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, JoinError> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let built = || {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(threads()).thread_name(NAME).on_thread_start(step_behind).enable_all();
        builder.build().ok()
    };
    let mut task = Awaited(match RUNTIME.get_or_init(built) {
        Some(runtime) => runtime.spawn(work),
        None => tokio::spawn(work),
    });
    (&mut task.0).await
}

/// A task that ends when nobody waits for it any more.
struct Awaited<T>(JoinHandle<T>);

impl<T> Drop for Awaited<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Does what rayon does in parallel where the work that it belongs to is done: behind everything else, or not.
pub fn parallel<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    static POOL: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let built = || {
        let builder = ThreadPoolBuilder::new().num_threads(threads()).thread_name(|_| NAME.to_string());
        builder.start_handler(|_| step_behind()).build().ok()
    };
    match IS_BEHIND.get().then(|| POOL.get_or_init(built).as_ref()).flatten() {
        Some(pool) => pool.install(work),
        None => work(),
    }
}

fn step_behind() {
    IS_BEHIND.set(true);
    // It may be there already, where a thread begins with the niceness of who began it; whoever is not let stays.
    #[cfg(target_os = "linux")]
    if let Ok(nice) = getpriority_process(Some(getpid())) {
        let _ = setpriority_process(None, (nice + NICER).min(NICEST));
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// Of the thread that asks.
    fn nice() -> i32 {
        getpriority_process(None).unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn all_threads_of_work_behind_are_nicer_and_no_other_is() {
        let before = nice();
        let found = behind(async {
            let mut all = vec![nice(), tokio::spawn(async { nice() }).await.unwrap()];
            let blocking = || (nice(), parallel(|| rayon::join(nice, nice)));
            let (own, (one, other)) = tokio::task::spawn_blocking(blocking).await.unwrap();
            all.extend([own, one, other]);
            all
        });
        assert_eq!(found.await.unwrap(), [(before + NICER).min(NICEST); 5]);
        assert_eq!((nice(), parallel(|| rayon::join(nice, nice))), (before, (before, before)));
    }

    #[tokio::test]
    async fn a_panic_there_is_an_error_here() {
        assert!(behind(async { panic!("planted") }).await.is_err_and(|error| error.is_panic()));
    }
}
