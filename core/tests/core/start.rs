//! What opening a data folder does, and what not.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::Duration;

use url::Url;
use zenith_core::Zenith;
use zenith_core::catalog::DatabaseRole;
use zenith_core::identity::service::Access;
use zenith_core::search::SearchRequest;
use zenith_core::session::{Session, SessionDatabase};

use crate::support::{block_on, config};

/// Whoever is signed in, and wherever their databases are.
#[test]
fn opening_and_searching_ask_no_server_for_anything() {
    let folder = tempfile::tempdir().unwrap();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let url: Url = format!("http://{}", server.local_addr().unwrap()).parse().unwrap();
    let roles = [DatabaseRole::Global, DatabaseRole::Team("acme".to_string())];
    let database = |role: &DatabaseRole| SessionDatabase {
        role: role.clone(),
        url: url.clone(),
        access: Access::ReadWrite,
        expires_at: u64::MAX,
    };
    let session = Session {
        service: url.clone(),
        issuer: url.to_string(),
        subject: "olive".to_string(),
        organisation: Some("acme".to_string()),
        role: None,
        signed_in_at: 0,
        id: String::new(),
        databases: roles.iter().map(database).collect(),
        store: None,
    };
    std::fs::write(folder.path().join("session.json"), serde_json::to_string(&session).unwrap()).unwrap();
    let tokens = r#"{ "global": "token", "team-acme": "token" }"#;
    std::fs::write(folder.path().join("credentials.json"), tokens).unwrap();
    let asked = || server.accept().map(drop).map_err(|error| error.kind());
    block_on(async {
        let zenith = Zenith::open(config(folder.path())).await.unwrap();
        assert_eq!(zenith.identity.organisation(), Some("acme"));
        assert!(zenith.catalogued(&[]).await.unwrap().found.is_empty());
        let request = SearchRequest { query: "anything".to_string(), limit: 5, ..SearchRequest::default() };
        assert!(zenith.search(request, None).await.unwrap().hits.is_empty());
        assert_eq!(asked(), Err(ErrorKind::WouldBlock));
        // Who is told to ask does, and in vain.
        let synced = zenith.sync(Duration::from_secs(1)).await.unwrap();
        assert!(synced.iter().all(|(_, outcome)| outcome.is_err()) && asked().is_ok());
    });
}
