//! What items are found by beside their names and documentation.

use serde_json::Value;
use zenith_core::ingest::Ingested;

use super::crates::{Crates, crate_of};

/// What a row's metadata says under a key.
fn said(ingested: &Ingested, path: &str, key: &str) -> Value {
    let symbol = ingested.symbols.iter().find(|symbol| symbol.path == path);
    let symbol = symbol.unwrap_or_else(|| panic!("{path} is not there"));
    symbol.metadata.get(key).cloned().unwrap_or_default()
}

fn assert_said(ingested: &Ingested, path: &str, key: &str, expected: &[&str]) {
    let said = said(ingested, path, key);
    let list: Vec<&str> = said.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert_eq!(list, expected, "{key} of {path}");
}

const CLOCK: &str = "
    pub mod time {
        pub fn timeout() {}
        pub struct Timer;
        impl Timer { pub fn new() -> Timer { Timer } pub fn reset(&self) {} pub fn len(&self) -> u8 { 0 } }
    }
    pub mod other { pub struct Queue; impl Queue { pub fn drain_all(&self) {} pub fn reset(&self) {} } }
    pub struct Alone;
";

#[test]
fn prose_before_code_is_about_what_the_code_uses() {
    let readme = "# Clock\n\nGive up on a slow request:\n\n```rust\nuse clock::time::timeout;\ntimeout();\n```\n\n\
                  ## Reuse\n\nStart the countdown again.\n\n```\n# use clock::time::{self, Timer as T};\n\
                  let timer = T::new();\ntimer.reset();\n```\n";
    let ingested = Crates::new().with("clock", &[("src/lib.rs", CLOCK), ("README.md", readme)]).ingest();
    assert_said(&ingested, "clock::time::timeout", "uses", &["Clock: Give up on a slow request:"]);
    assert_eq!(said(&ingested, "clock::time::timeout", "used"), 1);
    let again = ["Reuse: Start the countdown again."];
    assert_said(&ingested, "clock::time::Timer::new", "uses", &again);
    assert_said(&ingested, "clock::time::Timer::reset", "uses", &again);
    // Another type's, of the same name.
    assert_said(&ingested, "clock::other::Queue::reset", "uses", &[]);
    assert_eq!(said(&ingested, "clock::other::Queue::reset", "used"), Value::Null);
}

#[test]
fn where_no_type_is_known_only_a_name_that_the_package_has_once_counts() {
    let readme =
        "Empty the backlog at once.\n\n```\nbacklog.drain_all();\nother.reset();\nbacklog.len();\n```\n";
    let ingested = Crates::new().with("clock", &[("src/lib.rs", CLOCK), ("README.md", readme)]).ingest();
    assert_said(&ingested, "clock::other::Queue::drain_all", "uses", &["Empty the backlog at once."]);
    for path in ["clock::other::Queue::reset", "clock::time::Timer::reset", "clock::time::Timer::len"] {
        assert_said(&ingested, path, "uses", &[]);
    }
}

#[test]
fn documentation_is_about_other_items_than_its_own() {
    let text = "
        /// Waits for whoever comes last.
        ///
        /// # Examples
        ///
        /// ```
        /// use it::{Meeting, gather};
        /// // Let everybody in.
        /// let meeting = Meeting;
        /// meeting.open_doors();
        ///
        /// gather();
        /// ```
        pub fn gather() {}
        pub struct Meeting;
        impl Meeting { pub fn open_doors(&self) {} }
    ";
    let ingested = crate_of(text).ingest();
    assert_said(&ingested, "it::gather", "uses", &[]);
    assert_eq!(said(&ingested, "it::gather", "used"), 1);
    let told = ["Let everybody in.", "Waits for whoever comes last."];
    assert_said(&ingested, "it::Meeting::open_doors", "uses", &told);
}

