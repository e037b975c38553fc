//! Copies of a shared catalog that are damaged: nobody takes what they list for the truth, nothing is deleted
//! by it, and the next sync has them whole again.

use std::path::{Path, PathBuf};

use zenith_core::catalog::Catalog;
use zenith_core::identity::Identity;
use zenith_harness::lab::WireState;

use super::{TEAM, Team};
use crate::support::{Place, Run};

/// The copy of the team's catalog in a data folder.
fn copy(place: &Place) -> PathBuf {
    let replicas = place.data().join("replicas");
    let service = std::fs::read_dir(replicas).unwrap().next().unwrap().unwrap().path();
    service.join(format!("team-{TEAM}.db"))
}

fn companion(copy: &Path) -> PathBuf {
    let mut name = copy.as_os_str().to_os_string();
    name.push("-client_wal_index");
    PathBuf::from(name)
}

type Damage = (&'static str, fn(&Team, &Path));

/// What may happen to a file on a disk, and what another program may do to it.
const DAMAGES: [Damage; 8] = [
    ("removed", |_, copy| std::fs::remove_file(copy).unwrap()),
    ("emptied", |_, copy| std::fs::write(copy, "").unwrap()),
    ("cut short", |_, copy| {
        let file = std::fs::File::options().write(true).open(copy).unwrap();
        file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    }),
    ("overwritten", |_, copy| std::fs::write(copy, "no database ".repeat(4000)).unwrap()),
    ("zeroed", |_, copy| {
        let length = std::fs::metadata(copy).unwrap().len();
        std::fs::write(copy, vec![0; usize::try_from(length).unwrap()]).unwrap();
    }),
    ("put in place of another", |team, copy| {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty.db");
        team.runtime.block_on(Catalog::open(&empty)).unwrap();
        std::fs::copy(empty, copy).unwrap();
    }),
    ("emptied of its rows", |team, copy| {
        team.runtime.block_on(async {
            let catalog = Catalog::open(copy).await.unwrap();
            let member = Identity::user("user_rita", Some(TEAM.to_string())).unwrap();
            for entry in catalog.packages(&member).await.unwrap() {
                catalog.remove(&entry.scope, &entry.id).await.unwrap();
            }
        });
    }),
    ("without its companion", |_, copy| std::fs::remove_file(companion(copy)).unwrap()),
];

/// Of these, those whose copy cannot be read or lists nothing.
fn lists_nothing(what: &str) -> bool {
    what != "without its companion"
}

#[test]
fn a_copy_that_is_damaged_is_told_of_and_heals_with_the_next_sync() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(2);
    team.run(&one, &["push"]).ok();
    let other = team.member();
    let listed = || team.run(&other, &["packages", "--json"]).ok();
    assert_eq!(listed().each("package").len(), 2);
    for (what, damage) in DAMAGES {
        damage(&team, &copy(&other));
        let doubted = listed();
        assert!(
            doubted.err.contains("in doubt") && doubted.err.contains("zenith sync"),
            "{what}: {doubted:#?}"
        );
        let doctor = team.run(&other, &["doctor", "--json"]);
        let broken: Vec<_> =
            doctor.json().into_iter().filter(|finding| finding["state"] == "broken").collect();
        assert_eq!((doctor.code, broken.len()), (Some(1), 1), "{what}: {doctor:#?}");
        assert_eq!(broken[0]["part"], "replicas", "{what}");

        let synced = team.run(&other, &["sync", "--json"]).ok();
        assert_eq!(synced.each("fetched_anew"), ["false", "true", "false"], "{what}: {synced:#?}");
        let healed = listed();
        assert_eq!((healed.each("package").len(), healed.err.as_str()), (2, ""), "{what}: {healed:#?}");
        team.run(&other, &["doctor"]).ok();
        assert_eq!(team.run(&other, &["sync", "--json"]).ok().each("frames"), ["0"; 3], "{what}");
    }
}

