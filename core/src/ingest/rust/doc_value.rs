//! The value of what stands after `doc =`: a string, or what the standard macros make of some.

use super::attributes::{arguments_of, split_list, string_value};
use super::lex;
use super::rows::OpenFile;
use crate::ingest::walk;

/// Macros inside one another.
const DEPTH_MAX: usize = 16;
/// As much as is kept of a documentation.
pub const DOC_BYTES_MAX: usize = 32 << 10;
/// What stands where only a build would know.
const UNKNOWN: &str = "…";

/// What a value is for. A path may name the folder that the package lies in; a text must not, since it is
/// another one on every machine.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Text,
    Path,
}

/// The text that an expression stands for; none where only a build would know.
pub(super) fn text_of(expression: &str, file: &OpenFile) -> Option<String> {
    evaluate(expression, Purpose::Text, file, 0)
}

fn evaluate(expression: &str, purpose: Purpose, file: &OpenFile, depth: usize) -> Option<String> {
    let expression = expression.trim();
    if let Some(literal) = string_value(expression) {
        return Some(literal.into_owned());
    }
    let (path, rest) = expression.split_once('!').filter(|_| depth < DEPTH_MAX)?;
    let name = path.rsplit("::").next()?.trim();
    let arguments = arguments_of(rest.trim_start())?;
    match name {
        "concat" => Some(concat(arguments, purpose, file, depth)),
        "stringify" => Some(lex::fold(arguments)),
        "include_str" => include(&evaluate(arguments, Purpose::Path, file, depth + 1)?, file),
        "env" | "option_env" => {
            let name = split_list(arguments).into_iter().next()?;
            environment(&string_value(name)?, purpose, file)
        }
        _ => None,
    }
}

fn concat(arguments: &str, purpose: Purpose, file: &OpenFile, depth: usize) -> String {
    let mut whole = String::new();
    for argument in split_list(arguments) {
        if whole.len() > DOC_BYTES_MAX {
            break;
        }
        let character = argument.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        let literal = || argument.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        match evaluate(argument, purpose, file, depth + 1) {
            Some(text) => whole.push_str(&text),
            None if character.is_some() => {
                let text = format!("\"{}\"", character.unwrap_or_default().replace('"', "\\\""));
                whole.push_str(&string_value(&text).unwrap_or_default());
            }
            None if literal() || matches!(argument, "true" | "false") => whole.push_str(argument),
            None => whole.push_str(UNKNOWN),
        }
    }
    whole
}

/// A file of the package.
fn include(path: &str, file: &OpenFile) -> Option<String> {
    let (_, text) = walk::read_text(file.root, &file.absolute.parent()?.join(path)).ok()?;
    Some(text)
}

/// What cargo sets for a build of the package, as far as it follows from the package.
fn environment(variable: &str, purpose: Purpose, file: &OpenFile) -> Option<String> {
    let number = |at: usize| file.package.version().split(['.', '-', '+']).nth(at).map(str::to_owned);
    match variable {
        "CARGO_MANIFEST_DIR" if purpose == Purpose::Path => Some(file.root.to_string_lossy().into_owned()),
        "CARGO_PKG_NAME" => Some(file.package.name().to_owned()),
        "CARGO_CRATE_NAME" => Some(file.package.name().replace('-', "_")),
        "CARGO_PKG_VERSION" => Some(file.package.version().to_owned()),
        "CARGO_PKG_VERSION_MAJOR" => number(0),
        "CARGO_PKG_VERSION_MINOR" => number(1),
        "CARGO_PKG_VERSION_PATCH" => number(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::PackageId;

    #[test]
    fn what_a_build_would_say_is_said_without_one() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("src")).unwrap();
        std::fs::write(root.join("README.md"), "# Read me").unwrap();
        std::fs::write(root.join("src/part.md"), "Part.").unwrap();
        let package = PackageId::rust("a-b", "1.2.3").unwrap();
        let absolute = root.join("src/lib.rs");
        let file = OpenFile {
            root: &root,
            absolute: &absolute,
            relative: "src/lib.rs",
            text: "",
            package: &package,
            own: false,
            features: None,
        };
        let text = |expression: &str| text_of(expression, &file);
        for (expression, value) in [
            (r#""plain\u{21} \x41""#, "plain! A"),
            (r##"concat!("a", 'b', "c\n", 1, true, r#"d"#)"##, "abc\n1trued"),
            (r#"concat!("[`", stringify!(Vec < T >), "`]")"#, "[`Vec < T >`]"),
            (
                r#"concat!("v", env!("CARGO_PKG_VERSION"), concat!(" of ", env!("CARGO_PKG_NAME", "why")))"#,
                "v1.2.3 of a-b",
            ),
            (r#"include_str!("part.md")"#, "Part."),
            (r#"include_str!("../README.md")"#, "# Read me"),
            (r#"include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"))"#, "# Read me"),
            (
                r#"::core::include_str!(::std::concat!(env!("CARGO_MANIFEST_DIR"), "/", "src", "/part.md"))"#,
                "Part.",
            ),
            (r#"std::concat!("a", env!("HOME"), "b", $x)"#, "a…b…"),
            (r#"concat!("at ", env!("CARGO_MANIFEST_DIR"))"#, "at …"),
        ] {
            assert_eq!(text(expression).as_deref(), Some(value), "{expression}");
        }
        for unknown in
            [r#"include_str!("../../secret")"#, "SOME", "other!(1)", "concat!", r#"env!("OUT_DIR")"#]
        {
            assert_eq!(text(unknown), None, "{unknown}");
        }
        assert!(text(&format!("{}1{}", "concat!(".repeat(10_000), ")".repeat(10_000))).is_some());
    }
}
