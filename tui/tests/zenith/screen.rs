//! The explorer in a terminal of its own.

use std::path::Path;
use std::process::{Command, Output};

use serde::Serialize;

use crate::gadget;
use crate::support::{Place, Run};

/// Runs the explorer: waits for each text, then sends the keys beside it.
pub fn explore(place: &Place, steps: &[(&str, &str)]) -> (Option<i32>, String) {
    in_terminal(&place.command(&[]), steps)
}

/// The same of a program in its own surroundings. What it says of the terminal is what the terminal is taken to be.
pub fn in_terminal(program: &Command, steps: impl Serialize) -> (Option<i32>, String) {
    let steps = serde_json::to_string(&steps).unwrap();
    let mut terminal = Command::new("python3");
    terminal.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zenith/terminal.py"));
    terminal.arg(steps).arg(program.get_program()).args(program.get_args());
    terminal.env("TERM", "xterm-256color").env_remove("COLORTERM").env_remove("COLORFGBG");
    if let Some(folder) = program.get_current_dir() {
        terminal.current_dir(folder);
    }
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => terminal.env(name, value),
            None => terminal.env_remove(name),
        };
    }
    let Output { status, stdout, stderr } = terminal.output().unwrap();
    assert!(stderr.is_empty(), "{}", String::from_utf8_lossy(&stderr));
    (status.code(), String::from_utf8_lossy(&stdout).into_owned())
}

#[test]
fn it_indexes_beside_the_screen_finds_and_gives_the_terminal_back() {
    let place = Place::with_workspace(3);
    let steps = [("3 packages", "do_part1"), ("part1::do_part1", "\u{3}\u{3}")];
    let (code, written) = explore(&place, &steps);
    assert_eq!(code, Some(0), "{written}");
    let (entered, left) = (written.find("\u{1b}[?1049h"), written.rfind("\u{1b}[?1049l"));
    assert!(entered.is_some() && entered < left, "it leaves the alternate screen: {written:?}");
    assert!(written.rfind("\u{1b}[?25h") > written.rfind("\u{1b}[?25l"), "it shows the cursor again");
    place.run(&["doctor"]).ok();
}

/// Alt with an arrow leads back, Alt with a letter opens the palette, from a line that one types as well.
#[test]
fn one_goes_back_to_the_search_and_quits_by_the_palette() {
    let place = Place::with_workspace(3);
    let steps = [
        ("3 packages", "do_part1"),
        ("part1::do_part1", "\r"),
        ("‹", "\u{1b}[1;3D"),
        ("hybrid", "\u{1b}x"),
        ("Actions", "quit\r"),
    ];
    let (code, written) = explore(&place, &steps);
    assert_eq!(code, Some(0), "{written}");
}

#[test]
fn without_a_lockfile_it_opens_and_says_what_to_do() {
    let place = Place::new();
    let (code, written) = explore(&place, &[("PATH", "\u{3}")]);
    assert_eq!(code, Some(0), "{written}");
}

#[test]
fn a_spike_runs_beside_the_screen_and_is_kept() {
    let place = Place::new();
    // The first one that needs nothing, on the backend that is nothing. Single words: a blank that was
    // blank before is not written.
    let first = zenith_spikes::all().iter().position(|spike| spike.id == "J0").unwrap();
    let run = "j".repeat(first) + "b\r";
    let steps = [("no Cargo.lock", "\u{1b}3"), ("A1", run.as_str()), ("✓", "q")];
    let (code, written) = explore(&place, &steps);
    assert_eq!(code, Some(0), "{written}");
    let runs = std::fs::read_dir(place.data().join("spikes/runs")).unwrap();
    assert_eq!(runs.count(), 1, "{written}");
}

/// No key is pressed between the write and what is found, and the program is not started again.
#[test]
fn a_package_that_the_lockfile_gains_is_searched_while_it_is_open() {
    let place = Place::with_workspace(3);
    let next = Place::with_workspace(5);
    let gain =
        |name: &str| format!("cp -r {0}/{name} {1}", next.project().display(), place.project().display());
    let gains = ["part3", "part4", "Cargo.toml", "Cargo.lock"].map(gain).join(" && ");
    let steps = serde_json::json!([
        ["3 packages", "do_part4 pkg:part4"],
        // Single words: a blank that was blank before is not written.
        ["results", "", gains],
        ["index:", ""],
        ["part4::do_part4", "\u{3}\u{3}"],
    ]);
    let (code, written) = in_terminal(&place.command(&[]), steps);
    assert_eq!(code, Some(0), "{written}");
}

