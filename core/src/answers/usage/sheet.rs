//! A source text taken apart: its tokens in order, each with the scope, the unit, the function and the impl that
//! it stands in. One walk over the tree, without recursion: a text may be nested as deep as it likes.

use std::collections::HashSet;

use tree_sitter::{Node, Tree};

/// Stands for no unit, function or impl.
pub const NONE: usize = usize::MAX;

/// A token that is no comment.
pub struct Leaf {
    pub start: usize,
    pub end: usize,
    /// 0-based.
    pub row: usize,
    /// An identifier, `self`, `crate`, `super`, or the name of a primitive type.
    pub is_name: bool,
    pub in_attribute: bool,
    pub scope: usize,
    pub unit: usize,
    pub function: usize,
    pub implementation: usize,
}

/// A text, a block or the inside of a module: where names are declared.
pub struct Scope {
    pub parent: Option<usize>,
    /// The inside of a module, with its name; the text itself is none.
    pub module: Option<String>,
    pub is_module: bool,
    /// The names of the items that are declared right here.
    pub defines: HashSet<String>,
}

/// What a unit is to whoever reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Function,
    /// Another item.
    Item,
    Statement,
}

impl Role {
    fn of(kind: &str) -> Role {
        match kind {
            "function_item" => Role::Function,
            "macro_definition" => Role::Item,
            _ if kind.ends_with("_item") => Role::Item,
            _ => Role::Statement,
        }
    }
}

/// An item or a statement, with the attributes before it.
pub struct Unit {
    pub parent: usize,
    pub row_start: usize,
    pub row_end: usize,
    pub kind: Role,
    pub name: Option<String>,
    pub is_test: bool,
}

/// An `impl`, by bytes.
pub struct Implementation {
    pub of_trait: Option<(usize, usize)>,
    pub on_type: (usize, usize),
}

/// What a text consists of.
pub struct Sheet<'t> {
    pub text: &'t str,
    pub leaves: Vec<Leaf>,
    pub scopes: Vec<Scope>,
    pub units: Vec<Unit>,
    /// From the first byte to the last.
    pub functions: Vec<(usize, usize)>,
    pub implementations: Vec<Implementation>,
    /// Where `use` declarations stand, and in which scope.
    pub uses: Vec<(usize, usize, usize)>,
    /// `extern crate NAME as ALIAS`: alias, name, scope.
    pub extern_crates: Vec<(String, String, usize)>,
    /// Comments that document something: first byte, last byte, row.
    pub comments: Vec<(usize, usize, usize)>,
}

/// What holds for the children of a node.
#[derive(Clone, Copy)]
struct Around {
    scope: usize,
    unit: usize,
    function: usize,
    implementation: usize,
    in_attribute: bool,
    /// Each named child is an item or a statement.
    holds_units: bool,
    /// What they are called is a name in the scope.
    defines: bool,
}

/// A node that is being walked through, and the attributes that wait for what they belong to.
struct Level {
    around: Around,
    pending: Option<Pending>,
}

#[derive(Clone, Copy)]
struct Pending {
    row: usize,
    first_leaf: usize,
    is_test: bool,
}

