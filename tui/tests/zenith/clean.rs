//! What no project needs any more is removed, and nothing else.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::gadget::{command, lock, released, run, workshop};
use crate::support::{Place, Run};

fn packages(place: &Place) -> Vec<String> {
    let listed = run(place, &["packages", "--json"]).ok();
    listed
        .each("package")
        .into_iter()
        .zip(listed.each("version"))
        .map(|(name, of)| format!("{name}@{of}"))
        .collect()
}

/// A project that is indexed, and a version that it does not lock.
fn with_a_leftover() -> Place {
    let place = workshop();
    run(&place, &["index"]).ok();
    run(&place, &["index", "gadget@2.0.0"]).ok();
    place
}

#[test]
fn what_no_lockfile_locks_goes_when_it_is_confirmed() {
    let place = with_a_leftover();
    let all = ["gadget@1.0.0", "gadget@2.0.0", "app@0.1.0"];
    assert_eq!(packages(&place), all);

    let looked = run(&place, &["clean", "--dry-run", "--json"]).ok();
    assert_eq!(
        (looked.each("version"), looked.each("removed")),
        (vec!["2.0.0".into()], vec!["false".into()])
    );
    assert!(looked.json()[0]["bytes"].as_u64().unwrap() > 0, "{looked:#?}");
    // Nobody sits there who could be asked.
    let asked = run(&place, &["clean"]);
    assert!(asked.code == Some(1) && asked.err.contains("--yes"), "{asked:#?}");
    assert!(asked.out.contains("gadget@2.0.0") && asked.out.contains("iB"), "{asked:#?}");
    assert_eq!(packages(&place), all);

    let cleaned = run(&place, &["clean", "--yes", "--json"]).ok();
    assert_eq!(
        (cleaned.each("version"), cleaned.each("removed")),
        (vec!["2.0.0".into()], vec!["true".into()])
    );
    assert_eq!(packages(&place), ["gadget@1.0.0", "app@0.1.0"]);
    assert!(
        !place
            .data()
            .join("lance/public/rust/gadget/2.0.0")
            .read_dir()
            .is_ok_and(|mut all| all.next().is_some())
    );
    let doctor = run(&place, &["doctor", "--json"]).ok();
    assert!(doctor.each("state").iter().all(|state| state == "ok"), "{doctor:#?}");
    let gone = run(&place, &["search", "fresh", "--all", "--mode", "text", "--json"]).ok();
    assert!(!gone.each("name").contains(&"fresh".to_string()), "{gone:#?}");
    let nothing = run(&place, &["clean"]).ok();
    assert!(nothing.out.contains("nothing to remove"), "{nothing:#?}");
}

#[test]
fn what_another_project_locks_is_kept_for_as_long_as_it_is_there() {
    let place = with_a_leftover();
    place.write(
        "../other/Cargo.toml",
        "[package]\nname = \"other\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\ngadget = \"2\"\n",
    );
    place.write("../other/src/lib.rs", "pub fn other() {}\n");
    let text = std::fs::read_to_string(place.project().join("Cargo.lock")).unwrap();
    place.write("../other/Cargo.lock", &text.replace("\"app\"", "\"other\"").replace("1.0.0", "2.0.0"));
    run(&place, &["index", "../other/Cargo.lock"]).ok();
    let kept = run(&place, &["clean", "--yes"]).ok();
    assert!(kept.out.contains("nothing to remove: 2 lockfiles"), "{kept:#?}");

    let lockfile = place.project().join("../other/Cargo.lock");
    let whole = std::fs::read(&lockfile).unwrap();
    std::fs::write(&lockfile, "torn [").unwrap();
    let torn = run(&place, &["clean", "--yes"]);
    assert!(torn.code == Some(1) && torn.err.contains("other/Cargo.lock"), "{torn:#?}");
    std::fs::write(&lockfile, whole).unwrap();
    run(&place, &["clean", "--yes"]).ok();
    assert_eq!(packages(&place).len(), 4);

    std::fs::remove_file(&lockfile).unwrap();
    let cleaned = run(&place, &["clean", "--yes"]).ok();
    assert!(cleaned.out.contains("other/Cargo.lock is not there any more"), "{cleaned:#?}");
    // The code of one's own stays.
    assert_eq!(packages(&place), ["gadget@1.0.0", "app@0.1.0", "other@0.1.0"]);
}