#[test]
fn examples_and_tests_tell_by_their_comments_and_names() {
    let example = "//! Stops a download that takes too long.\n\nuse clock::time::timeout;\n\nfn main() {\n    \
                   // Not for ever.\n    timeout();\n}\n";
    let test = "use clock::Alone;\n#[test]\nfn a_lonely_value_is_made_anywhere() { Alone; }\n";
    let source = format!(
        "{CLOCK}\n#[cfg(test)]\nmod tests {{\n    use super::*;\n    #[test]\n    fn draining_leaves_nothing_behind() \
         {{ other::Queue.drain_all(); }}\n    fn helper_of_many_words_here() {{ timeout(); }}\n}}\n"
    );
    let files: [(&str, &str); 3] =
        [("src/lib.rs", &source), ("examples/download.rs", example), ("tests/alone.rs", test)];
    let ingested = Crates::new().with("clock", &files).ingest();
    let told = ["Not for ever.", "Stops a download that takes too long."];
    assert_said(&ingested, "clock::time::timeout", "uses", &told);
    assert_eq!(said(&ingested, "clock::time::timeout", "used"), 1);
    assert_said(&ingested, "clock::Alone", "uses", &["a lonely value is made anywhere"]);
    // A test tries, and shows nobody how.
    assert_eq!(said(&ingested, "clock::Alone", "used"), Value::Null);
    let drained = ["draining leaves nothing behind"];
    assert_said(&ingested, "clock::other::Queue::drain_all", "uses", &drained);
}

#[test]
fn ones_own_code_is_used_where_it_is_called() {
    let text = "
        pub mod tree { pub fn walk() { visit(); } pub fn visit() {} }
        fn first() { tree::visit(); tree::visit(); }
        fn second() { crate::tree::visit(); }
        #[cfg(test)]
        mod tests { fn tried() { crate::tree::walk(); } }
    ";
    let used = |ingested: &Ingested, path: &str| said(ingested, path, "used");
    let own = crate_of(text).own().ingest();
    assert_eq!(used(&own, "it::tree::visit"), 3);
    assert_eq!(used(&own, "it::tree::walk"), Value::Null);
    assert_eq!(used(&crate_of(text).ingest(), "it::tree::visit"), Value::Null);
}

/// A variable, a field or another type's method of the same name is no use.
#[test]
fn a_word_like_a_functions_name_is_no_use_of_it() {
    let text = "
        pub mod answer { pub struct Answer; impl Answer { pub fn kind(&self) {} pub fn ask_again(&self) { self.told() } fn told(&self) {} } }
        pub mod rows { pub fn lines() {} pub fn cells() {} }
        fn first(lines: &str) { let cells = lines.lines(); other(cells, Row { lines, cells: 1 }); }
        fn second(error: std::io::Error) { error.kind(); unseen().ask_again(); }
        fn third() { rows::lines(); }
        fn fourth() { let one = answer::Answer; one.kind(); }
    ";
    let own = crate_of(text).own().ingest();
    let used = |path: &str| said(&own, path, "used");
    assert_eq!((used("it::rows::lines"), used("it::rows::cells")), (1.into(), Value::Null));
    assert_eq!(used("it::answer::Answer::kind"), 1, "of the two values only one is known to be of its type");
    assert_eq!(used("it::answer::Answer::ask_again"), 1, "a name of two words is hardly another's");
    assert_eq!(used("it::answer::Answer::told"), 1);
}

#[test]
fn the_texts_of_an_item_and_of_a_package_are_bounded() {
    let mut readme = String::new();
    for n in 0..200 {
        readme +=
            &format!("Reason number {n}: {}\n\n```\nclock::time::timeout();\n```\n\n", "because ".repeat(20));
    }
    let ingested = Crates::new().with("clock", &[("src/lib.rs", CLOCK), ("README.md", &readme)]).ingest();
    let said = said(&ingested, "clock::time::timeout", "uses");
    let lengths: Vec<usize> =
        said.as_array().unwrap().iter().map(|one| one.as_str().unwrap().len()).collect();
    assert!(lengths.len() > 1 && lengths.iter().sum::<usize>() <= 600, "{lengths:?}");
}

#[test]
fn what_a_package_says_of_another_is_not_that_ones() {
    let readme =
        "Wake the sleeper gently.\n\n```\nuse clock::time::timeout;\ntimeout();\nit::snore();\n```\n";
    let files = [("src/lib.rs", "pub use clock::time::Timer; pub fn snore() {}"), ("README.md", readme)];
    let crates = Crates::new().with("clock", &[("src/lib.rs", CLOCK)]).with("it", &files);
    assert_said(&crates.ingest(), "it::snore", "uses", &["Wake the sleeper gently."]);
    assert_said(&crates.ingest_first(), "clock::time::timeout", "uses", &[]);
}

