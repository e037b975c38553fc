//! What tests of this room begin with.

use tempfile::TempDir;

use super::{Authored, AuthoredId, Locale};

pub const REGISTRY: &str = r#"{"v":1,"base_locale":"en","locales":["de","en-XA","zh-Hant"],
    "types":{"faq":{"paths":["/title","/faqs/[id]/question"],"fallback":{"pt":["de"]}},"hero":{"paths":["/title"]}}}"#;
pub const FAQ: &str = r#"{"title":"Questions","colour":"red","faqs":[{"id":"q1","question":"What?"},{"id":"q2","question":"Why?"}]}"#;

pub fn id(text: &str) -> AuthoredId {
    AuthoredId::parse(text).unwrap()
}

pub fn locale(text: &str) -> Locale {
    Locale::parse(text).unwrap()
}

/// A folder with a registry of types and nothing authored yet.
pub async fn authored() -> (TempDir, Authored) {
    let folder = tempfile::tempdir().unwrap();
    let authored = Authored::open(folder.path()).await.unwrap();
    std::fs::create_dir_all(folder.path().join("widgets")).unwrap();
    std::fs::write(authored.registry_path(), REGISTRY).unwrap();
    (folder, authored)
}
