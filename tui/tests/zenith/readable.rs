//! Data folders that can only be read, that are full, and whose data is gone.

use std::path::Path;
use std::process::Command;

use crate::screen::in_terminal;
use crate::support::{Place, Run, limited};

/// A place where something of the data folder can only be read, until it is dropped.
struct Readable(Place);

impl Readable {
    /// `""` is the data folder itself.
    fn new(what: &str) -> Readable {
        let place = Place::with_workspace(2);
        place.run(&["index"]).ok();
        allow(&place.data().join(what), "a-w");
        Readable(place)
    }

    /// A command as somebody who may not write: root may, unless it gives that up.
    fn command(&self, arguments: &[&str]) -> Command {
        let whole = self.0.command(arguments);
        let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        let mut command = Command::new("/usr/bin/env");
        if is_root {
            command.args(["setpriv", "--bounding-set=-dac_override,-dac_read_search"]);
        }
        command.arg(whole.get_program()).args(whole.get_args()).current_dir(self.0.project());
        for (name, value) in whole.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }
}

impl Drop for Readable {
    fn drop(&mut self) {
        allow(&self.0.data(), "u+w");
    }
}

fn allow(folder: &Path, what: &str) {
    assert!(Command::new("chmod").args(["-R", what]).arg(folder).status().unwrap().success());
}

#[test]
fn what_can_only_be_read_is_searched_and_no_damage_is_told() {
    let readable = Readable::new("");
    let found =
        Run::of(readable.command(&["search", "do_part1", "-n", "1", "--json"]).output().unwrap()).ok();
    assert_eq!(found.each("path"), ["part1::do_part1"]);
    std::fs::write(readable.0.project().join("part1/src/lib.rs"), "pub fn another() {}\n").unwrap();
    let run = Run::of(readable.command(&["index"]).output().unwrap());
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.err.contains("ermission denied") && !run.err.contains("damaged"), "{run:#?}");
}

#[test]
fn the_explorer_says_that_it_can_only_read_and_searches() {
    let readable = Readable::new("");
    let steps = [("read-only", "do_part1"), ("part1::do_part1", "\u{3}\u{3}")];
    let (code, written) = in_terminal(&readable.command(&[]), steps);
    assert_eq!(code, Some(0), "{written}");
    assert!(!written.contains("damaged"), "{written}");
}

#[test]
fn a_lock_that_is_another_users_is_named() {
    let readable = Readable::new("shelf/private/local/shelf.lock");
    let run = Run::of(readable.command(&["index", "--force"]).output().unwrap());
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.err.contains("ermission denied") && run.err.contains("shelf.lock"), "{run:#?}");
    assert!(!run.err.contains("damaged"), "{run:#?}");
}

/// What is found nowhere is another matter than what is gone.
#[test]
fn data_that_is_gone_is_told_and_made_anew() {
    let place = Place::with_workspace(2);
    place.run(&["index"]).ok();
    assert_eq!(place.run(&["search", "zzzz", "--mode", "text", "--json"]).json().len(), 0);
    std::fs::remove_dir_all(place.data().join("shelf")).unwrap();
    let run = place.run(&["search", "do_part1"]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.err.contains("is gone; `zenith doctor --repair`"), "{run:#?}");
    place.run(&["doctor", "--repair"]).ok();
    assert_eq!(
        place.run(&["search", "do_part1", "-n", "1", "--json"]).ok().each("path"),
        ["part1::do_part1"]
    );
}

/// A disk that takes no more is the reason, not the files that lie there.
#[test]
fn a_full_disk_is_told_and_no_damage() {
    let place = Place::with_workspace(2);
    for kib in [0, 1, 2, 4, 8, 16] {
        let run = Run::of(limited(&place.command(&["index"]), kib).output().unwrap());
        assert_ne!(run.code, Some(0), "{kib}: {run:#?}");
        let words = run.err + &run.out;
        assert!(!words.contains("damaged"), "{kib}: {words}");
    }
    place.run(&["index"]).ok();
}