#[test]
fn a_deprecated_name_leads_to_what_its_note_names() {
    let text = "
        #[deprecated(note = \"use `spawn_task` instead\")] pub fn launch() {}
        pub fn spawn_task() {}
        pub struct Pool;
        impl Pool {
            #[deprecated(since = \"2.0.0\", note = \"renamed to [`Pool::with_size()`]\")] pub fn sized() {}
            pub fn with_size() {}
            #[deprecated(note = \"no longer useful\")] pub fn tune() {}
        }
        pub mod other { pub fn with_size() {} }
    ";
    let ingested = crate_of(text).ingest();
    assert_said(&ingested, "it::spawn_task", "replaces", &["launch"]);
    assert_said(&ingested, "it::Pool::with_size", "replaces", &["Pool::sized", "sized"]);
    assert_said(&ingested, "it::other::with_size", "replaces", &[]);
    assert_said(&ingested, "it::launch", "replaces", &[]);
}

#[test]
fn messages_of_failures_are_their_items() {
    let text = r#"
        #[derive(thiserror::Error)]
        pub enum Trouble {
            #[error("the disk {0} is full")] Full(u8),
            #[error(transparent)] Other(Broken),
        }
        pub struct Broken;
        impl std::fmt::Display for Broken {
            fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { write!(f, "cannot be mended, sorry") }
        }
        pub fn fill(x: u8) -> u8 {
            let text = format!("no symptom of anything {x}");
            x.checked_add(1).expect("the glass is full already")
        }
    "#;
    let ingested = crate_of(text).ingest();
    assert_said(&ingested, "it::Trouble::Full", "messages", &["the disk is full"]);
    assert_said(&ingested, "it::Trouble::Other", "messages", &[]);
    assert_said(&ingested, "it::Broken", "messages", &["cannot be mended, sorry"]);
    assert_said(&ingested, "it::fill", "messages", &["the glass is full already"]);
}

const COMMENTED: &str = "
// Not of anything.

// Retries until the server
// has recovered.
#[inline]
fn patient() {}

/// Documented.
// And remarked upon.
pub fn both() {}

// let old = 1;
fn plain() {}
";

#[test]
fn plain_comments_are_text_in_ones_own_code_alone() {
    let own = crate_of(COMMENTED).own().ingest();
    assert_eq!(said(&own, "it::patient", "comment"), "Retries until the server\nhas recovered.");
    assert_eq!(said(&own, "it::both", "comment"), "And remarked upon.");
    assert_eq!(said(&own, "it::plain", "comment"), Value::Null);
    let of_others = crate_of(COMMENTED).ingest();
    assert_eq!(said(&of_others, "it::both", "comment"), Value::Null);
}

#[test]
fn long_functions_are_cut_into_parts_in_ones_own_code_alone() {
    let body: String =
        (0..90).map(|n| format!("    step({n});\n{}", if n % 30 == 29 { "\n" } else { "" })).collect();
    let text = format!("pub fn long() {{\n{body}}}\npub fn short() {{\n}}\nfn step(_: u8) {{}}\n");
    let own = crate_of(&text).own().ingest();
    let parts = said(&own, "it::long", "parts");
    let starts: Vec<u64> = parts.as_array().unwrap().iter().map(|one| one.as_u64().unwrap()).collect();
    assert_eq!(starts, [0, 32, 63]);
    assert_eq!(said(&own, "it::short", "parts"), Value::Null);
    assert_eq!(said(&crate_of(&text).ingest(), "it::long", "parts"), Value::Null);
}

#[test]
fn what_code_takes_from_another_package_says_nothing_of_a_namesake_here() {
    let readme = "Wait for whoever is late:\n\n```rust\nuse runtime::timeout;\nuse runtime::Alone;\ntimeout();\nAlone;\n```\n";
    let ingested = Crates::new().with("clock", &[("src/lib.rs", CLOCK), ("README.md", readme)]).ingest();
    for path in ["clock::time::timeout", "clock::Alone"] {
        assert_said(&ingested, path, "uses", &[]);
    }
}
