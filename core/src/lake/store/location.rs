//! What a store's name may be: `s3://bucket/prefix`, `file:///folder`, or a folder's path that is absolute
//! or begins with `./`. Nothing else becomes a folder by accident; what was probably meant is said.

use std::path::{Component, Path, PathBuf};

use url::Url;

use super::aws_host::AwsHost;
use super::{StoreError, check_key};
use crate::package::check_segment;

/// Where a store lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    Bucket {
        bucket: String,
        /// Segments with slashes between them, or nothing.
        prefix: String,
    },
    /// An absolute path.
    Folder(PathBuf),
}

/// What a name can be read with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// What `~` stands for; without it, `~` is refused.
    pub home: Option<&'a Path>,
    /// What `./` is below; without it, the folder that one stands in.
    pub below: Option<&'a Path>,
}

impl Location {
    pub fn parse(text: &str, surroundings: Surroundings<'_>) -> Result<Location, StoreError> {
        let text = text.trim();
        locate(text, surroundings)
            .map_err(|why| StoreError::Settings(format!("the store {:?} cannot be used: {why}", shown(text))))
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Location::Bucket { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Location::Bucket { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
            Location::Folder(path) => path.display().fmt(f),
        }
    }
}

/// A folder's path as it was written, made absolute; `~` is the home folder. What was written for another
/// program or another machine would become a folder of that name here, and is refused.
pub(crate) fn absolute(text: &str, surroundings: Surroundings<'_>) -> Result<PathBuf, String> {
    if is_quoted(text) {
        return Err(QUOTED.to_string());
    }
    if text.chars().any(char::is_control) {
        return Err(CONTROL.to_string());
    }
    if is_of_windows(text) {
        return Err(
            "it looks like a path of Windows; this machine's are written /folder/… (in WSL, C:\\x is \
                    /mnt/c/x)"
                .to_string(),
        );
    }
    let written = match text.strip_prefix('~') {
        Some(rest) => of_home(rest, surroundings)?,
        None => surroundings.below.map_or_else(|| PathBuf::from(text), |below| below.join(text)),
    };
    if text.split('/').skip(1).any(|part| part == "~") {
        return Err(
            "~ stands for your home folder at its very beginning alone: did you mean ~/…?".to_string()
        );
    }
    let path = std::path::absolute(written).map(without_parents);
    let path = path.map_err(|error| format!("it cannot be made an absolute path: {error}"))?;
    if path.to_str().is_none() {
        return Err(NOT_UTF8.to_string());
    }
    Ok(path)
}

fn of_home(rest: &str, surroundings: Surroundings<'_>) -> Result<PathBuf, String> {
    let separators = ['/', std::path::MAIN_SEPARATOR];
    if !rest.is_empty() && !rest.starts_with(separators) {
        return Err("of home folders, only your own (~/…) is known".to_string());
    }
    let home = surroundings.home.ok_or("nobody says where your home folder is; write the whole path")?;
    Ok(home.join(rest.trim_start_matches(separators)))
}

/// The same path without `..`, as the system would follow it: whoever makes a folder makes none that was only
/// passed by.
fn without_parents(path: PathBuf) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                // Behind a link, it is the parent of where that leads.
                plain = plain.canonicalize().unwrap_or(plain);
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

pub(super) const QUOTED: &str = "the quotes around it are a part of it, as in a file of settings that no shell reads; write it without them";
pub(crate) const NOT_UTF8: &str = "it is not written in UTF-8";
const CONTROL: &str = "it has a line break or another control character in it";

/// Whether somebody wrote a value as a shell reads it, and no shell did.
pub(super) fn is_quoted(text: &str) -> bool {
    const QUOTES: [char; 6] = ['"', '\'', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}'];
    text.starts_with(QUOTES) || text.ends_with(QUOTES)
}

/// A drive or a share of Windows, where it is none of this machine's.
fn is_of_windows(text: &str) -> bool {
    let rest = text.trim_start_matches('/');
    let mut chars = rest.chars();
    let is_drive = chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.next() == Some(':')
        && chars.next().is_none_or(|c| matches!(c, '/' | '\\'));
    !cfg!(windows) && (is_drive || text.starts_with("\\\\"))
}

fn locate(text: &str, surroundings: Surroundings<'_>) -> Result<Location, String> {
    if text.is_empty() {
        return Err("it is empty".to_string());
    }
    if text.chars().any(char::is_control) {
        return Err(CONTROL.to_string());
    }
    if is_quoted(text) {
        return Err(QUOTED.to_string());
    }
    if let Some(rest) = text.strip_prefix("s3://") {
        return bucket(rest);
    }
    if text.starts_with("file://") {
        return of_url(text).map(Location::Folder);
    }
    let is_written_as_path = Path::new(text).is_absolute()
        || text.starts_with("./")
        || text.starts_with(&format!(".{}", std::path::MAIN_SEPARATOR))
        || text.starts_with('~');
    if is_written_as_path {
        return absolute(text, surroundings).map(Location::Folder);
    }
    Err(meant(text, surroundings))
}

/// The folder that a URL means, all of it.
fn of_url(text: &str) -> Result<PathBuf, String> {
    let what = || match text.strip_prefix("file://~") {
        Some(rest) => format!("a folder's URL is file:///path; did you mean ~{rest}?"),
        None => "a folder's URL is file:///path".to_string(),
    };
    let url = Url::parse(text).map_err(|_| what())?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(
            "in a URL, ? and # end the path; write %3F and %23 for them, or the path without file://"
                .to_string(),
        );
    }
    let path = url.to_file_path().map_err(|()| what())?;
    absolute(path.to_str().ok_or(NOT_UTF8)?, Surroundings::default())
}

