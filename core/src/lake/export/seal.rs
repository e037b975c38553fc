//! A manifest as sealed bytes, and who may read them as what.

use super::manifest::{Manifest, is_read};
use crate::identity::Scope;
use crate::lake::sealed;

/// Why bytes are not the manifest that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unsound {
    Damaged(String),
    OtherSchema(u64),
    Foreign(String),
}

/// A manifest's bytes.
pub(super) fn seal(manifest: &Manifest) -> Result<Vec<u8>, serde_json::Error> {
    sealed::seal(manifest)
}

/// The manifest of a scope that the bytes are, whole and unchanged.
pub(super) fn unseal(bytes: &[u8], scope: &Scope) -> Result<Manifest, Unsound> {
    let damaged = |why: String| Unsound::Damaged(why);
    let text = sealed::unseal(bytes).map_err(|torn| damaged(torn.to_string()))?;
    #[derive(serde::Deserialize)]
    struct Versioned {
        schema_version: u64,
    }
    let parse = |error: serde_json::Error| damaged(format!("it cannot be read ({error})"));
    let version = serde_json::from_slice::<Versioned>(&text).map_err(parse)?.schema_version;
    if !is_read(version) {
        return Err(Unsound::OtherSchema(version));
    }
    let manifest: Manifest = serde_json::from_slice(&text).map_err(parse)?;
    if manifest.scope != scope.prefix() || manifest.org_id.as_deref() != scope.team() {
        return Err(Unsound::Foreign(manifest.scope.chars().take(200).collect()));
    }
    manifest.check().map_err(Unsound::Damaged)?;
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::lake::ContentHash;
    use crate::lake::export::{DataFile, ExportedPackage, Segment, Table};
    use crate::package::PackageId;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn package(name: &str, attempt: &str, symbols: u64) -> (DataFile, ExportedPackage) {
        let hash = ContentHash::of(format!("{name}{attempt}").as_bytes());
        let file = DataFile { table: Table::ApiSymbols, hash: hash.clone(), rows: symbols, bytes: 10 };
        let package = ExportedPackage {
            id: PackageId::rust(name, "1.0.0").unwrap(),
            symbol_count: symbols,
            chunk_count: 0,
            attempt: attempt.to_string(),
            indexed_at_ms: 5,
            embedding_model: Some("static".to_string()),
            description: Some("zwölf \"quoted\"".to_string()),
            repo_url: None,
            exported_by: "me".to_string(),
            symbols: Some(hash),
            chunks: None,
            left_out: None,
        };
        (file, package)
    }

    fn segment(seconds: i64, packages: &[(&str, &str, u64)], removed: &[&str]) -> Segment {
        let mut segment = Segment::new(at(seconds));
        for (name, attempt, symbols) in packages {
            let (file, package) = package(name, attempt, *symbols);
            segment.files.push(file);
            segment.packages.push(package);
        }
        segment.removed = removed.iter().map(|name| PackageId::rust(*name, "1.0.0").unwrap()).collect();
        segment
    }

    fn team() -> Scope {
        Scope::Team("org_acme".to_string())
    }

    fn manifest() -> Manifest {
        let base = segment(1, &[("a", "one", 3), ("b", "one", 4), ("c", "one", 5)], &[]);
        let deltas = vec![
            segment(2, &[("b", "two", 7)], &["c"]),
            segment(3, &[("d", "one", 1), ("c", "three", 2)], &["a"]),
        ];
        Manifest::new(&team(), 3, at(3), base, deltas)
    }

    #[test]
    fn the_newest_wins_and_what_was_removed_is_gone() {
        let manifest = manifest();
        let live: Vec<(&str, &str)> =
            manifest.live().into_values().map(|(_, one)| (one.id.name(), one.attempt.as_str())).collect();
        assert_eq!(live, [("b", "two"), ("c", "three"), ("d", "one")]);
        assert_eq!((manifest.total_packages, manifest.total_symbols), (3, 10));
        assert_eq!(unseal(&seal(&manifest).unwrap(), &team()), Ok(manifest));
    }

    #[test]
    fn every_truncation_and_every_flipped_bit_shows() {
        let bytes = seal(&manifest()).unwrap();
        for length in 0..bytes.len() {
            assert!(matches!(unseal(&bytes[..length], &team()), Err(Unsound::Damaged(_))), "{length}");
        }
        let mut flipped = bytes.clone();
        for position in 0..bytes.len() {
            for bit in 0..8 {
                flipped[position] ^= 1 << bit;
                assert!(matches!(unseal(&flipped, &team()), Err(Unsound::Damaged(_))), "{position}.{bit}");
                flipped[position] ^= 1 << bit;
            }
        }
        assert!(unseal(&[bytes, b" ".to_vec()].concat(), &team()).is_err());
    }

    #[test]
    fn the_manifest_of_another_scope_or_version_is_refused() {
        let bytes = seal(&manifest()).unwrap();
        let other = Scope::Team("org_other".to_string());
        assert_eq!(unseal(&bytes, &other), Err(Unsound::Foreign("team/org_acme".to_string())));
        for version in [0, 3] {
            let other = Manifest { schema_version: version, ..manifest() };
            assert_eq!(unseal(&seal(&other).unwrap(), &team()), Err(Unsound::OtherSchema(version)));
        }
    }

    #[test]
    fn a_manifest_of_the_first_version_is_read() {
        let mut first = Manifest { schema_version: 1, ..manifest() };
        first.packages.iter_mut().for_each(|one| (one.api_symbols, one.doc_chunks) = (None, None));
        // As it was written: the members that came later are not there.
        let text = String::from_utf8(seal(&first).unwrap()).unwrap();
        let body = text.split_once("\",\n").unwrap().1;
        let later = [",\n      \"api_symbols\": null", ",\n      \"doc_chunks\": null"];
        let body = later.iter().fold(body.to_string(), |body, member| body.replace(member, ""));
        assert!(!body.contains("\"api_symbols\": null"), "{body}");
        let read = unseal(&sealed::seal_text(&body), &team()).unwrap();
        assert!(read.is_outdated() && read == first);
    }

    /// Sealed well and wrong all the same, as a forger or a bug would have it.
    #[test]
    fn parts_that_do_not_fit_together_are_refused() {
        let refused = |change: &dyn Fn(&mut Manifest)| {
            let mut forged = manifest();
            change(&mut forged);
            let why = unseal(&seal(&forged).unwrap(), &team());
            assert!(matches!(why, Err(Unsound::Damaged(_))), "{why:?}");
        };
        refused(&|it| it.total_symbols += 1);
        refused(&|it| it.packages.truncate(1));
        refused(&|it| it.packages[0].api_symbols = Some("api_symbols/other.parquet".to_string()));
        refused(&|it| it.base.files[0].rows = 2);
        refused(&|it| it.base.files[0].bytes = u64::MAX);
        refused(&|it| it.base.files[0].table = Table::DocChunks);
        refused(&|it| it.base.packages[0].symbols = None);
        refused(&|it| it.base.packages[0].attempt = "../../x".to_string());
        refused(&|it| it.base.packages[0].exported_by = String::new());
        refused(&|it| it.base.packages[0].symbols = Some(ContentHash::of(b"other")));
        refused(&|it| it.base.removed = it.deltas[0].removed.clone());
        refused(&|it| it.deltas[0].packages[0].id = it.deltas[0].removed[0].clone());
        refused(&|it| it.base.files.push(it.base.files[0].clone()));
    }

    #[test]
    fn a_name_or_hash_that_could_leave_its_folder_is_refused() {
        let text = String::from_utf8(seal(&manifest()).unwrap()).unwrap();
        let hash = ContentHash::of(b"aone").to_string();
        let body = text.split_once("\",\n").unwrap().1;
        for (from, to) in [
            (hash.as_str(), "../../../../etc/passwd"),
            (&hash, &hash.to_uppercase()),
            ("\"package\": \"b\"", "\"package\": \"../b\""),
            ("\"version\": \"1.0.0\"", "\"version\": \"1/0\""),
        ] {
            let forged = body.replace(from, to);
            assert_ne!(forged, body);
            let sealed = sealed::seal_text(&forged);
            assert!(matches!(unseal(&sealed, &team()), Err(Unsound::Damaged(_))), "{to}");
        }
    }
}
