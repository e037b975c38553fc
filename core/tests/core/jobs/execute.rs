//! Real programs, run as jobs run them, and what is left of them.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use zenith_core::jobs::execute::{Machine, Statements, resolve};
use zenith_core::jobs::{
    END_BYTES_MAX, Executor, MachineWork, NewJob, Outcome, RunKey, RunStatus, Scheduler, ServiceWork, Task,
    Trigger,
};

use super::world::{World, program};
use crate::support::block_on;

fn machine(folder: &std::path::Path) -> Machine {
    Machine {
        folder: folder.join("jobs"),
        home: folder.to_path_buf(),
        language: Some("C.UTF-8".to_string()),
        zenith: "/bin/echo".into(),
        data: folder.to_path_buf(),
        secrets: std::sync::Arc::new(std::sync::RwLock::new(vec!["hunter2-token".to_string()])),
    }
}

fn task<W>(work: W, timeout: Duration) -> Task<W> {
    // No two runs are one: what is left of one is found by its key.
    let scheduled_ms = chrono::Utc::now().timestamp_nanos_opt().unwrap();
    Task {
        key: RunKey { job_id: "ab12".to_string(), trigger: Trigger::Due, scheduled_ms, attempt: 1 },
        name: "a job".to_string(),
        timezone: "Europe/Berlin".to_string(),
        work,
        timeout,
        stop: CancellationToken::new(),
        end: CancellationToken::new(),
    }
}

fn words(argv: &[&str]) -> MachineWork {
    let argv = argv.iter().map(|word| word.to_string()).collect();
    MachineWork::Program { argv, folder: None, variables: vec![("LEVEL".to_string(), "high".to_string())] }
}

async fn run(argv: &[&str]) -> (Outcome, String) {
    let folder = tempfile::tempdir().unwrap();
    let outcome = machine(folder.path()).run(task(words(argv), Duration::from_secs(60))).await;
    let text = text(&outcome);
    (outcome, text)
}

/// What a run wrote, as its row would have it.
fn text(outcome: &Outcome) -> String {
    let (head, tail) = outcome.output.told(&["hunter2-token".to_string()]);
    head + &tail
}

/// Whether a process is there and runs.
fn is_alive(number: &str) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{}/stat", number.trim())).unwrap_or_default();
    state.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
}

#[test]
fn a_program_is_given_its_words_and_how_it_ends_is_told() {
    block_on(async {
        let (outcome, text) = run(&["printf", "%s|", "a b", "$HOME", "*", "%d"]).await;
        assert_eq!(
            (outcome.status, text.as_str()),
            (RunStatus::Succeeded, "a b|$HOME|*|%d|"),
            "nothing is expanded"
        );
        let (outcome, text) = run(&["sh", "-c", "echo out; echo err >&2; exit 3"]).await;
        assert_eq!((outcome.status, outcome.exit, text.as_str()), (RunStatus::Failed, Some(3), "out\nerr\n"));
        let (outcome, _) = run(&["sh", "-c", "kill -9 $$"]).await;
        assert_eq!((outcome.status, outcome.exit), (RunStatus::Failed, None));
        assert_eq!(outcome.why.as_deref(), Some("signal 9 ended it"));
        let (outcome, _) = run(&["no-such-program"]).await;
        assert_eq!(outcome.status, RunStatus::Failed);
        assert!(outcome.why.unwrap().contains("no program no-such-program in /usr/local/bin"));
    });
}

#[test]
fn a_program_has_an_environment_and_a_folder_of_its_own() {
    block_on(async {
        let (_, text) = run(&["sh", "-c", "env | sed 's/=.*//' | sort; umask; ulimit -c; pwd; cat"]).await;
        let lines: Vec<&str> = text.lines().collect();
        let names = ["HOME", "LANG", "LEVEL", "PATH", "PWD", "TZ", "ZENITH_JOB_RUN"];
        let found: Vec<&str> =
            lines.iter().copied().filter(|line| line.chars().all(|c| c.is_uppercase() || c == '_')).collect();
        assert!(
            found
                .iter()
                .all(|name| names.contains(name) || *name == "_" || *name == "OLDPWD" || *name == "SHLVL"),
            "{found:?}"
        );
        assert_eq!(lines[lines.len() - 3..lines.len() - 1], ["0077", "0"]);
        assert!(lines.last().unwrap().ends_with("/jobs/ab12"), "{text}");
        let (_, zone) = run(&["sh", "-c", "echo $TZ $LEVEL"]).await;
        assert_eq!(zone, "Europe/Berlin high\n");
    });
}

#[test]
fn what_a_program_leaves_behind_ends_with_it_and_holds_nothing_up() {
    block_on(async {
        // The sleeping child holds the pipe open, and the second one leaves the group.
        let (outcome, text) = run(&["sh", "-c", "sleep 1000 & echo $!; setsid sleep 1000 & echo $!"]).await;
        assert_eq!(outcome.status, RunStatus::Succeeded);
        let numbers: Vec<&str> = text.lines().collect();
        assert_eq!(numbers.len(), 2, "{text}");
        for number in numbers {
            assert!(!is_alive(number), "{number} is alive");
        }
    });
}

#[test]
fn a_program_that_takes_too_long_is_stopped_with_all_that_it_started() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let machine = machine(folder.path());
        let long = words(&["sh", "-c", "sleep 1000 & echo $!; wait"]);
        let outcome = machine.run(task(long, Duration::from_secs(1))).await;
        assert_eq!(outcome.status, RunStatus::TimedOut);
        assert!(!is_alive(&text(&outcome)));
        assert!(outcome.why.unwrap().contains("longer than 1 s"));
    });
}

