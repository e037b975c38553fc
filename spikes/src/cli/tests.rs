//! The program as a user meets it, over toy spikes in real labs of files and memory.

use std::path::Path;

use clap::Parser;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use zenith_harness::report::history::History;

use super::toys::TOYS;
use super::*;

struct Ended {
    code: anyhow::Result<u8>,
    out: String,
}

async fn spike(data: &Path, line: &str) -> Ended {
    let arguments = Arguments::try_parse_from(line.split_whitespace()).unwrap();
    let mut out = Vec::new();
    let overrides = Overrides { data_dir: Some(data.to_path_buf()) };
    let (config, cancel) = (Config::load(overrides).unwrap(), CancellationToken::new());
    let setting = Setting { spikes: TOYS, config, out: &mut out, cancel, watched: false };
    let code = execute(arguments, setting).await;
    Ended { code, out: String::from_utf8(out).unwrap() }
}

impl Ended {
    fn code(&self) -> u8 {
        *self.code.as_ref().unwrap()
    }

    fn objects(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

#[tokio::test]
async fn spikes_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let list = spike(folder.path(), "spike list").await;
    assert!(list.out.starts_with("ID  GROUP    CLAIM             RUNS ON"), "{}", list.out);
    let objects = spike(folder.path(), "spike list --json").await.objects();
    assert_eq!(objects.len(), TOYS.len());
    assert_eq!(objects[0]["targets"][0]["figure"], "requests");
    assert_eq!(objects[0]["faults"][1]["name"], "unnoticed");
    let table = spike(folder.path(), "spike list --markdown").await.out;
    assert_eq!(table, crate::readme::table(TOYS));
}

#[tokio::test]
async fn a_run_that_is_as_expected_ends_with_0_and_one_that_is_not_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let as_expected = spike(folder.path(), "spike run a1 j1 --backend embedded").await;
    assert_eq!(as_expected.code(), 0, "{}", as_expected.out);
    assert!(as_expected.out.contains("requests: 1 of ≤ 2 requests"), "{}", as_expected.out);
    assert!(as_expected.out.contains("1 holds, 1 refuted in "), "{}", as_expected.out);
    assert!(as_expected.out.ends_with("; all as expected\n"), "{}", as_expected.out);
    let not = spike(folder.path(), "spike run j2").await;
    assert_eq!(not.code(), 1);
    assert!(
        not.out.contains("J2 on embedded: refuted, expected holds\n  rows: found 1, expected 2"),
        "{}",
        not.out
    );
}

#[tokio::test]
async fn json_is_one_outcome_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let run = spike(folder.path(), "spike run --backend embedded --json").await;
    assert_eq!(run.code(), 1);
    let verdicts: Vec<_> = run.objects().into_iter().map(|object| object["verdict"].clone()).collect();
    assert_eq!(verdicts, ["holds", "refuted", "refuted"]);
}

#[tokio::test]
async fn reports_are_written_where_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let [junit, page] = ["spikes.xml", "spikes.md"].map(|name| folder.path().join(name));
    let line =
        format!("spike run a1 --backend embedded --junit {} --markdown {}", junit.display(), page.display());
    assert_eq!(spike(folder.path(), &line).await.code(), 0);
    assert!(std::fs::read_to_string(junit).unwrap().contains("<testsuite name=\"embedded\""));
    assert!(std::fs::read_to_string(page).unwrap().contains("## A1 on embedded: holds"));
}

#[tokio::test]
async fn a_report_that_cannot_be_written_is_told_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let line = format!("spike run a1 --junit {}", folder.path().join("none/spikes.xml").display());
    let error = spike(folder.path(), &line).await.code.unwrap_err().to_string();
    assert!(error.starts_with("cannot write ") && error.ends_with("spikes.xml"), "{error}");
    assert!(History::in_data(folder.path()).read().unwrap().runs.is_empty());
}

#[tokio::test]
async fn a_fault_that_is_caught_ends_with_0_and_one_that_is_missed_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let caught = spike(folder.path(), "spike run a1 --backend embedded --fault one-more-request").await;
    assert_eq!(caught.code(), 0, "{}", caught.out);
    assert!(caught.out.contains("requests: 3 of ≤ 2 requests"), "{}", caught.out);
    let all = spike(folder.path(), "spike run --backend embedded --faults --json").await;
    assert_eq!(all.code(), 1);
    let objects = all.objects();
    let told: Vec<_> = objects.iter().map(|object| (&object["fault"], &object["caught"])).collect();
    assert_eq!(told, [(&"one-more-request".into(), &true.into()), (&"unnoticed".into(), &false.into())]);
    assert!(History::in_data(folder.path()).read().unwrap().runs.is_empty(), "faults are not kept");
}

#[tokio::test]
async fn wrong_names_are_wrong_usage() {
    let folder = tempfile::tempdir().unwrap();
    for line in ["spike run J9", "spike run a1 --backend cloud", "spike run j1 --faults", "spike report J9"] {
        let error = spike(folder.path(), line).await.code.unwrap_err();
        assert!(error.is::<Usage>(), "{line}: {error}");
    }
}

#[tokio::test]
async fn figures_are_compared_over_runs_and_a_damaged_file_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let empty = spike(folder.path(), "spike report").await;
    assert_eq!((empty.code(), empty.out.as_str()), (0, "no run was kept yet; try: spike run\n"));
    for _ in 0..3 {
        spike(folder.path(), "spike run a1 j1 --backend embedded").await;
    }
    let runs = folder.path().join("spikes/runs");
    let first = std::fs::read_dir(&runs).unwrap().next().unwrap().unwrap().path();
    std::fs::write(first, "{").unwrap();
    let report = spike(folder.path(), "spike report A").await;
    assert_eq!(report.code(), 0);
    assert!(report.out.contains("1 of ≤ 2 requests  1 request"), "{}", report.out);
    assert!(!report.out.contains("J1") && report.out.contains("2 runs kept in "), "{}", report.out);
    let objects = spike(folder.path(), "spike report a1 --json").await.objects();
    assert_eq!(objects[0]["figure"], "requests");
    assert_eq!((&objects[0]["runs"], &objects[0]["target"]), (&2.into(), &2.0.into()));
}
