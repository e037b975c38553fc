//! The service's answers: to bad tokens, bad requests, parts that are away.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Method, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use zenith_core::config::SignupPolicy;
use zenith_core::identity::service::{Access, ExchangeAnswer, GrantRole};
use zenith_core::identity::{Identity, IssuerKind};
use zenith_core::jobs::{RunStatus, Store};
use zenith_core::tenancy::{KeyRing, Registry, SqldProvider, Tenancy, Tenant, Terms};
use zenith_harness::issuer::{Behaviour, Forgery, Person};
use zenith_harness::lab::{Lab, LabDatabase, LabService, Manner, ServiceOptions};

use crate::looked_after::{sql, store_of};
use crate::support::{Place, Run, local_lab};

const HOUR: Duration = Duration::from_secs(60 * 60);

fn ada() -> Person {
    Person::new("user_ada").of("org_engine", "engine", "admin")
}

pub struct Asked {
    pub runtime: Runtime,
    pub lab: Arc<Lab>,
    pub service: LabService,
}

impl Asked {
    pub fn start(options: ServiceOptions) -> Option<Asked> {
        let runtime = Runtime::new().unwrap();
        let lab = local_lab(&runtime)?;
        let service = runtime.block_on(lab.service(options)).unwrap();
        Some(Asked { runtime, lab, service })
    }

    pub fn ask(&self, method: Method, path: &str, token: Option<&SecretString>, body: Vec<u8>) -> Response {
        let client = Client::builder().no_proxy().build().unwrap();
        let mut request = client.request(method, self.service.url().join(path).unwrap()).body(body);
        if let Some(token) = token {
            request = request.bearer_auth(token.expose_secret());
        }
        self.runtime.block_on(request.send()).unwrap()
    }

    pub fn exchange(&self, token: &SecretString) -> Response {
        self.ask(Method::POST, "/exchange", Some(token), Vec::new())
    }

    pub fn json(&self, response: Response) -> Value {
        self.runtime.block_on(response.json()).unwrap()
    }

    pub fn token(&self) -> SecretString {
        self.lab.issuer().mint_clerk_v2(&ada(), HOUR).unwrap()
    }

    /// The status, and the reason that programs read.
    pub fn refused(&self, response: Response) -> (u16, String) {
        let status = response.status().as_u16();
        let body = self.json(response);
        assert!(!body["error"].as_str().unwrap().is_empty());
        (status, body["reason"].as_str().unwrap().to_string())
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.runtime.block_on(self.lab.close(false));
    }
}

#[test]
fn who_asks_is_said_by_a_good_token_and_by_nothing_else() {
    let Some(asked) = Asked::start(ServiceOptions::default()) else { return };
    let mallory = Person::new("user_mallory");
    for forgery in Forgery::ALL {
        let token = asked.lab.issuer().forge(forgery, &mallory).unwrap();
        for path in ["/exchange", "/signup"] {
            let (status, reason) = asked.refused(asked.ask(Method::POST, path, Some(&token), Vec::new()));
            assert_eq!(status, 401, "{forgery:?}");
            assert_ne!(reason, "no_token");
        }
    }
    assert_eq!(
        asked.refused(asked.ask(Method::POST, "/exchange", None, Vec::new())),
        (401, "no_token".into())
    );
    let supabase = asked.lab.issuer().mint_supabase(&ada(), HOUR).unwrap();
    assert_eq!(asked.exchange(&supabase).status(), 401, "a second issuer could name the first one's users");

    // A user id from a client is never read.
    let body = br#"{"user_id": "user_mallory", "subject": "user_mallory"}"#.to_vec();
    let answer = asked.ask(Method::POST, "/exchange?user_id=user_mallory", Some(&asked.token()), body);
    assert_eq!(answer.status(), 200);
    let known = |name: &str| {
        let tenant = Tenant::User(name.to_string());
        asked.runtime.block_on(asked.service.tenancy().registry().entry(&tenant)).unwrap().is_some()
    };
    assert!(known("user_ada") && !known("user_mallory"));
}

