//! `zenith`: an explorer in the terminal over the packages that a project builds on, and the same
//! things as plain commands.
//!
//! The program is this library and one call: so that benches time the explorer as it is built.

mod allocator;
mod cli;
mod count;
mod explorer;
mod instances;
mod left_out;
mod mcp;
mod notes;
mod scheduling;
mod stale;
mod told;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use zenith_harness::text;

pub use explorer::Headless;

/// The whole program.
pub fn main() -> ExitCode {
    // A spike that needs a process of its own starts this program again.
    zenith_spikes::child::run_if_child();
    // A release holds one program, which is all of `spike` as well, under both names.
    if called() == "spike" {
        return zenith_spikes::cli::main(zenith_spikes::all());
    }
    cli::main()
}

/// The name that this program was started by.
fn called() -> String {
    let name = std::env::args_os().next().map(PathBuf::from);
    name.as_deref().and_then(Path::file_stem).unwrap_or_default().to_string_lossy().into_owned()
}
