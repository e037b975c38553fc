//! A place with a project, a data folder and the program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

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
        command.env_remove("ZENITH_MODEL").env("NO_COLOR", "1");
        command.env("AWS_SHARED_CREDENTIALS_FILE", self.path.join("credentials"));
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

/// What a run of the program printed, and how it ended.
#[derive(Debug)]
pub struct Run {
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
