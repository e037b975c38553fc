//! What people do: share, follow, import, search without the bucket.

use std::process::Stdio;

use zenith_core::lake::export::ExportMode;
use zenith_core::package::Tier;

use super::{World, own};
use crate::support::{Place, Run, fixture};

/// One indexes and exports; the other imports, and searches with the bucket gone.
#[test]
fn what_one_exports_another_imports_and_searches_offline() {
    let world = World::new();
    let (one, other) = (Place::with_workspace(3), Place::new());
    let run = |place: &Place, arguments: &[&str]| Run::of(world.command(place, arguments).output().unwrap());
    let tier = ["--tier", "private", "--json"];
    one.run(&["index"]).ok();

    let nothing = run(&other, &["import", "--tier", "private"]);
    assert_eq!(nothing.code, Some(1));
    assert!(nothing.err.contains("zenith export"), "{nothing:#?}");

    let exported = run(&one, &[&["export"][..], &tier].concat()).ok();
    assert_eq!((exported.each("written"), exported.each("sequence")), (vec!["3".into()], vec!["1".into()]));
    let again = run(&one, &[&["export", "--incremental"][..], &tier].concat()).ok();
    assert_eq!(again.each("changed"), ["false"]);
    let imported = run(&other, &[&["import"][..], &tier].concat()).ok();
    assert_eq!(
        (imported.each("imported"), imported.each("freshness")),
        (vec!["3".into()], vec!["fresh".into()])
    );
    assert_eq!(run(&other, &[&["import"][..], &tier].concat()).ok().each("here_before"), ["3"]);

    // What is changed and what is gone follows: a new version of one's own code replaces the old one.
    one.write("part0/Cargo.toml", "[package]\nname = \"part0\"\nversion = \"0.2.0\"\nedition = \"2024\"\n");
    one.write("part1/src/lib.rs", "/// Written anew.\npub fn freshly_written() {}\n");
    let lock = std::fs::read_to_string(one.project().join("Cargo.lock")).unwrap();
    one.write(
        "Cargo.lock",
        &lock.replace("\"part0\"\nversion = \"0.1.0\"", "\"part0\"\nversion = \"0.2.0\""),
    );
    one.run(&["index"]).ok();
    let delta = run(&one, &[&["export", "--incremental"][..], &tier].concat()).ok();
    assert_eq!((delta.each("written"), delta.each("removed")), (vec!["2".into()], vec!["1".into()]));
    let followed = run(&other, &[&["import"][..], &tier].concat()).ok();
    assert_eq!((followed.each("imported"), followed.each("removed")), (vec!["2".into()], vec!["1".into()]));
    assert_eq!(run(&one, &["export", "--compact", "--tier", "private"]).ok().out, "merged the increments\n");

    let world_gone = world.bucket;
    drop(world_gone);
    assert_eq!(other.run(&["packages", "--json"]).ok().each("version"), ["0.2.0", "0.1.0", "0.1.0"]);
    let hits = other.run(&["search", "freshly written", "--limit", "1", "--json"]).ok();
    assert_eq!(hits.each("path"), ["part1::freshly_written"]);
    let old = other.run(&["search", "do_part1", "--mode", "text", "--json"]).ok();
    assert!(!old.each("name").contains(&"do_part1".to_string()), "{old:#?}");
    other.run(&["doctor"]).ok();
}

/// What whoever shares a package left out of it is a part of what they share.
#[test]
fn who_imports_or_lists_a_package_is_told_what_its_exporter_left_out() {
    let world = World::new();
    let (one, other) = (Place::with_workspace(1), Place::new());
    one.write(
        "part0/src/lib.rs",
        &(0..1_499).map(|number| format!("pub fn f{number}() {{}}\n")).collect::<String>(),
    );
    let run = |place: &Place, arguments: &[&str]| {
        Run::of(world.command(place, arguments).env("ZENITH_SYMBOLS", "1000").output().unwrap())
    };
    run(&one, &["index"]).ok();
    run(&one, &["export", "--tier", "private"]).ok();
    let imported = run(&other, &["import", "--tier", "private"]).ok();
    let told = "part0@0.1.0 has 1,000 of 1,500 symbols: whoever shares it left the others out";
    assert!(imported.out.contains(told), "{imported:#?}");
    let listed = run(&other, &["packages"]).ok();
    assert!(
        listed.out.contains("1000 of 1500 symbols") && !listed.out.contains("ZENITH_SYMBOLS"),
        "{listed:#?}"
    );
    assert!(listed.out.contains("of 1 package whoever shares them left symbols out"), "{listed:#?}");
    let number = |run: &Run| run.json()[0]["left_out"].as_u64();
    assert_eq!(number(&run(&other, &["packages", "--json"]).ok()), Some(500));
    // Whole again, the note goes with what it was about.
    Run::of(world.command(&one, &["index"]).output().unwrap()).ok();
    run(&one, &["export", "--tier", "private"]).ok();
    let again = run(&other, &["import", "--tier", "private", "--json"]).ok();
    assert_eq!(
        (again.json()[0]["imported"].as_u64(), &again.json()[0]["cut"]),
        (Some(1), &serde_json::json!([]))
    );
    assert_eq!(number(&run(&other, &["packages", "--json"]).ok()), Some(0));
}

