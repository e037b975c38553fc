//! T10: a tenant whose database hangs delays nobody else's jobs.
//!
//! Why: one scheduler serves all tenants. If it waits for one that does not answer, the slowest decides for everybody.
//!
//! Method: 50 tenants with a job each, run by the service. One tenant's database is behind a wire that accepts and never
//! answers, one more is open already when its server's process is stopped. All are asked to run at once, and the others'
//! runs say when they started. Then the service ends.
//!
//! Accept when every other's run succeeded, 99 of 100 started soon (a second, on cores that are not busy), the one rests, and
//! the end waits for neither.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use async_trait::async_trait;
use futures::FutureExt;
use futures::future::{join_all, try_join_all};
use tokio_util::sync::CancellationToken;
use url::Url;
use zenith_core::config::SignupPolicy;
use zenith_core::identity::Verifier;
use zenith_core::identity::service::Access;
use zenith_core::jobs::{Action, NewJob, RunStatus, Store};
use zenith_core::service::{Service, ServiceTerms};
use zenith_core::tenancy::{
    Block, DatabaseName, Ensured, Provider, Secret, TenancyError, Tenant, Terms, Token, Usage,
};
use zenith_harness::lab::{Wire, WireState};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::tenants::{Tenants, provider, url};

const ALL: &str = "all-behind-the-wire";

pub const SPIKE: Spike = Spike {
    id: "T10",
    title: "a tenant whose database hangs delays no other's jobs",
    group: Group::Tenancy,
    backends: &[Backend::Local, Backend::Container],
    expected: Expected::Holds,
    targets: &[
        Target::gate("others' runs that did not succeed", 0.0, Unit::Count),
        Target::tripwire("start after asked, 99th of 100", 5.0),
    ],
    faults: &[Fault { name: ALL, what: "every tenant is behind the wire that hangs" }],
    run: |trial| run(trial).boxed(),
};

const TENANTS: usize = 50;
const WITHIN: Duration = Duration::from_secs(20);
/// What Ctrl-C leaves a service.
const END_WITHIN: Duration = Duration::from_secs(4);

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let address = trial.lab.sqld_address()?;
    let wire = Wire::to(trial.lab.server()?.address()).await?;
    let folder = tempfile::Builder::new().prefix("slow-").tempdir_in(trial.lab.folder())?.keep();
    let direct = Tenants::over(&folder, provider(address.clone())?, Terms::default()).await?;
    let mut entries = direct.sign_up(TENANTS).await?;
    let elsewhere = trial.lab.crowded_server(TENANTS).await?;
    let aside = Tenants::over(&folder, provider(elsewhere.address()?)?, Terms::default()).await?;
    let frozen = aside.tenancy.sign_up(&Tenant::User("user_frozen".to_string()), "").await?.entry;
    trial.progress("a job each");
    let mut stores = Vec::new();
    for entry in entries.iter().chain([&frozen]) {
        let reached = if entry.tenant == frozen.tenant { &aside } else { &direct };
        let store = Store::new(reached.connect(entry).await?, &entry.tenant.key());
        let action = Action::Sql { statements: vec!["SELECT 1".to_string()] };
        store.create(&NewJob::new("tick", "0 4 1 1 *", action)).await?;
        stores.push(store);
    }
    let slow = if trial.has_fault(ALL) { None } else { Some(entries[0].name.clone()) };
    let behind = Behind {
        inner: provider(address)?,
        slow,
        wire: url(wire.address())?,
        frozen: frozen.name.clone(),
        elsewhere: elsewhere.address()?.url,
    };
    let behind = Arc::new(behind);
    let tenancy = Tenants::over(&folder, behind, Terms::default()).await?.tenancy;
    let tenancy = Arc::into_inner(tenancy).context("the tenancy is this spike's own")?;
    let service = Arc::new(Service::new(
        tenancy,
        Verifier::new(trial.lab.issuer().clerk())?,
        ServiceTerms {
            url: url(wire.address())?,
            signup: SignupPolicy::Explicit,
            publishers: Vec::new(),
            team_writers: Vec::new(),
            workspaces: false,
            store: None,
        },
    ));

    trial.progress("one hangs, one's server is stopped, all are asked to run");
    wire.set(WireState::Silent);
    for store in &stores {
        store.run_now("tick").await?;
    }
    service.tenancy.open_entry(&frozen).await?;
    elsewhere.freeze().await?;
    stores.pop();
    entries.push(frozen);
    let hints = entries.iter().map(|entry| direct.tenancy.registry().set_next_due(&entry.tenant, Some(1)));
    try_join_all(hints).await?;
    let asked_ms = chrono::Utc::now().timestamp_millis();
    let end = CancellationToken::new();
    let scheduling = tokio::spawn(service.clone().schedule_at_once(end.clone()));
    let runs = join_all(stores.iter().skip(1).map(ended)).await;
    let mut delays = Vec::new();
    let mut failed = 0;
    for run in runs {
        match run {
            Ok(started_ms) => delays.push(u64::try_from(started_ms - asked_ms).unwrap_or(0)),
            Err(why) => {
                if failed == 0 {
                    evidence.note(why);
                }
                failed += 1;
            }
        }
    }
    delays.sort_unstable();
    let late = delays.get(delays.len().saturating_mul(99) / 100).or(delays.last()).copied();
    evidence.count("others' runs that did not succeed", failed, Unit::Count);
    let late = late.map_or(WITHIN, Duration::from_millis);
    evidence.time("start after asked, 99th of 100", late);
    // While both are asked still.
    let ending = Instant::now();
    end.cancel();
    scheduling.await?;
    evidence.check("the service ended all the same", ending.elapsed() < END_WITHIN);
    // Whoever asks for it next is told to come later.
    let slow = service.tenancy.open_entry(&entries[0]).await;
    evidence.check_err("the one that hangs is opened", &slow.map(drop));
    elsewhere.stop().await;
    Ok(evidence)
}

