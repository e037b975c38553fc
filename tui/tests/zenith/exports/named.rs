//! What a store may be called: nothing else becomes a folder.

use crate::support::{Place, Run};

const EXPORT: [&str; 3] = ["export", "--tier", "private"];

#[test]
fn a_name_that_is_no_store_is_an_error_and_no_folder() {
    let place = Place::with_workspace(1);
    place.run(&["index"]).ok();
    let here = || {
        let mut names: Vec<_> =
            std::fs::read_dir(place.project()).unwrap().flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        names
    };
    let before = here();
    for (name, meant) in [
        ("s3a://b/p", "s3://b/p"),
        ("S3://b", "s3://b"),
        ("gs://b/p", "s3://b/p"),
        ("az://b/p", "Azure"),
        ("r2://b/p", "r2.cloudflarestorage.com"),
        ("https://acct.example/b", "ZENITH_STORE_ENDPOINT=https://acct.example"),
        ("shared", "/project/shared"),
        ("../shared", "shared"),
        ("file:x", "file:///x"),
        ("~other/x", "~/"),
        ("file:///~/x", "~/"),
        ("file:///tmp/x?y", "%3F"),
        ("file:///tmp/x#y", "%23"),
        ("\"s3://b/p\"", "quotes"),
        ("..", "./.."),
        ("../x", "./../x"),
        ("C:\\x", "a path of Windows"),
    ] {
        for arguments in [&EXPORT[..], &["import", "--tier", "private"]] {
            let mut command = place.command(arguments);
            let refused = Run::of(command.env("ZENITH_STORE", name).output().unwrap());
            assert_eq!(refused.code, Some(1), "{name}: {refused:#?}");
            assert!(refused.err.contains(meant) && refused.err.contains("store"), "{name}: {refused:#?}");
        }
        // What needs no store goes on.
        let mut command = place.command(&["packages"]);
        Run::of(command.env("ZENITH_STORE", name).output().unwrap()).ok();
    }
    assert_eq!(here(), before);
}

/// A name that is no text becomes no other folder's, and nothing is made before that is known.
#[cfg(unix)]
#[test]
fn a_name_that_is_not_utf8_makes_no_folder() {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let place = Place::with_workspace(1);
    place.run(&["index"]).ok();
    let around = place.project().parent().unwrap().to_path_buf();
    let here = || {
        let mut names: Vec<_> =
            std::fs::read_dir(&around).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = here();
    let odd = std::ffi::OsString::from_vec([around.as_os_str().as_bytes(), b"/odd\xff"].concat());
    for (name, arguments) in
        [("ZENITH_STORE", &EXPORT[..]), ("ZENITH_DATA", &EXPORT), ("ZENITH_DATA", &["packages"])]
    {
        let mut command = place.command(arguments);
        let refused = Run::of(command.env(name, &odd).output().unwrap());
        assert_eq!(refused.code, Some(1), "{name}: {refused:#?}");
        assert!(refused.err.contains("UTF-8") && refused.err.contains(name), "{name}: {refused:#?}");
        assert_eq!(here(), before, "{name} {arguments:?}");
    }
    let mut command = place.command(&["packages"]);
    Run::of(command.env("ZENITH_STORE", &odd).output().unwrap()).ok();
}

/// Of a path with `..` in it, the folder that it names is made, and none that it passes.
#[test]
fn what_a_path_passes_by_is_not_made() {
    let place = Place::with_workspace(1);
    place.run(&["index"]).ok();
    let project = place.project();
    let mut command = place.command(&EXPORT);
    command.env("ZENITH_STORE", format!("{}/./passed/../kept", project.display()));
    Run::of(command.output().unwrap()).ok();
    assert!(project.join("kept/packages").exists() && !project.join("passed").exists());
}

#[test]
fn a_folder_is_told_as_the_absolute_one_that_it_is() {
    let place = Place::with_workspace(1);
    place.run(&["index"]).ok();
    let home = place.project().join("home");
    let project = place.project();
    for (name, folder) in [
        ("./shared".to_string(), project.join("shared")),
        (format!("file://{}/filed", project.display()), project.join("filed")),
        (format!(" {}/plain\n", project.display()), project.join("plain")),
        ("~/kept".to_string(), home.join("kept")),
    ] {
        let mut command = place.command(&EXPORT);
        let run = Run::of(command.env("ZENITH_STORE", &name).env("HOME", &home).output().unwrap()).ok();
        assert!(run.out.contains(&format!("in {}: 1 package", folder.display())), "{name}: {run:#?}");
        assert!(folder.join("packages/private/local/manifest.json").exists(), "{name}");
    }
    // In the file, what is relative is beside the file, wherever one stands.
    std::fs::write(project.parent().unwrap().join("config.toml"), "store = './beside'").unwrap();
    place.run(&EXPORT).ok();
    assert!(project.parent().unwrap().join("beside/packages").exists());
}
