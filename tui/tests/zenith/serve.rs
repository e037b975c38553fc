//! A team's story, from the commands that they and whoever runs their service would type.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::instances::{self, CANARY, FAQ};
use crate::serving::Serving;
use crate::support::{Place, Run, interrupt, run_with_input};

/// `zenith serve --try` as a process, and whoever runs it.
struct Service {
    admin: Place,
    child: Child,
    url: String,
    tokens: Vec<PathBuf>,
}

impl Service {
    /// `None` where there is no sqld on this machine and nobody requires it.
    fn start(admin: Place) -> Option<Service> {
        let mut command = admin.command(&["serve", "--try", "--json"]);
        command.args(["--listen", "127.0.0.1:0", "--databases", "127.0.0.1:0"]);
        let log = std::fs::File::create(admin.project().join("serve.log")).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        if ready.is_empty() {
            child.wait().unwrap();
            let told = std::fs::read_to_string(admin.project().join("serve.log")).unwrap();
            let is_required = std::env::var_os("CI").is_some();
            assert!(!is_required && told.contains("sqld"), "{told}");
            return None;
        }
        let ready: Value = serde_json::from_str(&ready).unwrap();
        let tokens = ready["members"].as_array().unwrap().iter();
        let tokens = tokens.map(|member| PathBuf::from(member["token"].as_str().unwrap())).collect();
        Some(Service { admin, child, url: ready["url"].as_str().unwrap().to_string(), tokens })
    }

    fn admin(&self, arguments: &[&str]) -> Run {
        self.admin.run(arguments)
    }

    fn login(&self, place: &Place, member: usize) -> Run {
        let mut command = place.command(&["login", &self.url]);
        command.env("ZENITH_CREDENTIALS", "file");
        run_with_input(command, &std::fs::read_to_string(&self.tokens[member]).unwrap())
    }

