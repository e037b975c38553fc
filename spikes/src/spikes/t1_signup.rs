//! T1: a sign-up that is killed after any of its requests leaves one database or none, and the next one goes on with it.
//!
//! Why: a database a user is made by several requests to two parties. A service that dies in between must neither make
//! a second one, nor leave one that nobody names, nor keep its user out.
//!
//! Method: the requests of a clean sign-up are counted on a wire to the server. Then, for each of them, 20 times, before
//! it was done and after: a sign-up is killed while that request hangs, and another program with the same registry signs
//! the same user up. A dozen at once do the same without a kill.
//!
//! Accept when each ends with one ready database, under the name that was begun; the server has as many databases as
//! there are users; nothing is left unfinished; and a clean sign-up asks the server six times at most.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::FutureExt;
use futures::future::try_join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use zenith_core::tenancy::{SqldAddress, Tenancy, Tenant, Terms};
use zenith_harness::lab::{CutAt, Wire};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::tenants::{Tenants, provider, url};

const LOST: &str = "create-dropped";

pub const SPIKE: Spike = Spike {
    id: "T1",
    title: "a sign-up survives a kill at each of its requests",
    group: Group::Tenancy,
    backends: &[Backend::Local, Backend::Container],
    expected: Expected::Holds,
    targets: &[
        Target::gate("requests of a sign-up to the server", 6.0, Unit::Count),
        Target::gate("users without exactly one database", 0.0, Unit::Count),
    ],
    faults: &[Fault { name: LOST, what: "the server answers that it made a database, and made none" }],
    run: |trial| run(trial).boxed(),
};

const TIMES: usize = 20;
/// As many show it, where there is little time.
const TIMES_BRIEF: usize = 3;
const WIDTH: usize = 4;
/// Short, so that a sign-up is taken over soon; long beside one.
const LEASE: Duration = Duration::from_millis(400);

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let server = trial.lab.sqld_address()?;
    let admin = match trial.has_fault(LOST) {
        true => liar().await?,
        false => server.admin.clone(),
    };
    let terms = Terms { lease: LEASE, ..Terms::default() };
    let wires = Wires::lay(&server, &admin).await?;
    let first = Tenants::at(&trial.lab, wires.address(&server)?, terms.clone()).await?;

    trial.progress("a clean sign-up");
    let before = wires.requests();
    let clean = Tenant::User("clean".to_string());
    let made = first.tenancy.sign_up(&clean, "").await;
    evidence.check("a clean sign-up ends with a database", made.is_ok());
    let requests = wires.requests() - before;
    evidence.count("requests of a sign-up to the server", requests, Unit::Count);
    ensure!(requests > 0, "no request was seen");
    if made.is_err() {
        evidence.count("users without exactly one database", 1, Unit::Count);
        return Ok(evidence);
    }

    let times = if trial.is_brief { TIMES_BRIEF } else { TIMES };
    trial.progress(format!("{requests} requests, killed before and after, {times} times each"));
    let mut cases = Vec::new();
    for time in 0..times {
        for request in 0..requests {
            cases.extend([CutAt::Request, CutAt::Answer].map(|at| (time, request, at)));
        }
    }
    let (mut users, mut wrong, mut renamed) = (1, 0, 0);
    for cases in
        cases.chunks(cases.len().div_ceil(WIDTH)).map(<[_]>::to_vec).collect::<Vec<_>>().chunks(WIDTH)
    {
        let workers = cases.iter().map(async |cases| {
            let wires = Wires::lay(&server, &admin).await?;
            let mut outcomes = Vec::new();
            for (time, request, at) in cases {
                let tenant = Tenant::User(format!("user-{time}-{request}-{at:?}"));
                outcomes.push(killed(&first, &server, &wires, &terms, &tenant, *request, *at).await?);
            }
            anyhow::Ok(outcomes)
        });
        for outcome in try_join_all(workers).await?.into_iter().flatten() {
            users += 1;
            wrong += u64::from(!outcome.is_one);
            renamed += u64::from(outcome.is_renamed);
        }
    }
    evidence.count("kills", users - 1, Unit::Count);

    trial.progress("a dozen at once");
    let crowd = Tenant::User("crowd".to_string());
    let signups = try_join_all((0..12).map(|_| first.tenancy.sign_up(&crowd, ""))).await?;
    users += 1;
    evidence.check_eq("of a dozen at once, who made the database", makers(&signups), 1);

    evidence.count("users without exactly one database", wrong, Unit::Count);
    evidence.check_eq("sign-ups that went on under another name", renamed, 0);
    evidence.check_eq(
        "sign-ups that are not finished",
        first.tenancy.registry().unfinished().await?.len(),
        0,
    );
    let on_server = std::fs::read_dir(trial.lab.folder().join("sqld/data/dbs")).map_or(0, Iterator::count);
    if on_server > 0 {
        evidence.check_eq("databases on the server", on_server as u64, users);
    }
    Ok(evidence)
}

