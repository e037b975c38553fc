//! Every setting and where it came from. No other room reads the environment.
//!
//! A setting is looked for in this order: what the caller passes (a flag), the environment
//! (`ZENITH_*`), the file `config.toml`, the default.

use std::path::{Path, PathBuf};

use etcetera::{AppStrategy, AppStrategyArgs};
use secrecy::SecretString;
use serde::Deserialize;

use crate::lake::{StoreCredentials, StoreSettings};

/// Where Zenith keeps its data, where shared data lies, how it finds cargo.
#[derive(Clone, Debug)]
pub struct Config {
    /// Catalog, datasets and shelves. Flag `--data`, `ZENITH_DATA`, `data` in the file.
    pub data_dir: PathBuf,
    /// Cargo's own folder: `CARGO_HOME`, else `~/.cargo`.
    pub cargo_home: PathBuf,
    /// The program that is asked for metadata: `CARGO`, else `cargo`.
    pub cargo: PathBuf,
    /// The compiler that is asked where the standard library lies: `ZENITH_RUSTC`, else `rustc`.
    pub rustc: PathBuf,
    /// Components that `scripts/setup` brings: DuckDB's extensions, and servers for the labs.
    /// `ZENITH_TOOLS`, `tools` in the file, else `zenith/tools` in the user's cache folder.
    pub tools_dir: PathBuf,
    /// The service that `zenith login` signs in to where none is named. `ZENITH_SERVICE`, `service`
    /// in the file.
    pub service: Option<String>,
    /// Where secrets are kept. `ZENITH_CREDENTIALS`, `credentials` in the file.
    pub credentials: CredentialPlace,
    /// Where shared data lies. `ZENITH_STORE`, `store` in the file; else a folder of the data folder. Its
    /// endpoint and region are `ZENITH_STORE_ENDPOINT` and `ZENITH_STORE_REGION`, `store_endpoint` and
    /// `store_region` in the file, else AWS's variables. Its credentials come from `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, or from AWS's file of credentials with
    /// `AWS_PROFILE`, or for R2 from `ZENITH_R2__ACCESS_KEY_ID` and `ZENITH_R2__SECRET_ACCESS_KEY` (with
    /// `ZENITH_R2__ACCOUNT_ID` and `ZENITH_R2__BUCKET`); never from the file of settings.
    pub store: StoreSettings,
    /// Where the settings file is looked for, whether or not it exists.
    pub file: PathBuf,
}

/// Where secrets are kept: in the system's keyring where there is one, or always in a file that only
/// its owner can read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialPlace {
    #[default]
    Keyring,
    File,
}

/// What the caller was told to use; it wins over everything else.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    pub data_dir: Option<PathBuf>,
}

/// A settings file that cannot be read, or a machine without a home folder.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot find your home folder; set HOME, or ZENITH_DATA and ZENITH_CONFIG")]
    NoHome,
    #[error("cannot read the settings in {path}: {why}")]
    File { path: PathBuf, why: String },
    #[error("ZENITH_CREDENTIALS says {value:?}; it can be keyring or file")]
    Credentials { value: String },
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    data: Option<PathBuf>,
    tools: Option<PathBuf>,
    service: Option<String>,
    store: Option<String>,
    store_endpoint: Option<String>,
    store_region: Option<String>,
    #[serde(default)]
    credentials: CredentialPlace,
}

impl Config {
    /// Reads the environment and the settings file.
    pub fn load(overrides: Overrides) -> Result<Config, ConfigError> {
        let variable =
            |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Config::resolve(overrides, variable)
    }

