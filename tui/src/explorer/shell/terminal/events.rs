//! What comes from the terminal, as it comes: a task waits until there are bytes, and reads all that there are.

use std::collections::VecDeque;
use std::io::{self, Stdin};
use std::time::Duration;

use crossterm::event::Event;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::decode::{Decoder, Heard};

/// How long an answer of the terminal is waited for, while everything else goes on. Then it is heard as none.
const ANSWER: Duration = Duration::from_secs(1);
/// How long the end waits for it, since whoever has the terminal next would read it as keys.
const ANSWER_AT_END: Duration = Duration::from_millis(200);
/// All that a terminal holds for its reader at once, on Linux.
const READ_BYTES: usize = 4096;

pub struct Events {
    terminal: AsyncFd<Stdin>,
    resized: Signal,
    decoder: Decoder,
    heard: VecDeque<Heard>,
    /// When the last bytes came, where they may go on.
    undecided_until: Option<Instant>,
    /// When the terminal was asked something that it has not answered.
    asked: Option<Instant>,
    has_ended: bool,
}

impl Events {
    /// Of the terminal that this process is in. There may be one of it at a time.
    pub fn listen() -> io::Result<Events> {
        // SAFETY: it is standard input, which nobody closes or replaces.
        let terminal = unsafe { AsyncFd::register_with_interest(io::stdin(), Interest::READABLE)? };
        Ok(Events {
            terminal,
            resized: signal(SignalKind::window_change())?,
            decoder: Decoder::default(),
            heard: VecDeque::new(),
            undecided_until: None,
            asked: None,
            has_ended: false,
        })
    }

    /// The terminal was asked something just now.
    pub fn expect_answer(&mut self) {
        self.asked = Some(Instant::now());
    }

    /// What comes next; `None` once the terminal is gone. Nothing is lost where this is dropped.
    pub async fn next(&mut self) -> io::Result<Option<Heard>> {
        loop {
            if let Some(heard) = self.gathered()? {
                return Ok(Some(heard));
            }
            if self.has_ended {
                return Ok(None);
            }
            let (until, answer_until) = (self.undecided_until, self.asked.map(|asked| asked + ANSWER));
            tokio::select! {
                // Readiness may be that of bytes which another program has read since: `gathered` looks itself.
                ready = self.terminal.readable() => {
                    let mut ready = ready?;
                    if !is_readable(ready.get_inner())? {
                        ready.clear_ready();
                    }
                }
                _ = self.resized.recv() => {
                    let (width, height) = crossterm::terminal::size()?;
                    return Ok(Some(Heard::Event(Event::Resize(width, height))));
                }
                () = sleep_until(answer_until.unwrap_or_else(Instant::now)), if answer_until.is_some() => {
                    self.hear(vec![Heard::Background(None)]);
                }
                () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {
                    self.undecided_until = None;
                    let decided = self.decoder.decide();
                    self.hear(decided);
                }
            }
        }
    }

    /// What has come already.
    pub fn gathered(&mut self) -> io::Result<Option<Heard>> {
        if self.heard.is_empty() && !self.has_ended && is_readable(self.terminal.get_ref())? {
            self.read()?;
        }
        Ok(self.heard.pop_front())
    }

    /// What was taken and is to come next after all.
    pub fn put_back(&mut self, heard: Option<Heard>) {
        heard.into_iter().for_each(|heard| self.heard.push_front(heard));
    }

    /// Waits for an answer that is on its way, so that nobody else reads it as keys. What is typed meanwhile is
    /// dropped.
    pub async fn finish(&mut self) -> io::Result<()> {
        while let Some(asked) = self.asked.filter(|asked| asked.elapsed() < ANSWER_AT_END) {
            let heard = timeout_at(asked + ANSWER_AT_END, self.next()).await;
            let Ok(Some(_)) = heard.unwrap_or(Ok(None)) else { break };
        }
        (self.asked, self.undecided_until) = (None, None);
        self.decoder = Decoder::default();
        self.heard.clear();
        Ok(())
    }

    fn read(&mut self) -> io::Result<()> {
        let mut bytes = [0; READ_BYTES];
        let count = match rustix::io::read(self.terminal.get_ref(), &mut bytes) {
            Ok(count) => count,
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => return Ok(()),
            // The other end of a pseudo-terminal is closed.
            Err(rustix::io::Errno::IO) => 0,
            Err(error) => return Err(error.into()),
        };
        self.has_ended = count == 0;
        let is_asked = self.asked.is_some_and(|asked| asked.elapsed() < ANSWER);
        let heard = self.decoder.take(bytes.get(..count).unwrap_or_default(), is_asked);
        self.undecided_until = self.decoder.is_undecided_for().map(|time| Instant::now() + time);
        self.hear(heard);
        Ok(())
    }

    fn hear(&mut self, heard: Vec<Heard>) {
        if heard.iter().any(|heard| matches!(heard, Heard::Background(_))) {
            self.asked = None;
        }
        self.heard.extend(heard);
    }
}

/// Whether a read would not wait. The terminal itself stays as it is: whoever shares it would get its non-blocking mode
/// as well.
fn is_readable(terminal: &Stdin) -> io::Result<bool> {
    let mut polled = [PollFd::new(terminal, PollFlags::IN)];
    match poll(&mut polled, Some(&Timespec::default())) {
        Ok(count) => Ok(count > 0),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
