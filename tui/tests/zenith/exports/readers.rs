//! An export as other tools read it, by the very statements of the README.

use std::process::Command;

use duckdb::Connection;

use crate::support::Place;

const README: &str = include_str!("../../../../README.md");

/// The blocks of code of a language, in order.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("```{language}\n");
    README
        .split(opening.as_str())
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .map(|(block, _)| block)
        .collect()
}

/// The statement that reads the current rows.
fn statement() -> &'static str {
    blocks("sql").into_iter().find(|block| block.contains("api_symbols")).expect("the README has it")
}

/// An export of three packages of which one was replaced and one removed since its first file was written.
fn exported() -> Place {
    let place = Place::with_workspace(3);
    place.write("part0/README.md", "# part0\n\nDoes a part.\n\n# 日本語\n\n日本語\n");
    place.run(&["index", "--tier", "public"]).ok();
    place.run(&["export", "--tier", "public"]).ok();
    place.write("part1/src/lib.rs", "/// Written anew.\npub async fn freshly_written() {}\n");
    place.run(&["index", "--tier", "public"]).ok();
    place.run(&["export", "--tier", "public", "--incremental"]).ok();
    place
}

/// What zenith itself has: the paths of all symbols.
fn paths(place: &Place) -> Vec<String> {
    let packages = place.run(&["packages", "--json"]).ok().each("package");
    let of = |package: &String| place.run(&["show", package, "--json"]).ok().each("path");
    let mut paths: Vec<String> = packages.iter().flat_map(of).collect();
    paths.sort();
    paths
}

fn duck(place: &Place) -> Connection {
    let duck = Connection::open_in_memory().unwrap();
    duck.execute_batch(&format!("SET file_search_path = '{}'", place.data().display())).unwrap();
    duck
}

fn column(duck: &Connection, sql: &str) -> Vec<String> {
    let mut statement = duck.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[test]
fn duckdb_reads_the_current_rows_by_the_statement_of_the_readme() {
    let place = exported();
    let (duck, current) = (duck(&place), statement());
    let found = column(&duck, &format!("SELECT path FROM ({current}) ORDER BY path"));
    assert_eq!(found, paths(&place));
    assert!(found.contains(&"part1::freshly_written".to_string()), "{found:?}");
    let all = "SELECT count(*)::VARCHAR FROM 'store/packages/public/api_symbols/*.parquet'";
    assert!(
        column(&duck, all)[0].parse::<usize>().unwrap() > found.len(),
        "there is nothing that was replaced"
    );

    let types = |sql: &str| {
        let described = format!("SELECT column_name || ' ' || column_type FROM (DESCRIBE {sql})");
        column(&duck, &described)
    };
    let symbols = types(current);
    for expected in ["metadata JSON", "embedding FLOAT[384]", "created_at TIMESTAMP WITH TIME ZONE"] {
        assert!(symbols.contains(&expected.to_string()), "{expected}: {symbols:?}");
    }
    let packages = types("FROM 'store/packages/public/indexed_packages/*.parquet'");
    assert!(packages.contains(&"indexed_at TIMESTAMP WITH TIME ZONE".to_string()), "{packages:?}");
    // JSON by its type: its operators need no cast. Times are those of this very hour, in UTC.
    let asked = format!("SELECT path FROM ({current}) WHERE json_type(metadata) <> 'OBJECT'");
    assert_eq!(column(&duck, &asked), [""; 0]);
    let asked = format!("SELECT path FROM ({current}) WHERE abs(epoch(created_at) - epoch(now())) > 3600");
    assert_eq!(column(&duck, &asked), [""; 0]);
}

/// A vector that means nothing is null, not a row of zeros that is near everything; every other has length 1.
#[test]
fn what_means_nothing_has_no_embedding() {
    let place = exported();
    let duck = duck(&place);
    let chunks = "read_parquet('store/packages/public/doc_chunks/*.parquet')";
    let nothing = column(&duck, &format!("SELECT section_title FROM {chunks} WHERE embedding IS NULL"));
    assert_eq!(nothing, ["日本語"]);
    for table in ["api_symbols", "doc_chunks"] {
        let off = format!(
            "SELECT id FROM 'store/packages/public/{table}/*.parquet' \
             WHERE abs(list_sum(list_transform(embedding, x -> x * x)) - 1) > 1e-3 OR len(embedding) <> 384 \
             OR list_contains(list_transform(embedding, x -> x IS NULL), true)"
        );
        assert_eq!(column(&duck, &off), [""; 0], "{table}");
    }
    // Nor does a search here find it near anything.
    let hits = place.run(&["search", "--mode", "vector", "a part", "--kind", "doc", "--json"]).ok();
    assert!(!hits.each("name").contains(&"日本語".to_string()), "{hits:#?}");
}

#[test]
fn each_column_is_described_in_the_file() {
    let place = exported();
    let duck = duck(&place);
    for table in ["api_symbols", "doc_chunks", "indexed_packages"] {
        let files = format!("'store/packages/public/{table}/*.parquet'");
        let columns = column(&duck, &format!("SELECT column_name FROM (DESCRIBE FROM {files}) ORDER BY 1"));
        let described = column(
            &duck,
            &format!(
                "SELECT DISTINCT decode(key)[13:] FROM parquet_kv_metadata({files}) \
                 WHERE starts_with(decode(key), 'description.') AND octet_length(value) > 10 ORDER BY 1"
            ),
        );
        assert_eq!(described, columns, "{table}");
    }
    let element = column(
        &duck,
        "SELECT repetition_type || ' ' || name FROM parquet_schema('store/packages/public/api_symbols/*.parquet') \
         WHERE type = 'FLOAT'",
    );
    assert!(element.iter().all(|element| element == "REQUIRED element"), "{element:?}");
}

/// polars and pandas are half a gigabyte: where a Python has them, their statements are run as well.
#[test]
fn polars_and_pandas_read_the_current_rows_by_the_statements_of_the_readme() {
    let python = std::env::var("ZENITH_TEST_PYTHON").unwrap_or_else(|_| "python3".to_string());
    let place = exported();
    let expected = paths(&place);
    for library in ["polars", "pandas"] {
        let block = blocks("python").into_iter().find(|block| block.contains(library)).unwrap();
        let has = Command::new(&python).args(["-c", &format!("import {library}, pyarrow")]).output();
        if !has.is_ok_and(|has| has.status.success()) {
            eprintln!(
                "not run: {python} has no {library} and pyarrow; ZENITH_TEST_PYTHON names one that has"
            );
            continue;
        }
        let check = "\nprint('\\n'.join(sorted(symbols['path'])))\n\
            width = max(len(v) for v in symbols['embedding'] if v is not None)\n\
            assert width == 384, width\n\
            assert 'UTC' in str(symbols['created_at'].dtype), symbols['created_at'].dtype\n";
        let program = format!("{block}{check}");
        let run = Command::new(&python).args(["-c", &program]).current_dir(place.data()).output().unwrap();
        assert!(run.status.success(), "{library}: {}", String::from_utf8_lossy(&run.stderr));
        let found: Vec<String> = String::from_utf8(run.stdout).unwrap().lines().map(str::to_string).collect();
        assert_eq!(found, expected, "{library}");
    }
}
