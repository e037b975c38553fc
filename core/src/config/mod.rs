//! Every setting and where it came from. No other room reads the environment.
//!
//! A setting is looked for in this order: what the caller passes (a flag), the environment
//! (`ZENITH_*`), the file `config.toml`, the default.
//!
//! Text is read without the blanks and line breaks around it, which files of secrets end in. A folder is an
//! absolute path from here on: a relative one is below where one stands, in the file below the file's folder,
//! and `~` is the home folder. What libraries read by themselves is looked at before they do.

mod aws;
mod libraries;
mod publish;
mod screen;
mod service;
mod store;
mod symbols;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use etcetera::{AppStrategy, AppStrategyArgs};
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Value;

use crate::identity::service::StoreOffer;
use crate::lake::{Location, NOT_UTF8, StoreSettings, StoreStyle, Surroundings, absolute};
pub use publish::PublishSettings;
pub use screen::{Motion, ScreenSettings, ThemeChoice};
pub use service::{DatabasesSettings, ServiceSecrets, ServiceSettings, SignupPolicy, StoreInFile};

/// Where Zenith keeps its data, where shared data lies, how it finds cargo.
#[derive(Clone, Debug)]
pub struct Config {
    /// Catalog, datasets and shelves. Flag `--data`, `ZENITH_DATA`, `data` in the file.
    pub data_dir: PathBuf,
    /// Whether it is the one that is taken where neither flag nor variable says anything.
    pub is_data_usual: bool,
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
    /// endpoint, region and style are `ZENITH_STORE_ENDPOINT`, `ZENITH_STORE_REGION` and `ZENITH_STORE_STYLE`,
    /// `store_endpoint`, `store_region` and `store_style` in the file, else (but for the style) AWS's. Its
    /// credentials come from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, or from AWS's
    /// own files with `AWS_PROFILE`, or for R2 from `ZENITH_R2__ACCESS_KEY_ID` and
    /// `ZENITH_R2__SECRET_ACCESS_KEY` (with `ZENITH_R2__ACCOUNT_ID` and `ZENITH_R2__BUCKET`); never from the file
    /// of settings. `AWS_CA_BUNDLE` names certificates that are trusted besides the system's.
    pub store: StoreSettings,
    /// Where published instances are mirrored as rows, and what makes their texts in other locales.
    pub publish: PublishSettings,
    /// How many symbols of a package are taken at most. `ZENITH_SYMBOLS`, `symbols` in the file.
    pub symbols_max: usize,
    /// What the explorer looks like and listens to.
    pub screen: ScreenSettings,
    /// Keys of the explorer's actions, by their names: the table `keys` of the file. Whether there are such actions and
    /// keys, the explorer knows.
    pub keys: BTreeMap<String, Vec<String>>,
    /// Where the settings file is looked for, whether or not it exists.
    pub file: PathBuf,
    /// Names in that file that are no settings, and are passed over.
    pub unknown: Vec<String>,
    /// What known settings say that they cannot mean, which is passed over as well: a sentence each.
    pub passed_over: Vec<String>,
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
    #[error("{name} says {value:?}; it can be {may_be}")]
    Choice { name: &'static str, value: String, may_be: &'static str },
    #[error("{name} is not written in UTF-8, and cannot be used; set it anew")]
    NotText { name: String },
    #[error("the folder {value:?} cannot be used ({setting}): {why}")]
    Folder { setting: &'static str, value: String, why: String },
    #[error(
        "{name} says {value:?}, which a library of this program cannot use; it can be {may_be}, or unset"
    )]
    Library { name: &'static str, value: String, may_be: String },
}

#[derive(Default, Deserialize)]
struct ConfigFile {
    data: Option<PathBuf>,
    tools: Option<PathBuf>,
    service: Option<String>,
    store: Option<String>,
    store_endpoint: Option<String>,
    store_region: Option<String>,
    store_style: Option<StoreStyle>,
    #[serde(default)]
    credentials: CredentialPlace,
    symbols: Option<u64>,
    theme: Option<Value>,
    mouse: Option<Value>,
    motion: Option<Value>,
    #[serde(default)]
    keys: BTreeMap<String, KeysInFile>,
    /// What this version does not know. An older one may meet what a newer one wrote.
    #[serde(flatten)]
    unknown: BTreeMap<String, IgnoredAny>,
}

/// One key, or several. What is neither is passed over.
#[derive(Deserialize)]
#[serde(untagged)]
enum KeysInFile {
    One(String),
    Several(Vec<String>),
    Neither(IgnoredAny),
}

impl ConfigFile {
    fn of_store(&self) -> store::InFile {
        store::InFile {
            store: self.store.clone(),
            store_endpoint: self.store_endpoint.clone(),
            store_region: self.store_region.clone(),
            store_style: self.store_style,
        }
    }
}

