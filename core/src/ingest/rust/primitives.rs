//! What the standard library adds to the language's own types. They have no declaration; their methods
//! stand under the path that code can write, `core::primitive::str::trim`.

use std::sync::Arc;

use super::collect::{Collector, Request};
use super::model::{ROOT, Visibility};
use super::resolved::Resolved;
use super::scope::{Def, Id};

const NAMED: [&str; 20] = [
    "bool", "char", "f128", "f16", "f32", "f64", "fn", "i128", "i16", "i32", "i64", "i8", "isize", "str",
    "u128", "u16", "u32", "u64", "u8", "usize",
];

/// The name of the primitive type that an impl is for.
pub(super) fn primitive(self_type: &str) -> Option<&str> {
    match self_type {
        name if NAMED.binary_search(&name).is_ok() => Some(name),
        array if array.starts_with('[') && array.contains(';') => Some("array"),
        slice if slice.starts_with('[') => Some("slice"),
        pointer if pointer.starts_with('*') => Some("pointer"),
        _ => None,
    }
}

impl Collector<'_> {
    /// The public items of a standard crate's impls on primitive types.
    pub(super) fn of_primitives(&self, me: &Resolved, requests: &mut Vec<Request>) {
        let root = me.model.modules.get(ROOT as usize).map_or("", |root| &*root.name);
        for (name, items) in &me.primitives {
            for &id in items {
                let item = me.model.items.get(id as usize);
                let Some(item) = item.filter(|item| item.visibility == Visibility::Public) else { continue };
                requests.push(Request {
                    def: Def { package: me.package, id: Id::Item(id) },
                    path: Arc::from(format!("{root}::primitive::{name}::{}", item.name)),
                    others: Vec::new(),
                    hidden: item.hidden,
                    declared: None,
                    through: None,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_of_the_language_is_known_by_its_text() {
        assert!(NAMED.is_sorted());
        for (text, name) in [
            ("str", Some("str")),
            ("u8", Some("u8")),
            ("[T]", Some("slice")),
            ("[T; N]", Some("array")),
            ("*const T", Some("pointer")),
            ("String", None),
            ("&str", None),
        ] {
            assert_eq!(primitive(text), name, "{text}");
        }
    }
}
