//! Signing in, synchronising and signing out against a real server and issuer.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::Runtime;
use zenith_core::catalog::{Catalog, Finished};
use zenith_core::identity::service::{Access, GrantRole};
use zenith_core::identity::{IssuerKind, Scope};
use zenith_core::lake::Lake;
use zenith_core::package::PackageId;
use zenith_harness::issuer::{DatabaseOffer, Forgery, Person};
use zenith_harness::lab::{Lab, LabDatabase};

use crate::support::{Place, Run, local_lab, run_with_input};

/// A lab with the three databases of somebody, and a service that opens them.
struct Service {
    runtime: Runtime,
    lab: Arc<Lab>,
    place: Place,
}

fn olive() -> Person {
    Person::new("user_olive").of("org_acme", "acme", "admin")
}

impl Service {
    /// `None` where the server is not on this machine and nobody requires it.
    fn start() -> Option<Service> {
        let runtime = Runtime::new().unwrap();
        let lab = local_lab(&runtime)?;
        let service = Service { runtime, lab, place: Place::new() };
        service.place.write(
            "Cargo.lock",
            "version = 4\n\n[[package]]\nname = \"shared-by-all\"\nversion = \"1.0.0\"\n\
             source = \"registry+https://github.com/rust-lang/crates.io-index\"\n",
        );
        service.fill();
        Some(service)
    }

    fn fill(&self) {
        self.runtime.block_on(async {
            let mut offers: Vec<(&str, GrantRole, LabDatabase)> = Vec::new();
            for (role, name, scope, package) in [
                (GrantRole::Global, "global", Scope::Public, "shared-by-all"),
                (GrantRole::Global, "global", Scope::Public, "elsewhere"),
                (GrantRole::Team, "acme", Scope::Team("org_acme".into()), "team-only"),
                (GrantRole::Own, "olive", Scope::Private("user_olive".into()), "her-own"),
                // In the wrong database: the predicate is the second fence.
                (GrantRole::Own, "olive", Scope::Private("user_otto".into()), "of-somebody-else"),
            ] {
                let database = match offers.iter().find(|(known, _, _)| *known == name) {
                    Some((_, _, database)) => database.clone(),
                    None => self.lab.database(name).await.unwrap(),
                };
                put(&database, &scope, package).await;
                if !offers.iter().any(|(known, _, _)| *known == name) {
                    offers.push((name, role, database));
                }
            }
            let offers: Vec<DatabaseOffer> = offers
                .into_iter()
                .map(|(name, role, database)| DatabaseOffer {
                    role,
                    organisation: (role == GrantRole::Team).then(|| "org_acme".to_string()),
                    url: database.server().unwrap().url.clone(),
                    namespace: Some(name.to_string()),
                    access: Access::ReadOnly,
                })
                .collect();
            self.lab.issuer().serve_databases(IssuerKind::Clerk, move |identity| {
                offers
                    .iter()
                    .filter(|offer| {
                        offer.organisation.is_none()
                            || offer.organisation.as_deref() == identity.organisation()
                    })
                    .cloned()
                    .collect()
            });
        });
    }

    fn token(&self) -> SecretString {
        self.lab.issuer().mint_clerk_v2(&olive(), Duration::from_secs(60)).unwrap()
    }

    /// The program, keeping its credentials in a file.
    fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.place.command(arguments).env("ZENITH_CREDENTIALS", "file").output().unwrap())
    }

    fn login(&self, token: &str) -> Run {
        let url = self.lab.issuer().url().to_string();
        let mut command = self.place.command(&["login", &url]);
        command.env("ZENITH_CREDENTIALS", "file");
        run_with_input(command, token)
    }

    fn packages(&self) -> Vec<String> {
        let mut names = self.run(&["packages", "--json"]).ok().each("package");
        names.sort();
        names
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let keep = std::thread::panicking();
        if let Some(look) = self.runtime.block_on(self.lab.close(keep)) {
            eprintln!("kept for a look: {look}");
        }
    }
}

async fn put(database: &LabDatabase, scope: &Scope, package: &str) {
    let catalog: Catalog = database.catalog().await.unwrap();
    let id = PackageId::rust(package, "1.0.0").unwrap();
    catalog.claim(scope, std::slice::from_ref(&id), "test", false, |_| false).await.unwrap();
    let finished = Finished {
        dataset: Lake::place(scope, &id, "first"),
        scope: scope.clone(),
        id,
        description: Some(format!("{package} \u{1b}[31mred")),
        repo_url: None,
        symbol_count: 7,
        chunk_count: 1,
        embedding_model: "m".to_string(),
        indexed_at_ms: None,
    };
    assert_eq!(catalog.finish(&[finished], "test").await.unwrap(), [Ok(None)]);
}

