//! What it wants done beside the screen.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use zenith_core::identity::Scope;
use zenith_core::package::PackageId;
use zenith_core::search::{Mode, Project};
use zenith_core::workspace::sync::Synced;
use zenith_core::workspace::{Draft, Snapshot, log_path};
use zenith_core::{NotesFound, Standing, Zenith};

use super::deeds;
use super::desk::Desk;
use crate::explorer::parts::job::{Job, Sender};
use crate::explorer::parts::tree::Item;

/// How long a search waits for the next keystroke.
const DEBOUNCE: Duration = Duration::from_millis(60);
/// Notes that anyone looks through.
const FOUND_MAX: usize = 200;

#[derive(Debug)]
pub enum Effect {
    /// Opens the notes where there are any, tells each moment of them, and keeps the file for other tools.
    Open,
    /// Finds out what became of what the notes of a moment speak of.
    Standings {
        generation: u64,
        snapshot: Arc<Snapshot>,
        project: Arc<Project>,
    },
    Find {
        generation: u64,
        desk: Desk,
        words: String,
    },
    Keep {
        desk: Desk,
        given: Box<Given>,
        project: Option<Arc<Project>>,
    },
    /// The note as it is now, to be written in for a while.
    Draft {
        desk: Desk,
        id: String,
    },
    Merge {
        desk: Desk,
        drafted: Box<Drafted>,
        written: String,
    },
    Remove {
        desk: Desk,
        id: String,
    },
    Sync {
        desk: Desk,
        place: String,
        join: bool,
        folder: PathBuf,
    },
}

/// A note as it stands in lines. What is not named stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// The note that is changed; none where it is new.
    pub id: Option<String>,
    pub title: Option<String>,
    pub body: Option<String>,
    pub tags: Option<BTreeSet<String>>,
    pub on: On,
}

/// What a note is to speak of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum On {
    /// What it speaks of by now.
    #[default]
    Same,
    Nothing,
    /// What was typed: a package, or the path of an item.
    Typed(String),
    /// A package that is known, or something in it.
    Known {
        scope: Scope,
        id: PackageId,
        item: Option<Item>,
    },
}

/// A note, and the document as it was when one began to write in it.
pub struct Drafted {
    pub draft: Draft,
    pub id: String,
    pub title: String,
    pub body: String,
}

/// A note that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub id: String,
    /// What was done, in words.
    pub told: String,
}

/// How the file for other tools stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FileStands {
    #[default]
    Unknown,
    Kept,
    /// Another process keeps it.
    Elsewhere,
    Failed(String),
}

/// Why notes did not come together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncFailed {
    /// Other notes than these lie there: they can be taken up.
    OtherDocument,
    Because(String),
}

#[derive(Debug)]
pub enum Message {
    /// The notes as they are; nothing where there are none.
    Opened(Result<Option<(Desk, Arc<Snapshot>)>, String>),
    Moment(Arc<Snapshot>),
    File(FileStands),
    Standings {
        generation: u64,
        standings: HashMap<String, Standing>,
    },
    Found {
        generation: u64,
        found: NotesFound,
    },
    Kept(Result<Kept, String>),
    Drafted(Result<Box<Drafted>, String>),
    Removed(Result<String, String>),
    Synced {
        place: String,
        join: bool,
        synced: Result<Synced, SyncFailed>,
    },
}

pub fn work(effect: Effect, zenith: Zenith) -> Job<Message> {
    match effect {
        Effect::Open => Job::lasting("notes", move |sender, stop| async move {
            keep(&zenith, &sender, &stop).await;
        })
        .waited_for("your notes are brought to the file that other tools read…"),
        Effect::Standings { generation, snapshot, project } => Job::answer("standings", async move {
            let standings = deeds::standings(&zenith, &snapshot, &project).await;
            Message::Standings { generation, standings }
        }),
        Effect::Find { generation, desk, words } => Job::answer("find", async move {
            tokio::time::sleep(DEBOUNCE).await;
            let found = match desk.index(&zenith) {
                Some(index) => index.search(&words, Mode::Hybrid, FOUND_MAX).await,
                None => NotesFound::default(),
            };
            Message::Found { generation, found }
        }),
        // What is begun is not dropped: it is one record of the log.
        Effect::Keep { desk, given, project } => {
            Job::lasting("deed", move |sender: Sender<Message>, _| async move {
                sender.send(Message::Kept(deeds::keep(&zenith, desk, *given, project).await));
            })
        }
        Effect::Draft { desk, id } => Job::answer("draft", async move {
            Message::Drafted(deeds::draft(&zenith, desk, id).await.map(Box::new))
        }),
        Effect::Merge { desk, drafted, written } => {
            Job::lasting("deed", move |sender: Sender<Message>, _| async move {
                sender.send(Message::Kept(deeds::merge(&zenith, desk, *drafted, &written).await));
            })
        }
        Effect::Remove { desk, id } => Job::lasting("deed", move |sender: Sender<Message>, _| async move {
            sender.send(Message::Removed(deeds::remove(&zenith, desk, &id).await));
        }),
        Effect::Sync { desk, place, join, folder } => {
            Job::lasting("sync", move |sender: Sender<Message>, _| async move {
                let synced = deeds::sync(&zenith, desk, &place, join, &folder).await;
                sender.send(Message::Synced { place, join, synced });
            })
        }
    }
}

/// Holds the notes for as long as the explorer is open.
async fn keep(zenith: &Zenith, sender: &Sender<Message>, stop: &CancellationToken) {
    if !log_path(&zenith.config.data_dir).exists() {
        return sender.send(Message::Opened(Ok(None)));
    }
    let notes = match zenith.notes().await {
        Ok(notes) => notes,
        Err(error) => return sender.send(Message::Opened(Err(error.to_string()))),
    };
    let mut moments = notes.moments();
    let now = moments.borrow_and_update().clone();
    sender.send(Message::Opened(Ok(Some((Desk::of(notes.clone()), now)))));
    let mut file = zenith.notes_file(&notes);
    let (mut standing, mut told) = (None, FileStands::Unknown);
    loop {
        let mut stands = FileStands::Kept;
        if standing.is_none() {
            match file.keep() {
                Ok(true) => standing = file.standing(),
                Ok(false) => stands = FileStands::Elsewhere,
                Err(error) => stands = FileStands::Failed(error.to_string()),
            }
        }
        if let Some(failure) =
            standing.as_mut().and_then(|standing| standing.borrow_and_update().failure.clone())
        {
            stands = FileStands::Failed(failure.to_string());
        }
        if stands != told {
            told = stands.clone();
            sender.send(Message::File(stands));
        }
        let changed = async {
            match &mut standing {
                Some(standing) => standing.changed().await.is_ok(),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            // Where another process kept the file and keeps it no more, this one does from the next change on.
            moved = moments.changed() => match moved {
                Ok(()) => sender.send(Message::Moment(moments.borrow_and_update().clone())),
                Err(_) => break,
            },
            goes_on = changed => if !goes_on { break },
        }
    }
    // Nobody is left to tell; whoever opens the notes next brings the file, and says what is in its way.
    let _ = file.settle().await;
    notes.close().await;
}

impl fmt::Debug for Drafted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drafted").field("id", &self.id).finish_non_exhaustive()
    }
}
