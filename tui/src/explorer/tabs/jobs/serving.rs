//! Running what is due in this explorer, where its user switched that on.

use std::time::Instant;

use zenith_core::jobs::SchedulerEvent;

use super::{Effect, Jobs, keys, told};
use crate::explorer::parts::out::Out;
use crate::explorer::tabs::{Seen, Task};
use crate::text::{clean_line, counted};

/// What runs jobs in this explorer.
#[derive(Debug, Default)]
pub struct Serving {
    /// Whether it is this one that schedules; another may, and this one waits for its turn.
    pub is_mine: bool,
    pub is_stopping: bool,
    /// How many runs there are, and since when.
    runs: usize,
    since: Option<Instant>,
}

impl Jobs {
    /// Switches it on, or off.
    pub fn switch_serving(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if self.serving.is_some() {
            self.leave_off(out);
        } else if !seen.world.is_open() {
            out.wrong("the data folder is not open yet; try again in a moment");
        } else {
            self.serving = Some(Serving::default());
            out.work(Effect::Serve { desk: self.desk.clone() });
        }
    }

    /// Through its token: what runs is told to end, and the next one may schedule at once.
    pub fn leave_off(&mut self, out: &mut Out<Effect>) {
        if let Some(serving) = self.serving.as_mut().filter(|serving| !serving.is_stopping) {
            serving.is_stopping = true;
            out.work(Effect::LeaveOff);
        }
    }

    pub fn take_serving(&mut self, event: SchedulerEvent, seen: &Seen<'_>, out: &mut Out<Effect>) {
        self.looks += usize::from(seen.is_shown);
        let Some(serving) = &mut self.serving else { return };
        match event {
            SchedulerEvent::Scheduling => {
                serving.is_mine = true;
                out.done("jobs run in this explorer, as long as it is open");
            }
            SchedulerEvent::StandingBy { told } => {
                serving.is_mine = false;
                out.done(format!("{} runs the jobs; this explorer waits for its turn", clean_line(&told)));
            }
            SchedulerEvent::Started { .. } => {
                serving.runs += 1;
                serving.since = serving.since.or(Some(seen.now));
            }
            SchedulerEvent::Ended { name, status, why, .. } => {
                serving.ended();
                let (name, word) = (clean_line(&name), told::outcome(status));
                match (told::is_bad(status), why) {
                    (true, Some(why)) => out.wrong(&format!("{name} {word}: {why}")),
                    (true, None) => out.wrong(&format!("{name} {word}")),
                    (false, _) => out.done(format!("{name} {word}")),
                }
            }
            SchedulerEvent::TooLate { name, .. } => {
                serving.ended();
                out.wrong(&format!("{name}: its lease had ended, and what it came to was thrown away"));
            }
            SchedulerEvent::Lost { .. } => out.wrong("a run is lost: what ran it is gone"),
            SchedulerEvent::Away { error } => out.wrong(&error.to_string()),
        }
    }

    pub fn take_served(&mut self, served: Result<(), String>, out: &mut Out<Effect>) {
        self.serving = None;
        self.looks += 1;
        match served {
            Ok(()) => out.done("this explorer runs no jobs any more"),
            Err(why) => out.wrong(&format!("this explorer cannot run jobs: {why}")),
        }
    }
}

impl Serving {
    fn ended(&mut self) {
        self.runs = self.runs.saturating_sub(1);
        self.since = self.since.filter(|_| self.runs > 0);
    }

    /// What runs, as the rest of the screen tells it.
    pub fn task(&self) -> Option<Task> {
        Some(Task {
            name: "Jobs",
            done: None,
            at: Some((counted(self.runs, "run"), self.since?)),
            doing: String::new(),
            stopping: self.is_stopping.then_some("they are told to end"),
            holds: None,
            stop: Some(keys::SERVE),
        })
    }
}
