//! A store that does not keep what exports rely on.

use std::process::Output;

use zenith_harness::lab::Promise;

use super::{MANIFEST, World, own};
use crate::support::{Place, Run};

#[test]
fn nothing_is_exported_to_a_store_that_breaks_a_promise() {
    let world = World::new();
    let place = Place::with_workspace(1);
    place.run(&["index"]).ok();
    let export = || -> Output { world.command(&place, &["export", "--tier", "private"]).output().unwrap() };
    for broken in Promise::ALL {
        world.bucket.set_broken(&[broken]);
        let refused = Run::of(export());
        assert_eq!(refused.code, Some(1), "{broken:?}: {refused:#?}");
        assert!(!world.object("packages").exists(), "{broken:?}");
    }
    world.bucket.set_broken(&[]);
    Run::of(export()).ok();
    assert!(world.object(MANIFEST).exists());
    assert_eq!(world.contents(&own()).1.len(), 1);
}
