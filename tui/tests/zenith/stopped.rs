//! Ctrl-C while something else than a store does not answer.

use std::fs::File;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use tokio::runtime::Runtime;
use zenith_core::catalog::{Catalog, ClaimOutcome};
use zenith_core::catalog_path;
use zenith_core::identity::Scope;
use zenith_core::package::PackageId;

use crate::support::{Place, Run, stopped};

/// What blocks, beside the runtime's threads.
async fn beside(work: impl FnOnce() + Send + 'static) {
    tokio::task::spawn_blocking(work).await.unwrap();
}

#[test]
fn an_indexing_ends_that_is_stopped_while_cargo_waits() {
    let place = Place::with_workspace(2);
    let folder = place.project();
    let (told, cargo) = (folder.join("told"), folder.join("cargo"));
    assert!(Command::new("mkfifo").arg(&told).status().unwrap().success());
    let script = format!("#!/bin/sh\necho $$ >'{}'\nexec sleep 600\n", told.display());
    std::fs::write(&cargo, script).unwrap();
    std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).unwrap();

    let mut command = place.command(&["index"]);
    command.env("CARGO", &cargo);
    let (sender, pid) = std::sync::mpsc::channel();
    let hangs = beside(move || sender.send(std::fs::read_to_string(told).unwrap()).unwrap());
    let run = Runtime::new().unwrap().block_on(stopped(command, hangs)).unwrap();
    let _ = Command::new("kill").arg(pid.recv().unwrap().trim()).status();
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.err.contains("stopping"), "{run:#?}");
    place.run(&["index"]).ok();
    assert_eq!(place.run(&["packages", "--json"]).ok().each("status"), ["ready", "ready"]);
    place.run(&["doctor"]).ok();
}

#[test]
fn a_login_ends_that_is_stopped_while_the_service_is_silent() {
    let place = Place::new();
    let service = TcpListener::bind("127.0.0.1:0").unwrap();
    let token = place.project().join("token");
    File::create(&token).unwrap().write_all(b"a.b.c").unwrap();
    let mut command = place.command(&["login", &format!("http://{}", service.local_addr().unwrap())]);
    command.stdin(File::open(&token).unwrap()).env("ZENITH_CREDENTIALS", "file");
    let hangs = beside(move || {
        let connection = service.accept().unwrap();
        // It stays open for as long as the program may wait.
        std::mem::forget(connection);
    });
    let run = Runtime::new().unwrap().block_on(stopped(command, hangs)).unwrap();
    assert_eq!((run.code, run.err.contains("a.b.c")), (Some(1), false), "{run:#?}");
    assert_eq!(place.run(&["whoami", "--json"]).ok().each("service"), ["null"]);
}

#[test]
fn a_question_of_uses_ends_that_is_stopped_while_the_compiler_is_silent() {
    let place = Place::new();
    let folder = place.project();
    let (told, rustc) = (folder.join("told"), folder.join("rustc"));
    place.write(
        "rust/lib/rustlib/src/rust/library/std/Cargo.toml",
        "[package]\nname = \"std\"\nversion = \"0.0.0\"\nedition = \"2024\"\n",
    );
    place.write(
        "rust/lib/rustlib/src/rust/library/std/src/lib.rs",
        "pub fn wait() {}\npub fn two() { wait() }\n",
    );
    let compiler = |sysroot: &str| {
        let version = "printf 'rustc 1.90.0\\nrelease: 1.90.0\\n'";
        let script = format!("#!/bin/sh\nif [ \"$1\" = --print ]; then {sysroot}; else {version}; fi\n");
        std::fs::write(&rustc, script).unwrap();
        std::fs::set_permissions(&rustc, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    let with_rustc = |arguments: &[&str]| {
        let mut command = place.command(arguments);
        command.env("ZENITH_RUSTC", &rustc);
        command
    };
    compiler(&format!("echo '{}'", folder.join("rust").display()));
    Run::of(with_rustc(&["index", "std"]).output().unwrap()).ok();
    let asks = ["show", "std::wait", "--uses"];
    let run = Run::of(with_rustc(&asks).output().unwrap()).ok();
    assert!(run.out.contains("src/lib.rs:2"), "{run:#?}");

    assert!(Command::new("mkfifo").arg(&told).status().unwrap().success());
    compiler(&format!("echo $$ >'{}'; exec sleep 600", told.display()));
    let (sender, pid) = std::sync::mpsc::channel();
    let hangs = beside(move || sender.send(std::fs::read_to_string(told).unwrap()).unwrap());
    let run = Runtime::new().unwrap().block_on(stopped(with_rustc(&asks), hangs)).unwrap();
    let _ = Command::new("kill").arg(pid.recv().unwrap().trim()).status();
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.err.contains("stopped: 0 of 0 packages read"), "{run:#?}");
}

/// A claim is a row, and a lock that the system takes back from a process that ends.
#[test]
fn what_a_killed_indexer_left_off_is_told_from_what_a_living_one_works_at() {
    let place = Place::with_workspace(1);
    let holder = "0123456789abcdef0123456789abcdef";
    std::fs::create_dir_all(place.data().join("run")).unwrap();
    let lock = File::create(place.data().join("run").join(format!("{holder}.lock"))).unwrap();
    lock.lock().unwrap();
    let own = (Scope::Private("local".into()), PackageId::rust("part0", "0.1.0").unwrap());
    let other = (Scope::Public, PackageId::rust("other", "1.0.0").unwrap());
    Runtime::new().unwrap().block_on(async {
        let catalog = Catalog::open(&catalog_path(&place.data())).await.unwrap();
        for (scope, id) in [own, other] {
            let claimed = catalog.claim(&scope, &[id], holder, false, |_| false).await.unwrap();
            assert_eq!(claimed, [ClaimOutcome::Won]);
        }
    });
    let status = || place.run(&["packages", "--json"]).ok().each("status");
    assert_eq!(status(), ["claimed", "claimed"]);
    let works = place.run(&["packages"]).ok();
    assert_eq!(works.out.matches("being indexed").count(), 2, "{works:#?}");
    let kept = place.run(&["clean", "other@1.0.0", "--yes"]);
    assert!(kept.code == Some(1) && kept.err.contains("is being indexed"), "{kept:#?}");

    drop(lock);
    assert_eq!(status(), ["interrupted", "interrupted"]);
    let left = place.run(&["packages"]).ok();
    assert_eq!(left.out.matches("interrupted; the next index goes on").count(), 2, "{left:#?}");
    let named = place.run(&["search", "work pkg:part0"]);
    assert!(named.err.contains("part0@0.1.0 cannot be read yet; `zenith packages part0`"), "{named:#?}");
    place.run(&["index"]).ok();
    assert_eq!(place.run(&["packages", "part0", "--json"]).ok().each("status"), ["ready"]);
    // What no index goes on with can be removed.
    place.run(&["clean", "other@1.0.0", "--yes"]).ok();
    assert_eq!(status(), ["ready"]);
}