fn makers(signups: &[zenith_core::tenancy::Signup]) -> usize {
    signups.iter().filter(|signup| signup.is_new).count()
}

struct Outcome {
    is_one: bool,
    is_renamed: bool,
}

/// Kills a sign-up while a request hangs, and lets another program go on.
async fn killed(
    first: &Tenants,
    server: &SqldAddress,
    wires: &Wires,
    terms: &Terms,
    tenant: &Tenant,
    request: u64,
    at: CutAt,
) -> Result<Outcome> {
    let program = async |address: SqldAddress| -> Result<Arc<Tenancy>> {
        Ok(Tenants::over(&first.folder, provider(address)?, terms.clone()).await?.tenancy)
    };
    let dying = program(wires.address(server)?).await?;
    wires.hang(request, at);
    let (of, asked) = (tenant.clone(), dying.clone());
    let signup = tokio::spawn(async move { asked.sign_up(&of, "").await.map(drop) });
    // Pooled connections may save a request: then it ends before it comes to that one.
    let hung = tokio::select! {
        () = wires.hanging() => true,
        () = ended(&signup) => false,
    };
    signup.abort();
    // Aborted, or done.
    let _ = signup.await;
    wires.mend();
    let begun =
        first.tenancy.registry().unfinished().await?.into_iter().find(|row| row.tenant == tenant.key());
    let next = program(server.clone()).await?;
    let entry = next.sign_up(tenant, "").await?.entry;
    let opened = next.open(tenant).await.is_ok();
    Ok(Outcome {
        is_one: opened,
        is_renamed: hung && begun.is_some_and(|begun| begun.database != entry.name.as_str()),
    })
}

async fn ended(task: &tokio::task::JoinHandle<Result<(), zenith_core::tenancy::TenancyError>>) {
    while !task.is_finished() {
        tokio::task::yield_now().await;
    }
}

/// A wire to a server's databases and one to its admin API, counted as one.
struct Wires {
    data: Wire,
    admin: Wire,
}

impl Wires {
    async fn lay(server: &SqldAddress, admin: &url::Url) -> Result<Wires> {
        let to =
            |url: &url::Url| url.socket_addrs(|| None)?.first().copied().context("an address without a port");
        Ok(Wires { data: Wire::to(to(&server.url)?).await?, admin: Wire::to(to(admin)?).await? })
    }

    fn address(&self, server: &SqldAddress) -> Result<SqldAddress> {
        Ok(SqldAddress {
            url: url(self.data.address())?,
            admin: url(self.admin.address())?,
            ..server.clone()
        })
    }

    fn requests(&self) -> u64 {
        self.data.requests() + self.admin.requests()
    }

    /// The first request goes to the admin API, the others to the database.
    fn hang(&self, request: u64, at: CutAt) {
        match request {
            0 => self.admin.hang_once(0, at),
            later => self.data.hang_once(later - 1, at),
        }
    }

    async fn hanging(&self) {
        tokio::select! {
            () = self.data.hanging() => {}
            () = self.admin.hanging() => {}
        }
    }

    fn mend(&self) {
        self.data.mend();
        self.admin.mend();
    }
}

/// An admin API that says yes to everything, and does nothing.
async fn liar() -> Result<url::Url> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut bytes = [0; 4096];
                while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
                    if stream.write_all(answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    url(address)
}