#[test]
fn who_signs_in_finds_what_is_shared_and_keeps_it_offline() {
    let Some(service) = Service::start() else { return };
    assert!(service.packages().is_empty());
    assert_eq!(service.run(&["sync"]).code, Some(1), "there is nobody to synchronise for");

    let token = service.token();
    let said = service.login(token.expose_secret()).ok();
    assert!(said.out.contains("user_olive") && said.out.contains("org_acme"), "{said:#?}");
    assert!(service.packages().is_empty(), "nothing is fetched before it is asked for");

    let synced = service.run(&["sync", "--json"]).ok();
    assert_eq!(synced.each("database"), ["global", "team org_acme", "own"]);
    assert_eq!(synced.each("error"), ["null", "null", "null"]);
    // Of the global database what the project builds on; of the others all that is hers.
    let shared = ["her-own", "shared-by-all", "team-only"];
    assert_eq!(service.packages(), shared);
    let listed = service.run(&["packages"]).ok();
    assert!(listed.out.contains("not on this machine") && !listed.out.contains('\u{1b}'), "{listed:#?}");

    let who = service.run(&["whoami", "--json"]).ok();
    assert_eq!(
        (who.each("subject"), who.each("organisation")),
        (vec!["user_olive".into()], vec!["org_acme".into()])
    );
    assert_eq!(who.each("credentials"), ["file"]);

    service.runtime.block_on(async { service.lab.server().unwrap().down().await });
    assert_eq!(service.packages(), shared, "offline");
    let failed = service.run(&["sync", "--deadline", "3", "--json"]);
    assert_eq!(failed.code, Some(1));
    assert!(failed.each("error").iter().all(|error| error != "null"), "{failed:#?}");
    assert_eq!(service.packages(), shared, "after a sync that failed");
    let who = service.run(&["whoami"]).ok();
    assert!(who.out.contains("the last attempt failed"), "{who:#?}");

    assert!(service.run(&["logout"]).ok().out.contains("signed out"));
    assert!(service.packages().is_empty(), "what was shared goes with the session");
    assert_eq!(service.run(&["whoami", "--json"]).ok().each("subject"), ["local"]);
}

#[test]
fn what_was_indexed_before_signing_in_stays_ones_own() {
    let Some(service) = Service::start() else { return };
    service.place.write("code/src/lib.rs", "/// Mine alone.\npub fn mine_alone() {}\n");
    service.run(&["index", "code"]).ok();
    let found =
        |service: &Service| service.run(&["search", "mine_alone", "--all", "--json"]).ok().each("name");
    assert_eq!(found(&service), ["mine_alone"]);
    service.login(service.token().expose_secret()).ok();
    assert_eq!(found(&service), ["mine_alone"]);
    service.run(&["logout"]).ok();
    assert_eq!(found(&service), ["mine_alone"]);
}

#[test]
fn a_token_that_is_refused_changes_nothing_and_is_never_shown() {
    let Some(service) = Service::start() else { return };
    service.login(service.token().expose_secret()).ok();
    for forgery in [Forgery::Expired, Forgery::ForeignKey, Forgery::AlgorithmNone] {
        let forged = service.lab.issuer().forge(forgery, &Person::new("user_mallory")).unwrap();
        let refused = service.login(forged.expose_secret());
        assert_eq!(refused.code, Some(1), "{forgery:?}");
        for part in forged.expose_secret().split('.').filter(|part| !part.is_empty()) {
            assert!(!refused.err.contains(part) && !refused.out.contains(part), "{refused:#?}");
        }
    }
    assert_eq!(service.run(&["whoami", "--json"]).ok().each("subject"), ["user_olive"]);
    let kept = std::fs::read_to_string(service.place.data().join("session.json")).unwrap();
    let secrets = std::fs::read_to_string(service.place.data().join("credentials.json")).unwrap();
    let secrets: serde_json::Value = serde_json::from_str(&secrets).unwrap();
    for token in secrets.as_object().unwrap().values() {
        assert!(!kept.contains(token.as_str().unwrap()), "the session's file holds no secret");
    }
}

#[test]
fn a_damaged_replica_is_set_aside_and_fetched_anew() {
    let Some(service) = Service::start() else { return };
    service.login(service.token().expose_secret()).ok();
    service.run(&["sync"]).ok();
    let before = service.packages();
    let replicas = service.place.data().join("replicas");
    let folder = std::fs::read_dir(&replicas).unwrap().next().unwrap().unwrap().path();
    std::fs::write(folder.join("global.db"), "no database at all, and longer than its header is".repeat(200))
        .unwrap();
    let without: Vec<String> = before.iter().filter(|name| *name != "shared-by-all").cloned().collect();
    assert_eq!(service.packages(), without, "the others are read all the same");
    let synced = service.run(&["sync", "--json"]).ok();
    assert_eq!(synced.each("fetched_anew"), ["true", "false", "false"]);
    assert_eq!(service.packages(), before);
}
