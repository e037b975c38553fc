//! `zenith tenant`: what who runs a service does with its members' databases.

use std::process::ExitCode;

use anyhow::{Context, bail};
use chrono::DateTime;
use serde::Serialize;
use zenith_core::config::{Config, ServiceSettings};
use zenith_core::service::{Operator, Rekeyed, rekey};
use zenith_core::tenancy::{Entry, Standing, Tenancy, Tenant, Unfinished};

use super::args::{self, TenantCommand, TenantDeed};
use super::output::{self, clean_line};
use super::serve::{usual_folder, usual_program};

/// How a service's tenants stand, as `--json` prints it.
#[derive(Serialize)]
struct StatusLine {
    ready: u64,
    suspended: u64,
    erasing: u64,
    unfinished: Vec<Unfinished>,
    /// How many have an older schema than this version makes.
    behind: u64,
    /// Those whose schema could not be brought up to date.
    failed: Vec<FailedLine>,
    provider: &'static str,
    /// Why the provider of databases does not answer; null where it does.
    provider_error: Option<String>,
    /// Why the service's key does not open what it sealed; null where it does.
    keys_error: Option<String>,
}

/// A tenant whose schema could not be brought up to date, as `--json` prints it.
#[derive(Serialize)]
struct FailedLine {
    tenant: String,
    why: String,
}

/// What a sweep found, as `--json` prints it.
#[derive(Serialize)]
struct SweptLine {
    current: u64,
    failed: Vec<FailedLine>,
}

/// One tenant, as `--json` prints it.
#[derive(Serialize)]
struct TenantLine {
    tenant: String,
    database: String,
    provider: String,
    state: Standing,
    schema_version: i64,
    schema_error: Option<String>,
    storage_used_bytes: u64,
    quota_bytes: Option<u64>,
    /// RFC 3339.
    created_at: Option<String>,
}

/// What was done, as `--json` prints it.
#[derive(Serialize)]
struct DoneLine<'a> {
    tenant: &'a str,
    done: &'static str,
    /// RFC 3339: until then the provider may still bring the database back.
    recoverable_until: Option<String>,
}

pub async fn run(config: &Config, asked: args::Tenant, json: bool) -> anyhow::Result<ExitCode> {
    let settings = ServiceSettings::load(asked.config.as_deref(), &usual_folder(config))?;
    match asked.what {
        TenantCommand::Rekey => rekeyed(&rekey(&settings).await?, json),
        TenantCommand::Deed(deed) => {
            let operator = Operator::open(&settings, &usual_program(config)).await?;
            perform(&operator.tenancy, deed, json).await
        }
    }
}

async fn perform(tenancy: &Tenancy, deed: TenantDeed, json: bool) -> anyhow::Result<ExitCode> {
    match deed {
        TenantDeed::Status { tenant: None } => status(tenancy, json).await,
        TenantDeed::Status { tenant: Some(name) } => one(tenancy, &name, json).await,
        TenantDeed::List => list(tenancy, json).await,
        TenantDeed::Suspend { tenant } => {
            for tenant in theirs(tenancy, &tenant).await? {
                tenancy.suspend(&tenant).await?;
            }
            done(&tenant, "suspended", None, json)?;
            tell_shared(tenancy, &tenant, json)
        }
        TenantDeed::Resume { tenant } => {
            for tenant in theirs(tenancy, &tenant).await? {
                tenancy.resume(&tenant).await?;
            }
            done(&tenant, "resumed", None, json)
        }
        TenantDeed::Rotate { tenant } => {
            for tenant in theirs(tenancy, &tenant).await? {
                tenancy.rotate(&tenant).await?;
            }
            done(&tenant, "rotated", None, json)
        }
        TenantDeed::Revoke { tenant } => {
            for tenant in theirs(tenancy, &tenant).await? {
                tenancy.revoke(&tenant).await?;
            }
            done(&tenant, "revoked", None, json)?;
            tell_shared(tenancy, &tenant, json)
        }
        TenantDeed::Limit { tenant, mib } => {
            tenancy.limit(&named(&tenant)?, mib << 20).await?;
            done(&tenant, "limited", None, json)
        }
        TenantDeed::Sweep => sweep(tenancy, json).await,
        TenantDeed::Export { tenant, file } => {
            let exported = tenancy.export(&named(&tenant)?, &std::path::absolute(file)?).await?;
            if json {
                output::json(&exported)?;
                return Ok(ExitCode::SUCCESS);
            }
            let rows: u64 = exported.rows.values().sum();
            let (tables, path) = (exported.rows.len(), exported.path.display().to_string());
            output::line(format!("{tables} tables, {rows} rows in {}", clean_line(&path)))?;
            output::line(format!("hash {}", exported.hash))?;
            Ok(ExitCode::SUCCESS)
        }
        TenantDeed::Import { tenant, file } => {
            tenancy.import(&named(&tenant)?, &file).await?;
            done(&tenant, "imported", None, json)
        }
        TenantDeed::Erase { tenant, yes } => {
            let of = theirs(tenancy, &tenant).await?;
            if !yes && !is_agreed(&tenant)? {
                bail!("nothing was erased");
            }
            let mut until = None;
            for tenant in of {
                let erased = tenancy.erase(&tenant).await?;
                let ends = erased.tombstone.recoverable_until_ms;
                until = until.max((!erased.recoverable.is_zero()).then_some(ends));
            }
            let until = until.and_then(time);
            done(&tenant, "erased", until, json)
        }
    }
}

