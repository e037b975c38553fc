//! How long work goes, on standard error: one line that changes on a terminal, plain lines elsewhere.

use std::io::Write;

use anyhow::Context;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use zenith_core::lake::Waiting;
use zenith_core::package::PackageId;

use super::interrupt::Interrupt;
use super::output::{clean_line, count, is_live};

/// Tells how many packages are done.
pub struct Teller {
    live: bool,
    done: usize,
    total: usize,
    /// Of what the packages consist, and in what unit it is counted.
    sum: u64,
    unit: &'static str,
    told: usize,
    /// Whether it was told that work waits, since the last of it was done.
    waits: bool,
}

impl Teller {
    pub fn counting(unit: &'static str) -> Teller {
        Teller { live: is_live(&std::io::stderr()), done: 0, total: 0, sum: 0, unit, told: 0, waits: false }
    }

    pub fn plan(&mut self, total: usize, text: String) {
        self.total = total;
        self.say(&text);
    }

    /// One package more.
    pub fn step(&mut self, id: &PackageId, more: u64) {
        self.done += 1;
        self.sum += more;
        self.waits = false;
        let (done, total) = (self.done, self.total);
        let text = format!("{done}/{}, {} {}", count(total, "package"), self.sum, self.unit);
        if self.live {
            self.replace(&format!("{text} · {}", clean_line(&id.to_string())));
        } else if (done - self.told) * 10 >= total || done == total {
            // Elsewhere than on a terminal, a line for every tenth of the work is enough.
            self.told = done;
            self.say(&text);
        }
    }

    pub fn failed(&mut self, id: &PackageId, why: &str) {
        self.done += 1;
        self.say(&format!("{}: {}", clean_line(&id.to_string()), clean_line(why)));
    }

    /// A request to the store is made again soon.
    pub fn waiting(&mut self, waiting: &Waiting) {
        let (again, most) = (waiting.again_in.as_secs_f64(), waiting.gives_up_in.as_secs());
        let why = clean_line(&waiting.why);
        let text = format!("{why}; trying again in {again:.1} s, for {most} s at most");
        if self.live {
            self.replace(&text);
        } else if !self.waits {
            // Elsewhere than on a terminal, once is enough, until something is done.
            self.say(&text);
        }
        self.waits = true;
    }

    /// A line that stays.
    pub fn say(&mut self, text: &str) {
        let before = if self.live { "\r\x1b[K" } else { "" };
        // Nobody is left to tell if this fails.
        let _ = writeln!(std::io::stderr().lock(), "{before}{text}");
    }

    /// Clears the line that changes.
    pub fn end(&mut self) {
        if self.live {
            self.replace("");
        }
    }

    fn replace(&mut self, text: &str) {
        let mut err = std::io::stderr().lock();
        let _ = write!(err, "\r\x1b[K{text}");
        let _ = err.flush();
    }
}

/// Work that stops in good order, and that is told about as it goes. `leaves` says what a stop leaves.
pub async fn told<E, T, F, Telling, Working>(
    interrupt: &Interrupt,
    leaves: &'static str,
    tell: impl FnOnce(mpsc::UnboundedReceiver<E>) -> Telling,
    work: impl FnOnce(mpsc::UnboundedSender<E>, CancellationToken) -> Working,
) -> anyhow::Result<T>
where
    F: Into<anyhow::Error>,
    Telling: Future<Output = ()> + Send + 'static,
    Working: Future<Output = Result<T, F>>,
{
    interrupt.leaves(leaves);
    let (sender, events) = mpsc::unbounded_channel();
    let teller = tokio::spawn(tell(events));
    let done = work(sender, interrupt.wanted().clone()).await;
    teller.await.context("cannot tell how it goes")?;
    done.map_err(Into::into)
}