fn bucket(rest: &str) -> Result<Location, String> {
    let rest = rest.trim_end_matches('/');
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.is_empty() {
        return Err("it names no bucket; write s3://bucket/prefix".to_string());
    }
    if bucket.contains('@') {
        return Err(
            "a bucket's name has no @; keys go to AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_string()
        );
    }
    check_segment("bucket", bucket).map_err(|error| error.to_string())?;
    if !prefix.is_empty() {
        check_key(prefix).map_err(|error| error.to_string())?;
    }
    Ok(Location::Bucket { bucket: bucket.to_string(), prefix: prefix.to_string() })
}

const KINDS: &str = "a store is s3://bucket/prefix, file:///folder, or a folder's path that is absolute or \
                     begins with ./";

/// What somebody probably meant who wrote something that is no store.
fn meant(text: &str, surroundings: Surroundings<'_>) -> String {
    let (scheme, rest) = match text.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (scheme.to_ascii_lowercase(), rest),
        _ => return of_path(text, surroundings),
    };
    let rest = rest.trim_start_matches('/');
    let did_you = |then: &str| format!("{KINDS}; did you mean s3://{}{then}?", shown(rest));
    match scheme.as_str() {
        "s3" | "s3a" | "s3n" => did_you(""),
        "r2" => did_you(" with ZENITH_STORE_ENDPOINT=https://ACCOUNT.r2.cloudflarestorage.com"),
        "gs" | "gcs" => {
            did_you(" with ZENITH_STORE_ENDPOINT=https://storage.googleapis.com and an HMAC key of Google's")
        }
        "minio" | "b2" | "oss" | "cos" | "obs" | "swift" | "ceph" => {
            did_you(" with the address of the service in ZENITH_STORE_ENDPOINT")
        }
        "az" | "azure" | "abfs" | "abfss" | "adl" | "wasb" | "wasbs" => {
            format!("{KINDS}; Azure's storage does not speak S3")
        }
        "http" | "https" => of_address(text),
        "file" => format!("{KINDS}; did you mean file:///{rest}?"),
        "arn" => match rest.rsplit_once(":::") {
            Some((_, rest)) => format!("{KINDS}; did you mean s3://{rest}?"),
            None => KINDS.to_string(),
        },
        _ => KINDS.to_string(),
    }
}

