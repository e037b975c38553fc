//! What `zenith note` takes.

use clap::{Args, Subcommand};
use zenith_core::search::Mode;

pub const EXAMPLES: &str = "Examples:
  zenith note add 'spawn_blocking is for files' --on tokio::task::spawn_blocking --tag async
  zenith note add                             writes title and text in $VISUAL or $EDITOR
  zenith note                                 all notes, and whether what they speak of has changed
  zenith note show 7f1d3c22
  zenith note search blocking files
  zenith note sync ~/Sync/notes               with your other machines, through a folder that they see
  zenith note sync s3://bucket/prefix         or through a bucket

A note speaks of an item in the version that this project locks. When Cargo.lock moves on, the list says whether the item
is the same, has another signature, or is gone. Notes are yours alone: they lie in the data folder, and go only where you
synchronise them to. A note is named by the last letters of its id, or by its first.";

#[derive(Args)]
pub struct Notes {
    #[command(subcommand)]
    pub command: Option<NoteCommand>,
}

#[derive(Subcommand)]
pub enum NoteCommand {
    /// Write a note
    #[command(after_help = "Examples:
  zenith note add 'needs the rt feature' --on tokio::spawn
  zenith note add 'pinned for the MSRV' --on clap@4.5.20
  git log -1 --format=%b | zenith note add 'why we left 1.x' --on bitflags --body -")]
    Add(Add),
    /// List notes, the last that was changed first
    List(List),
    /// Show a note
    Show(Named),
    /// Change a note; without options, in $VISUAL or $EDITOR
    Edit(Edit),
    /// Remove notes, here and wherever they are synchronised to
    #[command(visible_alias = "remove")]
    Rm(Removed),
    /// Find notes by their words, and by what they mean
    #[command(after_help = "Examples:
  zenith note search blocking files
  zenith note search 'how long to wait before asking again'
  zenith note search --mode text spawn_block     only what has all of the words, also within others

What has the words comes first, then what is near them in meaning.")]
    Search(Search),
    /// Bring notes together with those of your other machines
    #[command(after_help = "Examples:
  zenith note sync ~/Sync/notes
  zenith note sync s3://bucket/prefix         with the keys of ZENITH_STORE or AWS
  zenith note sync --join ~/Sync/notes        the first time, where this machine has notes of its own already
  zenith note sync wss://example.org/my-notes                  a room of a y-websocket server
  zenith note sync wss://example.org --hocuspocus my-notes     a document of a Hocuspocus server

Without a place it is the store that ZENITH_STORE names. Machines need not be on at the same time: each puts what it wrote
under a name of its own and changes nothing of another's. What is damaged or missing there is named, and the rest taken.")]
    Sync(Sync),
    /// Print all notes as one Markdown document; with --json, every row of every table
    Export,
}

impl NoteCommand {
    /// Whether notes may be others afterwards.
    pub fn changes(&self) -> bool {
        match self {
            NoteCommand::Add(_) | NoteCommand::Edit(_) | NoteCommand::Rm(_) | NoteCommand::Sync(_) => true,
            NoteCommand::List(_) | NoteCommand::Show(_) | NoteCommand::Search(_) | NoteCommand::Export => {
                false
            }
        }
    }
}

#[derive(Args)]
pub struct Add {
    /// One line; without it, the editor is opened
    pub title: Vec<String>,
    /// What it speaks of: a package, or the path of an item
    #[arg(long, value_name = "NAME[@VERSION]|PATH")]
    pub on: Option<String>,
    /// A file of the package, and a line of it
    #[arg(long, value_name = "FILE[:LINE]", requires = "on")]
    pub file: Option<String>,
    /// A tag; may be repeated
    #[arg(long)]
    pub tag: Vec<String>,
    /// The text, in Markdown; - reads it from standard input
    #[arg(long, value_name = "TEXT")]
    pub body: Option<String>,
}

#[derive(Args, Default)]
pub struct List {
    /// Only those with this tag
    #[arg(long)]
    pub tag: Option<String>,
    /// Only those that speak of this package
    #[arg(long, value_name = "NAME")]
    pub package: Option<String>,
    /// List what is wrong with rows that are no notes, instead
    #[arg(long)]
    pub problems: bool,
}

#[derive(Args)]
pub struct Named {
    /// The last letters of its id, or the first; four at least
    pub note: String,
}

#[derive(Args)]
pub struct Edit {
    /// The last letters of its id, or the first; four at least
    pub note: String,
    /// Another title
    #[arg(long)]
    pub title: Option<String>,
    /// Another text; - reads it from standard input
    #[arg(long, value_name = "TEXT")]
    pub body: Option<String>,
    /// A tag more; may be repeated
    #[arg(long)]
    pub tag: Vec<String>,
    /// A tag less; may be repeated
    #[arg(long)]
    pub untag: Vec<String>,
    /// What it speaks of from now on; '' of nothing
    #[arg(long, value_name = "NAME[@VERSION]|PATH")]
    pub on: Option<String>,
}

#[derive(Args)]
pub struct Removed {
    /// The last letters of their ids, or the first; also of rows that are no notes, see `list --problems`
    #[arg(required = true)]
    pub notes: Vec<String>,
}

#[derive(Args)]
pub struct Search {
    /// Words in title, text, tags, package or item, or what the note is about
    #[arg(required = true)]
    pub words: Vec<String>,
    /// hybrid (words, then meaning), text (all of the words) or vector (meaning alone, nearest first)
    #[arg(long, default_value_t, value_parser = |text: &str| text.parse::<Mode>())]
    pub mode: Mode,
    /// At most this many
    #[arg(long, short = 'n', default_value_t = 20, value_parser = crate::cli::args::limit())]
    pub limit: usize,
}

#[derive(Args)]
pub struct Sync {
    /// A folder, s3://bucket/prefix, or a Yjs server, ws://…; the store of the settings where none is given
    pub place: Option<String>,
    /// The server is Hocuspocus, and the notes are its document of this name
    #[arg(long, value_name = "DOCUMENT", requires = "place")]
    pub hocuspocus: Option<String>,
    /// Take up the notes of another machine that lie there, and put these to them
    #[arg(long)]
    pub join: bool,
}
