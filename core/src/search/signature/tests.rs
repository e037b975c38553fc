//! What is read, what is kept, and what fits.

use super::fit::{SECOND_READING, fit};
use super::query::SignatureQuery;
use super::{KEPT_BYTES_MAX, keep, read_kept};

/// What is kept of a declaration, where `Self` is of this type.
fn kept(declaration: &str, self_type: &str) -> String {
    let kept = keep(declaration, self_type).unwrap_or_else(|| panic!("{declaration} is not read"));
    let read = read_kept(&kept.text).unwrap_or_else(|| panic!("{} is not read back", kept.text));
    assert_eq!(read.to_string(), kept.text, "what is kept is read back whole");
    let words: Vec<String> = read.words().iter().map(ToString::to_string).collect();
    assert_eq!(words, kept.words, "and has the same words");
    kept.text
}

/// What is between a query and a declaration.
fn cost(query: &str, declaration: &str, self_type: &str) -> Option<u32> {
    let query = SignatureQuery::parse(query).unwrap_or_else(|| panic!("{query} is no signature"));
    let text = kept(declaration, self_type);
    let given = read_kept(&text).unwrap();
    let readings = query.readings.iter().zip([0, SECOND_READING]);
    readings.filter_map(|(wanted, more)| Some(fit(wanted, &given)? + more)).min()
}

#[test]
fn a_declaration_is_kept_without_what_nobody_compares() {
    for (declaration, self_type, text) in [
        (
            "pub fn parse(input: &str) -> Result<Url, crate::ParseError>",
            "Url",
            "&str->result<url,parseerror>",
        ),
        ("fn main()", "", "->()"),
        ("pub const fn len(&self) -> usize", "Vec<T, A>", "&vec<#0,#1>->usize"),
        (
            "pub async fn read<'a>(mut self: Pin<&'a mut Self>, (a, b): (u8, u16)) -> io::Result<()>",
            "File",
            "pin<&mut file>,(u8,u16)->result<()>",
        ),
        (
            "pub fn read<P: AsRef<Path>>(path: P) -> io::Result<Vec<u8>>",
            "",
            "#0->result<vec<u8>>;#0:asref<path>",
        ),
        (
            "pub fn spawn<F>(future: F) -> JoinHandle<F::Output>\nwhere\n    F: Future + Send + 'static,\n    F::Output: Send",
            "",
            "#0->joinhandle<#1>;#0:future",
        ),
        (
            "pub fn and_then<U, F>(self, f: F) -> Option<U> where F: FnOnce(T) -> Option<U>",
            "Option<T>",
            "option<#2>,#1->option<#0>;#1:fnonce(#2)->option<#0>",
        ),
        ("fn each(f: impl Fn(&str, u8) + Send)", "", "#0->();#0:fn(&str,u8)->()"),
        ("fn give() -> impl Iterator<Item = u8> + 'static", "", "->iterator<u8>"),
        ("fn boxed(e: Box<dyn Error + Send>) -> Box<dyn Send>", "", "box<error>->box<send>"),
        (
            "unsafe extern \"C\" fn call(f: unsafe extern \"C\" fn(c_int, *const u8) -> u8, ...) -> !",
            "",
            "fn(cint,*u8)->u8->!",
        ),
        (
            "fn array<const N: usize>(a: [u8; N], b: &[T], c: (T,)) -> [[u8; 4]; 3]",
            "",
            "[u8;],&[#1],(#1,)->[[u8;];]",
        ),
        ("fn next(&mut self) -> Option<Self::Item>", "impl Iterator", "&mut #0->option<#1>;#0:iterator"),
        ("fn from(it: <T as Into<U>>::Out) -> <Self as A>::B", "X<T>", "#2->#4"),
        (
            "fn odd(#[cfg(any(a, b))] x: u8, Foo { y, .. }: Foo) -> r#type::Ty<3, { 4 + 4 }, -1>",
            "",
            "u8,foo->ty",
        ),
        (
            "fn hr(f: &dyn for<'a> Fn(&'a str) -> &'a str, g: impl for<'b> FnMut(&'b u8))",
            "",
            "&fn(&str)->&str,#0->();#0:fnmut(&u8)->()",
        ),
        ("fn bound<T: ?Sized + Clone, U: Trait<T> = u8>(t: &T, u: U)", "", "&#0,#1->();#1:trait<#0>"),
    ] {
        assert_eq!(kept(declaration, self_type), text, "{declaration}");
    }
    for other in [
        "pub struct Point",
        "macro_rules! fn",
        "fn ",
        "fn name",
        "fn name(",
        "fn $name(x: $ty)",
        "fn f(x: u8) -> ",
    ] {
        assert!(keep(other, "").is_none(), "{other}");
    }
}

#[test]
fn what_was_cut_off_is_read_as_far_as_it_goes() {
    let text = kept("fn f<F: Fn(u8)>(f: F, x: u8) -> u8 where F: Send, T: Into<Str…", "");
    assert_eq!(text, "#0,u8->u8;#0:fn(u8)->()");
    assert!(keep("fn f(x: Result<Vec<u8>, Er…", "").is_none());
}

