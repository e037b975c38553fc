//! What it wants done beside the screen: jobs and runs that are read, and what is done to them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;
use zenith_core::jobs::execute::{PATH, Secrets, resolve};
use zenith_core::jobs::{
    Action, Invalid, Job as Scheduled, JobChange, JobError, NewJob, Place, Run, RunStatus, SchedulerEvent,
    Store, Watch, machine_zone,
};
use zenith_core::{JobsKept, Zenith};

use super::desk::Desk;
use crate::explorer::parts::job::{Job, Sender};
use crate::explorer::world;
use crate::scheduling::scheduler;

/// Runs that the list tells of in a row of signs.
pub const SPARKS: usize = 20;
/// What runs jobs here: one at a time.
const SERVE: &str = "serve";
/// Runs of one job that are read with what they wrote.
const RUNS_MAX: usize = 50;

#[derive(Debug)]
pub enum Effect {
    /// Reads every job, its last runs, and who runs them.
    Look {
        generation: u64,
        desk: Desk,
    },
    /// Reads the runs of one job, with what they wrote.
    Runs {
        generation: u64,
        desk: Desk,
        job: String,
    },
    Do {
        desk: Desk,
        deed: Deed,
        job: String,
        name: String,
    },
    /// Keeps a new job, or changes the one of this id.
    Keep {
        desk: Desk,
        id: Option<String>,
        job: Box<NewJob>,
    },
    /// Runs what is due, until it is told to leave off.
    Serve {
        desk: Desk,
    },
    LeaveOff,
    /// Tells each time that another process wrote the jobs of this machine.
    Watch(PathBuf),
    /// Tells when so much time is over.
    Wake(Duration),
}

/// What is done to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Pause,
    Resume,
    Run,
    Stop,
    Delete,
}

/// What was read of all jobs.
#[derive(Clone, Debug)]
pub struct Looked {
    pub desk: Desk,
    /// Whose database they lie in, in words.
    pub kept: String,
    /// Whether that is a file of this machine.
    pub is_here: bool,
    /// The zone of this machine's clock.
    pub zone: String,
    pub jobs: Vec<Scheduled>,
    /// The last runs of each job by its id, newest first, without what they wrote.
    pub recent: HashMap<String, Vec<Run>>,
    /// Who runs what is for the user's machines, and what is for the service.
    pub machine: Option<Watch>,
    pub service: Option<Watch>,
}

/// What a deed came to.
#[derive(Clone, Debug)]
pub enum Done {
    Paused,
    Resumed,
    /// A run was asked for: what became of it, and who would run it.
    Asked {
        status: RunStatus,
        why: Option<String>,
        place: Place,
        by: Option<Watch>,
    },
    /// So many runs were stopped.
    Stopped(u64),
    Deleted,
}

#[derive(Debug)]
pub enum Message {
    Looked {
        generation: u64,
        looked: Result<Box<Looked>, String>,
    },
    Runs {
        generation: u64,
        job: String,
        runs: Result<Vec<Run>, String>,
    },
    Did {
        name: String,
        done: Result<Done, String>,
    },
    Kept(Result<Box<Scheduled>, JobError>),
    /// What runs jobs in this explorer tells.
    Serving(SchedulerEvent),
    /// It has left off, or could not begin.
    Served(Result<(), String>),
    /// Another process wrote them.
    Written,
    Woke,
}

pub fn work(effect: Effect, zenith: Zenith) -> Job<Message> {
    match effect {
        Effect::Look { generation, desk } => Job::answer("jobs", async move {
            Message::Looked { generation, looked: look(&zenith, desk).await.map(Box::new) }
        }),
        Effect::Runs { generation, desk, job } => Job::answer("runs", async move {
            let runs = runs(&zenith, desk, &job).await;
            Message::Runs { generation, job, runs }
        }),
        // What is begun is not dropped: it is one transaction.
        Effect::Do { desk, deed, job, name } => {
            Job::lasting("deed", move |sender: Sender<Message>, _| async move {
                let done = match desk.opened(&zenith).await {
                    Ok((store, _)) => perform(&store, deed, &job).await.map_err(|error| error.to_string()),
                    Err(why) => Err(why),
                };
                let is_the_services = matches!(done, Ok(Done::Asked { place: Place::Service, .. }));
                sender.send(Message::Did { name, done });
                if is_the_services {
                    tell(&zenith).await;
                }
            })
        }
        Effect::Keep { desk, id, job } => {
            Job::lasting("keep", move |sender: Sender<Message>, _| async move {
                let is_the_services = job.action.place() == Place::Service;
                sender.send(match desk.opened(&zenith).await {
                    Ok((store, _)) => Message::Kept(keep(&store, id, *job).await.map(Box::new)),
                    Err(why) => Message::Did { name: job.name.clone(), done: Err(why) },
                });
                if is_the_services {
                    tell(&zenith).await;
                }
            })
        }
        Effect::Serve { desk } => Job::lasting(SERVE, move |sender: Sender<Message>, stop| async move {
            let served = serve(&zenith, desk, &sender, stop).await;
            sender.send(Message::Served(served));
        })
        .waited_for("what runs of your jobs is told to end…"),
        Effect::LeaveOff => Job::stop(SERVE),
        Effect::Watch(path) => {
            Job::newest("watch", |sender| world::watch_file(path, move || sender.send(Message::Written)))
        }
        Effect::Wake(after) => Job::answer("wake", async move {
            tokio::time::sleep(after).await;
            Message::Woke
        }),
    }
}