/// A URL's scheme; one letter alone is a drive.
fn is_scheme(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

fn of_path(text: &str, surroundings: Surroundings<'_>) -> String {
    if text.starts_with(['$', '%']) {
        return format!("{KINDS}; the variable in it was not replaced: write what it stands for");
    }
    let path = match absolute(text, surroundings) {
        Ok(path) => path.display().to_string(),
        Err(why) => return format!("{KINDS}; {why}"),
    };
    let written = if text == "." { "./".to_string() } else { format!("./{text}") };
    let or_bucket = if bucket(text).is_ok() { format!(", or s3://{text}") } else { String::new() };
    format!("{KINDS}; did you mean {written}, which is the folder {path}{or_bucket}?")
}

/// The address of a service, of which the bucket is a part.
fn of_address(text: &str) -> String {
    let Ok(url) = Url::parse(text) else { return KINDS.to_string() };
    let Some(host) = url.host_str() else { return KINDS.to_string() };
    let path = url.path().trim_matches('/');
    if let Some(AwsHost { bucket, region }) = AwsHost::parse(host) {
        let below: Vec<&str> = bucket.into_iter().chain((!path.is_empty()).then_some(path)).collect();
        let below = if below.is_empty() { "bucket/prefix".to_string() } else { below.join("/") };
        let region = region.map(|region| format!(" with ZENITH_STORE_REGION={region}")).unwrap_or_default();
        return format!("{KINDS}; did you mean s3://{below}{region}?");
    }
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = if path.is_empty() { "bucket/prefix" } else { path };
    let endpoint = format!("{}://{host}{port}", url.scheme());
    format!("{KINDS}; did you mean s3://{path} with ZENITH_STORE_ENDPOINT={endpoint}?")
}

/// A name without what could be a key in it.
fn shown(text: &str) -> String {
    let from = text.find("://").map_or(0, |at| at + 3);
    let authority = text[from..].find('/').map_or(text.len(), |at| from + at);
    let short = |text: &str| text.chars().take(200).collect::<String>();
    match text[from..authority].rfind('@') {
        Some(at) => short(&format!("{}…{}", &text[..from], &text[from + at..])),
        None => short(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Location, String> {
        let home = Path::new("/home/me");
        let surroundings = Surroundings { home: Some(home), below: Some(Path::new("/where")) };
        Location::parse(text, surroundings).map_err(|error| error.to_string())
    }

    #[test]
    fn a_store_is_a_bucket_or_a_folder_that_says_so() {
        let named = |text: &str| parse(text).unwrap().to_string();
        for (text, name) in [
            ("s3://b", "s3://b"),
            (" s3://b/p/\n", "s3://b/p"),
            ("s3://b/p/q", "s3://b/p/q"),
            ("/srv/store", "/srv/store"),
            ("file:///srv/a%20b", "/srv/a b"),
            ("file://localhost/x", "/x"),
            ("./x", "/where/x"),
            ("~/x", "/home/me/x"),
            ("~", "/home/me"),
            ("~//x", "/home/me/x"),
            ("/tmp/a/./s/../t", "/tmp/a/t"),
            ("./../x", "/x"),
            ("/..", "/"),
            ("file:///srv/a%3Fb%23c", "/srv/a?b#c"),
        ] {
            assert_eq!(named(text), name, "{text:?}");
            assert!(matches!(parse(text).unwrap(), Location::Bucket { .. }) == name.starts_with("s3://"));
        }
        let here = Location::parse("./x", Surroundings::default()).unwrap();
        assert_eq!(here, Location::Folder(std::env::current_dir().unwrap().join("x")));
        assert!(Location::parse("~/x", Surroundings::default()).is_err(), "whose home?");
    }

    #[test]
    fn anything_else_is_refused_with_what_was_probably_meant() {
        for (text, hint) in [
            ("s3a://b/p", "did you mean s3://b/p?"),
            ("s3n://b", "did you mean s3://b?"),
            ("S3://b", "did you mean s3://b?"),
            ("s3:b/p", "did you mean s3://b/p?"),
            ("s3:/b", "did you mean s3://b?"),
            ("r2://b/p", "s3://b/p with ZENITH_STORE_ENDPOINT=https://ACCOUNT.r2.cloudflarestorage.com"),
            ("gs://b", "s3://b with ZENITH_STORE_ENDPOINT=https://storage.googleapis.com"),
            ("az://b", "Azure's storage does not speak S3"),
            ("https://acct.example/b", "s3://b with ZENITH_STORE_ENDPOINT=https://acct.example?"),
            ("http://127.0.0.1:9000/b/p", "s3://b/p with ZENITH_STORE_ENDPOINT=http://127.0.0.1:9000?"),
            ("https://b.s3.eu-west-1.amazonaws.com/p", "s3://b/p with ZENITH_STORE_REGION=eu-west-1?"),
            ("https://b.s3.amazonaws.com", "did you mean s3://b?"),
            ("arn:aws:s3:::b/p", "did you mean s3://b/p?"),
            ("file:x", "did you mean file:///x?"),
            ("file://elsewhere/x", "file:///path"),
            ("ftp://x/y", "a store is s3://bucket/prefix"),
            ("https://s3.eu-west-1.amazonaws.com/b/p", "s3://b/p with ZENITH_STORE_REGION=eu-west-1?"),
            ("file://~/x", "did you mean ~/x?"),
            ("file:///~/x", "did you mean ~/…?"),
            ("file:///%7E/x", "did you mean ~/…?"),
            ("/~/x", "did you mean ~/…?"),
            ("./~/x", "did you mean ~/…?"),
            ("file:///tmp/x?y", "%3F"),
            ("file:///tmp/x#y", "%23"),
            ("file:///tmp/%ff", "UTF-8"),
            ("file:///tmp/a%0Ab", "control character"),
            ("store", "did you mean ./store, which is the folder /where/store, or s3://store?"),
            ("..", "did you mean ./.., which is the folder /?"),
            ("../x", "did you mean ./../x, which is the folder /x?"),
            (".", "did you mean ./, which is the folder /where"),
            ("$HOME/x", "was not replaced"),
            ("\"s3://b/p\"", "quotes"),
            ("'s3://b/p'", "quotes"),
            ("\"s3://b/p", "quotes"),
            ("\u{201c}/srv/x\u{201d}", "quotes"),
            ("~other/x", "only your own"),
            ("s3://", "names no bucket"),
            ("s3:///p", "names no bucket"),
            ("s3://s3://b", "bucket"),
            ("s3://../x", "bucket"),
            ("s3://b/../c", "s3://b/../c"),
            ("s3://b//c", "s3://b//c"),
            ("s3://b?x=1", "bucket"),
            ("s3://b/a b", "name of an object"),
            ("s3://b/\nx", "control character"),
            ("", "it is empty"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(hint), "{text:?}: {error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_was_written_for_windows_is_no_folder_here() {
        for text in ["C:\\x", "c:/x", "C:", "\\\\server\\share", "file:///C:/x"] {
            let error = parse(text).unwrap_err();
            assert!(error.contains("a path of Windows"), "{text:?}: {error}");
        }
        assert!(parse("./C:x").is_ok() && parse("/srv/C:/x").is_ok(), "it may be a name");
    }

    /// As the system follows it: what is passed by is neither made nor taken for what it links to.
    #[cfg(unix)]
    #[test]
    fn a_parent_is_the_parent_of_where_a_link_leads() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::os::unix::fs::symlink(root.join("a/b"), root.join("link")).unwrap();
        let found = absolute(&format!("{}/link/../x", root.display()), Surroundings::default()).unwrap();
        assert_eq!(found, root.join("a/x"));
    }

    #[test]
    fn a_key_in_a_name_is_not_repeated() {
        for text in ["s3://id:hush@b/p", "https://id:hush@acct.example/b", "s3a://id:hush@b"] {
            let error = parse(text).unwrap_err();
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
