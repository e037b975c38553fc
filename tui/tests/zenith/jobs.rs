//! Scheduled jobs as a user has them.

use std::process::{Command, Stdio};

use crate::serving::Serving;
use crate::support::{Place, Run, interrupt};

#[test]
fn a_job_is_kept_listed_changed_and_forgotten() {
    let place = Place::new();
    assert!(place.run(&["jobs"]).ok().out.contains("no jobs yet"));
    let added = place
        .run(&["jobs", "add", "greet", "30 2 * * *", "--zone", "Europe/Berlin", "--", "echo", "a b", "%d"])
        .ok();
    assert!(added.out.contains("kept greet on this machine: runs echo 'a b' %d (/"), "{added:#?}");
    assert_eq!(added.out.matches("02:30+0").count(), 5, "five times in the zone: {added:#?}");
    assert!(added.out.contains("runs once, right after the gap"), "{added:#?}");
    let listed = place.run(&["jobs"]).ok();
    assert!(listed.out.contains("greet  30 2 * * *  Europe/Berlin"), "{listed:#?}");
    assert!(listed.out.contains("nothing runs them: `zenith jobs serve` does"), "{listed:#?}");
    let paused = place.run(&["jobs", "pause", "greet", "--json"]).ok();
    assert_eq!(
        (paused.each("enabled"), paused.each("next_due_ms")),
        (vec!["false".into()], vec!["null".into()])
    );
    place.run(&["jobs", "resume", "greet"]).ok();
    assert!(place.run(&["jobs", "resume", "greet"]).ok().out.contains("greet is not paused"));
    let nothing = place.run(&["jobs", "edit", "greet"]);
    assert!(nothing.code == Some(1) && nothing.err.contains("nothing is named"), "{nothing:#?}");
    assert_eq!(place.run(&["jobs", "runs", "greet", "-n", "0"]).code, Some(2));
    let changed = place.run(&["jobs", "edit", "greet", "--schedule", "@hourly", "--json"]).ok();
    assert_eq!(
        (changed.each("schedule"), changed.each("kept")),
        (vec!["@hourly".into()], vec!["this machine".into()])
    );
    place.run(&["jobs", "remove", "greet"]).ok();
    let gone = place.run(&["jobs", "runs", "greet"]);
    let told = "zenith: there is no job greet; `zenith jobs` lists those that there are";
    assert_eq!((gone.code, gone.err.trim()), (Some(1), told));
}

#[test]
fn a_schedule_that_is_none_is_told_with_its_place_and_what_to_write() {
    let place = Place::new();
    let wrong = place.run(&["jobs", "add", "late", "0 23-2 * * *", "--", "echo"]);
    assert_eq!(wrong.code, Some(1), "{wrong:#?}");
    assert!(
        wrong.err.contains("hour: the range ends before it begins; write `23,0-2`\n  0 23-2 * * *\n    ^^^^"),
        "{wrong:#?}"
    );
    let zone = place.run(&["jobs", "add", "late", "@daily", "--zone", "berlin", "--", "echo"]);
    assert!(zone.err.contains("write `Europe/Berlin`"), "{zone:#?}");
    let program = place.run(&["jobs", "add", "late", "@daily", "--", "no-such-program"]);
    assert!(program.err.contains("no program no-such-program in /usr/local/bin:"), "{program:#?}");
    let verb = place.run(&["jobs", "add", "late", "@daily", "--", "zenith", "login"]);
    assert!(verb.err.contains("index, sync, pull, push, export and doctor"), "{verb:#?}");
    let words = place.run(&["jobs", "add", "late", "@daily", "--", "zenith", "index", "--bogus"]);
    assert!(
        words.err.contains("zenith index does not take these words") && words.err.contains("--bogus"),
        "{words:#?}"
    );
    let sql = place.run(&["jobs", "add", "late", "@daily", "--sql", "SELECT 1"]);
    assert!(sql.err.contains("zenith login"), "{sql:#?}");
    assert_eq!(place.run(&["jobs", "--json"]).ok().out, "", "nothing was kept");
    let next = place.run(&["jobs", "next", "*/20 2 * * *", "--zone", "Europe/Berlin"]).ok();
    assert!(next.out.contains("does not run") && next.out.contains("runs both times"), "{next:#?}");
}

#[test]
fn a_job_runs_now_and_its_history_says_what_became_of_it() {
    let place = Place::new();
    place
        .run(&[
            "jobs",
            "add",
            "greet",
            "@yearly",
            "--env",
            "WHOM=world",
            "--",
            "sh",
            "-c",
            "echo hello $WHOM $ZENITH_DATA; exit 3",
        ])
        .ok();
    let ran = place.run(&["jobs", "run", "greet"]);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    assert!(ran.out.contains("failed") && ran.out.contains("it ended with 3"), "{ran:#?}");
    assert!(ran.out.contains("    hello world\n"), "what it wrote, and no variable of ours: {ran:#?}");
    let runs = place.run(&["jobs", "runs", "greet", "--json"]).ok();
    assert_eq!(
        (runs.each("status"), runs.each("trigger"), runs.each("exit")),
        (vec!["failed".into()], vec!["manual".into()], vec!["3".into()])
    );
    // A command of zenith runs in the folder that it was kept in.
    place.write("Cargo.toml", "[package]\nname = \"mine\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    place.write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"mine\"\nversion = \"0.1.0\"\n");
    place.write("src/lib.rs", "/// Says hello.\npub fn greet() {}\n");
    place.run(&["jobs", "add", "fresh", "*/30 * * * *", "--", "zenith", "index"]).ok();
    place.run(&["jobs", "run", "fresh"]).ok();
    assert_eq!(place.run(&["packages", "--json"]).ok().each("package"), ["mine"]);
}

