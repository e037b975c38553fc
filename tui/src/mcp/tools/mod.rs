//! The tools, one a file: what it is asked, what it answers, and the function of the commands behind it.

mod changes;
mod examples;
mod packages;
mod search;
mod show;

use std::sync::Arc;

use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::model::JsonObject;
use serde_json::Value;

use super::call::Refusal;
use super::server::Server;

/// Every tool.
pub fn all() -> ToolRouter<Server> {
    let mut tools = Server::search_tool()
        + Server::show_tool()
        + Server::examples_tool()
        + Server::packages_tool()
        + Server::changes_tool();
    for tool in tools.map.values_mut() {
        without_formats(&mut tool.attr.input_schema);
        tool.attr.output_schema.iter_mut().for_each(without_formats);
    }
    tools
}

/// Takes away the names of Rust's own types (`uint64`), which are no formats of JSON Schema: agents that hold an answer
/// to its schema complain of them.
fn without_formats(schema: &mut Arc<JsonObject>) {
    fn walk(value: &mut Value) {
        match value {
            Value::Object(object) => {
                object.retain(|key, value| key != "format" || !value.is_string());
                object.values_mut().for_each(walk);
            }
            Value::Array(list) => list.iter_mut().for_each(walk),
            _ => {}
        }
    }
    Arc::make_mut(schema).values_mut().for_each(walk);
}

/// Why what an agent named is not there, with what it does who has no more than a name.
fn not_there(why: anyhow::Error) -> Refusal {
    let advice = "`search` finds items by a part of their name, and `packages` lists packages; an item is named with its \
                  crate, as in serde::Serialize";
    Refusal::from(why).with(&[advice.to_string()])
}

/// Refuses a question that names nothing.
fn named(path: &str, package: Option<&str>) -> Result<(), Refusal> {
    if [Some(path), package].into_iter().flatten().any(|name| name.trim_start().starts_with('@')) {
        return Err(Refusal::new("no package is named before the @; name one, as in serde@1.0.0::Serialize"));
    }
    match path.trim().is_empty() && package.is_none_or(|package| package.trim().is_empty()) {
        true => Err(Refusal::new("the path is empty; name an item with its crate, as in serde::Serialize")),
        false => Ok(()),
    }
}

/// What is said where an answer was cut.
fn more(shown: usize, what: &str) -> String {
    format!("{shown} {what} shown, there are more: ask again with `next_cursor`, or with a larger budget")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_a_plain_object_of_the_newest_draft_and_every_tool_only_reads() {
        let tools = all().list_all();
        assert_eq!(tools.len(), 5);
        for tool in tools {
            let answers = tool.output_schema.clone().unwrap();
            for (schema, whose) in [(&tool.input_schema, "input"), (&answers, "output")] {
                let name = format!("{} of {}", whose, tool.name);
                assert_eq!(schema["type"], "object", "{name}");
                let draft = "https://json-schema.org/draft/2020-12/schema";
                assert_eq!(schema["$schema"], draft, "{name}");
                assert!(!serde_json::to_string(schema).unwrap().contains("\"format\""), "{name}");
                for union in ["anyOf", "oneOf", "allOf", "$ref", "not", "if"] {
                    assert!(!schema.contains_key(union), "{name}");
                }
            }
            let hints = tool.annotations.unwrap();
            assert_eq!(hints.read_only_hint, Some(true), "{}", tool.name);
            assert_eq!((hints.destructive_hint, hints.open_world_hint), (Some(false), Some(false)));
            assert!(tool.description.unwrap().len() < 600, "{}: agents read it each time", tool.name);
        }
    }
}