/// What another process indexes meanwhile is searched and counted, once somebody looks: here the lockfile is written
/// again as it was.
#[test]
fn what_another_process_indexes_is_searched_while_it_is_open() {
    let place = Place::with_workspace(3);
    let next = Place::with_workspace(5);
    let index = format!(
        "{} index {} >index.log 2>&1 && cp Cargo.lock again && mv again Cargo.lock",
        env!("CARGO_BIN_EXE_zenith"),
        next.project().display()
    );
    let steps = serde_json::json!([
        ["3 packages", "do_part4 pkg:part4"],
        ["begins", "", index],
        ["part4::do_part4", "\u{3}\u{3}"],
    ]);
    let (code, written) = in_terminal(&place.command(&[]), steps);
    assert_eq!(code, Some(0), "{written}");
}

/// A command about the explorer that the terminal shows, which is `$pid` in it.
fn of_the_explorer(command: &str) -> String {
    format!(
        "for stat in /proc/[0-9]*/stat; do read -r pid name state parent rest <$stat || continue; \
         [ \"$name\" = '(zenith)' ] && [ \"$parent\" = $PPID ] && {{ {command}; }}; done 2>/dev/null; true"
    )
}

const ENTERED: &str = "\u{1b}[?1049h";
const LEFT: &str = "\u{1b}[?1049l";

/// By a key, by another program that asks, and by one that does not: whoever gets the terminal gets it as it was.
#[cfg(target_os = "linux")]
#[test]
fn it_stops_and_goes_on_whoever_tells_it_to() {
    let place = Place::with_workspace(3);
    let go_on = "until grep -q '^State:.T' /proc/$pid/status; do :; done; kill -CONT $pid";
    let tell = |signal: &str| of_the_explorer(&format!("kill -{signal} $pid"));
    let steps = serde_json::json!([
        ["3 packages", "do_part1"],
        ["part1::do_part1", "\u{1a}"],
        [LEFT, "", of_the_explorer(go_on)],
        ["part1::do_part1", "", tell("TSTP")],
        [LEFT, "", of_the_explorer(go_on)],
        ["part1::do_part1", "", of_the_explorer(&format!("kill -STOP $pid; {go_on}"))],
        ["part1::do_part1", "", tell("QUIT")],
    ]);
    let (code, written) = in_terminal(&place.command(&[]), steps);
    assert_eq!(code, Some(0), "{written}");
    assert_eq!((written.matches(ENTERED).count(), written.matches(LEFT).count()), (4, 4), "{written:?}");
    assert!(written.rfind(LEFT) > written.rfind(ENTERED), "{written:?}");
}

/// The threads that index are nicer than the one that draws, by what the system itself says of them.
#[cfg(target_os = "linux")]
/// In a terminal that sends no signal as it goes, which nobody told it to end by.
const GONE: &str = r#"
import fcntl, os, pty, signal, struct, subprocess, sys, termios
signal.alarm(60)
ours, theirs = pty.openpty()
fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
program = subprocess.Popen(sys.argv[1:], stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, start_new_session=True)
os.close(theirs)
written = b""
while b"3 packag" not in written:
    written += os.read(ours, 65536)
os.close(ours)
sys.stderr.buffer.write(program.communicate(timeout=60)[1])
sys.exit(program.returncode)
"#;

#[test]
fn a_terminal_that_is_gone_is_no_good_end() {
    let place = Place::with_workspace(3);
    let program = place.command(&[]);
    let zenith = program.get_program().to_owned();
    let mut gone = Command::new("python3");
    gone.args(["-c", GONE]).arg(zenith).current_dir(place.project()).env("TERM", "xterm-256color");
    program.get_envs().for_each(|(name, value)| match value {
        Some(value) => _ = gone.env(name, value),
        None => _ = gone.env_remove(name),
    });
    let run = Run::of(gone.output().unwrap());
    assert_eq!((run.code, run.err.contains("the terminal is gone")), (Some(1), true), "{run:#?}");
}

