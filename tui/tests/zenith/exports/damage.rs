//! Objects of an export that are torn, missing, flipped or somebody else's.

use zenith_core::ZenithError;
use zenith_core::lake::export::{Export, ExportError, ExportMode};
use zenith_core::package::Tier;

use super::{MANIFEST, World, own};
use crate::support::{Place, cut_a_byte, fixture};

fn exported(packages: usize) -> (World, Place) {
    let world = World::new();
    let place = Place::with_workspace(packages);
    place.run(&["index"]).ok();
    let zenith = world.open(place.data());
    world.export(&zenith, Tier::Private, ExportMode::Full).unwrap();
    (world, place)
}

/// Over the wire: the manifest cut at every byte, and one bit of every byte flipped.
#[test]
fn a_damaged_manifest_is_named_and_replaced_by_a_full_export() {
    let (world, place) = exported(1);
    let (path, store) = (world.object(MANIFEST), world.store());
    let sound = std::fs::read(&path).unwrap();
    let open = || world.runtime.block_on(Export::open(&store, &own()));
    let refused = |bytes: &[u8], what: &str| {
        std::fs::write(&path, bytes).unwrap();
        match open() {
            Err(error @ ExportError::Damaged { .. }) => {
                assert!(error.to_string().contains(MANIFEST), "{error}")
            }
            other => panic!("{what}: {:?}", other.map(|export| export.map(|export| export.manifest))),
        }
    };
    for length in 0..sound.len() {
        refused(&sound[..length], &format!("cut at {length}"));
    }
    for position in 0..sound.len() {
        let mut flipped = sound.clone();
        flipped[position] ^= 1 << (position % 8);
        refused(&flipped, &format!("flipped at {position}"));
    }
    let zenith = world.open(place.data());
    let error = world.export(&zenith, Tier::Private, ExportMode::Incremental).unwrap_err();
    assert!(error.to_string().contains("full `zenith export`"), "{error}");
    let newcomer = world.newcomer("newcomer");
    assert!(world.import(&newcomer, Tier::Private).is_err());
    let report = world.export(&zenith, Tier::Private, ExportMode::Full).unwrap();
    assert!(report.replaced.is_some());
    assert_eq!(world.import(&newcomer, Tier::Private).unwrap().imported, 1);
}

#[test]
fn a_damaged_data_file_is_named_and_healed_by_a_full_export() {
    let (world, place) = exported(2);
    let zenith = world.open(place.data());
    let [path] = &world.data_files("api_symbols")[..] else { panic!("one file") };
    let sound = std::fs::read(path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let mut flipped = sound.clone();
    flipped[sound.len() / 2] ^= 1;
    let torn = sound[..sound.len() / 2].to_vec();
    for (number, bytes) in [Some(flipped), Some(torn), Some(Vec::new()), None].into_iter().enumerate() {
        match &bytes {
            Some(bytes) => std::fs::write(path, bytes).unwrap(),
            None => std::fs::remove_file(path).unwrap(),
        }
        let newcomer = world.newcomer(&format!("newcomer{number}"));
        let report = world.import(&newcomer, Tier::Private).unwrap();
        assert_eq!((report.imported, report.failed.len()), (0, 2), "{number}");
        let why = &report.failed[0].why;
        assert!(why.contains(name) && why.contains("`zenith export`"), "{number}: {why}");
        assert!(world.found(&newcomer).is_empty());
        world.export(&zenith, Tier::Private, ExportMode::Full).unwrap();
        assert_eq!(world.import(&newcomer, Tier::Private).unwrap().imported, 2, "{number}");
    }
}

#[test]
fn what_belongs_to_another_scope_is_refused() {
    let (world, place) = exported(1);
    place.run(&["index", &fixture("constructs"), "--tier", "public"]).ok();
    let zenith = world.open(place.data());
    world.export(&zenith, Tier::Public, ExportMode::Full).unwrap();

    // A data file of the other's under this one's name.
    let theirs = std::fs::read_dir(world.object("packages/public/api_symbols")).unwrap();
    let theirs = theirs.flatten().map(|entry| entry.path()).find(|path| path.is_file()).unwrap();
    let [path] = &world.data_files("api_symbols")[..] else { panic!("one file") };
    std::fs::copy(&theirs, path).unwrap();
    let newcomer = world.newcomer("one");
    let report = world.import(&newcomer, Tier::Private).unwrap();
    assert_eq!((report.imported, report.failed.len()), (0, 1));

    // All of the other's under this one's prefix, each file as good as it was.
    std::fs::copy(world.object("packages/public/manifest.json"), world.object(MANIFEST)).unwrap();
    std::fs::copy(&theirs, path.with_file_name(theirs.file_name().unwrap())).unwrap();
    let error = world.import(&newcomer, Tier::Private).unwrap_err();
    let refused = matches!(
        &error,
        ZenithError::Import(zenith_core::index::ImportError::Export(ExportError::Foreign { .. }))
    );
    assert!(refused, "{error}");
    assert!(world.found(&newcomer).is_empty());
    world.export(&zenith, Tier::Private, ExportMode::Full).unwrap();
    assert_eq!(world.import(&newcomer, Tier::Private).unwrap().imported, 1);
}

/// Whoever hands on a dataset answers for it: what was changed since it was indexed is named, and stays here.
#[test]
fn a_dataset_that_was_changed_by_hand_is_not_exported_and_the_doctor_says_so() {
    let place = Place::with_workspace(2);
    place.run(&["index"]).ok();
    cut_a_byte(&place, "private/local", "part1");
    let run = place.run(&["export", "--tier", "private"]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.out.contains("part1") && run.out.contains("doctor --repair"), "{run:#?}");
    assert!(run.out.contains("exported 1 package,"), "{run:#?}");
    assert_eq!(place.run(&["doctor"]).code, Some(1));
    place.run(&["doctor", "--repair"]).ok();
    place.run(&["index"]).ok();
    assert!(place.run(&["export", "--tier", "private"]).ok().out.contains("2 packages"));
}
