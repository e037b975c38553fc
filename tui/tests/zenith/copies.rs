//! Where the explorer puts what one copies.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::screen::{explore, in_terminal};
use crate::support::Place;

/// What is found and copied by its path, and that as OSC 52 has it.
const PATH: &str = "part1::do_part1";
const TOLD_TO_THE_TERMINAL: &str = "\u{1b}]52;c;cGFydDE6OmRvX3BhcnQx\u{7}";

/// From the line of a search: its page is there, the menu opens, and the choice is made by a letter.
fn copy<'a>(letter: &'a str, told: &'a str) -> [(&'a str, &'a str); 4] {
    [("3 packages", "do_part1"), ("--path", "\u{1b}y"), ("signature", letter), (told, "\u{3}\u{3}")]
}

#[test]
fn without_a_clipboard_the_terminal_is_told_and_nothing_is_called_copied() {
    let place = Place::with_workspace(3);
    let (code, written) = explore(&place, &copy("y", "sent"));
    assert_eq!(code, Some(0), "{written}");
    assert!(written.contains(TOLD_TO_THE_TERMINAL), "{written:?}");
    assert!(!written.contains("copied"), "{written:?}");
}

#[test]
fn where_a_display_is_its_program_has_the_text_and_the_terminal_is_told_nothing() {
    let place = Place::with_workspace(3);
    let programs = place.data().with_file_name("programs");
    let taken = programs.join("taken");
    std::fs::create_dir(&programs).unwrap();
    let script = format!("#!/bin/sh\ncat >'{0}'\necho \"$@\" >>'{0}'\n", taken.display());
    std::fs::write(programs.join("xclip"), script).unwrap();
    std::fs::set_permissions(programs.join("xclip"), PermissionsExt::from_mode(0o755)).unwrap();
    let mut program = place.command(&[]);
    let path = std::env::var("PATH").unwrap();
    program.env("PATH", format!("{}:{path}", programs.display())).env("DISPLAY", ":7");
    let (code, written) = in_terminal(&program, copy("u", "copied"));
    assert_eq!(code, Some(0), "{written}");
    let taken = std::fs::read_to_string(taken).unwrap();
    assert_eq!(taken, format!("use {PATH};-selection clipboard\n"));
    assert!(!written.contains("\u{1b}]52;"), "{written:?}");
}

/// tmux as it comes passes on nothing that the program writes for the terminal.
#[test]
fn inside_tmux_the_text_is_in_its_buffer_and_the_terminal_around_it_is_told() {
    let place = Place::with_workspace(3);
    let Some(tmux) = Tmux::new(&place) else { return };
    let mut program =
        tmux.command(&["set-option", "-g", "exit-empty", "off", ";", "new-session", "exec \"$ZENITH\""]);
    program.env("ZENITH", place.command(&[]).get_program());
    let (code, written) = in_terminal(&program, copy("y", "copied"));
    assert_eq!(code, Some(0), "{written}");
    let buffer = tmux.command(&["show-buffer"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&buffer.stdout), PATH, "{written}");
    assert!(written.contains("cGFydDE6OmRvX3BhcnQx"), "tmux tells the terminal that it is in: {written:?}");
}

/// A tmux of its own, without anybody's settings. It ends with the test.
struct Tmux<'a> {
    place: &'a Place,
    socket: std::path::PathBuf,
}

impl<'a> Tmux<'a> {
    /// `None` where it is not on this machine and nobody requires it.
    fn new(place: &'a Place) -> Option<Tmux<'a>> {
        let is_here = Command::new("tmux").arg("-V").output().is_ok_and(|output| output.status.success());
        assert!(is_here || std::env::var_os("CI").is_none(), "tmux is required here");
        if !is_here {
            eprintln!("not run: tmux is not on this machine");
        }
        is_here.then(|| Tmux { place, socket: place.data().with_file_name("tmux") })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("/usr/bin/env");
        command.arg("tmux").arg("-S").arg(&self.socket).args(["-f", "/dev/null"]).args(arguments);
        command.current_dir(self.place.project());
        for (name, value) in self.place.command(&[]).get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }
}

impl Drop for Tmux<'_> {
    fn drop(&mut self) {
        if Path::new(&self.socket).exists() {
            let _ = self.command(&["kill-server"]).output();
        }
    }
}