#[test]
fn a_query_is_a_signature_by_its_arrow_or_by_more_than_names() {
    for signature in [
        "&str -> Result<Url>",
        "Vec<u8>, usize ->",
        "-> Duration",
        "Option<T>, Fn(T) -> Option<U>",
        "Vec<u8>",
        "&str",
        "[u8]",
        "(A, B) -> C",
        "t -> t",
        "a -> Result<Ur",
        "Vec<u8>, usize",
        "Fn(u8) ->",
        "option<t>, (t -> u) -> option<u>",
        "str -> io::Result<_>",
        "*const u8 -> &[T]",
        "fn(&str) -> String",
        "-> impl Iterator<Item = u8>",
    ] {
        assert!(SignatureQuery::parse(signature).is_some(), "{signature}");
    }
    for other in [
        "spawn_blocking",
        "HashMap::entry",
        "read a file, line by line",
        "hash, map",
        "vec![]",
        "&&",
        "->",
        "()",
        "c++",
        "convert a -> b quickly",
        "spawn()",
        "#[derive]",
        "println!",
        "a < b",
        "x<y",
        "Vec<",
        "if let Some(x) = y",
        "",
        "&mut",
        "r#type",
        "*",
        "1 -> 2 3",
    ] {
        let parsed = SignatureQuery::parse(other);
        assert!(parsed.is_none(), "{other}: {parsed:?}");
    }
}

#[test]
fn what_fits_in_all_costs_nothing() {
    for (query, declaration, self_type) in [
        ("&str -> Result<Url>", "pub fn parse(input: &str) -> Result<Url, ParseError>", "Url"),
        ("str -> Result<Url, ParseError>", "pub fn parse(input: &str) -> Result<Url, ParseError>", "Url"),
        ("usize, Vec<T> ->", "pub fn truncate(&mut self, len: usize)", "Vec<T, A>"),
        ("Vec<T>, usize -> ()", "pub fn truncate(&mut self, len: usize)", "Vec<T, A>"),
        ("-> Duration", "pub fn elapsed(&self) -> Duration", "Instant"),
        ("io::Result<String> ->", "fn f(r: Result<String>)", ""),
        ("-> Result<String>", "fn f(a: u8) -> io::Result<String>", ""),
        ("T -> T", "pub const fn identity<T>(x: T) -> T", ""),
        ("a, b -> b", "fn pick<X, Y>(y: Y, x: X) -> Y", ""),
        ("HashMap<K, V>, K -> Option<V>", "pub fn insert(&mut self, k: K) -> Option<V>", "HashMap<K, V, S>"),
        (
            "Option<T>, FnOnce(T) -> Option<U>",
            "fn and_then<U, F: FnOnce(T) -> Option<U>>(self, f: F) -> Option<U>",
            "Option<T>",
        ),
        ("Iterator -> Option<T>", "fn next(&mut self) -> Option<Self::Item>", "impl Iterator"),
        ("Iterator ->", "fn sum(i: impl Iterator<Item = u8>)", ""),
        ("AsRef<Path> ->", "fn read<P>(path: P) where P: AsRef<Path>", ""),
        ("-> Error", "fn cause() -> impl Error + 'static", ""),
        ("() -> Instant", "fn now() -> Instant", "Instant"),
        ("&mut Vec<u8> -> _", "fn fill(buffer: &mut Vec<u8>)", ""),
        ("(A, B) -> B", "fn second<A, B>(pair: (A, B)) -> B", ""),
        ("hash_map<k, v> ->", "fn f(map: HashMap<K, V>)", ""),
    ] {
        assert_eq!(cost(query, declaration, self_type), Some(0), "{query} / {declaration}");
    }
}

#[test]
fn what_does_not_fit_is_left_out() {
    for (query, declaration, self_type) in [
        ("&str -> Result<Url>", "pub fn parse(input: &str) -> Result<Host, ParseError>", "Host"),
        ("u8, u8 ->", "fn one(x: u8)", ""),
        ("T, T ->", "fn two<A, B>(a: A, b: B)", ""),
        ("T, U ->", "fn same<A>(a: A, b: A)", ""),
        ("u8, u16 ->", "fn same<A>(a: A, b: A)", ""),
        ("Option<T> -> T", "fn f(a: Option<u8>) -> u16", ""),
        ("(A, B) ->", "fn f(t: (A, B, C))", ""),
        ("Fn(T) -> U, T ->", "fn f<F: Fn(A) -> B, A, B, C>(f: F, c: C)", ""),
        ("Fn(T) ->", "fn f<F: Clone>(f: F)", ""),
        ("Vec<u8> ->", "fn f(v: Vec)", ""),
        ("u8 ->", "fn f<F: Fn()>(f: F)", ""),
        ("-> Url", "fn f(u: Url)", ""),
        ("Vec<u8> -> ()", "fn f(v: Vec<u8>) -> u8", ""),
    ] {
        assert_eq!(cost(query, declaration, self_type), None, "{query} / {declaration}");
    }
}

