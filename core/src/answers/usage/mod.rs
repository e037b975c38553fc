//! How source texts use an item: texts are parsed, names are followed through their imports, and each use comes
//! with the piece of code around it.
//!
//! # Decisions
//!
//! - **Tokens, with a tree beside them.** What stands in a macro's call (`assert_eq!(f(1), 2)`, half of all tests)
//!   is tokens to a parser. So paths are read from tokens everywhere, and the tree says where they stand.
//! - **Sure, or maybe, or nothing.** A path is followed through `use`, globs whose item is known, `self`, `super`,
//!   `crate` and renamed crates. A method's receiver is followed through its function: a typed variable or parameter,
//!   a literal, a function of the item's package that gives out the type. Where that ends, a call is a *maybe* if
//!   the text names the type, or if the receiver bears the name of something that is of the type elsewhere in the
//!   package: a field, a variable, a function. Else it is left out.

mod find;
mod hints;
mod names;
mod sheet;
mod snippet;

pub use find::How;
pub use hints::HINTS_MAX;
pub use names::Standing;
pub use snippet::{Snippet, dedent};

use std::collections::HashSet;

use crate::answers::wanted::{Shown, Wanted, key};
use crate::ingest::Syntax;

/// More is data, or made by a program.
const TEXT_BYTES_MAX: usize = 2 << 20;

/// A use of an item, with the code around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spotted {
    pub how: How,
    pub certain: bool,
    /// In a test, by the attributes around it.
    pub in_test: bool,
    /// 0-based.
    pub row: usize,
    /// The function that it stands in, or the type that an impl or a derive is for.
    pub within: Option<String>,
    pub snippet: Snippet,
}

impl Spotted {
    /// A text that shows an item as a whole, whatever it names.
    pub fn whole(lines: &[&str]) -> Spotted {
        let code = dedent(lines);
        let snippet = Snippet { row_start: 0, row_end: lines.len().saturating_sub(1), whole: true, code };
        Spotted { how: How::Mention, certain: true, in_test: false, row: 0, within: None, snippet }
    }
}

/// A comment that documents something: its text without the marks, each line where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// 0-based, of its first line.
    pub row: usize,
    pub text: String,
}

/// The names in a text of what is of the type that a method is of.
pub fn hints(syntax: &mut Syntax, text: &str, standing: &Standing, wanted: &Wanted) -> HashSet<String> {
    let tree = (text.len() <= TEXT_BYTES_MAX).then(|| syntax.parse_whole(text)).flatten();
    let Some(tree) = tree else { return HashSet::new() };
    let sheet = sheet::Sheet::of(text, &tree);
    hints::hints(&names::Names::of(&sheet, standing), wanted)
}

/// What a text has of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    pub spotted: Vec<Spotted>,
    /// All that document something.
    pub comments: Vec<Comment>,
    /// By which paths its modules show the item to other files of the package.
    pub shown: Shown,
}

/// Reads what a text has of an item. `hints` are names of what is of its type.
pub fn read(
    syntax: &mut Syntax,
    text: &str,
    standing: &Standing,
    wanted: &Wanted,
    hints: &HashSet<String>,
) -> Option<Read> {
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    let tree = syntax.parse_whole(text)?;
    let sheet = sheet::Sheet::of(text, &tree);
    let names = names::Names::of(&sheet, standing);
    let spots = find::find(&names, wanted, hints);
    let owner = |path: &[String]| wanted.owner.as_ref().is_some_and(|one| one.paths.contains(&key(path)));
    Some(Read {
        spotted: spots.into_iter().filter_map(|spot| snippet::around(&sheet, spot)).collect(),
        comments: comments(&sheet),
        shown: Shown {
            items: names.shown(&|path| wanted.is(path)).filter(|path| !wanted.paths.contains(path)).collect(),
            owners: names.shown(&owner).collect(),
        },
    })
}

/// Whether the imports of a text say that an item's name means the item there; none where no import brings the name.
pub fn is_imported(syntax: &mut Syntax, text: &str, standing: &Standing, wanted: &Wanted) -> Option<bool> {
    let tree = (text.len() <= TEXT_BYTES_MAX).then(|| syntax.parse_whole(text)).flatten()?;
    let sheet = sheet::Sheet::of(text, &tree);
    let names = names::Names::of(&sheet, standing);
    let of_name = names.imported().filter(|(alias, _)| *alias == wanted.name);
    of_name.map(|(_, path)| wanted.is(&path)).reduce(|one, other| one || other)
}

/// Comments of lines that follow one another are one.
fn comments(sheet: &sheet::Sheet<'_>) -> Vec<Comment> {
    let mut found: Vec<Comment> = Vec::new();
    let mut next = usize::MAX;
    for &(start, end, row) in &sheet.comments {
        let line = sheet.text.get(start..end).unwrap_or_default().trim_end();
        let body = line.strip_prefix("///").filter(|rest| !rest.starts_with('/'));
        let Some(body) = body.or_else(|| line.strip_prefix("//!")) else { continue };
        let body = body.strip_prefix(' ').unwrap_or(body);
        match found.last_mut().filter(|_| row == next) {
            Some(comment) => {
                comment.text.push('\n');
                comment.text.push_str(body);
            }
            None => found.push(Comment { row, text: body.to_owned() }),
        }
        next = row + 1;
    }
    found
}

#[cfg(test)]
mod tests;
