//! AWS's own files, `~/.aws/config` and `~/.aws/credentials`, read as AWS's programs read them: by AWS's crate.
//! It is handed what this room read, the files' contents and the profile's name, and asks no environment for
//! them; only what a profile names as a lender of keys is run as the user would run it.

mod text;

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use aws_config::profile::{Profile as Section, ProfileSet};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_runtime::env_config::property::PropertiesKey;
use aws_types::os_shim_internal::{Env, Fs};
use futures::FutureExt;

use crate::lake::{StoreCredentials, StoreProfile};

/// What a profile says of a store.
#[derive(Debug)]
pub(super) struct Profile {
    pub name: String,
    pub key: Option<StoreCredentials>,
    /// What lends one, where there is none.
    pub lends: Option<StoreProfile>,
    pub region: Option<String>,
    pub endpoint: Option<String>,
    pub ca_bundle: Option<PathBuf>,
}

/// Where a profile says how to get a key, it has one of these.
const LENDERS: [&str; 7] = [
    "credential_process",
    "role_arn",
    "source_profile",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
    "credential_source",
];

/// The profile that `AWS_PROFILE` names, which must be there, or the default one, which may.
pub(super) fn profile(
    variable: &impl Fn(&str) -> Option<String>,
    home: Option<&Path>,
) -> Result<Option<Profile>, String> {
    let named = variable("AWS_PROFILE").or_else(|| variable("AWS_DEFAULT_PROFILE"));
    let name = named.clone().unwrap_or_else(|| "default".to_string());
    let files = Files {
        config: place(variable("AWS_CONFIG_FILE"), home, "config"),
        credentials: place(variable("AWS_SHARED_CREDENTIALS_FILE"), home, "credentials"),
    };
    let (sections, contents) = files.read(&name)?;
    let Some(section) = sections.get_profile(&text::encoded(&name)) else {
        let name = name.chars().take(80).collect::<String>();
        let written = if name.contains([' ', '\t']) { format!("\"{name}\"") } else { name.clone() };
        return match named {
            None => Ok(None),
            Some(_) => Err(format!(
                "AWS_PROFILE names the profile {name:?}, and there is none in {files}; in AWS's file of settings it \
                 is written [profile {written}]"
            )),
        };
    };
    let get =
        |key: &str| section.get(key).map(str::trim).filter(|value| !value.is_empty()).map(str::to_string);
    let key = key(&name, &get)?;
    let lends = key.is_none() && LENDERS.iter().any(|lender| get(lender).is_some());
    let region = get("region");
    let lends = lends.then(|| StoreProfile {
        section: text::encoded(&name),
        name: name.clone(),
        files: contents,
        region: variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")).or_else(|| region.clone()),
    });
    Ok(Some(Profile {
        endpoint: endpoint(&sections, section),
        ca_bundle: get("ca_bundle").map(|path| expanded(&path, home)),
        name,
        key,
        lends,
        region,
    }))
}

fn key(name: &str, get: &impl Fn(&str) -> Option<String>) -> Result<Option<StoreCredentials>, String> {
    match (get("aws_access_key_id"), get("aws_secret_access_key")) {
        (Some(key_id), Some(secret)) => Ok(Some(StoreCredentials {
            key_id,
            secret: secret.into(),
            session_token: get("aws_session_token").map(Into::into),
        })),
        (Some(_), None) => {
            Err(format!("the profile {name:?} of AWS's own files has no aws_secret_access_key"))
        }
        (None, Some(_)) => Err(format!("the profile {name:?} of AWS's own files has no aws_access_key_id")),
        (None, None) => Ok(None),
    }
}

/// The address of S3 in the profile's section of services, or of all services in the profile itself.
fn endpoint(sections: &ProfileSet, section: &Section) -> Option<String> {
    let of_service = section.get("services").and_then(|services| {
        let key = PropertiesKey::builder()
            .section_key("services")
            .section_name(services)
            .property_name("s3")
            .sub_property_name("endpoint_url")
            .build();
        sections.other_sections().get(&key.ok()?).cloned()
    });
    of_service.or_else(|| section.get("endpoint_url").map(str::to_string)).map(|url| url.trim().to_string())
}

/// Where AWS's files are.
struct Files {
    config: Option<PathBuf>,
    credentials: Option<PathBuf>,
}

fn place(named: Option<String>, home: Option<&Path>, name: &str) -> Option<PathBuf> {
    match named {
        Some(path) => Some(expanded(&path, home)),
        None => home.map(|home| home.join(".aws").join(name)),
    }
}

