//! A path, as people write it.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::text::clean_line;

static HOME: LazyLock<Option<PathBuf>> = LazyLock::new(std::env::home_dir);

/// A path on one line; what lies in the user's home begins with `~`.
pub fn told(path: &Path) -> String {
    told_from(path, HOME.as_deref())
}

fn told_from(path: &Path, home: Option<&Path>) -> String {
    let home = home.filter(|home| home.parent().is_some());
    let shown = match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) => Path::new("~").join(rest).display().to_string(),
        None => path.display().to_string(),
    };
    clean_line(&shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_at_home_begins_with_a_tilde() {
        let told = |path: &str, home: &str| told_from(Path::new(path), Some(Path::new(home)));
        assert_eq!(told("/home/ada/zenith/Cargo.lock", "/home/ada"), "~/zenith/Cargo.lock");
        assert_eq!(told("/home/adam/Cargo.lock", "/home/ada"), "/home/adam/Cargo.lock");
        assert_eq!(told("/srv/\u{1b}[2Jx", "/"), "/srv/x");
        assert_eq!(told_from(Path::new("/srv"), None), "/srv");
    }
}