    fn resolve(
        overrides: Overrides,
        variable: impl Fn(&str) -> Option<PathBuf>,
    ) -> Result<Config, ConfigError> {
        let strategy = etcetera::choose_app_strategy(AppStrategyArgs {
            top_level_domain: "dev".into(),
            author: "zenith".into(),
            app_name: "zenith".into(),
        })
        .ok();
        let default_file = strategy.as_ref().map(|dirs| dirs.config_dir().join("config.toml"));
        let default_data = strategy.as_ref().map(|dirs| dirs.data_dir());
        let default_tools = strategy.as_ref().map(|dirs| dirs.in_cache_dir("tools"));
        let file = variable("ZENITH_CONFIG").or(default_file).ok_or(ConfigError::NoHome)?;
        let settings = read_file(&file)?;
        let data_dir = overrides
            .data_dir
            .or_else(|| variable("ZENITH_DATA"))
            .or(settings.data)
            .or(default_data)
            .ok_or(ConfigError::NoHome)?;
        Ok(Config {
            tools_dir: variable("ZENITH_TOOLS")
                .or(settings.tools)
                .or(default_tools)
                .unwrap_or_else(|| data_dir.join("tools")),
            service: variable("ZENITH_SERVICE").map(text).or(settings.service),
            credentials: match variable("ZENITH_CREDENTIALS").map(text) {
                None => settings.credentials,
                Some(value) if value == "keyring" => CredentialPlace::Keyring,
                Some(value) if value == "file" => CredentialPlace::File,
                Some(value) => return Err(ConfigError::Credentials { value }),
            },
            store: store(&variable, settings.store, settings.store_endpoint, settings.store_region),
            data_dir,
            cargo_home: variable("CARGO_HOME")
                .or_else(|| variable("HOME").map(|home| home.join(".cargo")))
                .unwrap_or_else(|| PathBuf::from(".cargo")),
            cargo: variable("CARGO").unwrap_or_else(|| PathBuf::from("cargo")),
            rustc: variable("ZENITH_RUSTC").unwrap_or_else(|| PathBuf::from("rustc")),
            file,
        })
    }
}

/// The store that the environment and the file name. The seeds' variables for R2 say all at once: where
/// nothing names another store, they do.
fn store(
    variable: &impl Fn(&str) -> Option<PathBuf>,
    location: Option<String>,
    endpoint: Option<String>,
    region: Option<String>,
) -> StoreSettings {
    let read = |name: &str| variable(name).map(text);
    let key = |id: &str, secret: &str, token: Option<&str>| {
        Some(StoreCredentials {
            key_id: read(id)?,
            secret: SecretString::from(read(secret)?),
            session_token: token.and_then(read).map(SecretString::from),
        })
    };
    let r2_key = key("ZENITH_R2__ACCESS_KEY_ID", "ZENITH_R2__SECRET_ACCESS_KEY", None);
    let r2 = r2_key.is_some();
    let r2_bucket = read("ZENITH_R2__BUCKET").filter(|_| r2).map(|bucket| format!("s3://{bucket}"));
    let r2_endpoint = read("ZENITH_R2__ACCOUNT_ID")
        .filter(|_| r2)
        .map(|account| format!("https://{account}.r2.cloudflarestorage.com"));
    let r2_region = r2_endpoint.as_ref().map(|_| "auto".to_string());
    let location = read("ZENITH_STORE").or(location).or(r2_bucket);
    let is_bucket = location.as_ref().is_some_and(|location| location.starts_with("s3://"));
    StoreSettings {
        location,
        endpoint: read("ZENITH_STORE_ENDPOINT")
            .or(endpoint)
            .or(r2_endpoint)
            .or_else(|| read("AWS_ENDPOINT_URL_S3"))
            .or_else(|| read("AWS_ENDPOINT_URL")),
        region: read("ZENITH_STORE_REGION")
            .or(region)
            .or(r2_region)
            .or_else(|| read("AWS_REGION"))
            .or_else(|| read("AWS_DEFAULT_REGION")),
        credentials: r2_key
            .or_else(|| key("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", Some("AWS_SESSION_TOKEN")))
            .or_else(|| profile(variable).filter(|_| is_bucket)),
    }
}

/// A key out of AWS's file of credentials, where there is one: of the profile that `AWS_PROFILE` names.
fn profile(variable: &impl Fn(&str) -> Option<PathBuf>) -> Option<StoreCredentials> {
    let path = variable("AWS_SHARED_CREDENTIALS_FILE")
        .or_else(|| variable("HOME").map(|home| home.join(".aws/credentials")))?;
    let profile = variable("AWS_PROFILE").map_or_else(|| "default".to_string(), text);
    let file = ini::Ini::load_from_file(path).ok()?;
    let section = file.section(Some(profile))?;
    let read = |name: &str| section.get(name).map(str::to_string);
    Some(StoreCredentials {
        key_id: read("aws_access_key_id")?,
        secret: SecretString::from(read("aws_secret_access_key")?),
        session_token: read("aws_session_token").map(SecretString::from),
    })
}

