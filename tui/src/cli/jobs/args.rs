//! What `zenith jobs` takes.

use clap::{Args, Subcommand, ValueEnum};
use zenith_core::jobs::{JobChange, Missed, NewJob, OnLost, Overlap};

pub const EXAMPLES: &str = "Examples:
  zenith jobs                                                  what there is, and when it is due
  zenith jobs add fresh '*/30 * * * *' -- zenith index         this project, every half hour
  zenith jobs add backup '30 2 * * *' --zone Europe/Berlin -- rsync -a /home/me/notes /mnt/backup
  zenith jobs next '30 2 * * *' --zone Europe/Berlin           when that would be, before anything is kept
  zenith jobs run fresh                                        now, and waits for its end
  zenith jobs runs backup --output                             what became of it, and what it wrote
  zenith jobs serve                                            runs what is due, until Ctrl-C

Programs run only while `zenith jobs serve` does, on this machine or another of yours; statements are the service's
to run. A program is given its words as they stand: no shell, no expansion, `%` means nothing; who wants a shell writes
-- sh -c '…'. Jobs lie in your own database where you are signed in with one, and on this machine where not; every
answer says which.";

#[derive(Args)]
pub struct Jobs {
    #[command(subcommand)]
    pub command: Option<JobsCommand>,
}

#[derive(Subcommand)]
pub enum JobsCommand {
    /// List the jobs, when each is due next, and how its last run ended
    List,
    /// Keep a new job, and say when it is due
    #[command(after_help = ADDING)]
    Add(Add),
    /// Change a job; a new schedule counts from now on
    #[command(after_help = "Examples:
  zenith jobs edit backup --schedule '30 3 * * *'
  zenith jobs edit backup --timeout 600 --retries 2
  zenith jobs edit backup -- rsync -a /home/me/notes /mnt/other")]
    Edit(Edit),
    /// Keep a job from being due; what runs goes on
    Pause(Named),
    /// Make a paused job due again, from now on
    Resume(Named),
    /// Forget a job and its history
    Remove(Named),
    /// Run a job now, beside its schedule, and wait for its end
    Run(RunNow),
    /// Stop what runs and waits of a job
    Stop(Named),
    /// Show what became of a job's due times
    Runs(Runs),
    /// Show when a job, or a schedule, is due next, in its zone and in UTC
    #[command(after_help = "Examples:
  zenith jobs next backup
  zenith jobs next '0 9 * * MON-FRI' --zone America/New_York

Beside the next five times it names every one that a change of the clock moves in the coming year.")]
    Next(Next),
    /// Run what is due, until Ctrl-C
    Serve,
}

const ADDING: &str = "Examples:
  zenith jobs add fresh '*/30 * * * *' -- zenith index
  zenith jobs add backup '30 2 * * *' --zone Europe/Berlin --retries 2 -- rsync -a /home/me/notes /mnt/backup
  zenith jobs add report '0 9 * * MON-FRI' --overlap queue-one -- sh -c 'make report > report.txt'
  zenith jobs add tidy @weekly --sql \"DELETE FROM notes WHERE day < date('now', '-90 days')\"

A schedule has five fields: minute, hour, day of the month, month, weekday. Each takes *, lists (1,15), ranges (9-17),
steps (*/10), and names (MON, JAN); a day also L, LW, 15W, a weekday FRI#2 and FRIL. Or @hourly, @daily, @weekly,
@monthly, @yearly. Fixed times are the wall's: left out by a change of the clock, they run right after it; shown twice,
the first time alone. With * in minute or hour they follow the time that passes.";

#[derive(Args)]
pub struct Named {
    /// The job's name
    pub job: String,
}

#[derive(Args)]
pub struct RunNow {
    /// The job's name
    pub job: String,
    /// Where somebody else runs it, only ask for it
    #[arg(long)]
    pub no_wait: bool,
}

#[derive(Args)]
pub struct Add {
    /// What it is called
    pub name: String,
    /// Five fields in quotes, or an alias
    pub schedule: String,
    #[command(flatten)]
    pub terms: Terms,
    /// A statement that the service runs in your own database; may be repeated
    #[arg(long, value_name = "STATEMENT", conflicts_with = "words")]
    pub sql: Vec<String>,
    /// The program and its words, or `zenith index|sync|pull|push|export|doctor` with theirs
    #[arg(last = true, value_name = "PROGRAM", required_unless_present = "sql")]
    pub words: Vec<String>,
}

