//! The catalog's tables: one declaration, from which the statements are made.

macro_rules! visible {
    () => {
        "(visibility = 'public' \
          OR (visibility = 'team' AND team_id = ?1) \
          OR (visibility = 'private' AND (owner_id = ?2 OR owner_id = ?3)))"
    };
}

macro_rules! entry_columns {
    () => {
        "visibility, owner_id, team_id, ecosystem, package, version, description, repo_url, symbol_count, \
         chunk_count, source_cached, r2_lance_path, embedding_model, status, claim_holder, claimed_at, \
         error, indexed_by, indexed_at"
    };
}

/// Raised when a column changes its meaning; a catalog of another number is not opened.
pub const SCHEMA_VERSION: i64 = 1;

/// `indexed_packages` says what is indexed and who may find it. The key begins with the scope, so
/// that two owners may each hold a private package of one name and neither learns of the other by a
/// conflict.
pub(super) const CREATE_PACKAGES: &str = "
CREATE TABLE IF NOT EXISTS indexed_packages (
    scope           TEXT NOT NULL,
    ecosystem       TEXT NOT NULL,
    package         TEXT NOT NULL,
    version         TEXT NOT NULL,
    visibility      TEXT NOT NULL CHECK (visibility IN ('public', 'team', 'private')),
    owner_id        TEXT,
    team_id         TEXT,
    description     TEXT,
    repo_url        TEXT,
    symbol_count    INTEGER NOT NULL DEFAULT 0,
    chunk_count     INTEGER NOT NULL DEFAULT 0,
    source_cached   INTEGER NOT NULL DEFAULT 0,
    r2_lance_path   TEXT,
    embedding_model TEXT,
    status          TEXT NOT NULL CHECK (status IN ('claimed', 'ready', 'failed')),
    claim_holder    TEXT,
    claimed_at      INTEGER,
    error           TEXT,
    indexed_by      TEXT,
    indexed_at      INTEGER,
    schema_version  INTEGER NOT NULL,
    PRIMARY KEY (scope, ecosystem, package, version),
    CHECK ((visibility = 'team') = (team_id IS NOT NULL)),
    CHECK ((visibility = 'private') = (owner_id IS NOT NULL)),
    CHECK ((status = 'ready') <= (r2_lance_path IS NOT NULL)),
    CHECK ((claim_holder IS NULL) = (claimed_at IS NULL))
) WITHOUT ROWID;
";

/// `sources` is this machine's own: where a package's source lies, to open it in an editor and to see
/// whether it changed.
pub(super) const CREATE_SOURCES: &str = "
CREATE TABLE IF NOT EXISTS sources (
    scope       TEXT NOT NULL,
    ecosystem   TEXT NOT NULL,
    package     TEXT NOT NULL,
    version     TEXT NOT NULL,
    root        TEXT NOT NULL,
    fingerprint TEXT,
    PRIMARY KEY (scope, ecosystem, package, version)
) WITHOUT ROWID;
";

/// The columns of a [`super::CatalogEntry`], in the order in which it reads them.
pub(super) const ENTRY_COLUMNS: &str = entry_columns!();

/// The visibility predicate: `?1` is the asking organisation, `?2` the asking subject, `?3` the user
/// of the machine; each NULL where there is none (and nothing equals NULL).
pub(super) const VISIBLE: &str = visible!();

/// Packages by scope, ecosystem, name and version, each found by the primary key: `?4` is a JSON list
/// of scopes, `?5` one of `[ecosystem, name, version]`.
pub(super) const LOOKUP: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM json_each(?5) AS wanted CROSS JOIN json_each(?4) AS scopes CROSS JOIN indexed_packages AS p \
     ON p.scope = scopes.value AND p.ecosystem = wanted.value ->> 0 AND p.package = wanted.value ->> 1 \
     AND p.version = wanted.value ->> 2 WHERE ",
    visible!()
);

/// The database's own clock in milliseconds, so that machines need not agree on the time.
pub(crate) const NOW_MS: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