fn text(value: PathBuf) -> String {
    value.to_string_lossy().into_owned()
}

fn read_file(path: &Path) -> Result<ConfigFile, ConfigError> {
    let fail = |why: String| ConfigError::File { path: path.to_path_buf(), why };
    match std::fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).map_err(|error| fail(error.to_string())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(ConfigFile::default()),
        Err(error) => Err(fail(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn resolve(overrides: Overrides, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::resolve(overrides, |name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| PathBuf::from(value))
        })
    }

    #[test]
    fn a_flag_wins_over_the_environment_and_that_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, "data = '/from/file'").unwrap();
        let file = file.to_str().unwrap();
        let flag = Overrides { data_dir: Some("/from/flag".into()) };
        let both = [("ZENITH_CONFIG", file), ("ZENITH_DATA", "/from/env")];

        assert_eq!(resolve(flag, &both).unwrap().data_dir, Path::new("/from/flag"));
        assert_eq!(resolve(Overrides::default(), &both).unwrap().data_dir, Path::new("/from/env"));
        let config = resolve(Overrides::default(), &both[..1]).unwrap();
        assert_eq!(config.data_dir, Path::new("/from/file"));
    }

    #[test]
    fn a_store_is_found_in_each_place_and_its_secret_is_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, "store = 's3://of-the-file/x'\nstore_region = 'there'").unwrap();
        let file = ("ZENITH_CONFIG", file.to_str().unwrap());
        let config = resolve(Overrides::default(), &[file]).unwrap();
        assert_eq!(config.store.location.as_deref(), Some("s3://of-the-file/x"));
        assert!(config.store.credentials.is_none());

        let aws = [
            file,
            ("ZENITH_STORE", "s3://b"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "hush"),
        ];
        let config = resolve(Overrides::default(), &aws).unwrap();
        assert_eq!(config.store.location.as_deref(), Some("s3://b"));
        assert_eq!(config.store.credentials.as_ref().unwrap().key_id, "id");
        assert!(!format!("{config:?}").contains("hush"));

        let shared = folder.path().join("credentials");
        std::fs::write(
            &shared,
            "[default]\naws_access_key_id = one\naws_secret_access_key = hush\n[work]\n\
             aws_access_key_id=two\naws_secret_access_key=hush/+=\naws_session_token=lent\n",
        )
        .unwrap();
        let shared = ("AWS_SHARED_CREDENTIALS_FILE", shared.to_str().unwrap());
        let profile = |name| {
            let config = resolve(Overrides::default(), &[file, shared, ("AWS_PROFILE", name)]).unwrap();
            assert!(!format!("{config:?}").contains("hush"));
            config.store.credentials
        };
        assert_eq!(profile("default").unwrap().key_id, "one");
        let work = profile("work").unwrap();
        assert_eq!((work.key_id.as_str(), work.secret.expose_secret()), ("two", "hush/+="));
        assert!(work.session_token.is_some() && profile("absent").is_none());

        let nowhere = folder.path().join("absent.toml");
        let r2 = [
            ("ZENITH_CONFIG", nowhere.to_str().unwrap()),
            ("ZENITH_R2__ACCESS_KEY_ID", "r2"),
            ("ZENITH_R2__SECRET_ACCESS_KEY", "hush"),
            ("ZENITH_R2__ACCOUNT_ID", "acc"),
            ("ZENITH_R2__BUCKET", "zenith"),
        ];
        let store = resolve(Overrides::default(), &r2).unwrap().store;
        assert_eq!(store.location.as_deref(), Some("s3://zenith"));
        assert_eq!(store.endpoint.as_deref(), Some("https://acc.r2.cloudflarestorage.com"));
        assert_eq!(store.region.as_deref(), Some("auto"));
    }

    #[test]
    fn a_misspelled_setting_is_an_error_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, "dta = '/x'").unwrap();
        let error = resolve(Overrides::default(), &[("ZENITH_CONFIG", file.to_str().unwrap())]).unwrap_err();
        assert!(error.to_string().contains("config.toml") && error.to_string().contains("dta"), "{error}");
    }
}
