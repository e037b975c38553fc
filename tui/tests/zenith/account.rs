//! Signing in, synchronising and signing out against a real server and issuer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::Runtime;
use zenith_core::catalog::{Catalog, Finished, Replica};
use zenith_core::identity::{Identity, Scope};
use zenith_core::lake::Lake;
use zenith_core::package::PackageId;
use zenith_core::tenancy::Tenant;
use zenith_harness::issuer::{Behaviour, Forgery, Person};
use zenith_harness::lab::{Lab, LabDatabase, LabService, ServiceOptions};

use crate::odd::{OddServer, answer};
use crate::screen::in_terminal;
use crate::support::{Place, Run, local_lab, run_with_input};

/// A lab with the three databases of somebody, and a service that opens them.
struct Service {
    runtime: Runtime,
    lab: Arc<Lab>,
    service: LabService,
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
        let service = runtime.block_on(lab.service(ServiceOptions::default())).unwrap();
        let service = Service { runtime, lab, service, place: Place::new() };
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
            let (organisation, user) =
                (Tenant::Organisation("org_acme".into()), Tenant::User("user_olive".into()));
            for (tenant, scope, package) in [
                (&Tenant::Global, Scope::Public, "shared-by-all"),
                (&Tenant::Global, Scope::Public, "elsewhere"),
                (&organisation, Scope::Team("org_acme".into()), "team-only"),
                (&user, Scope::Private("user_olive".into()), "her-own"),
                // In the wrong database: the predicate is the second fence.
                (&user, Scope::Private("user_otto".into()), "of-somebody-else"),
            ] {
                put(&self.service.database(tenant).await.unwrap(), &scope, package).await;
            }
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
        let mut command = self.place.command(&["login", self.service.url().as_str()]);
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

impl Service {
    /// Offers the databases at an address from now on.
    fn offer(&self, url: &str) {
        self.service.reach_databases_at(url.parse().unwrap());
    }
}

/// Tells the readers to stop.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Somebody's explorer beside somebody's sync: readers come and go, and neither hinders the other.
#[test]
fn who_reads_a_copy_does_not_hinder_its_sync() {
    let Some(service) = Service::start() else { return };
    let replica = Replica::at(service.place.data().join("busy.db"));
    let (server, catalog) = service.runtime.block_on(async {
        let database = service.lab.database("busy").await.unwrap();
        put(&database, &Scope::Public, "first").await;
        (database.server().unwrap().clone(), database.catalog().await.unwrap())
    });
    let sync = || service.runtime.block_on(replica.sync(&server, Duration::from_secs(20))).unwrap();
    sync();
    let ended = AtomicBool::new(false);
    let read = || {
        let runtime = Runtime::new().unwrap();
        let mut reads = 0;
        while !ended.load(Ordering::Relaxed) {
            let catalog = runtime.block_on(replica.catalog()).unwrap().unwrap();
            runtime.block_on(catalog.packages(&Identity::Anonymous)).unwrap();
            reads += 1;
        }
        reads
    };
    std::thread::scope(|threads| {
        // Also where a sync fails, so that nobody reads for ever.
        let end = Ends(&ended);
        let readers: Vec<_> = (0..3).map(|_| threads.spawn(read)).collect();
        for round in 0..40 {
            let id = PackageId::rust(format!("package-{round}"), "1.0.0").unwrap();
            let claim = catalog.claim(&Scope::Public, std::slice::from_ref(&id), "test", false, |_| false);
            service.runtime.block_on(claim).unwrap();
            assert!(!sync().fetched_anew, "round {round}");
        }
        drop(end);
        assert!(readers.into_iter().all(|reader| reader.join().unwrap() > 0));
    });
}

/// What a proxy, a sign-in page or a provider may answer in place of a database, quoting what it was sent.
#[test]
fn no_answer_of_a_server_is_repeated_and_each_is_told_for_what_it_is() {
    let Some(service) = Service::start() else { return };
    service.place.write("code/src/lib.rs", "/// Ours.\npub fn ours() {}\n");
    let page = |status: &'static str, rest: &'static [u8]| {
        OddServer::start(move |request| {
            let page = format!("<html>\u{1b}[31m you sent: {request}").into_bytes();
            answer(status, "text/html", &[&page, rest].concat())
        })
    };
    for (status, rest, sign) in [
        ("200 OK", &b""[..], "no database"),
        ("302 Found", b"", "sign-in page"),
        ("400 Bad Request", b"", "address of a database"),
        ("401 Unauthorized", b"", "zenith login"),
        ("403 Forbidden", b"", "ask whoever"),
        ("404 Not Found", b"", "no such database"),
        ("429 Too Many Requests", b"", "too much to do"),
        ("502 Bad Gateway", b"", "in trouble"),
        // In another encoding, as some proxies write.
        ("502 Bad Gateway", b"\xff\xfe\xe9", "no database"),
    ] {
        let odd = page(status, rest);
        service.offer(&odd.url());
        service.login(service.token().expose_secret()).ok();
        service.run(&["index", "code", "--tier", "team"]).ok();
        let secrets = std::fs::read_to_string(service.place.data().join("credentials.json")).unwrap();
        let secrets: serde_json::Value = serde_json::from_str(&secrets).unwrap();
        let token = secrets["team-org_acme"].as_str().unwrap().to_string();
        let mut push = service.place.command(&["push"]);
        push.env("ZENITH_CREDENTIALS", "file").env("ZENITH_STORE", service.place.data().join("shared"));
        let [synced, who, pushed] = [
            service.run(&["sync", "--deadline", "8"]),
            service.run(&["whoami"]),
            Run::of(push.output().unwrap()),
        ];
        for run in [&synced, &who, &pushed] {
            let told = format!("{}{}", run.out, run.err);
            for part in token.split('.').chain(["<html", "you sent", "\u{1b}", "bytes: ["]) {
                assert!(!told.contains(part), "{status}: {part}: {run:#?}");
            }
        }
        assert_eq!((synced.code, pushed.code), (Some(1), Some(1)), "{status}: {pushed:#?}");
        assert!(synced.out.contains(sign) && pushed.err.contains(sign), "{status}: {synced:#?} {pushed:#?}");
        assert!(odd.asked() > 0);
        service.run(&["logout"]).ok();
    }
}

#[test]
fn a_sign_out_says_what_it_could_not_remove() {
    let Some(service) = Service::start() else { return };
    service.login(service.token().expose_secret()).ok();
    std::fs::write(service.place.data().join("replicas"), "in the way").unwrap();
    let out = service.run(&["logout"]);
    assert!(out.code == Some(1) && out.err.contains("could not be removed"), "{out:#?}");
    assert_eq!(service.run(&["whoami", "--json"]).ok().each("subject"), ["local"], "and nobody is signed in");
}

#[test]
fn a_server_that_is_not_there_is_told_from_one_that_is_silent() {
    let Some(service) = Service::start() else { return };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    service.offer(&url);
    service.login(service.token().expose_secret()).ok();
    let silent = service.run(&["sync", "--deadline", "2"]);
    assert!(silent.code == Some(1) && silent.out.contains("did not answer"), "{silent:#?}");
    drop(listener);
    let gone = service.run(&["sync", "--deadline", "2"]);
    assert!(gone.code == Some(1) && gone.out.contains("nothing listens"), "{gone:#?}");
    service.offer("https://no-such-host.invalid");
    service.login(service.token().expose_secret()).ok();
    let unknown = service.run(&["sync", "--deadline", "8"]);
    assert!(unknown.code == Some(1) && !unknown.out.contains("handshake"), "{unknown:#?}");
}

/// What a lying service offers is refused before whoever is signed in is replaced.
#[test]
fn a_grant_without_a_host_replaces_nobody() {
    let Some(service) = Service::start() else { return };
    service.login(service.token().expose_secret()).ok();
    for url in ["libsql:nowhere", "libsql:///nowhere", "https://user:secret@a.example"] {
        service.offer(url);
        let refused = service.login(service.token().expose_secret());
        assert!(refused.code == Some(1) && refused.err.contains("address"), "{url}: {refused:#?}");
        assert!(!refused.err.contains("panicked"), "{refused:#?}");
        let who = service.run(&["whoami", "--json"]).ok();
        assert_eq!(who.json()[0]["databases"].as_array().unwrap().len(), 3, "{url}");
    }
}

/// The host that did not answer is named, which need not be the one that was typed.
#[test]
fn a_login_that_fails_names_the_host_that_failed() {
    let Some(service) = Service::start() else { return };
    let issuer = service.lab.issuer().url().to_string();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let login = |issuer: &str, exchange: &str| {
        let document = format!(r#"{{"issuer": "{issuer}", "kind": "clerk", "exchange": "{exchange}"}}"#);
        let odd = OddServer::start(move |_| answer("200 OK", "application/json", document.as_bytes()));
        let mut command = service.place.command(&["login", &odd.url()]);
        command.env("ZENITH_CREDENTIALS", "file");
        let failed = run_with_input(command, service.token().expose_secret());
        assert_eq!(failed.code, Some(1), "{failed:#?}");
        (failed.err, odd.port)
    };
    let (told, port) = login(&format!("{issuer}clerk"), &format!("http://{gone}/exchange"));
    assert!(told.contains(&gone.to_string()) && told.contains("nothing listens"), "{told}");
    assert!(!told.contains(&format!(":{port}")), "{told}");
    service.lab.issuer().behave(Behaviour::Down);
    let (told, port) = login(&format!("{issuer}clerk"), &format!("http://{gone}/exchange"));
    let host = issuer.trim_start_matches("http://").trim_end_matches('/');
    assert!(told.contains("the keys of") && told.contains(host), "{told}");
    assert!(!told.contains(&format!(":{port}")), "{told}");
}

/// A keyring that takes questions and never answers, as a locked one does where nobody sits.
#[cfg(unix)]
#[test]
fn a_silent_keyring_is_not_waited_for() {
    use std::io::Read;
    use std::os::unix::net::UnixListener;
    use std::sync::atomic::AtomicUsize;

    let Some(service) = Service::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let bus = folder.path().join("bus");
    let listener = UnixListener::bind(&bus).unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            count.fetch_add(1, Ordering::SeqCst);
            std::thread::spawn(move || {
                let mut buffer = [0; 1024];
                while stream.read(&mut buffer).is_ok_and(|read| read > 0) {}
            });
        }
    });
    let command = |arguments: &[&str]| {
        let mut command = service.place.command(arguments);
        command.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", bus.display()));
        command.env_remove("ZENITH_CREDENTIALS");
        command
    };
    let whoami = || Run::of(command(&["whoami", "--json"]).output().unwrap()).ok();
    assert_eq!(whoami().each("credentials"), ["null"]);
    assert_eq!(asked.load(Ordering::SeqCst), 0, "nobody's secrets were looked for");

    let url = service.service.url().as_str();
    let said = run_with_input(command(&["login", url]), service.token().expose_secret()).ok();
    assert!(said.out.contains("the keyring did not answer") && said.out.contains("file"), "{said:#?}");
    let before = asked.load(Ordering::SeqCst);
    assert!(before > 0);
    assert_eq!(whoami().each("credentials"), ["file"]);
    assert_eq!(asked.load(Ordering::SeqCst), before, "the file has them");
}