#[test]
fn an_exchange_opens_what_is_ones_own_and_costs_the_provider_nothing() {
    let Some(asked) = Asked::start(ServiceOptions::default()) else { return };
    let answer = asked.runtime.block_on(asked.exchange(&asked.token()).json::<ExchangeAnswer>()).unwrap();
    let roles: Vec<GrantRole> = answer.databases.iter().map(|grant| grant.role).collect();
    assert_eq!(roles, [GrantRole::Global, GrantRole::Team, GrantRole::Own]);
    let names: Vec<_> = answer.databases.iter().map(|grant| grant.namespace.clone()).collect();
    // The provider is away: while there are keys, nobody asks it.
    asked.runtime.block_on(asked.lab.server().unwrap().down());
    let again = asked.runtime.block_on(asked.exchange(&asked.token()).json::<ExchangeAnswer>()).unwrap();
    assert_eq!(again.databases.iter().map(|grant| grant.namespace.clone()).collect::<Vec<_>>(), names);

    let other = asked.lab.issuer().mint_clerk_v2(&Person::new("user_ben"), HOUR).unwrap();
    let response = asked.exchange(&other);
    assert!(response.headers().contains_key("retry-after"));
    assert_eq!(asked.refused(response), (503, "provider_away".into()), "a new user waits for it");
    let health = asked.ask(Method::GET, "/health", None, Vec::new());
    assert_eq!(health.status(), StatusCode::SERVICE_UNAVAILABLE);
    let health = asked.json(health);
    assert_eq!(
        (&health["registry"]["ok"], &health["provider"]["ok"], &health["keys"]["ok"]),
        (&Value::Bool(true), &Value::Bool(false), &Value::Bool(true))
    );
    assert_eq!(health["unfinished"], 1);

    asked.runtime.block_on(asked.lab.server().unwrap().up()).unwrap();
    assert_eq!(asked.exchange(&other).status(), 200, "and gets it under the name that was begun");
    let health = asked.json(asked.ask(Method::GET, "/health", None, Vec::new()));
    assert_eq!((&health["ok"], &health["unfinished"]), (&Value::Bool(true), &Value::from(0)));
}

#[test]
fn where_sign_up_is_explicit_an_exchange_makes_nothing() {
    let options = ServiceOptions { signup: SignupPolicy::Explicit, ..ServiceOptions::default() };
    let Some(asked) = Asked::start(options) else { return };
    let token = asked.token();
    assert_eq!(asked.refused(asked.exchange(&token)), (403, "not_signed_up".into()));
    assert_eq!(asked.ask(Method::POST, "/signup", Some(&token), Vec::new()).status(), 200);
    assert_eq!(asked.exchange(&token).status(), 200);
}

#[test]
fn many_first_exchanges_at_once_make_one_database() {
    let Some(asked) = Asked::start(ServiceOptions::default()) else { return };
    let token = asked.token();
    let url = asked.service.url().join("/exchange").unwrap();
    let client = Client::builder().no_proxy().build().unwrap();
    let answers = asked.runtime.block_on(async {
        let ask = async || {
            let answer = client.post(url.clone()).bearer_auth(token.expose_secret()).send().await.unwrap();
            answer.json::<ExchangeAnswer>().await.unwrap()
        };
        futures::future::join_all((0..12).map(|_| ask())).await
    });
    let names = |answer: &ExchangeAnswer| -> Vec<Option<String>> {
        answer.databases.iter().map(|grant| grant.namespace.clone()).collect()
    };
    assert!(answers.iter().all(|answer| names(answer) == names(&answers[0])));
}

#[test]
fn what_is_no_request_is_told_with_a_status_of_its_class() {
    let Some(asked) = Asked::start(ServiceOptions::default()) else { return };
    let token = asked.token();
    assert_eq!(asked.refused(asked.ask(Method::GET, "/exchange", Some(&token), Vec::new())).0, 405);
    assert_eq!(asked.refused(asked.ask(Method::GET, "/nothing", Some(&token), Vec::new())).0, 404);
    assert_eq!(asked.refused(asked.ask(Method::GET, "/../etc/passwd", None, Vec::new())).0, 404);

    asked.lab.issuer().behave(Behaviour::Down);
    let fresh = Asked::start(ServiceOptions { kind: IssuerKind::Supabase, ..ServiceOptions::default() });
    let fresh = fresh.unwrap();
    fresh.lab.issuer().behave(Behaviour::Down);
    let token = fresh.lab.issuer().mint_supabase(&ada(), HOUR).unwrap();
    assert_eq!(fresh.refused(fresh.exchange(&token)), (503, "keys_unavailable".into()));
}

