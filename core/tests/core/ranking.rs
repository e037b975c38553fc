//! Where the standard library stands among what else bears a name.

use std::sync::Arc;

use zenith_core::Zenith;
use zenith_core::identity::{Identity, Scope};
use zenith_core::search::{Project, SearchRequest};

use crate::support::{Folder, block_on};

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
