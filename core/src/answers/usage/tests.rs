use std::collections::HashMap;

use super::*;
use crate::answers::wanted::{Owner, key_of};

/// Something of the crate `works`.
fn wanted(kind: &str, paths: &[&str]) -> Wanted {
    let name = paths[0].rsplit("::").next().unwrap().to_owned();
    Wanted {
        name,
        kind: kind.to_owned(),
        paths: paths.iter().map(|path| key_of(path)).collect(),
        ..Wanted::default()
    }
}

/// The method `turn` of `works::Wheel`, which `works::roll` and `Wheel::new` give out.
fn turn() -> Wanted {
    let owner = Owner {
        name: "Wheel".to_owned(),
        paths: ["works::Wheel", "works::parts::Wheel"].map(key_of).into(),
        is_trait: false,
        makers: ["works::roll", "works::pair#1", "works::Wheel::new", "works::Wheel::bigger"]
            .map(key_of)
            .into(),
        maker_names: ["roll", "bigger"].map(str::to_owned).into(),
    };
    Wanted { owner: Some(owner), ..wanted("method", &["works::Wheel::turn", "works::parts::Wheel::turn"]) }
}

fn standing(module: &str) -> Standing {
    let module = (!module.is_empty()).then(|| module.split("::").map(str::to_owned).collect());
    Standing { module, aliases: HashMap::from([("renamed".to_owned(), "works".to_owned())]) }
}

fn spotted_in(module: &str, text: &str, wanted: &Wanted) -> Vec<Spotted> {
    let mut syntax = Syntax::new().unwrap();
    read(&mut syntax, text, &standing(module), wanted, &HashSet::new()).unwrap().spotted
}

/// The rows, from 0, in which a text uses an item for certain, and those in which it may.
fn rows(text: &str, wanted: &Wanted) -> (Vec<usize>, Vec<usize>) {
    let found = spotted_in("", text, wanted);
    let of = |certain: bool| found.iter().filter(|one| one.certain == certain).map(|one| one.row).collect();
    (of(true), of(false))
}

#[test]
fn a_function_is_found_however_it_is_imported() {
    let roll = wanted("fn", &["works::roll", "works::deep::roll"]);
    for text in [
        "fn f() { works::roll(1); }",
        "use works::roll; fn f() { roll(1) }",
        "use works::roll as go; fn f() { go(1) }",
        "use works as w; fn f() { w::roll(1) }",
        "use works::{self, other}; fn f() { works::roll(1) }",
        "use works::{other, deep::{roll, more}}; fn f() { roll(1) }",
        "use works::*; fn f() { roll(1) }",
        "use works::deep; use deep::roll; fn f() { roll(1) }",
        "fn f() { use works::roll; assert_eq!(roll(1), 2); }",
        "fn f() { renamed::roll(1) }",
        "fn f() { ::works::roll::<u8>(1) }",
        "extern crate works as w; fn f() { w::roll(1) }",
        "use works::roll; mod inner { use super::*; fn f() { roll(1) } }",
        "fn f() { list.map(works::roll); }",
        "fn f() { println!(\"{}\", works::deep::roll(3)); }",
    ] {
        let found = spotted_in("", text, &roll);
        let used = found.iter().filter(|one| one.how != How::Import).collect::<Vec<_>>();
        assert!(used.len() == 1 && used[0].certain, "{text}: {found:?}");
    }
}

#[test]
fn another_of_the_name_is_left_out() {
    let roll = wanted("fn", &["works::roll"]);
    for text in [
        "fn f() { roll(1) }",
        "use other::roll; fn f() { roll(1) }",
        "use works::*; fn roll(n: u8) {} fn f() { roll(1) }",
        "use works::roll; mod inner { fn f() { roll(1) } }",
        "fn f() { other::works::roll(1) }",
        "fn f() { x.roll(1) }",
        "use works::roll; fn f() { let roll = 3; g(roll) }",
        "fn f() { crate::roll(1); self::roll(1); super::roll(1) }",
        "// works::roll(1)\nfn f() { \"works::roll(1)\"; }",
        "mod works { pub fn roll() {} } fn f() { works::roll() }",
        "fn f() { works::roll!(1) }",
        "use works::rolling as roll; fn f() { roll(1) }",
    ] {
        let found = spotted_in("", text, &roll);
        assert!(found.iter().all(|one| one.how == How::Import), "{text}: {found:?}");
    }
}

#[test]
fn a_package_names_its_own_from_its_modules() {
    let roll = wanted("fn", &["works::deep::roll"]);
    for (module, text) in [
        ("works", "mod deep; fn f() { deep::roll(1) }"),
        ("works", "fn f() { crate::deep::roll(1) }"),
        ("works::deep", "pub fn roll() {} fn f() { roll(1) }"),
        ("works::deep", "pub fn roll() {} mod tests { use super::*; fn f() { roll(1) } }"),
        ("works::deep::er", "fn f() { super::roll(1) }"),
        ("works::deep", "mod a { mod b { fn f() { super::super::roll(1) } } }"),
    ] {
        let found = spotted_in(module, text, &roll);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
    }
    assert!(spotted_in("works::other", "fn f() { super::roll(1) }", &roll).is_empty());
}

