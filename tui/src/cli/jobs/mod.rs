//! `zenith jobs`: scheduled jobs.

pub mod args;
mod print;
mod serve;

use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;
use serde::Serialize;
use zenith_core::jobs::execute::{PATH, resolve};
use zenith_core::jobs::{
    Action, Job, JobChange, JobError, NewJob, Place, Preview, RunStatus, Schedule, Store, Verb, zone,
};
use zenith_core::{JobsKept, Zenith};

use self::args::{Add, Edit, Jobs, JobsCommand, Next, Runs, Terms};
use super::interrupt::Interrupt;
use super::output::{self, clean_line};

/// A job as `--json` prints it, with when it is due.
#[derive(Serialize)]
struct JobLine<'a> {
    #[serde(flatten)]
    job: &'a Job,
    /// The next times, where somebody asked for one job.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'a Preview>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<RunStatus>,
    kept: String,
}

pub async fn run(
    zenith: &Zenith,
    folder: &Path,
    jobs: Jobs,
    interrupt: &Interrupt,
    json: bool,
) -> anyhow::Result<ExitCode> {
    if let Some(JobsCommand::Next(Next { what, zone: named })) = &jobs.command
        && what.trim_start().contains([' ', '\t', '@'])
    {
        return next_of_schedule(what, named.as_deref().unwrap_or("UTC"), json);
    }
    let (store, kept) = zenith.jobs().await?;
    let desk = Desk { store, kept, folder, json };
    match jobs.command.unwrap_or(JobsCommand::List) {
        JobsCommand::List => desk.list().await,
        JobsCommand::Add(add) => desk.add(&add).await,
        JobsCommand::Edit(edit) => desk.edit(&edit).await,
        JobsCommand::Pause(named) => {
            let job = desk.store.pause(&named.job, "you").await?;
            desk.tell(&job, "paused").await
        }
        JobsCommand::Resume(named) => {
            let job = desk.store.resume(&named.job).await?;
            desk.tell(&job, "resumed").await
        }
        JobsCommand::Remove(named) => {
            let job = desk.store.delete(&named.job).await?;
            desk.say(&job, &format!("removed {} and its history", clean_line(&job.given.name)))
        }
        JobsCommand::Stop(named) => {
            let stopped = desk.store.stop(&named.job).await?;
            let job = desk.store.get(&named.job).await?;
            desk.say(&job, &format!("told {} to stop", output::count(usize::try_from(stopped)?, "run")))
        }
        JobsCommand::Runs(runs) => desk.runs(&runs).await,
        JobsCommand::Next(next) => {
            let preview = desk.store.next(&next.what).await?;
            print::preview(&preview, json)?;
            Ok(ExitCode::SUCCESS)
        }
        JobsCommand::Run(named) => serve::run_now(zenith, &desk, &named.job, interrupt).await,
        JobsCommand::Serve => serve::serve(zenith, &desk, interrupt).await,
    }
}

/// What every subcommand works with.
struct Desk<'a> {
    store: Store,
    kept: JobsKept,
    /// Where the command was typed.
    folder: &'a Path,
    json: bool,
}