#[test]
fn a_program_that_will_not_stop_is_killed() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let stubborn = task(
            words(&["sh", "-c", "trap '' TERM; echo $$ > number; while :; do sleep 1; done"]),
            Duration::from_secs(600),
        );
        let (stop, end) = (stubborn.stop.clone(), stubborn.end.clone());
        let machine = machine(folder.path());
        let number = folder.path().join("jobs/ab12/number");
        let running = tokio::spawn(async move { machine.run(stubborn).await });
        while !std::fs::read_to_string(&number).is_ok_and(|text| text.ends_with('\n')) {
            tokio::task::yield_now().await;
        }
        stop.cancel();
        end.cancel();
        let outcome = running.await.unwrap();
        assert_eq!(outcome.status, RunStatus::Stopped);
        assert!(!is_alive(&std::fs::read_to_string(&number).unwrap()));
    });
}

#[test]
fn of_much_output_the_ends_are_kept_and_the_rest_is_counted() {
    block_on(async {
        let (outcome, _) =
            run(&["sh", "-c", "echo begin; head -c 50000000 /dev/zero | tr '\\0' x; echo end"]).await;
        assert_eq!(outcome.output.bytes(), 50_000_010);
        let (head, tail) = outcome.output.told(&[]);
        assert_eq!((head.len(), tail.len()), (END_BYTES_MAX, END_BYTES_MAX));
        assert!(head.starts_with("begin\nxxx") && tail.ends_with("xxxend\n"));
        // What is no text becomes longer by what stands for it, and is bounded all the same.
        let (zeros, _) = run(&["head", "-c", "100000", "/dev/zero"]).await;
        let (head, tail) = zeros.output.told(&[]);
        assert!(head.len() <= END_BYTES_MAX && tail.len() <= END_BYTES_MAX, "{} {}", head.len(), tail.len());
    });
}

#[test]
fn known_secrets_are_not_kept() {
    block_on(async {
        let (_, text) = run(&["echo", "token hunter2-token."]).await;
        assert_eq!(text, "token ******.\n");
        // Across the place where the two ends meet, and where what lies between was left out.
        for more in ["0", "100000"] {
            let script = format!(
                "head -c {} /dev/zero | tr '\\0' x; printf hunter2-token; head -c {more} /dev/zero | tr '\\0' y; \
                 printf hunter2-token; head -c {} /dev/zero | tr '\\0' z",
                END_BYTES_MAX - 8,
                END_BYTES_MAX - 8,
            );
            let (_, text) = run(&["sh", "-c", &script]).await;
            assert!(!text.contains("hunter2") && !text.contains("2-token"), "with {more} between");
        }
    });
}

#[test]
fn a_program_is_found_by_its_name_or_from_the_root_on() {
    assert!(resolve("sh", "/usr/local/bin:/usr/bin:/bin").unwrap().is_absolute());
    assert_eq!(resolve("/bin/sh", "").unwrap(), std::path::Path::new("/bin/sh"));
    for none in ["./sh", "bin/sh", "/etc/passwd", "/nowhere/at/all", "sh"] {
        let path = if none == "sh" { "relative:" } else { "/bin" };
        assert!(resolve(none, path).is_err(), "{none}");
    }
}

#[test]
fn statements_run_in_the_database_that_they_are_given() {
    block_on(async {
        let world = World::at("2026-06-01T12:00:00Z").await;
        let database = libsql::Builder::new_local(world.folder.path().join("jobs.db")).build().await.unwrap();
        database.connect().unwrap().execute("CREATE TABLE notes (text TEXT)", ()).await.unwrap();
        let executor = Statements::over(std::sync::Arc::new(database), 2);
        let statements = ["INSERT INTO notes VALUES ('one'), ('two')", "SELECT text, NULL, 7 FROM notes"];
        let work = ServiceWork { statements: statements.map(String::from).to_vec() };
        let outcome = executor.run(task(work, Duration::from_secs(60))).await;
        assert_eq!(outcome.status, RunStatus::Succeeded);
        assert!(text(&outcome).contains("one\t\t7\ntwo\t\t7\n"), "{}", text(&outcome));
        let work = ServiceWork { statements: vec!["SELECT * FROM nowhere".to_string()] };
        let outcome = executor.run(task(work, Duration::from_secs(60))).await;
        assert_eq!(outcome.status, RunStatus::Failed);
        assert!(
            outcome.why.unwrap().contains("refused: no such table: nowhere"),
            "it is its owner's statement"
        );
    });
}

#[test]
fn a_due_program_really_runs_and_its_row_holds_what_it_wrote() {
    block_on(async {
        let world = World::at("2026-06-01T12:00:30Z").await;
        world
            .store
            .create(&NewJob::new("greet", "1 12 * * *", program(&["echo", "hello hunter2-token"])))
            .await
            .unwrap();
        let (events, _) = tokio::sync::mpsc::unbounded_channel();
        let executor = std::sync::Arc::new(machine(world.folder.path()));
        let mut scheduler = Scheduler::new(world.again().await, executor, "a test", events);
        world.pass(40);
        scheduler.round().await.unwrap();
        scheduler.settle().await.unwrap();
        let run = world.last("greet").await;
        assert_eq!(
            (run.status, run.exit, run.output_head.as_str()),
            (RunStatus::Succeeded, Some(0), "hello ******\n")
        );
        assert_eq!(run.output_bytes, 20);
    });
}
