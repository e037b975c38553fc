//! Instances as an author, a cloud and a reader have them: the six acceptance criteria of the split between what is
//! authored here and what is users', each as a test, and what a kill leaves.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use tokio::runtime::Runtime;
use zenith_core::catalog::Server;
use zenith_core::identity::service::Access;
use zenith_core::publish::{Mirror, PublishError, Registry, UserId, Workspace, route};
use zenith_harness::lab::{Bucket, Fault, FaultPlan};

use crate::support::{Place, Run, kill_at, local_lab, run_with_input, with_store};

const LOCATION: &str = "s3://zenith/widgets";
pub const FAQ: &str = r#"{"title":"Questions","colour":"red","sections":[{"id":"s1","title":"General","faqs":[
    {"id":"q1","question":"What is it?","answer":"A widget."},{"id":"q2","question":"How much?","answer":"Nothing."}]}]}"#;
const GERMAN: &str =
    r#"{"Questions":"Fragen","General":"Allgemeines","What is it?":"Was ist das?","Welcome":"Willkommen"}"#;

/// A bucket, and whoever uses it.
struct Cloud {
    runtime: Runtime,
    bucket: Bucket,
    _folder: TempDir,
}

impl Cloud {
    fn new() -> Cloud {
        let (runtime, folder) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
        let bucket = runtime.block_on(Bucket::start(&folder.path().join("s3"), "zenith")).unwrap();
        Cloud { runtime, bucket, _folder: folder }
    }

    fn command(&self, place: &Place, arguments: &[&str]) -> Command {
        let mut command = place.command(&[&["instance"], arguments].concat());
        with_store(&mut command, &self.bucket, LOCATION);
        command
    }

    fn run(&self, place: &Place, arguments: &[&str]) -> Run {
        Run::of(self.command(place, arguments).output().unwrap())
    }

    fn edit(&self, place: &Place, id: &str, config: &str, more: &[&str]) -> Run {
        run_with_input(self.command(place, &[&["edit", id, "-"], more].concat()), config).ok()
    }

    fn title(&self, place: &Place, id: &str, locale: &str) -> String {
        let read = self.run(place, &["resolve", id, locale, "--json"]).ok();
        read.json()[0]["content"]["title"].as_str().unwrap().to_string()
    }
}

/// A place with a registry of types, and translations.
pub fn author() -> Place {
    let place = Place::new();
    let folder = place.data().join("instances");
    std::fs::create_dir_all(folder.join("widgets")).unwrap();
    std::fs::create_dir_all(folder.join("translations")).unwrap();
    let types = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/widgets/manifest.json");
    std::fs::copy(types, folder.join("widgets/manifest.json")).unwrap();
    std::fs::write(folder.join("translations/de.json"), GERMAN).unwrap();
    place
}

