//! The settings of a service: one file for what it is, the environment for its secrets.
//!
//! Unlike in a user's own settings, what is not known is an error: a word that was mistyped here could open what it was
//! meant to close.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::{ConfigError, folder};
use crate::http::is_private_database;
use crate::identity::{IssuerConfig, IssuerKind};
use crate::lake::Surroundings;

/// Where a service listens unless its file says otherwise.
const LISTEN: &str = "127.0.0.1:4747";
/// Where the databases of an embedded server are reached.
const DATABASES_LISTEN: &str = "127.0.0.1:4748";

/// What a service is.
#[derive(Clone, Debug)]
pub struct ServiceSettings {
    /// The address that it listens on.
    pub listen: String,
    /// What its members call it; by its address where the file says nothing.
    pub url: Option<Url>,
    /// The registry, the service's key, and the databases of an embedded server.
    pub folder: PathBuf,
    /// Whose tokens are believed. One issuer: a second could name the first one's users. None is for trying.
    pub issuer: Option<IssuerConfig>,
    /// Whether a database is made when somebody signs in for the first time, or only when they sign up.
    pub signup: SignupPolicy,
    /// Subjects who may write the public tier.
    pub publishers: Vec<String>,
    /// Roles that may write their organisation's tier; every member may, where none is named.
    pub team_writers: Vec<String>,
    /// Whether each user has a workspace, a second database, which their instances of widgets live in.
    pub workspaces: bool,
    /// A database on a server that the registry is; a file of the folder where none is named.
    pub registry: Option<Url>,
    pub databases: DatabasesSettings,
    /// How large a tenant's database may become, in bytes.
    pub quota: Option<u64>,
    /// How long members' tokens of databases live.
    pub token_lifetime: Duration,
    /// The store that members are told to use.
    pub store: Option<StoreInFile>,
    pub secrets: ServiceSecrets,
}

/// When a new user gets databases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignupPolicy {
    #[default]
    FirstExchange,
    Explicit,
}

/// Where databases come from.
#[derive(Clone, Debug)]
pub enum DatabasesSettings {
    /// A server that the service starts, guards and supervises itself.
    Embedded {
        listen: String,
        program: Option<PathBuf>,
        /// What members call it; by its address where the file says nothing.
        url: Option<Url>,
    },
    /// A server of many databases that somebody else runs.
    Sqld {
        url: Url,
        admin: Url,
    },
    Turso {
        organisation: String,
        group: String,
        api: Url,
    },
}

/// A store as the service's file names it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreInFile {
    pub location: String,
    pub endpoint: Option<String>,
    pub region: Option<String>,
    /// `path` or `virtual`.
    pub style: Option<String>,
}