/// What a user holds beside their own databases is of ones that others share, and is not taken back with those.
fn tell_shared(tenancy: &Tenancy, name: &str, json: bool) -> anyhow::Result<ExitCode> {
    if !json && matches!(named(name)?, Tenant::User(_)) {
        let minutes = tenancy.token_lifetime().as_secs().div_ceil(60);
        output::line(format!(
            "what {} holds of the team's database and the public one is good until it ends, {} at most; `zenith tenant \
             revoke team/ORGANISATION` ends it at once, and has everyone of the team sign in again",
            clean_line(name),
            output::count(minutes, "minute"),
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// How many tenants are asked of the registry at once.
const PAGE: u64 = 256;

async fn list(tenancy: &Tenancy, json: bool) -> anyhow::Result<ExitCode> {
    let mut after = String::new();
    loop {
        let page = tenancy.registry().page(&after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(ExitCode::SUCCESS) };
        after = last.tenant.key();
        for entry in &page {
            let line = line_of(entry, entry.storage_used_bytes);
            if json {
                output::json(&line)?;
                continue;
            }
            let bound = line
                .quota_bytes
                .map_or("no limit".to_string(), |bound| format!("{} MiB at most", bound >> 20));
            output::line(format!(
                "{}  {}  {bound}  since {}",
                clean_line(&line.tenant),
                line.state.as_str(),
                line.created_at.as_deref().unwrap_or("an unknown time"),
            ))?;
        }
    }
}

fn named(tenant: &str) -> anyhow::Result<Tenant> {
    Tenant::named(tenant)
        .context("a tenant is a user's subject, workspace/SUBJECT, team/ORGANISATION, or zenith/global")
}

/// What is done to a user is done to their workspace first, where they have one: nothing of theirs is left out.
async fn theirs(tenancy: &Tenancy, name: &str) -> anyhow::Result<Vec<Tenant>> {
    let tenant = named(name)?;
    let workspace = match &tenant {
        Tenant::User(subject) => Some(Tenant::Workspace(subject.clone())),
        _ => None,
    };
    let workspaces = tenancy.registry().entries(workspace.as_slice()).await?;
    Ok(workspaces.into_iter().map(|entry| entry.tenant).chain([tenant]).collect())
}

async fn status(tenancy: &Tenancy, json: bool) -> anyhow::Result<ExitCode> {
    let counts = tenancy.registry().count().await?;
    let count = |standing| counts.iter().find(|(of, _)| *of == standing).map_or(0, |(_, count)| *count);
    let line = StatusLine {
        ready: count(Standing::Ready),
        suspended: count(Standing::Suspended),
        erasing: count(Standing::Erasing),
        unfinished: tenancy.registry().unfinished().await?,
        behind: tenancy.registry().behind().await?,
        failed: failed(tenancy.registry().failed().await?),
        provider: tenancy.provider().name(),
        provider_error: tenancy.provider().health().await.err().map(|error| error.to_string()),
        keys_error: tenancy.check_keys().await.err().map(|error| error.to_string()),
    };
    let is_well = line.provider_error.is_none() && line.keys_error.is_none() && line.failed.is_empty();
    let code = if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    if json {
        output::json(&line)?;
        return Ok(code);
    }
    output::line(format!(
        "databases: {} ready, {} suspended, {} being erased",
        line.ready, line.suspended, line.erasing
    ))?;
    let told = |error: Option<String>| error.map_or("answers".to_string(), |error| clean_line(&error));
    output::line(format!("provider:  {}, {}", line.provider, told(line.provider_error)))?;
    let keys = line.keys_error.map_or("open what they sealed".to_string(), |error| clean_line(&error));
    output::line(format!("keys:      {keys}"))?;
    for unfinished in line.unfinished {
        let why = unfinished.error.map_or(String::new(), |error| format!(": {}", clean_line(&error)));
        let tenant = clean_line(&unfinished.tenant);
        output::line(format!("not finished: {tenant}, after {} tries{why}", unfinished.attempt))?;
    }
    if line.behind > 0 {
        output::line(format!(
            "schemas:   {} behind; `zenith tenant sweep` brings them up to date",
            line.behind
        ))?;
    }
    tell_failed(&line.failed)?;
    Ok(code)
}

fn failed(found: Vec<(String, String)>) -> Vec<FailedLine> {
    found.into_iter().map(|(tenant, why)| FailedLine { tenant, why }).collect()
}

fn tell_failed(failed: &[FailedLine]) -> anyhow::Result<()> {
    failed.iter().try_for_each(|failed| {
        output::line(format!(
            "cannot be brought up to date: {}: {}",
            clean_line(&failed.tenant),
            clean_line(&failed.why)
        ))
    })
}

async fn sweep(tenancy: &Tenancy, json: bool) -> anyhow::Result<ExitCode> {
    let swept = tenancy.sweep().await?;
    let line = SweptLine { current: swept.current, failed: failed(swept.failed) };
    let code = if line.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    if json {
        output::json(&line)?;
        return Ok(code);
    }
    output::line(format!("up to date: {}", output::count(usize::try_from(line.current)?, "database")))?;
    tell_failed(&line.failed)?;
    Ok(code)
}

fn rekeyed(rekeyed: &Rekeyed, json: bool) -> anyhow::Result<ExitCode> {
    if json {
        output::json(rekeyed)?;
        return Ok(ExitCode::SUCCESS);
    }
    let changed = output::count(rekeyed.changed, "database");
    output::line(format!("sealed with key {} now: the secrets of {changed}", rekeyed.key))?;
    for key in &rekeyed.unused {
        output::line(match rekeyed.in_folder {
            true => format!("key {key} is gone: nothing was sealed with it any more"),
            false => format!(
                "nothing is sealed with key {key} any more: write `-` in its place in ZENITH_TENANCY_KEY"
            ),
        })?;
    }
    if !rekeyed.in_folder && rekeyed.changed == 0 && rekeyed.unused.is_empty() {
        output::line("write a new key behind the last in ZENITH_TENANCY_KEY, and run it again")?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn one(tenancy: &Tenancy, name: &str, json: bool) -> anyhow::Result<ExitCode> {
    let tenant = named(name)?;
    let Some(entry) = tenancy.registry().entry(&tenant).await? else {
        bail!("{} has no database here", clean_line(name));
    };
    let usage = tenancy.usage(&tenant).await;
    let bytes = usage.as_ref().map_or(entry.storage_used_bytes, |usage| usage.bytes);
    let line = line_of(&entry, bytes);
    if json {
        output::json(&line)?;
        return Ok(ExitCode::SUCCESS);
    }
    output::line(format!("{}  {}", line.tenant, line.state.as_str()))?;
    output::line(format!("database  {} at {}", line.database, line.provider))?;
    output::line(format!(
        "schema    {}{}",
        line.schema_version,
        match &line.schema_error {
            Some(error) => format!(": {}", clean_line(error)),
            None => String::new(),
        }
    ))?;
    let quota = line.quota_bytes.map_or(String::new(), |quota| format!(" of {quota}"));
    output::line(format!("size      {bytes}{quota} bytes"))?;
    if let Err(error) = usage {
        output::line(format!(
            "the provider does not say how large it is now: {}",
            clean_line(&error.to_string())
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn line_of(entry: &Entry, bytes: u64) -> TenantLine {
    TenantLine {
        tenant: entry.tenant.to_string(),
        database: entry.name.to_string(),
        provider: entry.provider.clone(),
        state: entry.standing,
        schema_version: entry.schema_version,
        schema_error: entry.schema_error.clone(),
        storage_used_bytes: bytes,
        quota_bytes: entry.quota_bytes,
        created_at: time(entry.created_at.saturating_mul(1000)),
    }
}

/// Milliseconds since 1970 as RFC 3339.
fn time(ms: i64) -> Option<String> {
    Some(DateTime::from_timestamp_millis(ms)?.to_rfc3339())
}

fn done(tenant: &str, done: &'static str, until: Option<String>, json: bool) -> anyhow::Result<ExitCode> {
    if json {
        output::json(&DoneLine { tenant, done, recoverable_until: until })?;
        return Ok(ExitCode::SUCCESS);
    }
    output::line(format!("{}: {done}", clean_line(tenant)))?;
    if let Some(until) = until {
        output::line(format!("its provider can still bring it back until {until}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn is_agreed(tenant: &str) -> anyhow::Result<bool> {
    if !output::can_ask() {
        bail!("erasing takes a database away for good; say --yes where nobody can be asked");
    }
    output::is_agreed(&format!("Erase the database of {} for good?", clean_line(tenant)))
}