#[test]
fn what_is_ones_own_goes_only_where_it_is_named() {
    let place = with_a_leftover();
    lock(&place, &[("gadget", "2.0.0")]);
    run(&place, &["index"]).ok();
    run(&place, &["clean", "--yes"]).ok();
    assert_eq!(packages(&place), ["gadget@2.0.0", "app@0.1.0"]);
    let unknown = run(&place, &["clean", "nobody", "--yes"]);
    assert!(unknown.code == Some(1) && unknown.err.contains("nobody"), "{unknown:#?}");
    run(&place, &["clean", "app", "--yes"]).ok();
    assert_eq!(packages(&place), ["gadget@2.0.0"]);
}

#[test]
fn nothing_is_judged_where_no_project_is_known() {
    let place = workshop();
    run(&place, &["index", "gadget@2.0.0"]).ok();
    let unknown = run(&place, &["clean", "--yes"]);
    assert!(unknown.code == Some(1) && unknown.err.contains("zenith index"), "{unknown:#?}");
    assert_eq!(packages(&place), ["gadget@2.0.0"]);
}

/// Kills it while it removes. What is listed then is whole, and the next run removes the rest.
#[test]
fn a_kill_while_it_removes_leaves_packages_whole_or_gone() {
    const PACKAGES: usize = 12;
    let place = workshop();
    run(&place, &["index"]).ok();
    let spares: Vec<String> = (0..PACKAGES).map(|number| format!("spare{number}")).collect();
    for name in &spares {
        released(&place, name, "1.0.0", &format!("pub fn {name}() {{}}\n"));
    }
    for lines in [1, PACKAGES, PACKAGES + 1] {
        lock(&place, &spares.iter().map(|name| (name.as_str(), "1.0.0")).collect::<Vec<_>>());
        run(&place, &["index"]).ok();
        lock(&place, &[("gadget", "1.0.0")]);
        let mut cleaning = command(&place, &["clean", "--yes"]);
        let mut child = cleaning.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let told = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(told.take(lines).filter(Result::is_ok).count(), lines);
        child.kill().unwrap();
        child.wait().unwrap();
        for finding in run(&place, &["doctor", "--json"]).json() {
            assert!(finding["state"] == "ok", "after {lines} lines: {finding}");
        }
        run(&place, &["clean", "--yes"]).ok();
        assert_eq!(packages(&place), ["gadget@1.0.0", "app@0.1.0"]);
        run(&place, &["doctor", "--repair"]).ok();
        let doctor: Run = run(&place, &["doctor", "--json"]).ok();
        assert!(doctor.each("state").iter().all(|state| state == "ok"), "{doctor:#?}");
    }
}

#[test]
fn the_beginning_of_a_version_takes_nothing_away_and_what_it_may_mean_is_told() {
    let place = with_a_leftover();
    let begun = run(&place, &["clean", "gadget@2", "--yes"]);
    let told = "clean takes a whole version: gadget@2.0.0 begins with gadget@2; type it out";
    assert!(begun.code == Some(1) && begun.err.contains(told), "{begun:#?}");
    let other = run(&place, &["clean", "gadget@3", "--yes"]);
    assert!(
        other.err.contains("no gadget@3 is here to be removed; gadget@1.0.0, gadget@2.0.0 is"),
        "{other:#?}"
    );
    assert_eq!(packages(&place).len(), 3);
    run(&place, &["clean", "gadget@2.0.0", "--yes"]).ok();
    assert_eq!(packages(&place), ["gadget@1.0.0", "app@0.1.0"]);
}
