//! Where the sources of indexed packages lie on this machine.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use libsql::Value;

use super::statement::{execute, query};
use super::{Catalog, CatalogError, key};
use crate::identity::Scope;
use crate::package::PackageId;

/// The folder that a package was indexed from on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageRoot {
    pub root: PathBuf,
    /// What tells whether indexing it again would yield the same; absent where an early version indexed it.
    pub fingerprint: Option<String>,
}

impl Catalog {
    /// Where a package was indexed from on this machine.
    pub async fn root(&self, scope: &Scope, id: &PackageId) -> Result<Option<PackageRoot>, CatalogError> {
        let connection = self.connection().await;
        let fail = |source| self.failed("read", source);
        let sql = "SELECT root, fingerprint FROM sources WHERE scope = ?1 AND ecosystem = ?2 \
                   AND package = ?3 AND version = ?4";
        let key = key(scope, id);
        let found = query(&connection, sql, &key, |row| {
            Ok(PackageRoot { root: PathBuf::from(row.get::<String>(0)?), fingerprint: row.get(1)? })
        });
        Ok(found.await.map_err(fail)?.into_iter().next())
    }

    /// Where all packages of some scopes were indexed from on this machine.
    pub async fn roots(
        &self,
        scopes: &[Scope],
    ) -> Result<HashMap<(Scope, PackageId), PackageRoot>, CatalogError> {
        let connection = self.connection().await;
        let fail = |source| self.failed("read", source);
        let sql = "SELECT ecosystem, package, version, root, fingerprint FROM sources WHERE scope = ?1";
        let mut roots = HashMap::new();
        for scope in scopes {
            let values = [Value::Text(scope.prefix())];
            let found = query(&connection, sql, &values, |row| {
                let text = |column| row.get::<String>(column);
                let root = PackageRoot { root: PathBuf::from(text(3)?), fingerprint: row.get(4)? };
                Ok(PackageId::new(text(0)?, text(1)?, text(2)?).ok().map(|id| ((scope.clone(), id), root)))
            });
            roots.extend(found.await.map_err(fail)?.into_iter().flatten());
        }
        Ok(roots)
    }

    /// Remembers where packages were indexed from, all in one transaction.
    pub async fn set_roots(&self, roots: &[(Scope, PackageId, PackageRoot)]) -> Result<(), CatalogError> {
        let connection = self.connection().await;
        let fail = |source| self.failed("write", source);
        let transaction = connection.transaction().await.map_err(fail)?;
        for (scope, id, source) in roots {
            let mut values = key(scope, id).to_vec();
            values.push(Value::Text(display(&source.root)));
            values.push(source.fingerprint.clone().map_or(Value::Null, Value::Text));
            let sql = "INSERT INTO sources (scope, ecosystem, package, version, root, fingerprint) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET root = ?5, fingerprint = ?6";
            execute(&transaction, sql, &values).await.map_err(fail)?;
        }
        transaction.commit().await.map_err(fail)
    }

    /// The versions of one's own packages that came from a folder: what to drop when the folder's
    /// version moves on.
    pub async fn packages_from(&self, scope: &Scope, root: &Path) -> Result<Vec<PackageId>, CatalogError> {
        let connection = self.connection().await;
        let fail = |source| self.failed("read", source);
        let sql = "SELECT ecosystem, package, version FROM sources WHERE scope = ?1 AND root = ?2";
        let values = [scope.prefix(), display(root)].map(Value::Text);
        let found = query(&connection, sql, &values, |row| {
            let text = |column| row.get::<String>(column);
            Ok(PackageId::new(text(0)?, text(1)?, text(2)?).ok())
        });
        Ok(found.await.map_err(fail)?.into_iter().flatten().collect())
    }
}

/// A root that is not UTF-8 is kept as near as text allows: it is then not found again, and its
/// package counts as changed.
fn display(root: &Path) -> String {
    root.to_string_lossy().into_owned()
}
