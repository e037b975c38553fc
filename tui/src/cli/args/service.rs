//! What a service for a team is started, asked and looked after with.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Args)]
pub struct Login {
    /// The service's address [env: ZENITH_SERVICE]
    pub service: Option<String>,
}

#[derive(Args)]
pub struct Serve {
    /// The service's settings
    #[arg(long, value_name = "FILE", conflicts_with = "trial")]
    pub config: Option<PathBuf>,
    /// Try it on this machine: an issuer of its own signs two members in
    #[arg(long = "try")]
    pub trial: bool,
    /// Listen here instead, for members on this machine
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// Where the databases of an embedded server are reached instead
    #[arg(long, value_name = "ADDRESS")]
    pub databases: Option<String>,
}

#[derive(Args)]
pub struct Tenant {
    /// The service's settings; without them, those of `zenith serve --try`
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub what: TenantCommand,
}

#[derive(Subcommand)]
pub enum TenantCommand {
    #[command(flatten)]
    Deed(TenantDeed),
    /// Put a new key in place of the one that members' secrets are sealed with; the service must be stopped
    Rekey,
}

/// What is done with databases at hand, beside the service or while it is stopped.
#[derive(Subcommand)]
pub enum TenantDeed {
    /// How the service stands, or one tenant's database
    Status {
        /// A user's subject, `workspace/SUBJECT`, `team/ORGANISATION`, or `zenith/global`
        tenant: Option<String>,
    },
    /// List every tenant: how it stands, how large it may become, since when it is there
    List,
    /// Keep everybody out of a database; what is in it stays, and its tokens are taken back. What a user holds of databases
    /// that others share ends by itself, or by `revoke` of those
    Suspend { tenant: String },
    /// Let a suspended tenant in again; whoever was signed in signs in anew
    Resume { tenant: String },
    /// Sign with a new key from now on; tokens that are out stay good until `revoke`
    Rotate { tenant: String },
    /// Take back every token of a database that is out, at once. Of a user, those of their own databases, not those of
    /// the ones that others share
    Revoke { tenant: String },
    /// Bound how large a database may become
    Limit {
        /// A user's subject, `workspace/SUBJECT`, `team/ORGANISATION`, or `zenith/global`
        tenant: String,
        /// How large, in MiB
        #[arg(value_parser = clap::value_parser!(u64).range(1..=1 << 30))]
        mib: u64,
    },
    /// Bring every database's schema up to date, and name those that cannot be
    Sweep,
    /// Copy a database into a file that any SQLite reads
    Export { tenant: String, file: PathBuf },
    /// Put what was exported of a tenant back, in place of what is there
    Import { tenant: String, file: PathBuf },
    /// Take a database away for good
    Erase {
        tenant: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}
