//! What a doctor finds stands beside what cannot be looked at.

use serde_json::json;
use url::Url;
use zenith_core::Zenith;
use zenith_core::catalog::DatabaseRole;
use zenith_core::doctor::{State, examine};
use zenith_core::identity::service::Access;
use zenith_core::session::SessionDatabase;

use crate::support::{block_on, config};

#[test]
fn tokens_that_cannot_be_read_hide_no_finding() {
    let folder = tempfile::tempdir().unwrap();
    // Nobody listens there any more.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let database = SessionDatabase {
        role: DatabaseRole::Global,
        url: url.clone(),
        access: Access::ReadOnly,
        expires_at: u64::MAX,
    };
    let session = json!({
        "service": url, "issuer": url, "subject": "olive", "organisation": null, "role": null, "signed_in_at": 0,
        "databases": [database],
    });
    std::fs::write(folder.path().join("session.json"), session.to_string()).unwrap();
    std::fs::write(folder.path().join("credentials.json"), "{ damaged").unwrap();
    block_on(async {
        let zenith = Zenith::open(config(folder.path())).await.unwrap();
        let findings = examine(&zenith, false).await.unwrap();
        let of_service: Vec<_> = findings.iter().filter(|finding| finding.part == "service").collect();
        assert!(of_service.len() == 2 && of_service.iter().all(|finding| finding.state == State::Away));
        assert!(of_service[1].what.contains("credentials.json"), "{of_service:#?}");
        assert!(findings.iter().any(|finding| finding.part == "datasets"), "{findings:#?}");
    });
}