impl Config {
    /// Reads the environment and the settings file.
    pub fn load(overrides: Overrides) -> Result<Config, ConfigError> {
        Config::resolve(overrides, |name| std::env::var_os(name).map(PathBuf::from))
    }

    fn resolve(overrides: Overrides, set: impl Fn(&str) -> Option<PathBuf>) -> Result<Config, ConfigError> {
        libraries::check(|name| set(name).map(|value| value.to_string_lossy().into_owned()))?;
        // What is set to nothing is not set.
        let variable = |name: &str| set(name).filter(|value| !value.as_os_str().is_empty());
        let strategy = etcetera::choose_app_strategy(AppStrategyArgs {
            top_level_domain: "dev".into(),
            author: "zenith".into(),
            app_name: "zenith".into(),
        })
        .ok();
        // What cannot be read as it was written is not read as something else.
        let unread: RefCell<Option<String>> = RefCell::default();
        let text = |name: &str| {
            let value = variable(name)?;
            let text = value.to_str().map(|text| text.trim().to_string());
            if text.is_none() {
                unread.borrow_mut().get_or_insert_with(|| name.to_string());
            }
            text.filter(|text| !text.is_empty())
        };
        let is_read = || unread.take().map_or(Ok(()), |name| Err(ConfigError::NotText { name }));
        let home = variable("HOME").or_else(|| variable("USERPROFILE"));
        let here = Surroundings { home: home.as_deref(), below: None };
        let of_variable =
            |name: &'static str| variable(name).map(|path| folder(name, path, here)).transpose();
        let default_file = strategy.as_ref().map(|dirs| dirs.config_dir().join("config.toml"));
        let default_data = strategy.as_ref().map(|dirs| dirs.data_dir());
        let default_tools = strategy.as_ref().map(|dirs| dirs.in_cache_dir("tools"));
        let named_file = of_variable("ZENITH_CONFIG")?;
        let is_file_named = named_file.is_some();
        let file = named_file.or(default_file).ok_or(ConfigError::NoHome)?;
        let settings = read_file(&file)?;
        let in_file = settings.of_store();
        let beside = Surroundings { below: file.parent(), ..here };
        let flag = overrides.data_dir.map(|path| folder("--data", path, here)).transpose()?;
        let of_file = settings.data.map(|path| folder("data", path, beside)).transpose()?;
        let usual = of_file.clone().filter(|_| !is_file_named).or(default_data.clone());
        let data_dir =
            flag.or(of_variable("ZENITH_DATA")?).or(of_file).or(default_data).ok_or(ConfigError::NoHome)?;
        // Also where it is the default, below a home folder of such a name.
        let data_dir = folder("ZENITH_DATA", data_dir, here)?;
        let tools = settings.tools.map(|path| folder("tools", path, beside)).transpose()?;
        let service = text("ZENITH_SERVICE").or(settings.service);
        let credentials = match text("ZENITH_CREDENTIALS") {
            None => settings.credentials,
            Some(value) if value == "keyring" => CredentialPlace::Keyring,
            Some(value) if value == "file" => CredentialPlace::File,
            Some(value) => {
                let (name, may_be) = ("ZENITH_CREDENTIALS", "keyring or file");
                return Err(ConfigError::Choice { name, value, may_be });
            }
        };
        let mut unknown: Vec<String> = settings.unknown.into_keys().collect();
        let mut keys = BTreeMap::new();
        for (action, of_action) in settings.keys {
            match of_action {
                KeysInFile::One(key) => _ = keys.insert(action, vec![key]),
                KeysInFile::Several(several) => _ = keys.insert(action, several),
                KeysInFile::Neither(_) => unknown.push(format!("keys.{action}")),
            }
        }
        let of_file =
            screen::InFile { theme: settings.theme, mouse: settings.mouse, motion: settings.motion };
        let mut passed_over = Vec::new();
        let screen = screen::screen(text, &of_file, &mut passed_over);
        let publish = publish::publish(text)?;
        let symbols_max = symbols::symbols_max(text("ZENITH_SYMBOLS"), settings.symbols)?;
        is_read()?;
        let store = store::store(&text, in_file, home.as_deref(), file.parent());
        // What needs no store goes on.
        let store = match is_read() {
            Ok(()) => store,
            Err(error) => StoreSettings { unusable: Some(error.to_string()), ..StoreSettings::default() },
        };
        Ok(Config {
            tools_dir: of_variable("ZENITH_TOOLS")?
                .or(tools)
                .or(default_tools)
                .unwrap_or_else(|| data_dir.join("tools")),
            service,
            credentials,
            store,
            publish,
            symbols_max,
            screen,
            keys,
            is_data_usual: usual.as_ref() == Some(&data_dir),
            data_dir,
            cargo_home: variable("CARGO_HOME")
                .or_else(|| home.as_ref().map(|home| home.join(".cargo")))
                .unwrap_or_else(|| PathBuf::from(".cargo")),
            cargo: variable("CARGO").unwrap_or_else(|| PathBuf::from("cargo")),
            rustc: variable("ZENITH_RUSTC").unwrap_or_else(|| PathBuf::from("rustc")),
            file,
            unknown,
            passed_over,
        })
    }

