//! What a service takes on at one time, and what whoever is beyond it is told. The bounds are small here, so that they are
//! reached soon.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use zenith_core::service::Bounds;
use zenith_core::tenancy::Terms;
use zenith_harness::issuer::Person;
use zenith_harness::lab::ServiceOptions;

use crate::service::Asked;

#[test]
fn the_usual_bounds_are_these() {
    let Bounds { deadline, requests, connections, run_lease } = Bounds::default();
    assert_eq!((requests, connections), (512, 1024));
    assert_eq!((deadline, run_lease), (Duration::from_secs(30), Duration::from_secs(30)));
}

fn within(bounds: Bounds) -> Option<Asked> {
    Asked::start(ServiceOptions { bounds, ..ServiceOptions::default() })
}

/// A request whose body does not come.
fn slow(asked: &Asked, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(asked.service.url().socket_addrs(|| None).unwrap()[0]).unwrap();
    let token = asked.token();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\ncontent-length: 1000\r\n\r\n{{",
        token.expose_secret()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

fn answer(mut stream: &TcpStream) -> String {
    let mut answer = vec![0; 4096];
    let read = stream.read(&mut answer).unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

#[test]
fn who_sends_a_body_slowly_is_answered_in_time_and_holds_nobody_up() {
    let bounds = Bounds { deadline: Duration::from_secs(2), ..Bounds::default() };
    let Some(asked) = within(bounds) else { return };
    asked.exchange(&asked.token());
    let stream = slow(&asked, "/jobs");
    assert_eq!(asked.exchange(&asked.token()).status(), 200, "others are answered meanwhile");
    let told = answer(&stream);
    assert!(told.starts_with("HTTP/1.1 408") && told.contains("too_slow"), "{told}");
}

#[test]
fn beyond_the_bound_of_requests_of_all_kinds_one_is_told_to_come_again() {
    let bounds = Bounds { requests: 2, deadline: Duration::from_secs(20), ..Bounds::default() };
    let Some(asked) = within(bounds) else { return };
    asked.exchange(&asked.token());
    let held = [slow(&asked, "/jobs"), slow(&asked, "/jobs/next")];
    let beyond = || {
        let response = asked.ask(Method::GET, "/.well-known/zenith", None, Vec::new());
        let after = response.headers().get("retry-after").is_some();
        (response.status().as_u16(), after)
    };
    assert!((0..2000).any(|_| beyond() == (503, true)), "the two are worked at, and no third is");
    let response = asked.ask(Method::GET, "/.well-known/zenith", None, Vec::new());
    assert_eq!(asked.refused(response), (503, "too_many".into()));
    drop(held);
    assert!((0..2000).any(|_| beyond().0 == 200), "whoever leaves makes room");
}

#[test]
fn beyond_the_bound_of_connections_one_waits_until_another_ends() {
    let Some(asked) = within(Bounds { connections: 3, ..Bounds::default() }) else { return };
    let address = asked.service.url().socket_addrs(|| None).unwrap()[0];
    let ask = b"GET /.well-known/zenith HTTP/1.1\r\nhost: a\r\n\r\n";
    let connect = || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(ask).unwrap();
        stream
    };
    let mut held: Vec<TcpStream> = (0..3).map(|_| connect()).collect();
    assert!(held.iter().all(|stream| answer(stream).starts_with("HTTP/1.1 200")));
    let beyond = connect();
    beyond.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    assert!((&beyond).read(&mut [0; 16]).is_err(), "it is accepted when another ends, and not before");
    held.pop();
    beyond.set_read_timeout(None).unwrap();
    assert!(answer(&beyond).starts_with("HTTP/1.1 200"));
}

#[test]
fn a_tenant_who_reached_their_quota_is_told_and_may_still_delete() {
    let terms = Terms { quota: Some(1 << 20), ..Terms::default() };
    let Some(asked) = Asked::start(ServiceOptions { terms, ..ServiceOptions::default() }) else { return };
    let (ada, eve) = (Person::new("user_ada"), Person::new("user_eve"));
    for person in [&ada, &eve] {
        asked.call(Method::POST, "/signup", person, &Value::Null);
    }
    let job = |number: usize| {
        let statement = format!("SELECT '{}'", "x".repeat(40_000));
        json!({"name": format!("job {number}"), "schedule": "0 4 * * *",
            "action": {"kind": "sql", "statements": [statement]}})
    };
    let created = |person: &Person, number| asked.call(Method::POST, "/jobs", person, &job(number));
    let reached = (0..60).find_map(|number| {
        let (status, answer) = created(&ada, number);
        (status != 201).then_some((number, status, answer))
    });
    let (number, status, answer) = reached.expect("a megabyte is full before sixty are kept");
    assert_eq!((status, &answer["reason"]), (507, &json!("quota")), "{answer}");
    let listed = asked.call(Method::GET, "/jobs", &ada, &Value::Null);
    assert_eq!((listed.0, listed.1.as_array().unwrap().len()), (200, number), "nothing half made");
    assert_eq!(created(&eve, 0).0, 201, "another's database is another's");
    for number in 0..3 {
        let path = format!("/jobs/job%20{number}");
        assert_eq!(asked.call(Method::DELETE, &path, &ada, &Value::Null).0, 200);
    }
    assert_eq!(created(&ada, 100).0, 201, "what was deleted makes room");
}