/// Secrets of a service: never in its file.
#[derive(Clone, Debug, Default)]
pub struct ServiceSecrets {
    /// `ZENITH_TENANCY_KEY`: what tenants' keys are sealed with, 32 bytes in base64, the newest last.
    pub tenancy_key: Option<SecretString>,
    /// `ZENITH_SQLD_ADMIN_KEY`: what the admin API of a server of others asks for.
    pub sqld_admin_key: Option<SecretString>,
    /// `ZENITH_REGISTRY_TOKEN`: what a registry on a server is opened with.
    pub registry_token: Option<SecretString>,
    /// `ZENITH_TURSO__API_TOKEN`, scoped to the group.
    pub turso_token: Option<SecretString>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct InFile {
    listen: Option<String>,
    url: Option<Url>,
    folder: Option<PathBuf>,
    issuer: Option<IssuerInFile>,
    #[serde(default)]
    signup: SignupPolicy,
    #[serde(default)]
    publishers: Vec<String>,
    #[serde(default)]
    team_writers: Vec<String>,
    #[serde(default)]
    workspaces: bool,
    registry: Option<Url>,
    #[serde(default)]
    databases: DatabasesInFile,
    store: Option<StoreInFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuerInFile {
    kind: IssuerKind,
    url: Url,
    audience: Option<String>,
    #[serde(default)]
    authorized_parties: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DatabasesInFile {
    #[serde(default)]
    provider: ProviderInFile,
    listen: Option<String>,
    program: Option<PathBuf>,
    url: Option<Url>,
    admin: Option<Url>,
    organisation: Option<String>,
    group: Option<String>,
    api: Option<Url>,
    quota_mib: Option<u64>,
    token_minutes: Option<u64>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ProviderInFile {
    #[default]
    Embedded,
    Sqld,
    Turso,
}

impl ServiceSettings {
    /// Reads a service's file where one is named; without one it is a service for this machine, whose data lies in
    /// `usual_folder`.
    pub fn load(file: Option<&Path>, usual_folder: &Path) -> Result<ServiceSettings, ConfigError> {
        let secret = |name: &str| {
            let value = std::env::var(name).ok().map(|value| value.trim().to_string());
            value.filter(|value| !value.is_empty()).map(SecretString::from)
        };
        let secrets = ServiceSecrets {
            tenancy_key: secret("ZENITH_TENANCY_KEY"),
            sqld_admin_key: secret("ZENITH_SQLD_ADMIN_KEY"),
            registry_token: secret("ZENITH_REGISTRY_TOKEN"),
            turso_token: secret("ZENITH_TURSO__API_TOKEN"),
        };
        let text = match file {
            None => String::new(),
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| ConfigError::File { path: path.to_path_buf(), why: error.to_string() })?,
        };
        let path = file.unwrap_or(usual_folder);
        ServiceSettings::of(&text, path, usual_folder, secrets)
            .map_err(|why| ConfigError::File { path: path.to_path_buf(), why })
    }

    fn of(
        text: &str,
        path: &Path,
        usual_folder: &Path,
        secrets: ServiceSecrets,
    ) -> Result<ServiceSettings, String> {
        let file: InFile = toml::from_str(text).map_err(|error| error.to_string())?;
        let beside = Surroundings { home: None, below: path.parent() };
        let data = match file.folder {
            Some(named) => folder("folder", named, beside).map_err(|error| error.to_string())?,
            None => usual_folder.to_path_buf(),
        };
        let issuer = file.issuer.map(|issuer| IssuerConfig {
            audience: issuer.audience,
            authorized_parties: issuer.authorized_parties,
            ..IssuerConfig::new(issuer.url, issuer.kind)
        });
        let minutes = file.databases.token_minutes.unwrap_or(12 * 60);
        if !(1..=24 * 60).contains(&minutes) {
            return Err("`databases.token_minutes` can be 1 to 1440".to_string());
        }
        let quota = match file.databases.quota_mib {
            Some(0) => return Err("`databases.quota_mib` must be more than 0".to_string()),
            quota => quota.map(|mib| mib.saturating_mul(1 << 20)),
        };
        if file.registry.as_ref().is_some_and(|url| !is_private_database(url)) {
            return Err(
                "`registry` is neither on TLS nor on this machine, and it holds who your members are"
                    .to_string(),
            );
        }
        Ok(ServiceSettings {
            registry: file.registry,
            listen: file.listen.unwrap_or_else(|| LISTEN.to_string()),
            url: file.url,
            folder: data,
            issuer,
            signup: file.signup,
            publishers: file.publishers,
            team_writers: file.team_writers,
            workspaces: file.workspaces,
            databases: databases(file.databases, &secrets)?,
            quota,
            token_lifetime: Duration::from_secs(minutes * 60),
            store: file.store,
            secrets,
        })
    }
}

fn databases(file: DatabasesInFile, secrets: &ServiceSecrets) -> Result<DatabasesSettings, String> {
    let needed = |what: &str| format!("`databases` lacks `{what}`, which this provider needs");
    let unused = match file.provider {
        ProviderInFile::Embedded => [
            ("admin", file.admin.is_some()),
            ("organisation", file.organisation.is_some()),
            ("group", file.group.is_some()),
        ],
        ProviderInFile::Sqld => [
            ("listen", file.listen.is_some()),
            ("program", file.program.is_some()),
            ("group", file.group.is_some()),
        ],
        ProviderInFile::Turso => [
            ("listen", file.listen.is_some()),
            ("program", file.program.is_some()),
            ("admin", file.admin.is_some()),
        ],
    };
    if let Some((name, _)) = unused.into_iter().find(|(_, is_there)| *is_there) {
        return Err(format!("`databases` has `{name}`, which this provider does not use"));
    }
    // Members would refuse to send their tokens there.
    if file.url.as_ref().is_some_and(|url| !is_private_database(url)) {
        return Err("`databases.url` is neither on TLS nor on this machine".to_string());
    }
    match file.provider {
        ProviderInFile::Embedded => Ok(DatabasesSettings::Embedded {
            listen: file.listen.unwrap_or_else(|| DATABASES_LISTEN.to_string()),
            program: file.program,
            url: file.url,
        }),
        ProviderInFile::Sqld => Ok(DatabasesSettings::Sqld {
            url: file.url.ok_or_else(|| needed("url"))?,
            admin: file.admin.ok_or_else(|| needed("admin"))?,
        }),
        ProviderInFile::Turso => {
            if secrets.turso_token.is_none() {
                return Err("Turso needs ZENITH_TURSO__API_TOKEN in the environment: a token scoped to the group, with \
                            db:create, db:delete and db:mint-token"
                    .to_string());
            }
            let api = Url::parse("https://api.turso.tech/").map_err(|error| error.to_string())?;
            Ok(DatabasesSettings::Turso {
                organisation: file.organisation.ok_or_else(|| needed("organisation"))?,
                group: file.group.unwrap_or_else(|| "default".to_string()),
                api: file.api.unwrap_or(api),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ServiceSettings, String> {
        ServiceSettings::of(
            text,
            Path::new("/etc/zenith/serve.toml"),
            Path::new("/data"),
            ServiceSecrets::default(),
        )
    }

    #[test]
    fn without_a_file_it_is_a_service_of_this_machine() {
        let settings = read("").unwrap();
        assert_eq!((settings.listen.as_str(), settings.folder.as_path()), (LISTEN, Path::new("/data")));
        assert!(matches!(settings.databases, DatabasesSettings::Embedded { .. }));
        assert_eq!(settings.signup, SignupPolicy::FirstExchange);
        let named = read("[databases]\nurl = 'https://db.example'").unwrap().databases;
        assert!(
            matches!(named, DatabasesSettings::Embedded { url: Some(url), .. } if url.scheme() == "https")
        );
    }

    #[test]
    fn a_file_says_what_the_service_is() {
        let settings = read(
            r#"
            listen = "0.0.0.0:80"
            url = "https://zenith.example"
            folder = "data"
            signup = "explicit"
            publishers = ["user_1"]
            registry = "libsql://registry.example"
            [issuer]
            kind = "clerk"
            url = "https://clerk.example"
            [databases]
            provider = "sqld"
            url = "https://db.example"
            admin = "http://127.0.0.1:9090"
            quota_mib = 10
            token_minutes = 60
            [store]
            location = "s3://bucket"
            region = "auto"
            "#,
        )
        .unwrap();
        assert_eq!(settings.folder, Path::new("/etc/zenith/data"));
        assert_eq!(settings.signup, SignupPolicy::Explicit);
        assert_eq!(settings.quota, Some(10 << 20));
        assert_eq!(settings.token_lifetime, Duration::from_secs(3600));
        assert_eq!(settings.issuer.unwrap().kind, IssuerKind::Clerk);
        assert!(matches!(settings.databases, DatabasesSettings::Sqld { .. }));
        assert_eq!(settings.registry.unwrap().as_str(), "libsql://registry.example");
    }

    #[test]
    fn what_is_mistyped_opens_nothing() {
        for (bad, told) in [
            ("publisher = []", "publisher"),
            ("signup = 'never'", "signup"),
            ("[databases]\nprovider = 'sqld'\nurl = 'https://a.example'", "admin"),
            ("[databases]\nadmin = 'https://a.example'", "admin"),
            ("[databases]\nurl = 'http://a.example'", "TLS"),
            ("[databases]\nprovider = 'turso'\norganisation = 'a'", "ZENITH_TURSO__API_TOKEN"),
            ("registry = 'http://registry.example'", "TLS"),
            ("[databases]\ntoken_minutes = 0", "token_minutes"),
            ("[databases]\nquota_mib = 0", "quota_mib"),
            ("[issuer]\nkind = 'clerk'", "url"),
        ] {
            let error = read(bad).unwrap_err();
            assert!(error.contains(told), "{bad}: {error}");
        }
    }
}
