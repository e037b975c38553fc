//! What is said of a project that is not indexed as it is.

use zenith_core::index::Freshness;

use crate::text::{clean_line, counted};

/// Names that are told before the rest is counted.
const NAMES_MAX: usize = 3;

/// What changed since the project was indexed, in one line; `None` where nothing did.
pub fn told(freshness: &Freshness) -> Option<String> {
    let mut parts = Vec::new();
    if !freshness.missing.is_empty() {
        let missing: Vec<String> = freshness.missing.iter().map(ToString::to_string).collect();
        let are = if missing.len() == 1 { "is" } else { "are" };
        let why = if freshness.is_new {
            "this project is new here"
        } else {
            "Cargo.lock changed since it was indexed"
        };
        let packages = counted(missing.len(), "package");
        parts.push(format!("{why}: {packages} {are} not indexed ({})", names(&missing)));
    }
    if !freshness.changed.is_empty() {
        parts.push(format!("your code changed since it was indexed: {}", names(&freshness.changed)));
    }
    if !freshness.arrived.is_empty() {
        let arrived: Vec<String> = freshness.arrived.iter().map(ToString::to_string).collect();
        parts.push(format!("downloaded since it was indexed: {}", names(&arrived)));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn names(list: &[String]) -> String {
    let mut names: Vec<String> = list.iter().take(NAMES_MAX).map(|name| clean_line(name)).collect();
    match list.len().saturating_sub(NAMES_MAX) {
        0 => {}
        more => names.push(format!("and {more} more")),
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use zenith_core::package::PackageId;

    use super::*;

    #[test]
    fn one_line_tells_what_changed() {
        assert_eq!(told(&Freshness::default()), None);
        let id = |name: &str| PackageId::rust(name, "1.0.0").unwrap();
        let mut stale = Freshness::default();
        stale.missing.extend(["a", "b", "c", "d"].map(id));
        stale.changed.push("mine".to_string());
        stale.arrived.push(id("late"));
        assert_eq!(
            told(&stale).as_deref(),
            Some(
                "Cargo.lock changed since it was indexed: 4 packages are not indexed (a@1.0.0, b@1.0.0, c@1.0.0, \
                 and 1 more); your code changed since it was indexed: mine; downloaded since it was indexed: \
                 late@1.0.0"
            )
        );
    }
}
