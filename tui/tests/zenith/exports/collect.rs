//! Data files that no manifest names any more.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;
use std::time::SystemTime;

use zenith_core::lake::export::ExportMode;
use zenith_core::package::Tier;

use super::{DAY, World, own};
use crate::support::Place;

#[test]
fn a_data_file_that_nobody_names_stays_for_two_days() {
    let world = World::new();
    let place = Place::with_workspace(2);
    place.run(&["index"]).ok();
    let zenith = world.open(place.data());
    let export = || world.export(&zenith, Tier::Private, ExportMode::Full).unwrap();
    let files = || -> BTreeSet<PathBuf> { world.data_files("api_symbols").into_iter().collect() };
    export();
    let old = files();
    place.write("part1/src/lib.rs", "/// Written anew.\npub fn freshly_written() {}\n");
    place.run(&["index"]).ok();
    assert_eq!(export().collected, 0, "they may still be read");
    assert!(old.is_subset(&files()) && old != files());

    let aged = |days: u32| {
        for file in &old {
            File::options()
                .write(true)
                .open(file)
                .unwrap()
                .set_modified(SystemTime::now() - days * DAY)
                .unwrap();
        }
    };
    aged(1);
    assert_eq!(export().collected, 0);
    aged(3);
    assert!(export().collected >= old.len());
    assert!(old.is_disjoint(&files()));
    assert_eq!(world.contents(&own()).1.len(), 2);
}
