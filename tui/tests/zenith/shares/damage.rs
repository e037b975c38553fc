//! Objects of a shared dataset that are torn, missing, flipped or somebody else's.

use std::path::PathBuf;

use zenith_core::Zenith;
use zenith_core::catalog::CatalogEntry;
use zenith_core::identity::Scope;
use zenith_core::lake::Store;
use zenith_core::lake::shared::{Contents, Place as Where, SharedError, upload};

use super::{Team, team as scope};
use crate::support::{Place, cut_a_byte};

fn pushed(team: &Team, packages: usize) -> (Place, Zenith) {
    let place = team.with_index(packages);
    let zenith = team.open(&place);
    team.push(&zenith).unwrap();
    (place, zenith)
}

/// Every object of the only package, by its path on the disk.
pub(super) fn objects(team: &Team) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![team.object("lance/team/org_acme/rust/part0/0.1.0")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() { folders.push(entry.path()) } else { files.push(entry.path()) }
        }
    }
    files.sort();
    files
}

/// Over the wire: the contents cut at every byte, and one bit of every byte flipped.
#[test]
fn damaged_contents_are_refused() {
    let Some(team) = Team::start() else { return };
    pushed(&team, 1);
    let [entry] = &team.shared()[..] else { panic!("one package") };
    let place = Where::of(entry).unwrap();
    let store = Store::open(&team.settings(), team.lab.folder()).unwrap();
    let path = objects(&team).into_iter().find(|path| path.ends_with("contents.json")).unwrap();
    let sound = std::fs::read(&path).unwrap();
    let refused = |bytes: &[u8], what: &str| {
        std::fs::write(&path, bytes).unwrap();
        let found = team.runtime.block_on(Contents::read(&store, &place));
        assert!(matches!(found, Err(SharedError::Damaged { .. })), "{what}: {found:?}");
    };
    for length in 0..sound.len() {
        refused(&sound[..length], &format!("cut at {length}"));
    }
    for position in 0..sound.len() {
        let mut flipped = sound.clone();
        flipped[position] ^= 1 << (position % 8);
        refused(&flipped, &format!("byte {position} flipped"));
    }
}

/// Whatever object is torn, flipped, emptied or gone: the pull says which, keeps nothing of it, and is
/// healed by a push of every file anew.
#[test]
fn a_damaged_object_is_named_and_healed_by_a_push() {
    let Some(team) = Team::start() else { return };
    let (place, _) = pushed(&team, 1);
    for (number, path) in objects(&team).into_iter().enumerate() {
        let sound = std::fs::read(&path).unwrap();
        let mut flipped = sound.clone();
        flipped[sound.len() / 2] ^= 1;
        let torn = sound[..sound.len() / 2].to_vec();
        let damages = if number % 2 == 0 { [Some(flipped), None] } else { [Some(torn), Some(Vec::new())] };
        for bytes in damages {
            match &bytes {
                Some(bytes) => std::fs::write(&path, bytes).unwrap(),
                None => std::fs::remove_file(&path).unwrap(),
            }
            let other = team.member();
            let pull = team.run(&other, &["pull", "--all", "--json"]);
            assert_eq!((pull.code, pull.each("pulled")), (Some(1), vec!["0".into()]), "{number}: {pull:#?}");
            assert!(pull.out.contains("zenith push --force"), "{number}: {pull:#?}");
            assert!(!pull.err.contains("panicked"), "{number}: {pull:#?}");
            assert_eq!(team.run(&other, &["search", "do_part0", "--local", "--json"]).ok().out, "");
            team.run(&place, &["push", "--force"]).ok();
            assert_eq!(team.run(&other, &["pull", "--all", "--json"]).ok().each("pulled"), ["1"], "{number}");
        }
    }
}

