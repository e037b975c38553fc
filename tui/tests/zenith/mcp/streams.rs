//! Every byte on standard output is the protocol's.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use super::agent::next_line;
use super::indexed;

#[test]
fn nothing_but_the_protocol_is_on_standard_output_whatever_is_around() {
    let place = indexed();
    // Somebody changed the lockfile to nonsense, and another the index.
    place.write("Cargo.lock", "not a lockfile");
    let shelf = place.data().join("shelf");
    let mut command = place.command(&["mcp", "--json"]);
    command
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .env("LANCE_LOG", "trace")
        .env("CLICOLOR_FORCE", "1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut say = |line: &str| writeln!(input, "{line}").unwrap();
    say(&json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "raw", "version": "0"}
    }})
    .to_string());
    say(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string());
    for junk in [
        "nonsense",
        "{\"jsonrpc\": \"2.0\"",
        "[]",
        "\u{1b}[31m",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/nothing\"}",
    ] {
        say(junk);
    }
    std::fs::remove_dir_all(&shelf).unwrap();
    std::fs::write(&shelf, "no folder").unwrap();
    let call = |id: u32, tool: &str, arguments: Value| {
        json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}).to_string()
    };
    say(&call(2, "search", json!({"query": "corn"})));
    say(&call(3, "show", json!({"path": "mill::grind_corn"})));
    say(&call(4, "packages", json!({"nonsense": 1})));
    say(&call(5, "nothing", json!({})));
    say(&call(6, "search", json!({"query": 5})));
    say(&json!({"jsonrpc": "2.0", "id": 7, "method": "nothing/at/all"}).to_string());
    // All of it is answered before the end of what is said ends the conversation.
    let mut answered = std::collections::BTreeSet::new();
    let mut lines = Vec::new();
    let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
    // Four lines are no JSON or no message of the protocol: each is answered, though nobody knows to whom.
    let mut refused = Vec::new();
    while answered.len() < 7 || refused.len() < 4 {
        let line = next_line(&mut output);
        assert!(!line.is_empty(), "it ended after {lines:#?}");
        let message: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("not the protocol's: {line:?}"));
        answered.extend(message["id"].as_u64());
        // An `id` that is missing is none.
        let is_to_nobody = message.get("id").is_some_and(Value::is_null);
        refused.extend(message["error"]["code"].as_i64().filter(|_| is_to_nobody));
        lines.push(line);
    }
    // Where standard error goes, a stray word on standard output goes as well.
    #[cfg(target_os = "linux")]
    {
        let leads = |number: u32| std::fs::read_link(format!("/proc/{}/fd/{number}", child.id())).unwrap();
        assert_eq!(leads(1), leads(2));
        assert_eq!(leads(0), std::path::Path::new("/dev/null"));
    }
    drop(input);
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut output, &mut rest).unwrap();
    lines.extend(rest.lines().map(str::to_string));
    for line in &lines {
        let message: Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("not the protocol's: {line:?}"));
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
    }
    assert_eq!(answered, (1..=7).collect());
    refused.sort_unstable();
    assert_eq!(refused, [-32700, -32700, -32700, -32600], "a parse error for what is no JSON: {lines:#?}");
    assert!(child.wait().unwrap().success(), "the end of what is said ends it well");
}