/// Who sends a head and then nothing is hung up on; who talks nonsense gets an answer.
#[test]
fn who_does_not_speak_http_holds_nothing() {
    let Some(asked) = Asked::start(ServiceOptions::default()) else { return };
    let address = asked.service.url().socket_addrs(|| None).unwrap()[0];
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"\x16\x03\x01 nonsense\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 400"));
    let mut slow = TcpStream::connect(address).unwrap();
    slow.write_all(b"POST /exchange HTTP/1.1\r\nhost: a\r\nx: ").unwrap();
    slow.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut rest = Vec::new();
    slow.read_to_end(&mut rest).expect("it is hung up on before a minute is over");
    assert_eq!(asked.exchange(&asked.token()).status(), 200, "and others are answered");
}

impl Asked {
    pub fn call(&self, method: Method, path: &str, person: &Person, body: &Value) -> (u16, Value) {
        let token = self.lab.issuer().mint_clerk_v2(person, HOUR).unwrap();
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let response = self.ask(method, path, Some(&token), body);
        (response.status().as_u16(), self.json(response))
    }
}

fn sql_job(name: &str, statement: &str) -> Value {
    json!({"name": name, "schedule": "0 4 * * *", "action": {"kind": "sql", "statements": [statement]}})
}

#[test]
fn a_users_jobs_are_theirs_alone_and_their_statements_run_in_their_database() {
    let Some(asked) = Asked::start(ServiceOptions::default()) else { return };
    let (ada, eve) = (ada(), Person::new("user_eve"));
    let none = Value::Null;
    let (status, refused) = asked.call(Method::GET, "/jobs", &ada, &none);
    assert_eq!((status, &refused["reason"]), (403, &json!("not_signed_up")));
    for person in [&ada, &eve] {
        asked.call(Method::POST, "/signup", person, &none);
    }
    let count = sql_job("count", "SELECT count(*), 'rows of ' || user_id FROM cron_jobs");
    let (status, job) = asked.call(Method::POST, "/jobs", &ada, &count);
    assert_eq!(status, 201, "{job}");
    let path = format!("/jobs/{}", job["id"].as_str().unwrap());
    assert_eq!(asked.call(Method::GET, "/jobs", &ada, &none).1.as_array().unwrap().len(), 1);

    // Nobody else's: told as one that never was, in every way.
    let never = asked.call(Method::GET, "/jobs/no-such-job", &eve, &none);
    assert_eq!(never.0, 404);
    assert_eq!(asked.call(Method::GET, &path, &eve, &none), never);
    for (method, below) in [
        (Method::PATCH, ""),
        (Method::DELETE, ""),
        (Method::POST, "/pause"),
        (Method::POST, "/resume"),
        (Method::POST, "/run"),
        (Method::POST, "/stop"),
        (Method::GET, "/runs"),
        (Method::GET, "/next"),
    ] {
        let body = if method == Method::PATCH { json!({"name": "mine"}) } else { Value::Null };
        assert_eq!(
            asked.call(method.clone(), &format!("{path}{below}"), &eve, &body),
            never,
            "{method} {below}"
        );
    }
    assert!(asked.call(Method::GET, "/jobs", &eve, &none).1.as_array().unwrap().is_empty());

    // Run now: the service does it, and the history says what came of it.
    assert_eq!(asked.call(Method::POST, &format!("{path}/run"), &ada, &none).0, 200);
    let ended = || {
        let runs = asked.call(Method::GET, &format!("{path}/runs"), &ada, &none).1;
        let status = runs[0]["status"].as_str().unwrap().to_string();
        (status != "queued" && status != "running").then_some(runs)
    };
    let runs = (0..2000).find_map(|_| ended()).expect("it runs");
    assert_eq!(runs[0]["status"], "succeeded", "{runs}");
    assert!(runs[0]["output_head"].as_str().unwrap().contains("1\trows of user_ada"), "{runs}");
    let (_, next) = asked.call(Method::GET, &format!("{path}/next"), &ada, &none);
    assert_eq!(next["fires"].as_array().unwrap().len(), 5);

    assert_eq!(asked.call(Method::POST, &format!("{path}/pause"), &ada, &none).1["enabled"], false);
    assert_eq!(asked.call(Method::DELETE, &path, &ada, &none).0, 200);
    assert_eq!(asked.call(Method::GET, &path, &ada, &none), never);
}

