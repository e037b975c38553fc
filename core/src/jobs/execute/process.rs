//! One program, from its start until nothing of it is left.

use std::collections::HashSet;
use std::io::pipe;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process, kill_process_group,
    setrlimit, test_kill_process, umask, waitid, waitpgid,
};
use tokio_util::sync::CancellationToken;

use super::output::Pipe;
use crate::jobs::run::{Outcome, RunKey, RunStatus};

/// Between two looks at whether it is to stop.
const STEP: Duration = Duration::from_millis(50);
/// How long a program may take to end in good order.
const TERM_WITHIN: Duration = Duration::from_secs(10);
/// How long what is left of it may go on writing.
const DRAIN: Duration = Duration::from_secs(1);
/// The variable that marks a run's processes.
const MARK: &str = "ZENITH_JOB_RUN";
const OPEN_FILES_MAX: u64 = 4096;
const FILE_BYTES_MAX: u64 = 64 << 30;

/// What is started.
pub(super) struct Command {
    pub program: PathBuf,
    pub arguments: Vec<String>,
    pub folder: PathBuf,
    /// All that it is given; this program's own variables where there is none.
    pub environment: Option<Vec<(String, String)>>,
}

/// Runs a program until it ends, is to stop, or has had its time. Blocks, on a thread that lives as long as it.
pub(super) fn run(
    command: &Command,
    mark: &str,
    timeout: Duration,
    stop: &CancellationToken,
    end: &CancellationToken,
) -> Outcome {
    adopt_what_is_left();
    let started = Instant::now();
    let (mut child, mut pipe) = match start(command, mark) {
        Ok(started) => started,
        Err(error) => {
            let why = format!("{} cannot be started: {error}", command.program.display());
            return Outcome::new(RunStatus::Failed, why);
        }
    };
    let Some(group) = Pid::from_raw(i32::try_from(child.id()).unwrap_or(0)) else {
        return Outcome::new(RunStatus::Failed, "it has no number");
    };
    let mut ending: Option<(RunStatus, Instant)> = None;
    while !has_exited(group) {
        pipe.read(STEP);
        let (now, is_timed_out) = (Instant::now(), started.elapsed() >= timeout);
        match ending {
            None if is_timed_out || stop.is_cancelled() || end.is_cancelled() => {
                let status = if is_timed_out { RunStatus::TimedOut } else { RunStatus::Stopped };
                let _ = kill_process_group(group, Signal::TERM);
                ending = Some((status, now));
            }
            Some((_, since)) if now.duration_since(since) >= TERM_WITHIN || end.is_cancelled() => {
                let _ = kill_process_group(group, Signal::KILL);
            }
            _ => {}
        }
    }
    let exit = clear(&mut child, group, mark, &mut pipe);
    outcome(exit, ending.map(|(status, _)| status), timeout, pipe)
}

fn start(command: &Command, mark: &str) -> std::io::Result<(Child, Pipe)> {
    let (reader, writer) = pipe()?;
    let mut started = std::process::Command::new(&command.program);
    if let Some(environment) = &command.environment {
        started.env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
    }
    started
        .args(&command.arguments)
        .current_dir(&command.folder)
        .env(MARK, mark)
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .process_group(0);
    let parent = std::process::id();
    // SAFETY: between fork and exec this makes system calls alone, and touches no memory of ours.
    unsafe {
        started.pre_exec(move || bound(parent));
    }
    // The command holds the pipe's writing ends, and goes with this function.
    let child = started.spawn()?;
    Ok((child, Pipe::new(reader)?))
}

/// What a program may not do, set in its own process before it begins.
fn bound(parent: u32) -> std::io::Result<()> {
    umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let limit = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::Core, limit(0))?;
    // A limit that the system set lower stays.
    let _ = setrlimit(Resource::Nofile, limit(OPEN_FILES_MAX));
    let _ = setrlimit(Resource::Fsize, limit(FILE_BYTES_MAX));
    #[cfg(target_os = "linux")]
    {
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        // This program may have ended before the kernel was told.
        let of = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get().unsigned_abs());
        if of != Some(parent) {
            return Err(std::io::Error::from(std::io::ErrorKind::Interrupted));
        }
        // SAFETY: a system call with numbers alone.
        if unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) } != 0 {
            return Err(std::io::Error::last_os_error());
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = parent;
    Ok(())
}

