//! A place with a project, a data folder and the program.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::runtime::Runtime;
use zenith_core::config::{Config, Overrides};
use zenith_core::lake::{Location, StoreCredentials, StoreSettings, Surroundings};
use zenith_harness::Backend;
use zenith_harness::lab::{Bucket, FaultPlan, KEY_ID, Lab, LabError, LabOptions, REGION, SECRET};

/// A folder of its own for everything that a run touches. Removed with the test; kept, and named, if
/// the test fails.
pub struct Place {
    folder: Option<TempDir>,
    path: PathBuf,
}

impl Place {
    pub fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        std::fs::create_dir(path.join("project")).unwrap();
        Place { folder: Some(folder), path }
    }

    /// A place with a workspace of `count` small packages.
    pub fn with_workspace(count: usize) -> Place {
        let place = Place::new();
        let members: Vec<String> = (0..count).map(|number| format!("\"part{number}\"")).collect();
        place.write(
            "Cargo.toml",
            &format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n", members.join(", ")),
        );
        let mut lock = String::from("version = 4\n");
        for number in 0..count {
            let manifest =
                format!("[package]\nname = \"part{number}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
            place.write(&format!("part{number}/Cargo.toml"), &manifest);
            let code = format!("/// Does part {number} of the work.\npub fn do_part{number}() {{}}\n")
                + &(0..40).map(|item| format!("pub struct Piece{number}x{item};\n")).collect::<String>();
            place.write(&format!("part{number}/src/lib.rs"), &code);
            lock += &format!("\n[[package]]\nname = \"part{number}\"\nversion = \"0.1.0\"\n");
        }
        place.write("Cargo.lock", &lock);
        place
    }

    pub fn project(&self) -> PathBuf {
        self.path.join("project")
    }

    pub fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// Where the platform keeps what programs remember.
    pub fn state(&self) -> PathBuf {
        self.path.join("state")
    }

    /// Writes a file of the project.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.project().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The program with these arguments, in the project, with nothing of the user's own.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zenith"));
        command.args(arguments).current_dir(self.project()).stdin(Stdio::null());
        command.env("ZENITH_DATA", self.data()).env("ZENITH_CONFIG", self.path.join("config.toml"));
        command.env("XDG_STATE_HOME", self.state());
        command.env("NO_COLOR", "1").env("ZENITH_RUSTC", "no-such-rustc");
        for display in ["TMUX", "DISPLAY", "WAYLAND_DISPLAY"] {
            command.env_remove(display);
        }
        command.env("AWS_SHARED_CREDENTIALS_FILE", self.path.join("credentials"));
        command.env("AWS_CONFIG_FILE", self.path.join("config"));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(folder) = self.folder.take()
        {
            let path = folder.keep();
            eprintln!("kept for a look: cd {0}/project; ZENITH_DATA={0}/data zenith doctor", path.display());
        }
    }
}

