//! T11: of an erased tenant no byte is left, and its database's name is refused for ever.
//!
//! Why: "erased" is a promise to a person. A copy that is left breaks it, and so does a name that brings the old rows to
//! whoever gets it next.
//!
//! Method: a tenant writes a canary, a member keeps a replica below the service's folder, and jobs ran. The tenant is
//! erased, killed once in between. Then every file below the server's folder and the service's is searched for the
//! canary, for the user's name and for the database's.
//!
//! Accept when the canary and the user's name are nowhere, the name of the database stands in the tombstone alone, a
//! sign-up under that name is refused, its token opens nothing, and the same user gets a new database with nothing in it.

use anyhow::Result;
use futures::FutureExt;
use libsql::Value;
use zenith_core::identity::service::Access;
use zenith_core::tenancy::Tenant;
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::tenants::{Tenants, connect, lies_below};

const LEFT: &str = "replica-left";

pub const SPIKE: Spike = Spike {
    id: "T11",
    title: "of an erased tenant no byte is left, and its name is used up",
    group: Group::Tenancy,
    backends: &[Backend::Local],
    expected: Expected::Holds,
    targets: &[Target::gate("files with a byte of the erased", 0.0, Unit::Count)],
    faults: &[Fault { name: LEFT, what: "a copy of the database lies in the service's folder" }],
    run: |trial| run(trial).boxed(),
};

const CANARY: &str = "canary-3f1c9e7a-of-an-erased-user";
const USER: &str = "user_who_is_to_be_forgotten";

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let tenants = Tenants::start(&trial.lab).await?;
    let tenant = Tenant::User(USER.to_string());
    let entry = tenants.tenancy.sign_up(&tenant, "forgotten@example.org").await?.entry;
    let server = tenants.server(&entry, Access::ReadWrite).await?;
    let connection = connect(&server).await?;
    connection.execute("CREATE TABLE canary (text TEXT)", ()).await?;
    for _ in 0..200 {
        connection.execute("INSERT INTO canary VALUES (?1)", [Value::Text(CANARY.to_string())]).await?;
    }
    // What is deleted by the tenant is erased too.
    connection.execute("DELETE FROM canary WHERE rowid > 100", ()).await?;
    let data = trial.lab.folder().join("sqld/data");
    evidence.check("the canary lies on the server before", !lies_below(&data, CANARY.as_bytes())?.is_empty());
    if trial.has_fault(LEFT) {
        let copy = libsql::Builder::new_local(tenants.folder.join("copy.db")).build().await?.connect()?;
        copy.execute("CREATE TABLE canary (text TEXT)", ()).await?;
        copy.execute("INSERT INTO canary VALUES (?1)", [Value::Text(CANARY.to_string())]).await?;
    }

    trial.progress("erased, and once killed in between");
    {
        let erasing = tenants.tenancy.erase(&tenant);
        let mut erasing = std::pin::pin!(erasing);
        // Its first steps, and then whoever does it is gone.
        let _ = tokio::time::timeout(std::time::Duration::from_millis(2), erasing.as_mut()).await;
    }
    if tenants.tenancy.registry().entry(&tenant).await?.is_some() {
        tenants.tenancy.erase(&tenant).await?;
    }
    let tombstone = tenants.tenancy.registry().tombstone(&entry.name).await?;
    evidence.check("a tombstone says when", tombstone.is_some());

    let mut left = 0;
    for folder in [&data, &tenants.folder] {
        for what in [CANARY, USER, "forgotten@example.org"] {
            let files = lies_below(folder, what.as_bytes())?;
            for file in &files {
                evidence.note(format!("{what} lies in {}", file.display()));
            }
            left += files.len() as u64;
        }
    }
    evidence.count("files with a byte of the erased", left, Unit::Count);

    let (_database, registry) = tenants.raw_registry().await?;
    let again = "INSERT INTO provisioning (user_id, email, db_name, db_token, dek, kek_version, holder, fence, \
                 lease_until, attempt, begun_at) VALUES ('eve', '', ?1, '', '', 1, '', 1, 0, 1, 0)";
    let reused = registry.execute(again, [entry.name.to_string()]).await;
    evidence.check_err("the name is given out again", &reused);
    let read = connect(&server).await?.query("SELECT * FROM canary", ()).await;
    evidence.check("the old token opens nothing", read.is_err());

    let anew = tenants.tenancy.sign_up(&tenant, "").await?.entry;
    evidence.check("the user gets another database", anew.name != entry.name);
    let rows = tenants.connect(&anew).await?.query("SELECT * FROM canary", ()).await;
    evidence.check("with nothing in it", rows.is_err());
    Ok(evidence)
}
