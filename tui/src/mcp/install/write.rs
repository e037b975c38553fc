//! Replacing a file at once or not at all.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use tempfile::NamedTempFile;

/// Gives a file this text, with the rights that it had. A link stays, and what it leads to is replaced.
pub fn replace(file: &Path, text: Option<&str>) -> anyhow::Result<()> {
    let Some(text) = text else { return Ok(()) };
    let fail = || format!("cannot write {}", file.display());
    let file = &file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).with_context(fail)?;
    let mut written = NamedTempFile::new_in(folder).with_context(fail)?;
    written.write_all(text.as_bytes()).with_context(fail)?;
    match std::fs::metadata(file) {
        Ok(known) => written.as_file().set_permissions(known.permissions()).with_context(fail)?,
        // What is new is read as other settings are; who keeps secrets in it narrows that.
        Err(_) => readable(&written).with_context(fail)?,
    }
    written.as_file().sync_all().with_context(fail)?;
    written.persist(file).map_err(|error| error.error).with_context(fail)?;
    Ok(())
}

#[cfg(unix)]
fn readable(written: &NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    written.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_written: &NamedTempFile) -> std::io::Result<()> {
    Ok(())
}
