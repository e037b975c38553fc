//! Writes the corpus of tokens that the verifier is held to: `fixtures/tokens/tokens.jsonl`, one
//! case a line, and `keys.json`, the issuers' settings and public keys.
//!
//! ```text
//! cargo run --release --workspace --bin tokens
//! ```
//!
//! Every run makes new keys and so new tokens; the private halves are gone when it ends. Each bad
//! token is right in all but the one way that its `why` states: correctly signed where it can be.

mod bent;
mod encoding;
mod header;
mod maker;
mod signature;
mod valid;

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use maker::Maker;

fn main() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/tokens");
    let maker = Maker::new()?;
    let tables = [valid::cases, header::cases, signature::cases, encoding::cases, bent::cases];
    let mut lines = String::new();
    let mut names = HashSet::new();
    for table in tables {
        for case in table(&maker)? {
            ensure!(names.insert(case.name.clone()), "two cases are called {}", case.name);
            lines.push_str(&serde_json::to_string(&case)?);
            lines.push('\n');
        }
    }
    let keys = serde_json::to_string_pretty(&maker.settings())? + "\n";
    fs::create_dir_all(&folder).with_context(|| format!("make the folder {}", folder.display()))?;
    for (name, text) in [("tokens.jsonl", lines), ("keys.json", keys)] {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
    }
    println!("{} cases in {}", names.len(), folder.display());
    Ok(())
}
