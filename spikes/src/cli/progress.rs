//! What a run is doing, on standard error: one line in place where a person watches, else a line each.

use std::io::Write;
use std::time::{Duration, Instant};

use zenith_harness::text::{clean_line, fit};
use zenith_harness::{Event, Outcome, Unit};

/// How often the time on the line moves on.
pub const TICK: Duration = Duration::from_millis(500);
/// As wide as any terminal: a line that wraps cannot be updated in place.
const LINE_CHARS_MAX: usize = 79;

/// Shows events as they come.
pub struct Progress<W> {
    out: W,
    /// Whether the line is updated in place.
    in_place: bool,
    planned: usize,
    finished: usize,
    running: Option<Running>,
}

struct Running {
    what: String,
    doing: String,
    since: Instant,
}

impl<W: Write> Progress<W> {
    /// Nothing has happened yet.
    pub fn new(out: W, in_place: bool) -> Progress<W> {
        Progress { out, in_place, planned: 0, finished: 0, running: None }
    }

    /// Shows one event. What cannot be shown is not worth stopping a run for.
    pub fn show(&mut self, event: &Event) {
        match event {
            Event::Planned { trials } => self.planned = trials.len(),
            Event::Started { id, backend, fault } => {
                let fault = fault.map(|fault| format!(" with {fault}")).unwrap_or_default();
                let what = format!("{id} on {backend}{fault}");
                self.plain(&format!("{what}: started"));
                self.running = Some(Running { what, doing: String::new(), since: Instant::now() });
            }
            Event::Progress { id, text } => {
                let doing = clean_line(text);
                self.plain(&format!("{id}: {doing}"));
                if let Some(running) = &mut self.running {
                    running.doing = doing;
                }
            }
            Event::Finished(outcome) => self.finish(outcome),
        }
        self.tick();
    }

    /// Draws the line anew.
    pub fn tick(&mut self) {
        let Some(running) = self.running.as_ref().filter(|_| self.in_place) else { return };
        let seconds = running.since.elapsed().as_secs();
        let place = format!("[{}/{}] ", self.finished + 1, self.planned.max(self.finished + 1));
        let dash = if running.doing.is_empty() { "" } else { " · " };
        let line = format!("{place}{} · {seconds} s{dash}{}", running.what, running.doing);
        let _ = write!(self.out, "\r\x1b[2K{}", fit(&line, LINE_CHARS_MAX));
        let _ = self.out.flush();
    }

    /// Takes the line away.
    pub fn clear(&mut self) {
        if self.in_place && self.running.take().is_some() {
            let _ = write!(self.out, "\r\x1b[2K");
            let _ = self.out.flush();
        }
    }

    fn finish(&mut self, outcome: &Outcome) {
        self.clear();
        self.finished += 1;
        let mark = if outcome.failed() { " (not as expected)" } else { "" };
        let time = match outcome.verdict.is_reached() {
            true => format!(" in {}", Unit::Seconds.show(outcome.seconds)),
            false => String::new(),
        };
        let fault = outcome.fault.as_deref().map(|fault| format!(" with {fault}")).unwrap_or_default();
        let (id, backend, verdict) = (&outcome.id, outcome.backend, &outcome.verdict);
        let _ = writeln!(self.out, "{id} on {backend}{fault}: {verdict}{time}{mark}");
    }

    fn plain(&mut self, line: &str) {
        if !self.in_place {
            let _ = writeln!(self.out, "{line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zenith_harness::Backend;

    fn shown(in_place: bool) -> String {
        let mut out = Vec::new();
        let mut progress = Progress::new(&mut out, in_place);
        progress.show(&Event::Planned { trials: vec![("J1", Backend::Local); 3] });
        progress.show(&Event::Started { id: "J1", backend: Backend::Local, fault: Some("leak") });
        progress.show(&Event::Progress { id: "J1", text: format!("a\u{1b}[2J\nb {}", "c".repeat(200)) });
        progress.clear();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_person_sees_one_line_in_place() {
        let text = shown(true);
        assert!(text.starts_with("\r\x1b[2K[1/3] J1 on local with leak · 0 s\r\x1b[2K"), "{text:?}");
        assert!(text.contains(" · a b ccc") && text.ends_with("…\r\x1b[2K"), "{text:?}");
        assert!(!text.contains('\n') && !text.contains("[2J"), "{text:?}");
    }

    #[test]
    fn a_file_gets_plain_lines() {
        let text = shown(false);
        assert!(text.starts_with("J1 on local with leak: started\nJ1: a b ccc"), "{text:?}");
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
    }
}