/// A command on a disk that takes no file larger than `kib`. Every write beyond that fails as it does on
/// a full disk, with another number: a limit of the process, so that no file system has to be mounted.
#[cfg(unix)]
pub fn limited(whole: &Command, kib: u64) -> Command {
    let mut command = Command::new("bash");
    command.arg("-c").arg("trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"").arg(kib.to_string());
    command.arg(whole.get_program()).args(whole.get_args()).stdin(Stdio::null());
    if let Some(folder) = whole.get_current_dir() {
        command.current_dir(folder);
    }
    for (name, value) in whole.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// The local lab; `None` where the server is not on this machine and nobody requires it.
pub fn local_lab(runtime: &Runtime) -> Option<Arc<Lab>> {
    let options = LabOptions::new(&Config::load(Overrides::default()).unwrap());
    match runtime.block_on(Lab::start(Backend::Local, &options)) {
        Ok(lab) => Some(Arc::new(lab)),
        Err(LabError::Absent { because }) if std::env::var_os("CI").is_none() => {
            eprintln!("not run: {because}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// A run of a command that reads a text.
pub fn run_with_input(mut command: Command, text: &str) -> Run {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    Run::of(child.wait_with_output().unwrap())
}

/// Tells a command that its store is a place in a bucket.
pub fn with_store(command: &mut Command, bucket: &Bucket, location: &str) {
    command.env("ZENITH_STORE", location).env("ZENITH_STORE_ENDPOINT", bucket.endpoint());
    command.env("ZENITH_STORE_REGION", REGION);
    command.env("AWS_ACCESS_KEY_ID", KEY_ID).env("AWS_SECRET_ACCESS_KEY", SECRET);
}

/// The same for what is opened in this process.
pub fn store_settings(bucket: &Bucket, location: &str) -> StoreSettings {
    StoreSettings {
        location: Some(Location::parse(location, Surroundings::default()).unwrap()),
        endpoint: Some(bucket.endpoint()),
        region: Some(REGION.to_string()),
        credentials: Some(StoreCredentials {
            key_id: KEY_ID.to_string(),
            secret: SECRET.into(),
            session_token: None,
        }),
        // What is cut for good is given up soon.
        patience: Duration::from_millis(400),
        ..StoreSettings::default()
    }
}

/// Kills a command while one of its requests to a bucket hangs: before it was done, or after.
pub fn kill_at(runtime: &Runtime, bucket: &Bucket, mut command: Command, plan: FaultPlan) {
    bucket.set_faults(Some(plan));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let hangs =
        runtime.block_on(async { tokio::time::timeout(Duration::from_secs(60), bucket.hanging()).await });
    hangs.expect("the program makes this request");
    child.kill().unwrap();
    child.wait().unwrap();
    bucket.set_faults(None);
}

/// Cuts the last byte off a file of a package's dataset, as somebody may who edits what they should not.
pub fn cut_a_byte(place: &Place, scope: &str, package: &str) {
    let mut folders = vec![place.data().join("lance").join(scope).join("rust").join(package)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.components().any(|part| part.as_os_str() == "api_symbols.lance")
                && path.parent().is_some_and(|folder| folder.ends_with("data"))
            {
                let bytes = std::fs::read(&path).unwrap();
                return std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
            }
        }
    }
    panic!("{package} has no dataset in {scope}");
}

/// Ctrl-C, as a terminal sends it.
#[cfg(unix)]
pub fn interrupt(pid: u32) {
    assert!(Command::new("kill").args(["-INT", &pid.to_string()]).status().unwrap().success());
}

/// Longer than any command may take to end, on any machine: a tripwire.
const ENDS_WITHIN: Duration = Duration::from_secs(40);

/// What a command says that gets one Ctrl-C when it hangs; `None` where it ended without coming to that.
#[cfg(unix)]
pub async fn stopped(command: Command, hangs: impl Future<Output = ()>) -> Option<Run> {
    let mut command = tokio::process::Command::from(command);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let came = async {
        tokio::select! {
            () = hangs => true,
            _ = child.wait() => false,
        }
    };
    if !tokio::time::timeout(Duration::from_secs(60), came).await.expect("it hangs or ends") {
        return None;
    }
    interrupt(child.id().unwrap());
    let ended = tokio::time::timeout(ENDS_WITHIN, child.wait_with_output()).await;
    Some(Run::of(ended.expect("Ctrl-C ends it").unwrap()))
}

/// What a run of the program printed, and how it ended.
#[derive(Debug)]
pub struct Run {
    /// Nothing where a signal ended it.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Run {
    pub fn of(output: Output) -> Run {
        Run {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Asserts that it ended well.
    #[track_caller]
    pub fn ok(self) -> Run {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self
    }

    /// Each line of its output as JSON.
    #[track_caller]
    pub fn json(&self) -> Vec<serde_json::Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// One field of every line.
    #[track_caller]
    pub fn each(&self, field: &str) -> Vec<String> {
        let text =
            |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_string);
        self.json().iter().map(|line| text(&line[field])).collect()
    }
}

/// The fixture packages of this repository.
pub fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/crates").join(name).display().to_string()
}
