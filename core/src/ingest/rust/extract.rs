//! From one file's syntax tree to its items, imports and impls.

use std::collections::BTreeSet;
use std::sync::Arc;

use tree_sitter::{Node, Point, Range};

use super::attributes::{self, Facts};
use super::cfg;
use super::fragment::{Context, Fragment, HOST, Pending, Wanted};
use super::imports;
use super::lex;
use super::macros::Origin;
use super::model::{Guard, Impl, Import, Module, Parent, Visibility};
use super::names::spelled;
use super::parser::Syntax;
use super::types;
use crate::ingest::SymbolKind;

/// Modules, impls and macros inside one another, in one file.
const NESTING_MAX: u32 = 64;

/// Where an item stands.
#[derive(Clone)]
pub(super) struct Place {
    pub module: u32,
    pub parent: Parent,
    pub context: Context,
    /// For items that have no visibility of their own: those of traits, trait impls and enums.
    pub inherited: Option<Visibility>,
    pub depth: u32,
    /// The argument of an unknown macro, and not quite Rust: only what is plainly public counts.
    pub doubtful: bool,
}

pub(super) struct Extractor<'a> {
    pub text: &'a str,
    pub file: u32,
    pub syntax: &'a mut Syntax,
    pub gaps: &'a [Range],
    /// Whether what exists only in test builds is wanted.
    pub tests: bool,
    /// The features that the project turns on, where that is known.
    pub features: Option<&'a BTreeSet<String>>,
    /// Where the text comes from, if it is no file's.
    pub origin: Option<&'a Origin>,
    /// Bodies of functions that are yet to be looked through.
    pub bodies: Vec<(Range, Place)>,
    pub out: Fragment,
}

impl<'a> Extractor<'a> {
    /// Reads the items of the whole text, which stand in `parent`. A text that need not be Rust is
    /// `doubtful` where it is not. False where that took too much work.
    pub fn run(
        &mut self,
        context: Context,
        parent: Parent,
        inherited: Option<Visibility>,
        doubtful: bool,
    ) -> bool {
        let parent = match parent {
            Parent::Module => Parent::Module,
            Parent::Item(_) => Parent::Item(HOST),
            Parent::Impl(_) => Parent::Impl(HOST),
            Parent::Extern(_) => Parent::Extern(HOST),
        };
        let place = Place { module: 0, parent, context, inherited, depth: 0, doubtful: false };
        if self.calls_alone(&place) {
            return true;
        }
        let lines = self.text.bytes().filter(|&b| b == b'\n').count();
        let column = self.text.bytes().rev().take_while(|&b| b != b'\n').count();
        let within = Range {
            start_byte: 0,
            end_byte: self.text.len(),
            start_point: Point::new(0, 0),
            end_point: Point::new(lines, column),
        };
        let tree = self.syntax.parse(self.text, self.gaps, within);
        if let Some(tree) = &tree {
            let root = tree.root_node();
            let doubtful = doubtful && root.has_error();
            self.walk(root, Place { doubtful, ..place });
        }
        self.look_through_bodies();
        tree.is_some()
    }

    /// Reads the children of `parent` as items.
    pub(super) fn walk(&mut self, parent: Node, mut place: Place) {
        if place.depth > NESTING_MAX {
            self.out.too_deep += 1;
            return;
        }
        let mut cursor = parent.walk();
        if !cursor.goto_first_child() {
            return;
        }
        // Where the documentation and attributes of the item to come begin.
        let mut outer: Option<usize> = None;
        loop {
            let node = cursor.node();
            match node.kind() {
                "line_comment" | "block_comment" => match self.text(node).as_bytes() {
                    [b'/', b'/' | b'*', b'!', ..] => self.inner(node, &mut place),
                    [b'/', b'/', b'/', ..] | [b'/', b'*', b'*', ..] => {
                        outer.get_or_insert(node.start_byte());
                    }
                    _ => {}
                },
                "attribute_item" => {
                    outer.get_or_insert(node.start_byte());
                }
                "inner_attribute_item" => self.inner(node, &mut place),
                "{" | "}" | "," => {}
                "ERROR" if place.doubtful => outer = None,
                "ERROR" => self.walk(node, Place { depth: place.depth + 1, ..place.clone() }),
                _ => self.declaration(node, outer.take(), &place),
            }
            if !cursor.goto_next_sibling() {
                return;
            }
        }
    }

