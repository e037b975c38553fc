//! The command line: one declaration that parses, explains itself and completes.

mod agents;
mod service;
mod sharing;

use std::path::PathBuf;

use clap::builder::RangedU64ValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use zenith_core::answers::changes::Range;
use zenith_core::package::Tier;
use zenith_core::search::{FilterError, LIMIT_MAX, Mode, PackageFilter, Query, parse_kind};

pub use agents::{Mcp, McpCommand, Settings};
pub use service::{Login, Serve, Tenant, TenantCommand, TenantDeed};
pub use sharing::{Export, Import, Pull, Push, Sync, Unpush};

use super::changes::package_name;

/// Search the exact versions of the packages that your project builds on.
///
/// Without a command, it opens the explorer over the Cargo.lock that governs this folder.
#[derive(Parser)]
#[command(name = "zenith", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub global: Global,
}

const EXAMPLES: &str = "\
Examples:
  zenith                                      open the explorer
  zenith index                                index this project: its dependencies and its own code
  zenith search spawn blocking                find an API by its words, its name or its meaning
  zenith search 'read lines kind:fn pkg:tokio'
  zenith show tokio tokio::task::spawn_blocking

Exit codes: 0 done, 1 failed, 2 wrong usage. Long work shows its progress on a terminal, and
plain lines elsewhere. Ctrl-C stops any command within 5 s, with nothing half-written; a second
one ends it at once.";

#[derive(Args)]
pub struct Global {
    /// Keep catalog, datasets and search index here [env: ZENITH_DATA]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// Print one JSON object a line
    #[arg(long, global = true)]
    pub json: bool,
    /// Leave the mouse to the terminal (explorer)
    #[arg(long, global = true)]
    pub no_mouse: bool,
}

