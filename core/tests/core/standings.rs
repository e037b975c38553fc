//! How what notes speak of stands in a project.

use std::path::{Path, PathBuf};
use std::time::Instant;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use zenith_core::config::Config;
use zenith_core::identity::Identity;
use zenith_core::index::IndexRequest;
use zenith_core::ingest::Source;
use zenith_core::search::Project;
use zenith_core::workspace::Target;
use zenith_core::{Standing, Zenith};

use crate::support::{block_on, config, shipped};

/// A small package, `small 0.2.0`, indexed: to read it takes far longer than to look for a path in it.
async fn indexed(folder: &Path) -> (Zenith, Project) {
    let code = folder.join("code");
    std::fs::create_dir_all(code.join("src")).unwrap();
    let write = |name: &str, text: &str| std::fs::write(code.join(name), text).unwrap();
    write("Cargo.toml", "[package]\nname = \"small\"\nversion = \"0.2.0\"\nedition = \"2024\"\n");
    write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"small\"\nversion = \"0.2.0\"\n");
    write("src/lib.rs", "pub fn one() -> u8 { 0 }\npub fn other() -> u16 { 0 }\n");
    let cargo = std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from);
    let config = Config { cargo, ..config(&folder.join("data")) };
    let zenith = Zenith::open_as(config, Identity::local(), shipped()).await.unwrap();
    let project = Project::read(&code.join("Cargo.lock")).unwrap();
    let request = IndexRequest { source: Source::Folder(code), tier: None, direct_only: false, anew: false };
    let (progress, _) = mpsc::unbounded_channel();
    assert_eq!(zenith.index(&request, progress, CancellationToken::new()).await.unwrap().indexed, 1);
    (zenith, project)
}

#[test]
fn many_notes_on_one_package_read_it_once() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let (zenith, project) = indexed(folder.path()).await;
        let of = |item| Target {
            package: Some("small"),
            version: Some("0.1.0"),
            item: Some(item),
            signature: Some("pub fn one() -> u8"),
            ..Target::default()
        };
        let mut targets = vec![
            of("small::one"),
            of("small::other"),
            Target { version: Some("0.2.0"), ..of("small::one") },
            Target { version: Some("0.3.0"), item: None, ..of("") },
            Target { package: Some("other"), ..of("other::x") },
            Target::default(),
        ];
        targets.extend(std::iter::repeat_n(of("small::gone"), 60));
        let begun = Instant::now();
        let together = zenith.standings(&targets, &project).await.unwrap();
        let took = begun.elapsed();
        let version = || "0.2.0".to_string();
        let first = [
            Some(Standing::Same { version: version() }),
            Some(Standing::Changed {
                version: version(),
                signature: Some("pub fn other() -> u16".to_string()),
            }),
            Some(Standing::Same { version: version() }),
            Some(Standing::Older { version: version() }),
            Some(Standing::Gone { version: None }),
            None,
        ];
        assert_eq!(together[..6], first);

        let begun = Instant::now();
        for (target, standing) in targets.iter().zip(&together) {
            assert_eq!(zenith.standing(target, &project).await.unwrap(), *standing);
        }
        assert!(took * 4 < begun.elapsed(), "{took:?} together, {:?} one by one", begun.elapsed());
    });
}
