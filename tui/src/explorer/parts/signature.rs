//! A signature over several lines, where one is too short: parameters and bounds a line each, as
//! rustfmt would lay them out.

const INDENT: &str = "    ";

/// The signature as it is where it fits the width, else spread out.
pub fn spread(signature: &str, width: usize) -> String {
    if signature.contains('\n') || signature.chars().count() <= width {
        return signature.to_string();
    }
    let (head, bounds) = match find_at_top(signature, " where ") {
        Some(at) => (&signature[..at], Some(&signature[at + " where ".len()..])),
        None => (signature, None),
    };
    let mut lines = Vec::new();
    match parameters(head).filter(|_| head.chars().count() > width) {
        Some((start, end)) => {
            lines.push(head[..start].to_string());
            lines.extend(items(&head[start..end]));
            lines.push(head[end..].to_string());
        }
        None => lines.push(head.to_string()),
    }
    if let Some(bounds) = bounds {
        lines.push("where".to_string());
        lines.extend(items(bounds));
    }
    lines.join("\n")
}

/// What commas part at the top, a line each.
fn items(list: &str) -> Vec<String> {
    let mut items = Vec::new();
    let mut rest = list.trim();
    while !rest.is_empty() {
        let (item, after) = match find_at_top(rest, ",") {
            Some(at) => (&rest[..at], rest[at + 1..].trim_start()),
            None => (rest, ""),
        };
        items.push(format!("{INDENT}{},", item.trim()));
        rest = after;
    }
    items
}

/// The range between the parentheses of a function's parameters; none where there are none.
fn parameters(head: &str) -> Option<(usize, usize)> {
    let start = find_at_top(head, "(")? + 1;
    let end = start + find_at_top(&head[start..], ")")?;
    (!head[start..end].trim().is_empty()).then_some((start, end))
}

/// The first place of some text that no bracket encloses.
fn find_at_top(text: &str, wanted: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if depth == 0 && text[at..].starts_with(wanted) {
            return Some(at);
        }
        match c {
            '(' | '[' | '{' | '<' => depth += 1,
            // An arrow closes nothing.
            '>' if matches!(before, '-' | '=') => {}
            ')' | ']' | '}' | '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays_on_its_line() {
        assert_eq!(spread("pub fn new() -> Self", 40), "pub fn new() -> Self");
        assert_eq!(spread("pub struct Some<T> where T: Copy", 40), "pub struct Some<T> where T: Copy");
    }

    #[test]
    fn bounds_come_first_then_parameters() {
        let signature =
            "pub fn go<F: Fn(u8) -> u8>(f: F, map: HashMap<K, (A, B)>) -> R where F: Send, R: 'static";
        let bounds_alone = "pub fn go<F: Fn(u8) -> u8>(f: F, map: HashMap<K, (A, B)>) -> R\n\
                            where\n    F: Send,\n    R: 'static,";
        assert_eq!(spread(signature, 70), bounds_alone);
        let all = "pub fn go<F: Fn(u8) -> u8>(\n    f: F,\n    map: HashMap<K, (A, B)>,\n) -> R\n\
                   where\n    F: Send,\n    R: 'static,";
        assert_eq!(spread(signature, 40), all);
    }

    #[test]
    fn what_is_no_function_and_what_is_broken_stays_whole() {
        for text in
            ["pub const LONG: &str", "fn (((", "fn a)>>>(b", "where where where", "(,,,)", "fn é(ü: ö, ä"]
        {
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            assert_eq!(letters(&spread(text, 3)), letters(text));
        }
    }
}
