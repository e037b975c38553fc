use super::*;

async fn open(home: &Home<'_>) -> Connection {
    let connection = libsql::Builder::new_local(":memory:").build().await.unwrap().connect().unwrap();
    ensure(&connection, home).await.unwrap();
    ensure(&connection, home).await.unwrap();
    connection
}

fn row(id: &str, kind: &str, status: &str, revision: i64) -> String {
    let hash = "0".repeat(64);
    format!(
        "INTO curated_widget_instances (public_id, widget_type, kind, status, config, config_hash, revision, created_at, \
         updated_at) VALUES ('{id}', 'faq', '{kind}', '{status}', '{{}}', '{hash}', {revision}, 0, 0)"
    )
}

#[tokio::test]
async fn the_authored_tables_refuse_what_is_not_theirs() {
    let connection = open(&Home::Authored).await;
    let does = async |sql: &str| connection.execute(sql, ()).await.is_ok();
    assert!(does(&format!("INSERT {}", row("wgt_main_faq", "baseline", "published", 1))).await);
    assert!(does(&format!("INSERT {}", row("wgt_curated_a", "curated", "deprecated", 1))).await);
    for (id, kind, status) in [
        ("wgt_faq_u_x", "curated", "published"),
        ("wgt_main_hero", "baseline", "published"),
        ("wgt_main_faq2", "curated", "published"),
        ("wgt_curated_b", "baseline", "published"),
        ("wgt_curated_b", "curated", "draft"),
        ("WGT_CURATED_B", "curated", "published"),
    ] {
        assert!(!does(&format!("INSERT {}", row(id, kind, status, 1))).await, "{id} {kind} {status}");
    }
    for verb in ["INSERT OR REPLACE", "INSERT OR IGNORE", "INSERT"] {
        assert!(
            !does(&format!("{verb} {}", row("wgt_main_faq", "baseline", "published", 9))).await,
            "{verb}"
        );
    }
    assert!(!does("DELETE FROM curated_widget_instances").await);
    assert!(
        !does("UPDATE curated_widget_instances SET status = 'unpublished'").await,
        "a change has a new number"
    );
    assert!(!does("UPDATE curated_widget_instances SET revision = 2, public_id = 'wgt_curated_z'").await);
    assert!(
        !does("UPDATE curated_widget_instances SET revision = 2, status = 'deprecated'").await,
        "baselines stay"
    );
    assert!(does("UPDATE curated_widget_instances SET revision = 2, status = 'unpublished'").await);
    assert!(
        !does("UPDATE instance_store SET kind = 'mirror'").await && !does("DELETE FROM instance_store").await
    );
    for sql in [
        "INSERT OR REPLACE INTO instance_store VALUES (1, 'mirror', NULL, 1)",
        "INSERT INTO instance_store VALUES (1, 'mirror', NULL, 1) ON CONFLICT DO UPDATE SET kind = 'mirror'",
    ] {
        assert!(!does(sql).await, "{sql}");
    }
    let overlay = "INSERT INTO widget_instance_locales VALUES ('wgt_faq_u_x', 'de', 'manual', '{}', 0)";
    assert!(!does(overlay).await, "no overlay of a user's instance");
    let tables = "SELECT count(*) FROM sqlite_master WHERE name = 'widget_instances'";
    assert_eq!(query(&connection, tables, &[], |row| row.get::<i64>(0)).await.unwrap(), [0]);
}

#[tokio::test]
async fn a_workspaces_tables_take_its_own_rows_alone() {
    let connection = open(&Home::Workspace("w1")).await;
    let insert = |id: &str, workspace: &str| {
        format!("INSERT INTO widget_instances VALUES ('{id}', {workspace}, 'faq', '{{}}', 1, 0, 0)")
    };
    let does = async |sql: &str| connection.execute(sql, ()).await.is_ok();
    assert!(does(&insert("wgt_faq_u_a", "'w1'")).await);
    for (id, workspace) in [
        ("wgt_faq_u_b", "'w2'"),
        ("wgt_faq_u_b", "NULL"),
        ("wgt_main_faq", "'w1'"),
        ("wgt_curated_a", "'w1'"),
        ("wgt_hero_u_b", "'w1'"),
    ] {
        assert!(!does(&insert(id, workspace)).await, "{id} {workspace}");
    }
    assert!(!does("UPDATE widget_instances SET revision = 2, workspace_id = 'w2'").await);
    assert!(!does("UPDATE widget_instances SET revision = 2, public_id = 'wgt_faq_u_z'").await);
    assert!(!does("UPDATE widget_instances SET config = '{}'").await, "a change has a new number");
    assert!(!does(&insert("wgt_faq_u_a", "'w1'").replace("INSERT", "INSERT OR REPLACE")).await);
    assert!(does("UPDATE widget_instances SET revision = 2").await);
    assert!(!does("INSERT OR REPLACE INTO instance_store VALUES (1, 'workspace', 'w2', 1)").await);
    assert!(matches!(ensure(&connection, &Home::Workspace("w2")).await, Err(PublishError::OtherWorkspace)));
    assert!(matches!(ensure(&connection, &Home::Authored).await, Err(PublishError::OtherKind { .. })));
}

#[tokio::test]
async fn a_mirrors_numbers_never_fall() {
    let connection = open(&Home::Mirror).await;
    let does = async |sql: &str| connection.execute(sql, ()).await.is_ok();
    let (zero, sql) = (
        "0".repeat(64),
        "INSERT INTO curated_widget_instances VALUES ('wgt_main_faq', 'faq', 'baseline', 'published', '{}'",
    );
    assert!(does(&format!("{sql}, '{zero}', 5, '{zero}', 'me', 0, 0)")).await);
    assert!(!does("UPDATE curated_widget_instances SET sequence = 4").await);
    assert!(does("UPDATE curated_widget_instances SET sequence = 6").await);
    assert!(matches!(check(&connection, &Home::Authored).await, Err(PublishError::OtherKind { .. })));
}
