//! Which file a program's name means.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where programs are looked for. Not the user's own `PATH`: what a job runs must not depend on the shell that a
/// scheduler was started from.
pub const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// The file that a program's name means, or why there is none.
pub fn resolve(name: &str, path: &str) -> Result<PathBuf, String> {
    if name.starts_with('/') {
        return match is_program(Path::new(name)) {
            true => Ok(PathBuf::from(name)),
            false => Err(format!("{name} is no program that can be run")),
        };
    }
    if name.contains('/') {
        return Err(format!("{name} is no path from the root on"));
    }
    let folders = path.split(':').filter(|folder| folder.starts_with('/'));
    let found = folders.map(|folder| Path::new(folder).join(name)).find(|file| is_program(file));
    found.ok_or_else(|| {
        format!("there is no program {name} in {path}; give its absolute path, or --env PATH=…")
    })
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}
