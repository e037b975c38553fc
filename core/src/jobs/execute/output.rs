//! Reads what a program writes, without ever waiting for the end of it.

use std::io::{ErrorKind, PipeReader, Read};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use crate::jobs::run::Output;

/// What is read before anything else is looked at.
const READ_MAX: usize = 1024 * 1024;

/// The reading end of a program's output.
pub(super) struct Pipe {
    reader: PipeReader,
    pub(super) output: Output,
    buffer: Vec<u8>,
    pub(super) has_ended: bool,
}

impl Pipe {
    pub(super) fn new(reader: PipeReader) -> std::io::Result<Pipe> {
        fcntl_setfl(&reader, fcntl_getfl(&reader)? | OFlags::NONBLOCK)?;
        Ok(Pipe { reader, output: Output::default(), buffer: vec![0; 64 * 1024], has_ended: false })
    }

    /// Waits until there is something to read, or for so long; then reads what is there, up to a bound.
    pub(super) fn read(&mut self, wait: Duration) {
        if self.has_ended {
            std::thread::sleep(wait);
            return;
        }
        let timeout = Timespec::try_from(wait).unwrap_or(Timespec { tv_sec: 0, tv_nsec: 0 });
        let mut fds = [PollFd::new(&self.reader, PollFlags::IN)];
        // Interrupted or not, the read below tells what there is.
        let _ = poll(&mut fds, Some(&timeout));
        let mut read = 0;
        while read < READ_MAX {
            match self.reader.read(&mut self.buffer) {
                Ok(0) => {
                    self.has_ended = true;
                    return;
                }
                Ok(count) => {
                    read += count;
                    self.output.push(self.buffer.get(..count).unwrap_or_default());
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => {
                    self.has_ended = true;
                    return;
                }
            }
        }
    }
}
