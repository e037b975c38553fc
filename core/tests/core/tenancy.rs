//! What of tenants needs no server: the registry's own promises.

use zenith_core::tenancy::{Registry, TenancyError, Tenant};

async fn raw(path: &std::path::Path) -> libsql::Connection {
    libsql::Builder::new_local(path).build().await.unwrap().connect().unwrap()
}

#[tokio::test]
async fn a_registry_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.db");
    drop(Registry::open(&path).await.unwrap());
    raw(&path).await.execute_batch("PRAGMA user_version = 99").await.unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = Registry::open(&path).await.err().unwrap();
    assert!(matches!(error, TenancyError::NewerRegistry { found: 99 }), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

/// The document's own statements read and write it, as whoever wrote them would.
#[tokio::test]
async fn the_documents_table_stands_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.db");
    let registry = Registry::open(&path).await.unwrap();
    let connection = raw(&path).await;
    let mut rows =
        connection.query("SELECT name FROM pragma_table_info('user_databases')", ()).await.unwrap();
    let mut columns = Vec::new();
    while let Some(row) = rows.next().await.unwrap() {
        columns.push(row.get::<String>(0).unwrap());
    }
    let documented = [
        "user_id",
        "email",
        "db_name",
        "db_url",
        "db_token",
        "storage_used_bytes",
        "created_at",
        "updated_at",
    ];
    assert_eq!(columns[..documented.len()], documented);
    // A row that nobody of ours wrote is damage, not a tenant.
    let foreign = "INSERT INTO user_databases (user_id, email, db_name, db_url, db_token, provider, dek, kek_version, \
                   schema_version) VALUES ('ada', '', '../escape', '', 'x', 'sqld', '', 1, 1)";
    connection.execute(foreign, ()).await.unwrap();
    let error = registry.entry(&Tenant::User("ada".into())).await.unwrap_err();
    assert!(matches!(error, TenancyError::Damaged(_)), "{error}");
}

#[tokio::test]
async fn a_finished_sign_up_is_no_longer_unfinished_and_a_name_is_used_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.db");
    let registry = Registry::open(&path).await.unwrap();
    let connection = raw(&path).await;
    let begin = |name: &str| {
        format!(
            "INSERT INTO provisioning (user_id, email, db_name, db_token, dek, kek_version, holder, fence, lease_until, \
             attempt, begun_at) VALUES ('ada', '', '{name}', '', '', 1, '', 1, 0, 1, 0)"
        )
    };
    connection.execute(&begin("z-one"), ()).await.unwrap();
    assert_eq!(registry.unfinished().await.unwrap().len(), 1);
    let ready = "INSERT INTO user_databases (user_id, email, db_name, db_url, db_token, provider, dek, kek_version, \
                 schema_version) SELECT user_id, email, db_name, '', '', 'sqld', '', 1, 1 FROM provisioning";
    connection.execute(ready, ()).await.unwrap();
    assert!(registry.unfinished().await.unwrap().is_empty(), "one statement ends it");
    assert!(connection.execute(&begin("z-one"), ()).await.is_err(), "a name that is in use");
    connection.execute("INSERT INTO tombstones VALUES ('z-two', 0, 0)", ()).await.unwrap();
    assert!(connection.execute(&begin("z-two"), ()).await.is_err(), "a name that was used");
}

/// What a user asks for while their jobs are looked after is looked at all the same.
#[tokio::test]
async fn what_was_asked_for_meanwhile_is_not_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.db");
    let registry = Registry::open(&path).await.unwrap();
    let ready = format!(
        "INSERT INTO user_databases (user_id, email, db_name, db_url, db_token, provider, dek, kek_version, \
         schema_version) VALUES ('ada', '', 'z-{}', '', '', 'sqld', '', 1, 1)",
        "a".repeat(26)
    );
    raw(&path).await.execute(&ready, ()).await.unwrap();
    let ada = Tenant::User("ada".to_string());
    let entry = async || registry.entry(&ada).await.unwrap().unwrap();
    let found = entry().await;
    assert!(registry.pass_due(&found, Some(5)).await.unwrap(), "nothing was known to be due");
    assert!(!registry.pass_due(&found, None).await.unwrap(), "it is another moment by now");
    let found = entry().await;
    registry.set_next_due(&ada, Some(7)).await.unwrap();
    assert!(!registry.pass_due(&found, Some(100)).await.unwrap());
    assert_eq!(entry().await.next_due_at, Some(7));
    assert!(registry.pass_due(&entry().await, None).await.unwrap());
    assert_eq!(entry().await.next_due_at, None);
}