    /// Ends as Ctrl-C ends it.
    fn end(mut self) -> Place {
        interrupt(self.child.id());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        std::mem::replace(&mut self.admin, Place::new())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(place: &Place, arguments: &[&str]) -> Run {
    Run::of(place.command(arguments).env("ZENITH_CREDENTIALS", "file").output().unwrap())
}

fn found(place: &Place) -> Vec<String> {
    run(place, &["search", "blue door", "--all", "--local", "--json"]).ok().each("tier")
}

#[test]
fn two_members_share_an_index_through_a_service_of_one_command() {
    let Some(service) = Service::start(Place::new()) else { return };
    let (ada, ben) = (Place::new(), Place::new());
    ada.write("Cargo.toml", "[package]\nname = \"house-lib\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    ada.write("src/lib.rs", "//! The house.\n/// Opens the blue door.\npub fn open_door() {}\n");
    assert!(service.login(&ada, 0).ok().out.contains("user_ada"));
    run(&ada, &["index", "--tier", "team", "."]).ok();
    run(&ada, &["push"]).ok();

    assert!(service.login(&ben, 1).ok().out.contains("user_ben"));
    assert!(found(&ben).is_empty());
    run(&ben, &["sync"]).ok();
    run(&ben, &["pull", "--all"]).ok();
    assert_eq!(found(&ben)[0], "team");
    let anothers = run(&ben, &["unpush", "house-lib"]);
    assert!(
        anothers.code == Some(1) && anothers.err.contains("not indexed on this machine"),
        "{anothers:#?}"
    );
    run(&ben, &["unpush", "house-lib", "--yes"]).ok();
    run(&ada, &["push"]).ok();

    // What they run it with is told what stands, and nobody's token.
    let status = service.admin(&["tenant", "status", "--json"]).ok();
    assert_eq!(status.json()[0]["ready"], 6, "everyone's, the team's, two members' own and their workspaces");
    let one = service.admin(&["tenant", "status", "team/org_trial", "--json"]).ok();
    assert_eq!(one.each("state"), ["ready"]);

    assert!(
        standing(&ben, "ok")
            .iter()
            .any(|what| what.ends_with("answers; you are user_ben of org_trial there"))
    );
    assert_eq!(standing(&ben, "ok").len(), 5, "the service, and four databases that take the token");

    // A leak: every token of the team's database is worth nothing at once, the others go on.
    service.admin(&["tenant", "revoke", "team/org_trial"]).ok();
    let synced = run(&ben, &["sync", "--json"]);
    assert_eq!(synced.code, Some(1));
    let errors = synced.each("error");
    assert!(errors[1].contains("did not accept the token"), "{errors:?}");
    assert_eq!((errors[0].as_str(), errors[2].as_str()), ("null", "null"));
    let away = standing(&ben, "away");
    assert!(away.len() == 1 && away[0].contains("team org_trial database"), "{away:?}");
    assert!(away[0].contains("`zenith login` signs in again"), "{away:?}");
    service.login(&ben, 1).ok();
    run(&ben, &["sync"]).ok();
    assert!(standing(&ben, "away").is_empty());

    // Nobody gets in while a member is suspended, not by what they held either, and what they had is there again.
    let suspended = service.admin(&["tenant", "suspend", "user_ben"]).ok();
    assert!(
        suspended.out.contains("720 minutes at most") && suspended.out.contains("revoke team/"),
        "{suspended:#?}"
    );
    let held = run(&ben, &["sync", "--json"]).each("error");
    assert!(held[2].contains("was taken back") && held[2].contains("or says why not"), "{held:?}");
    let listed = service.admin(&["tenant", "list", "--json"]).ok();
    assert!(listed.json().iter().any(|one| one["tenant"] == "user_ben" && one["state"] == "suspended"));
    assert!(service.admin(&["tenant", "list"]).ok().out.contains("user_ben  suspended  no limit  since 20"));
    let refused = service.login(&ben, 1);
    // In the service's own words.
    assert!(refused.code == Some(1) && refused.err.contains("says: user_ben is suspended"), "{refused:#?}");
    service.admin(&["tenant", "resume", "user_ben"]).ok();
    service.login(&ben, 1).ok();

    // It is ended and started again: the same databases, the same members.
    let before = service.admin(&["tenant", "status", "user_ada", "--json"]).ok().each("database");
    let admin = service.end();
    let beside = Run::of(admin.command(&["tenant", "status", "--json"]).output().unwrap()).ok();
    assert_eq!(beside.each("provider_error"), ["null"], "also while the service does not run");
    let service = Service::start(admin).unwrap();
    service.login(&ada, 0).ok();
    assert_eq!(service.admin(&["tenant", "status", "user_ada", "--json"]).ok().each("database"), before);
    run(&ada, &["push"]).ok();

    // What is theirs is handed to them as a file, and brought back to them alone.
    let copy = |of: &str, file: &str| service.admin(&["tenant", "export", of, file, "--json"]).ok();
    let exported = copy("team/org_trial", "team.db");
    assert_eq!(exported.json()[0]["rows"]["indexed_packages"], 1);
    let again = service.admin(&["tenant", "export", "user_ada", "team.db"]);
    assert!(again.code == Some(1) && again.err.contains("team.db is there already"), "{again:#?}");
    let none = service.admin(&["tenant", "import", "user_ada", "serve.log"]);
    assert!(none.code == Some(1) && none.err.contains("serve.log is no export"), "{none:#?}");
    let foreign = service.admin(&["tenant", "import", "user_ada", "team.db"]);
    assert!(foreign.code == Some(1) && foreign.err.contains("another's stamp"), "{foreign:#?}");
    service.admin(&["tenant", "import", "team/org_trial", "team.db"]).ok();
    assert_eq!(copy("team/org_trial", "again.db").each("hash"), exported.each("hash"));

    let asked = service.admin(&["tenant", "erase", "user_ada"]);
    assert!(asked.code == Some(1) && asked.err.contains("--yes"), "{asked:#?}");
    service.admin(&["tenant", "erase", "user_ada", "--yes"]).ok();
    let gone = service.admin(&["tenant", "status", "user_ada"]);
    assert!(gone.code == Some(1) && gone.err.contains("no database"), "{gone:#?}");
    service.login(&ada, 0).ok();
    let anew = service.admin(&["tenant", "status", "user_ada", "--json"]).ok().each("database");
    assert_ne!(anew, before, "a name is never used again");

    let log = std::fs::read_to_string(service.admin.project().join("serve.log")).unwrap();
    for token in &service.tokens {
        for part in std::fs::read_to_string(token).unwrap().trim().split('.') {
            assert!(!log.contains(part), "a token is in the log");
        }
    }
}

#[test]
fn a_users_instance_lives_in_their_workspace_and_in_no_file() {
    let Some(service) = Service::start(Place::new()) else { return };
    let ada = instances::author();
    service.login(&ada, 0).ok();
    let edit = |id: &str, config: &str| {
        let mut command = ada.command(&["instance", "edit", id, "-"]);
        command.env("ZENITH_CREDENTIALS", "file");
        run_with_input(command, config)
    };
    edit("wgt_faq_u_mine", &FAQ.replace("Questions", CANARY)).ok();
    edit("wgt_main_faq", FAQ).ok();
    run(&ada, &["jobs", "add", "greet", "@yearly", "--", "echo", "hello"]).ok();
    let shown = run(&ada, &["instance", "show", "wgt_faq_u_mine", "--json"]).ok();
    assert_eq!(shown.json()[0]["content"]["title"], CANARY);
    let synced = run(&ada, &["sync", "--json"]).ok();
    assert_eq!(synced.each("database"), ["global", "team org_trial", "own"], "a workspace is not copied");
    for (path, bytes) in instances::files(&ada.data()) {
        assert!(!bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()), "{path}");
    }
    // Another member of the team has a workspace of their own.
    let ben = instances::author();
    service.login(&ben, 1).ok();
    assert_eq!(run(&ben, &["instance", "show", "wgt_faq_u_mine"]).code, Some(1));

    // Who runs the service does to a user's workspace what is done to the user.
    let state = |of: &str| service.admin(&["tenant", "status", of, "--json"]).each("state");
    service.admin(&["tenant", "suspend", "user_ada"]).ok();
    assert_eq!(
        (state("user_ada"), state("workspace/user_ada")),
        (vec!["suspended".into()], vec!["suspended".into()])
    );
    service.admin(&["tenant", "resume", "user_ada"]).ok();
    service.admin(&["tenant", "revoke", "user_ada"]).ok();
    assert_eq!(
        run(&ada, &["instance", "show", "wgt_faq_u_mine"]).code,
        Some(1),
        "its tokens are worth nothing"
    );
    service.admin(&["tenant", "erase", "user_ada", "--yes"]).ok();
    let gone = service.admin(&["tenant", "status", "workspace/user_ada"]);
    assert!(gone.code == Some(1) && gone.err.contains("no database"), "{gone:#?}");
}

/// What the doctor says of the service and its databases, of those that stand so.
fn standing(place: &Place, state: &str) -> Vec<String> {
    let told = run(place, &["doctor", "--json"]).ok().json();
    let of_service = told.iter().filter(|told| told["part"] == "service" && told["state"] == state);
    of_service.map(|told| told["what"].as_str().unwrap().to_string()).collect()
}

#[test]
fn who_runs_a_service_changes_its_key_and_looks_after_its_databases() {
    let Some(service) = Service::start(Place::new()) else { return };
    let ada = Place::new();
    service.login(&ada, 0).ok();
    let database = |admin: &Place| {
        let status = admin.command(&["tenant", "status", "user_ada", "--json"]).output().unwrap();
        Run::of(status).ok().json()[0].clone()
    };
    let before = database(&service.admin);
    service.admin(&["tenant", "limit", "user_ada", "5"]).ok();
    assert_eq!(database(&service.admin)["quota_bytes"], 5 << 20);
    assert_eq!(service.admin(&["tenant", "sweep", "--json"]).ok().json()[0]["current"], 4);
    let runs = service.admin(&["tenant", "rekey"]);
    assert!(runs.code == Some(1) && runs.err.contains("stop it first"), "{runs:#?}");

    let admin = service.end();
    assert_eq!(standing(&ada, "away").len(), 5, "nobody answers");
    assert!(standing(&ada, "away")[0].contains("you are user_ada of org_trial there, but"));
    let folder = admin.data().join("service");
    let key = || std::fs::read_to_string(folder.join("tenancy.key")).unwrap();
    // Its databases are reached by what members call them.
    admin.write(
        "named.toml",
        &format!(
            "folder = {folder:?}\n[databases]\nlisten = \"127.0.0.1:0\"\nurl = \"https://db.zenith.example\"\n"
        ),
    );
    admin.run(&["tenant", "--config", "named.toml", "status"]).ok();
    let reached: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("databases/admin.json")).unwrap()).unwrap();
    assert_eq!(reached["url"], "https://db.zenith.example/");

