//! A job in lines, as it is made or changed: what its schedule comes to while one types, and what is wrong with a line
//! below that line.

use std::ops::Range;
use std::path::Path;

use ratatui::layout::{Position, Rect};
use tui_input::Input;
use zenith_core::jobs::{Invalid, Job, JobError, NewJob, Preview};

use super::command::{Around, action_of, lines_around};
use crate::explorer::parts::areas::take_top;

/// The heading and a blank stand before the lines.
const ROWS_BEFORE: u16 = 2;
/// The place of what is wrong, and why it is.
const ROWS_WRONG: u16 = 2;

/// The line that has the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Field {
    #[default]
    Name,
    Schedule,
    Zone,
    Command,
    Folder,
    Variables,
    Retries,
}

/// What cannot stay as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub field: Field,
    /// Where in the line, in bytes.
    pub at: Option<Range<usize>>,
    pub why: String,
    /// The line that this is about: another one may be right.
    of: String,
}

#[derive(Debug, Default)]
pub struct Form {
    /// The job that is changed, and as it was; none where it is new.
    pub before: Option<Box<Job>>,
    name: Input,
    schedule: Input,
    zone: Input,
    command: Input,
    folder: Input,
    variables: Input,
    retries: Input,
    pub field: Field,
    wrong: Option<Wrong>,
    /// What the schedule comes to, where it is one.
    pub preview: Option<Preview>,
    /// It is being kept: its answer is still to come.
    pub is_keeping: bool,
}

impl Field {
    pub const ALL: [Field; 7] = [
        Field::Name,
        Field::Schedule,
        Field::Zone,
        Field::Command,
        Field::Folder,
        Field::Variables,
        Field::Retries,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Field::Name => "Name",
            Field::Schedule => "Schedule",
            Field::Zone => "Zone",
            Field::Command => "Command",
            Field::Folder => "Folder",
            Field::Variables => "Variables",
            Field::Retries => "Retries",
        }
    }

    /// What stands in an empty line.
    pub fn hint(self) -> &'static str {
        match self {
            Field::Name => "what it is called",
            Field::Schedule => "*/30 * * * * (minute hour day month weekday), or @daily",
            Field::Zone => "Europe/Berlin, or UTC",
            Field::Command => "zenith index, or a program and its arguments; no shell reads them",
            Field::Folder => "where it runs: one of its own, and a command of zenith in this one",
            Field::Variables => "NAME=VALUE, beside PATH, HOME, LANG and TZ",
            Field::Retries => "how often it is tried again after it failed: 0",
        }
    }

    /// The line beside it, down or up; the same where there is none.
    fn beside(self, lines: isize) -> Field {
        let at = Field::ALL.iter().position(|field| *field == self).unwrap_or(0);
        Field::ALL.get(at.saturating_add_signed(lines)).copied().unwrap_or(self)
    }

    /// The line that a field of a job stands in.
    fn of(name: &str) -> Field {
        match name {
            "name" => Field::Name,
            "schedule" => Field::Schedule,
            "timezone" => Field::Zone,
            "folder" => Field::Folder,
            "variables" => Field::Variables,
            "retries" => Field::Retries,
            _ => Field::Command,
        }
    }
}

impl Form {
    /// For a new job, by the clock of a zone.
    pub fn new(zone: &str) -> Form {
        Form { zone: Input::new(zone.to_string()), ..Form::default() }
    }

    /// For a change of a job.
    pub fn of(job: &Job, now_ms: i64) -> Form {
        let line = |text: &str| Input::new(text.to_string());
        let (folder, variables) = lines_around(&job.given.action);
        let mut form = Form {
            name: line(&job.given.name),
            schedule: line(&job.given.schedule),
            zone: line(&job.given.timezone),
            command: line(&job.given.action.line()),
            folder: line(&folder),
            variables: line(&variables),
            retries: line(&job.given.retries.to_string()),
            field: Field::Schedule,
            before: Some(Box::new(job.clone())),
            ..Form::default()
        };
        form.check(now_ms);
        form
    }

    pub fn line(&self, field: Field) -> &Input {
        match field {
            Field::Name => &self.name,
            Field::Schedule => &self.schedule,
            Field::Zone => &self.zone,
            Field::Command => &self.command,
            Field::Folder => &self.folder,
            Field::Variables => &self.variables,
            Field::Retries => &self.retries,
        }
    }