/// Tells the service of what it runs that was changed.
async fn tell(zenith: &Zenith) {
    // Else it looks at the next sign-in.
    let _ = zenith.tell_service().await;
}

/// As `zenith jobs serve` does.
async fn serve(
    zenith: &Zenith,
    desk: Desk,
    sender: &Sender<Message>,
    stop: CancellationToken,
) -> Result<(), String> {
    let (store, kept) = desk.opened(zenith).await?;
    let (events, mut told) = unbounded_channel();
    let scheduler = scheduler(zenith, store, &kept, events, &Secrets::default()).await?;
    let forward = async {
        while let Some(event) = told.recv().await {
            sender.send(Message::Serving(event));
        }
    };
    tokio::join!(scheduler.serve(&stop), forward);
    Ok(())
}

async fn look(zenith: &Zenith, desk: Desk) -> Result<Looked, String> {
    let (store, kept) = desk.opened(zenith).await?;
    let told = |error: JobError| error.to_string();
    let jobs = store.list().await.map_err(told)?;
    let mut recent: HashMap<String, Vec<Run>> = HashMap::new();
    for run in store.recent(SPARKS).await.map_err(told)? {
        recent.entry(run.key.job_id.clone()).or_default().push(run);
    }
    Ok(Looked {
        jobs,
        recent,
        machine: store.watch(Place::Machine).await.map_err(told)?,
        service: store.watch(Place::Service).await.map_err(told)?,
        kept: kept.to_string(),
        is_here: kept == JobsKept::Here,
        zone: machine_zone(),
        desk: Desk::of(store, kept),
    })
}

async fn runs(zenith: &Zenith, desk: Desk, job: &str) -> Result<Vec<Run>, String> {
    let (store, _) = desk.opened(zenith).await?;
    store.runs(job, RUNS_MAX).await.map_err(|error| error.to_string())
}

async fn perform(store: &Store, deed: Deed, job: &str) -> Result<Done, JobError> {
    Ok(match deed {
        Deed::Pause => store.pause(job, "you").await.map(|_| Done::Paused)?,
        Deed::Resume => store.resume(job).await.map(|_| Done::Resumed)?,
        Deed::Stop => Done::Stopped(store.stop(job).await?),
        Deed::Delete => store.delete(job).await.map(|_| Done::Deleted)?,
        Deed::Run => {
            let place = store.get(job).await?.given.action.place();
            let run = store.run_now(job).await?;
            Done::Asked { status: run.status, why: run.why, place, by: store.watch(place).await? }
        }
    })
}

async fn keep(store: &Store, id: Option<String>, job: NewJob) -> Result<Scheduled, JobError> {
    if let Action::Program { argv, variables, .. } = &job.action
        && let Some(program) = argv.first()
    {
        // What is not there is told now, not in the night.
        let path = variables.get("PATH").map_or(PATH, String::as_str);
        let wrong = |why| Invalid { field: "action", at: None, why, instead: None };
        resolve(program, path).map_err(|why| JobError::Invalid(Box::new(wrong(why))))?;
    }
    if let Action::Program { folder: Some(folder), .. } | Action::Zenith { folder: Some(folder), .. } =
        &job.action
        && !Path::new(folder).is_dir()
    {
        let why = format!("there is no folder {folder}");
        return Err(JobError::Invalid(Box::new(Invalid { field: "folder", at: None, why, instead: None })));
    }
    let Some(id) = id else { return store.create(&job).await };
    let change = JobChange {
        name: Some(job.name),
        schedule: Some(job.schedule),
        timezone: Some(job.timezone),
        action: Some(job.action),
        retries: Some(job.retries),
        ..JobChange::default()
    };
    store.change(&id, &change).await
}