#[test]
fn what_is_no_job_is_told_with_its_place_and_nothing_is_made() {
    let Some(asked) = Asked::start(ServiceOptions::default()) else { return };
    let ada = ada();
    asked.call(Method::POST, "/signup", &ada, &Value::Null);
    for (schedule, instead) in [("0 0 */2 * 1", true), ("0 0 30 2 *", false), ("61 * * * *", false)] {
        let job =
            json!({"name": "a", "schedule": schedule, "action": {"kind": "sql", "statements": ["SELECT 1"]}});
        for (path, body) in [("/jobs", job), ("/jobs/next", json!({"schedule": schedule}))] {
            let (status, refused) = asked.call(Method::POST, path, &ada, &body);
            assert_eq!((status, &refused["field"]), (422, &json!("schedule")), "{schedule}: {refused}");
            assert!(refused["at"]["start"].is_number(), "{refused}");
            assert!(!instead || refused["instead"].is_string(), "{refused}");
        }
    }
    for body in [
        json!({"name": "a"}),
        json!([]),
        sql_job("a", "ATTACH DATABASE 'x' AS y"),
        sql_job("", "SELECT 1"),
        json!({"name": "a", "schedule": "@daily", "user_id": "user_eve",
            "action": {"kind": "sql", "statements": ["SELECT 1"]}}),
    ] {
        let (status, refused) = asked.call(Method::POST, "/jobs", &ada, &body);
        assert_eq!(status, 422, "{body}: {refused}");
    }
    assert!(asked.call(Method::GET, "/jobs", &ada, &Value::Null).1.as_array().unwrap().is_empty());
    let large = asked.ask(Method::POST, "/jobs", Some(&asked.token()), vec![b' '; 1 << 20]);
    assert_eq!(asked.refused(large), (413, "body".into()));
    let odd = asked.ask(Method::GET, "/jobs/a/runs?limit=x", Some(&asked.token()), Vec::new());
    assert_eq!(asked.refused(odd), (400, "query".into()));

    // A job of a machine's is kept and shown, and never run here.
    let program = json!({"name": "p", "schedule": "@daily", "action": {"kind": "program", "argv": ["true"]}});
    let (status, _) = asked.call(Method::POST, "/jobs", &ada, &program);
    assert_eq!(status, 201);
    assert_eq!(asked.call(Method::POST, "/jobs", &ada, &program).0, 409, "it is called like another");
    asked.call(Method::POST, "/jobs/p/run", &ada, &Value::Null);
    let done = sql_job("after", "SELECT 1");
    asked.call(Method::POST, "/jobs", &ada, &done);
    asked.call(Method::POST, "/jobs/after/run", &ada, &Value::Null);
    let status = |job: &str| asked.call(Method::GET, &format!("/jobs/{job}/runs"), &ada, &Value::Null).1;
    assert!((0..2000).any(|_| status("after")[0]["status"] == "succeeded"));
    assert_eq!(status("p")[0]["status"], "queued");
}

#[test]
fn databases_of_a_platform_are_made_once_whatever_it_answers() {
    let runtime = Runtime::new().unwrap();
    let Some(lab) = local_lab(&runtime) else { return };
    let platform = runtime.block_on(lab.platform()).unwrap();
    let options = ServiceOptions { platform: Some(platform.account()), ..ServiceOptions::default() };
    let service = runtime.block_on(lab.service(options)).unwrap();
    let asked = Asked { runtime, lab, service };
    let person = |number: usize| Person::new(format!("user_{number}"));
    let exchange = |number| asked.call(Method::POST, "/exchange", &person(number), &Value::Null);
    platform.behave(Manner::LosesAnswer);
    let lost = exchange(0);
    assert_eq!((lost.0, &lost.1["reason"]), (503, &json!("provider_away")), "{}", lost.1);
    for manner in [Manner::Conflict, Manner::BadRequest] {
        platform.behave(manner);
        let (status, answer) = exchange(0);
        assert_eq!(status, 200, "{manner:?}: {answer}");
    }
    assert_eq!(platform.databases().len(), 2, "everyone's, and one's own");
    let before = platform.requests();
    assert_eq!(exchange(0).0, 200);
    assert_eq!(platform.requests(), before, "no question while a token has most of its life before it");
    let grant = &exchange(0).1["databases"][1];
    assert!(grant["expires_at"].as_u64().unwrap() <= chrono::Utc::now().timestamp() as u64 + 3600);
    platform.behave(Manner::Down);
    assert_eq!(exchange(1).0, 503);
    assert_eq!(exchange(0).0, 200, "others go on");
    platform.behave(Manner::Conflict);
    let tenancy = asked.service.tenancy();
    let own = Tenant::User("user_0".to_string());
    asked.runtime.block_on(async {
        assert!(tenancy.open(&own).await.is_ok());
        let revoked = tenancy.revoke(&own).await;
        assert!(revoked.unwrap_err().to_string().contains("end by themselves"));
        let erased = tenancy.erase(&own).await.unwrap();
        assert_eq!(
            erased.recoverable,
            Duration::from_secs(5 * 24 * 60 * 60),
            "it is said what a provider keeps"
        );
        assert!(erased.tombstone.recoverable_until_ms > erased.tombstone.erased_at_ms);
    });
    assert_eq!(platform.databases().len(), 1);
}