    let old = key();
    let changed = admin.run(&["tenant", "rekey", "--json"]).ok().json()[0].clone();
    let expected = serde_json::json!({"key": 2, "changed": 4, "unused": [1], "in_folder": true});
    assert_eq!(changed, expected);
    let lines: Vec<String> = key().lines().map(String::from).collect();
    assert!(lines.len() == 2 && lines[0] == "-" && lines[1] != old.trim(), "the old one is gone");
    assert!(admin.run(&["tenant", "rekey"]).ok().out.contains("sealed with key 3 now"), "it may be repeated");

    // What is wrong with a tenant's schema is told until it is mended.
    let wrong = "UPDATE user_databases SET schema_error = 'a view stands where a table should' \
                 WHERE user_id = 'user_ada'";
    let registry = folder.join("registry.db");
    let program =
        format!("import sqlite3; c = sqlite3.connect({registry:?}); c.execute({wrong:?}); c.commit()");
    assert!(Command::new("python3").args(["-c", &program]).status().unwrap().success());
    let status = admin.run(&["tenant", "status"]);
    assert!(status.code == Some(1) && status.out.contains("user_ada: a view stands"), "{status:#?}");

    let service = Service::start(admin).unwrap();
    service.login(&ada, 0).ok();
    run(&ada, &["sync"]).ok();
    assert_eq!(database(&service.admin)["database"], before["database"], "the same, under the new key");
    service.admin(&["tenant", "sweep"]).ok();
    assert!(!service.admin(&["tenant", "status"]).ok().out.contains("brought up to date"), "it is mended");

