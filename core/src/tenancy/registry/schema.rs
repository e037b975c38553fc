//! The registry's tables.

/// Raised when a column changes its meaning.
pub const SCHEMA_VERSION: i64 = 1;

/// `user_databases` as the document has it, a row for whoever's database is ready, and beside it what makes it safe:
/// `db_token` holds no token but the tenant's secret, sealed under `dek`, and that under the service's key.
pub(super) const CREATE: &str = "
CREATE TABLE IF NOT EXISTS user_databases (
    user_id            TEXT PRIMARY KEY,
    email              TEXT NOT NULL,
    db_name            TEXT NOT NULL,
    db_url             TEXT NOT NULL,
    db_token           TEXT NOT NULL,
    storage_used_bytes INTEGER DEFAULT 0,
    created_at         TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at         TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    generation         INTEGER NOT NULL DEFAULT 1,
    provider           TEXT NOT NULL,
    dek                TEXT NOT NULL,
    kek_version        INTEGER NOT NULL,
    schema_version     INTEGER NOT NULL,
    schema_error       TEXT,
    quota_bytes        INTEGER,
    usage_at           INTEGER,
    next_due_at        INTEGER,
    state              TEXT NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'suspended', 'erasing'))
);
CREATE UNIQUE INDEX IF NOT EXISTS user_databases_name ON user_databases (db_name);
CREATE INDEX IF NOT EXISTS user_databases_email ON user_databases (email);
CREATE INDEX IF NOT EXISTS user_databases_due ON user_databases (next_due_at) WHERE next_due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS provisioning (
    user_id     TEXT PRIMARY KEY,
    email       TEXT NOT NULL,
    db_name     TEXT NOT NULL UNIQUE,
    db_token    TEXT NOT NULL,
    dek         TEXT NOT NULL,
    kek_version INTEGER NOT NULL,
    holder      TEXT NOT NULL,
    fence       INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    attempt     INTEGER NOT NULL,
    error       TEXT,
    begun_at    INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS tombstones (
    db_name           TEXT PRIMARY KEY,
    erased_at         INTEGER NOT NULL,
    recoverable_until INTEGER NOT NULL
);
CREATE TRIGGER IF NOT EXISTS a_name_is_used_once BEFORE INSERT ON provisioning
WHEN EXISTS (SELECT 1 FROM tombstones WHERE db_name = NEW.db_name)
  OR EXISTS (SELECT 1 FROM user_databases WHERE db_name = NEW.db_name)
BEGIN SELECT RAISE (ABORT, 'the name was used before'); END;
CREATE TRIGGER IF NOT EXISTS ready_ends_provisioning AFTER INSERT ON user_databases
BEGIN DELETE FROM provisioning WHERE user_id = NEW.user_id; END;
";