#[test]
fn what_is_authored_is_edited_here_without_touching_the_cloud() {
    let (cloud, author) = (Cloud::new(), author());
    cloud.bucket.reset();
    cloud.bucket.set_faults(Some(FaultPlan::from(0, Fault::CutBefore)));
    for number in 0..8 {
        cloud.edit(&author, "wgt_main_faq", &FAQ.replace("Questions", &format!("Questions {number}")), &[]);
        cloud.edit(
            &author,
            "wgt_curated_spring",
            &format!(r#"{{"title":"Spring {number}"}}"#),
            &["--type", "hero"],
        );
    }
    cloud.edit(&author, "wgt_main_faq", r#"{"/title":"Fragen"}"#, &["--locale", "de"]);
    let shown = cloud.run(&author, &["show", "wgt_main_faq", "--locale", "de", "--json"]).ok();
    assert_eq!(shown.json()[0]["content"]["title"], "Fragen");
    let listed = cloud.run(&author, &["list", "--json"]).ok();
    assert_eq!(listed.each("revision"), ["8", "8"]);
    assert!(cloud.run(&author, &["status"]).ok().out.contains("never published"));
    let dry = cloud.run(&author, &["publish", "--dry-run"]).ok();
    for key in ["wgt_main_faq/de.", "catalog.json"] {
        assert!(dry.out.contains(&format!("put instances/curated/{key}")), "{dry:#?}");
    }
    // What nobody would stand in for is not deprecated; what others lean on is told.
    let alone = cloud.run(&author, &["deprecate", "wgt_curated_spring"]);
    assert!(alone.code == Some(1) && alone.err.contains("wgt_main_hero"), "{alone:#?}");
    cloud.edit(&author, "wgt_main_hero", r#"{"title":"Welcome"}"#, &[]);
    cloud.run(&author, &["deprecate", "wgt_curated_spring"]).ok();
    let told = cloud.run(&author, &["edit", "wgt_main_hero", "--status", "unpublished"]).ok();
    assert!(told.err.contains("wgt_curated_spring"), "{told:#?}");
    // Texts are read as everything else is, and what would be passed over is refused.
    let edit = |texts: &str, more: &[&str]| {
        let arguments = [&["edit", "wgt_main_faq", "-", "--locale", "de"], more].concat();
        run_with_input(cloud.command(&author, &arguments), texts)
    };
    assert_eq!(edit(r#"{"/title":"a","/title":"b"}"#, &[]).code, Some(1));
    assert_eq!(edit(r#"{"/title":"a"}"#, &["--status", "deprecated"]).code, Some(2));
    let taken = edit(r#"{"/title":null}"#, &[]).ok();
    assert!(taken.out.contains("took back 1, 0 texts in all"), "{taken:#?}");
    let count = cloud.bucket.count();
    assert_eq!((count.gets, count.heads, count.lists, count.puts, count.deletes), (0, 0, 0, 0, 0));
    assert_eq!(cloud.bucket.requests().len(), 0);
}

#[test]
fn publishing_mirrors_what_is_authored_and_brings_its_overlays() {
    let (cloud, author) = (Cloud::new(), author());
    let Some(lab) = local_lab(&cloud.runtime) else { return };
    let database = cloud.runtime.block_on(lab.database("curated")).unwrap();
    let server = database.server().unwrap().clone();
    let publish = |place: &Place| {
        let mut command = cloud.command(place, &["publish", "--json"]);
        mirrored(&mut command, &server);
        Run::of(command.output().unwrap())
    };
    cloud.edit(&author, "wgt_main_faq", FAQ, &[]);
    cloud.edit(&author, "wgt_curated_spring", r#"{"title":"Welcome"}"#, &["--type", "hero"]);
    let report = publish(&author).ok().json().remove(0);
    assert_eq!(report["published"].as_array().unwrap().len(), 2, "{report}");
    let mirror = cloud.runtime.block_on(Mirror::connect(&server)).unwrap();
    for id in ["wgt_main_faq", "wgt_curated_spring"] {
        let zenith_core::publish::Route::Authored(of) = route(id).unwrap() else { panic!("{id}") };
        let state = cloud.runtime.block_on(mirror.state(&of)).unwrap().unwrap();
        assert_eq!(state.sequence, 1);
        let locales = cloud.run(&author, &["resolve", id, "de", "--json"]).ok();
        assert_eq!(locales.each("got_locale"), ["de"], "its texts came along");
    }
    let mirrored_config = cloud.runtime.block_on(async {
        let connection = server.open().await.unwrap().connect().unwrap();
        let sql = "SELECT config FROM curated_widget_instances WHERE public_id = 'wgt_main_faq'";
        let mut rows = connection.query(sql, ()).await.unwrap();
        rows.next().await.unwrap().unwrap().get::<String>(0).unwrap()
    });
    let (there, here): (serde_json::Value, serde_json::Value) =
        (serde_json::from_str(&mirrored_config).unwrap(), serde_json::from_str(FAQ).unwrap());
    assert_eq!(there, here);

    // Again, and nothing changed: the store is not asked.
    cloud.bucket.reset();
    let again = publish(&author).ok().json().remove(0);
    assert_eq!((again["unchanged"].as_u64(), cloud.bucket.requests().len()), (Some(2), 0), "{again}");
    let mut verify = cloud.command(&author, &["verify", "--deep"]);
    mirrored(&mut verify, &server);
    assert!(Run::of(verify.output().unwrap()).ok().out.contains("all is as it was published"));

    // One locale of one instance: an artifact, a manifest, its pointer, the set; and a look whether all is there.
    cloud.edit(&author, "wgt_main_faq", r#"{"/title":"Häufige Fragen"}"#, &["--locale", "de"]);
    cloud.bucket.reset();
    publish(&author).ok();
    let count = cloud.bucket.count();
    assert_eq!((count.puts, count.lists, count.gets, count.heads, count.deletes), (4, 1, 0, 0, 0));
    cloud.runtime.block_on(lab.close(false));
}

fn mirrored(command: &mut Command, server: &Server) {
    use secrecy::ExposeSecret;
    command
        .env("ZENITH_MIRROR", server.url.as_str())
        .env("ZENITH_MIRROR_TOKEN", server.token.expose_secret());
}

#[test]
fn the_cloud_never_writes_what_is_authored() {
    let (cloud, author, other) = (Cloud::new(), author(), author());
    let Some(lab) = local_lab(&cloud.runtime) else { return };
    let database = cloud.runtime.block_on(lab.database("curated")).unwrap();
    let server = database.server().unwrap().clone();
    cloud.edit(&author, "wgt_main_faq", FAQ, &[]);
    let mut publish = cloud.command(&author, &["publish"]);
    mirrored(&mut publish, &server);
    Run::of(publish.output().unwrap()).ok();

    // A service of the cloud has a token that reads: every way to write is refused by the server.
    let token =
        lab.issuer().mint_database(&[("curated", Access::ReadOnly)], Duration::from_secs(600)).unwrap();
    let reads = Server { url: server.url.clone(), token };
    cloud.runtime.block_on(async {
        let connection = reads.open().await.unwrap().connect().unwrap();
        let mut rows = connection.query("SELECT count(*) FROM curated_widget_instances", ()).await.unwrap();
        assert_eq!(rows.next().await.unwrap().unwrap().get::<i64>(0).unwrap(), 1, "it reads");
        drop(rows);
        for sql in [
            "UPDATE curated_widget_instances SET status = 'unpublished', sequence = sequence + 1",
            "DELETE FROM curated_widget_instances",
            "INSERT OR REPLACE INTO curated_widget_instances SELECT * FROM curated_widget_instances",
            "DROP TABLE curated_widget_instances",
            "DROP TRIGGER curated_forward",
        ] {
            assert!(connection.execute(sql, ()).await.is_err(), "{sql}");
        }
    });
    // With it nothing is published, whatever its folder holds.
    cloud.edit(&other, "wgt_main_faq", &FAQ.replace("Questions", "Foreign"), &[]);
    let mut publish = cloud.command(&other, &["publish"]);
    mirrored(&mut publish, &reads);
    assert_eq!(Run::of(publish.output().unwrap()).code, Some(1));
    assert_eq!(cloud.title(&author, "wgt_main_faq", "en"), "Questions");
    // And what lies there does not come back: an adopted number brings no value.
    cloud.run(&other, &["adopt"]).ok();
    let kept = cloud.run(&other, &["show", "wgt_main_faq", "--json"]).ok();
    assert_eq!(kept.json()[0]["config"]["title"], "Foreign");
    let shown = cloud.run(&author, &["show", "wgt_main_faq", "--json"]).ok();
    assert_eq!(shown.json()[0]["config"]["title"], "Questions");
    cloud.runtime.block_on(lab.close(false));
}

pub const CANARY: &str = "CANARY-OF-A-USER";

#[test]
fn users_instances_never_appear_in_a_local_database() {
    let (cloud, author) = (Cloud::new(), author());
    let refused = run_with_input(
        cloud.command(&author, &["edit", "wgt_faq_u_mine", "-"]),
        &FAQ.replace("Questions", CANARY),
    );
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("workspace") && refused.err.contains("zenith login"), "{refused:#?}");
    for bad in ["wgt_main_u_x", "wgt_main_x_u_y", "WGT_MAIN_FAQ", "wgt_faq_u_"] {
        assert_eq!(run_with_input(cloud.command(&author, &["edit", bad, "-"]), "{}").code, Some(1), "{bad}");
    }
    cloud.edit(&author, "wgt_main_faq", FAQ, &[]);
    if let Some(lab) = local_lab(&cloud.runtime) {
        // A user's own database takes it, and no other workspace reads it.
        cloud.runtime.block_on(async {
            let registry = Registry::load(&author.data().join("instances/widgets/manifest.json")).unwrap();
            let database = lab.database("olive").await.unwrap();
            let workspace = Workspace::open(database.open().await.unwrap(), "user_olive").await.unwrap();
            let id = UserId::parse("wgt_faq_u_mine").unwrap();
            let config = FAQ.replace("Questions", CANARY);
            assert!(workspace.save(&id, &registry, config.as_bytes()).await.unwrap().1);
            assert_eq!(workspace.get(&id).await.unwrap().config["title"], CANARY);
            let foreign = Workspace::open(database.open().await.unwrap(), "user_mallory").await;
            assert!(matches!(foreign, Err(PublishError::OtherWorkspace)));
        });
        cloud.runtime.block_on(lab.close(false));
    }
    cloud.run(&author, &["publish"]).ok();
    for (path, bytes) in files(&author.data()) {
        assert!(!bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()), "{path}");
    }
}

pub fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let (mut folders, mut found) = (vec![root.to_path_buf()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => found.push((path.display().to_string(), std::fs::read(&path).unwrap())),
            }
        }
    }
    found
}

#[test]
fn readers_load_what_is_published_here_and_in_the_cloud() {
    let (cloud, author, reader) = (Cloud::new(), author(), Place::new());
    cloud.edit(&author, "wgt_main_hero", r#"{"title":"Welcome"}"#, &[]);
    cloud.edit(&author, "wgt_curated_spring", r#"{"title":"Spring"}"#, &["--type", "hero"]);
    // Here: the store is a folder of the data folder.
    author.run(&["instance", "publish"]).ok();
    let local = author.run(&["instance", "resolve", "wgt_curated_spring", "en", "--json"]).ok();
    assert_eq!(local.json()[0]["content"]["title"], "Spring");
    // In the cloud: what this folder knows is of another store, which is said before anything is put there.
    let refused = cloud.run(&author, &["publish"]);
    assert!(refused.code == Some(1) && refused.err.contains("zenith instance adopt"), "{refused:#?}");
    cloud.run(&author, &["adopt"]).ok();
    cloud.run(&author, &["publish"]).ok();
    assert_eq!(cloud.title(&reader, "wgt_curated_spring", "en"), "Spring");
    let told = cloud.run(&reader, &["resolve", "wgt_main_hero", "de-AT"]).ok();
    assert!(told.err.contains("its parent de stands in") && told.out.contains("Willkommen"), "{told:#?}");
    let told = cloud.run(&reader, &["resolve", "wgt_main_hero", "zh-TW"]).ok();
    assert!(told.err.contains("the base, en, stands in"), "{told:#?}");
    assert_eq!(cloud.run(&reader, &["resolve", "wgt_main_hero", "zh-TW", "--strict"]).code, Some(1));
    // Without a locale it is the base, whatever this machine's registry says.
    let base = cloud.run(&reader, &["resolve", "wgt_main_hero", "--strict", "--json"]).ok();
    assert_eq!(base.each("got_locale"), ["en"]);
    // A deprecated one is its baseline, one that never was is an error.
    cloud.run(&author, &["deprecate", "wgt_curated_spring"]).ok();
    cloud.run(&author, &["publish"]).ok();
    let told = cloud.run(&reader, &["resolve", "wgt_curated_spring", "en"]).ok();
    assert!(
        told.err.contains("is deprecated: wgt_main_hero stands in") && told.out.contains("Welcome"),
        "{told:#?}"
    );
    let lost = cloud.run(&reader, &["resolve", "wgt_curated_lost", "en"]);
    assert!(lost.code == Some(1) && lost.err.contains("is not published there"), "{lost:#?}");
}

/// The name of a store is not the store.
#[test]
fn a_bucket_of_the_same_name_elsewhere_is_another_store() {
    let (here, elsewhere, author) = (Cloud::new(), Cloud::new(), author());
    here.edit(&author, "wgt_main_hero", r#"{"title":"Welcome"}"#, &[]);
    here.run(&author, &["publish"]).ok();
    let refused = elsewhere.run(&author, &["publish"]);
    assert!(refused.code == Some(1) && refused.err.contains("zenith instance adopt"), "{refused:#?}");
    elsewhere.run(&author, &["adopt"]).ok();
    elsewhere.run(&author, &["publish"]).ok();
    assert_eq!(elsewhere.title(&author, "wgt_main_hero", "en"), "Welcome");
    assert_eq!(here.title(&author, "wgt_main_hero", "en"), "Welcome");
}

#[test]
fn overlays_follow_what_is_authored_and_are_seen_in_the_store() {
    let (cloud, author) = (Cloud::new(), author());
    cloud.edit(&author, "wgt_main_faq", FAQ, &[]);
    cloud.run(&author, &["publish"]).ok();
    let german = || cloud.run(&author, &["resolve", "wgt_main_faq", "de", "--json"]).ok().json().remove(0);
    let first = german();
    assert_eq!(first["content"]["sections"][0]["faqs"][0]["question"], "Was ist das?");
    // What lies there under the name is what any other program hashes to it.
    let key = format!("widgets/instances/curated/wgt_main_faq/de.{}.json", first["sha256"].as_str().unwrap());
    let stored = cloud._folder.path().join("s3/zenith").join(key);
    let hashed = Command::new("sha256sum").arg(&stored).output().unwrap();
    assert!(String::from_utf8_lossy(&hashed.stdout).starts_with(first["sha256"].as_str().unwrap()));

    // Questions change places: every text stays with its own. One is reworded: its translation is not shown any more.
    let swapped = r#"{"title":"Questions","colour":"blue","sections":[{"id":"s1","title":"General","faqs":[
        {"id":"q2","question":"How much?","answer":"Nothing."},{"id":"q1","question":"What is it?","answer":"A widget."}]}]}"#;
    cloud.edit(
        &author,
        "wgt_main_faq",
        r#"{"/sections/[id=s1]/faqs/[id=q2]/question":"Wie viel?"}"#,
        &["--locale", "de"],
    );
    cloud.edit(&author, "wgt_main_faq", swapped, &[]);
    cloud.run(&author, &["publish"]).ok();
    let faqs = german()["content"]["sections"][0]["faqs"].clone();
    assert_eq!(
        (faqs[0]["question"].as_str(), faqs[1]["question"].as_str()),
        (Some("Wie viel?"), Some("Was ist das?"))
    );
    cloud.edit(&author, "wgt_main_faq", &swapped.replace("How much?", "What does it cost?"), &[]);
    let status = cloud.run(&author, &["status"]).ok();
    assert!(status.out.contains("de stale /sections/[id=s1]/faqs/[id=q2]/question"), "{status:#?}");
    cloud.run(&author, &["publish"]).ok();
    let faqs = german()["content"]["sections"][0]["faqs"].clone();
    assert_eq!(faqs[0]["question"], "What does it cost?");
}

/// What is missing or damaged in the store is said, and put back by a command that is named where it matters.
#[test]
fn what_is_damaged_in_the_store_is_put_back_and_a_rollback_stays() {
    let author = author();
    let run = |arguments: &[&str]| author.run(&[&["instance"], arguments].concat());
    let edit = |arguments: &[&str], text: &str| {
        run_with_input(author.command(&[&["instance", "edit"], arguments].concat()), text)
    };
    edit(&["wgt_main_hero", "-"], r#"{"title":"Welcome"}"#).ok();
    let first = run(&["publish"]).ok();
    assert!(first.err.contains("publishing to ") && first.err.contains("store"), "{first:#?}");
    let pointer = author.data().join("store/instances/curated/wgt_main_hero/manifest.json");
    let whole = std::fs::read(&pointer).unwrap();
    for damage in [None, Some("xx")] {
        match damage {
            None => std::fs::remove_file(&pointer).unwrap(),
            Some(damage) => std::fs::write(&pointer, damage).unwrap(),
        }
        let found = run(&["verify"]);
        assert!(found.code == Some(1) && found.err.contains("verify --repair"), "{found:#?}");
        let mended = run(&["verify", "--repair"]).ok();
        assert!(mended.out.contains("wgt_main_hero: its pointer was put back to number 1"), "{mended:#?}");
        assert_eq!(std::fs::read(&pointer).unwrap(), whole);
        assert!(run(&["verify", "--deep"]).ok().out.contains("all is as it was published"));
    }

    edit(&["wgt_main_hero", "-"], r#"{"title":"Hello"}"#).ok();
    run(&["publish"]).ok();
    run(&["rollback", "wgt_main_hero", "1"]).ok();
    for arguments in [&["publish"][..], &["publish", "--dry-run"], &["diff"], &["status"]] {
        let told = run(arguments).ok();
        let says = told.out.contains("rolled back to number 1")
            && told.out.contains("`zenith instance publish wgt_main_hero` publishes what is authored");
        assert!(says, "{arguments:?}: {told:#?}");
    }
    assert!(run(&["resolve", "wgt_main_hero"]).ok().out.contains("Welcome"));
    assert!(run(&["publish", "wgt_main_hero"]).ok().out.contains("published wgt_main_hero as number 4"));
    edit(&["wgt_main_hero", "--status", "unpublished"], "").ok();
    assert!(run(&["publish"]).ok().out.contains("withdrew wgt_main_hero as number 5"));
}

/// What is refused says what would be taken, and what is shown can be kept again.
#[test]
fn what_cannot_be_kept_or_published_says_what_can() {
    let author = author();
    let run = |arguments: &[&str]| author.run(&[&["instance"], arguments].concat());
    let edit = |arguments: &[&str], text: &str| {
        run_with_input(author.command(&[&["instance", "edit"], arguments].concat()), text)
    };
    let isolated = FAQ.replace("Questions", "\u{2067}Questions\u{2069}");
    edit(&["wgt_main_faq", "-"], &isolated).ok();
    let shown = run(&["show", "wgt_main_faq"]).ok();
    assert!(shown.out.contains("\\u2067Questions") && shown.err.contains("revision 1"), "{shown:#?}");
    let again = edit(&["wgt_main_faq", "-"], &shown.out).ok();
    assert!(again.out.contains("is what it was"), "{again:#?}");

    let help = run(&["edit", "--help"]).ok().out;
    let example =
        help.split("has texts by place: ").nth(1).and_then(|rest| rest.lines().next()).unwrap().trim();
    edit(&["wgt_main_faq", "-", "--locale", "de"], example).ok();
    for (arguments, text, told) in [
        (&["wgt_main_faq", "-", "--locale", "fr"][..], r#"{"/title":"x"}"#, "de, en-XA, pt-BR, zh-Hant"),
        (
            &["wgt_main_faq", "-", "--locale", "de"],
            r#"{"/faqs/[id=q1]/question":"x"}"#,
            "/sections/[id]/faqs/[id]/question",
        ),
        (&["wgt_curated_spring", "-"], "{}", "--type"),
    ] {
        let refused = edit(arguments, text);
        assert!(refused.code == Some(1) && refused.err.contains(told), "{refused:#?}");
    }
    std::fs::write(author.data().join("instances/translations/de.json"), "{bad").unwrap();
    let refused = run(&["publish"]);
    let told = refused.out.matches("wgt_main_faq").count() + refused.err.matches("wgt_main_faq").count();
    assert!(refused.code == Some(1) && told == 1 && refused.out.contains("de.json"), "{refused:#?}");
    assert!(run(&["status"]).ok().out.contains("de.json"));
    assert!(run(&["diff"]).ok().out.contains("de.json"));
    std::fs::write(author.data().join("instances/authored.db"), "").unwrap();
    let emptied = run(&["status"]);
    assert!(emptied.code == Some(1) && emptied.err.contains("has 0 bytes"), "{emptied:#?}");
}

/// At every request of a publication the program is killed, before it was done and after: readers see the old or the new,
/// and the next publication ends as if nothing had happened.
#[test]
fn a_publication_that_is_killed_anywhere_is_finished_by_the_next() {
    let (cloud, author, reader) = (Cloud::new(), author(), Place::new());
    cloud.edit(&author, "wgt_main_hero", r#"{"title":"0"}"#, &[]);
    cloud.run(&author, &["publish"]).ok();
    cloud.edit(&author, "wgt_main_hero", r#"{"title":"1"}"#, &[]);
    cloud.bucket.reset();
    cloud.run(&author, &["publish"]).ok();
    let requests = cloud.bucket.requests().len() as u64;
    assert!(requests >= 5, "{requests}");
    let mut title = 1;
    for at in 0..requests {
        for fault in [Fault::HangBefore, Fault::HangAfter] {
            let before = title;
            title += 1;
            cloud.edit(&author, "wgt_main_hero", &format!(r#"{{"title":"{title}"}}"#), &[]);
            kill_at(
                &cloud.runtime,
                &cloud.bucket,
                cloud.command(&author, &["publish"]),
                FaultPlan::once(at, fault),
            );
            let seen = cloud.title(&reader, "wgt_main_hero", "en");
            assert!(seen == before.to_string() || seen == title.to_string(), "{at} {fault:?}: {seen}");
            let report = cloud.run(&author, &["publish", "--json"]).ok().json().remove(0);
            assert_eq!(report["failed"].as_array().unwrap().len(), 0, "{at} {fault:?}: {report}");
            assert_eq!(cloud.title(&reader, "wgt_main_hero", "en"), title.to_string(), "{at} {fault:?}");
        }
    }
    // No number was used twice, and none was left out.
    let numbers = cloud.run(&author, &["history", "wgt_main_hero", "--json"]).ok().each("sequence");
    let expected: Vec<String> = (1..=title + 1).rev().map(|number| number.to_string()).collect();
    assert_eq!(numbers, expected);
    assert!(cloud.run(&author, &["verify", "--deep"]).ok().out.contains("all is as it was"));
    cloud.run(&author, &["rollback", "wgt_main_hero", "1"]).ok();
    assert_eq!(cloud.title(&reader, "wgt_main_hero", "en"), "0");
}
