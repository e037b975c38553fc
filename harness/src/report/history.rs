//! Runs are kept, one file each, so that figures can be compared over time.
//!
//! A file is written whole beside its place and renamed, so that a reader sees a run or none. Its first
//! line says what it is and how many outcomes follow; a file that says otherwise is damaged: it is
//! named, passed over and left alone.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::jsonl;
use crate::outcome::Outcome;

/// Older runs are removed.
const RUNS_MAX: usize = 200;
/// No run is nearly as large; a larger file is not ours.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
const FORMAT: &str = "zenith-spikes/1";
const ENDING: &str = ".jsonl";
/// A file that is being written; what a crash leaves of it is removed by a later run.
const UNFINISHED: &str = ".unfinished-";
/// Nobody writes for that long.
const UNFINISHED_SECONDS_MAX: u64 = 3600;

/// The folder in which runs are kept.
#[derive(Clone, Debug)]
pub struct History {
    folder: PathBuf,
}

/// A run that was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptRun {
    pub run: String,
    pub at: DateTime<Utc>,
    pub outcomes: Vec<Outcome>,
}

/// What is in the folder.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    /// The oldest first.
    pub runs: Vec<KeptRun>,
    /// Files that cannot be read.
    pub damaged: Vec<Damaged>,
}

/// A file that is no whole run, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    pub path: PathBuf,
    pub why: String,
}

/// A run that cannot be kept, or a folder that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    #[error("cannot keep the run in {path}: {error}")]
    Keep { path: PathBuf, error: io::Error },
    #[error("cannot read the runs in {path}: {error}")]
    List { path: PathBuf, error: io::Error },
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    run: String,
    at: DateTime<Utc>,
    outcomes: usize,
}

impl History {
    /// The history in this data folder, which need not exist.
    pub fn in_data(data: &Path) -> History {
        History { folder: data.join("spikes").join("runs") }
    }

    /// A name for a run that began then; names sort by time.
    pub fn name(at: DateTime<Utc>) -> String {
        let id = uuid::Uuid::new_v4().simple().to_string();
        format!("{}-{}", at.format("%Y%m%dT%H%M%S%.3fZ"), &id[..8])
    }

    /// Keeps a run, and removes the oldest where there are too many.
    pub fn keep(&self, run: &str, at: DateTime<Utc>, outcomes: &[Outcome]) -> Result<PathBuf, HistoryError> {
        let path = self.folder.join(format!("{run}{ENDING}"));
        let write = || -> io::Result<()> {
            fs::create_dir_all(&self.folder)?;
            let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.folder)?;
            file.write_all(text(run, at, outcomes)?.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist_noclobber(&path)?;
            Ok(())
        };
        write().map_err(|error| HistoryError::Keep { path: path.clone(), error })?;
        self.prune();
        Ok(path)
    }

    /// Every run that is kept, and every file that is damaged.
    pub fn read(&self) -> Result<Runs, HistoryError> {
        let mut found = Runs::default();
        for path in self.files()? {
            match read_run(&path) {
                Ok(run) => found.runs.push(run),
                Err(why) => found.damaged.push(Damaged { path, why }),
            }
        }
        Ok(found)
    }

    /// The files of runs by name, which is by time.
    fn files(&self) -> Result<Vec<PathBuf>, HistoryError> {
        let list = || -> io::Result<Vec<PathBuf>> {
            let mut files = Vec::new();
            for entry in fs::read_dir(&self.folder)? {
                let entry = entry?;
                let name = entry.file_name();
                let is_run = name.to_str().is_some_and(|name| name.ends_with(ENDING));
                if is_run && entry.file_type()?.is_file() {
                    files.push(entry.path());
                }
            }
            files.sort();
            Ok(files)
        };
        match list() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            listed => listed.map_err(|error| HistoryError::List { path: self.folder.clone(), error }),
        }
    }

    /// The run is kept by now; what cannot be removed is tried again by the next.
    fn prune(&self) {
        let files = self.files().unwrap_or_default();
        let surplus = files.len().saturating_sub(RUNS_MAX);
        let unfinished = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let unfinished = unfinished.filter(|entry| {
            let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(UNFINISHED));
            ours && age_seconds(entry).is_some_and(|age| age > UNFINISHED_SECONDS_MAX)
        });
        for path in files.into_iter().take(surplus).chain(unfinished.map(|entry| entry.path())) {
            let _ = fs::remove_file(path);
        }
    }
}

fn age_seconds(entry: &fs::DirEntry) -> Option<u64> {
    let modified = entry.metadata().and_then(|metadata| metadata.modified()).ok()?;
    Some(modified.elapsed().ok()?.as_secs())
}

