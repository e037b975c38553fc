//! What rustdoc's JSON has of a crate: its public items, each with the paths that lead to it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use serde_json::Value;

/// Paths kept of one item.
const PATHS_MAX: usize = 64;

pub struct Documented {
    pub name: String,
    pub version: String,
    pub items: Vec<Item>,
}

pub struct Item {
    pub kind: String,
    /// The shortest first.
    pub paths: Vec<String>,
    /// Where it stands, as rustdoc tells it.
    pub file: String,
    pub line: u64,
    /// Of a function what callers see of it, in a form of its own.
    pub signature: Option<String>,
    pub is_deprecated: bool,
}

/// Reads what `rustdoc --output-format json` wrote.
pub fn read(path: &Path) -> Documented {
    let text = std::fs::read(path).expect("rustdoc's file is readable");
    let json: Value = serde_json::from_slice(&text).expect("rustdoc writes JSON");
    let root = id_of(&json["root"]);
    let index = json["index"].as_object().expect("there is an index");
    let index: HashMap<String, &Value> = index.iter().map(|(id, item)| (id.clone(), item)).collect();
    let name = index[&root]["name"].as_str().expect("a crate has a name").to_owned();
    let mut walk = Walk { index, found: BTreeMap::new(), open: HashSet::new() };
    walk.module(&root, &name);
    let items = walk.found.iter().map(|(id, paths)| {
        let item = walk.index[id];
        let mut paths: Vec<String> = paths.iter().cloned().collect();
        paths.sort_by_key(|path| (path.matches("::").count(), path.clone()));
        Item {
            kind: kind_of(item).to_owned(),
            paths,
            file: item["span"]["filename"].as_str().unwrap_or_default().to_owned(),
            line: item["span"]["begin"][0].as_u64().unwrap_or(0),
            signature: signature(&item["inner"]["function"]),
            is_deprecated: !item["deprecation"].is_null(),
        }
    });
    let items = items.collect();
    Documented { name, version: json["crate_version"].as_str().unwrap_or_default().to_owned(), items }
}

fn id_of(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// A function without what no caller sees: the names of its parameters, rustdoc's own numbers, its body, and where its
/// bounds stand.
fn signature(function: &Value) -> Option<String> {
    let mut function = function.as_object()?.clone();
    function.remove("has_body");
    let mut function = Value::Object(function);
    if let Some(inputs) = function["sig"]["inputs"].as_array_mut() {
        for input in inputs {
            *input = if input[0] == "self" { input.clone() } else { input[1].clone() };
        }
    }
    without_ids(&mut function);
    with_bounds_apart(&mut function["generics"]);
    Some(function.to_string())
}

/// Bounds are the same in angle brackets and behind `where`, in any order: all of them stand behind it, one by one.
fn with_bounds_apart(generics: &mut Value) {
    let mut apart: BTreeSet<String> = BTreeSet::new();
    for parameter in generics["params"].as_array_mut().into_iter().flatten() {
        let of = format!("{{\"generic\":{}}}", parameter["name"]);
        if let Some(bounds) = parameter["kind"]["type"]["bounds"].as_array_mut() {
            apart.extend(std::mem::take(bounds).iter().map(|bound| format!("{of}: {bound}")));
        }
    }
    for predicate in generics["where_predicates"].as_array().into_iter().flatten() {
        let one = &predicate["bound_predicate"];
        match one["bounds"].as_array() {
            Some(bounds) => {
                let binder = one["generic_params"].as_array().filter(|binder| !binder.is_empty());
                let of = format!(
                    "{}{}",
                    binder.map(|_| one["generic_params"].to_string()).unwrap_or_default(),
                    one["type"]
                );
                apart.extend(bounds.iter().map(|bound| format!("{of}: {bound}")));
            }
            None => drop(apart.insert(predicate.to_string())),
        }
    }
    generics["where_predicates"] = apart.into_iter().map(Value::from).collect();
}

fn without_ids(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.remove("id");
            object.values_mut().for_each(without_ids);
        }
        Value::Array(list) => list.iter_mut().for_each(without_ids),
        _ => {}
    }
}

fn ids(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(id_of).collect()
}

fn kind_of(item: &Value) -> &str {
    item["inner"].as_object().and_then(|inner| inner.keys().next()).map_or("", String::as_str)
}

struct Walk<'a> {
    index: HashMap<String, &'a Value>,
    found: BTreeMap<String, BTreeSet<String>>,
    /// What is being walked, since modules may show one another.
    open: HashSet<String>,
}

impl Walk<'_> {
    fn module(&mut self, id: &str, path: &str) {
        let Some(&item) = self.index.get(id) else { return };
        if path.matches("::").count() > 12 || !self.open.insert(id.to_owned()) {
            return;
        }
        self.note(id, path);
        self.children(&item["inner"]["module"]["items"], path);
        self.open.remove(id);
    }

    fn children(&mut self, list: &Value, path: &str) {
        for id in ids(list) {
            let Some(&item) = self.index.get(&id) else { continue };
            if item["visibility"] != "public" && item["visibility"] != "default" {
                continue;
            }
            match kind_of(item) {
                "use" => self.reexport(&item["inner"]["use"], path),
                _ => self.item(&id, item["name"].as_str().unwrap_or_default(), path),
            }
        }
    }

    fn reexport(&mut self, used: &Value, path: &str) {
        let target = id_of(&used["id"]);
        let Some(&item) = self.index.get(&target) else { return };
        if used["is_glob"] == true {
            match kind_of(item) {
                "module" if self.open.insert(format!("* {target} {path}")) => {
                    self.children(&item["inner"]["module"]["items"], path);
                }
                "enum" => self.children(&item["inner"]["enum"]["variants"], path),
                _ => {}
            }
        } else if kind_of(item) == "use" {
            self.reexport(&item["inner"]["use"], path);
        } else {
            self.item(&target, used["name"].as_str().unwrap_or_default(), path);
        }
    }

    /// An item under a name, and what hangs on it.
    fn item(&mut self, id: &str, name: &str, outer: &str) {
        let Some(&item) = self.index.get(id) else { return };
        let path = format!("{outer}::{name}");
        let kind = kind_of(item);
        let inner = &item["inner"][kind];
        match kind {
            "module" => return self.module(id, &path),
            "impl" | "extern_crate" | "primitive" | "keyword" | "attribute" | "" => return,
            "enum" => self.members(&inner["variants"], &path, false),
            "trait" => self.members(&inner["items"], &path, false),
            _ => {}
        }
        self.note(id, &path);
        for one in ids(&inner["impls"]) {
            let Some(&one) = self.index.get(&one) else { continue };
            if one["inner"]["impl"]["trait"].is_null() {
                self.members(&one["inner"]["impl"]["items"], &path, true);
            }
        }
    }

    fn members(&mut self, list: &Value, path: &str, public: bool) {
        for id in ids(list) {
            let Some(&item) = self.index.get(&id) else { continue };
            if !public || item["visibility"] == "public" {
                let name = item["name"].as_str().unwrap_or_default();
                self.note(&id, &format!("{path}::{name}"));
            }
        }
    }

    fn note(&mut self, id: &str, path: &str) {
        let paths = self.found.entry(id.to_owned()).or_default();
        if paths.len() < PATHS_MAX {
            paths.insert(path.to_owned());
        }
    }
}