    // With the old key alone nothing opens, and whoever looks is told.
    let admin = service.end();
    std::fs::write(folder.join("tenancy.key"), &old).unwrap();
    let status = admin.run(&["tenant", "status", "--json"]);
    assert!(status.code == Some(1) && status.each("keys_error")[0].contains("key 3"), "{status:#?}");
    let serve = admin.run(&["serve", "--try", "--listen", "127.0.0.1:0", "--databases", "127.0.0.1:0"]);
    assert!(serve.code == Some(1) && serve.err.contains("bring the right key back"), "{serve:#?}");
    // Without one, nobody makes another: what is sealed would be lost to it.
    std::fs::remove_file(folder.join("tenancy.key")).unwrap();
    for command in [&["tenant", "status"][..], &["serve", "--try", "--listen", "127.0.0.1:0"]] {
        let told = admin.run(command);
        assert!(told.code == Some(1) && told.err.contains("tenancy.key is not there"), "{told:#?}");
        assert!(!folder.join("tenancy.key").exists());
    }
}

/// Every token of a member's database is taken back while their machine serves their jobs. They sign in again, elsewhere,
/// and it goes on; somebody else signs in, and it ends.
#[test]
fn whoever_serves_jobs_goes_on_with_a_new_sign_in() {
    let Some(service) = Service::start(Place::new()) else { return };
    let ada = Place::new();
    service.login(&ada, 0).ok();
    run(&ada, &["jobs", "add", "greet", "@yearly", "--", "echo", "hello"]).ok();
    let mut serving = ada.command(&["jobs", "serve", "--json"]);
    serving.env("ZENITH_CREDENTIALS", "file");
    let serving = Serving::start(serving);
    serving.until("scheduling");
    service.admin(&["tenant", "revoke", "user_ada"]).ok();
    assert_eq!(run(&ada, &["jobs"]).code, Some(1), "the token is worth nothing");
    let session = || -> Value {
        serde_json::from_str(&std::fs::read_to_string(ada.data().join("session.json")).unwrap()).unwrap()
    };
    let first = session()["signed_in_at"].clone();
    service.login(&ada, 0).ok();
    // As it is where it takes less than a second.
    let mut again = session();
    again["signed_in_at"] = first;
    std::fs::write(ada.data().join("session.json"), again.to_string()).unwrap();
    serving.until("signed-in");
    // It keeps its lease again, by the new token.
    let is_served = || run(&ada, &["jobs"]).ok().out.contains("(process ");
    assert!((0..500).any(|_| is_served()));
    let asked = run(&ada, &["jobs", "run", "greet"]).ok();
    assert!(asked.out.contains("runs it"), "{asked:#?}");
    assert_eq!(serving.until("ended")["status"], "succeeded");

    service.login(&ada, 1).ok();
    let ended = serving.ended();
    assert!(ended.code == Some(1) && ended.err.contains("no longer those"), "{ended:#?}");
}

