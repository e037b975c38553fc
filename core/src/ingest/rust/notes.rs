//! The documentation and attributes of one item, and what they tell.

use serde_json::{Map, Value, json};

use super::attributes::{self, Piece, arguments_of, name_of, value_of};
use super::cfg;
use super::doc_value::{self, DOC_BYTES_MAX};
use super::lex;
use super::model::Item;
use super::rows::OpenFile;

/// Other names of one item, and their length.
const ALIASES_MAX: usize = 64;
const ALIAS_BYTES_MAX: usize = 100;
/// `cfg_attr` inside one another.
const DEPTH_MAX: usize = 4;

/// The documentation and attributes of one item.
#[derive(Default)]
pub(super) struct Notes {
    documentation: Vec<String>,
    pub attributes: Vec<String>,
    /// What `#[doc(alias = "…")]` says.
    aliases: Vec<String>,
}

impl Notes {
    /// Reads those before an item, or (`inner`) those at the top of a module.
    pub fn read(text: &str, inner: bool, file: &OpenFile) -> Notes {
        let mut notes = Notes::default();
        for piece in attributes::pieces(text) {
            match piece {
                Piece::Doc { text, block, inner: of_inner } if of_inner == inner => {
                    notes.documentation.push(if block { block_text(text) } else { line_text(text) });
                }
                Piece::Attribute { text, inner: of_inner } if of_inner == inner => {
                    notes.attribute(text, file)
                }
                _ => {}
            }
        }
        notes
    }

    fn attribute(&mut self, attribute: &str, file: &OpenFile) {
        let documents = self.document(attribute, file, 0);
        if !documents {
            self.attributes.push(attribute.to_owned());
        }
    }

    /// Takes what an attribute says for the documentation; whether that is all that it says.
    fn document(&mut self, attribute: &str, file: &OpenFile, depth: usize) -> bool {
        let name = name_of(attribute);
        let rest = attribute.get(name.len()..).unwrap_or_default().trim_start();
        match (name, rest.strip_prefix('=')) {
            ("doc", Some(expression)) => {
                let text = doc_value::text_of(expression, file);
                self.documentation.extend(text.iter().flat_map(|text| unindented(text)));
                return true;
            }
            ("doc", None) => self.note_aliases(attribute),
            ("cfg_attr", _) if depth < DEPTH_MAX => {
                let parts = attributes::split_list(arguments_of(attribute).unwrap_or_default());
                if let Some((predicate, given)) = parts.split_first()
                    && !cfg::off_in_docs(predicate, file.features)
                {
                    for one in given {
                        self.document(one, file, depth + 1);
                    }
                }
            }
            _ => {}
        }
        false
    }

    /// `doc(alias = "a", alias("b", "c"))`.
    fn note_aliases(&mut self, attribute: &str) {
        let parts = attributes::split_list(arguments_of(attribute).unwrap_or_default());
        for part in parts.into_iter().filter(|part| name_of(part) == "alias") {
            let rest = part.get("alias".len()..).unwrap_or_default().trim_start();
            let list = match rest.strip_prefix('=') {
                Some(value) => vec![value.trim()],
                None => attributes::split_list(arguments_of(rest).unwrap_or_default()),
            };
            for alias in list.into_iter().filter_map(attributes::string_value) {
                let alias = alias.trim();
                let fits = (1..=ALIAS_BYTES_MAX).contains(&alias.len()) && self.aliases.len() < ALIASES_MAX;
                if fits && !self.aliases.iter().any(|known| known == alias) {
                    self.aliases.push(alias.to_owned());
                }
            }
        }
    }

    /// Adds the other names that the fields of an item have: they have no row of their own.
    pub fn add_aliases_of(&mut self, body: &str) {
        if body.contains("alias") {
            for piece in attributes::pieces(body) {
                if let Piece::Attribute { text, .. } = piece
                    && name_of(text) == "doc"
                {
                    self.note_aliases(text);
                }
            }
        }
    }

    pub fn documentation(&self) -> Option<String> {
        let text = self.documentation.join("\n");
        let text = text.trim_matches('\n').trim_end();
        (!text.trim().is_empty()).then(|| cut(text, DOC_BYTES_MAX).to_owned())
    }