/// From the lines that one types to the copies of what is shared, within one screen; the token is never drawn.
#[cfg(unix)]
#[test]
fn one_signs_in_and_synchronises_in_the_explorer() {
    let Some(service) = Service::start() else { return };
    let (url, token) = (service.service.url().to_string(), service.token());
    let signs_in = format!("{url}\r\u{1b}[200~{}\n\u{1b}[201~\r", token.expose_secret());
    let mut program = service.place.command(&[]);
    program.env("ZENITH_CREDENTIALS", "file");
    // Single words: a blank that was blank before is not written.
    let steps = [
        ("should", "\u{1b}4"),
        ("nobody", "l"),
        ("browser", &*signs_in),
        ("Organisation", "s"),
        ("synchronised:", "q"),
    ];
    let (code, written) = in_terminal(&program, steps);
    assert_eq!(code, Some(0), "{written}");
    for part in token.expose_secret().split('.') {
        assert!(!written.contains(part), "the token is on the screen");
    }
    assert_eq!(service.packages(), ["her-own", "shared-by-all", "team-only"]);
}

/// A store that is a folder: what was exported is told where it lies, and one that is not there is not made.
#[test]
fn the_explorer_tells_how_the_store_stands() {
    let place = Place::with_workspace(3);
    let store = place.data().join("shared");
    let run = |arguments: &[&str]| {
        let mut command = place.command(arguments);
        command.env("ZENITH_STORE", &store);
        command
    };
    let (code, written) = in_terminal(&run(&[]), [("3 packages", "\u{1b}4"), ("look into", "q")]);
    assert!(code == Some(0) && !store.exists(), "{written}");
    Run::of(run(&["export", "--tier", "private"]).output().unwrap()).ok();
    // It begins where it ended.
    let (code, written) = in_terminal(&run(&[]), [("exported", "q")]);
    assert_eq!(code, Some(0), "{written}");
    assert!(written.contains("private/local") && written.contains("within"), "{written}");
}
