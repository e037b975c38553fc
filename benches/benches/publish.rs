//! What does authoring an instance cost, beside the one commit that it needs, and looking ahead over many that did not
//! change? Each answer is checked before it is timed.

use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;

use tokio::runtime::Runtime;
use zenith_benches::gate::{Gates, OfSize, keep};
use zenith_benches::targets;
use zenith_core::publish::{Authored, AuthoredId, Files, Route, WidgetType, route};

fn main() -> ExitCode {
    let mut gates = Gates::new("publish");
    let runtime = Runtime::new().expect("threads can be started");
    ids(&mut gates);
    save(&mut gates, &runtime);
    ahead(&mut gates, &runtime);
    gates.finish()
}

/// What does finding the home of an id take?
fn ids(gates: &mut Gates) {
    let ids = ["wgt_main_faq", "wgt_curated_spring-sale_2026", "wgt_faq_u_0193f3c2", "wgt_faq_x_1"];
    let run = || ids.map(|id| route(black_box(id)).ok());
    let found = run();
    assert!(matches!(
        found,
        [Some(Route::Authored(_)), Some(Route::Authored(_)), Some(Route::User(_)), None]
    ));
    gates.answers(format!("{found:?}"));
    gates.criterion.bench_function("publish/four ids", |bench| bench.iter(run));
    gates.time("four ids routed", targets::ROUTE_MAX * 4, || keep(run()));
}

/// Authored instances in a folder, with the types that the fixtures have.
fn authored(runtime: &Runtime, folder: &Path) -> Authored {
    let authored = runtime.block_on(Authored::open(folder)).expect("it opens");
    std::fs::create_dir_all(folder.join("widgets")).expect("there is a place for files");
    let types = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/widgets/manifest.json");
    std::fs::copy(types, authored.registry_path()).expect("it can be written");
    authored
}

/// A configuration of some 16 KiB.
fn config(number: usize) -> String {
    let items = (0..200).map(|item| {
        format!(r#"{{"id":"q{item}","question":"What is {item} of {number}?","answer":"It is {item}, as it was."}}"#)
    });
    let items = items.collect::<Vec<_>>().join(",");
    format!(
        r#"{{"title":"Questions {number}","sections":[{{"id":"s1","title":"General","faqs":[{items}]}}]}}"#
    )
}

/// What does keeping a changed configuration take, beside the bare commit of the same bytes?
fn save(gates: &mut Gates, runtime: &Runtime) {
    let folder = tempfile::tempdir().expect("there is a place for files");
    let authored = authored(runtime, folder.path());
    let id = AuthoredId::parse("wgt_main_faq").expect("an id");
    let mut number = 0;
    let mut ours = || {
        number += 1;
        let saved = runtime.block_on(authored.save(&id, None, config(number).as_bytes()));
        assert!(saved.expect("it is kept").1, "it is another each time");
    };
    ours();
    let connection = runtime.block_on(async {
        let path = folder.path().join("bare.db");
        let database = libsql::Builder::new_local(path).build().await.expect("it opens");
        let connection = database.connect().expect("it opens");
        // As every file of our own.
        let settings = "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;";
        connection.execute_batch(settings).await.expect("it is set");
        let sql = "CREATE TABLE bare (id TEXT PRIMARY KEY, config TEXT NOT NULL) STRICT; INSERT INTO bare VALUES ('a', '')";
        connection.execute_batch(sql).await.expect("it is created");
        connection
    });
    let mut other = 0;
    let mut theirs = || {
        other += 1;
        let changed = connection.execute("UPDATE bare SET config = ?1 WHERE id = 'a'", [config(other)]);
        assert_eq!(runtime.block_on(changed).expect("it is kept"), 1);
    };
    theirs();
    gates.answers(config(1));
    gates.ratio(
        "a configuration kept, of a bare commit",
        targets::SAVE_OF_COMMIT_MAX,
        &mut ours,
        &mut theirs,
    );
}

/// What does looking ahead take, over instances of which each would be published?
fn ahead(gates: &mut Gates, runtime: &Runtime) {
    let sizes: [usize; 3] = if gates.is_test() { [2, 4, 8] } else { [16, 64, 256] };
    let folder = tempfile::tempdir().expect("there is a place for files");
    let stores = sizes.map(|size| {
        let authored = authored(runtime, &folder.path().join(size.to_string()));
        for number in 0..size {
            let id = AuthoredId::parse(&format!("wgt_curated_{number}")).expect("an id");
            let of = WidgetType::parse("faq").expect("a type");
            let config = config(number);
            let saved = authored.save(&id, Some(&of), config.as_bytes());
            runtime.block_on(saved).expect("it is kept");
        }
        authored
    });
    let files = Files::new(&folder.path().join("translations"));
    let look = |authored: &Authored| runtime.block_on(authored.standings(&files)).expect("it answers").len();
    assert_eq!(stores.each_ref().map(look), sizes);
    gates.answers(format!("{sizes:?}"));
    let mut works: Vec<OfSize<'_>> = Vec::new();
    let look = &look;
    for (size, authored) in sizes.into_iter().zip(&stores) {
        works.push((size as u64, Box::new(move || keep(look(authored)))));
    }
    gates.growth("how all stand, by how many there are", targets::STANDINGS_GROWTH_MAX, &mut works);
}
