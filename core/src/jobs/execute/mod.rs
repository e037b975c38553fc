//! Runs what jobs are: programs and commands of zenith on a machine of the user's own, statements on a service's.
//!
//! # Decisions
//!
//! - **Words, never a shell's line.** Nothing is expanded and `%` means nothing; who wants a shell names it.
//! - **A thread for each run, which lives as long as the program.** The kernel ends a program with the thread that
//!   started it, so it must not be one of a pool's.
//! - **The end of the program ends the run, not the end of its output.** A child of it may hold the pipe open for ever.
//!   The group is killed while its leader is not reaped, so that the number cannot be another's.
//! - **What leaves the group is found by a mark in its environment**, which is the run's: whoever schedules after one that
//!   was killed finds it as well. This process adopts it. What also clears its environment goes its own way: the bounds
//!   are against accidents, not against the user's own programs.

mod output;
mod process;
mod program;
mod statements;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;

use super::executor::{Executor, MachineWork, Task};
use super::run::{Outcome, RunKey, RunStatus};
pub use program::{PATH, resolve};
pub use statements::Statements;

/// Programs at one time.
const PROGRAMS_MAX: usize = 32;

/// Runs programs and zenith's own commands as the user of this machine.
pub struct Machine {
    /// Where programs run that name no folder: one for each job.
    pub folder: PathBuf,
    pub home: PathBuf,
    pub language: Option<String>,
    /// This very program, for its commands, and the data folder that they are for.
    pub zenith: PathBuf,
    pub data: PathBuf,
    pub secrets: Secrets,
}

/// What must not be in any output: tokens that this machine knows. A sign-in brings others.
pub type Secrets = Arc<RwLock<Vec<String>>>;

impl Machine {
    fn command(&self, task: &Task<MachineWork>) -> Result<process::Command, String> {
        let own = |folder: &Option<String>| match folder {
            Some(folder) => Ok(PathBuf::from(folder)),
            None => self.folder_of(&task.key.job_id),
        };
        match &task.work {
            MachineWork::Program { argv, folder, variables } => {
                let path = variables.iter().find(|(name, _)| name == "PATH").map(|(_, path)| path.as_str());
                let (name, arguments) = argv.split_first().ok_or("no program is named")?;
                let program = resolve(name, path.unwrap_or(PATH))?;
                let mut environment = vec![
                    ("PATH".to_string(), PATH.to_string()),
                    ("HOME".to_string(), self.home.display().to_string()),
                    ("TZ".to_string(), task.timezone.clone()),
                ];
                environment.extend(self.language.clone().map(|language| ("LANG".to_string(), language)));
                environment.extend(variables.iter().cloned());
                Ok(process::Command {
                    program,
                    arguments: arguments.to_vec(),
                    folder: own(folder)?,
                    environment: Some(environment),
                })
            }
            // Its own commands know this program's settings as it does.
            MachineWork::Zenith { verb, arguments, folder } => Ok(process::Command {
                program: self.zenith.clone(),
                arguments: ["--data".to_string(), self.data.display().to_string(), verb.as_str().to_string()]
                    .into_iter()
                    .chain(arguments.iter().cloned())
                    .collect(),
                folder: own(folder)?,
                environment: None,
            }),
        }
    }

    fn folder_of(&self, job: &str) -> Result<PathBuf, String> {
        // An id is of our own making, but a row may have been written by something else.
        let is_ours = !job.is_empty() && job.bytes().all(|byte| byte.is_ascii_hexdigit());
        let folder = self.folder.join(if is_ours { job } else { "other" });
        make_private(&folder).map_err(|error| format!("its folder cannot be made: {error}"))?;
        Ok(folder)
    }
}

fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[async_trait]
impl Executor for Machine {
    type Work = MachineWork;

    async fn run(&self, task: Task<MachineWork>) -> Outcome {
        let command = match self.command(&task) {
            Ok(command) => command,
            Err(why) => return Outcome::new(RunStatus::Failed, why),
        };
        let (sender, done) = tokio::sync::oneshot::channel();
        let (mark, timeout) = (process::mark_of(&task.key), task.timeout);
        let (stop, end) = (task.stop, task.end);
        let thread = std::thread::Builder::new().name("job".to_string());
        let started = thread.spawn(move || {
            // Nobody may wait any more.
            let _ = sender.send(process::run(&command, &mark, timeout, &stop, &end));
        });
        match started {
            Ok(_) => done.await.unwrap_or_else(|_| Outcome::new(RunStatus::Failed, "its thread stopped")),
            Err(error) => Outcome::new(RunStatus::Failed, format!("no thread can be started: {error}")),
        }
    }

    async fn end_left(&self, keys: &[RunKey]) {
        let marks: Vec<String> = keys.iter().map(process::mark_of).collect();
        // It looks through all processes of this machine.
        let looked =
            tokio::task::spawn_blocking(move || marks.iter().for_each(|mark| process::end_left(mark)));
        // One that panicked has ended nothing more.
        let _ = looked.await;
    }

    /// As cron does, all that is due begins; beyond this a machine would only be busy with beginning.
    fn at_once(&self) -> usize {
        PROGRAMS_MAX
    }

    fn secrets(&self) -> Vec<String> {
        self.secrets.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