#[test]
fn the_doctor_sets_a_damaged_copy_aside() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(1);
    team.run(&one, &["push"]).ok();
    let other = team.member();
    std::fs::remove_file(copy(&other)).unwrap();
    let repaired = team.run(&other, &["doctor", "--repair", "--json"]).ok();
    let states: Vec<_> =
        repaired.json().into_iter().filter(|finding| finding["part"] == "replicas").collect();
    assert!(states.iter().any(|finding| finding["state"] == "repaired"), "{repaired:#?}");
    assert!(
        states.iter().any(|finding| finding["what"].to_string().contains("zenith sync")),
        "{repaired:#?}"
    );
    team.run(&other, &["doctor"]).ok();
    team.run(&other, &["sync"]).ok();
    assert_eq!(team.run(&other, &["packages", "--json"]).ok().each("package"), ["part0"]);
}

#[test]
fn nothing_that_was_pulled_is_removed_by_what_a_damaged_copy_lists() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(2);
    team.run(&one, &["push"]).ok();
    let other = team.member();
    let pull = || team.run(&other, &["pull", "--all", "--json"]);
    let here = || team.run(&other, &["search", "do_part1", "--local", "-n", "1", "--json"]).ok().each("name");
    assert_eq!(pull().ok().each("pulled"), ["2"]);
    let kept = |pulled: &Run, what: &str| {
        assert_eq!(pulled.each("removed"), ["0"], "{what}: {pulled:#?}");
        assert_eq!(here(), ["do_part1"], "{what}");
    };
    for (what, damage) in DAMAGES {
        // Nobody can say what is shared.
        damage(&team, &copy(&other));
        team.wire.set(WireState::Cut);
        let offline = pull();
        kept(&offline, what);
        if lists_nothing(what) {
            assert_eq!(
                (offline.code, offline.each("in_doubt")),
                (Some(1), vec!["2".into()]),
                "{what}: {offline:#?}"
            );
            assert!(offline.each("doubted")[0].contains("team org_acme"), "{what}: {offline:#?}");
        }
        // The server can, and is asked in the same run.
        team.wire.set(WireState::Open);
        let online = pull().ok();
        kept(&online, what);
        assert_eq!(
            (online.each("wanted"), online.each("in_doubt")),
            (vec!["2".into()], vec!["0".into()]),
            "{what}"
        );
    }
    // What is not shared any more goes all the same.
    let entry = team.shared().remove(0);
    team.runtime.block_on(async { team.catalog().await.remove(&entry.scope, &entry.id).await.unwrap() });
    std::fs::write(copy(&other), "").unwrap();
    let pulled = pull().ok();
    assert_eq!((pulled.each("removed"), pulled.each("wanted")), (vec!["1".into()], vec!["1".into()]));
    assert_eq!(here(), ["do_part1"]);
}

/// A server that was set up again and is empty is no word on what was shared: the second time it is.
#[test]
fn a_database_that_is_another_one_and_empty_is_not_believed_at_once() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(1);
    team.run(&one, &["push"]).ok();
    let other = team.member();
    let pull = || team.run(&other, &["pull", "--all", "--json"]);
    pull().ok();
    team.forget();
    // As a copy of another log looks.
    let path = companion(&copy(&other));
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[0] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    team.run(&other, &["sync"]).ok();
    let first = pull();
    assert_eq!(
        (first.code, first.each("removed")),
        (Some(0), vec!["1".into()]),
        "synchronised since: {first:#?}"
    );

    let one = team.with_index(1);
    team.run(&one, &["push"]).ok();
    team.run(&other, &["sync"]).ok();
    assert_eq!(pull().ok().each("pulled"), ["1"]);
    team.forget();
    std::fs::write(copy(&other), "").unwrap();
    let first = pull();
    assert_eq!(
        (first.code, first.each("removed"), first.each("in_doubt")),
        (Some(1), vec!["0".into()], vec!["1".into()])
    );
    assert_eq!(pull().ok().each("removed"), ["1"]);
}
