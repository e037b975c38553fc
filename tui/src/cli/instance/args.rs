//! What `zenith instance` takes.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use zenith_core::publish::{AuthoredId, Locale, Status, WidgetType};

pub const EXAMPLES: &str = "Examples:
  zenith instance edit wgt_main_faq faq.json          keep the baseline of a type, on this machine alone
  zenith instance edit wgt_curated_spring spring.json --type hero
  zenith instance edit wgt_main_faq de.json --locale de    its texts in another locale, by place
  zenith instance diff                                what a publication would change, and put
  zenith instance publish                             all that changed, to the store
  zenith instance resolve wgt_main_faq de-AT          what a reader gets, and what stands in
  zenith instance status                              what is in step, ahead, stale or failed

wgt_main_TYPE and wgt_curated_KEY are authored here, in a file that no server reaches; saving publishes nothing.
wgt_TYPE_u_KEY are users': they live in their workspace's database alone, and are read and written there, once you are \
signed in. Types, and what of each may be translated, are in instances/widgets/manifest.json of the data folder; texts by \
the text that they translate in instances/translations/LOCALE.json. The store is what ZENITH_STORE names; ZENITH_MIRROR with \
ZENITH_MIRROR_TOKEN is a database that mirrors what is published, ZENITH_TRANSLATOR what is asked for missing texts.";

#[derive(Args)]
pub struct Instance {
    #[command(subcommand)]
    pub command: Option<InstanceCommand>,
}

#[derive(Subcommand)]
pub enum InstanceCommand {
    /// List what is authored here, or with --workspace the user's own
    List(List),
    /// Show an instance as it is here
    Show(Show),
    /// Keep a configuration, its texts in another locale, or its status; nothing is published by that
    #[command(after_help = "Examples:
  zenith instance edit wgt_main_faq faq.json
  zenith instance edit wgt_curated_spring - --type hero < spring.json
  zenith instance edit wgt_main_faq de.json --locale de
  zenith instance edit wgt_curated_spring --status unpublished

de.json has texts by place: {\"/title\": \"Fragen\", \"/sections/[id=s1]/title\": \"Preise\"}")]
    Edit(Edit),
    /// Show what changed since the last publication, and what the next one would put
    Diff(Which),
    /// Publish what changed: to the store, the mirror, and the set; what was left unfinished is finished first
    #[command(after_help = "Examples:
  zenith instance publish
  zenith instance publish wgt_main_faq
  zenith instance publish --dry-run          the keys that it would put, and puts none

Whatever stops it, the next publication goes on from there. Where nothing changed, nobody is asked.")]
    Publish(Publish),
    /// Say how every instance stands: in step, ahead, under way, failed; and its texts
    Status,
    /// List what was published of an instance, by whom and when
    History(Named),
    /// Publish again what was published before under a number, as a new number; what is authored is published after that
    /// once it is edited, or named
    Rollback(Rollback),
    /// Say that an instance is of yesterday: once that is published, readers get the baseline of its type
    Deprecate(Named),
    /// Read what is published, as any reader does
    #[command(after_help = "Examples:
  zenith instance resolve wgt_main_faq de-AT
  zenith instance resolve wgt_main_faq de --strict --json
  zenith instance resolve wgt_main_faq --set         as the set that was published last names it

It says what stands in for what was asked, and refuses what is older than what it saw before.")]
    Resolve(Resolve),
    /// Compare what lies in the store and the mirror with what was published from here
    Verify(Verify),
    /// Take note of what is published there and this folder does not know: numbers and names, no values
    Adopt(Which),
    /// Remove what nobody names any more, and is older than two days
    Gc,
    /// Take authored instances out of an old table that held users' beside them
    #[command(after_help = "Examples:
  zenith instance backfill old.db            copies, compares, and leaves them there
  zenith instance backfill old.db --remove   removes them there, once both sides are the same

The old table is widget_instances(public_id, widget_type or widget_id, config, status), with widgets(id, type) where types
are numbers. From then on it takes no authored instance any more. Users' rows are not read.")]
    Backfill(Backfill),
}

#[derive(Args)]
pub struct List {
    /// The instances of your own workspace, from its database
    #[arg(long)]
    pub workspace: bool,
}

#[derive(Args)]
pub struct Show {
    /// wgt_main_TYPE, wgt_curated_KEY, or wgt_TYPE_u_KEY of your workspace
    pub id: String,
    /// With the texts of this locale, as far as there are any
    #[arg(long, value_parser = Locale::parse)]
    pub locale: Option<Locale>,
}

#[derive(Args)]
pub struct Edit {
    /// wgt_main_TYPE, wgt_curated_KEY, or wgt_TYPE_u_KEY of your workspace
    pub id: String,
    /// A file of JSON; - is standard input
    #[arg(required_unless_present = "status")]
    pub file: Option<PathBuf>,
    /// Of which type a new curated instance is
    #[arg(long = "type", value_parser = WidgetType::parse)]
    pub widget_type: Option<WidgetType>,
    /// The file holds texts in this locale, by place; null takes one back
    #[arg(long, value_parser = Locale::parse, requires = "file", conflicts_with_all = ["status", "widget_type"])]
    pub locale: Option<Locale>,
    /// What becomes of it in the next publication
    #[arg(long, value_enum)]
    pub status: Option<StatusName>,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum StatusName {
    Published,
    Unpublished,
    Deprecated,
}

impl From<StatusName> for Status {
    fn from(name: StatusName) -> Status {
        match name {
            StatusName::Published => Status::Published,
            StatusName::Unpublished => Status::Unpublished,
            StatusName::Deprecated => Status::Deprecated,
        }
    }
}

#[derive(Args)]
pub struct Which {
    /// Instances; all where none is named
    #[arg(value_parser = AuthoredId::parse)]
    pub ids: Vec<AuthoredId>,
}

#[derive(Args)]
pub struct Publish {
    #[command(flatten)]
    pub which: Which,
    /// Only say what it would put
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Args)]
pub struct Named {
    #[arg(value_parser = AuthoredId::parse)]
    pub id: AuthoredId,
}

#[derive(Args)]
pub struct Rollback {
    #[arg(value_parser = AuthoredId::parse)]
    pub id: AuthoredId,
    /// The number that `zenith instance history` tells
    pub number: u64,
}

#[derive(Args)]
pub struct Resolve {
    /// wgt_main_TYPE, wgt_curated_KEY, or wgt_TYPE_u_KEY of your workspace
    pub id: String,
    /// de, pt-BR, zh-Hant; without it the base
    #[arg(value_parser = Locale::parse)]
    pub locale: Option<Locale>,
    /// Nothing is to stand in for what is asked
    #[arg(long)]
    pub strict: bool,
    /// Refuse what was published longer ago
    #[arg(long, value_name = "SECONDS")]
    pub max_age: Option<u64>,
    /// As the set that was published last names it
    #[arg(long)]
    pub set: bool,
}

#[derive(Args)]
pub struct Verify {
    /// Read every object too, and compare it with its name
    #[arg(long)]
    pub deep: bool,
    /// Put back what is missing or damaged, of what this folder knows; reads every object
    #[arg(long)]
    pub repair: bool,
}

#[derive(Args)]
pub struct Backfill {
    /// A database of SQLite
    pub old: PathBuf,
    /// Remove them there, once both sides are the same
    #[arg(long)]
    pub remove: bool,
}