/// Its statement, and the server that works at it, end with the service.
#[test]
fn a_service_ends_although_a_members_statement_never_does() {
    let Some(service) = Service::start(Place::new()) else { return };
    let ada = Place::new();
    service.login(&ada, 0).ok();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    run(&ada, &["jobs", "add", "endless", "@yearly", "--sql", endless]).ok();
    run(&ada, &["jobs", "run", "endless", "--no-wait"]).ok();
    let runs = || run(&ada, &["jobs", "runs", "endless", "--json"]).ok().each("status") == ["running"];
    assert!((0..500).any(|_| runs()));
    service.end();
}

#[test]
fn a_server_of_databases_that_dies_is_started_again_and_outlives_nobody() {
    let Some(service) = Service::start(Place::new()) else { return };
    let ada = Place::new();
    service.login(&ada, 0).ok();
    let servers = || -> Vec<u32> {
        let listed = Command::new("pgrep").args(["-P", &service.child.id().to_string()]).output().unwrap();
        String::from_utf8(listed.stdout).unwrap().lines().map(|pid| pid.parse().unwrap()).collect()
    };
    let first = servers();
    assert_eq!(first.len(), 1);
    assert!(Command::new("kill").args(["-KILL", &first[0].to_string()]).status().unwrap().success());
    let synced = || run(&ada, &["sync", "--json"]).code == Some(0);
    assert!((0..200).any(|_| synced()), "it comes up again, where members knew it");
    let second = servers();
    assert!(second.len() == 1 && second != first, "{second:?}");
    let mut service = service;
    service.child.kill().unwrap();
    service.child.wait().unwrap();
    let is_gone = || !std::path::Path::new(&format!("/proc/{}", second[0])).exists();
    // The kernel ends it; whoever reaps it may be a moment late.
    assert!((0..2000).any(|_| {
        std::thread::yield_now();
        is_gone()
            || std::fs::read_to_string(format!("/proc/{}/stat", second[0])).is_ok_and(|s| s.contains(") Z "))
    }));
}

#[test]
fn a_service_that_cannot_start_says_what_to_do() {
    let admin = Place::new();
    let started = admin.run(&["serve"]);
    assert!(started.code == Some(1) && started.err.contains("issuer"), "{started:#?}");
    let public = admin.run(&["serve", "--try", "--listen", "0.0.0.0:0"]);
    assert!(public.code == Some(1) && public.err.contains("this machine"), "{public:#?}");
    admin.write("serve.toml", "publishers = 7");
    let mistyped = admin.run(&["serve", "--config", "serve.toml"]);
    assert!(mistyped.code == Some(1) && mistyped.err.contains("publishers"), "{mistyped:#?}");
    let nothing = admin.run(&["tenant", "status"]);
    assert!(nothing.code == Some(1) && nothing.err.contains("zenith serve"), "{nothing:#?}");
}
