//! Standard input and output, for the protocol alone.
//!
//! From here on file descriptor 1 leads where 2 does and 0 to nothing: what any library or child of this program
//! prints arrives on standard error, and none of them reads a word of the agent's.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;

/// What the agent says, and where it is answered.
pub struct Streams {
    pub input: tokio::fs::File,
    pub output: tokio::fs::File,
}

impl Streams {
    /// Takes both; the process has no others.
    pub fn take() -> io::Result<Streams> {
        let input = io::stdin().as_fd().try_clone_to_owned()?;
        let output = io::stdout().as_fd().try_clone_to_owned()?;
        rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
        rustix::stdio::dup2_stdout(io::stderr())?;
        let stream = |owned| tokio::fs::File::from_std(File::from(owned));
        Ok(Streams { input: stream(input), output: stream(output) })
    }
}
