//! What its work tells.

use zenith_core::jobs::{Job, JobError, Place, RunStatus};

use super::work::{Done, Looked};
use super::{Effect, Jobs, Message, keys};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::out::Out;
use crate::explorer::tabs::Seen;
use crate::text::{clean_line, counted};

impl Jobs {
    pub fn take_message(&mut self, message: Message, seen: &Seen<'_>, out: &mut Out<Effect>) -> bool {
        match message {
            Message::Looked { generation, looked } => return self.take_look(generation, looked, seen),
            Message::Runs { generation, job, runs } => {
                let runs = runs.map_err(|why| clean_line(&why));
                let opened = self.opened.as_mut().filter(|opened| opened.job == job);
                return opened.is_some_and(|opened| opened.arrive(generation, runs));
            }
            Message::Did { name, done } => self.take_done(&name, done, seen, out),
            Message::Kept(kept) => self.take_kept(kept, out),
            Message::Serving(event) => self.take_serving(event, seen, out),
            Message::Served(served) => self.take_served(served, out),
            Message::Written => self.looks += usize::from(seen.is_shown),
            Message::Woke => return self.take_waking(seen),
        }
        true
    }

    fn take_look(&mut self, generation: u64, looked: Result<Box<Looked>, String>, seen: &Seen<'_>) -> bool {
        let (outcome, looked) = match looked {
            Ok(looked) => (Ok(()), Some(looked)),
            Err(why) => (Err(clean_line(&why)), None),
        };
        if !self.look.arrive(generation, outcome) {
            return false;
        }
        self.answered_ms = seen.wall_ms;
        // What was read before stays where it cannot be read now; it is opened anew the next time.
        self.desk = looked.as_ref().map(|looked| looked.desk.clone()).unwrap_or_default();
        if let Some(looked) = looked {
            let stood = self.rows.get(self.cursor.selected).and_then(|at| self.jobs().get(*at));
            let stood = stood.map(|job| job.id.clone());
            let selected = self.select_next.take().or(stood);
            self.looked = Some(looked);
            self.refresh(selected.as_deref());
        }
        true
    }

    fn take_done(&mut self, name: &str, done: Result<Done, String>, seen: &Seen<'_>, out: &mut Out<Effect>) {
        self.looks += 1;
        if let Some(form) = &mut self.form {
            form.is_keeping = false;
        }
        match done {
            Err(why) => out.wrong(&format!("{name}: {why}")),
            Ok(Done::Paused) => out.done(format!("{name} is paused: it is not due until you resume it")),
            Ok(Done::Resumed) => out.done(format!("{name} is due again, from now on")),
            Ok(Done::Stopped(0)) => out.done(format!("nothing of {name} runs or waits")),
            Ok(Done::Stopped(runs)) => out.done(format!("{} of {name} told to stop", counted(runs, "run"))),
            Ok(Done::Deleted) => {
                self.opened = None;
                out.done(format!("{name} is deleted"));
            }
            Ok(Done::Asked { status, why, .. }) if status != RunStatus::Queued => {
                out.wrong(&format!("{name} does not run now: {}", why.unwrap_or_default()));
            }
            Ok(Done::Asked { place, by, .. }) => match (by, place) {
                (Some(by), _) => out.done(format!("{name} was asked for; {} runs it", clean_line(&by.told))),
                (None, Place::Machine) => {
                    let key = seen.key::<Jobs>(keys::SERVE, Pane::List);
                    out.wrong(&format!(
                        "{name} waits, and nothing runs it: `zenith jobs serve` does, or {key} here"
                    ));
                }
                (None, Place::Service) => out.wrong(&format!(
                    "{name} waits, and nothing runs it: the service does, once it schedules your jobs"
                )),
            },
        }
    }

    fn take_kept(&mut self, kept: Result<Box<Job>, JobError>, out: &mut Out<Effect>) {
        if let Some(form) = &mut self.form {
            form.is_keeping = false;
        }
        match kept {
            Ok(job) => {
                self.form = None;
                self.looks += 1;
                // It is selected once it is read.
                self.clear_filter();
                self.select_next = Some(job.id.clone());
                out.done(format!("{} is kept", clean_line(&job.given.name)));
            }
            Err(error) => {
                let is_told = self.form.as_mut().is_some_and(|form| form.take_error(&error));
                match self.form.as_mut().filter(|_| is_told) {
                    Some(form) => form.go_to_wrong(),
                    None => out.wrong(&error.to_string()),
                }
            }
        }
    }
}
