//! What does it take to bring sources to what is searched: to parse and extract them, beside a bare parse, and to embed
//! their texts? The sources are this project's own. Each answer is checked before it is timed.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use tree_sitter::Parser;
use zenith_benches::gate::{Gates, OfSize, Pace, keep};
use zenith_benches::samples::text;
use zenith_benches::targets;
use zenith_core::embed::{DIMENSIONS, Embedder, StaticModel};
use zenith_core::ingest::{Cargo, Ingester, Source, discover};

fn main() -> ExitCode {
    let mut gates = Gates::new("ingest");
    extract(&mut gates);
    growth(&mut gates);
    embed(&mut gates);
    gates.finish()
}

/// A cargo that cannot be asked: what is measured is ours alone.
fn no_cargo() -> Cargo {
    let none = PathBuf::from("no-such-program");
    Cargo { program: none.clone(), home: none.clone(), rustc: none }
}

/// What a package yields that is read anew: symbols and sections.
fn ingest(folder: &Path) -> (usize, usize) {
    let set =
        Arc::new(discover(&Source::Folder(folder.to_path_buf()), &no_cargo()).expect("it is a package"));
    let ingested = Ingester::new(set).ingest(0);
    (ingested.symbols.len(), ingested.chunks.len())
}

/// Every file of Rust below a folder.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let (mut folders, mut found) = (vec![folder.to_path_buf()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("it can be listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a text");
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

/// What does extracting a package take, beside the bare parse of its files?
fn extract(gates: &mut Gates) {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core");
    let files = sources(&package.join("src"));
    let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
    let parse = || {
        let mut parser = Parser::new();
        parser.set_language(&tree_sitter_rust::LANGUAGE.into()).expect("the grammar fits");
        let nodes = files.iter().map(|(path, _)| {
            // As ours does, from the file.
            let text = std::fs::read_to_string(path).expect("a text");
            parser.parse(&text, None).expect("it is parsed").root_node().child_count()
        });
        nodes.sum::<u32>()
    };
    let (symbols, sections) = ingest(&package);
    assert!(symbols > 1_000 && sections > 10 && parse() > 1_000, "{symbols} symbols, {sections} sections");
    println!("{symbols} symbols and {sections} sections of {bytes} bytes");
    gates.criterion.bench_function("ingest/this library", |bench| bench.iter(|| ingest(&package)));
    let most = targets::INGEST_OF_PARSE_MAX;
    gates.ratio(
        "a package, of the bare parse of its files",
        most,
        || keep(ingest(&package)),
        || {
            black_box(parse());
        },
    );
}

/// How does it grow with the bytes of a package?
fn growth(gates: &mut Gates) {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src"));
    let sizes: [usize; 3] = if gates.is_test() { [2, 4, 8] } else { [16, 64, 256] };
    let folder = tempfile::tempdir().expect("there is a place for files");
    let mut works: Vec<OfSize<'_>> = Vec::new();
    for size in sizes {
        let package = folder.path().join(format!("of{size}"));
        std::fs::create_dir_all(package.join("src")).expect("there is a place for files");
        let manifest = format!("[package]\nname = \"of{size}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        std::fs::write(package.join("Cargo.toml"), manifest).expect("it can be written");
        let (mut root, mut bytes) = (String::new(), 0);
        for (number, (_, text)) in files.iter().cycle().take(size).enumerate() {
            root += &format!("pub mod m{number};\n");
            bytes += text.len();
            std::fs::write(package.join(format!("src/m{number}.rs")), text).expect("it can be written");
        }
        std::fs::write(package.join("src/lib.rs"), root).expect("it can be written");
        assert!(ingest(&package).0 > size);
        works.push((bytes as u64, Box::new(move || keep(ingest(&package)))));
    }
    gates.growth("a package, by its bytes", targets::INGEST_GROWTH_MAX, &mut works);
}

/// How long do a thousand texts take through the shipped model?
fn embed(gates: &mut Gates) {
    let model = StaticModel::shipped().expect("the shipped model is whole");
    let texts: Vec<String> =
        (0..if gates.settings.pace == Pace::Test { 10 } else { 1000 }).map(text).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let run = || model.embed(black_box(&texts)).expect("it embeds");
    assert_eq!(run().len(), texts.len() * DIMENSIONS);
    gates.answers(run().iter().flat_map(|number| format!("{number:.3} ").into_bytes()).collect::<Vec<u8>>());
    gates.criterion.bench_function("ingest/1000 texts embedded", |bench| bench.iter(run));
    gates.time("1000 texts embedded", targets::EMBED_THOUSAND_MAX, || drop(run()));
}