/// Agents that do not wait, and people who try it by hand.
#[test]
fn what_is_asked_before_the_handshake_is_refused_and_the_conversation_goes_on() {
    let place = indexed();
    let mut command = place.command(&["mcp"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut say = |line: Value| writeln!(input, "{line}").unwrap();
    let mut answer = || {
        let line = next_line(&mut output);
        serde_json::from_str::<Value>(&line).unwrap_or_else(|_| panic!("not the protocol's: {line:?}"))
    };
    let ask = |id: Value, method: &str, params: Value| json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
    say(json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    say(json!({"jsonrpc": "2.0", "id": 99, "result": {}}));
    for (id, method) in [(json!(1), "tools/list"), (json!("two"), "tools/call"), (json!(3), "nothing/at/all")]
    {
        say(ask(id.clone(), method, json!({"name": "search", "arguments": {"query": "corn"}})));
        let refused = answer();
        assert_eq!((&refused["id"], &refused["error"]["code"]), (&id, &json!(-32600)), "{refused}");
        assert!(refused["error"]["message"].as_str().unwrap().contains("`initialize`"), "{refused}");
    }
    say(ask(json!(4), "ping", json!({})));
    assert_eq!(answer(), json!({"jsonrpc": "2.0", "id": 4, "result": {}}));
    say(ask(json!(5), "initialize", json!({})));
    let refused = answer();
    assert!(refused["error"]["message"].as_str().unwrap().contains("protocolVersion"), "{refused}");
    say(ask(
        json!(6),
        "initialize",
        json!({
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "raw", "version": "0"}
        }),
    ));
    let shaken = answer();
    assert_eq!(
        (&shaken["id"], &shaken["result"]["serverInfo"]["name"]),
        (&json!(6), &json!("zenith")),
        "{shaken}"
    );
    say(json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    say(ask(json!(7), "tools/call", json!({"name": "search", "arguments": {"query": "corn"}})));
    let found = answer();
    assert_eq!(found["result"]["structuredContent"]["results"][0]["path"], "mill::grind_corn", "{found}");
    drop(input);
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
}

/// Questions that no answer can bear, and calls that are none, are answered as the protocol has it.
#[test]
fn odd_ids_and_odd_params_are_refused_by_their_own_codes() {
    let place = indexed();
    let mut command = place.command(&["mcp"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut say = |line: Value| writeln!(input, "{line}").unwrap();
    let mut answer = || {
        let line = next_line(&mut output);
        serde_json::from_str::<Value>(&line).unwrap_or_else(|_| panic!("not the protocol's: {line:?}"))
    };
    let ask = |id: Value, method: &str, params: Value| json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
    let who = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "raw", "version": "0"}});
    say(ask(json!(0), "initialize", who));
    assert_eq!(answer()["id"], 0);
    say(json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    for id in [json!(1.5), json!(null), json!(true), json!({}), json!([1])] {
        say(ask(id.clone(), "tools/list", json!({})));
        let refused = answer();
        assert_eq!(
            (&refused["id"], &refused["error"]["code"]),
            (&json!(null), &json!(-32600)),
            "{id}: {refused}"
        );
    }
    for params in [
        json!({}),
        json!({"name": 5}),
        json!({"name": "search", "arguments": 5}),
        json!(["search", {"query": "corn"}]),
        json!([]),
        json!("search"),
    ] {
        say(ask(json!("call"), "tools/call", params.clone()));
        let refused = answer();
        assert_eq!(
            (&refused["id"], &refused["error"]["code"]),
            (&json!("call"), &json!(-32602)),
            "{params}: {refused}"
        );
    }
    say(ask(json!("call"), "nothing/at/all", json!({})));
    assert_eq!(answer()["error"]["code"], -32601);
    // One id is one question; once it is answered it may be another.
    let query = || ask(json!(7), "tools/call", json!({"name": "search", "arguments": {"query": "corn"}}));
    say(query());
    say(query());
    let mut both = [answer(), answer()];
    both.sort_by_key(|one| one["error"].is_null());
    assert_eq!((&both[0]["error"]["code"], &both[0]["id"]), (&json!(-32600), &json!(7)), "{both:?}");
    assert!(both[1]["result"]["structuredContent"]["results"].is_array(), "{both:?}");
    say(query());
    assert!(answer()["result"]["structuredContent"].is_object());
    let long = "corn ".repeat(40_000);
    say(ask(json!(8), "tools/call", json!({"name": "search", "arguments": {"query": long}})));
    assert!(answer()["result"]["content"][0]["text"].as_str().unwrap().contains("at most 512 bytes"));
    say(ask(json!(9), "tools/call", json!({"name": "show", "arguments": {"path": "@1::x"}})));
    assert!(answer()["result"]["content"][0]["text"].as_str().unwrap().contains("no package is named"));
    say(ask(
        json!(10),
        "tools/call",
        json!({"name": "show", "arguments": {"path": "mill@0.0.1::x", "package": "mill"}}),
    ));
    let told = answer();
    assert!(
        told["result"]["content"][0]["text"].as_str().unwrap().contains("mill@0.0.1 is not indexed"),
        "{told}"
    );
    drop(input);
    assert!(child.wait().unwrap().success());
}