#[test]
fn serving_runs_what_is_due_until_it_is_stopped() {
    let place = Place::new();
    place.run(&["jobs", "add", "greet", "@yearly", "--", "echo", "hello"]).ok();
    let serving = Serving::start(place.command(&["jobs", "serve", "--json"]));
    assert_eq!(serving.next()["event"], "scheduling");
    let asked = place.run(&["jobs", "run", "greet"]).ok();
    assert!(asked.out.contains("asked;") && asked.out.contains("runs it"), "{asked:#?}");
    assert!(
        asked.out.contains("succeeded") && asked.out.contains("    hello\n"),
        "and it is waited for: {asked:#?}"
    );
    let started = serving.next();
    assert_eq!((&started["event"], &started["job"]), (&"started".into(), &"greet".into()));
    assert_eq!(serving.next()["status"], "succeeded");
    assert!(place.run(&["jobs"]).ok().out.contains("(process "), "the list says who runs them");
    place.run(&["jobs", "edit", "greet", "--", "false"]).ok();
    assert_eq!(place.run(&["jobs", "run", "greet"]).code, Some(1), "what it came to is told");
    let unwaited = place.run(&["jobs", "run", "greet", "--no-wait"]).ok();
    assert!(!unwaited.out.contains("failed"), "{unwaited:#?}");
    assert_eq!(serving.until("ended")["status"], "failed");
    assert_eq!(serving.until("ended")["status"], "failed");
    interrupt(serving.id());
    let ended = serving.ended();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(place.run(&["jobs"]).ok().out.contains("nothing runs them"));
}

/// What a job of a killed scheduler left is ended before the job runs again.
#[test]
fn what_a_killed_scheduler_left_is_ended_before_its_job_runs_again() {
    let place = Place::new();
    let script = "echo $$ >> started; sleep 3000 & echo $! > sleeper; wait";
    let folder = place.project().display().to_string();
    place
        .run(&[
            "jobs",
            "add",
            "lead",
            "@yearly",
            "--on-lost",
            "retry",
            "--folder",
            &folder,
            "--",
            "sh",
            "-c",
            script,
        ])
        .ok();
    let mut first = place.command(&["jobs", "run", "lead"]).stdout(Stdio::null()).spawn().unwrap();
    let read = |name: &str| std::fs::read_to_string(place.project().join(name)).unwrap_or_default();
    while !read("sleeper").ends_with('\n') {
        std::thread::yield_now();
    }
    let sleeper = read("sleeper").trim().to_string();
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(is_alive(&sleeper), "a child of what went with its scheduler");
    // As it is when the lease has ended.
    let jobs = place.data().join("jobs.db");
    let program = format!(
        "import sqlite3; c = sqlite3.connect({jobs:?}, timeout=60); c.execute('UPDATE job_runs SET lease_until = 1'); \
         c.execute('UPDATE scheduler SET lease_until = 0'); c.commit()"
    );
    assert!(Command::new("python3").args(["-c", &program]).status().unwrap().success());
    let serving = Serving::start(place.command(&["jobs", "serve", "--json"]));
    serving.until("lost");
    assert!(!is_alive(&sleeper), "it is ended before that is told");
    serving.until("started");
    while read("started").lines().count() < 2 {
        std::thread::yield_now();
    }
    interrupt(serving.id());
    serving.ended();
}

/// Whether a process is there and runs.
fn is_alive(number: &str) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
    state.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
}

/// A job does not see its user's own `PATH`: what that alone has is kept by its place.
#[test]
fn a_program_that_ones_own_path_has_is_kept_by_its_place() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    place.write("bin/mine-alone", "#!/bin/sh\necho mine\n");
    let program = place.project().join("bin/mine-alone");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = place.command(&["jobs", "add", "own", "@yearly", "--", "mine-alone"]);
    command.env("PATH", format!("{}:/usr/bin:/bin", place.project().join("bin").display()));
    let added = Run::of(command.output().unwrap()).ok();
    assert!(added.err.contains("mine-alone is kept as /") && added.err.contains("--env PATH="), "{added:#?}");
    assert!(place.run(&["jobs", "run", "own"]).ok().out.contains("    mine\n"));
    let other = place.run(&["jobs", "add", "other", "@yearly", "--env", "PATH=/bin", "--", "mine-alone"]);
    assert!(other.code == Some(1) && other.err.contains("no program mine-alone in /bin"), "{other:#?}");
}