    pub fn aliases(&self) -> &[String] {
        &self.aliases
    }

    pub fn metadata(&self, item: &Item) -> Map<String, Value> {
        let mut metadata = Map::new();
        let mut condition: Option<String> = None;
        let mut derives: Vec<Value> = Vec::new();
        for attribute in &self.attributes {
            let arguments = arguments_of(attribute);
            match name_of(attribute) {
                "cfg" => condition = cfg::both(condition.as_deref(), arguments.map(lex::fold).as_deref()),
                "derive" => {
                    let list = attributes::split_list(arguments.unwrap_or_default());
                    derives.extend(list.into_iter().map(|one| Value::from(lex::fold(one))));
                }
                "repr" => drop(metadata.insert("repr".to_owned(), arguments.unwrap_or_default().into())),
                "deprecated" => drop(metadata.insert("deprecated".to_owned(), deprecation(attribute))),
                "unstable" => {
                    let parts = attributes::split_list(arguments.unwrap_or_default());
                    let feature =
                        parts.into_iter().find(|part| name_of(part) == "feature").and_then(value_of);
                    metadata.insert("unstable".to_owned(), feature.unwrap_or_default().into_owned().into());
                }
                "must_use" => {
                    let reason =
                        value_of(attribute).map_or(Value::Bool(true), |text| text.into_owned().into());
                    metadata.insert("must_use".to_owned(), reason);
                }
                _ => {}
            }
        }
        let mut outer = item.guard.as_deref();
        while let Some(guard) = outer {
            condition = cfg::both(Some(&guard.cfg), condition.as_deref());
            outer = guard.outer.as_deref();
        }
        if let Some(condition) = condition {
            metadata.insert("cfg".to_owned(), condition.into());
        }
        if !self.aliases.is_empty() {
            metadata.insert("aliases".to_owned(), self.aliases.as_slice().into());
        }
        if !derives.is_empty() {
            metadata.insert("derives".to_owned(), derives.into());
        }
        metadata
    }
}

fn deprecation(attribute: &str) -> Value {
    let mut found = Map::new();
    if let Some(arguments) = arguments_of(attribute) {
        for part in attributes::split_list(arguments) {
            let key = name_of(part);
            if matches!(key, "since" | "note")
                && let Some(value) = value_of(part)
            {
                found.insert(key.to_owned(), value.into_owned().into());
            }
        }
    } else if let Some(note) = value_of(attribute) {
        found.insert("note".to_owned(), json!(note));
    }
    Value::Object(found)
}

/// A line of documentation without the space that sets it off from the comment's sign.
fn line_text(line: &str) -> String {
    line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned()
}

/// A text's lines, without the space that sets all of them off where it does.
fn unindented(text: &str) -> Vec<String> {
    if text.is_empty() {
        return vec![String::new()];
    }
    let set_off = text.lines().all(|line| line.trim().is_empty() || line.starts_with(' '));
    let plain = |line: &str| if set_off { line_text(line) } else { line.trim_end().to_owned() };
    text.lines().map(plain).collect()
}

/// A block's text without the stars and the indentation that decorate its lines.
fn block_text(block: &str) -> String {
    let mut lines: Vec<&str> = block.lines().map(str::trim_end).collect();
    let starred = |line: &&str| line.trim_start().starts_with('*');
    if lines.len() > 1 && lines.iter().skip(1).filter(|line| !line.trim().is_empty()).all(starred) {
        for line in lines.iter_mut().skip(1) {
            *line = line.trim_start().trim_start_matches('*');
        }
    }
    let indent = lines.iter().filter(|line| !line.trim().is_empty());
    let indent = indent.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let text: Vec<&str> = lines.iter().map(|line| line.get(indent..).unwrap_or_default()).collect();
    text.join("\n").trim_matches('\n').to_owned()
}

/// The text up to a bound, at a character's border.
pub(super) fn cut(text: &str, bytes_max: usize) -> &str {
    let mut end = bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blocks_decoration_is_no_documentation() {
        assert_eq!(block_text("\n * First.\n *\n *  - second\n "), "First.\n\n - second");
        assert_eq!(block_text(" one line "), "one line");
        assert_eq!(block_text("\n    A.\n      B.\n"), "A.\n  B.");
    }
}