    /// The same with the store that a service offers; its keys are those that the environment has for such a store.
    pub(crate) fn with_store(&self, offer: &StoreOffer) -> Config {
        let style = match offer.style.as_deref() {
            Some("virtual") => Some(StoreStyle::Virtual),
            Some("path") => Some(StoreStyle::Path),
            _ => None,
        };
        let in_file = store::InFile {
            store: Some(offer.location.clone()),
            store_endpoint: offer.endpoint.clone(),
            store_region: offer.region.clone(),
            store_style: style,
        };
        let home = std::env::var_os("HOME").map(PathBuf::from);
        Config { store: store::store(&variable, in_file, home.as_deref(), None), ..self.clone() }
    }

    /// The settings of a bucket that somebody names: as if ZENITH_STORE did.
    pub(crate) fn store_at(&self, bucket: &Location) -> StoreSettings {
        let home = std::env::var_os("HOME").map(PathBuf::from);
        match read_file(&self.file) {
            Ok(settings) => store::at(bucket, &variable, settings.of_store(), home.as_deref()),
            Err(error) => StoreSettings { unusable: Some(error.to_string()), ..StoreSettings::default() },
        }
    }

    /// What is to be said of the settings, though they can be used.
    pub fn notes(&self) -> Vec<String> {
        let note = |name: &String| {
            let name: String = name.chars().take(200).collect();
            format!("{} has {name:?}, which is no setting of this version: passed over", self.file.display())
        };
        self.unknown.iter().map(note).chain(self.passed_over.iter().cloned()).collect()
    }
}

/// A variable's text; what is set to nothing is not set.
fn variable(name: &str) -> Option<String> {
    let value = std::env::var(name).ok()?.trim().to_string();
    (!value.is_empty()).then_some(value)
}

