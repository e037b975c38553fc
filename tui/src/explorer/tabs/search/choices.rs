//! What an empty line offers: what was searched for before, and examples. Each can be chosen.

use zenith_core::package::Tier;

use crate::explorer::world::World;

/// Earlier queries that are offered.
const EARLIER_MAX: usize = 5;

/// A line that can be chosen, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub line: String,
    pub what: &'static str,
}

/// The choices, the newest of `earlier` first.
pub fn choices(earlier: &[String], world: &World) -> Vec<Choice> {
    let before = earlier.iter().rev().take(EARLIER_MAX);
    let before = before.map(|line| Choice { line: line.clone(), what: "searched before" });
    before.chain(examples(world)).collect()
}

/// Examples of each way to search, over packages that are there.
fn examples(world: &World) -> Vec<Choice> {
    let is_direct = |name: &str, version: &str| {
        world.project.as_ref().is_some_and(|project| project.is_direct(name, version))
    };
    let direct = world.packages.iter().find(|entry| is_direct(entry.id.name(), entry.id.version()));
    let package = direct.or(world.packages.first());
    let in_package = package.map(|entry| format!("new pkg:{}", entry.id.name()));
    let own = world.packages.iter().any(|entry| entry.tier() == Tier::Private);
    let example = |line: &str, what| Choice { line: line.to_string(), what };
    let mut examples = vec![
        example("spawn_blocking", "a name, however it is split"),
        example("io::Error", "a path, or its end"),
        example("read a file line by line", "what it should do"),
        example("&str -> String", "what it takes and gives"),
        example("parse kind:trait,fn", "only these kinds"),
    ];
    examples.extend(in_package.map(|line| Choice { line, what: "only this package" }));
    if own {
        examples.push(example("tier:private new", "only your own code"));
    }
    examples
}

/// How many packages the project names itself.
pub fn direct(world: &World) -> usize {
    let Some(project) = &world.project else { return 0 };
    project.ids().iter().filter(|id| project.is_direct(id.name(), id.version())).count()
}