#[test]
fn a_method_is_sure_where_its_receiver_can_be_told() {
    for body in [
        "let w = Wheel::new(1);\n w.turn();",
        "let mut w: Wheel = make();\n w.turn();",
        "let w = Wheel { n: 1 };\n w.turn();",
        "let w = works::roll(1)?;\n w.turn();",
        "let w = works::roll(1).await.unwrap();\n w.turn();",
        "let w: Arc<Wheel> = x;\n w.turn();",
        "let (_, mut w) = works::pair::<u8>(2)?;\n w.turn();",
        "\n Wheel::new(1).turn();",
        "\n Wheel::new(1).bigger().turn();",
        "\n Wheel::default().turn();",
        "\n assert!(Wheel::new(1).turn());",
        "\n Wheel::turn(&w);",
        "let Some(x) = y else { return };\n Wheel::turn(&x);",
    ] {
        let text = format!("use works::Wheel;\nfn f() {{ {body} }}");
        assert_eq!(rows(&text, &turn()), (vec![2], vec![]), "{text}");
    }
    let text = "use works::Wheel;\nfn f(a: u8, w: &mut Wheel) {\n w.turn(); }";
    assert_eq!(rows(text, &turn()), (vec![2], vec![]));
    let text = "use works::Wheel;\nstruct Bike { a: u8, pub front: Wheel }\nimpl Bike { fn f(&self) {\n self.front.turn(); } }";
    assert_eq!(rows(text, &turn()), (vec![3], vec![]));
    let own = "pub struct Wheel;\nimpl Wheel {\n fn f(&self) { self.turn(); Self::turn(self); } }";
    let found = spotted_in("works", own, &turn());
    assert_eq!(found.iter().filter(|one| one.certain).count(), 2, "{found:?}");
}

#[test]
fn a_method_may_be_meant_or_is_left_out() {
    // The type is named in the function, and what the receiver is cannot be told.
    let text = "use works::Wheel;\nfn f() { let all: Vec<Wheel> = g();\n all.first().unwrap().turn(); }";
    assert_eq!(rows(text, &turn()), (vec![], vec![2]));
    // Or it is named in the text; what the item's package gives out by a method may be it wherever that is called.
    let text = "use works::Wheel;\nfn f() { Wheel::new(1); }\nfn g() { x.turn(); }";
    assert_eq!(rows(text, &turn()), (vec![], vec![2]));
    // Of a method that many types have, it has to be called on what may be of the type.
    let push = Wanted { name: "push".to_owned(), paths: ["works::Wheel::push".to_owned()].into(), ..turn() };
    let text = "use works::Wheel;\nfn f() { x.push(1); }\nfn g() { x.bigger()?.clone().push(1); }";
    assert_eq!(rows(text, &push), (vec![], vec![2]));
    assert_eq!(rows("fn g() { x.bigger()?.clone().push(1); }", &push), (vec![], vec![]));
    for text in [
        "fn f() { x.turn(); }",
        "use works::Wheel; fn f() { let (w, v) = other::pair(Wheel::new(1)); let w = Other::new(); w.turn() }",
        "use works::Wheel; fn f() { let w = Other::new(); let v = Wheel::new(1); w.turn(); }",
        "use works::Wheel; fn f(w: Other) { Wheel::new(1); w.turn(); }",
        "fn f() { let w = Wheel::new(1); w.turn(); }",
        "fn f() { x.turn; }",
    ] {
        assert_eq!(rows(text, &turn()), (vec![], vec![]), "{text}");
    }
}

#[test]
fn implementors_and_derives_are_told_with_their_type() {
    let spin = wanted("trait", &["works::Spin"]);
    let text = "use works::Spin;\n#[derive(Debug, Spin)]\nstruct A;\nimpl<T> Spin for b::B<T> {}\nimpl From<Box<dyn Spin>> for C {}\nimpl other::Spin for D {}";
    let told: Vec<_> = spotted_in("", text, &spin)
        .into_iter()
        .filter(|one| matches!(one.how, How::Derive | How::Implementation))
        .map(|one| (one.how, one.within.unwrap()))
        .collect();
    assert_eq!(told, [(How::Derive, "A".to_owned()), (How::Implementation, "b::B<T>".to_owned())]);
}

#[test]
fn the_code_around_a_use_is_whole_and_short() {
    let roll = wanted("fn", &["works::roll"]);
    let text = "mod a {\n    /// Doc.\n    #[test]\n    fn f() {\n        works::roll(1);\n    }\n}\n";
    let [one] = &spotted_in("", text, &roll)[..] else { panic!() };
    assert_eq!(one.snippet.code, "#[test]\nfn f() {\n    works::roll(1);\n}");
    assert_eq!((one.snippet.row_start, one.snippet.row_end, one.snippet.whole), (2, 5, true));
    assert!(one.in_test && one.within.as_deref() == Some("f"));

    let filler = "        work();\n".repeat(60);
    let text = format!(
        "fn long() {{\n{filler}        if x {{\n            works::roll(1);\n        }}\n{filler}}}\n"
    );
    let [one] = &spotted_in("", &text, &roll)[..] else { panic!() };
    assert_eq!(one.snippet.code, "if x {\n    works::roll(1);\n}");
    assert!(!one.snippet.whole && one.within.as_deref() == Some("long"));

    let text = format!(
        "fn long() {{\n    call(|| {{\n{}        works::roll(1)\n{}    }});\n}}\n",
        "        a;\n".repeat(30),
        ";\n".repeat(30)
    );
    let [one] = &spotted_in("", &text, &roll)[..] else { panic!() };
    assert!(one.snippet.code.lines().count() <= 12 && one.snippet.code.contains("works::roll(1)"), "{one:?}");
}

