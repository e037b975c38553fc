//! T3: whoever reads the registry's file reads no secret that opens anything.
//!
//! Why: a registry is copied, backed up and looked into. What lies in it in the clear is as good as everybody's database.
//!
//! Method: 20 users sign up and get tokens. Then every byte of the registry's folder but the service's key is searched
//! for what keys and tokens begin with, and for the tokens that were given out; each row's sealed cell is put into the
//! next row; and another service's key is tried.
//!
//! Accept when nothing is found in the clear, no cell opens in another row, nor by another key, and all open again where
//! they belong.

use anyhow::Result;
use futures::FutureExt;
use libsql::Value;
use secrecy::ExposeSecret;
use zenith_core::identity::service::Access;
use zenith_core::tenancy::{Entry, Terms};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::tenants::{Tenants, lies_below, provider};

const CLEAR: &str = "token-in-the-clear";

pub const SPIKE: Spike = Spike {
    id: "T3",
    title: "the registry's file holds no usable secret, and no cell opens elsewhere",
    group: Group::Tenancy,
    backends: &[Backend::Local, Backend::Container],
    expected: Expected::Holds,
    targets: &[
        Target::gate("secrets in the clear", 0.0, Unit::Count),
        Target::gate("cells that opened elsewhere", 0.0, Unit::Count),
    ],
    faults: &[Fault { name: CLEAR, what: "one token stands in the registry as it is" }],
    run: |trial| run(trial).boxed(),
};

const USERS: usize = 20;
/// What an Ed25519 key in PKCS#8 begins with (both of its versions) in base64, a PEM, a token of any kind.
const SIGNS: [&[u8]; 5] =
    [b"MC4CAQAwBQYDK2Vw", b"MFECAQEwBQYDK2Vw", b"MFMCAQEwBQYDK2Vw", b"-----BEGIN", b"eyJ"];

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let tenants = Tenants::start(&trial.lab).await?;
    let entries = tenants.sign_up(USERS).await?;
    let mut tokens = Vec::new();
    for entry in &entries {
        tokens.push(tenants.tenancy.grant(entry, Access::ReadWrite).await?.token.secret);
    }
    let (_database, registry) = tenants.raw_registry().await?;
    if trial.has_fault(CLEAR) {
        let token = Value::Text(tokens[0].expose_secret().to_string());
        registry.execute("UPDATE user_databases SET schema_error = ?1", [token]).await?;
    }
    let mut clear = 0;
    let given = tokens.iter().map(|token| token.expose_secret().as_bytes().to_vec());
    for sign in SIGNS.iter().map(|sign| sign.to_vec()).chain(given) {
        clear += lies_below(&tenants.folder, &sign)?.len() as u64;
    }
    evidence.count("secrets in the clear", clear, Unit::Count);

    let cells = cells(&registry).await?;
    let mut elsewhere = 0;
    for (number, entry) in entries.iter().enumerate() {
        let next = &cells[(number + 1) % cells.len()];
        for column in ["db_token", "dek"] {
            let of = if column == "db_token" { &next.0 } else { &next.1 };
            put(&registry, entry, column, of).await?;
            elsewhere += u64::from(opens(&tenants, entry).await);
            let of = if column == "db_token" { &cells[number].0 } else { &cells[number].1 };
            put(&registry, entry, column, of).await?;
        }
        // Both together: the key is wrapped for its own row.
        put(&registry, entry, "db_token", &next.0).await?;
        put(&registry, entry, "dek", &next.1).await?;
        elsewhere += u64::from(opens(&tenants, entry).await);
        put(&registry, entry, "db_token", &cells[number].0).await?;
        put(&registry, entry, "dek", &cells[number].1).await?;
    }
    evidence.count("cells that opened elsewhere", elsewhere, Unit::Count);

    let other = tempfile::Builder::new().prefix("other-").tempdir_in(trial.lab.folder())?.keep();
    std::fs::copy(tenants.folder.join("registry.db"), other.join("registry.db"))?;
    let provider = provider(trial.lab.sqld_address()?)?;
    let stranger = Tenants::over(&other, provider, Terms::default()).await?;
    let (mut by_another, mut own) = (0, 0);
    for entry in &entries {
        by_another += u64::from(opens(&stranger, entry).await);
        own += usize::from(opens(&tenants, entry).await);
    }
    evidence.check_eq("cells that another service's key opened", by_another, 0);
    evidence.check_eq("cells that open where they belong", own, USERS);
    Ok(evidence)
}

/// The sealed secret and the wrapped key of each user, in the order of their names.
async fn cells(registry: &libsql::Connection) -> Result<Vec<(String, String)>> {
    let sql = "SELECT db_token, dek FROM user_databases ORDER BY user_id";
    let mut rows = registry.query(sql, ()).await?;
    let mut cells = Vec::new();
    while let Some(row) = rows.next().await? {
        cells.push((row.get(0)?, row.get(1)?));
    }
    Ok(cells)
}

async fn put(registry: &libsql::Connection, entry: &Entry, column: &str, cell: &str) -> Result<()> {
    let sql = format!("UPDATE user_databases SET {column} = ?1 WHERE user_id = ?2");
    registry.execute(&sql, [cell.to_string(), entry.tenant.key()]).await?;
    Ok(())
}

async fn opens(tenants: &Tenants, entry: &Entry) -> bool {
    let opened = async {
        let entry = tenants.tenancy.registry().entry(&entry.tenant).await.ok()??;
        tenants.tenancy.grant(&entry, Access::ReadOnly).await.ok()
    };
    opened.await.is_some()
}