/// The store may be a folder as well, and is one where nothing else is said.
#[test]
fn a_folder_is_a_store_too() {
    let (one, other) = (Place::with_workspace(2), Place::new());
    one.run(&["index"]).ok();
    one.run(&["export", "--tier", "private"]).ok();
    let mut import = other.command(&["import", "part1", "nothing", "--tier", "private", "--json"]);
    let import = Run::of(import.env("ZENITH_STORE", one.data().join("store")).output().unwrap());
    assert_eq!(import.code, Some(1), "one of them is not there: {import:#?}");
    assert_eq!(
        (import.each("imported"), import.each("missing")),
        (vec!["1".into()], vec!["[\"nothing\"]".into()])
    );
    assert_eq!(other.run(&["packages", "--json"]).ok().each("package"), ["part1"]);
    other.run(&["doctor"]).ok();
}

#[test]
fn a_bucket_that_denies_or_a_setting_that_is_wrong_is_told_plainly() {
    let world = World::new();
    let place = Place::with_workspace(1);
    place.run(&["index"]).ok();
    let with = |name: &str, value: &str| {
        let mut command = world.command(&place, &["export", "--tier", "private"]);
        let run = Run::of(command.env(name, value).output().unwrap());
        assert_eq!(run.code, Some(1), "{run:#?}");
        assert!(!run.err.contains("wrong-secret"), "{run:#?}");
        run.err
    };
    assert!(with("AWS_SECRET_ACCESS_KEY", "wrong-secret").contains("credentials"));
    assert!(with("AWS_SECRET_ACCESS_KEY", "").contains("AWS_ACCESS_KEY_ID"));
    assert!(with("ZENITH_STORE_ENDPOINT", "http://example.com").contains("https"));
    assert!(with("ZENITH_STORE", "s3://zenith/../x").contains("s3://zenith/../x"));
}

/// Two data folders export into one scope, again and again at the same time.
#[test]
fn of_two_exporters_at_once_nothing_is_lost() {
    let world = World::new();
    let (one, other) = (Place::with_workspace(3), Place::new());
    one.run(&["index"]).ok();
    other.run(&["index", &fixture("constructs")]).ok();
    let (first, second) = (world.open(one.data()), world.open(other.data()));
    let theirs: Vec<String> = world.found(&first).into_iter().chain(world.found(&second)).collect();
    world.bucket.set_delay(std::time::Duration::from_millis(3));
    for mode in [ExportMode::Incremental, ExportMode::Full, ExportMode::Full] {
        let (a, b) = std::thread::scope(|scope| {
            let a = scope.spawn(|| world.export(&first, Tier::Private, mode).unwrap());
            let b = scope.spawn(|| world.export(&second, Tier::Private, mode).unwrap());
            (a.join().unwrap(), b.join().unwrap())
        });
        assert_ne!(a.sequence, b.sequence, "one went after the other");
        let (_, contents) = world.contents(&own());
        let mut names: Vec<String> = contents.into_iter().map(|(name, _)| name).collect();
        names.sort();
        let mut expected = theirs.clone();
        expected.sort();
        assert_eq!(names, expected, "{mode:?}");
    }
    // Two processes as well, and one that imports what both make.
    let spawn = |place: &Place| {
        let mut command = world.command(place, &["export", "--tier", "private", "--json"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    for child in [spawn(&one), spawn(&other), spawn(&one)] {
        Run::of(child.wait_with_output().unwrap()).ok();
    }
    let newcomer = world.newcomer("newcomer");
    assert_eq!(world.import(&newcomer, Tier::Private).unwrap().imported, theirs.len());
    assert_eq!(world.found(&newcomer).len(), theirs.len());
}