#[test]
fn odd_and_hostile_texts_cost_little_and_break_nothing() {
    let deep = format!("use works::roll; fn f() {{ {} roll(1) {} }}", "(".repeat(5_000), ")".repeat(5_000));
    let braces = format!("use {}roll{};", "works::{".repeat(3_000), "}".repeat(3_000));
    let blocks = format!("fn f() {{ {} works::roll(1); {} }}", "{ ".repeat(3_000), "} ".repeat(3_000));
    let circles = "use a as b; use b as a; use roll as roll; use super::super::super::roll; fn f() { a::roll(); b(); roll() }";
    let chain = format!(
        "use works::Wheel; fn f() {{ let a0 = Wheel::new(1); {} a200.turn(); }}",
        (0..200).map(|n| format!("let a{} = a{n};", n + 1)).collect::<String>()
    );
    let open = "fn f() { roll( works::roll(<<<< :: :: use works::{roll as, *, }";
    let many = "works::roll(1);".repeat(5_000);
    let odd = "\u{feff}#!/usr/bin/roll\nfn f() { \u{202e}works::roll(1) \u{0} } impl for {} #[derive( roll";
    let roll = wanted("fn", &["works::roll"]);
    for text in
        [&*deep, &*braces, &*blocks, circles, &*chain, open, &*many, odd, "", "roll", "::", "use", "."]
    {
        for wanted in [&roll, &turn(), &wanted("trait", &["works::roll"])] {
            let mut syntax = Syntax::new().unwrap();
            let found = read(&mut syntax, text, &standing("works"), wanted, &HashSet::new());
            assert!(found.is_none_or(|found| found.spotted.len() <= 210));
        }
    }
    let huge = "a".repeat(3 << 20);
    assert!(read(&mut Syntax::new().unwrap(), &huge, &standing(""), &roll, &HashSet::new()).is_none());
}

#[test]
fn comments_of_lines_are_read_as_one_text() {
    let text = "//! Top.\n//! More.\n\n/// One.\n///\n///     two\n// no\n//// no\nfn f() { \"/// no\" }\n";
    let found = read(&mut Syntax::new().unwrap(), text, &standing(""), &turn(), &HashSet::new());
    let comments = found.unwrap().comments;
    let told: Vec<_> = comments.iter().map(|one| (one.row, one.text.as_str())).collect();
    assert_eq!(told, [(0, "Top.\nMore."), (3, "One.\n\n    two")]);
}

/// What one file says of a package's names, another file calls by them.
#[test]
fn what_bears_the_name_of_something_of_the_type_elsewhere_may_be_meant() {
    let declares = "use works::Wheel;\npub struct Bike { pub(crate) front: Option<Arc<Mutex<Wheel>>>, bell: u8 }\n\
                    impl Bike { pub fn rear<T>(&self, spare: &mut Wheel) -> io::Result<&Wheel> { todo!() } }\n\
                    fn f(all: HashMap<u8, Wheel>, other: u8) -> u8 { 0 } enum E { Big(Wheel), Small(u8) }";
    let found = hints(&mut Syntax::new().unwrap(), declares, &standing(""), &turn());
    assert_eq!(found, HashSet::from(["front", "rear", "spare", "all"].map(str::to_owned)));
    let maybe = |text: &str| {
        let mut syntax = Syntax::new().unwrap();
        let spotted = read(&mut syntax, text, &standing(""), &turn(), &found).unwrap().spotted;
        assert!(spotted.iter().all(|one| !one.certain), "{text}");
        spotted.len()
    };
    for text in [
        "fn f(bike: &Bike) { bike.front.turn(); }",
        "fn f() { bike.front.as_ref().unwrap().lock().unwrap().turn(); }",
        "fn f() { self.bike.rear(1)?.turn(); }",
        "fn f() { (rear(2).await?).turn(); }",
        "fn f() { all[0].turn(); }",
        "fn f() { all.get(&1).unwrap().turn(); }",
        "fn f() { each(|spare| spare.turn()); }",
    ] {
        assert_eq!(maybe(text), 1, "{text}");
    }
    for text in [
        "fn f() { bike.bell.turn(); }",
        "fn f() { front.iter().map(g).turn(); }",
        "fn f() { other.turn(); }",
        "fn f() { front(1).stop(); }",
        "fn f() { turn(front); }",
    ] {
        assert_eq!(maybe(text), 0, "{text}");
    }
}
