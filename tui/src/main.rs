//! `zenith`: an explorer in the terminal over the packages that a project builds on, and the same
//! things as plain commands.

mod cli;
mod explorer;

use std::process::ExitCode;

use zenith_harness::text;

fn main() -> ExitCode {
    // A spike that needs a process of its own starts this program again.
    zenith_spikes::child::run_if_child();
    cli::main()
}
