//! Scheduled jobs as a user has them.

use crate::serving::Serving;
use crate::support::{Place, interrupt};

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
    let changed = place.run(&["jobs", "edit", "greet", "--schedule", "@hourly", "--json"]).ok();
    assert_eq!(
        (changed.each("schedule"), changed.each("kept")),
        (vec!["@hourly".into()], vec!["this machine".into()])
    );
    place.run(&["jobs", "remove", "greet"]).ok();
    let gone = place.run(&["jobs", "runs", "greet"]);
    assert_eq!((gone.code, gone.err.trim()), (Some(1), "zenith: there is no such job"));
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
    let started = serving.next();
    assert_eq!((&started["event"], &started["job"]), (&"started".into(), &"greet".into()));
    assert_eq!(serving.next()["status"], "succeeded");
    assert!(place.run(&["jobs"]).ok().out.contains("(process "), "the list says who runs them");
    interrupt(serving.id());
    let ended = serving.ended();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(place.run(&["jobs"]).ok().out.contains("nothing runs them"));
}