    pub(super) fn declaration(&mut self, node: Node, outer: Option<usize>, place: &Place) {
        let facts = match outer {
            Some(outer) => self.facts(self.slice(outer, node.start_byte())),
            None => Facts::default(),
        };
        if facts.test_only && !self.tests {
            return;
        }
        if place.context.in_block && !shows_from_block(node, &facts) {
            return;
        }
        if place.doubtful && node.has_error() && self.visibility(node, place) != Visibility::Public {
            return;
        }
        match node.kind() {
            "function_item" | "function_signature_item" => {
                self.note_body(node, &facts, place);
                if !place.context.in_block || place.parent != Parent::Module {
                    self.function(node, outer, &facts, place);
                }
            }
            "struct_item" => drop(self.item(SymbolKind::Struct, node, outer, &facts, place)),
            "union_item" => drop(self.item(SymbolKind::Union, node, outer, &facts, place)),
            "type_item" if matches!(place.parent, Parent::Impl(_)) => {}
            "type_item" | "associated_type" => self.alias(node, outer, &facts, place),
            "const_item" => self.valued(SymbolKind::Const, node, outer, &facts, place),
            "static_item" => self.valued(SymbolKind::Static, node, outer, &facts, place),
            "enum_item" | "trait_item" => self.container(node, outer, &facts, place),
            "mod_item" if self.is_macro(node) => {
                self.item(SymbolKind::Macro, node, outer, &facts, place);
            }
            "mod_item" => self.module(node, outer, &facts, place),
            "impl_item" => self.implementation(node, &facts, place),
            "foreign_mod_item" => self.foreign(node, &facts, place),
            "use_declaration" | "extern_crate_declaration" => self.import(node, outer, &facts, place),
            "macro_definition" => self.macro_definition(node, outer, &facts, place),
            "expression_statement" => {
                if let Some(call) = node.child(0).filter(|child| child.kind() == "macro_invocation") {
                    self.macro_call(call, &self.inside(place, &facts));
                }
            }
            "macro_invocation" => self.macro_call(node, &self.inside(place, &facts)),
            _ => {}
        }
    }

    fn function(&mut self, node: Node, outer: Option<usize>, facts: &Facts, place: &Place) {
        let kind = match place.parent {
            _ if facts.proc_macro.is_some() => SymbolKind::Macro,
            Parent::Item(_) | Parent::Impl(_) => SymbolKind::Method,
            Parent::Module | Parent::Extern(_) => SymbolKind::Fn,
        };
        let first = self.out.items.len() as u32;
        let of_type = if kind == SymbolKind::Fn { self.type_of_foreign(node, facts, place) } else { None };
        let index = match of_type {
            Some(of_type) => {
                let parent = Parent::Impl(self.out.impls.len() as u32);
                let place = Place { parent, ..place.clone() };
                let index = self.item(SymbolKind::Method, node, outer, facts, &place);
                self.out.impls.push(Impl {
                    module: place.module,
                    self_type: types::applied(&of_type, &[]),
                    self_text: lex::fold(&of_type).into(),
                    trait_path: Vec::new(),
                    trait_text: None,
                    items: first..self.out.items.len() as u32,
                    expanded: Vec::new(),
                    in_block: place.context.in_block,
                });
                index
            }
            None => self.item(kind, node, outer, facts, place),
        };
        let returned = node.child_by_field_name("return_type").map(|node| types::is_result(self.text(node)));
        if let Some(item) = index.and_then(|index| self.out.items.get_mut(index as usize)) {
            item.returns_result = returned.unwrap_or(false);
            if let Some(Some(derive)) = &facts.proc_macro {
                item.name = Arc::from(derive.as_str());
            }
        }
    }

