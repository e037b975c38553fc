//! Files that are read into the middle of a module: `include!`.

use super::attributes::{arguments_of, split_list, string_value};
use super::extract::{Extractor, Place};
use super::fragment::Wanted;
use super::model::Parent;

impl Extractor<'_> {
    pub(super) fn include(&mut self, argument: &str, place: &Place) {
        if place.parent != Parent::Module {
            return;
        }
        let what = match named(argument.trim().trim_end_matches(',')) {
            Some((Base::File, path)) => {
                let candidates = vec![place.context.file_dir.join(path)];
                Wanted::File { candidates, fills_module: false }
            }
            Some((Base::Package, path)) => Wanted::OfPackage(path),
            Some((Base::Build, _)) => Wanted::Generated,
            None => return,
        };
        self.want(place, what);
    }
}

/// Where a path counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    File,
    Package,
    /// What only a build knows.
    Build,
}

/// The path that an expression of strings, `concat!` and `env!` stands for.
fn named(expression: &str) -> Option<(Base, String)> {
    if let Some(path) = string_value(expression) {
        return Some((Base::File, path.into_owned()));
    }
    let (mut base, mut path) = (None, String::new());
    let parts = match expression.strip_prefix("concat!").and_then(arguments_of) {
        Some(list) => split_list(list),
        None => vec![expression],
    };
    for part in parts {
        if let Some(text) = string_value(part) {
            base.get_or_insert(Base::File);
            path.push_str(&text);
        } else {
            let variable = part.strip_prefix("env!").and_then(arguments_of)?;
            let variable = split_list(variable).first().and_then(|one| string_value(one))?;
            match &*variable {
                "CARGO_MANIFEST_DIR" if base.is_none() => base = Some(Base::Package),
                _ => return Some((Base::Build, String::new())),
            }
        }
    }
    let base = base?;
    if base == Base::Package {
        path = path.trim_start_matches('/').to_owned();
    }
    Some((base, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_included_path_is_read_where_it_can_be() {
        let found = |text| named(text).map(|(base, path)| format!("{base:?} {path}")).unwrap_or_default();
        assert_eq!(found("\"a.rs\""), "File a.rs");
        assert_eq!(found("concat!(\"a\", \".rs\")"), "File a.rs");
        assert_eq!(found("concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/src/a.rs\")"), "Package src/a.rs");
        assert_eq!(found("concat!(env!(\"OUT_DIR\"), \"/a.rs\")"), "Build ");
        assert_eq!(found("env!(\"GENERATED\")"), "Build ");
        assert_eq!(found("$path"), "");
        assert_eq!(found(""), "");
    }
}
