//! The text of AWS's files as botocore reads it, written so that AWS's crate reads the same.
//!
//! Of the two, botocore is what wrote most of these files. It takes names in quotes, with blanks and all; lines
//! that are set in below a section; and `:` for `=`. The crate takes none of these. Lines stay what they are by
//! number: errors name them.

use super::EnvConfigFileKind;

/// What names another section.
const REFERENCES: [&str; 3] = ["source_profile", "sso_session", "services"];

pub(super) fn as_the_crate_reads(text: &str, kind: &EnvConfigFileKind) -> String {
    let mut written = String::with_capacity(text.len());
    // How far a setting is set in: what is set in further goes on with it.
    let mut setting: Option<usize> = None;
    for line in text.lines() {
        let content = line.trim();
        let indent = line.len() - line.trim_start().len();
        if content.is_empty() || content.starts_with(['#', ';']) {
            // Nothing begins and nothing ends with it.
        } else if setting.is_some_and(|at| indent > at) {
            written.push(' ');
            written.push_str(content);
        } else if let Some(rest) = content.strip_prefix('[') {
            setting = None;
            match rest.split_once(']') {
                Some((name, _)) => written.push_str(&format!("[{}]", section(name.trim(), kind))),
                None => written.push_str(content),
            }
        } else {
            setting = Some(indent);
            written.push_str(&property(content));
        }
        written.push('\n');
    }
    written
}

/// The name of a section, in which the crate takes letters, digits and some marks: what else there is stands
/// as in a URL.
pub(super) fn encoded(name: &str) -> String {
    let mut written = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'_' | b'-' | b'/' | b'.' | b'%' | b'@' | b':' | b'+' => written.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => written.push(char::from(byte)),
            _ => written.push_str(&format!("%{byte:02X}")),
        }
    }
    written
}

fn section(name: &str, kind: &EnvConfigFileKind) -> String {
    match (kind, name.split_once([' ', '\t'])) {
        // A profile alone, by its bare name.
        (EnvConfigFileKind::Credentials, _) | (_, None) => encoded(unquoted(name)),
        (_, Some((kind, name))) => {
            let name = name.trim();
            match unquoted(name) {
                // Two words are no name: botocore does not know such a section either.
                same if same == name && name.contains([' ', '\t']) => format!("{kind} {name}"),
                name => format!("{kind} {}", encoded(name)),
            }
        }
    }
}

fn property(content: &str) -> String {
    let Some((name, value)) = content.split_once(['=', ':']) else { return content.to_string() };
    let (name, value) = (name.trim(), value.trim());
    match REFERENCES.contains(&name.to_ascii_lowercase().as_str()) {
        true => {
            let value = value.split(" #").next().unwrap_or_default().split(" ;").next().unwrap_or_default();
            format!("{name} = {}", encoded(value.trim()))
        }
        false => format!("{name} = {value}"),
    }
}

fn unquoted(name: &str) -> &str {
    let within = |quote: char| name.strip_prefix(quote)?.strip_suffix(quote);
    within('"').or_else(|| within('\'')).unwrap_or(name)
}
