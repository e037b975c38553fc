//! The command line: one declaration that parses and explains itself.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use zenith_harness::Backend;

/// Try the claims that Zenith's architecture rests on, against real components.
///
/// Each spike tries one claim and says: holds, refuted, not run (because…) or broken.
#[derive(Debug, Parser)]
#[command(name = "spike", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  spike list                             every claim, where it can be tried, what it is held to
  spike run                              try all that needs nothing but this machine
  spike run J2 lance                     one spike and one group
  spike run J2 --faults                  prove that J2 can fail
  spike report J2                        how its figures moved from run to run

Exit codes: 0 done; 1 a verdict differs from the expected one, a required backend is absent,
a fault was missed or the run was stopped; 2 wrong usage.";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the spikes
    List(List),
    /// Try spikes, each in a fresh lab
    #[command(after_help = "Examples:
  spike run --backend local --require local     fail where the servers cannot be started
  spike run j k --junit spikes.xml              two groups by their letters, for a build server
  spike run F5 --deadline 900 --markdown f5.md  a long one, as a page
  spike run J1 --fault scope-predicate-dropped  plant one defect
  spike run J2 --keep                           look at the lab afterwards, if it differs

Without --backend, spikes run on embedded and local; cloud and container only when asked for.")]
    Run(Run),
    /// Compare the figures of the runs that were kept
    #[command(after_help = "Examples:
  spike report
  spike report F5 catalog --json")]
    Report(Report),
}

#[derive(Debug, Args)]
pub struct List {
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Print the table of the README
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
}

#[derive(Debug, Args)]
pub struct Run {
    /// Spikes (J2) and groups (J or catalog), in any case; all where none is given
    #[arg(value_name = "ID|GROUP")]
    pub names: Vec<String>,
    /// Run on this backend: embedded, local, container or cloud; may be repeated
    #[arg(long, value_name = "BACKEND")]
    pub backend: Vec<Backend>,
    /// Run on this backend, and fail where it is absent; may be repeated
    #[arg(long, value_name = "BACKEND")]
    pub require: Vec<Backend>,
    /// Cut a spike after this time
    #[arg(long, value_name = "SECONDS", default_value_t = 300,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub deadline: u64,
    /// Plant this fault, which must be caught
    #[arg(long, value_name = "NAME", conflicts_with = "faults")]
    pub fault: Option<String>,
    /// Plant each fault of each spike, which must be caught
    #[arg(long, conflicts_with_all = ["junit", "markdown"])]
    pub faults: bool,
    /// Keep the lab of a spike that is not as expected, and say how to look at it
    #[arg(long)]
    pub keep: bool,
    /// Print one JSON object a line, each as its spike ends
    #[arg(long)]
    pub json: bool,
    /// Write JUnit XML here
    #[arg(long, value_name = "FILE", conflicts_with = "fault")]
    pub junit: Option<PathBuf>,
    /// Write a page of Markdown here
    #[arg(long, value_name = "FILE", conflicts_with = "fault")]
    pub markdown: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Report {
    /// Spikes and groups; all where none is given
    #[arg(value_name = "ID|GROUP")]
    pub names: Vec<String>,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_declaration_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn backends_are_read_in_any_case_and_others_refused() {
        let parse = |backend| Arguments::try_parse_from(["spike", "run", "--backend", backend]);
        assert!(parse("LOCAL").is_ok());
        let error = parse("cloudy").map(|_| ()).unwrap_err();
        assert!(error.exit_code() == 2 && error.to_string().contains("container"), "{error}");
    }

    #[test]
    fn a_deadline_of_nothing_is_refused() {
        assert!(Arguments::try_parse_from(["spike", "run", "--deadline", "0"]).is_err());
    }
}
