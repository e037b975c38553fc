//! What a row of a list is: the kinds of symbols, and those of what lies between them.

/// The kind of a symbol or of a section of documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Doc,
    /// A file of documentation, with its sections below it.
    Folder,
    Module,
    Struct,
    Enum,
    Union,
    Trait,
    Type,
    Variant,
    Macro,
    Fn,
    Method,
    Const,
    Static,
    /// A kind that a newer version wrote.
    Other,
}

impl Kind {
    /// The kind that a dataset or a result names.
    pub fn parse(text: &str) -> Kind {
        match text {
            "doc" => Kind::Doc,
            "mod" => Kind::Module,
            "struct" => Kind::Struct,
            "enum" => Kind::Enum,
            "union" => Kind::Union,
            "trait" => Kind::Trait,
            "type" => Kind::Type,
            "variant" => Kind::Variant,
            "macro" => Kind::Macro,
            "fn" => Kind::Fn,
            "method" => Kind::Method,
            "const" => Kind::Const,
            "static" => Kind::Static,
            _ => Kind::Other,
        }
    }

    /// One column wide, for a tree.
    pub fn glyph(self) -> &'static str {
        match self {
            Kind::Doc => "¶",
            Kind::Folder => "≡",
            Kind::Module => "m",
            Kind::Struct => "S",
            Kind::Enum => "E",
            Kind::Union => "U",
            Kind::Trait => "T",
            Kind::Type => "=",
            Kind::Variant => "·",
            Kind::Macro => "!",
            Kind::Fn | Kind::Method => "ƒ",
            Kind::Const | Kind::Static => "c",
            Kind::Other => "?",
        }
    }

    /// The word that a user types after `kind:`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Doc | Kind::Folder => "doc",
            Kind::Module => "mod",
            Kind::Struct => "struct",
            Kind::Enum => "enum",
            Kind::Union => "union",
            Kind::Trait => "trait",
            Kind::Type => "type",
            Kind::Variant => "variant",
            Kind::Macro => "macro",
            Kind::Fn => "fn",
            Kind::Method => "method",
            Kind::Const => "const",
            Kind::Static => "static",
            Kind::Other => "",
        }
    }

    /// Whether it is there for what is below it.
    pub fn is_folder(self) -> bool {
        matches!(self, Kind::Folder | Kind::Module)
    }

    /// Where it stands among its siblings.
    pub fn order(self) -> u8 {
        match self {
            Kind::Folder | Kind::Doc => 0,
            Kind::Module => 1,
            Kind::Trait => 2,
            Kind::Struct | Kind::Enum | Kind::Union | Kind::Type => 3,
            Kind::Variant => 4,
            Kind::Macro => 5,
            Kind::Fn | Kind::Method => 6,
            Kind::Const | Kind::Static => 7,
            Kind::Other => 8,
        }
    }

    /// How fit it is to hold what lies under its path, where several items share one; `None` for
    /// what holds nothing.
    pub fn holds(self) -> Option<u8> {
        match self {
            Kind::Module => Some(0),
            Kind::Struct | Kind::Enum | Kind::Union => Some(1),
            Kind::Trait => Some(2),
            Kind::Type => Some(3),
            _ => None,
        }
    }
}