#[test]
fn it_indexes_behind_what_one_types() {
    let place = Place::with_workspace(3);
    let threads = place.data().with_file_name("threads");
    let look = of_the_explorer(&format!("cat /proc/$pid/task/*/stat >'{}'", threads.display()));
    let steps = serde_json::json!([
        ["3 packages", "do_part1"],
        ["part1::do_part1", "\u{1b}x", look],
        ["Actions", "\u{3}\u{3}"],
    ]);
    let (code, written) = in_terminal(&place.command(&[]), steps);
    assert_eq!(code, Some(0), "{written}");
    let told = std::fs::read_to_string(&threads).unwrap();
    let niceness = |name: &str| -> Vec<i32> {
        let of_name = told.lines().filter(|line| line.contains(&format!("({name})")));
        // The 19th field, as `proc_pid_stat(5)` counts them; the 3rd follows the name.
        of_name
            .map(|line| line.rsplit(')').next().unwrap().split_whitespace().nth(16).unwrap().parse().unwrap())
            .collect()
    };
    let (screen, behind) = (niceness("zenith"), niceness("zenith-behind"));
    assert_eq!(screen.len(), 1, "{told}");
    assert!(!behind.is_empty() && behind.iter().all(|nice| *nice == (screen[0] + 10).min(19)), "{told}");
}

/// What is typed is text, whatever it begins with, and a newline within what is pasted unmarked opens nothing. Single
/// words are waited for: a blank that was blank before is not written.
#[test]
fn what_is_pasted_unmarked_is_searched() {
    let place = Place::with_workspace(3);
    let steps = [
        ("3 packages", "quitx\nyq\rzz"),
        ("zz", "\u{1b}"),
        ("before", "do_part2"),
        ("part2::do_part2", "\u{3}"),
        ("before", "\u{3}"),
    ];
    let (code, written) = explore(&place, &steps);
    assert_eq!(code, Some(0), "{written}");
    assert!(remembered(&place).contains("\"quitx yq zz\""), "{}", remembered(&place));
}

/// The words of a search end somewhere, and that is said; what may be meant is offered.
#[test]
fn what_only_meaning_found_is_told_from_what_has_the_words() {
    let place = Place::with_workspace(3);
    let steps = [
        ("3 packages", "zzzqqq"),
        ("nearest", "\u{3}"),
        ("before", "do_part11"),
        ("Alt-g", "\u{1b}g\u{3}"),
        ("before", "\u{3}"),
    ];
    let (code, written) = explore(&place, &steps);
    assert_eq!(code, Some(0), "{written}");
    assert!(remembered(&place).contains("\"do_part1\""), "{}", remembered(&place));
}

/// What the explorer keeps for its next start.
fn remembered(place: &Place) -> String {
    std::fs::read_to_string(place.state().join("zenith/explorer.json")).unwrap()
}

/// A second start goes on where the first one ended, and nothing but one file was written for that.
#[test]
fn a_second_start_has_what_was_searched_before() {
    let place = Place::with_workspace(3);
    let steps = [("3 packages", "do_part1"), ("part1::do_part1", "\u{1b}"), ("searched before", "\u{3}")];
    let (code, written) = explore(&place, &steps);
    assert_eq!(code, Some(0), "{written}");
    let files: Vec<_> = std::fs::read_dir(place.state().join("zenith")).unwrap().flatten().collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let (code, written) =
        explore(&place, &[("searched before", "\u{1b}[A"), ("part1::do_part1", "\u{3}\u{3}")]);
    assert_eq!(code, Some(0), "{written}");

    std::fs::remove_dir_all(place.state()).unwrap();
    std::fs::write(place.state(), "no folder").unwrap();
    let (code, written) = explore(&place, &[("3 packages", "\u{3}")]);
    assert_eq!(code, Some(0), "a place that cannot be written to is no failure: {written}");
}

/// The preview of a result says how one gets it, what became of it between versions that are indexed, and who uses
/// it. Single words are waited for, as above.
#[test]
fn the_preview_says_how_to_get_it_what_changed_and_who_uses_it() {
    let place = gadget::workshop();
    gadget::run(&place, &["changes", "gadget", "1.0.0..2.0.0"]).ok();
    let steps = [
        ("searched", "pkg:gadget old_way"),
        ("Add", "\u{1b}c"),
        ("deprecated", "\u{1b}u"),
        ("drive", "\u{3}\u{3}"),
    ];
    let (code, written) = in_terminal(&gadget::command(&place, &[]), steps);
    assert_eq!(code, Some(0), "{written}");
    assert!(written.contains("gadget::old_way;"), "the line that one writes: {written}");
}
