//! From five fields, or an alias, to sets of bits. What programs read in different ways is refused.

use std::ops::Range;

use super::Schedule;
use super::error::{Field, MONTHS, Problem, ScheduleError, WEEKDAYS};

const BYTES_MAX: usize = 256;

const ALIASES: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// What one field says.
#[derive(Clone, Copy, Default)]
struct Set {
    /// Values, a bit each.
    bits: u64,
    /// Days whose nearest working day is meant (`15W`), a bit each.
    near: u32,
    /// The nth weekdays of a month; see [`Schedule::nth`].
    nth: u64,
    last: bool,
    last_working: bool,
    /// It begins with `*`.
    star: bool,
    /// It is a `*` with a step.
    stepped: bool,
}

/// A part of the text, with its place.
#[derive(Clone, Copy)]
struct Piece<'a> {
    text: &'a str,
    from: usize,
}

impl<'a> Piece<'a> {
    fn at(self) -> Range<usize> {
        self.from..self.from + self.text.len()
    }

    fn split_once(self, mark: char) -> Option<(Piece<'a>, Piece<'a>)> {
        let (before, after) = self.text.split_once(mark)?;
        let from = self.from + before.len() + mark.len_utf8();
        Some((Piece { text: before, from: self.from }, Piece { text: after, from }))
    }

    fn without_end(self, end: char) -> Option<Piece<'a>> {
        let upper = end.to_ascii_lowercase();
        let text = self.text.strip_suffix(end).or_else(|| self.text.strip_suffix(upper))?;
        Some(Piece { text, ..self })
    }

    fn fails(self, field: Field, problem: Problem, instead: Option<String>) -> ScheduleError {
        ScheduleError { field: Some(field), at: self.at(), problem, instead }
    }
}

/// Pieces between marks, with their places.
fn pieces<'a>(whole: Piece<'a>, is_mark: impl Fn(char) -> bool + Copy) -> Vec<Piece<'a>> {
    let mut found = Vec::new();
    let mut from = whole.from;
    for text in whole.text.split(is_mark) {
        found.push(Piece { text, from });
        // A mark is one byte: a comma, a blank or a tab.
        from += text.len() + 1;
    }
    found
}

pub(super) fn parse(text: &str) -> Result<Schedule, ScheduleError> {
    let fails = |at: Range<usize>, problem, instead| ScheduleError { field: None, at, problem, instead };
    if text.len() > BYTES_MAX {
        return Err(fails(0..text.len(), Problem::TooLong, None));
    }
    let is_meant = |c: char| c.is_ascii_graphic() || c == ' ' || c == '\t';
    if let Some((at, c)) = text.char_indices().find(|(_, c)| !is_meant(*c)) {
        return Err(fails(at..at + c.len_utf8(), Problem::Character, None));
    }
    let all = pieces(Piece { text, from: 0 }, |c| c == ' ' || c == '\t');
    let fields: Vec<Piece> = all.into_iter().filter(|piece| !piece.text.is_empty()).collect();
    match fields[..] {
        [] => Err(fails(0..text.len(), Problem::Empty, Some("0 9 * * *".to_string()))),
        [alias, ..] if alias.text.starts_with('@') => {
            let name = alias.text.to_ascii_lowercase();
            if let ([_], Some((_, meant))) = (&fields[..], ALIASES.iter().find(|(known, _)| *known == name)) {
                return parse(meant);
            }
            let (problem, instead) = match name.as_str() {
                "@reboot" => (Problem::Reboot, None),
                "@every" => (Problem::Every, Some("*/5 * * * *".to_string())),
                _ => (Problem::Alias, None),
            };
            Err(fails(alias.from..text.trim_end().len(), problem, instead))
        }
        [minute, hour, day, month, weekday] => of_fields([minute, hour, day, month, weekday]),
        [first, .., last] => {
            let instead = (fields.len() == 6).then(|| {
                let kept: Vec<&str> = fields.iter().skip(1).map(|field| field.text).collect();
                kept.join(" ")
            });
            Err(fails(first.from..last.at().end, Problem::Fields(fields.len()), instead))
        }
        [one] => Err(fails(one.at(), Problem::Fields(1), None)),
    }
}