fn text(run: &str, at: DateTime<Utc>, outcomes: &[Outcome]) -> io::Result<String> {
    let header = Header { format: FORMAT.into(), run: run.into(), at, outcomes: outcomes.len() };
    let mut text = serde_json::to_string(&header)? + "\n";
    for outcome in outcomes {
        text.push_str(&jsonl::line(outcome)?);
        text.push('\n');
    }
    Ok(text)
}

fn read_run(path: &Path) -> Result<KeptRun, String> {
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    let bytes = file.metadata().map_err(|error| error.to_string())?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(format!("it is larger than {FILE_BYTES_MAX} bytes"));
    }
    let mut lines = BufReader::new(file.take(FILE_BYTES_MAX)).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new())).map_err(|error| error.to_string())?;
    let header: Header = serde_json::from_str(&first).map_err(|error| format!("line 1: {error}"))?;
    if header.format != FORMAT {
        return Err(format!("its format is {:?}, not {FORMAT:?}", header.format));
    }
    let mut outcomes = Vec::new();
    for (index, line) in lines.enumerate() {
        let line = line.map_err(|error| error.to_string())?;
        outcomes.push(jsonl::parse(&line).map_err(|error| format!("line {}: {error}", index + 2))?);
    }
    if outcomes.len() != header.outcomes {
        return Err(format!("it has {} of {} outcomes", outcomes.len(), header.outcomes));
    }
    Ok(KeptRun { run: header.run, at: header.at, outcomes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::one_of_each;

    fn kept(history: &History, count: usize) -> Vec<PathBuf> {
        let keep = |index: usize| {
            let at = DateTime::from_timestamp(1_800_000_000 + index as i64, 0).unwrap();
            history.keep(&History::name(at), at, &one_of_each()).unwrap()
        };
        (0..count).map(keep).collect()
    }

    #[test]
    fn runs_are_read_back_the_oldest_first() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::in_data(folder.path());
        assert!(history.read().unwrap().runs.is_empty());
        kept(&history, 3);
        let found = history.read().unwrap();
        assert_eq!(found.damaged, []);
        assert_eq!(found.runs.len(), 3);
        assert!(found.runs.is_sorted_by_key(|run| run.at));
        assert_eq!(found.runs[0].outcomes, one_of_each());
    }

    #[test]
    fn a_damaged_file_is_named_and_the_rest_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::in_data(folder.path());
        let paths = kept(&history, 4);
        let whole = fs::read_to_string(&paths[0]).unwrap();
        fs::write(&paths[0], &whole[..whole.len() - 100]).unwrap();
        let without_last = whole.trim_end().rsplit_once('\n').unwrap().0;
        fs::write(&paths[1], format!("{without_last}\n")).unwrap();
        fs::write(&paths[2], b"\xff\xfe\0").unwrap();
        let found = history.read().unwrap();
        assert_eq!(found.runs.len(), 1);
        let damaged: Vec<_> = found.damaged.iter().map(|damaged| &damaged.path).collect();
        assert_eq!(damaged, [&paths[0], &paths[1], &paths[2]]);
        assert!(found.damaged[0].why.starts_with("line 5: "), "{:?}", found.damaged);
        assert_eq!(found.damaged[1].why, "it has 3 of 4 outcomes");
    }

    #[test]
    fn a_crash_before_the_rename_leaves_no_run_and_is_cleared_away() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::in_data(folder.path());
        let path = kept(&history, 1).remove(0);
        let half = path.with_file_name(".unfinished-x");
        let fresh = path.with_file_name(".unfinished-y");
        fs::write(&half, "{\"format\":").unwrap();
        fs::write(&fresh, "{\"format\":").unwrap();
        let found = history.read().unwrap();
        assert_eq!((found.runs.len(), found.damaged.len()), (1, 0));
        let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(7200);
        fs::File::options().write(true).open(&half).unwrap().set_modified(long_ago).unwrap();
        history.keep("run", Utc::now(), &[]).unwrap();
        assert!(!half.exists() && fresh.exists());
    }

    #[test]
    fn the_oldest_runs_make_room() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::in_data(folder.path());
        let paths = kept(&history, RUNS_MAX + 2);
        assert_eq!(history.files().unwrap(), paths[2..]);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("spikes"), "a file").unwrap();
        let history = History::in_data(folder.path());
        let error = history.keep("run", Utc::now(), &[]).unwrap_err().to_string();
        assert!(error.contains("spikes") && error.contains("run.jsonl"), "{error}");
    }
}