/// An explorer that stays open, or `jobs serve`, asks seldom; a server forgets a connection that rests for ten seconds.
#[test]
fn databases_on_a_server_are_reached_after_a_rest() {
    let runtime = Runtime::new().unwrap();
    let Some(lab) = local_lab(&runtime) else { return };
    runtime.block_on(async {
        let database = Arc::new(lab.database("rested").await.unwrap().open().await.unwrap());
        let store = Store::on_server(database, "user_ada").unwrap();
        store.ensure().await.unwrap();
        // The same of a registry that lies on a server.
        let LabDatabase::Served(server) = lab.database("registry").await.unwrap() else {
            panic!("no server")
        };
        let registry = Registry::connect(&server).await.unwrap();
        registry.check().await.unwrap();
        // And of a catalog: a push reads it, and may take its time before it claims anything there.
        let catalog = lab.database("catalog").await.unwrap().catalog().await.unwrap();
        assert!(catalog.packages(&Identity::Anonymous).await.unwrap().is_empty());
        // The time itself is the condition.
        tokio::time::sleep(Duration::from_secs(11)).await;
        assert!(store.list().await.unwrap().is_empty());
        assert!(registry.count().await.unwrap().is_empty());
        assert!(catalog.packages(&Identity::Anonymous).await.unwrap().is_empty());
        lab.close(false).await;
    });
}

/// A service whose registry is a database on a server, from its file and the environment, as whoever runs it sees it.
#[test]
fn a_registry_may_lie_on_a_server() {
    let runtime = Runtime::new().unwrap();
    let Some(lab) = local_lab(&runtime) else { return };
    let LabDatabase::Served(server) = runtime.block_on(lab.database("registry")).unwrap() else { panic!() };
    let address = lab.sqld_address().unwrap();
    let admin = Place::new();
    admin.write(
        "serve.toml",
        &format!(
            "registry = \"{}\"\nfolder = \"kept\"\n[databases]\nprovider = \"sqld\"\nurl = \"{}\"\nadmin = \"{}\"\n",
            server.url, address.url, address.admin
        ),
    );
    let tenant = |arguments: &[&str], token: &str| {
        let mut command = admin.command(&["tenant", "--config", "serve.toml"]);
        command.args(arguments).env("ZENITH_REGISTRY_TOKEN", token);
        Run::of(command.output().unwrap())
    };
    let token = server.token.expose_secret();
    let none = tenant(&["status"], token);
    assert!(none.code == Some(1) && none.err.contains("no service"), "{none:#?}");
    std::fs::create_dir(admin.project().join("kept")).unwrap();
    let status = tenant(&["status", "--json"], token).ok();
    assert_eq!(
        (status.each("ready"), status.each("provider_error")),
        (vec!["0".into()], vec!["null".into()])
    );
    let refused = tenant(&["status"], "eyJhbGciOiJFZERTQSJ9.e30.bm90aGluZw");
    assert!(refused.code == Some(1) && refused.err.contains("registry"), "{refused:#?}");
    assert!(!refused.err.contains("eyJ"), "{refused:#?}");
    // Two programs with one registry: what one signs up the other knows, under the key that both have.
    runtime.block_on(async {
        let ring = KeyRing::load_or_make(None, &admin.project().join("kept/tenancy.key")).unwrap();
        let registry = Registry::connect(&server).await.unwrap();
        let provider = Arc::new(SqldProvider::at(address).unwrap());
        let tenancy = Tenancy::new(registry, provider, ring, Terms::default());
        tenancy.sign_up(&Tenant::User("user_ada".to_string()), "").await.unwrap();
    });
    let one = tenant(&["status", "user_ada", "--json"], token).ok();
    assert_eq!(one.each("state"), ["ready"]);
    assert_eq!(tenant(&["rekey", "--json"], token).ok().each("changed"), ["1"]);
    assert_eq!(tenant(&["status", "--json"], token).ok().each("keys_error"), ["null"]);
    runtime.block_on(lab.close(false));
}