fn of_fields(fields: [Piece; 5]) -> Result<Schedule, ScheduleError> {
    let [minute, hour, day, month, weekday] = fields;
    let minutes = set(Field::Minute, minute)?;
    let hours = set(Field::Hour, hour)?;
    let days = set(Field::Day, day)?;
    let months = set(Field::Month, month)?;
    let weekdays = set(Field::Weekday, weekday)?;
    for (field, piece, stepped, other) in
        [(Field::Day, day, days, weekdays), (Field::Weekday, weekday, weekdays, days)]
    {
        // Where both are stepped, or the other is no `*`, "both" and "either" differ.
        if stepped.stepped && (!other.star || other.stepped) {
            let (first, last) = field.bounds();
            let instead = piece.text.replacen('*', &format!("{first}-{last}"), 1);
            return Err(piece.fails(field, Problem::Ambiguous, Some(instead)));
        }
    }
    let narrow = |bits: u64| u32::try_from(bits).unwrap_or(u32::MAX);
    let mut flags = 0;
    for (is_set, flag) in [
        (days.star || weekdays.star, Schedule::BOTH),
        (minutes.star || hours.star, Schedule::FOLLOWS),
        (days.last, Schedule::LAST),
        (days.last_working, Schedule::LAST_WORKING),
    ] {
        flags |= if is_set { flag } else { 0 };
    }
    let schedule = Schedule {
        minutes: minutes.bits,
        nth: weekdays.nth,
        hours: narrow(hours.bits),
        days: narrow(days.bits),
        near: days.near,
        months: u16::try_from(months.bits).unwrap_or(u16::MAX),
        weekdays: u8::try_from(weekdays.bits).unwrap_or(u8::MAX),
        flags,
    };
    if !schedule.ever_fires() {
        return Err(day.fails(Field::Day, Problem::NeverFires, None));
    }
    Ok(schedule)
}

fn set(field: Field, whole: Piece) -> Result<Set, ScheduleError> {
    let terms = pieces(whole, |c| c == ',');
    let mut set = Set { star: whole.text.starts_with('*'), ..Set::default() };
    for &piece in &terms {
        if piece.text.starts_with('*') && terms.len() > 1 {
            return Err(whole.fails(field, Problem::StarInList, Some("*".to_string())));
        }
        term(field, piece, &mut set)?;
    }
    Ok(set)
}

fn term(field: Field, piece: Piece, set: &mut Set) -> Result<(), ScheduleError> {
    if special(field, piece, set)? {
        return Ok(());
    }
    let (base, step) = match piece.split_once('/') {
        Some((base, step)) => (base, Some((step, number(field, step)?))),
        None => (piece, None),
    };
    let (lowest, highest) = field.bounds();
    let (first, last) = if base.text == "*" {
        (lowest, highest)
    } else if let Some((from, to)) = base.split_once('-') {
        (value(field, from)?, value(field, to)?)
    } else {
        let value = value(field, base)?;
        if let Some((step, _)) = step {
            let instead = format!("{}-{highest}/{}", base.text, step.text);
            return Err(piece.fails(field, Problem::StepOfOne, Some(instead)));
        }
        (value, value)
    };
    if last < first {
        return Err(piece.fails(field, Problem::Backwards, Some(wrapped(field, base, first, last, step))));
    }
    let step = match step {
        Some((step, 0)) => return Err(step.fails(field, Problem::ZeroStep, None)),
        Some((_, step)) if step > u16::from(last - first) => {
            return Err(piece.fails(field, Problem::NeverSteps, Some(first.to_string())));
        }
        Some((_, step)) => step,
        None => 1,
    };
    set.stepped |= base.text == "*" && piece.text != "*";
    for value in (first..=last).step_by(usize::from(step)) {
        set.bits |= 1 << if field == Field::Weekday { value % 7 } else { value };
    }
    Ok(())
}