#[derive(Args)]
pub struct Edit {
    /// The job's name
    pub job: String,
    /// What it is called from now on
    #[arg(long)]
    pub name: Option<String>,
    /// When it is due from now on
    #[arg(long)]
    pub schedule: Option<String>,
    #[command(flatten)]
    pub terms: Terms,
    /// A statement that the service runs in your own database; may be repeated
    #[arg(long, value_name = "STATEMENT", conflicts_with = "words")]
    pub sql: Vec<String>,
    /// What it runs from now on
    #[arg(last = true, value_name = "PROGRAM")]
    pub words: Vec<String>,
}

#[derive(Args)]
pub struct Terms {
    /// The zone of its times, as Europe/Berlin; UTC unless named
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<String>,
    /// Where it runs; a program in a folder of its own, a command of zenith in this one
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<std::path::PathBuf>,
    /// A variable that it is given, NAME=VALUE; may be repeated. It has PATH, HOME, LANG and TZ, and none of yours
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub env: Vec<(String, String)>,
    /// What happens to a due time while the run before goes on [skip]
    #[arg(long, value_name = "POLICY")]
    pub overlap: Option<OverlapName>,
    /// What happens to times at which nothing was there to run them [latest]
    #[arg(long, value_name = "POLICY")]
    pub missed: Option<MissedName>,
    /// How late a missed time may still run, in seconds [86400]
    #[arg(long, value_name = "SECONDS")]
    pub catchup: Option<u32>,
    /// It runs so much later at most, always the same time, in seconds [0]
    #[arg(long, value_name = "SECONDS")]
    pub jitter: Option<u32>,
    /// How long it may run, in seconds [3600]; statements that a service runs, 240 at most
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u32>,
    /// How often it is tried again after it failed [0]
    #[arg(long, value_name = "TIMES")]
    pub retries: Option<u32>,
    /// What happens when this program dies while it runs: leave it, or retry and perhaps run it twice [leave]
    #[arg(long, value_name = "POLICY")]
    pub on_lost: Option<OnLostName>,
    /// Pause it after so many failures in a row; 0 for never [0]
    #[arg(long, value_name = "TIMES")]
    pub pause_after: Option<u32>,
}

#[derive(Args)]
pub struct Runs {
    /// The job's name
    pub job: String,
    /// At most this many
    #[arg(long, short = 'n', default_value_t = 20, value_parser = at_least_one)]
    pub limit: usize,
    /// With what each wrote
    #[arg(long)]
    pub output: bool,
}

#[derive(Args)]
pub struct Next {
    /// A job's name, or a schedule in quotes
    #[arg(value_name = "JOB|SCHEDULE")]
    pub what: String,
    /// The zone of a schedule's times
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum OverlapName {
    Skip,
    QueueOne,
    CancelPrevious,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum MissedName {
    Latest,
    Skip,
    All,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum OnLostName {
    Leave,
    Retry,
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((name.to_string(), value.to_string()))
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|count| *count > 0).ok_or_else(|| "write a number, 1 at least".to_string())
}

impl JobsCommand {
    /// The job that is named, where one is.
    pub fn job(&self) -> Option<&str> {
        match self {
            JobsCommand::Pause(named)
            | JobsCommand::Resume(named)
            | JobsCommand::Remove(named)
            | JobsCommand::Stop(named) => Some(&named.job),
            JobsCommand::Edit(edit) => Some(&edit.job),
            JobsCommand::Run(run) => Some(&run.job),
            JobsCommand::Runs(runs) => Some(&runs.job),
            JobsCommand::Next(next) => Some(&next.what),
            JobsCommand::List | JobsCommand::Add(_) | JobsCommand::Serve => None,
        }
    }
}

impl Terms {
    /// What of them is given, but for what belongs to the action.
    pub fn change(&self) -> JobChange {
        JobChange {
            timezone: self.zone.clone(),
            overlap: self.overlap.map(|name| match name {
                OverlapName::Skip => Overlap::Skip,
                OverlapName::QueueOne => Overlap::QueueOne,
                OverlapName::CancelPrevious => Overlap::CancelPrevious,
            }),
            missed: self.missed.map(|name| match name {
                MissedName::Latest => Missed::Latest,
                MissedName::Skip => Missed::Skip,
                MissedName::All => Missed::All,
            }),
            on_lost: self.on_lost.map(|name| match name {
                OnLostName::Leave => OnLost::Leave,
                OnLostName::Retry => OnLost::Retry,
            }),
            catchup_s: self.catchup,
            jitter_s: self.jitter,
            timeout_s: self.timeout,
            retries: self.retries,
            pause_after: self.pause_after,
            ..JobChange::default()
        }
    }

    /// Whether they say where and with what a program runs.
    pub fn concern_the_program(&self) -> bool {
        self.folder.is_some() || !self.env.is_empty()
    }

    pub fn applied(&self, job: NewJob) -> NewJob {
        self.change().applied(&job)
    }
}