impl Desk<'_> {
    async fn list(&self) -> anyhow::Result<ExitCode> {
        let (jobs, recent) = (self.store.list().await?, self.store.recent(1).await?);
        let last = |job: &Job| recent.iter().find(|run| run.key.job_id == job.id).map(|run| run.status);
        if self.json {
            for job in &jobs {
                output::json(&JobLine { job, next: None, last: last(job), kept: self.kept.to_string() })?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        print::list(&jobs, last, self.store.now_ms())?;
        let watch = match jobs.iter().any(|job| job.given.action.place() == Place::Machine && job.enabled) {
            true => Some(self.store.watch(Place::Machine).await?),
            false => None,
        };
        output::line(match watch {
            Some(None) => format!("kept on {}; nothing runs them: `zenith jobs serve` does", self.kept),
            Some(Some(watch)) => format!("kept on {}; {} runs them", self.kept, clean_line(&watch.told)),
            None => format!("kept on {}", self.kept),
        })?;
        Ok(ExitCode::SUCCESS)
    }

    async fn add(&self, add: &Add) -> anyhow::Result<ExitCode> {
        let action = self.action(&add.words, &add.sql, &add.terms)?;
        let job = add.terms.applied(NewJob::new(&add.name, &add.schedule, action));
        let job = self.store.create(&job).await.map_err(|error| pointed(error, &add.schedule))?;
        self.tell(&job, "kept").await
    }

    async fn edit(&self, edit: &Edit) -> anyhow::Result<ExitCode> {
        let action = match edit.words.is_empty() && edit.sql.is_empty() {
            false => Some(self.action(&edit.words, &edit.sql, &edit.terms)?),
            true if edit.terms.concern_the_program() => {
                bail!("name the program again with its folder and its variables: `-- PROGRAM …`")
            }
            true => None,
        };
        let change = JobChange {
            name: edit.name.clone(),
            schedule: edit.schedule.clone(),
            action,
            ..edit.terms.change()
        };
        let typed = edit.schedule.as_deref().unwrap_or_default();
        let job = self.store.change(&edit.job, &change).await.map_err(|error| pointed(error, typed))?;
        self.tell(&job, "changed").await
    }

    /// What the words mean: a command of zenith, or a program that is there.
    fn action(&self, words: &[String], statements: &[String], terms: &Terms) -> anyhow::Result<Action> {
        if !statements.is_empty() {
            if self.kept == JobsKept::Here {
                bail!(
                    "statements are run by a service in your own database there; `zenith login SERVICE` first"
                );
            }
            return Ok(Action::Sql { statements: statements.to_vec() });
        }
        let folder = terms.folder.as_ref().map(|folder| self.folder.join(folder));
        if let Some(folder) = folder.as_ref().filter(|folder| !folder.is_dir()) {
            bail!("there is no folder {}", folder.display());
        }
        let written = |folder: &Path| folder.to_str().map(String::from);
        match words {
            [zenith, verb, arguments @ ..] if zenith == "zenith" => {
                let Some(verb) = Verb::named(verb) else {
                    bail!(
                        "a job runs zenith's index, sync, pull, push, export and doctor; {verb} is none of them"
                    )
                };
                let folder = written(folder.as_deref().unwrap_or(self.folder));
                Ok(Action::Zenith { verb, arguments: arguments.to_vec(), folder })
            }
            [zenith] if zenith == "zenith" => bail!("name the command: zenith index, say"),
            argv => {
                let path = terms.env.iter().find(|(name, _)| name == "PATH").map(|(_, path)| path.as_str());
                if let Some(program) = argv.first() {
                    resolve(program, path.unwrap_or(PATH)).map_err(anyhow::Error::msg)?;
                }
                let variables = terms.env.iter().cloned().collect();
                Ok(Action::Program {
                    argv: argv.to_vec(),
                    folder: folder.as_deref().and_then(written),
                    variables,
                })
            }
        }
    }

    async fn runs(&self, asked: &Runs) -> anyhow::Result<ExitCode> {
        let runs = self.store.runs(&asked.job, asked.limit).await?;
        if self.json {
            runs.iter().try_for_each(output::json)?;
        } else {
            print::runs(&runs, asked.output)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// What was done to a job, and when it is due.
    async fn tell(&self, job: &Job, done: &str) -> anyhow::Result<ExitCode> {
        let preview = self.store.next(&job.id).await?;
        if self.json {
            let line = JobLine { job, next: Some(&preview), last: None, kept: self.kept.to_string() };
            output::json(&line)?;
            return Ok(ExitCode::SUCCESS);
        }
        let (name, runs) = (clean_line(&job.given.name), print::resolved(&job.given.action));
        output::line(format!("{done} {name} on {}: runs {}", self.kept, clean_line(&runs)))?;
        if job.enabled {
            print::preview(&preview, false)?;
        } else {
            output::line("it is not due while it is paused")?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn say(&self, job: &Job, text: &str) -> anyhow::Result<ExitCode> {
        if self.json {
            output::json(&JobLine { job, next: None, last: None, kept: self.kept.to_string() })?;
        } else {
            output::line(text)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn next_of_schedule(text: &str, name: &str, json: bool) -> anyhow::Result<ExitCode> {
    let schedule: Schedule = text.parse().map_err(|error| pointed(JobError::from(error), text))?;
    let zone = zone(name).map_err(JobError::from)?;
    let now = chrono::Utc::now().timestamp_millis();
    print::preview(&schedule.preview_from_ms(now, &zone), json)?;
    Ok(ExitCode::SUCCESS)
}

/// An error of a schedule with the place in what was typed.
fn pointed(error: JobError, typed: &str) -> anyhow::Error {
    if let JobError::Invalid(invalid) = &error
        && invalid.field == "schedule"
        && let Some(at) = &invalid.at
        && typed.is_ascii()
        && at.end <= typed.len()
    {
        let (before, wide) = (" ".repeat(at.start), "^".repeat(at.len().max(1)));
        return anyhow::anyhow!("{}\n  {typed}\n  {before}{wide}", invalid.why);
    }
    error.into()
}
