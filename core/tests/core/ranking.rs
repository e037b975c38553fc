//! Where the standard library stands among what else bears a name.

use std::sync::Arc;

use zenith_core::Zenith;
use zenith_core::config::Config;
use zenith_core::identity::{Identity, Scope};
use zenith_core::index;
use zenith_core::ingest::{Cargo, Toolchain};
use zenith_core::package::PackageId;
use zenith_core::search::{Project, SearchRequest};

use crate::support::{Folder, block_on, config, finished, shipped};

async fn packages(zenith: &Zenith, query: &str, project: Option<Arc<Project>>) -> Vec<String> {
    let request = SearchRequest { query: query.to_string(), limit: 10, ..SearchRequest::default() };
    let hits = zenith.search(request, project).await.unwrap().hits;
    hits.into_iter().map(|hit| hit.path).collect()
}

#[test]
fn the_standard_library_stands_behind_own_code_only_where_both_bear_the_name() {
    block_on(async {
        let folder = Folder::new().await;
        let own = Scope::Private("local".to_string());
        folder.put(&Scope::Public, "std", &["spawn_task", "join_task"]).await;
        folder.put(&Scope::Public, "elsewhere", &["spawn_task"]).await;
        folder.put(&own, "mine", &["spawn_task", "join_task_later"]).await;
        let zenith = folder.open_as(Identity::local()).await;
        let named = packages(&zenith, "spawn_task", None).await;
        assert_eq!(named.first().map(String::as_str), Some("mine::spawn_task"), "{named:?}");
        let alone = packages(&zenith, "join_task", None).await;
        assert_eq!(alone.first().map(String::as_str), Some("std::join_task"), "{alone:?}");
        let project = Some(Arc::new(Project::default()));
        let within = packages(&zenith, "spawn_task", project).await;
        assert_eq!(
            within.get(..2),
            Some(&["mine::spawn_task".to_string(), "std::spawn_task".to_string()][..])
        );
        assert!(!within.contains(&"elsewhere::spawn_task".to_string()), "it is no part of the project");
    });
}

#[test]
fn of_several_standard_libraries_that_of_the_projects_toolchain_is_searched() {
    block_on(async {
        let folder = Folder::new().await;
        folder.put(&Scope::Public, "std", &["of_another"]).await;
        let project = tempfile::tempdir().unwrap();
        let cargo = Cargo { program: "cargo".into(), home: project.path().into(), rustc: "rustc".into() };
        let toolchain = Toolchain::of(project.path(), &cargo).expect("rustc builds this test");
        let id = PackageId::rust("std", &toolchain.version).unwrap();
        let finished = finished(&Scope::Public, &id);
        let (dataset, model) = (&finished.dataset, &finished.embedding_model);
        folder.shelve(&Scope::Public, &id, dataset, model, &["of_this"]);
        folder.announce(&Scope::Public, finished.clone()).await;

        let lockfile = project.path().join("Cargo.lock");
        std::fs::write(&lockfile, "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n").unwrap();
        let data = folder.open_as(Identity::local()).await.config.data_dir.clone();
        let config = Config { rustc: "rustc".into(), ..config(&data) };
        let zenith = Zenith::open_as(config, Identity::local(), shipped()).await.unwrap();
        let within = index::project(&data, &lockfile).unwrap();
        assert_eq!(packages(&zenith, "of", Some(Arc::new(within))).await, ["std::of_this"]);
        assert_eq!(packages(&zenith, "of", None).await.len(), 2);
    });
}
