//! Cargo as a process: asked without the network, for a bounded time.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::Cargo;

/// What all answers together may take: another cargo may hold the lock that this one waits for.
const PATIENCE: Duration = Duration::from_secs(60);
const OUTPUT_BYTES_MAX: u64 = 1 << 30;
const WORDS_CHARS_MAX: usize = 300;

/// Asks in one folder, whose settings and toolchain hold.
pub(super) struct Asker<'a> {
    cargo: &'a Cargo,
    folder: &'a Path,
    /// In place of the one that the folder's file names and this machine lacks.
    toolchain: Option<String>,
    /// The platform that this cargo builds for by itself.
    pub host: Option<String>,
    until: Instant,
}

impl<'a> Asker<'a> {
    /// One that knows no platform, and gives no answer where the toolchain that the folder names is not here.
    pub fn of_the_folders_toolchain(cargo: &'a Cargo, folder: &'a Path) -> Asker<'a> {
        Asker { cargo, folder, toolchain: None, host: None, until: Instant::now() + PATIENCE }
    }

    pub fn new(cargo: &'a Cargo, folder: &'a Path) -> Asker<'a> {
        let mut asker = Asker::of_the_folders_toolchain(cargo, folder);
        let mut told = asker.cargo(&["-vV"]);
        // A toolchain that is not here would be downloaded, or be the end of every answer.
        if told.as_ref().is_err_and(|why| why.contains("toolchain")) {
            asker.toolchain = asker.usual_toolchain();
            told = asker.cargo(&["-vV"]);
        }
        asker.host = told.ok().and_then(|told| host_in(&told));
        asker
    }

    /// What cargo prints to these arguments, or why it does not.
    fn cargo(&self, arguments: &[&str]) -> Result<String, String> {
        let told = self.run(&self.cargo.program, self.folder, arguments)?;
        String::from_utf8(told).map_err(|error| error.to_string())
    }

    /// The JSON object that cargo prints to these arguments. A wrapper may print before it does.
    pub fn json(&self, arguments: &[&str]) -> Result<String, String> {
        let told = self.cargo(arguments)?;
        let object = told.lines().find(|line| line.starts_with('{'));
        object.map(str::to_owned).ok_or_else(|| "what it printed is no answer".to_owned())
    }

    /// The toolchain that is used where no file names one.
    fn usual_toolchain(&self) -> Option<String> {
        let beside = self.cargo.program.with_file_name("rustup");
        let rustup = if beside.is_file() { beside } else { PathBuf::from("rustup") };
        let told = self.run(&rustup, &self.cargo.home, &["show", "active-toolchain"]).ok()?;
        Some(String::from_utf8(told).ok()?.split_whitespace().next()?.to_owned())
    }

    fn run(&self, program: &Path, folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder).env("CARGO_HOME", &self.cargo.home);
        command.env("CARGO_NET_OFFLINE", "true").env("RUSTUP_AUTO_INSTALL", "0");
        command.env("CARGO_TERM_COLOR", "never");
        if let Some(toolchain) = &self.toolchain {
            command.env("RUSTUP_TOOLCHAIN", toolchain);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("it cannot be started: {error}"))?;
        let output = read_beside(child.stdout.take());
        let words = read_beside(child.stderr.take());
        let Ok(output) = output.recv_timeout(self.until.saturating_duration_since(Instant::now())) else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("it did not end within {} s", PATIENCE.as_secs()));
        };
        let status = child.wait().map_err(|error| error.to_string())?;
        match status.success() {
            true => Ok(output),
            false => {
                let words = words.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
                Err(gist(&String::from_utf8_lossy(&words), &status.to_string()))
            }
        }
    }
}

/// `host: x86_64-unknown-linux-gnu` of what cargo says of itself.
fn host_in(told: &str) -> Option<String> {
    told.lines().find_map(|line| line.strip_prefix("host: ")).map(|host| host.trim().to_owned())
}

/// Reads a stream to its end in a thread of its own.
fn read_beside(stream: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(stream) = stream {
            let _ = stream.take(OUTPUT_BYTES_MAX).read_to_end(&mut bytes);
        }
        let _ = sender.send(bytes);
    });
    receiver
}

/// The error among what cargo said, on one line.
fn gist(words: &str, status: &str) -> String {
    let lines: Vec<&str> = words.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let start = lines.iter().position(|line| line.starts_with("error")).unwrap_or(0);
    let said: Vec<&str> = lines.iter().skip(start).filter(|line| **line != "Caused by:").copied().collect();
    let said = said.join("; ");
    let said = said.trim_start_matches("error: ");
    match said.char_indices().nth(WORDS_CHARS_MAX) {
        _ if said.is_empty() => status.to_owned(),
        Some((at, _)) => format!("{}…", said.get(..at).unwrap_or_default()),
        None => said.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_told_without_the_warnings_before_it() {
        let words =
            "warning: unused key\n    Blocking\nerror: failed to load `/a/Cargo.toml`\n\nCaused by:\n  bad\n";
        assert_eq!(gist(words, "exit status: 101"), "failed to load `/a/Cargo.toml`; bad");
        assert_eq!(gist("", "exit status: 101"), "exit status: 101");
        assert!(gist(&"ä".repeat(1_000), "").chars().count() <= WORDS_CHARS_MAX + 1);
    }
}
