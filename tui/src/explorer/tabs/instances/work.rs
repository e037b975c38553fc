//! What it wants done beside the screen.

use std::path::PathBuf;

use tokio_util::sync::CancellationToken;
use zenith_core::Zenith;
use zenith_core::publish::{
    AuthoredId, Change, Difference, Instance, Outlook, Past, PublishEvent, PublishReport, Route, Standing,
    Status, UserInstance, WidgetType,
};

use super::deeds;
use super::desk::Desk;
use crate::explorer::parts::job::{Job, Sender};
use crate::explorer::world;

/// What publishes: one run at a time.
const PUBLISH: &str = "publish";

#[derive(Debug)]
pub enum Effect {
    /// Reads how every authored instance stands. Nobody is asked.
    Look {
        generation: u64,
        desk: Desk,
    },
    /// Tells each time that another process wrote what is authored.
    Watch(PathBuf),
    /// Compares store and mirror with what was published from here; `deep` reads every object.
    Compare {
        generation: u64,
        deep: bool,
    },
    /// Reads the user's own instances, from their workspace's database.
    Users {
        generation: u64,
    },
    Detail {
        generation: u64,
        desk: Desk,
        id: AuthoredId,
    },
    /// What a publication of one, and of all that changed, would put.
    Plan {
        desk: Desk,
        id: Option<AuthoredId>,
    },
    /// Publishes those of these ids; all where none is named.
    Publish {
        ids: Vec<AuthoredId>,
    },
    Rollback {
        id: AuthoredId,
        sequence: u64,
    },
    StopPublishing,
    SetStatus {
        desk: Desk,
        id: AuthoredId,
        status: Status,
    },
    Save {
        desk: Desk,
        written: Written,
    },
}

/// A configuration as it was written in the editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub id: Route,
    /// Of which type it is, where that is said of a new one.
    pub widget_type: Option<WidgetType>,
    pub text: String,
}

/// How what is authored here stands.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    pub desk: Desk,
    /// Nothing was ever authored where there is no file.
    pub file: Option<PathBuf>,
    pub standings: Vec<Standing>,
}

/// What more there is to say of an instance.
#[derive(Clone, Debug)]
pub struct Detail {
    pub instance: Instance,
    /// What changed since it was published; nothing where it never was.
    pub changes: Option<Vec<Change>>,
    pub outlooks: Vec<Outlook>,
    /// What was published of it, newest first.
    pub history: Vec<Past>,
}

/// What publications would put.
#[derive(Clone, Debug, Default)]
pub struct Planned {
    pub one: Option<(AuthoredId, Vec<Outlook>)>,
    pub all: Vec<Outlook>,
}

#[derive(Debug)]
pub enum Message {
    Looked {
        generation: u64,
        looked: Result<Looked, String>,
    },
    /// Another process wrote what is authored.
    Changed,
    Compared {
        generation: u64,
        compared: Result<Vec<Difference>, String>,
    },
    Users {
        generation: u64,
        users: Result<Vec<UserInstance>, String>,
    },
    Detail {
        generation: u64,
        detail: Result<Box<Detail>, String>,
    },
    Planned(Result<Planned, String>),
    Happened(PublishEvent),
    Published(Result<PublishReport, String>),
    /// A status was set, or could not be: in words.
    Done(Result<String, String>),
    /// What was written is kept, or why it is not.
    Saved(Written, Result<String, String>),
}

pub fn work(effect: Effect, zenith: Zenith) -> Job<Message> {
    match effect {
        Effect::Look { generation, desk } => Job::answer("look", async move {
            Message::Looked { generation, looked: deeds::look(&zenith, desk).await }
        }),
        Effect::Watch(path) => {
            Job::newest("watch", |sender| world::watch_file(path, move || sender.send(Message::Changed)))
        }
        Effect::Compare { generation, deep } => Job::answer("compare", async move {
            Message::Compared { generation, compared: deeds::compare(&zenith, deep).await }
        }),
        Effect::Users { generation } => {
            Job::answer(
                "users",
                async move { Message::Users { generation, users: deeds::users(&zenith).await } },
            )
        }
        Effect::Detail { generation, desk, id } => Job::answer("detail", async move {
            Message::Detail { generation, detail: deeds::detail(&zenith, desk, &id).await.map(Box::new) }
        }),
        Effect::Plan { desk, id } => {
            Job::answer("plan", async move { Message::Planned(deeds::plan(&zenith, desk, id).await) })
        }
        Effect::Publish { ids } => {
            published(move |sender, stop| async move { deeds::publish(&zenith, &ids, &sender, stop).await })
        }
        Effect::Rollback { id, sequence } => published(move |sender, stop| async move {
            deeds::rollback(&zenith, &id, sequence, &sender, stop).await
        }),
        Effect::StopPublishing => Job::stop(PUBLISH),
        // What is begun is not dropped: it is one transaction.
        Effect::SetStatus { desk, id, status } => {
            Job::lasting("deed", move |sender: Sender<Message>, _| async move {
                sender.send(Message::Done(deeds::set_status(&zenith, desk, &id, status).await));
            })
        }
        Effect::Save { desk, written } => {
            Job::lasting("deed", move |sender: Sender<Message>, _| async move {
                let saved = deeds::save(&zenith, desk, &written).await;
                sender.send(Message::Saved(written, saved));
            })
        }
    }
}

/// A run that is never dropped: stopped, it ends where the next one goes on.
fn published<F>(run: impl FnOnce(Sender<Message>, CancellationToken) -> F + Send + 'static) -> Job<Message>
where
    F: Future<Output = Result<PublishReport, String>> + Send + 'static,
{
    Job::lasting(PUBLISH, move |sender: Sender<Message>, stop| async move {
        let report = run(sender.clone(), stop).await;
        sender.send(Message::Published(report));
    })
    .waited_for("the publication comes to where the next one goes on…")
}
