//! A condition in the fewest words: what is said twice, or by the rest, is left out.

use super::cfg::Predicate;

/// More parts side by side than anyone writes are left as they are.
const PARTS_MAX: usize = 64;

/// The same condition, flat, each part once, and without parts that hold wherever another does.
pub(super) fn simple(predicate: Predicate<'_>) -> Predicate<'_> {
    match predicate {
        Predicate::All(list) => joined(list.into_iter().map(simple).collect(), true),
        Predicate::Any(list) => joined(list.into_iter().map(simple).collect(), false),
        Predicate::Not(Some(inner)) => match simple(*inner) {
            Predicate::Not(Some(twice)) => *twice,
            inner => Predicate::Not(Some(Box::new(inner))),
        },
        other => other,
    }
}

/// Simple parts as one: `all` of them, or any.
fn joined(list: Vec<Predicate<'_>>, all: bool) -> Predicate<'_> {
    let mut parts: Vec<Predicate> = Vec::new();
    for part in list {
        for one in parts_of(&part, all).map_or_else(|| vec![part.clone()], <[_]>::to_vec) {
            if !parts.contains(&one) {
                parts.push(one);
            }
        }
    }
    if parts.len() > 1 && parts.len() <= PARTS_MAX {
        let left = without_known(&parts, all);
        if left != parts {
            return joined(left, all);
        }
    }
    match (parts.len(), parts.pop()) {
        (1, Some(one)) => one,
        (_, last) => {
            parts.extend(last);
            if all { Predicate::All(parts) } else { Predicate::Any(parts) }
        }
    }
}

/// `a and (a or b)` is `a`, and `a and ((a and b) or c)` is `a and (b or c)`; the same with the words exchanged.
fn without_known<'a>(parts: &[Predicate<'a>], all: bool) -> Vec<Predicate<'a>> {
    let mut left = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let Some(inner) = parts_of(part, !all) else {
            left.push(part.clone());
            continue;
        };
        let others = || parts.iter().enumerate().filter(|(other, _)| *other != at);
        let is_known = |one: &Predicate| others().any(|(_, known)| known == one);
        let is_wider = others().any(|(other, known)| {
            let narrower = parts_of(known, !all).filter(|list| list.len() < inner.len() || other < at);
            narrower.is_some_and(|list| list.iter().all(|one| inner.contains(one)))
        });
        if is_wider || inner.iter().any(is_known) {
            continue;
        }
        let shorter = inner.iter().map(|one| match parts_of(one, all) {
            Some(list) => {
                let rest: Vec<Predicate> = list.iter().filter(|one| !is_known(one)).cloned().collect();
                (!rest.is_empty()).then(|| joined(rest, all))
            }
            None => Some(one.clone()),
        });
        left.extend(shorter.collect::<Option<Vec<_>>>().map(|inner| joined(inner, !all)));
    }
    left
}

/// The parts of what is one of `all`, or of any.
fn parts_of<'p, 'a>(predicate: &'p Predicate<'a>, all: bool) -> Option<&'p [Predicate<'a>]> {
    match predicate {
        Predicate::All(list) if all => Some(list),
        Predicate::Any(list) if !all => Some(list),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(condition: &str) -> String {
        simple(Predicate::read(condition)).text()
    }

    #[test]
    fn what_is_said_twice_is_said_once() {
        for (condition, short) in [
            ("all(rt, all(rt, net))", "all(rt, net)"),
            ("all(rt, rt)", "rt"),
            ("any(any(a, b), any(b, c))", "any(a, b, c)"),
            ("all(a, any(a, b))", "a"),
            ("any(a, all(a, b))", "a"),
            ("all(a, any(all(a, b), c))", "all(a, any(b, c))"),
            ("all(a, any(all(a, b), all(a, c)))", "all(a, any(b, c))"),
            ("all(a, any(all(a, b), all(b, a)))", "all(a, b)"),
            ("all(any(a, b), any(b, a, c))", "any(a, b)"),
            ("all(any(a, b), any(b, a))", "any(a, b)"),
            ("not(not(all(a, a)))", "a"),
            ("all(feature = \"x\", not(any(unix, unix)))", "all(feature = \"x\", not(unix))"),
            ("all()", "all()"),
            ("any(a, b)", "any(a, b)"),
        ] {
            assert_eq!(told(condition), short, "{condition}");
        }
        for odd in ["", "((((", "not()", "all(any(), all(any()))"] {
            told(odd);
        }
    }

    /// A condition and its short form hold in the same of all worlds.
    #[test]
    fn a_short_condition_means_the_same() {
        let names = ["a", "b", "c"];
        let mut seed = 7_u32;
        let mut next = move |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) % below
        };
        fn make(next: &mut impl FnMut(u32) -> u32, names: &[&str], depth: u32) -> String {
            let kind = if depth == 0 { 0 } else { next(4) };
            let mut list = || {
                let parts: Vec<String> = (0..=next(3)).map(|_| make(next, names, depth - 1)).collect();
                parts.join(", ")
            };
            match kind {
                1 => format!("all({})", list()),
                2 => format!("any({})", list()),
                3 => format!("not({})", make(next, names, depth - 1)),
                _ => names[next(names.len() as u32) as usize].to_owned(),
            }
        }
        for _ in 0..2_000 {
            let condition = make(&mut next, &names, 4);
            let short = simple(Predicate::read(&condition));
            for world in 0..8_u32 {
                let option = |key: &str, _: Option<&str>| {
                    names.iter().position(|name| *name == key).map(|at| (world >> at) & 1 == 1)
                };
                let (whole, short) = (Predicate::read(&condition).holds(&option), short.holds(&option));
                assert_eq!(whole, short, "{condition} in {world:b}");
            }
        }
    }
}