#[derive(Subcommand)]
pub enum Command {
    /// Index a project, a folder or one package
    #[command(after_help = "Examples:
  zenith index                        the project of this folder: dependencies public, own code private
  zenith index --direct               its direct dependencies and own code alone
  zenith index ../other/Cargo.lock    another project
  zenith index ./scripts              a folder of one's own code, private
  zenith index serde@1.0.228          one version from cargo's registry folder")]
    Index(Index),
    /// Search everything that is indexed
    #[command(after_help = "Examples:
  zenith search run blocking code without stalling the runtime
  zenith search SpawnBlocking
  zenith search 'kind:trait pkg:serde'
  zenith search join handle --mode text --limit 5 --json
  zenith search --mode vector wait for a child process to end
  zenith search hash map entry                  the words of a path, or of a name: HashMap::entry
  zenith search sp_bl                           each word of a name begun: spawn_blocking
  zenith search '&str -> Result<Url>'           by signature: what goes in, what comes out

A name is found as it is spelled first, then in other spellings; where nothing bears it, what is one or
two letters off. Of a signature either side may be left out ('Vec<u8>, usize ->', '-> Duration'); a single
letter is any type ('Option<T>, Fn(T) -> Option<U>'), and the order of what goes in does not matter.

hybrid puts names that were typed first, then what words, meaning and quality make best; text
leaves out meaning; vector is meaning alone: nearest first, each item once.

Within a project, public packages are searched in the versions of its Cargo.lock; --all lifts that.")]
    Search(Search),
    /// List what is indexed, and what others share with you
    #[command(after_help = "Examples:
  zenith packages
  zenith packages serde tokio@1.48.0
  zenith packages --tier private --json")]
    Packages(Packages),
    /// Show a package, or a symbol with its documentation and source
    #[command(after_help = "Examples:
  zenith show tokio
  zenith show tokio@1.48.0 spawn_blocking
  zenith show tokio::task::spawn
  zenith show tokio::task::spawn --examples
  zenith show serde::Serialize --implementors
  zenith show my_crate::parse --uses         who calls it
  zenith show serde serde::Serialize --json

Of an item it says how one gets it: the `use` line, the feature and whether this project has it on, the
`cargo add` line, since when, what to take instead, the least Rust, and where it is built.")]
    Show(Show),
    /// Show how an item is used: in documentation, examples, tests, your own code and other packages
    #[command(after_help = "Examples:
  zenith examples tokio::task::spawn_blocking
  zenith examples serde_json@1.0.145 from_str -n 3
  zenith examples tokio::sync::mpsc::channel --json

Short and whole ones come first, those of the item's own package and of your own code before what others
do. Sources are read where they were indexed from, if they are still the same. \"maybe\" is a method of
the name on something whose type cannot be told.")]
    Examples(Examples),
    /// Say what changed between two versions of a package: what breaks its users first
    #[command(after_help = "Examples:
  zenith changes bitflags                   what the project's Cargo.lock changed, as git has it
  zenith changes bitflags 1.3.2..2.13.2
  zenith changes bitflags 1.3.2.. --used    what your code names of it
  zenith changes bitflags --json

Without versions it compares what Cargo.lock has with the last commit, else with the newest commit that
locked another version; where git tells of none, the two newest versions on this machine. FROM.. goes to
the locked version if it is later, else to the newest here; ..TO comes from the locked one if it is earlier,
else from the one before. A version that is not indexed is indexed first, from cargo's registry folder.")]
    Changes(Changes),
    /// Remove what no project's Cargo.lock locks any more
    #[command(after_help = "Examples:
  zenith clean               list it with sizes, and ask
  zenith clean --dry-run
  zenith clean --yes
  zenith clean serde@1.0.100 parser     these, whatever locks them

A project is known once it was indexed here; what any of them locks is kept, and so is the standard
library. Your own code, your team's, and what was pulled or imported goes only where it is named.")]
    Clean(Clean),
    /// Answer an agent's questions over the Model Context Protocol, on standard input and output
    #[command(after_help = "Examples:
  zenith mcp install                  which agents are on this machine, and how to tell one of zenith
  zenith mcp install --agent claude   tells it, for all of your projects
  zenith mcp install --agent cursor --project
  zenith mcp --project ../other       answers for another project than that of this folder

An agent starts it by itself, once it was told of. It answers for the project of the folder that it is
started in, or that the agent names, and indexes it beside where it is not indexed yet.")]
    Mcp(Mcp),
    /// Sign in to a service, to see what your team and you share there
    #[command(after_help = "Examples:
  zenith login https://zenith.example            asks for the token
  zenith login https://zenith.example < token    reads it from a file or another program

The token is the one that the service's issuer gives you (Clerk or Supabase). It is verified, exchanged
for tokens of your databases, and forgotten; those are kept in the keyring, or in a file that you alone
can read.")]
    Login(Login),
    /// Run the service that a team signs in to: databases for its members, and a place to share
    #[command(after_help = "Examples:
  zenith serve --try                     a service on this machine, with two members to sign in as
  zenith serve --config serve.toml       one for a team, as its file says

serve.toml:
  listen = \"127.0.0.1:4747\"            # behind a proxy that speaks TLS
  url = \"https://zenith.example\"       # what members call it
  [issuer]
  kind = \"clerk\"                       # or supabase
  url = \"https://clerk.example\"
  [store]
  location = \"s3://bucket/prefix\"      # members are told to use it, with keys of their own

Without [databases] it starts a database server, sqld, of its own. See the README for the rest.")]
    Serve(Serve),
    /// Look after the members' databases of a service, on its machine
    #[command(after_help = "Examples:
  zenith tenant status                   how the service and its members' databases stand
  zenith tenant status user_1 --json
  zenith tenant revoke team/org_1        take back every token of a database that is out
  zenith tenant export user_1 one.db     all of it, as a file that any SQLite reads
  zenith tenant erase user_1             take a database away for good

A tenant is a user's subject, team/ORGANISATION, or zenith/global. What is done to a user is done to their
workspace too, where the service keeps one; workspace/SUBJECT is that alone.")]
    Tenant(Tenant),
    /// Forget who is signed in, and what was synchronised for them
    Logout,
    /// Say who you are to zenith, and which tiers you see
    Whoami,
    /// Bring the copies of the shared catalogs up to date
    #[command(after_help = "Examples:
  zenith sync
  zenith sync --deadline 60 --json

What cannot be reached keeps its last copy, which stays readable offline.")]
    Sync(Sync),
    /// Share what is indexed here: datasets to the store, then the shared catalog
    #[command(after_help = "Examples:
  zenith index --tier team && zenith push      your own code, for your team
  zenith push --tier public
  zenith push --force                          over whatever is shared, every file anew

The store is what ZENITH_STORE names: s3://bucket/prefix of any service that speaks S3
(ZENITH_STORE_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_PROFILE), or a folder
that all of you reach. A package is listed only when all of it lies there; a push that was
stopped goes on where it ended. Of a public version the first push stays, of your own code what
was indexed last; --force mends a damaged store, or fills another one.")]
    Push(Push),
    /// Take back what you shared: from the shared catalog first, then from the store
    #[command(after_help = "Examples:
  zenith unpush parser                 every version of it, of your team
  zenith unpush --tier public serde@1.0.228

Nobody finds it any more; who pulled it has it until their next pull. It asks before it takes back what was not indexed
on this machine: another member may share it.")]
    Unpush(Unpush),
    /// Fetch what others share, to search it here and offline
    #[command(after_help = "Examples:
  zenith sync && zenith pull       the versions that this project builds on
  zenith pull parser serde@1.0.228
  zenith pull --all                all of your team's and your own
  zenith pull --tier team --json

Each file is compared with its hash. What this machine indexed itself stays; what is no longer
shared goes. What is not pulled is searched where it lies, as long as the store can be reached.")]
    Pull(Pull),
    /// Put what is indexed here into the store, as Parquet that others import or read
    #[command(after_help = "Examples:
  zenith export                        all of your team's packages that this machine indexed
  zenith export --incremental          what changed since the last export
  zenith export --tier public
  zenith export --compact              merge the increments into one
  ZENITH_STORE=s3://bucket/zenith zenith export

The store is a folder of the data folder, or what ZENITH_STORE names: another folder, or a bucket of any
service that speaks S3 (ZENITH_STORE_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY). What others
exported there stays. The export is replaced at once at the end: Ctrl-C leaves the one that was
there, or the new one. DuckDB, polars and pandas read it too: the README has the statements.")]
    Export(Export),
    /// Take what others exported to the store, and search it here
    #[command(after_help = "Examples:
  zenith import                        all that your team exported
  zenith import tokio serde@1.0.228    these packages alone
  zenith import --tier public --json

Every file is compared with its hash before a row of it is used. What this machine indexed itself stays.
A run that was stopped goes on where it ended; without names, what is no longer exported is removed.")]
    Import(Import),
    /// Keep notes about the exact versions that you build on
    #[command(after_help = super::note::args::EXAMPLES)]
    Note(super::note::args::Notes),
    /// Keep jobs that run at set times, and run what is due
    #[command(after_help = super::jobs::args::EXAMPLES)]
    Jobs(super::jobs::args::Jobs),
    /// Author instances of widgets on this machine, and publish them one way
    #[command(after_help = super::instance::args::EXAMPLES)]
    Instance(super::instance::args::Instance),
    /// Check the data folder; with --repair, mend what can be derived
    Doctor {
        /// Mend what is wrong
        #[arg(long)]
        repair: bool,
    },
    /// List the explorer's actions, with the names and keys that the settings know
    #[command(after_help = "The table `keys` of the settings file gives an action other keys, or none:

  [keys]
  quit = \"Ctrl-q\"
  copy = [\"c\", \"Alt-k\"]
  theme = []

Keys are listed as the settings have them.")]
    Keys,
    /// Print completions for a shell
    #[command(after_help = "Example:
  zenith completions bash > ~/.local/share/bash-completion/completions/zenith")]
    Completions { shell: clap_complete::Shell },
    /// Write the manual's pages into a folder
    #[command(hide = true)]
    Man { folder: PathBuf },
}

#[derive(Args)]
pub struct Index {
    /// A Cargo.lock, a folder, or a package by name; the project of this folder where none is given
    #[arg(value_name = "PATH|NAME[@VERSION]")]
    pub source: Option<String>,
    /// Index the project of this Cargo.lock
    #[arg(long, value_name = "FILE", conflicts_with = "source")]
    pub lockfile: Option<PathBuf>,
    /// Leave out the dependencies of dependencies
    #[arg(long)]
    pub direct: bool,
    /// The tier of one's own code, or of a package asked for by name
    #[arg(long)]
    pub tier: Option<TierName>,
    /// Index again what is ready
    #[arg(long)]
    pub force: bool,
}

#[derive(Args)]
pub struct Search {
    /// What to look for; filters among the words: kind:fn pkg:tokio tier:private
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// hybrid (words and meaning), text (words) or vector (meaning alone, nearest first)
    #[arg(long, default_value_t, value_parser = |text: &str| text.parse::<Mode>())]
    pub mode: Mode,
    /// Only this tier; may be repeated
    #[arg(long)]
    pub tier: Vec<TierName>,
    /// Only this package, NAME or NAME@VERSION; may be repeated
    #[arg(long, value_name = "NAME[@VERSION]", value_parser = package_filter)]
    pub package: Vec<PackageFilter>,
    /// Only this kind: fn, method, struct, enum, variant, union, trait, type, const, static, macro,
    /// mod or doc; may be repeated
    #[arg(long, value_parser = kind)]
    pub kind: Vec<String>,
    /// At most this many results
    #[arg(long, short = 'n', default_value_t = 10, value_parser = limit())]
    pub limit: usize,
    /// Search every version that is indexed, not only the project's
    #[arg(long)]
    pub all: bool,
    /// Leave out what the project locks for other platforms (`platform:here` among the words)
    #[arg(long)]
    pub here: bool,
    /// Search what is on this machine alone, and ask no store
    #[arg(long)]
    pub local: bool,
}

#[derive(Args)]
pub struct Packages {
    /// Only these; every version where none is named
    #[arg(value_name = "NAME[@VERSION]", value_parser = package_filter)]
    pub packages: Vec<PackageFilter>,
    /// Only this tier; may be repeated
    #[arg(long)]
    pub tier: Vec<TierName>,
}

#[derive(Args)]
pub struct Show {
    /// NAME or NAME@VERSION, or a path that begins with a crate
    #[arg(value_parser = package_filter)]
    pub package: PackageFilter,
    /// A path or its end, in any spelling, by any way that leads to it; or a section's title
    pub symbol: Option<String>,
    /// With the best examples of the item
    #[arg(long)]
    pub examples: bool,
    /// List what implements the trait, in place of showing it
    #[arg(long, conflicts_with = "examples")]
    pub implementors: bool,
    /// List who uses the item, your own code first, in place of showing it
    #[arg(long, conflicts_with_all = ["examples", "implementors"])]
    pub uses: bool,
    #[command(flatten)]
    pub bounds: Bounds,
}

#[derive(Args)]
pub struct Examples {
    /// NAME or NAME@VERSION, or a path that begins with a crate
    #[arg(value_parser = package_filter)]
    pub package: PackageFilter,
    /// A path or its end, in any spelling, by any way that leads to it
    pub symbol: Option<String>,
    #[command(flatten)]
    pub bounds: Bounds,
}

/// How much is told of what sources hold, and for how long they are read.
#[derive(Args, Clone, Copy)]
pub struct Bounds {
    /// At most this many examples (5), implementors or uses (100)
    #[arg(long, short = 'n', value_parser = limit())]
    pub limit: Option<usize>,
    /// How long sources may be read, in seconds: 5 for examples, 60 for the rest
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub deadline: Option<u64>,
}

#[derive(Args)]
pub struct Changes {
    /// The package, by its name
    #[arg(value_name = "PACKAGE", value_parser = package_name)]
    pub package: String,
    /// Two versions, or their beginnings: FROM.. goes to the locked one, ..TO comes from it or the one before
    #[arg(value_name = "FROM..TO", value_parser = |text: &str| Range::parse(text))]
    pub range: Option<(Option<String>, Option<String>)>,
    /// Only what your own code names by its imports
    #[arg(long)]
    pub used: bool,
}

#[derive(Args)]
pub struct Clean {
    /// Remove these, and nothing else
    #[arg(value_name = "NAME[@VERSION]", value_parser = package_filter)]
    pub packages: Vec<PackageFilter>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Remove nothing
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
}

/// A tier as it is typed.
#[derive(Clone, Copy, ValueEnum)]
pub enum TierName {
    Public,
    Team,
    Private,
}

impl From<TierName> for Tier {
    fn from(name: TierName) -> Tier {
        match name {
            TierName::Public => Tier::Public,
            TierName::Team => Tier::Team,
            TierName::Private => Tier::Private,
        }
    }
}

fn package_filter(text: &str) -> Result<PackageFilter, &'static str> {
    match PackageFilter::parse(text) {
        PackageFilter { name, version: Some(_) } if name.trim().is_empty() => {
            Err("no package is named before the @")
        }
        filter => Ok(filter),
    }
}

impl Arguments {
    /// What no value says by itself; why, where it is wrong.
    pub fn fit_together(&self) -> Result<(), String> {
        let Some(Command::Search(Search { query, tier, package, kind, .. })) = &self.command else {
            return Ok(());
        };
        let query = query.join(" ");
        if query.trim().is_empty() && tier.is_empty() && package.is_empty() && kind.is_empty() {
            return Err("the query is empty; say what something does or what it is called".to_owned());
        }
        Query::fits(&query).map_err(|error| error.to_string())
    }
}

/// How many results may be asked for.
pub fn limit() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=LIMIT_MAX as u64)
}

fn kind(text: &str) -> Result<String, FilterError> {
    parse_kind(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_declaration_is_sound() {
        Arguments::command().debug_assert();
    }
}
