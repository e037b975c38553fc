//! What does reading a copy of a server's catalog cost, beside bare statements over the same file, and what a sync that finds
//! nothing new? The server is a real one. Each answer is checked before it is timed.

mod peers {
    pub mod statement;
}

use std::process::ExitCode;
use std::time::Duration;

use libsql::{Builder, Connection, OpenFlags};
use peers::statement::Bare;
use tokio::runtime::Runtime;
use zenith_benches::gate::{Gates, keep};
use zenith_benches::samples::{fill, some_packages};
use zenith_benches::targets;
use zenith_core::catalog::{Replica, Server};
use zenith_core::config::{Config, Overrides};
use zenith_core::identity::Identity;
use zenith_core::package::PackageId;
use zenith_harness::Backend;
use zenith_harness::lab::{Lab, LabOptions, Wire};

/// Packages of a project.
const WANTED: u64 = 100;
const DEADLINE: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    let mut gates = Gates::new("replica");
    let runtime = Runtime::new().expect("threads can be started");
    let options = LabOptions::new(&Config::load(Overrides::default()).expect("settings"));
    match runtime.block_on(Lab::start(Backend::Local, &options)) {
        Err(error) => println!("not measured: {error}"),
        Ok(lab) => {
            let rows = if gates.is_test() { 400 } else { 10_000 };
            let copy = runtime.block_on(Copied::of(&lab, rows)).expect("it is copied");
            read(&mut gates, &runtime, &copy, &some_packages(rows, WANTED));
            sync(&mut gates, &runtime, &copy);
            runtime.block_on(lab.close(false));
        }
    }
    gates.finish()
}

/// A copy of a server's catalog, and the wire that it came by.
struct Copied {
    replica: Replica,
    server: Server,
    wire: Wire,
}

impl Copied {
    async fn of(lab: &Lab, rows: u64) -> anyhow::Result<Copied> {
        let database = lab.database("catalog").await?;
        drop(database.catalog().await?);
        fill(&database.open().await?.connect()?, rows).await?;
        let wire = Wire::to(lab.server()?.address()).await?;
        let server = wire.reach(database.server()?)?;
        let replica = Replica::at(lab.folder().join("replica/catalog.db"));
        replica.sync(&server, DEADLINE).await?;
        Ok(Copied { replica, server, wire })
    }

    /// A connection for reading alone, as ours is.
    async fn connect(&self) -> Connection {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let database = Builder::new_local(self.replica.path()).flags(flags).build().await.expect("it opens");
        database.connect().expect("it opens")
    }
}

/// What do a project's packages take?
fn read(gates: &mut Gates, runtime: &Runtime, copy: &Copied, ids: &[PackageId]) {
    let member = Identity::user("user", Some("team".to_string())).expect("the names are sound");
    let catalog = runtime.block_on(copy.replica.catalog()).expect("it opens").expect("it has tables");
    let bare = Bare::of(copy.connect());
    let lookup = || runtime.block_on(catalog.lookup(&member, ids)).expect("it answers");
    let theirs = || bare.find(ids.iter().map(PackageId::name));
    assert_eq!((lookup().len() as u64, theirs()), (WANTED, WANTED));
    gates.answers(format!("{:?}", lookup()));
    gates.criterion.bench_function("replica/100 packages", |bench| bench.iter(lookup));
    let most = targets::REPLICA_LOOKUP_OF_PREPARED_MAX;
    gates.ratio("100 packages, of 100 bare prepared queries", most, || drop(lookup()), || keep(theirs()));
}

/// What does a sync take that finds nothing new?
fn sync(gates: &mut Gates, runtime: &Runtime, copy: &Copied) {
    let sync = || runtime.block_on(copy.replica.sync(&copy.server, DEADLINE)).expect("the server answers");
    let before = copy.wire.requests();
    let synced = sync();
    let requests = copy.wire.requests() - before;
    assert!(!synced.fetched_anew, "what is here goes on");
    gates.answers(format!("{:?}", synced.frame));
    gates.count("requests of a sync with nothing new", requests, targets::NO_OP_SYNC_REQUESTS_MAX);
    gates.count("frames of the same", synced.frames, 0);
    gates.time("a sync with nothing new", targets::NO_OP_SYNC_MAX, || keep(sync()));
}
