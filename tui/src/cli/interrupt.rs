//! Ctrl-C. The first asks a command to stop and gives it a few seconds to do so in good order; after them,
//! or at the second, the program ends where it stands. It may: whatever a command was writing is the old
//! or the new and whole, since every one of them can be killed at any moment.
//!
//! Signals are waited for on a thread of its own: a command that blocks, or a terminal that takes no text,
//! must not keep the program alive.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::bail;
use signal_hook::consts::SIGINT;
use signal_hook::low_level::{emulate_default_handler, exit};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How long work may take to stop in good order: less than the five seconds that the help promises.
const GRACE: Duration = Duration::from_secs(4);
/// What has nothing to put in order has a moment, to give the terminal back as it was.
const MOMENT: Duration = Duration::from_millis(200);

/// Whether the user wants a command to stop.
#[derive(Clone)]
pub struct Interrupt {
    wanted: CancellationToken,
    /// What a stop leaves, in words.
    leaves: Arc<OnceLock<&'static str>>,
}

impl Interrupt {
    /// Begins to wait for it.
    pub fn watch() -> io::Result<Interrupt> {
        let interrupt = Interrupt { wanted: CancellationToken::new(), leaves: Arc::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let signals = {
            let _entered = runtime.enter();
            signal(SignalKind::interrupt())?
        };
        let watched = interrupt.clone();
        let thread = std::thread::Builder::new().name("interrupt".to_string());
        thread.spawn(move || runtime.block_on(watched.wait(signals)))?;
        Ok(interrupt)
    }

    async fn wait(self, mut signals: Signal) {
        signals.recv().await;
        tell(format!("\n{}", self.leaves.get().copied().unwrap_or("stopping"))).await;
        self.wanted.cancel();
        if tokio::time::timeout(GRACE, signals.recv()).await.is_ok() {
            // As if it had never been waited for: whoever started the program sees what ended it.
            let _ = emulate_default_handler(SIGINT);
        } else {
            tell(
                "zenith: stopped while something did not answer; what is on this machine is whole"
                    .to_string(),
            )
            .await;
        }
        exit(1);
    }

    /// Becomes cancelled at the first Ctrl-C.
    pub fn wanted(&self) -> &CancellationToken {
        &self.wanted
    }

    /// What the user is told at the first Ctrl-C.
    pub fn leaves(&self, words: &'static str) {
        // Only the first work of a command is told about.
        let _ = self.leaves.set(words);
    }

    /// What work comes to that can be dropped where it stands.
    pub async fn or_stop<T>(&self, work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
        let mut work = std::pin::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = self.wanted.cancelled() => {}
        }
        let _ = tokio::time::timeout(MOMENT, work).await;
        bail!("stopped")
    }
}

/// A line on standard error, unless nobody takes it.
async fn tell(text: String) {
    let told = tokio::task::spawn_blocking(move || eprintln!("{text}"));
    let _ = tokio::time::timeout(MOMENT, told).await;
}
