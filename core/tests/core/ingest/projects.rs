//! Projects of every shape, made for the test: what cargo says of them, and what manifests, lockfile and
//! cargo's folders say where it does not.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use zenith_core::ingest::{Cargo, DiscoverError, Origin, Source, SourceSet, discover};

use super::{cargo, ingested};

/// What is told of the standard library where the tests' rustc is asked, which does not exist.
const NO_RUSTC: &str = "rustc does not answer; the standard library is not indexed";

/// A folder with a project in it, and a home of cargo that holds nothing but what a test puts there.
pub struct Project {
    folder: TempDir,
    pub path: PathBuf,
}

impl Project {
    pub fn new(files: &[(&str, &str)]) -> Project {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        let project = Project { folder, path };
        fs::create_dir_all(project.path.join("home")).unwrap();
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn root(&self) -> PathBuf {
        self.path.join("app")
    }

    pub fn cargo(&self) -> Cargo {
        Cargo { home: self.path.join("home"), ..cargo() }
    }

    /// A machine without cargo.
    pub fn silent(&self) -> Cargo {
        Cargo { program: "no-such-cargo".into(), ..self.cargo() }
    }

    /// Runs cargo as its user would.
    pub fn run(&self, arguments: &[&str]) -> String {
        let Cargo { program, home, .. } = self.cargo();
        let output = Command::new(program)
            .args(arguments)
            .current_dir(self.root())
            .env("CARGO_HOME", home)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn discover(&self, cargo: &Cargo) -> SourceSet {
        let lockfile = self.root().join("Cargo.lock");
        let source = match lockfile.is_file() {
            true => Source::Lockfile(lockfile),
            false => Source::Workspace(self.root()),
        };
        discover(&source, cargo).unwrap()
    }

    /// What a set says, by package, with paths from the project's folder.
    fn told(&self, set: &SourceSet) -> BTreeMap<String, Vec<String>> {
        let short = |path: &Path| {
            let real = path.canonicalize().unwrap();
            real.strip_prefix(&self.path).unwrap().display().to_string()
        };
        let told = |at: usize| {
            let one = &set.packages[at];
            let mut words = vec![
                format!("{:?} in {}", one.origin, short(&one.root)),
                format!("direct {}, here {}, 2015 {}", one.direct, one.here, one.edition_2015),
            ];
            if one.origin == Origin::Own {
                let target = |target: &zenith_core::ingest::Target| {
                    format!("{:?} {} {}", target.kinds, target.crate_name(), short(&target.entry))
                };
                let mut targets: Vec<String> = one.targets.iter().map(target).collect();
                targets.sort();
                words.extend(targets);
            }
            let known = |(name, at): (&String, &usize)| format!("{name} = {}", set.packages[*at].id);
            words.extend(one.dependencies.iter().map(known));
            (one.id.to_string(), words)
        };
        (0..set.packages.len()).map(told).collect()
    }
}

pub fn package(name: &str, more: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{more}")
}

/// A workspace with everything that manifests can say and that needs no registry.
fn workspace() -> Project {
    Project::new(&[
        (
            "app/Cargo.toml",
            "[workspace]\nresolver = \"2\"\nmembers = [\"crates/*\", \"tools/cargo-*\", \"deep/**/leaf\"]\n\
             exclude = [\"crates/left-out\"]\ndefault-members = [\"crates/one\"]\n\
             [workspace.package]\nversion = \"3.1.4\"\nedition = \"2021\"\nrepository = \"https://example.org/app\"\n\
             [workspace.dependencies]\ntwo = { path = \"crates/two\", version = \"3\" }\n\
             renamed-away = { package = \"outside\", path = \"../outside\" }\n",
        ),
        (
            "app/crates/one/Cargo.toml",
            "[package]\nname = \"one\"\nversion.workspace = true\nedition.workspace = true\n\
             repository.workspace = true\n\
             [[bin]]\nname = \"listed\"\npath = \"programs/listed.rs\"\n\
             [dependencies]\ntwo.workspace = true\nrenamed-away.workspace = true\n",
        ),
        ("app/crates/one/src/lib.rs", "pub fn one() {}"),
        ("app/crates/one/src/main.rs", "fn main() {}"),
        ("app/crates/one/src/bin/small.rs", "fn main() {}"),
        ("app/crates/one/src/bin/large/main.rs", "fn main() {}"),
        ("app/crates/one/src/bin/large/part.rs", ""),
        ("app/crates/one/programs/listed.rs", "fn main() {}"),
        ("app/crates/one/examples/shows.rs", "fn main() {}"),
        ("app/crates/one/tests/holds.rs", ""),
        ("app/crates/one/tests/whole/main.rs", ""),
        ("app/crates/one/benches/fast.rs", "fn main() {}"),
        (
            "app/crates/two/Cargo.toml",
            "[package]\nname = \"two\"\nversion.workspace = true\nedition.workspace = true\nautobins = false\n\
             [lib]\nname = \"second\"\npath = \"lib/root.rs\"\n\
             [dev-dependencies]\none = { path = \"../one\" }\n\
             [build-dependencies]\nmacros = { path = \"../macros\" }\n\
             [target.'cfg(target_os = \"none such\")'.dependencies]\nelsewhere = { path = \"../../../elsewhere\" }\n",
        ),
        ("app/crates/two/lib/root.rs", "pub fn second() {}"),
        ("app/crates/two/build.rs", "fn main() {}"),
        ("app/crates/two/src/main.rs", "fn main() {}"),
        ("app/crates/macros/Cargo.toml", &package("macros", "[lib]\nproc-macro = true\n")),
        ("app/crates/macros/src/lib.rs", ""),
        ("app/crates/left-out/Cargo.toml", "this is no manifest"),
        ("app/tools/cargo-try/Cargo.toml", &package("cargo-try", "")),
        ("app/tools/cargo-try/src/main.rs", "fn main() {}"),
        ("app/tools/other/Cargo.toml", "this is no manifest"),
        ("app/deep/a/b/leaf/Cargo.toml", &package("leaf", "")),
        ("app/deep/a/b/leaf/src/lib.rs", "pub fn leaf() {}"),
        ("outside/Cargo.toml", &package("outside", "")),
        ("outside/src/lib.rs", "pub fn outside() {}"),
        ("elsewhere/Cargo.toml", &package("elsewhere", "")),
        ("elsewhere/src/lib.rs", "pub fn elsewhere() {}"),
    ])
}

#[test]
fn manifests_alone_say_what_cargo_says() {
    let project = workspace();
    let by_cargo = project.told(&project.discover(&project.cargo()));
    assert!(by_cargo.len() == 7 && by_cargo.contains_key("one@3.1.4"), "{by_cargo:#?}");
    let by_manifests = project.discover(&project.silent());
    assert_eq!(project.told(&by_manifests), by_cargo);
    assert!(by_manifests.notes[0].contains("cargo does not answer"), "{:?}", by_manifests.notes);
    // With a lockfile, too.
    project.run(&["generate-lockfile", "--offline"]);
    assert_eq!(project.told(&project.discover(&project.cargo())), by_cargo);
    assert_eq!(project.told(&project.discover(&project.silent())), by_cargo);
}

#[test]
fn cargo_is_asked_without_a_lockfile_and_leaves_none() {
    let project = workspace();
    let set = project.discover(&project.cargo());
    assert_eq!(set.notes, [NO_RUSTC]);
    assert!(!project.root().join("Cargo.lock").exists());
    for package in &set.packages {
        assert!(package.root.starts_with(&project.path), "{}", package.root.display());
    }
    // A lockfile that lags behind its manifests is no lockfile for them.
    project.run(&["generate-lockfile", "--offline"]);
    let before = fs::read_to_string(project.root().join("Cargo.lock")).unwrap();
    project
        .write("app/crates/new/Cargo.toml", &package("new", "[dependencies]\none = { path = \"../one\" }\n"));
    project.write("app/crates/new/src/lib.rs", "");
    for cargo in [project.cargo(), project.silent()] {
        let told = project.told(&project.discover(&cargo));
        assert!(told.contains_key("new@0.1.0"), "{told:#?}");
    }
    assert_eq!(fs::read_to_string(project.root().join("Cargo.lock")).unwrap(), before);
}

#[test]
fn a_broken_member_is_named_and_the_others_are_found() {
    let project = workspace();
    for manifest in ["not = [valid", "[dependencies]\n", "[package]\nversion = \"1.0.0\"\n"] {
        project.write("app/crates/bad/Cargo.toml", manifest);
        let set = project.discover(&project.cargo());
        let [broken] = set.broken.as_slice() else { panic!("{manifest}: {:?}", set.broken) };
        assert_eq!(broken.what, "crates/bad");
        assert!(project.told(&set).contains_key("one@3.1.4"));
    }
    project.write("app/crates/bad/Cargo.toml", &package("bad", ""));
    let set = project.discover(&project.cargo());
    assert!(set.broken[0].why.contains("src/lib.rs"), "{:?}", set.broken);
}

pub const LIB: &str = "pub fn from_the_registry() {}";
pub const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A project that builds on a package of git and one of another registry, with namesakes on crates.io.
fn with_namesakes() -> Project {
    let src = "home/registry/src/index.crates.io-1949cf8c6b5b557f";
    let manifest = |name: &str| package(name, "").replace("0.1.0", "1.0.0");
    let project = Project::new(&[
        ("app/src/lib.rs", "pub use forked::*;"),
        (
            "app/Cargo.toml",
            &package(
                "app",
                "[dependencies]\nforked = { git = \"https://example.org/team/forked.git\" }\n\
                 inner = { version = \"1\", registry = \"team\" }\nplain = \"1\"\n",
            ),
        ),
        (
            "app/Cargo.lock",
            &format!(
                "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n\
                 dependencies = [\"forked\", \"inner\", \"plain\"]\n\
                 [[package]]\nname = \"forked\"\nversion = \"1.0.0\"\n\
                 source = \"git+https://example.org/team/forked.git#{COMMIT}\"\n\
                 [[package]]\nname = \"inner\"\nversion = \"1.0.0\"\n\
                 source = \"sparse+https://crates.example.org/index/\"\n\
                 [[package]]\nname = \"plain\"\nversion = \"1.0.0\"\nsource = \"{CRATES_IO}\"\n"
            ),
        ),
    ]);
    for name in ["forked", "inner", "plain"] {
        project.write(&format!("{src}/{name}-1.0.0/Cargo.toml"), &manifest(name));
        project.write(&format!("{src}/{name}-1.0.0/src/lib.rs"), LIB);
    }
    project
}

#[test]
fn a_package_is_never_read_from_a_namesake_of_another_source() {
    let project = with_namesakes();
    for cargo in [project.cargo(), project.silent()] {
        let set = project.discover(&cargo);
        let found: Vec<String> = set.packages.iter().map(|one| one.id.to_string()).collect();
        assert_eq!(found, ["plain@1.0.0", "app@0.1.0"]);
        let reasons: Vec<(&str, &str, bool)> = (set.missing.iter())
            .map(|one| (one.name.as_str(), one.version.as_str(), one.reason.contains("cargo fetch")))
            .collect();
        assert_eq!(
            reasons,
            [("forked", "1.0.0+git.0123456789", true), ("inner", "1.0.0+crates.example.org.index", true)]
        );
    }
    // Once they are here, each is read from where it was released.
    let (checkout, registry) = (
        format!("home/git/checkouts/forked-aaaaaaaaaaaaaaaa/{}", &COMMIT[..7]),
        "home/registry/src/crates.example.org-bbbbbbbbbbbbbbbb/inner-1.0.0",
    );
    project.write(
        &format!("{checkout}/Cargo.toml"),
        "[workspace]\nmembers = [\"parts/forked\"]\n[workspace.package]\nversion = \"1.0.0\"\n",
    );
    project.write(
        &format!("{checkout}/parts/forked/Cargo.toml"),
        "[package]\nname = \"forked\"\nversion.workspace = true\nedition = \"2021\"\n",
    );
    project.write(&format!("{checkout}/parts/forked/src/lib.rs"), "pub fn from_git() {}");
    project.write(&format!("{registry}/Cargo.toml"), &package("inner", "").replace("0.1.0", "1.0.0"));
    project.write(&format!("{registry}/src/lib.rs"), "pub fn from_the_team() {}");
    let set = std::sync::Arc::new(project.discover(&project.silent()));
    assert_eq!(set.missing, []);
    for (name, function) in
        [("forked", "from_git"), ("inner", "from_the_team"), ("plain", "from_the_registry")]
    {
        let symbols = ingested(&set, name).symbols;
        assert!(symbols.iter().any(|symbol| symbol.name == function), "{name} has no {function}");
    }
    let app = ingested(&set, "app");
    assert!(app.symbols.iter().any(|symbol| symbol.path == "app::from_git"), "{:?}", app.symbols);
}

#[test]
fn git_and_vendor_folders_of_cargo_itself_are_found_without_it() {
    let project = Project::new(&[
        ("app/Cargo.toml", ""),
        ("app/src/lib.rs", "pub use library::*;"),
        (
            "library/Cargo.toml",
            "[workspace]\nmembers = [\"part\"]\n[workspace.package]\nversion = \"1.0.0\"\n",
        ),
        (
            "library/part/Cargo.toml",
            "[package]\nname = \"library\"\nversion.workspace = true\nedition = \"2021\"\n\
             [dependencies]\nbeside = { path = \"../beside\" }\n",
        ),
        ("library/part/src/lib.rs", "pub fn from_git() {}"),
        ("library/beside/Cargo.toml", &package("beside", "")),
        ("library/beside/src/lib.rs", "pub fn beside() {}"),
        (
            "home/registry/src/index.crates.io-1949cf8c6b5b557f/library-1.0.0/Cargo.toml",
            &package("library", ""),
        ),
        ("home/registry/src/index.crates.io-1949cf8c6b5b557f/library-1.0.0/src/lib.rs", LIB),
    ]);
    let library = project.path.join("library");
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "."],
        &["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "a"],
    ] {
        let done = Command::new("git").args(arguments).current_dir(&library).status().unwrap();
        assert!(done.success());
    }
    let url = format!("file://{}", library.display());
    project.write(
        "app/Cargo.toml",
        &package("app", &format!("[dependencies]\nlibrary = {{ git = \"{url}\" }}\n")),
    );
    project.run(&["fetch"]);
    let by_cargo = project.told(&project.discover(&project.cargo()));
    assert_eq!(by_cargo.len(), 3);
    assert!(by_cargo.keys().any(|id| id.starts_with("library@1.0.0+git.")), "{by_cargo:#?}");
    assert_eq!(project.told(&project.discover(&project.silent())), by_cargo);
    // The same without a lockfile, from what is checked out.
    let lock = project.root().join("Cargo.lock");
    fs::rename(&lock, project.path.join("kept")).unwrap();
    assert_eq!(project.told(&project.discover(&project.silent())), by_cargo);
    fs::rename(project.path.join("kept"), &lock).unwrap();
    let settings = project.run(&["vendor", "--offline"]);
    project.write("app/.cargo/config.toml", &settings);
    fs::remove_dir_all(project.path.join("home/git")).unwrap();
    let vendored = project.told(&project.discover(&project.cargo()));
    assert!(vendored.values().flatten().any(|word| word.contains("app/vendor/library")), "{vendored:#?}");
    assert_eq!(project.told(&project.discover(&project.silent())), vendored);
}

#[test]
fn what_only_other_platforms_need_is_marked() {
    let src = "home/registry/src/index.crates.io-1949cf8c6b5b557f";
    let manifest = |name: &str, more: &str| package(name, more).replace("0.1.0", "1.0.0");
    let other = "[target.'cfg(target_os = \"none such\")'.dependencies]\n";
    let locked = |name: &str, dependencies: &str| {
        format!(
            "[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"{CRATES_IO}\"\n\
             dependencies = [{dependencies}]\n"
        )
    };
    let project = Project::new(&[
        ("app/src/lib.rs", ""),
        (
            "app/Cargo.toml",
            &package("app", &format!("[dependencies]\neverywhere = \"1\"\n{other}far = \"1\"\n")),
        ),
        (
            &format!("{src}/everywhere-1.0.0/Cargo.toml"),
            &manifest("everywhere", &format!("{other}far = \"1\"\n")),
        ),
        (&format!("{src}/everywhere-1.0.0/src/lib.rs"), LIB),
        (
            &format!("{src}/far-1.0.0/Cargo.toml"),
            &manifest("far", "[dependencies]\nfarther = \"1\"\nboth = \"1\"\n"),
        ),
        (&format!("{src}/far-1.0.0/src/lib.rs"), LIB),
        (&format!("{src}/farther-1.0.0/Cargo.toml"), &manifest("farther", "")),
        (&format!("{src}/farther-1.0.0/src/lib.rs"), LIB),
    ]);
    let here = |set: &SourceSet| -> Vec<(String, bool)> {
        let packages = set.packages.iter().map(|one| (one.id.name().to_owned(), one.here));
        packages.chain(set.missing.iter().map(|one| (one.name.clone(), one.here))).collect()
    };
    let expected = [("everywhere", true), ("far", false), ("app", true), ("farther", false), ("both", false)];
    let expected = expected.map(|(name, here)| (name.to_owned(), here));
    let unlocked = here(&project.discover(&project.silent()));
    assert_eq!(unlocked, expected);
    project.write(
        "app/Cargo.lock",
        &format!(
            "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n\
             dependencies = [\"everywhere\", \"far\"]\n{}{}{}{}",
            locked("both", ""),
            locked("everywhere", "\"far\""),
            locked("far", "\"both\", \"farther\""),
            locked("farther", ""),
        ),
    );
    assert_eq!(here(&project.discover(&project.silent())), expected);
}

#[test]
fn a_source_that_yields_nothing_is_an_error_that_says_why() {
    let project = Project::new(&[
        ("app/README", ""),
        ("empty/Cargo.toml", ""),
        ("tables/Cargo.toml", "[dependencies]\nserde = \"1\"\n"),
        ("virtual/Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n"),
        ("bare/Cargo.toml", &package("bare", "")),
        ("data/table.csv", "1,2"),
        ("data/more/table.csv", "1,2"),
        ("ignored/.gitignore", "*.rs"),
        ("ignored/a.rs", "fn a() {}"),
        ("locked/Cargo.lock", "version = 4\n"),
        (
            "fetched/Cargo.lock",
            &format!(
                "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"{CRATES_IO}\"\n"
            ),
        ),
    ]);
    fs::create_dir(project.path.join("nothing")).unwrap();
    for (name, said) in [
        ("nothing", "empty"),
        ("empty", "Cargo.toml is empty"),
        ("tables", "only [dependencies]"),
        ("virtual", "no members"),
        ("bare", "src/lib.rs"),
        ("data", "2 files"),
        ("ignored", "ignored"),
        ("locked/Cargo.lock", "locks no package"),
        ("fetched/Cargo.lock", "cargo fetch"),
    ] {
        let path = project.path.join(name);
        let source = if path.is_dir() { Source::Folder(path) } else { Source::Lockfile(path) };
        for cargo in [project.cargo(), project.silent()] {
            let error = discover(&source, &cargo).unwrap_err();
            assert!(matches!(error, DiscoverError::Nothing { .. }), "{name}: {error}");
            let error = error.to_string();
            assert!(error.contains(said) && error.contains("expected"), "{name}: {error}");
        }
    }
    drop(project.folder);
}

#[test]
fn a_folder_of_several_packages_is_all_of_them() {
    let project = Project::new(&[
        ("app/first/Cargo.toml", &package("first", "")),
        ("app/first/src/lib.rs", "pub fn first() {}"),
        ("app/first/fuzz/Cargo.toml", &package("fuzz", "")),
        (
            "app/group/second/Cargo.toml",
            &package("second", "[dependencies]\nfirst = { path = \"../../first\" }\n"),
        ),
        ("app/group/second/src/lib.rs", "pub use first::first;"),
        ("app/group/again/Cargo.toml", &package("first", "")),
        ("app/group/again/src/lib.rs", ""),
        ("app/group/third/Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n"),
        ("app/group/third/a/Cargo.toml", &package("a", "")),
        ("app/group/third/a/src/lib.rs", ""),
        ("app/group/third/b/Cargo.toml", &package("b", "")),
        ("app/group/third/b/src/lib.rs", ""),
        ("app/bad/Cargo.toml", "no manifest"),
    ]);
    for cargo in [project.cargo(), project.silent()] {
        let set = discover(&Source::Folder(project.root()), &cargo).unwrap();
        let found: Vec<&str> =
            set.packages.iter().filter(|one| one.wanted).map(|one| one.id.name()).collect();
        assert_eq!(found, ["a", "b", "first", "second"]);
        let broken: Vec<&str> = set.broken.iter().map(|one| one.what.as_str()).collect();
        assert_eq!(broken, ["bad", "group/again"]);
        let second = set.packages.iter().find(|one| one.id.name() == "second").unwrap();
        assert_eq!(set.packages[second.dependencies["first"]].root, project.root().join("first"));
    }
}

#[cfg(unix)]
#[test]
fn a_cargo_that_says_more_or_less_than_asked_is_understood() {
    let project = workspace();
    let expected = project.told(&project.discover(&project.cargo()));
    let noisy =
        format!("echo hello; echo 'warning: noise' >&2; exec {} \"$@\"", project.cargo().program.display());
    for (script, answers) in
        [(noisy.as_str(), true), ("echo '{}'", false), ("exit 3", false), ("true", false)]
    {
        let program = project.path.join("wrapper");
        // Written by another process: a file that this one has open for writing cannot be run by its threads.
        let write = "printf '#!/bin/sh\\n%s\\n' \"$1\" > \"$0\" && chmod +x \"$0\"";
        let written = Command::new("sh").arg("-c").arg(write).arg(&program).arg(script).status().unwrap();
        assert!(written.success());
        let set = project.discover(&Cargo { program, ..project.cargo() });
        assert_eq!(project.told(&set), expected, "{script}");
        assert_eq!(set.notes == [NO_RUSTC], answers, "{script}: {:?}", set.notes);
    }
}