impl<'t> Sheet<'t> {
    pub fn of(text: &'t str, tree: &Tree) -> Sheet<'t> {
        let mut sheet = Sheet {
            text,
            leaves: Vec::new(),
            scopes: vec![Scope { parent: None, module: None, is_module: true, defines: HashSet::new() }],
            units: Vec::new(),
            functions: Vec::new(),
            implementations: Vec::new(),
            uses: Vec::new(),
            extern_crates: Vec::new(),
            comments: Vec::new(),
        };
        let around = Around {
            scope: 0,
            unit: NONE,
            function: NONE,
            implementation: NONE,
            in_attribute: false,
            holds_units: true,
            defines: true,
        };
        let mut cursor = tree.walk();
        if !cursor.goto_first_child() {
            return sheet;
        }
        let mut levels = vec![Level { around, pending: None }];
        while let Some(level) = levels.last_mut() {
            let inside = sheet.enter(cursor.node(), level);
            if let Some(around) = inside
                && cursor.goto_first_child()
            {
                levels.push(Level { around, pending: None });
                continue;
            }
            while !cursor.goto_next_sibling() {
                levels.pop();
                if levels.is_empty() || !cursor.goto_parent() {
                    return sheet;
                }
            }
        }
        sheet
    }

    /// Takes a node in; what holds for its children, where it has any that count.
    fn enter(&mut self, node: Node<'_>, level: &mut Level) -> Option<Around> {
        let around = level.around;
        let (start, end, row) = (node.start_byte(), node.end_byte(), node.start_position().row);
        let kind = node.kind();
        if matches!(kind, "line_comment" | "block_comment") {
            if self.text.get(start..end).is_some_and(|text| text.starts_with("//")) {
                self.comments.push((start, end, row));
            }
            return None;
        }
        let mut inside = Around { holds_units: false, defines: false, ..around };
        if matches!(kind, "attribute_item" | "inner_attribute_item") {
            inside.in_attribute = true;
            let is_test = self.text.get(start..end).is_some_and(is_test_attribute);
            let first_leaf = self.leaves.len();
            let pending = level.pending.get_or_insert(Pending { row, first_leaf, is_test: false });
            pending.is_test |= is_test;
            return Some(inside);
        }
        if around.holds_units && node.is_named() {
            inside.unit = self.unit(node, around, level.pending.take());
        }
        match kind {
            "block" => {
                inside.scope = self.scope(around.scope, None, false);
                inside.holds_units = true;
                inside.defines = true;
            }
            "declaration_list" => {
                inside.holds_units = true;
                if let Some(module) = node.parent().filter(|parent| parent.kind() == "mod_item") {
                    let name = module.child_by_field_name("name").and_then(|name| self.slice(name));
                    inside.scope = self.scope(around.scope, name, true);
                    inside.defines = true;
                }
            }
            "function_item" => {
                inside.function = self.functions.len();
                self.functions.push((start, end));
            }
            "impl_item" => {
                let range =
                    |field| node.child_by_field_name(field).map(|one| (one.start_byte(), one.end_byte()));
                if let Some(on_type) = range("type") {
                    inside.implementation = self.implementations.len();
                    self.implementations.push(Implementation { of_trait: range("trait"), on_type });
                }
            }
            "use_declaration" => self.uses.push((start, end, around.scope)),
            "extern_crate_declaration" => {
                let field = |name| node.child_by_field_name(name).and_then(|one| self.slice(one));
                if let Some(name) = field("name") {
                    let alias = field("alias").unwrap_or_else(|| name.clone());
                    self.extern_crates.push((alias, name, around.scope));
                }
            }
            _ => {}
        }
        let is_whole = node.child_count() == 0
            || matches!(kind, "string_literal" | "raw_string_literal" | "char_literal" | "lifetime");
        if !is_whole {
            return Some(inside);
        }
        if start < end {
            let is_name = node.is_named()
                && (kind.ends_with("identifier")
                    || matches!(kind, "self" | "super" | "crate" | "primitive_type" | "metavariable"));
            let Around { scope, function, implementation, in_attribute, .. } = around;
            let unit = inside.unit;
            self.leaves.push(Leaf {
                start,
                end,
                row,
                is_name,
                in_attribute,
                scope,
                unit,
                function,
                implementation,
            });
        }
        None
    }

    fn scope(&mut self, parent: usize, module: Option<String>, is_module: bool) -> usize {
        self.scopes.push(Scope { parent: Some(parent), module, is_module, defines: HashSet::new() });
        self.scopes.len() - 1
    }

    fn unit(&mut self, node: Node<'_>, around: Around, attributes: Option<Pending>) -> usize {
        let unit = self.units.len();
        let name = node.child_by_field_name("name").and_then(|name| self.slice(name));
        let name = name.filter(|_| node.kind().ends_with("_item") || node.kind() == "macro_definition");
        if let (Some(name), true, Some(scope)) = (&name, around.defines, self.scopes.get_mut(around.scope)) {
            scope.defines.insert(name.clone());
        }
        let inherited = self.units.get(around.unit).is_some_and(|parent| parent.is_test);
        self.units.push(Unit {
            parent: around.unit,
            row_start: attributes.map_or(node.start_position().row, |one| one.row),
            row_end: last_row(node),
            kind: Role::of(node.kind()),
            name,
            is_test: inherited || attributes.is_some_and(|one| one.is_test),
        });
        let first = attributes.map_or(self.leaves.len(), |one| one.first_leaf);
        for leaf in self.leaves.get_mut(first..).into_iter().flatten() {
            leaf.unit = unit;
        }
        unit
    }

    fn slice(&self, node: Node<'_>) -> Option<String> {
        self.text.get(node.start_byte()..node.end_byte()).map(|text| plain(text).to_owned())
    }

    /// A token's text; nothing past the last.
    pub fn word(&self, at: usize) -> &'t str {
        self.leaves.get(at).and_then(|leaf| self.text.get(leaf.start..leaf.end)).unwrap_or_default()
    }

    pub fn is_name(&self, at: usize) -> bool {
        self.leaves.get(at).is_some_and(|leaf| leaf.is_name)
    }

    /// The first token at or after a byte.
    pub fn leaf_at(&self, byte: usize) -> usize {
        self.leaves.partition_point(|leaf| leaf.start < byte)
    }

    /// Where the bracket that opens at a token is closed.
    pub fn closing(&self, open: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for at in open..self.leaves.len() {
            match self.word(at) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Where the bracket that closes at a token was opened.
    pub fn opening(&self, close: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for at in (0..=close).rev() {
            match self.word(at) {
                ")" | "]" | "}" => depth += 1,
                "(" | "[" | "{" => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Past the `>` that closes the `<` at a token; none where it is not a list of arguments.
    pub fn past_angles(&self, open: usize) -> Option<usize> {
        const TOKENS_MAX: usize = 200;
        let mut depth = 0_usize;
        for at in open..self.leaves.len().min(open + TOKENS_MAX) {
            match self.word(at) {
                "<" => depth += 1,
                ">" => depth = depth.checked_sub(1)?,
                ">>" => depth = depth.checked_sub(2)?,
                ";" | "{" | "}" => return None,
                _ => {}
            }
            if depth == 0 {
                return Some(at + 1);
            }
        }
        None
    }
}

/// A name without the mark of a raw one.
pub fn plain(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}

/// `#[test]`, `#[tokio::test]`, `#[cfg(test)]`, `#[cfg(all(test, …))]`.
fn is_test_attribute(attribute: &str) -> bool {
    let mut words = attribute.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    words.any(|word| word == "test") && !attribute.contains("not(test")
}

/// The last row that a node has text in.
fn last_row(node: Node<'_>) -> usize {
    let end = node.end_position();
    if end.column == 0 && end.row > node.start_position().row { end.row - 1 } else { end.row }
}
