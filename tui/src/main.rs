//! `zenith`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    zenith::main()
}
