//! What a release holds of the program beside itself.

use std::process::Command;

use crate::support::{Place, Run};

#[test]
fn the_manual_has_a_page_for_every_command() {
    let place = Place::new();
    let folder = place.project().join("man");
    place.run(&["man", folder.to_str().unwrap()]).ok();
    let page = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    assert!(page("zenith.1").contains(".TH zenith 1"));
    assert!(page("zenith-search.1").contains("\\-\\-mode"));
    assert!(!folder.join("zenith-man.1").exists(), "this one is for those who package it");
}

#[cfg(unix)]
#[test]
fn under_its_other_name_the_program_is_spike() {
    let place = Place::new();
    let other = place.project().join("spike");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_zenith"), &other).unwrap();
    let list = Run::of(Command::new(&other).arg("list").output().unwrap()).ok();
    assert!(list.out.contains("J1"), "{list:#?}");
}