    /// The line that one types.
    pub fn line_mut(&mut self) -> &mut Input {
        match self.field {
            Field::Name => &mut self.name,
            Field::Schedule => &mut self.schedule,
            Field::Zone => &mut self.zone,
            Field::Command => &mut self.command,
            Field::Folder => &mut self.folder,
            Field::Variables => &mut self.variables,
            Field::Retries => &mut self.retries,
        }
    }

    pub fn step(&mut self, lines: isize) {
        self.field = self.field.beside(lines);
    }

    /// On to the next line; `false` at the last.
    pub fn go_on(&mut self) -> bool {
        let before = self.field;
        self.step(1);
        self.field != before
    }

    /// What is wrong, as long as its line stands as it was.
    pub fn wrong(&self) -> Option<&Wrong> {
        self.wrong.as_ref().filter(|wrong| self.line(wrong.field).value() == wrong.of)
    }

    fn is_wrong(&mut self, field: Field, at: Option<Range<usize>>, why: String) {
        let of = self.line(field).value().to_string();
        self.wrong = Some(Wrong { field, at, why, of });
    }

    /// What the schedule comes to in its zone from now on, or what is wrong with it. An empty line is not wrong yet.
    pub fn check(&mut self, now_ms: i64) {
        self.preview = None;
        if self.schedule.value().trim().is_empty() {
            return;
        }
        match Preview::of(self.schedule.value(), self.zone.value().trim(), now_ms) {
            Ok(preview) => {
                self.preview = Some(preview);
                self.wrong.take_if(|wrong| matches!(wrong.field, Field::Schedule | Field::Zone));
            }
            Err(error) => {
                self.take_error(&error);
            }
        }
    }

    /// The job that the lines are. What is in its way is told below its line, which gets the focus.
    pub fn job(&mut self, here: &Path) -> Option<NewJob> {
        let before = self.before.as_ref().map(|job| &job.given);
        let (folder, variables) = (self.folder.value(), self.variables.value());
        let around = Around { folder, variables, here };
        let lines = action_of(self.command.value(), around, before.map(|given| &given.action))
            .and_then(|action| Ok((action, self.retries()?)));
        let (action, retries) = match lines {
            Ok(lines) => lines,
            Err((field, why)) => {
                self.is_wrong(field, None, why);
                self.field = field;
                return None;
            }
        };
        let (schedule, zone) = (self.schedule.value().to_string(), self.zone.value().trim().to_string());
        Some(match before {
            Some(given) => NewJob {
                name: self.name.value().to_string(),
                schedule,
                timezone: zone,
                action,
                retries,
                ..given.clone()
            },
            None => NewJob { timezone: zone, retries, ..NewJob::new(self.name.value(), &schedule, action) },
        })
    }

    fn retries(&self) -> Result<u32, (Field, String)> {
        match self.retries.value().trim() {
            "" => Ok(0),
            text => text.parse().map_err(|_| (Field::Retries, "write a number, 0 to 10".to_string())),
        }
    }

    /// Takes why it cannot be kept; `false` where that is about none of its lines.
    pub fn take_error(&mut self, error: &JobError) -> bool {
        match error {
            JobError::Invalid(invalid) => {
                let Invalid { field, at, why, .. } = invalid.as_ref();
                self.is_wrong(Field::of(field), at.clone(), why.clone());
            }
            JobError::Taken(_) => {
                self.is_wrong(
                    Field::Name,
                    None,
                    "there is a job of this name already; write another".to_string(),
                );
            }
            _ => return false,
        }
        true
    }

    /// To the line that is wrong.
    pub fn go_to_wrong(&mut self) {
        self.field = self.wrong().map_or(self.field, |wrong| wrong.field);
    }

    pub fn click(&mut self, at: Position, area: Rect) {
        for (field, place) in self.places(area).0 {
            if place.contains(at) {
                self.field = field;
            }
        }
    }

    /// Where the lines stand, where what is wrong is told, and what is left below.
    pub fn places(&self, mut area: Rect) -> (Vec<(Field, Rect)>, Rect, Rect) {
        take_top(&mut area, ROWS_BEFORE);
        let (mut lines, mut wrong) = (Vec::new(), Rect::default());
        for field in Field::ALL {
            lines.push((field, take_top(&mut area, 1)));
            if self.wrong().is_some_and(|wrong| wrong.field == field) {
                wrong = take_top(&mut area, ROWS_WRONG);
            }
        }
        take_top(&mut area, 1);
        (lines, wrong, area)
    }
}