/// Searching where it lies: what is damaged is passed over with a reason, never a crash.
#[test]
fn a_search_of_a_damaged_dataset_finds_nothing_of_it() {
    let Some(team) = Team::start() else { return };
    pushed(&team, 1);
    let other = team.member();
    for path in objects(&team).into_iter().filter(|path| path.to_string_lossy().contains("/data/")) {
        let sound = std::fs::read(&path).unwrap();
        let garbage = vec![0xa5; sound.len()];
        for bytes in [sound[..sound.len() / 2].to_vec(), Vec::new(), garbage] {
            std::fs::write(&path, bytes).unwrap();
            let search = team.run(&other, &["search", "do_part0", "--json"]).ok();
            assert!(search.out.is_empty() && search.err.contains("not searched"), "{search:#?}");
        }
        std::fs::write(&path, sound).unwrap();
    }
    assert_eq!(
        team.run(&other, &["search", "do_part0", "-n", "1", "--json"]).ok().each("name"),
        ["do_part0"]
    );
}

/// A dataset of another tenant in a place of this one, whole as it is, is not taken for one's own.
#[test]
fn a_dataset_of_another_tenant_is_refused() {
    let Some(team) = Team::start() else { return };
    let (place, zenith) = pushed(&team, 1);
    let [entry] = &team.shared()[..] else { panic!("one package") };
    let mine = team.object(entry.dataset.as_deref().unwrap());
    // The very package, as the other tenant has it.
    let theirs = Scope::Team("org_other".to_string());
    let dataset = entry.dataset.as_deref().unwrap().replace(&scope().prefix(), &theirs.prefix());
    let local = place.data().join(&dataset);
    std::fs::create_dir_all(local.parent().unwrap()).unwrap();
    std::fs::rename(place.data().join(entry.dataset.as_deref().unwrap()), &local).unwrap();
    let other = CatalogEntry { scope: theirs, dataset: Some(dataset.clone()), ..entry.clone() };
    let store = Store::open(&team.settings(), team.lab.folder()).unwrap();
    team.runtime.block_on(upload(&store, &zenith.lake, &other, false)).unwrap();
    std::fs::remove_dir_all(&mine).unwrap();
    std::fs::rename(team.object(&dataset), &mine).unwrap();

    let reader = team.member();
    let pull = team.run(&reader, &["pull", "part0", "--json"]);
    assert_eq!((pull.code, pull.each("pulled")), (Some(1), vec!["0".into()]), "{pull:#?}");
    assert!(pull.out.contains("belongs to team/org_other"), "{pull:#?}");
    let search = team.run(&reader, &["search", "do_part0", "--json"]).ok();
    assert!(search.out.is_empty() && search.err.contains("not searched"), "{search:#?}");
}

/// Nor is a dataset of another package of one's own.
#[test]
fn what_belongs_to_another_package_is_refused() {
    let Some(team) = Team::start() else { return };
    pushed(&team, 2);
    let folder = |package: &str| {
        let version = team.object(&format!("lance/{}/rust/{package}/0.1.0", scope().prefix()));
        std::fs::read_dir(version).unwrap().flatten().next().unwrap().path()
    };
    let (from, to) = (folder("part1"), folder("part0"));
    std::fs::remove_dir_all(&to).unwrap();
    std::fs::rename(&from, &to).unwrap();
    let other = team.member();
    let pull = team.run(&other, &["pull", "part0", "--json"]);
    assert_eq!((pull.code, pull.each("pulled")), (Some(1), vec!["0".into()]), "{pull:#?}");
    assert!(pull.out.contains("belongs to"), "{pull:#?}");
    let search = team.run(&other, &["search", "do_part1", "--package", "part0", "--json"]).ok();
    assert!(search.out.is_empty() && search.err.contains("not searched"), "{search:#?}");
}

/// A push that took it would make every pull of it fail.
#[test]
fn a_dataset_that_was_changed_by_hand_is_not_pushed_and_the_doctor_says_so() {
    let Some(team) = Team::start() else { return };
    let place = team.with_index(2);
    cut_a_byte(&place, "team/org_acme", "part1");
    let run = team.run(&place, &["push"]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.out.contains("not pushed: part1") && run.out.contains("doctor --repair"), "{run:#?}");
    assert_eq!(team.shared().iter().map(|entry| entry.id.name()).collect::<Vec<_>>(), ["part0"]);
    assert_eq!(team.run(&place, &["doctor"]).code, Some(1));
    team.run(&place, &["doctor", "--repair"]).ok();
    team.run(&place, &["index", "--tier", "team"]).ok();
    team.run(&place, &["push"]).ok();
    assert_eq!(team.shared().len(), 2);
}
