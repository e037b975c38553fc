//! What stands in for a released package, and is not on this machine: the released code is not read instead.

use std::sync::Arc;

use super::ingested;
use super::projects::{CRATES_IO, LIB, Project, package};

/// A project that builds on `part`, which the registry here has in two versions.
fn project(manifest: &str) -> Project {
    let project = Project::new(&[
        ("app/src/lib.rs", "pub use part::from_the_registry;"),
        ("app/Cargo.toml", &package("app", manifest)),
        ("own/Cargo.toml", &package("part", "").replace("0.1.0", "1.0.7")),
        ("own/src/lib.rs", "pub fn from_the_folder() {}"),
    ]);
    for version in ["1.0.6", "1.0.7"] {
        let root = format!("home/registry/src/index.crates.io-1949cf8c6b5b557f/part-{version}");
        project.write(&format!("{root}/Cargo.toml"), &package("part", "").replace("0.1.0", version));
        project.write(&format!("{root}/src/lib.rs"), LIB);
    }
    project
}

/// The packages that are found, and the names of those that are missing, with cargo and without it.
fn assert_told(project: &Project, found: &[&str], missing: &[&str], what: &str) {
    for cargo in [project.cargo(), project.silent()] {
        let set = project.discover(&cargo);
        let mut ids: Vec<String> = set.packages.iter().map(|one| one.id.to_string()).collect();
        ids.sort();
        assert_eq!(ids, found, "{what}: {:?}", set.notes);
        let names: Vec<&str> = set.missing.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, missing, "{what}: {:?}", set.missing);
        let app = ingested(&Arc::new(set), "app");
        let wrong = app.symbols.iter().find(|symbol| symbol.name == "from_the_registry");
        assert_eq!(wrong, None, "{what}");
    }
}

const NOWHERE: &str = "git = \"file:///nowhere/part\"";

#[test]
fn what_stands_in_for_a_package_and_is_not_here_is_missing() {
    for (manifest, settings) in [
        (format!("[patch.crates-io]\npart = {{ {NOWHERE} }}\n"), String::new()),
        (format!("[patch.crates-io]\nother = {{ package = \"part\", {NOWHERE} }}\n"), String::new()),
        (
            format!("[patch.\"https://github.com/rust-lang/crates.io-index\"]\npart = {{ {NOWHERE} }}\n"),
            String::new(),
        ),
        (format!("[replace]\n\"part:1.0.7\" = {{ {NOWHERE} }}\n"), String::new()),
        (String::new(), format!("[patch.crates-io]\npart = {{ {NOWHERE} }}\n")),
    ] {
        let project = project(&format!("[dependencies]\npart = \"1\"\n{manifest}"));
        if !settings.is_empty() {
            project.write("app/.cargo/config.toml", &settings);
        }
        assert_told(&project, &["app@0.1.0"], &["part"], &format!("{manifest}{settings}"));
        let reason = &project.discover(&project.silent()).missing[0].reason;
        assert!(reason.contains("file:///nowhere/part") && reason.contains("cargo fetch"), "{reason}");
        // A lockfile that was written before does not know of it.
        project.write(
            "app/Cargo.lock",
            &format!(
                "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"part\"]\n\
                 [[package]]\nname = \"part\"\nversion = \"1.0.7\"\nsource = \"{CRATES_IO}\"\n"
            ),
        );
        assert_told(&project, &["app@0.1.0"], &["part"], &format!("{manifest}{settings} with a lockfile"));
    }
}

#[test]
fn a_folder_that_stands_in_for_a_package_is_read() {
    let patch = |path: &str| format!("[patch.crates-io]\npart = {{ path = \"{path}\" }}\n");
    let wants = "[dependencies]\npart = \"1\"\n";
    let of_manifest = project(&format!("{wants}{}", patch("../own")));
    let absolute = project(wants);
    absolute.write("app/.cargo/config.toml", &patch(&absolute.path.join("own").display().to_string()));
    let relative = project(wants);
    relative.write("app/.cargo/config.toml", &patch("../own"));
    let overridden = project(wants);
    overridden.write("app/.cargo/config.toml", "paths = [\"../own\"]");
    for project in [of_manifest, absolute, relative, overridden] {
        let set = Arc::new(project.discover(&project.silent()));
        let mut ids: Vec<String> = set.packages.iter().map(|one| one.id.to_string()).collect();
        ids.sort();
        assert_eq!(ids, ["app@0.1.0", "part@1.0.7"]);
        assert_eq!(set.missing, []);
        let part = ingested(&set, "part");
        assert!(part.symbols.iter().any(|symbol| symbol.name == "from_the_folder"), "{:?}", part.symbols);
    }
}

#[test]
fn what_stands_in_for_another_version_changes_nothing() {
    for more in [
        "[patch.crates-io]\npart = { path = \"../own\" }\n".to_owned(),
        format!("[replace]\n\"part:1.0.7\" = {{ {NOWHERE} }}\n"),
    ] {
        let project = project(&format!("[dependencies]\npart = \"=1.0.6\"\n{more}"));
        let set = Arc::new(project.discover(&project.silent()));
        assert!(set.packages.iter().any(|one| one.id.to_string() == "part@1.0.6"), "{:?}", set.packages);
        let app = ingested(&set, "app");
        assert!(app.symbols.iter().any(|symbol| symbol.name == "from_the_registry"), "{more}");
    }
}

#[test]
fn a_dependency_in_a_folder_that_is_not_there_is_no_released_package() {
    let project = project("[dependencies]\npart = { version = \"1\", path = \"../nosuch\" }\n");
    let set = project.discover(&project.cargo());
    assert_eq!(set.broken.iter().map(|one| one.what.as_str()).collect::<Vec<_>>().len(), 1);
    assert_told(&project, &["app@0.1.0"], &[], "a path");
}

#[test]
fn of_a_replaced_package_a_lockfile_means_what_replaces_it() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let git = format!("git+file:///nowhere/part#{commit}");
    let project =
        project(&format!("[dependencies]\npart = \"1\"\n[replace]\n\"part:1.0.7\" = {{ {NOWHERE} }}\n"));
    project.write(
        "app/Cargo.lock",
        &format!(
            "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n\
             dependencies = [\"part 1.0.7 ({CRATES_IO})\"]\n\
             [[package]]\nname = \"part\"\nversion = \"1.0.7\"\nsource = \"{CRATES_IO}\"\nreplace = \"part 1.0.7 ({git})\"\n\
             [[package]]\nname = \"part\"\nversion = \"1.0.7\"\nsource = \"{git}\"\n"
        ),
    );
    assert_told(&project, &["app@0.1.0"], &["part"], "a lockfile with what replaces");
    assert_eq!(project.discover(&project.silent()).missing[0].version, "1.0.7+git.0123456789");
}