/// Forms that only the days have: `L`, `LW`, `15W`; `FRI#2`, `FRIL`. Whether it is one.
fn special(field: Field, piece: Piece, set: &mut Set) -> Result<bool, ScheduleError> {
    match field {
        Field::Day if piece.text.eq_ignore_ascii_case("L") => set.last = true,
        Field::Day if piece.text.eq_ignore_ascii_case("LW") => set.last_working = true,
        Field::Day => {
            let Some(day) = piece.without_end('W') else { return Ok(false) };
            set.near |= 1 << value(field, day)?;
        }
        Field::Weekday => {
            if let Some((day, nth)) = piece.split_once('#') {
                let which = number(field, nth)?;
                if !(1..=5).contains(&which) {
                    return Err(nth.fails(field, Problem::Beyond { first: 1, last: 5 }, None));
                }
                set.nth |= 1 << (7 * (which - 1) + u16::from(value(field, day)? % 7));
            } else if let Some(day) = piece.without_end('L')
                && !day.text.is_empty()
            {
                set.nth |= 1 << (7 * 5 + u16::from(value(field, day)? % 7));
            } else {
                return Ok(false);
            }
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// A number or a name of the field.
fn value(field: Field, piece: Piece) -> Result<u8, ScheduleError> {
    if let Some(value) = named(field.names(), piece.text) {
        return Ok(value + field.bounds().0);
    }
    if piece.text.bytes().any(|byte| byte.is_ascii_digit()) {
        let (first, last) = (field.bounds().0, field.last_written());
        let number = number(field, piece)?;
        return match u8::try_from(number).ok().filter(|number| (first..=last).contains(number)) {
            Some(number) => Ok(number),
            None => Err(piece.fails(field, Problem::Beyond { first, last }, None)),
        };
    }
    for (other, names) in [(Field::Weekday, &WEEKDAYS[..]), (Field::Month, &MONTHS[..])] {
        // `MONDAY` begins with `MON`, which is what to write where it may stand; `MON_FRI` means more than that.
        let begins = piece.text.get(..3).and_then(|begin| names.get(usize::from(named(names, begin)?)));
        match begins {
            Some(name) if other == field => {
                let is_longer = piece.text.bytes().all(|byte| byte.is_ascii_alphabetic());
                return Err(piece.fails(field, Problem::Unknown, is_longer.then(|| (*name).to_string())));
            }
            Some(_) => return Err(piece.fails(field, Problem::Misplaced(other), None)),
            None => {}
        }
    }
    let instead = (piece.text == "?").then(|| "*".to_string());
    Err(piece.fails(field, Problem::Unknown, instead))
}

fn named(names: &[&str], text: &str) -> Option<u8> {
    let at = names.iter().position(|name| name.eq_ignore_ascii_case(text))?;
    u8::try_from(at).ok()
}

fn number(field: Field, piece: Piece) -> Result<u16, ScheduleError> {
    let is_number = (1..=4).contains(&piece.text.len()) && piece.text.bytes().all(|b| b.is_ascii_digit());
    match piece.text.parse() {
        Ok(number) if is_number => Ok(number),
        _ => Err(piece.fails(field, Problem::Unknown, None)),
    }
}

/// A range that wraps around, as two that do not: `23-2` as `23,0-2`.
fn wrapped(field: Field, base: Piece, first: u8, last: u8, step: Option<(Piece, u16)>) -> String {
    let (lowest, highest) = field.bounds();
    // Sunday by its other number begins the week.
    let first = if first > highest { lowest } else { first };
    if field == Field::Weekday && base.text.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        let days = (first..=highest).chain(lowest..=last);
        let names: Vec<&str> = days.filter_map(|day| WEEKDAYS.get(usize::from(day)).copied()).collect();
        return names.join(",");
    }
    let step = step.map(|(step, _)| format!("/{}", step.text)).unwrap_or_default();
    let range = |from: u8, to: u8| match from == to {
        true => from.to_string(),
        false => format!("{from}-{to}{step}"),
    };
    match first <= last {
        true => range(first, last),
        false => format!("{},{}", range(first, highest), range(lowest, last)),
    }
}
