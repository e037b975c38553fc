//! What lies in a folder, by its own names: any program may put files there, and one that no key names hinders nobody.

use std::io::{Error, ErrorKind};
use std::path::Path;
use std::time::SystemTime;

use super::{Listed, check_key};

/// What is found below a prefix of a folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub listed: Vec<Listed>,
    /// Untrusted: files whose names are no keys, as far as they can be read.
    pub strange: Vec<String>,
}

/// Every file below a prefix of a folder, and below what is linked to.
pub(super) fn walk(root: &Path, prefix: &str) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut open = vec![(root.join(prefix), prefix.to_owned(), 0)];
    while let Some((folder, key, depth)) = open.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            // It went meanwhile, or there never was one.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let key = format!("{key}/{name}");
            // A link that leads nowhere is no file, nor is what went meanwhile.
            let Ok(meta) = std::fs::metadata(&path) else { continue };
            match (is_key(&path, &key), meta.is_dir()) {
                (true, true) if depth < DEPTH_MAX => open.push((path, key, depth + 1)),
                (true, false) => {
                    let modified = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                    found.listed.push(Listed { key, bytes: meta.len(), modified });
                }
                // Programs that keep folders alike hide what is theirs.
                (false, _) if !name.starts_with('.') && !is_half_put(&name) => found.strange.push(key),
                _ => {}
            }
        }
    }
    found.listed.sort_by(|a, b| a.key.cmp(&b.key));
    found.strange.sort();
    Ok(found)
}

/// No key has as many segments; a link may lead into itself.
const DEPTH_MAX: usize = 64;

fn is_key(path: &Path, key: &str) -> bool {
    path.file_name().is_some_and(|name| name.to_str().is_some()) && check_key(key).is_ok()
}

/// The client that writes a file gives it such a name until it is whole.
fn is_half_put(name: &str) -> bool {
    let number = name.split_once('#').map(|(_, number)| number);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn a_name_that_is_no_key_is_told_and_hinders_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("notes").join("inner");
        std::fs::create_dir_all(&inner).unwrap();
        for name in [&b"one"[..], b"bell\x07", b"not \xff utf-8", b".hidden", b"one#12"] {
            std::fs::write(inner.join(std::ffi::OsStr::from_bytes(name)), "12").unwrap();
        }
        std::os::unix::fs::symlink("nowhere", inner.join("dangling")).unwrap();
        std::os::unix::fs::symlink(&inner, inner.join("round")).unwrap();
        let found = walk(folder.path(), "notes").unwrap();
        assert_eq!((found.listed[0].key.as_str(), found.listed[0].bytes), ("notes/inner/one", 2));
        let strange = |name: &str| found.strange.iter().any(|key| key == &format!("notes/inner/{name}"));
        assert!(strange("bell\u{7}") && strange("not \u{fffd} utf-8"), "{:?}", found.strange);
        assert!(!found.strange.iter().any(|key| key.contains("hidden") || key.contains('#')));
        assert_eq!(walk(folder.path(), "absent").unwrap(), Found::default());
    }
}
