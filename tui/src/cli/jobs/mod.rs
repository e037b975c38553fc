//! `zenith jobs`: scheduled jobs.

pub mod args;
mod now;
mod print;
mod serve;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{anyhow, bail};
use clap::Parser;
use serde::Serialize;
use zenith_core::jobs::execute::{PATH, resolve};
use zenith_core::jobs::{
    Action, Job, JobChange, JobError, NewJob, Place, Preview, RunStatus, Schedule, Store, Verb, zone,
};
use zenith_core::{JobsKept, Zenith};

use self::args::{Add, Edit, Jobs, JobsCommand, Next, Runs, Terms};
use super::args::Arguments;
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
    let desk = Desk { zenith, store, kept, folder, json };
    let command = jobs.command.unwrap_or(JobsCommand::List);
    let asked = command.job().map(String::from);
    let done = perform(&desk, command, interrupt).await;
    done.map_err(|error| {
        let is_none = matches!(error.downcast_ref::<JobError>(), Some(JobError::NotFound));
        match asked.filter(|_| is_none) {
            Some(asked) => {
                anyhow!("there is no job {}; `zenith jobs` lists those that there are", quoted(&asked))
            }
            None => error,
        }
    })
}

async fn perform(desk: &Desk<'_>, command: JobsCommand, interrupt: &Interrupt) -> anyhow::Result<ExitCode> {
    match command {
        JobsCommand::List => desk.list().await,
        JobsCommand::Add(add) => desk.add(&add).await,
        JobsCommand::Edit(edit) => desk.edit(&edit).await,
        JobsCommand::Pause(named) => {
            let job = desk.store.pause(&named.job, "you").await?;
            desk.tell(&job, "paused").await
        }
        JobsCommand::Resume(named) => {
            let before = desk.store.get(&named.job).await?;
            if before.enabled {
                return desk.say(&before, &format!("{} is not paused", clean_line(&before.given.name)));
            }
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
            print::preview(&preview, desk.json)?;
            Ok(ExitCode::SUCCESS)
        }
        JobsCommand::Run(run) => now::run(desk, &run, interrupt).await,
        JobsCommand::Serve => serve::serve(desk, interrupt).await,
    }
}

/// What every subcommand works with.
struct Desk<'a> {
    zenith: &'a Zenith,
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
        // Beside those of the machine, where the service runs some.
        let (them, also) =
            match jobs.iter().any(|job| job.given.action.place() == Place::Service && job.enabled) {
                true => ("the programs", ", the service the statements"),
                false => ("them", ""),
            };
        output::line(match watch {
            Some(None) => {
                format!("kept on {}; nothing runs {them}: `zenith jobs serve` does{also}", self.kept)
            }
            Some(Some(watch)) => {
                format!("kept on {}; {} runs {them}{also}", self.kept, clean_line(&watch.told))
            }
            None if !also.is_empty() => format!("kept on {}; the service runs them", self.kept),
            None => format!("kept on {}", self.kept),
        })?;
        Ok(ExitCode::SUCCESS)
    }

    /// Tells the service of what it runs that was changed, and the user where it could not be told: it asks nobody else of
    /// whom nothing is known to be due.
    async fn tell_service(&self, action: &Action) -> anyhow::Result<bool> {
        if action.place() != Place::Service {
            return Ok(true);
        }
        let is_told = self.zenith.tell_service().await?;
        if !is_told {
            output::note(
                "the service could not be told of it; it looks at your jobs at your next sign-in (`zenith login`)",
            );
        }
        Ok(is_told)
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
        if change == JobChange::default() {
            bail!("nothing is named that changes; `zenith jobs edit --help` has examples");
        }
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
                understood(verb, arguments)?;
                let folder = written(folder.as_deref().unwrap_or(self.folder));
                Ok(Action::Zenith { verb, arguments: arguments.to_vec(), folder })
            }
            [zenith] if zenith == "zenith" => bail!("name the command: zenith index, say"),
            argv => {
                let path = terms.env.iter().find(|(name, _)| name == "PATH").map(|(_, path)| path.as_str());
                let mut argv = argv.to_vec();
                if let Some(program) = argv.first_mut() {
                    *program = placed(program, path)?;
                }
                let variables = terms.env.iter().cloned().collect();
                Ok(Action::Program { argv, folder: folder.as_deref().and_then(written), variables })
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
        self.tell_service(&job.given.action).await?;
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

/// A program as a job keeps it: by the name that it was given where a job finds it so, else by the place that this user's
/// own `PATH` has it at, which a job does not see.
fn placed(program: &str, path: Option<&str>) -> anyhow::Result<String> {
    let why = match (resolve(program, path.unwrap_or(PATH)), path) {
        (Ok(_), _) => return Ok(program.to_string()),
        (Err(why), Some(_)) => bail!(why),
        (Err(why), None) => why,
    };
    let own = std::env::var("PATH").unwrap_or_default();
    let found = resolve(program, &own).ok().and_then(|found| found.to_str().map(String::from));
    let Some(found) = found else { bail!(why) };
    output::note(&format!(
        "{program} is kept as {found}, where your own PATH has it: a job's is {PATH}, unless --env PATH=… says otherwise"
    ));
    Ok(found)
}

/// Whether zenith itself takes these words: what is kept runs when nobody looks.
fn understood(verb: Verb, arguments: &[String]) -> anyhow::Result<()> {
    let words = ["zenith", verb.as_str()].into_iter().chain(arguments.iter().map(String::as_str));
    let Err(error) = Arguments::try_parse_from(words) else { return Ok(()) };
    let told = error.to_string();
    let why = told.lines().next().unwrap_or_default().trim_start_matches("error: ");
    bail!("zenith {} does not take these words: {why}", verb.as_str())
}

/// What was typed, as it can be told from the words around it.
fn quoted(text: &str) -> String {
    let text = clean_line(text);
    if text.is_empty() || text.contains(' ') { format!("`{text}`") } else { text }
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
