//! `zenith keys`: the explorer's actions by the names that the settings give them keys by.

use std::process::ExitCode;

use unicode_width::UnicodeWidthStr;
use zenith_core::config::Config;

use super::output;
use crate::explorer::{Named, named};

pub fn run(config: &Config, json: bool) -> anyhow::Result<ExitCode> {
    let (all, said) = named(&config.keys);
    for word in said {
        output::note(&word);
    }
    let keys = |one: &Named| one.keys.join("  ");
    let columns =
        |text: &dyn Fn(&Named) -> String| all.iter().map(|one| text(one).width()).max().unwrap_or(0);
    let (name_columns, keys_columns) = (columns(&|one| one.name.clone()), columns(&keys));
    let style = output::Style::of_stdout();
    for one in &all {
        if json {
            output::json(one)?;
            continue;
        }
        let padded = |text: &str, columns: usize| format!("{text}{}", " ".repeat(columns - text.width()));
        let name = style.bold(&padded(&one.name, name_columns));
        let place = if one.tabs.is_empty() { String::new() } else { format!("  ({})", one.tabs.join(", ")) };
        let place = style.dim(&place);
        output::line(format!("{name}  {}  {}{place}", padded(&keys(one), keys_columns), one.does))?;
    }
    Ok(ExitCode::SUCCESS)
}
