//! Errors and signals.

use std::io::{IsTerminal, Write};

use tokio_util::sync::CancellationToken;
use zenith_harness::text::{clean_line, with_causes};

pub use zenith_harness::text::is_broken_pipe;

/// An error with its causes, on standard error.
pub fn error(error: &anyhow::Error) {
    say(&with_causes(error));
}

/// A line on standard error.
pub fn say(text: &str) {
    let mut stderr = std::io::stderr().lock();
    // A line of progress may stand there.
    let wipe = if stderr.is_terminal() { "\r\x1b[2K" } else { "" };
    // Nothing is left to tell it to if this fails.
    let _ = writeln!(stderr, "{wipe}spike: {}", clean_line(text));
}

/// Cancels at the first Ctrl-C or request to end, so that the lab is closed, and leaves at the second.
pub fn cancel_on_signal(cancel: CancellationToken) {
    tokio::spawn(async move {
        if signal().await.is_err() {
            return;
        }
        say("stopping and closing the lab; Ctrl-C again leaves it as it is");
        cancel.cancel();
        if signal().await.is_ok() {
            std::process::exit(1);
        }
    });
}

#[cfg(unix)]
async fn signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