    fn alias(&mut self, node: Node, outer: Option<usize>, facts: &Facts, place: &Place) {
        let index = self.item(SymbolKind::Type, node, outer, facts, place);
        let (Some(index), Some(target), Parent::Module) =
            (index, node.child_by_field_name("type").map(|node| self.text(node)), place.parent)
        else {
            return;
        };
        let generics = node.child_by_field_name("type_parameters").map_or("", |node| self.text(node));
        let parameters = types::parameters(generics);
        let applied = types::applied(target, &parameters);
        let is_parameter =
            matches!(applied.path.as_slice(), [only] if only.is_empty() || parameters.contains(&&**only));
        let is_path = target.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | ':'));
        let is_object = ["dyn ", "impl "].iter().any(|word| target.starts_with(word));
        if is_path && !is_object && !is_parameter && !applied.path.is_empty() {
            self.out.aliases.push((index, applied));
        }
    }

    /// A constant or a static, and the block that its value may be: macros put impls into one, away from
    /// other names.
    fn valued(&mut self, kind: SymbolKind, node: Node, outer: Option<usize>, facts: &Facts, place: &Place) {
        if !place.context.in_block || place.parent != Parent::Module {
            self.item(kind, node, outer, facts, place);
        }
        let value = node.child_by_field_name("value").filter(|value| value.kind() == "block");
        if let Some(block) = value.filter(|_| place.parent == Parent::Module) {
            let mut inside = self.inside(place, facts);
            inside.context.in_block = true;
            self.walk(block, inside);
        }
    }

    /// Whether what parses as a module is written as `macro`.
    fn is_macro(&self, node: Node) -> bool {
        let name = node.child_by_field_name("name").map_or(node.end_byte(), |name| name.start_byte());
        self.slice(node.start_byte(), name).trim_end().ends_with("macro")
    }

    /// An item whose body holds items: an enum's variants, a trait's functions.
    fn container(&mut self, node: Node, outer: Option<usize>, facts: &Facts, place: &Place) {
        let kind = if node.kind() == "enum_item" { SymbolKind::Enum } else { SymbolKind::Trait };
        let Some(index) = self.item(kind, node, outer, facts, place) else { return };
        let inherited = self.out.items.get(index as usize).map(|item| item.visibility);
        let place = Place { parent: Parent::Item(index), inherited, ..self.inside(place, facts) };
        match node.child_by_field_name("body") {
            Some(body) if kind == SymbolKind::Enum => self.variants(body, &place),
            _ => self.body(node, place),
        }
    }

    fn variants(&mut self, body: Node, place: &Place) {
        let mut cursor = body.walk();
        let mut outer: Option<usize> = None;
        for node in body.children(&mut cursor) {
            match node.kind() {
                "attribute_item" => drop(outer.get_or_insert(node.start_byte())),
                "line_comment" | "block_comment"
                    if self.text(node).as_bytes().get(2) == Some(&node_mark(self.text(node))) =>
                {
                    outer.get_or_insert(node.start_byte());
                }
                "enum_variant" => {
                    let outer = outer.take();
                    let before = outer.map_or("", |outer| self.slice(outer, node.start_byte()));
                    let facts = self.facts(before);
                    if self.tests || !facts.test_only {
                        self.item(SymbolKind::Variant, node, outer, &facts, place);
                    }
                }
                _ => {}
            }
        }
    }

    fn module(&mut self, node: Node, outer: Option<usize>, facts: &Facts, place: &Place) {
        let Some(item) = self.item(SymbolKind::Mod, node, outer, facts, place) else { return };
        let Some(name) = self.out.items.get(item as usize).map(|item| item.name.clone()) else { return };
        let mut inside = self.inside(place, facts);
        self.out.modules.push(Module {
            name: name.clone(),
            parent: place.module,
            item: Some(item),
            hidden: facts.hidden,
            inner: None,
            file: None,
        });
        let module = self.out.modules.len() as u32;
        inside = Place { module, parent: Parent::Module, inherited: None, ..inside };
        // Hidden is the way through this module, not the items: they may be shown elsewhere.
        inside.context.hidden = false;
        let plain = name.trim_start_matches("r#");
        let context = &mut inside.context;
        if node.child_by_field_name("body").is_some() {
            let dir = context.module_dir.join(facts.path.as_deref().unwrap_or(plain));
            context.module_dir = Arc::new(dir);
            self.body(node, inside);
            return;
        }
        // Inside an inline module, `#[path]` counts from that module's folder.
        let dir = if place.module != 0 { &context.module_dir } else { &context.file_dir };
        let others = facts.other_paths.iter();
        let wanted =
            others.filter(|(condition, _)| self.tests || cfg::certain(condition, self.features).is_none());
        let others: Vec<_> =
            wanted.map(|(condition, path)| (lex::fold(condition).into(), dir.join(path))).collect();
        let candidates = match &facts.path {
            Some(path) => vec![dir.join(path)],
            None => {
                let dir = &context.module_dir;
                vec![dir.join(format!("{plain}.rs")), dir.join(plain).join("mod.rs")]
            }
        };
        let what = match others.is_empty() {
            true => Wanted::File { candidates, fills_module: true },
            false => Wanted::Chosen { usual: candidates, others },
        };
        let (parent, inherited) = (Parent::Module, None);
        self.out.pending.push(Pending { module, parent, inherited, what, context: inside.context });
    }

    fn implementation(&mut self, node: Node, facts: &Facts, place: &Place) {
        let Some(self_type) = node.child_by_field_name("type").map(|node| self.text(node)) else { return };
        let trait_text = node.child_by_field_name("trait").map(|node| self.text(node));
        let generics = node.child_by_field_name("type_parameters").map_or("", |node| self.text(node));
        let parameters = types::parameters(generics);
        let mut applied = types::applied(self_type, &parameters);
        if let [only] = applied.path.as_slice()
            && parameters.contains(&&**only)
        {
            // `impl<T> Trait for T` belongs to no type of this crate.
            applied.path.clear();
        }
        let index = self.out.impls.len() as u32;
        let first = self.out.items.len() as u32;
        self.out.impls.push(Impl {
            module: place.module,
            self_type: applied,
            self_text: lex::fold(self_type).into(),
            trait_path: trait_text.map(types::path_of).unwrap_or_default(),
            trait_text: trait_text.map(|text| lex::fold(text).into()),
            items: first..first,
            expanded: Vec::new(),
            in_block: place.context.in_block,
        });
        let inherited = trait_text.map(|_| Visibility::Public);
        let mut inside = Place { parent: Parent::Impl(index), inherited, ..self.inside(place, facts) };
        inside.context.in_block = false;
        self.body(node, inside);
        let last = self.out.items.len() as u32;
        if let Some(one) = self.out.impls.get_mut(index as usize) {
            one.items = first..last;
        }
    }

    fn import(&mut self, node: Node, outer: Option<usize>, facts: &Facts, place: &Place) {
        let text = self.text(node);
        let visibility = self.visibility(node, place);
        let like = Import {
            module: place.module,
            visibility,
            path: Vec::new(),
            from_crates: false,
            names_crate: false,
            name: None,
            types_only: false,
            hidden: facts.hidden,
            guard: self.guarded(place, facts),
            off: facts.off || place.context.off,
            by_feature: self.features.is_some() && !(facts.off_anyway || place.context.off_anyway),
            inline: facts.inline,
            span: self.span(node, outer, node.start_byte(), None),
            documented: outer
                .is_some_and(|outer| attributes::documents(self.slice(outer, node.start_byte()))),
        };
        if let Some(argument) = node.child_by_field_name("argument") {
            self.out.imports.extend(imports::flatten(self.text(argument), &like));
        } else if let Some(name) = node.child_by_field_name("name") {
            let name = self.text(name);
            let alias = node.child_by_field_name("alias").map_or(name, |alias| self.text(alias));
            if alias != "_" && !text.is_empty() {
                let path = vec![Arc::from(&*spelled(name))];
                let alias = Some(Arc::from(&*spelled(alias)));
                self.out.imports.push(Import {
                    path,
                    name: alias,
                    from_crates: true,
                    names_crate: true,
                    types_only: true,
                    ..like
                });
            }
        }
    }

    pub(super) fn body(&mut self, node: Node, place: Place) {
        if let Some(body) = node.child_by_field_name("body") {
            self.walk(body, Place { depth: place.depth + 1, ..place });
        }
    }

    /// Notes documentation and attributes at a module's own top.
    fn inner(&mut self, node: Node, place: &mut Place) {
        if place.parent != Parent::Module || place.context.in_block {
            return;
        }
        let facts = self.facts(self.text(node));
        let hidden = place.context.hidden;
        place.context = Context { hidden, ..self.inside(place, &facts).context };
        let (start, end) = (node.start_byte() as u32, node.end_byte() as u32);
        let slot =
            match place.module.checked_sub(1).and_then(|local| self.out.modules.get_mut(local as usize)) {
                Some(module) => {
                    module.hidden |= facts.hidden;
                    &mut module.inner
                }
                None => {
                    self.out.inner_hidden |= facts.hidden;
                    &mut self.out.inner
                }
            };
        let first = slot.map_or(start, |(_, first, _)| first);
        *slot = Some((self.file, first, end));
    }

    /// The place of what stands inside an item with these attributes.
    pub(super) fn inside(&self, place: &Place, facts: &Facts) -> Place {
        let mut inside = place.clone();
        inside.depth += 1;
        inside.doubtful = false;
        inside.context.hidden |= facts.hidden;
        inside.context.off |= facts.off;
        inside.context.off_anyway |= facts.off_anyway;
        inside.context.guard = self.guarded(place, facts);
        inside
    }

    /// The conditions around a place, with one's own.
    fn guarded(&self, place: &Place, facts: &Facts) -> Option<Arc<Guard>> {
        let outer = place.context.guard.clone();
        match &facts.cfg {
            Some(cfg) => Some(Arc::new(Guard { outer, cfg: lex::fold(cfg).into() })),
            None => outer,
        }
    }

    pub(super) fn facts(&self, text: &str) -> Facts {
        attributes::facts(text, self.features)
    }

    pub(super) fn text(&self, node: Node) -> &'a str {
        self.slice(node.start_byte(), node.end_byte())
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }
}

/// Whether an item inside a block is something to others, or may bring such.
fn shows_from_block(node: Node, facts: &Facts) -> bool {
    match node.kind() {
        "impl_item" | "const_item" | "static_item" | "function_item" => true,
        "expression_statement" | "macro_invocation" => true,
        "macro_definition" => facts.exported,
        _ => false,
    }
}

/// The third byte of an outer doc comment: that of `///` and of `/**`.
fn node_mark(comment: &str) -> u8 {
    if comment.starts_with("//") { b'/' } else { b'*' }
}
