//! What the library's answers are, in words: the same on every way to say them.

use zenith_core::answers::changes::Change;
use zenith_core::answers::{Kind, Relation};

/// What happened to an item.
pub fn change(change: Change) -> &'static str {
    match change {
        Change::Removed => "removed",
        Change::Moved => "moved",
        Change::Changed => "changed",
        Change::Required => "required",
        Change::Gated => "gated",
        Change::Deprecated => "deprecated",
        Change::Added => "added",
    }
}

/// What an item is used in.
pub fn kind(kind: Kind, relation: Relation) -> &'static str {
    match (kind, relation) {
        (Kind::Documentation, _) => "documentation",
        (Kind::Example, _) => "example",
        (Kind::Test, _) => "test",
        (Kind::Bench, _) => "bench",
        (Kind::Code, Relation::Own) => "your own code",
        (Kind::Code, _) => "code",
    }
}
