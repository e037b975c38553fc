//! `spike`: lists the claims of the architecture, tries them, compares runs.

fn main() -> std::process::ExitCode {
    zenith_spikes::child::run_if_child();
    zenith_spikes::cli::main(zenith_spikes::all())
}
