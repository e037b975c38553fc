//! T9: whatever a program does, it ends in time with all that it started, and leaves a bounded row.
//!
//! Why: one job that hangs, forks or writes for ever must not take the machine, the history or the other jobs with it.
//!
//! Method: real programs run as jobs run them: one that ignores the signal to end and holds its output open through a
//! child of another session, and one that writes a gibibyte. Then the process table, the output and the environment are
//! looked at.
//!
//! Accept when the first one is gone with its children eleven seconds after its deadline, at most 64 KiB of the
//! gibibyte are kept, and no variable of this process reached a program.

use std::time::{Duration, Instant};

use futures::FutureExt;
use tokio_util::sync::CancellationToken;
use zenith_core::jobs::execute::Machine;
use zenith_core::jobs::{Executor, MachineWork, Outcome, RunKey, RunStatus, Task, Trigger};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

const LONGER: &str = "row-lets-it-run-longer";

pub const SPIKE: Spike = Spike {
    id: "T9",
    title: "a program ends in time with all that it started, and its output is bounded",
    group: Group::Tenancy,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[
        Target::tripwire("after the deadline it is gone within", 11.0 + 5.0),
        Target::gate("bytes kept of a gibibyte", 65_536.0, Unit::Bytes),
    ],
    faults: &[Fault { name: LONGER, what: "the job's own row lets it run for half a minute longer" }],
    run: |trial| run(trial).boxed(),
};

const DEADLINE: Duration = Duration::from_secs(1);
const STUBBORN: &str = "trap '' TERM; setsid sleep 1000 & echo $!; echo $$; while :; do sleep 1; done";
const MUCH: &str = "head -c 1073741824 /dev/zero";

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let folder = trial.lab.folder().to_path_buf();
    let machine = Machine {
        folder: folder.join("jobs"),
        home: folder.clone(),
        language: None,
        zenith: "/bin/false".into(),
        data: folder,
        secrets: Default::default(),
    };
    let longer = if trial.has_fault(LONGER) { Duration::from_secs(30) } else { Duration::ZERO };

    trial.progress("a program that will not end");
    let started = Instant::now();
    let stubborn = machine.run(task(STUBBORN, DEADLINE + longer)).await;
    evidence.time("after the deadline it is gone within", started.elapsed().saturating_sub(DEADLINE));
    evidence.check_eq("it is told as", stubborn.status, RunStatus::TimedOut);
    let numbers = text(&stubborn);
    evidence.check_eq("processes that it names", numbers.lines().count(), 2);
    evidence.check_eq(
        "processes that are left",
        numbers.lines().filter(|number| is_alive(number)).count(),
        0,
    );

    trial.progress("a gibibyte");
    let much = machine.run(task(MUCH, Duration::from_secs(300))).await;
    evidence.check_eq("bytes counted", much.output.bytes(), 1 << 30);
    let (head, tail) = much.output.told(&[]);
    evidence.count("bytes kept of a gibibyte", (head.len() + tail.len()) as u64, Unit::Bytes);

    let environment = text(&machine.run(task("env", Duration::from_secs(60))).await);
    let given = ["PATH", "HOME", "TZ", "PWD", "OLDPWD", "SHLVL", "_", "ZENITH_JOB_RUN"];
    let names = environment.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name);
    evidence.check_eq("variables that were not given", names.filter(|name| !given.contains(name)).count(), 0);
    Ok(evidence)
}

fn task(script: &str, timeout: Duration) -> Task<MachineWork> {
    let argv = ["sh", "-c", script].map(String::from).to_vec();
    Task {
        key: RunKey { job_id: "a9".to_string(), trigger: Trigger::Due, scheduled_ms: 0, attempt: 1 },
        name: "bounds".to_string(),
        timezone: "UTC".to_string(),
        work: MachineWork::Program { argv, folder: None, variables: Vec::new() },
        timeout,
        stop: CancellationToken::new(),
        end: CancellationToken::new(),
    }
}

fn text(outcome: &Outcome) -> String {
    let (head, tail) = outcome.output.told(&[]);
    head + &tail
}

fn is_alive(number: &str) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{}/stat", number.trim())).unwrap_or_default();
    state.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
}
