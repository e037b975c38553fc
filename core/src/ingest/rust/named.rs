//! The files that a source file names, found without parsing it: modules, `#[path]`, `include!`.

use std::path::{Path, PathBuf};

use super::attributes::string_value;
use super::lex::{Token, tokens};

/// Where the files may be that `text`, the text of `file`, names. Some will not be there, and some
/// names may stand in code that means something else by them.
pub(in crate::ingest) fn named(file: &Path, text: &str) -> Vec<PathBuf> {
    let dir = file.parent().unwrap_or(file);
    let own_dir = file.with_extension("");
    let mut found = Vec::new();
    // Inline modules around the place, by the depth of their braces.
    let mut around: Vec<(usize, &str)> = Vec::new();
    let (mut depth, mut before): (usize, [&str; 3]) = (0, [""; 3]);
    for (token, range) in tokens(text, 0) {
        let word = text.get(range).unwrap_or_default();
        match token {
            Token::Space | Token::Comment => continue,
            Token::Open => {
                if let ("{", [_, "mod", name]) = (word, before) {
                    around.push((depth, name));
                }
                depth += 1;
            }
            Token::Close => {
                depth = depth.saturating_sub(1);
                around.pop_if(|(outer, _)| *outer >= depth);
            }
            Token::Punct if word == ";" => {
                if let [_, "mod", name] = before {
                    let name = name.trim_start_matches("r#");
                    for base in [dir, &own_dir] {
                        let base = around.iter().fold(base.to_owned(), |base, (_, name)| base.join(name));
                        found.push(base.join(format!("{name}.rs")));
                        found.push(base.join(name).join("mod.rs"));
                    }
                }
            }
            Token::Literal => {
                let names_file = matches!(before, [_, "path", "="])
                    || matches!(before, ["include" | "include_str", "!", "(" | "[" | "{"]);
                if let Some(path) = string_value(word).filter(|_| names_file) {
                    let inside = around.iter().fold(own_dir.clone(), |base, (_, name)| base.join(name));
                    let beside = around.iter().fold(dir.to_owned(), |base, (_, name)| base.join(name));
                    found.extend([dir, &inside, &beside].map(|base| base.join(&*path)));
                }
            }
            _ => {}
        }
        before = [before[1], before[2], word];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_names_is_found() {
        let text =
            "mod a; mod b { #[path = \"c.rs\"] mod d; } // mod e;\nmod f {} mod g; include!(\"h.inc\");";
        let found = named(Path::new("src/lib.rs"), text);
        let has = |path: &str| found.contains(&PathBuf::from(path));
        for path in [
            "src/a.rs",
            "src/a/mod.rs",
            "src/b/c.rs",
            "src/b/d.rs",
            "src/lib/b/c.rs",
            "src/g.rs",
            "src/h.inc",
        ] {
            assert!(has(path), "{path} of {found:?}");
        }
        assert!(!has("src/e.rs") && !has("src/f/g.rs"));
        for text in ["mod", "mod a", "}}} mod a;", "include!(", "path = "] {
            named(Path::new(""), text);
        }
    }
}
