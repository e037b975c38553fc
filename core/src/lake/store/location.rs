//! What a store's name may be: `s3://bucket/prefix`, `file:///folder`, or a folder's path that is absolute
//! or begins with `./`. Nothing else becomes a folder by accident; what was probably meant is said.

use std::path::{Path, PathBuf};

use url::Url;

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

/// A folder's path as it was written, made absolute; `~` is the home folder.
pub(crate) fn absolute(text: &str, surroundings: Surroundings<'_>) -> Result<PathBuf, String> {
    if let Some(rest) = text.strip_prefix('~') {
        let rest = match rest.strip_prefix(['/', std::path::MAIN_SEPARATOR]) {
            Some(rest) => rest,
            None if rest.is_empty() => rest,
            None => return Err("of home folders, only your own (~/…) is known".to_string()),
        };
        let home = surroundings.home.ok_or("nobody says where your home folder is; write the whole path")?;
        return Ok(home.join(rest));
    }
    let path = surroundings.below.map_or_else(|| PathBuf::from(text), |below| below.join(text));
    std::path::absolute(path).map_err(|error| format!("it cannot be made an absolute path: {error}"))
}

fn locate(text: &str, surroundings: Surroundings<'_>) -> Result<Location, String> {
    if text.is_empty() {
        return Err("it is empty".to_string());
    }
    if text.chars().any(char::is_control) {
        return Err("it has a line break or another control character in it".to_string());
    }
    if let Some(rest) = text.strip_prefix("s3://") {
        return bucket(rest);
    }
    if text.starts_with("file://") {
        let folder = Url::parse(text).ok().and_then(|url| url.to_file_path().ok());
        return folder.map(Location::Folder).ok_or_else(|| "a folder's URL is file:///path".to_string());
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
    match absolute(text, surroundings) {
        Ok(path) => format!("{KINDS}; did you mean the folder {}, or s3://{text}?", path.display()),
        Err(_) => KINDS.to_string(),
    }
}

/// The address of a service, of which the bucket is a part.
fn of_address(text: &str) -> String {
    let Ok(url) = Url::parse(text) else { return KINDS.to_string() };
    let Some(host) = url.host_str() else { return KINDS.to_string() };
    let path = url.path().trim_matches('/');
    if let Some((bucket, region)) = host.strip_suffix(".amazonaws.com").and_then(|host| {
        let (bucket, rest) = host.split_once(".s3")?;
        Some((bucket, rest.trim_matches(['.', '-'])))
    }) {
        let below = if path.is_empty() { String::new() } else { format!("/{path}") };
        let region = match region {
            "" => String::new(),
            region => format!(" with ZENITH_STORE_REGION={region}"),
        };
        return format!("{KINDS}; did you mean s3://{bucket}{below}{region}?");
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
            ("~", "/home/me/"),
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
            ("store", "the folder /where/store, or s3://store?"),
            ("../x", "the folder /where/../x"),
            (".", "did you mean the folder"),
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

    #[test]
    fn a_key_in_a_name_is_not_repeated() {
        for text in ["s3://id:hush@b/p", "https://id:hush@acct.example/b", "s3a://id:hush@b"] {
            let error = parse(text).unwrap_err();
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