/// The third fence stands where tokens are given out, too.
#[test]
fn a_stamp_stays_and_a_database_with_anothers_is_not_given_out() {
    let Some(asked) = Asked::start(ServiceOptions::default()) else { return };
    let (ada, none) = (ada(), Value::Null);
    let exchange = || asked.call(Method::POST, "/exchange", &ada, &none);
    assert_eq!(exchange().0, 200);
    let statements = [
        "UPDATE tenant SET user_id = 'user_eve'",
        "DELETE FROM tenant",
        "REPLACE INTO tenant VALUES (1, 'user_eve', 'z-x', 1, 3)",
    ];
    for (number, statement) in statements.into_iter().enumerate() {
        let name = format!("job {number}");
        let (status, job) = asked.call(Method::POST, "/jobs", &ada, &sql_job(&name, statement));
        assert_eq!(status, 201, "{job}");
        let path = format!("/jobs/{}", job["id"].as_str().unwrap());
        assert_eq!(asked.call(Method::POST, &format!("{path}/run"), &ada, &none).0, 200);
        let last = || asked.call(Method::GET, &format!("{path}/runs"), &ada, &none).1[0].clone();
        let has_ended = || !["queued", "running"].contains(&last()["status"].as_str().unwrap());
        assert!((0..2000).any(|_| has_ended()));
        if number < 2 {
            assert_eq!(last()["status"], "failed");
            assert!(
                last()["why"].as_str().unwrap().contains("whose database this is cannot be"),
                "{}",
                last()
            );
        }
    }
    assert_eq!(exchange().0, 200, "nothing changed it");

    // A member may take away what keeps it: then nothing of it is given out.
    let tenancy = asked.service.tenancy();
    let own = Tenant::User("user_ada".to_string());
    asked.runtime.block_on(async {
        let entry = tenancy.registry().entry(&own).await.unwrap().unwrap();
        let opened = tenancy.open_entry(&entry).await.unwrap();
        let connection = opened.connect().unwrap();
        let change = "DROP TRIGGER a_stamp_stays; UPDATE tenant SET user_id = 'user_eve';";
        connection.execute_batch(change).await.unwrap();
        tenancy.let_go(&entry);
    });
    let (status, refused) = exchange();
    assert_eq!((status, &refused["reason"]), (500, &json!("unusable")), "{refused}");
    let failed = asked.runtime.block_on(tenancy.registry().failed()).unwrap();
    assert!(failed.len() == 1 && failed[0].1.contains("another's stamp"), "{failed:?}");
}

/// Who wrote a job past the service says so by the token of their own database, and by nothing else.
#[test]
fn a_service_looks_where_a_databases_own_token_asks_it_to() {
    let Some(asked) = Asked::start(ServiceOptions::default()) else { return };
    let own = Tenant::User("user_ada".to_string());
    assert_eq!(asked.exchange(&asked.token()).status(), 200);
    let tenancy = asked.service.tenancy();
    let token = || {
        let granted = asked.runtime.block_on(async {
            let entry = tenancy.registry().entry(&own).await.unwrap().unwrap();
            tenancy.grant(&entry, Access::ReadWrite).await.unwrap()
        });
        granted.token.secret
    };
    let look = |token: &SecretString| asked.ask(Method::POST, "/look", Some(token), Vec::new());
    let first = token();
    let store = asked.runtime.block_on(store_of(&asked.service, &own));
    asked.runtime.block_on(async {
        store.create(&sql("tick", "0 4 1 1 *", "SELECT 1")).await.unwrap();
        store.run_now("tick").await.unwrap();
    });
    assert_eq!(look(&first).status(), 200);
    let last = || asked.runtime.block_on(store.runs("tick", 1)).unwrap()[0].status;
    assert!((0..2000).any(|_| last() == RunStatus::Succeeded));
    assert_eq!(asked.refused(look(&asked.token())), (401, "database_token".into()), "an identity is none");
    asked.runtime.block_on(tenancy.suspend(&own)).unwrap();
    assert_eq!(asked.refused(look(&first)), (401, "database_token".into()), "it was taken back");
    asked.runtime.block_on(tenancy.resume(&own)).unwrap();
    assert_eq!(look(&token()).status(), 200);
}