/// Each pair is of one query; the first fits better than the second.
#[test]
fn what_lacks_less_fits_better() {
    for (query, better, worse) in [
        ("Vec<u8>, usize ->", "fn f(v: Vec<u8>, n: usize)", "fn f<T>(v: Vec<T>, n: usize)"),
        ("Vec<u8>, usize ->", "fn f<T>(v: Vec<T>, n: usize)", "fn f<T, U>(v: T, n: U)"),
        ("Vec<u8>, usize ->", "fn f<T, U>(v: Vec<T>, n: usize)", "fn f(v: Vec<u8>, n: usize, m: u8)"),
        ("Vec<u8>, usize ->", "fn f(v: Vec<u8>, n: usize, m: u8)", "fn f<T, U>(v: T, n: usize)"),
        (
            "Map<K, V>, K ->",
            "fn f<A, B>(m: Map<A, B>, a: A)",
            "fn f<A, B, Q: Borrow<A>>(m: Map<A, B>, q: &Q)",
        ),
        ("fn(&str) -> String", "fn f(f: fn(&str) -> String)", "fn f(text: &str) -> String"),
        ("&mut T ->", "fn f<T>(t: &mut T)", "fn f<T>(t: &T)"),
        (
            "Path -> Result<String>",
            "fn f(p: &Path) -> Result<String>",
            "fn f<P: AsRef<Path>>(p: P) -> Result<String>",
        ),
        (
            "Path -> Result<String>",
            "fn f<P: AsRef<Path>>(p: P) -> Result<String>",
            "fn f<P>(p: P) -> Result<String>",
        ),
        ("[u8] ->", "fn f(b: &[u8])", "fn f(b: [u8; 4])"),
        ("Fn(u8) ->", "fn f(f: impl Fn(u8))", "fn f(f: impl FnMut(u8))"),
        ("-> Url", "fn f() -> Url", "fn f() -> Option<Url>"),
        ("T -> T", "fn f<A>(a: A) -> A", "fn f(a: u8) -> u8"),
        ("-> Result<u8, Error>", "fn f() -> Result<u8, Error>", "fn f() -> io::Result<u8>"),
        (
            "Option<T>, Fn(T) -> Option<U>",
            "fn f<T, U, F: Fn(T) -> Option<U>>(o: Option<T>, f: F) -> u8",
            "fn f<T, U, F: Fn(T) -> bool>(o: Option<T>, f: F) -> Option<U>",
        ),
    ] {
        let (better, worse) = (cost(query, better, ""), cost(query, worse, ""));
        assert!(better.is_some() && worse.is_some() && better < worse, "{query}: {better:?}, {worse:?}");
    }
}

#[test]
fn hostile_text_costs_bounded_time_and_stack() {
    let many = |text: &str| text.repeat(5_000);
    for text in [
        many("&"),
        many("("),
        many("["),
        many("<"),
        many("Vec<"),
        many("fn("),
        many("impl "),
        many("dyn "),
        many("for<"),
        many("Fn() -> "),
        many("A,"),
        many("#"),
        many("'a "),
        many("A::"),
        many("<T as "),
        many("a: "),
        many("T + "),
        many("{<"),
        many("\u{202e}é"),
        many("Self,"),
        many("-> "),
        many("\""),
        many("_ -> "),
        many("(->"),
        many("T0"),
    ] {
        for declaration in [
            format!("fn f({text}"),
            format!("fn f(x: {text}) -> u8"),
            format!("fn f<{text}>()"),
            format!("fn f() -> {text}"),
            format!("fn f(self) where {text}"),
            format!("fn {text}"),
            text.clone(),
        ] {
            if let Some(kept) = keep(&declaration, &text) {
                assert!(kept.text.len() <= KEPT_BYTES_MAX);
            }
        }
        let _ = keep("fn f(&self, x: Self) -> Self", &text);
        let _ = read_kept(&text);
        let _ = SignatureQuery::parse(&format!("{text} ->"));
        let _ = SignatureQuery::parse(&format!("-> {text}"));
    }
}

/// Equal inputs can be placed in more ways than there is time for.
#[test]
fn a_comparison_ends_whatever_is_compared() {
    let inputs = |of: &str| vec![of; 16].join(", ");
    let query = format!("{} -> u8", inputs("T"));
    let declaration = format!("fn f<A>({}) -> u16", vec!["x: A"; 16].join(", "));
    assert_eq!(cost(&query, &declaration, ""), None);
    // A bound that speaks of its own variable.
    assert_eq!(cost("u8 ->", "fn f<T: AsRef<T>>(t: T)", ""), Some(4));
    let query = format!("{} ->", inputs("u8"));
    let declaration = format!("fn f({})", vec!["x: u8"; 16].join(", "));
    assert_eq!(cost(&query, &declaration, ""), Some(0));
}