/// Whether a program ended. It is not reaped: its number stays its own.
fn has_exited(pid: Pid) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    match waitid(WaitId::Pid(pid), options) {
        Ok(status) => status.is_some(),
        Err(rustix::io::Errno::INTR) => false,
        Err(_) => true,
    }
}

/// Ends whatever is left of a program whose leader ended, reaps it, and reads the last that it wrote.
fn clear(child: &mut Child, group: Pid, mark: &str, pipe: &mut Pipe) -> Option<ExitStatus> {
    // While the leader is not reaped, no other group can have its number.
    let _ = kill_process_group(group, Signal::KILL);
    let exit = child.wait().ok();
    let until = Instant::now() + DRAIN;
    let mut left = HashSet::new();
    loop {
        let strays = strays(mark);
        for &stray in &strays {
            let _ = kill_process(stray, Signal::KILL);
        }
        // One that was killed loses its environment before it ends.
        left.extend(strays);
        left.retain(|&stray| !is_gone(group, stray));
        if (left.is_empty() && pipe.has_ended) || Instant::now() >= until {
            return exit;
        }
        pipe.read(STEP);
    }
}

/// The mark of a run's processes: the same for whoever schedules after the one that began it.
pub(super) fn mark_of(key: &RunKey) -> String {
    let RunKey { job_id, trigger, scheduled_ms, attempt } = key;
    let named = format!("{job_id}\0{}\0{scheduled_ms}\0{attempt}", trigger.as_str());
    blake3::hash(named.as_bytes()).to_hex()[..32].to_string()
}

/// Ends what is left on this machine of a run whose scheduler was killed: its leader went with that, and what the leader
/// began is nobody's. Blocks until nothing bears its mark, within a bound.
pub(super) fn end_left(mark: &str) {
    let until = Instant::now() + DRAIN;
    loop {
        let left = strays(mark);
        for &stray in &left {
            let _ = kill_process(stray, Signal::KILL);
        }
        if left.is_empty() || Instant::now() >= until {
            return;
        }
        std::thread::sleep(STEP);
    }
}

/// Reaps what this process adopted of a run, and says whether one that was killed has ended.
fn is_gone(group: Pid, stray: Pid) -> bool {
    while let Ok(Some(_)) = waitpgid(group, WaitOptions::NOHANG) {}
    let _ = waitid(WaitId::Pid(stray), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
    test_kill_process(stray).is_err()
}

fn outcome(exit: Option<ExitStatus>, ended: Option<RunStatus>, timeout: Duration, pipe: Pipe) -> Outcome {
    let code = exit.and_then(|exit| exit.code());
    let (status, why) = match (ended, code, exit.and_then(|exit| exit.signal())) {
        (Some(RunStatus::TimedOut), ..) => (
            RunStatus::TimedOut,
            Some(format!("it ran for longer than {} s, and was stopped", timeout.as_secs())),
        ),
        (Some(status), ..) => (status, Some("it was stopped".to_string())),
        (None, Some(0), _) => (RunStatus::Succeeded, None),
        (None, Some(code), _) => (RunStatus::Failed, Some(format!("it ended with {code}"))),
        (None, None, Some(signal)) => (RunStatus::Failed, Some(format!("signal {signal} ended it"))),
        (None, None, None) => (RunStatus::Failed, Some("how it ended is not known".to_string())),
    };
    Outcome { status, exit: code, output: pipe.output, why }
}

/// Has this process adopt what leaves a run's group.
fn adopt_what_is_left() {
    #[cfg(target_os = "linux")]
    {
        // Where the kernel does not know it, the group is all that is killed.
        let _ = rustix::process::set_child_subreaper(Pid::from_raw(1));
    }
}

/// The processes of a run by the mark in their environment.
fn strays(mark: &str) -> Vec<Pid> {
    let sign = format!("{MARK}={mark}");
    let is_marked = |folder: &Path| {
        let environment = std::fs::read(folder.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == sign.as_bytes())
    };
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    let numbers = processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let marked = numbers.filter(|number| is_marked(&Path::new("/proc").join(number.to_string())));
    marked.filter_map(Pid::from_raw).collect()
}