/// A folder or a file as an absolute path. The address of something that lies elsewhere would become a folder of
/// that name here, and is refused.
fn folder(
    setting: &'static str,
    path: PathBuf,
    surroundings: Surroundings<'_>,
) -> Result<PathBuf, ConfigError> {
    let fail = |why: String| {
        let value = path.to_string_lossy().chars().take(200).collect();
        ConfigError::Folder { setting, value, why }
    };
    let text = path.to_str().ok_or_else(|| fail(NOT_UTF8.to_string()))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.contains("://") || text.contains(char::is_control) {
        return Err(fail("it is no path on this machine".to_string()));
    }
    absolute(text, surroundings).map_err(fail)
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

    fn named(store: &StoreSettings) -> String {
        store.location.as_ref().unwrap().to_string()
    }

    /// An older version may meet what a newer one wrote; what a known setting says must be right all the same, but for
    /// what the screen looks like and listens to.
    #[test]
    fn what_is_no_setting_is_passed_over_with_a_word() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        let read = |text: &str| {
            std::fs::write(&file, text).unwrap();
            resolve(Overrides::default(), &[("ZENITH_CONFIG", file.to_str().unwrap())])
        };
        let config = read("data = '/kept'\nthemes = 'hush'\n[later]\non = true\n").unwrap();
        assert_eq!((config.data_dir.as_path(), config.unknown.len()), (Path::new("/kept"), 2));
        let notes = config.notes();
        assert!(
            notes.iter().any(|note| note.contains("\"themes\"") && note.contains("config.toml")),
            "{notes:?}"
        );
        assert!(notes.iter().all(|note| !note.contains("hush")), "{notes:?}");
        assert!(read("credentials = 'nowhere'").is_err());
        let notes = read("theme = 'nonsense'").unwrap().notes();
        assert!(notes[0].contains("\"nonsense\"") && notes[0].contains("contrast"), "{notes:?}");
    }

    #[test]
    fn an_action_has_a_key_or_several_and_what_is_neither_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        let text = "motion = 'reduced'\n[keys]\nquit = 'Q'\ncopy = ['c', 'Ctrl-k']\ntheme = []\nback = 7\n";
        std::fs::write(&file, text).unwrap();
        let config = resolve(Overrides::default(), &[("ZENITH_CONFIG", file.to_str().unwrap())]).unwrap();
        let keys: Vec<(&str, String)> =
            config.keys.iter().map(|(action, keys)| (action.as_str(), keys.join(" "))).collect();
        assert_eq!(
            keys,
            [("copy", "c Ctrl-k".to_string()), ("quit", "Q".to_string()), ("theme", String::new())]
        );
        assert_eq!((config.unknown, config.screen.motion), (vec!["keys.back".to_string()], Motion::Reduced));
    }

    #[test]
    fn a_store_is_found_in_each_place_and_its_secret_is_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, "store = 's3://of-the-file/x'\nstore_region = 'there'").unwrap();
        let file = ("ZENITH_CONFIG", file.to_str().unwrap());
        let config = resolve(Overrides::default(), &[file]).unwrap();
        assert_eq!(named(&config.store), "s3://of-the-file/x");
        assert!(config.store.credentials.is_none());

        let aws = [
            file,
            ("ZENITH_STORE", "s3://b"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "hush"),
        ];
        let config = resolve(Overrides::default(), &aws).unwrap();
        assert_eq!(named(&config.store), "s3://b");
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
        assert!(work.session_token.is_some());
        let absent = resolve(Overrides::default(), &[file, shared, ("AWS_PROFILE", "absent")]).unwrap();
        assert!(absent.store.unusable.unwrap().contains("\"absent\""));

        let nowhere = folder.path().join("absent.toml");
        let r2 = [
            ("ZENITH_CONFIG", nowhere.to_str().unwrap()),
            ("ZENITH_R2__ACCESS_KEY_ID", "r2"),
            ("ZENITH_R2__SECRET_ACCESS_KEY", "hush"),
            ("ZENITH_R2__ACCOUNT_ID", "acc"),
            ("ZENITH_R2__BUCKET", "zenith"),
        ];
        let store = resolve(Overrides::default(), &r2).unwrap().store;
        assert_eq!(named(&store), "s3://zenith");
        assert_eq!(store.endpoint.as_deref(), Some("https://acc.r2.cloudflarestorage.com"));
        assert_eq!(store.region.as_deref(), Some("auto"));
    }

    /// The address of something elsewhere becomes no folder here, and where one stands matters to nothing that
    /// the file says.
    #[test]
    fn a_folder_is_where_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, "data = 'kept'\nstore = './shared'\ntools = '~/tools'").unwrap();
        let file = ("ZENITH_CONFIG", file.to_str().unwrap());
        let home = ("HOME", "/home/me");
        let config = resolve(Overrides::default(), &[file, home]).unwrap();
        assert_eq!(config.data_dir, folder.path().join("kept"));
        assert_eq!(named(&config.store), folder.path().join("shared").to_str().unwrap());
        assert_eq!(config.tools_dir, Path::new("/home/me/tools"));
        let here = std::env::current_dir().unwrap();
        let data = |value: &'static str| {
            resolve(Overrides::default(), &[file, home, ("ZENITH_DATA", value)]).map(|config| config.data_dir)
        };
        assert_eq!(data("x/y").unwrap(), here.join("x/y"));
        assert_eq!(data("~/x\n").unwrap(), Path::new("/home/me/x"));
        assert_eq!(data("/tmp/a/./s/../t").unwrap(), Path::new("/tmp/a/t"));
        for bad in ["s3://b/p", "file:///x", "~other/x", "/a\nb", "/~/x", "\"/srv/x\""] {
            let error = data(bad).unwrap_err().to_string();
            assert!(error.contains("ZENITH_DATA"), "{error}");
        }
    }

    /// What such a name comes to when it is forced into text is another folder.
    #[cfg(unix)]
    #[test]
    fn a_name_that_is_not_utf8_is_refused_and_not_another() {
        use std::os::unix::ffi::OsStringExt;
        let with = |bad: &'static str, overrides: Overrides| {
            Config::resolve(overrides, move |name| match name {
                _ if name == bad => Some(std::ffi::OsString::from_vec(b"/tmp/\xff".to_vec()).into()),
                "HOME" => Some("/home/me".into()),
                "ZENITH_DATA" => Some("/tmp/x".into()),
                _ => None,
            })
        };
        for name in ["ZENITH_DATA", "ZENITH_SERVICE", "ZENITH_CREDENTIALS"] {
            let error = with(name, Overrides::default()).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("UTF-8"), "{error}");
        }
        let odd = PathBuf::from(std::ffi::OsString::from_vec(b"\xff".to_vec()));
        assert!(with("", Overrides { data_dir: Some(odd) }).unwrap_err().to_string().contains("--data"));
        let config = with("ZENITH_STORE", Overrides::default()).unwrap();
        let why = config.store.unusable.unwrap();
        assert!(why.contains("ZENITH_STORE") && why.contains("UTF-8"), "{why}");
    }

    #[test]
    fn what_a_library_cannot_use_ends_no_program() {
        let error = resolve(Overrides::default(), &[("LANCE_IO_THREADS", "many"), ("HOME", "/home/me")]);
        assert!(error.unwrap_err().to_string().contains("LANCE_IO_THREADS"));
    }
}