fn expanded(path: &str, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

impl Files {
    /// What both say together, and their contents.
    fn read(&self, profile: &str) -> Result<(ProfileSet, EnvConfigFiles), String> {
        let mut contents = EnvConfigFiles::builder();
        let mut named = EnvConfigFiles::builder();
        let mut disk: HashMap<OsString, Vec<u8>> = HashMap::new();
        for (kind, path) in
            [(EnvConfigFileKind::Config, &self.config), (EnvConfigFileKind::Credentials, &self.credentials)]
        {
            let text = path.as_deref().map(text_of).transpose()?.unwrap_or_default();
            let text = text::as_the_crate_reads(&text, &kind);
            let path = path.clone().unwrap_or_default();
            named = named.with_file(kind, &path);
            contents = contents.with_contents(kind, text.clone());
            disk.insert(path.into_os_string(), text.into_bytes());
        }
        let (disk, nothing) = (Fs::from_raw_map(disk), Env::from_slice(&[]));
        let name = Some(text::encoded(profile).into());
        // Of memory alone: it does not wait.
        let read = aws_config::profile::load(&disk, &nothing, &named.build(), name).now_or_never();
        match read {
            Some(Ok(sections)) => Ok((sections, contents.build())),
            Some(Err(error)) => Err(format!("AWS's own files cannot be read: {}", cause(&error))),
            None => Err(format!("AWS's own files cannot be read: {self}")),
        }
    }
}

/// What is wrong, and in which line of which file.
fn cause(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A file's text, nothing where there is none.
fn text_of(path: &Path) -> Result<String, String> {
    let fail = |why: String| format!("AWS's own file {} cannot be read: {why}", path.display());
    match std::fs::read(path) {
        // Some editors begin a text with a mark of its encoding.
        Ok(bytes) => String::from_utf8(bytes)
            .map(|text| text.trim_start_matches('\u{feff}').to_string())
            .map_err(|_| fail("it is not written in UTF-8".to_string())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(fail(error.to_string())),
    }
}

impl std::fmt::Display for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let paths: Vec<String> = [&self.config, &self.credentials]
            .into_iter()
            .flatten()
            .map(|path| path.display().to_string())
            .collect();
        f.write_str(&paths.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    /// A home with AWS's files, and what is read there with some variables set.
    fn read(config: &str, credentials: &str, variables: &[(&str, &str)]) -> Result<Option<Profile>, String> {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".aws")).unwrap();
        std::fs::write(home.path().join(".aws/config"), config).unwrap();
        std::fs::write(home.path().join(".aws/credentials"), credentials).unwrap();
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string());
        profile(&variable, Some(home.path()))
    }

    fn key_of(credentials: &str, profile: &str) -> (String, String) {
        let found = read("", credentials, &[("AWS_PROFILE", profile)]).unwrap().unwrap();
        let key = found.key.unwrap();
        (key.key_id, key.secret.expose_secret().to_string())
    }

    #[test]
    fn keys_are_read_as_awss_own_programs_read_them() {
        let pair = |id: &str, secret: &str| (id.to_string(), secret.to_string());
        let plain = "aws_access_key_id = one\naws_secret_access_key = hush\n";
        for (text, expected) in [
            (format!("[default]\n{plain}"), pair("one", "hush")),
            (format!("[default] # mine\n{plain}"), pair("one", "hush")),
            (format!("[default] ; mine\n{plain}"), pair("one", "hush")),
            (format!("# first\n\n[ default ]\n{plain}"), pair("one", "hush")),
            (format!("\u{feff}[default]\r\n{}", plain.replace('\n', "\r\n")), pair("one", "hush")),
            (
                "[default]\nAWS_ACCESS_KEY_ID=one\nAws_Secret_Access_Key=hush\n".to_string(),
                pair("one", "hush"),
            ),
            (
                "[default]\naws_access_key_id = one\n[other]\n[default]\naws_secret_access_key = hush\n"
                    .to_string(),
                pair("one", "hush"),
            ),
            (format!("[default]\n{plain}[default]\naws_access_key_id = two\n"), pair("two", "hush")),
            (
                "[default]\naws_access_key_id = one\naws_secret_access_key = a\\b\\n/\"c\"'d'+=%z#e\n"
                    .to_string(),
                pair("one", "a\\b\\n/\"c\"'d'+=%z#e"),
            ),
            (
                "[default]\naws_access_key_id = one # id\naws_secret_access_key = hush ; secret\n"
                    .to_string(),
                pair("one", "hush"),
            ),
        ] {
            assert_eq!(key_of(&text, "default"), expected, "{text:?}");
        }
        assert_eq!(key_of(&format!("[default]\nx = y\n[work]\n{plain}"), "work"), pair("one", "hush"));
    }

    #[test]
    fn settings_of_a_profile_come_from_both_files() {
        let config = "[default]\nregion = eu-west-1\n[profile work]\nregion=us-west-2\nendpoint_url = https://all\n\
                      services = mine\nca_bundle = ~/ca.pem\n[services mine]\ns3 =\n  endpoint_url = https://s3\n\
                      [profile plain]\nendpoint_url = https://all\n";
        let credentials =
            "[work]\naws_access_key_id = one\naws_secret_access_key = hush\naws_session_token = lent\n";
        let work = read(config, credentials, &[("AWS_PROFILE", "work")]).unwrap().unwrap();
        assert_eq!(
            (work.region.as_deref(), work.endpoint.as_deref()),
            (Some("us-west-2"), Some("https://s3"))
        );
        assert!(work.key.is_some_and(|key| key.session_token.is_some()) && work.lends.is_none());
        assert!(work.ca_bundle.is_some_and(|path| path.is_absolute() && path.ends_with("ca.pem")));
        let plain = read(config, credentials, &[("AWS_PROFILE", "plain")]).unwrap().unwrap();
        assert_eq!((plain.endpoint.as_deref(), plain.key.is_none()), (Some("https://all"), true));
        let default = read(config, credentials, &[]).unwrap().unwrap();
        assert_eq!(default.region.as_deref(), Some("eu-west-1"));
        assert!(read("", "", &[]).unwrap().is_none(), "nobody has to have a default profile");
    }

    /// Each as botocore reads it.
    #[test]
    fn names_in_quotes_and_lines_that_are_set_in_are_read() {
        let region = |config: &str, profile: &str| {
            let found = read(config, "", &[("AWS_PROFILE", profile)]);
            found.map(|found| found.unwrap().region.unwrap_or_default())
        };
        let there = Ok("eu-west-1".to_string());
        for (config, profile) in [
            ("[profile \"my prof\"]\nregion = eu-west-1\n", "my prof"),
            ("[profile 'my prof']\nregion = eu-west-1\n", "my prof"),
            ("[profile \"work\"]\nregion = eu-west-1\n", "work"),
            ("[profile\tw\u{f6}rk]\nregion = eu-west-1\n", "w\u{f6}rk"),
            ("[default]\n  region = eu-west-1\n  output = json\n", "default"),
            ("[default]\n  output = json\n region = eu-west-1\n", "default"),
            ("[default]\n\toutput = json\n# mine\n\n\tregion = eu-west-1\n", "default"),
            ("  [default]\n  region = eu-west-1\n", "default"),
            ("[default]\nregion: eu-west-1\n", "default"),
            ("[default]\n  s3 =\n    max_attempts = 3\n  region = eu-west-1\n", "default"),
        ] {
            assert_eq!(region(config, profile), there, "{config:?}");
        }
        let indented = "[default]\n  aws_access_key_id = one\n  aws_secret_access_key = hush:=/+\n[my prof]\n\
                        aws_access_key_id = two\naws_secret_access_key = hush\n";
        assert_eq!(key_of(indented, "default"), ("one".to_string(), "hush:=/+".to_string()));
        assert_eq!(key_of(indented, "my prof").0, "two");
        let services = "[profile \"a b\"]\n  services = my own\n[services \"my own\"]\n  s3 =\n    endpoint_url = \
                        https://s3\n";
        let found = read(services, "", &[("AWS_PROFILE", "a b")]).unwrap().unwrap();
        assert_eq!(found.endpoint.as_deref(), Some("https://s3"));
        // Two words without quotes are no name, there as here.
        let error = region("[profile my prof]\nregion = eu-west-1\n", "my prof").unwrap_err();
        assert!(error.contains("[profile \"my prof\"]"), "{error}");
    }

    /// A key that a profile with a blank in its name lends is asked for under that name.
    #[cfg(unix)]
    #[tokio::test]
    async fn a_profile_with_a_blank_in_its_name_lends_a_key() {
        let config = "[profile \"my prof\"]\n  credential_process = /opt/keys\n";
        let found = read(config, "", &[("AWS_PROFILE", "my prof")]).unwrap().unwrap();
        let lends = found.lends.unwrap();
        assert_eq!((found.name.as_str(), lends.section.as_str()), ("my prof", "my%20prof"));
    }

    #[test]
    fn a_profile_that_is_not_there_or_torn_is_an_error_without_secrets() {
        for (config, credentials, says) in [
            ("", "", "AWS_PROFILE names the profile \"work\""),
            ("[work]\nregion = x\n", "", "[profile work]"),
            ("", "[work]\naws_access_key_id = one\n", "aws_secret_access_key"),
            ("", "[work]\naws_secret_access_key = hush\n", "aws_access_key_id"),
            ("", "hush\n", "line 1"),
            ("", "[work\nhush\n", "credentials"),
            ("[profile work]\nhush\n", "", "config"),
        ] {
            let error = read(config, credentials, &[("AWS_PROFILE", "work")]).unwrap_err();
            assert!(error.contains(says) && !error.contains("hush"), "{config:?} {credentials:?}: {error}");
        }
    }

    #[test]
    fn a_profile_may_say_how_to_get_a_key() {
        for lender in [
            "credential_process = /opt/keys",
            "role_arn = arn:aws:iam::1:role/r\nsource_profile = default",
            "sso_session = s",
        ] {
            let text = format!("[profile work]\nregion = eu-west-1\n{lender}\n");
            let found = read(&text, "", &[("AWS_PROFILE", "work")]).unwrap().unwrap();
            let lends = found.lends.unwrap();
            assert_eq!((lends.name.as_str(), lends.region.as_deref()), ("work", Some("eu-west-1")));
        }
    }
}
