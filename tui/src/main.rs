//! `zenith`: an explorer in the terminal over the packages that a project builds on, and the same
//! things as plain commands.

mod cli;
mod explorer;
mod text;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
