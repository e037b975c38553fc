//! The documentation and attributes of one item, and what they tell.

use serde_json::{Map, Value, json};

use super::attributes::{self, Piece, arguments_of, name_of, value_of};
use super::cfg;
use super::lex;
use super::model::Item;
use super::rows::OpenFile;
use crate::ingest::walk;

const DOC_BYTES_MAX: usize = 32 << 10;

/// The documentation and attributes of one item.
#[derive(Default)]
pub(super) struct Notes {
    documentation: Vec<String>,
    pub attributes: Vec<String>,
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
        if name_of(attribute) == "doc" && !attribute.starts_with("doc(") {
            let value = attribute.split_once('=').map_or("", |(_, value)| value.trim());
            match value.strip_prefix("include_str!").and_then(arguments_of) {
                Some(path) => self.documentation.extend(included(path, file)),
                None => {
                    let text = attributes::string_value(value).unwrap_or_default();
                    self.documentation.extend(text.lines().map(line_text));
                }
            }
            return;
        }
        self.attributes.push(attribute.to_owned());
    }

    pub fn documentation(&self) -> Option<String> {
        let text = self.documentation.join("\n");
        let text = text.trim_matches('\n').trim_end();
        (!text.trim().is_empty()).then(|| cut(text, DOC_BYTES_MAX).to_owned())
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

fn included(path: &str, file: &OpenFile) -> Option<String> {
    let path = attributes::string_value(path.trim())?;
    let (_, text) = walk::read_text(file.root, &file.absolute.parent()?.join(&*path)).ok()?;
    Some(text)
}

/// A line of documentation without the space that sets it off from the comment's sign.
fn line_text(line: &str) -> String {
    line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned()
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
