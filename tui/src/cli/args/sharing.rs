//! What is shared with others is named with.

use clap::Args;
use zenith_core::search::PackageFilter;

use super::{TierName, package_filter};

#[derive(Args)]
pub struct Sync {
    /// How long each server may take, in seconds
    #[arg(long, default_value_t = 20, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub deadline: u64,
}

#[derive(Args)]
pub struct Push {
    /// The tier to share: the team's where you have one, else the public one
    #[arg(long)]
    pub tier: Option<TierName>,
    /// Push over whatever is shared already, and send every file again
    #[arg(long)]
    pub force: bool,
}

#[derive(Args)]
pub struct Unpush {
    /// What to take back; a public package with its version
    #[arg(value_name = "NAME[@VERSION]", value_parser = package_filter, required = true)]
    pub packages: Vec<PackageFilter>,
    /// The tier that it is shared in: the team's where you have one, else the public one
    #[arg(long)]
    pub tier: Option<TierName>,
    /// Also what was not indexed on this machine, without asking
    #[arg(long)]
    pub yes: bool,
}

#[derive(Args)]
pub struct Pull {
    /// Only these packages; a public one with its version, unless the project builds on it
    #[arg(value_name = "NAME[@VERSION]", value_parser = package_filter)]
    pub packages: Vec<PackageFilter>,
    /// Only this tier; may be repeated
    #[arg(long)]
    pub tier: Vec<TierName>,
    /// All that your team and you share, not only what the project builds on
    #[arg(long, conflicts_with = "packages")]
    pub all: bool,
    /// Compare what is here already with what is shared, and fetch what differs
    #[arg(long)]
    pub force: bool,
}

#[derive(Args)]
pub struct Export {
    /// The tier to export: the team's where you have one, else the public one
    #[arg(long)]
    pub tier: Option<TierName>,
    /// Add what changed since the last export, instead of writing all of it anew
    #[arg(long)]
    pub incremental: bool,
    /// Merge the increments that were added, and export nothing
    #[arg(long, conflicts_with = "incremental")]
    pub compact: bool,
}

#[derive(Args)]
pub struct Import {
    /// Only these packages
    #[arg(value_name = "NAME[@VERSION]", value_parser = package_filter)]
    pub packages: Vec<PackageFilter>,
    /// The tier to import: the team's where you have one, else the public one
    #[arg(long)]
    pub tier: Option<TierName>,
    /// Say that an export is stale when it is older than this, in hours
    #[arg(long, default_value_t = 24, value_name = "HOURS", value_parser = clap::value_parser!(u64).range(1..=87600))]
    pub max_age: u64,
}
