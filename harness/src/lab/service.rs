//! The product's own service, in this process, over the lab's database server and issuer: what `zenith login` talks to.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;
use zenith_core::catalog::Server;
use zenith_core::config::SignupPolicy;
use zenith_core::identity::service::{Access, StoreOffer};
use zenith_core::identity::{IssuerKind, Verifier};
use zenith_core::service::{Bounds, Listening, Service, ServiceTerms, serve};
use zenith_core::tenancy::{
    KeyRing, Provider, Registry, SqldAddress, SqldProvider, Tenancy, Tenant, Terms, TursoAccount,
    TursoProvider,
};

use super::sqld::Sqld;
use super::{Lab, LabDatabase};

/// What a service of a lab is told.
#[derive(Clone, Debug)]
pub struct ServiceOptions {
    pub kind: IssuerKind,
    pub signup: SignupPolicy,
    pub publishers: Vec<String>,
    pub team_writers: Vec<String>,
    /// Whether each user has a workspace.
    pub workspaces: bool,
    pub store: Option<StoreOffer>,
    pub token_lifetime: Duration,
    pub terms: Terms,
    pub bounds: Bounds,
    /// Databases come from a Platform API in place of the lab's server itself.
    pub platform: Option<TursoAccount>,
}

impl Default for ServiceOptions {
    fn default() -> ServiceOptions {
        ServiceOptions {
            kind: IssuerKind::Clerk,
            signup: SignupPolicy::FirstExchange,
            publishers: Vec::new(),
            team_writers: Vec::new(),
            workspaces: false,
            store: None,
            token_lifetime: Duration::from_secs(60 * 60),
            terms: Terms::default(),
            bounds: Bounds::default(),
            platform: None,
        }
    }
}

/// A service that runs until it is dropped.
pub struct LabService {
    service: Arc<Service>,
    url: Url,
    address: watch::Sender<SqldAddress>,
    end: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl LabService {
    pub(super) async fn start(lab: &Lab, options: ServiceOptions) -> Result<LabService> {
        let (address, seen) = watch::channel(lab.sqld_address()?);
        let provider: Arc<dyn Provider> = match &options.platform {
            Some(account) => Arc::new(TursoProvider::new(account.clone())?),
            None => Arc::new(SqldProvider::new(seen)?),
        };
        let folder = tempfile::Builder::new().prefix("service-").tempdir_in(lab.folder())?.keep();
        let ring = KeyRing::load_or_make(None, &folder.join("tenancy.key"))?;
        let registry = Registry::open(&folder.join("registry.db")).await?;
        let terms = Terms { token_lifetime: options.token_lifetime, ..options.terms };
        let tenancy = Tenancy::new(registry, provider, ring, terms);
        let issuer = match options.kind {
            IssuerKind::Clerk => lab.issuer().clerk(),
            IssuerKind::Supabase => lab.issuer().supabase(),
        };
        let listening = Listening::on("127.0.0.1:0").await.context("listen for the service")?;
        let url = Url::parse(&format!("http://{}", listening.address()))?;
        let terms = ServiceTerms {
            url: url.clone(),
            signup: options.signup,
            publishers: options.publishers,
            team_writers: options.team_writers,
            workspaces: options.workspaces,
            store: options.store,
        };
        let service =
            Arc::new(Service::new(tenancy, Verifier::new(issuer)?, terms).with_bounds(options.bounds));
        let end = CancellationToken::new();
        let (answering, scheduling) = (service.clone(), service.clone());
        let (told, stopped) = (end.clone(), end.clone());
        let task = tokio::spawn(async move {
            tokio::join!(serve(listening, answering, told), scheduling.schedule(stopped));
        });
        Ok(LabService { service, url, address, end, task: Some(task) })
    }

    /// What members call it.
    pub fn url(&self) -> &Url {
        &self.url
    }

    pub fn tenancy(&self) -> &Tenancy {
        &self.service.tenancy
    }

    /// The registry was changed beside the service: it is asked what is due at once, not after its usual sleep.
    pub fn look_again(&self) {
        self.service.look_again();
    }

    /// From now on members, and the service itself, are told to reach databases there.
    pub fn reach_databases_at(&self, url: Url) {
        self.address.send_modify(|address| address.url = url);
    }

    /// A tenant's database, made where there is none, with a token that may write.
    pub async fn database(&self, tenant: &Tenant) -> Result<LabDatabase> {
        let entry = self.tenancy().sign_up(tenant, "").await?.entry;
        let grant = self.tenancy().grant(&entry, Access::ReadWrite).await?;
        Ok(LabDatabase::Served(Server::at(&grant.url, grant.namespace.as_deref(), grant.token.secret)))
    }

    /// Stops listening and running jobs, and waits until it did.
    pub async fn end(&mut self) {
        self.end.cancel();
        if let Some(task) = self.task.take() {
            let _ = task.await;
        }
    }

    /// The same, where nothing is asked of it any more.
    pub async fn close(mut self) {
        self.end().await;
    }
}

impl Drop for LabService {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

impl Lab {
    /// The product's service over this lab's server and issuer.
    pub async fn service(&self, options: ServiceOptions) -> Result<LabService> {
        LabService::start(self, options).await
    }

    /// Where the lab's server of databases is, for whoever makes some.
    pub fn sqld_address(&self) -> Result<SqldAddress> {
        let server = self.server()?;
        let url = |address| Url::parse(&format!("http://{address}"));
        Ok(SqldAddress { url: url(server.address())?, admin: url(server.admin())?, admin_key: None })
    }
}

/// A server that keeps few of its databases open, and says of some that they are not there.
pub struct CrowdedServer(Sqld);

impl CrowdedServer {
    pub fn address(&self) -> Result<SqldAddress> {
        let url = |address| Url::parse(&format!("http://{address}"));
        Ok(SqldAddress { url: url(self.0.address())?, admin: url(self.0.admin())?, admin_key: None })
    }

    pub async fn stop(&self) {
        self.0.down().await;
    }

    /// From now on it answers nobody, and its connections stay.
    pub async fn freeze(&self) -> Result<()> {
        self.0.freeze().await
    }
}

impl Lab {
    /// Another server of databases, which keeps that many open at once. It ends with the value.
    pub async fn crowded_server(&self, open_max: usize) -> Result<CrowdedServer> {
        let (program, key) = (self.tools().sqld()?, self.issuer().database_public_key_pem()?);
        Ok(CrowdedServer(Sqld::start(program, &self.folder().join("crowded"), &key, open_max).await?))
    }
}
