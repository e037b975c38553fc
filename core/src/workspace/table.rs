//! The tables of a workspace, declared once: what a row must be, the columns of both databases, and the words of the
//! documentation follow from it.

/// A table: a map of rows by their ids in the document, a table of the same name in the databases.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    pub name: &'static str,
    pub about: &'static str,
    pub columns: &'static [Column],
}

/// A column beside `id`, which every table has.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub is_required: bool,
    pub about: &'static str,
}

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One text, of which the last that was written counts.
    Text,
    /// A text whose edits merge: Markdown, as Y.Text in the document.
    Body,
    Integer,
    /// Milliseconds since 1970.
    Time,
    Flag,
    /// Words of which each merges by itself: a Y.Map of `word: true` in the document, a JSON array in the databases.
    Words,
}

pub const TABLES: &[Table] = &[
    Table {
        name: "notes",
        about: "What somebody wrote, about a package, an item or nothing in particular",
        columns: &[
            required("title", Kind::Text, "One line"),
            column("body", Kind::Body, "Markdown"),
            column("tags", Kind::Words, "Names of tags"),
            column("ecosystem", Kind::Text, "Of the package that it speaks of: rust"),
            column("package", Kind::Text, "The package that it speaks of"),
            column("version", Kind::Text, "The version of that package when it was written"),
            column("item", Kind::Text, "The path of the item that it speaks of"),
            column("signature", Kind::Text, "The item's signature when it was written"),
            column("file", Kind::Text, "A file of the package, where no item is meant"),
            column("line", Kind::Integer, "A line of that file, the first is 1"),
            required("created_at", Kind::Time, "When it was written, in milliseconds since 1970"),
            required("changed_at", Kind::Time, "When it was last changed, in milliseconds since 1970"),
        ],
    },
    Table {
        name: "searches",
        about: "Searches that are kept, to be run again",
        columns: &[
            required("query", Kind::Text, "The words"),
            column("mode", Kind::Text, "text, vector or hybrid"),
            column("tiers", Kind::Words, "public, team, private; all where none is named"),
            column("filters", Kind::Text, "Filters as the command line has them"),
            column("is_pinned", Kind::Flag, "Whether it stands before the others"),
            required("created_at", Kind::Time, "When it was kept, in milliseconds since 1970"),
        ],
    },
    Table {
        name: "findings",
        about: "Items that were found and are kept",
        columns: &[
            required("path", Kind::Text, "The path of the item"),
            column("ecosystem", Kind::Text, "Of its package: rust"),
            required("package", Kind::Text, "Its package"),
            required("version", Kind::Text, "The version of that package then"),
            column("signature", Kind::Text, "Its signature then"),
            column("state", Kind::Text, "open, kept or obsolete"),
            column("query", Kind::Text, "The words that found it"),
            required("created_at", Kind::Time, "When it was kept, in milliseconds since 1970"),
        ],
    },
    Table {
        name: "tags",
        about: "What is known of a tag beside its name",
        columns: &[
            required("name", Kind::Text, "The name that notes have"),
            column("colour", Kind::Text, "One of the terminal's names, or #rrggbb"),
            column("about", Kind::Text, "What it stands for"),
        ],
    },
];

/// A table by its name.
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

const fn column(name: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { name, kind, is_required: false, about }
}

const fn required(name: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { name, kind, is_required: true, about }
}
