//! How one gets an item: what to add, what to turn on, what to write.

use zenith_core::answers::Fact;

use crate::explorer::parts::builder::Builder;
use crate::text::clean_line;

/// What there may be, in the order in which one needs it, and what it is called.
const FACTS: [(&str, &str); 8] = [
    ("add", "Add"),
    ("feature", "Feature"),
    ("use", "Use"),
    ("only", "Only on"),
    ("since", "Since"),
    ("msrv", "Needs"),
    ("unstable", "Unstable"),
    ("deprecated", "Deprecated"),
];

/// A line for each that is known.
pub fn put(page: &mut Builder<'_>, facts: &[Fact]) {
    for (what, name) in FACTS {
        for fact in facts.iter().filter(|fact| fact.what == what) {
            page.fact(name, &clean_line(&fact.value));
        }
    }
    if !facts.is_empty() {
        page.blank();
    }
}

/// The line that adds the package.
pub fn add_line(facts: &[Fact]) -> Option<String> {
    facts.iter().find(|fact| fact.what == "add").map(|fact| clean_line(&fact.value))
}