/// When the last run of a tenant's job started, in milliseconds since 1970, once it succeeded.
async fn ended(store: &Store) -> Result<i64, String> {
    let mut last = String::from("it has no run");
    let look = async {
        loop {
            match store.runs("tick", 1).await {
                Ok(runs) => {
                    let run = runs.first()?;
                    last = format!("{:?}: {:?}", run.status, run.why);
                    if run.status.has_ended() {
                        return (run.status == RunStatus::Succeeded).then_some(run.started_ms).flatten();
                    }
                }
                Err(error) => last = error.to_string(),
            }
            // Seldom, so that looking is no load.
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    let started = tokio::time::timeout(WITHIN, look).await.ok().flatten();
    started.ok_or(last)
}

/// A provider that reaches one database, or all, by way of a wire, and one on a server of its own.
struct Behind {
    inner: Arc<dyn Provider>,
    slow: Option<DatabaseName>,
    wire: Url,
    frozen: DatabaseName,
    elsewhere: Url,
}

#[async_trait]
impl Provider for Behind {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn new_secret(&self) -> Result<Secret, TenancyError> {
        self.inner.new_secret()
    }

    async fn ensure(
        &self,
        name: &DatabaseName,
        secret: &Secret,
        quota: Option<u64>,
    ) -> Result<Ensured, TenancyError> {
        self.inner.ensure(name, secret, quota).await
    }

    fn address(&self, name: &DatabaseName) -> (Url, Option<String>) {
        let (url, namespace) = self.inner.address(name);
        let is_slow = self.slow.as_ref().is_none_or(|slow| slow == name);
        let reached = match name == &self.frozen {
            true => &self.elsewhere,
            false if is_slow => &self.wire,
            false => &url,
        };
        (reached.clone(), namespace)
    }

    async fn mint(
        &self,
        name: &DatabaseName,
        secret: &Secret,
        access: Access,
        lifetime: Duration,
    ) -> Result<Token, TenancyError> {
        self.inner.mint(name, secret, access, lifetime).await
    }

    fn lifetime_max(&self) -> Duration {
        self.inner.lifetime_max()
    }

    async fn believe(&self, name: &DatabaseName, secret: &Secret) -> Result<(), TenancyError> {
        self.inner.believe(name, secret).await
    }

    async fn block(&self, name: &DatabaseName, secret: &Secret, block: Block) -> Result<(), TenancyError> {
        self.inner.block(name, secret, block).await
    }

    async fn limit(&self, name: &DatabaseName, secret: &Secret, bytes: u64) -> Result<(), TenancyError> {
        self.inner.limit(name, secret, bytes).await
    }

    async fn usage(&self, name: &DatabaseName) -> Result<Usage, TenancyError> {
        self.inner.usage(name).await
    }

    async fn retire(&self, name: &DatabaseName) -> Result<(), TenancyError> {
        self.inner.retire(name).await
    }

    fn recoverable(&self) -> Duration {
        self.inner.recoverable()
    }

    async fn health(&self) -> Result<(), TenancyError> {
        self.inner.health().await
    }
}
