//! What people of a team do: one indexes and pushes, the other syncs, searches, pulls, searches offline.

use std::time::Duration;

use zenith_core::identity::Scope;
use zenith_core::search::SearchRequest;
use zenith_harness::issuer::Person;
use zenith_harness::lab::{Fault, FaultPlan, WireState, dependent_steps};

use super::damage::objects;
use super::{TEAM, Team, olive, rita, stranger};
use crate::screen::in_terminal;
use crate::support::{Place, Run};

#[test]
fn what_one_pushes_another_pulls_and_searches_offline() {
    let Some(team) = Team::start() else { return };
    let one = Place::with_workspace(3);
    assert!(team.run(&one, &["push"]).err.contains("zenith login"), "nobody is signed in");
    team.login(&one, &olive());
    team.run(&one, &["index", "--tier", "team"]).ok();
    let push = ["push", "--json"];
    let pushed = team.run(&one, &push).ok();
    assert_eq!(
        (pushed.each("pushed"), pushed.each("scope")),
        (vec!["3".into()], vec!["team/org_acme".into()])
    );
    let again = team.run(&one, &push).ok();
    assert_eq!((again.each("pushed"), again.each("there_before")), (vec!["0".into()], vec!["3".into()]));

    let other = Place::with_workspace(3);
    let run = |arguments: &[&str]| team.run(&other, arguments);
    team.login(&other, &rita());
    assert_eq!(run(&["pull", "--json"]).ok().each("wanted"), ["0"], "nothing was synchronised");
    run(&["sync"]).ok();
    assert_eq!(run(&["packages", "--json"]).ok().each("shared"), vec!["team org_acme"; 3]);

    // What is not here is searched where it lies.
    let search = ["search", "do_part1", "--limit", "1", "--json"];
    let found = run(&search).ok();
    assert_eq!(
        (found.each("path"), found.each("tier")),
        (vec!["part1::do_part1".into()], vec!["team".into()])
    );
    assert!(found.err.contains("3 packages searched on the store"), "{found:#?}");
    assert_eq!(run(&[&search[..], &["--local"]].concat()).ok().out, "");
    let refused = run(&push);
    assert!(refused.code == Some(1) && refused.err.contains("read"), "{refused:#?}");

    let named = run(&["pull", "part1", "nothing", "--json"]);
    assert_eq!(
        (named.each("pulled"), named.each("missing")),
        (vec!["1".into()], vec!["[\"nothing\"]".into()])
    );
    let pulled = run(&["pull", "--json"]).ok();
    assert_eq!((pulled.each("pulled"), pulled.each("here_before")), (vec!["2".into()], vec!["1".into()]));
    assert_eq!(run(&["pull", "--json"]).ok().each("here_before"), ["3"]);

    // What changes follows.
    one.write("part1/src/lib.rs", "/// Written anew.\npub fn freshly_written() {}\n");
    team.run(&one, &["index", "--tier", "team"]).ok();
    assert_eq!(team.run(&one, &push).ok().each("pushed"), ["1"]);
    run(&["sync"]).ok();
    assert_eq!(run(&["pull", "--json"]).ok().each("pulled"), ["1"]);

    // Offline.
    team.wire.set(WireState::Cut);
    team.bucket.set_faults(Some(FaultPlan::from(0, Fault::CutBefore)));
    let offline = other.run(&["search", "freshly written", "--limit", "1", "--json"]).ok();
    assert_eq!(offline.each("path"), ["part1::freshly_written"]);
    let old = other.run(&["search", "do_part1", "--mode", "text", "--json"]).ok();
    assert!(!old.each("name").contains(&"do_part1".to_string()), "{old:#?}");
    assert_eq!(other.run(&["search", "do_part2", "--limit", "1", "--json"]).ok().each("name"), ["do_part2"]);
    other.run(&["doctor"]).ok();
}

/// Neither the catalog nor the store shows anything to another team.
/// In the explorer: each is asked first, then done for real.
#[cfg(unix)]
#[test]
fn one_pushes_and_signs_out_in_the_explorer() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(3);
    // Single words: a blank that was blank before is not written.
    let steps = [
        ("should", "\u{1b}4"),
        ("Organisation", "p"),
        ("share", "p"),
        ("pushed", "o"),
        ("forget", "o"),
        ("nobody", "q"),
    ];
    let (code, written) = in_terminal(&team.command(&one, &[]), steps);
    assert_eq!(code, Some(0), "{written}");
    assert_eq!(team.shared().len(), 3, "{written}");
    assert!(team.run(&one, &["push"]).err.contains("zenith login"), "nobody is signed in");
    let other = team.member();
    assert_eq!(team.run(&other, &["packages", "--json"]).ok().each("shared"), vec!["team org_acme"; 3]);
}

#[test]
fn a_stranger_finds_nothing() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(1);
    team.run(&one, &["push"]).ok();
    let other = Place::with_workspace(1);
    team.login(&other, &stranger());
    team.run(&other, &["sync"]).ok();
    assert_eq!(team.run(&other, &["packages", "--json"]).ok().out, "");
    assert_eq!(team.run(&other, &["pull", "--all", "--json"]).ok().each("wanted"), ["0"]);
    assert_eq!(team.run(&other, &["search", "do_part0", "--json"]).ok().out, "");
    // What they share is their own team's.
    team.run(&other, &["index", "--tier", "team"]).ok();
    team.run(&other, &["push"]).ok();
    let ours: Vec<_> = team.shared().into_iter().map(|entry| entry.scope).collect();
    assert_eq!(ours, [Scope::Team(TEAM.to_string())]);
    let alone = Place::new();
    team.login(&alone, &Person::new("user_solo"));
    let refused = team.run(&alone, &["push", "--tier", "team"]);
    assert!(refused.code == Some(1) && refused.err.contains("team"), "{refused:#?}");
}

#[test]
fn a_store_that_is_away_or_not_set_is_told_plainly() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(1);
    let unset = Run::of(one.command(&["push"]).env("ZENITH_CREDENTIALS", "file").output().unwrap());
    assert!(unset.code == Some(1) && unset.err.contains("ZENITH_STORE"), "{unset:#?}");
    team.run(&one, &["push"]).ok();
    let other = team.member();
    team.bucket.set_faults(Some(FaultPlan::from(0, Fault::CutBefore)));
    let search = team.run(&other, &["search", "do_part0", "--json"]).ok();
    assert!(search.out.is_empty() && search.err.contains("1 package shared and not searched"), "{search:#?}");
    let pull = team.run(&other, &["pull", "--all"]);
    assert!(pull.code == Some(1) && pull.err.contains("run the command again"), "{pull:#?}");
    team.bucket.set_faults(None);
    team.run(&other, &["pull", "--all"]).ok();
    assert_eq!(other.run(&["search", "do_part0", "-n", "1", "--json"]).ok().each("name"), ["do_part0"]);
}

/// Where it lies, a package costs few requests, on few steps that wait for one another, once.
#[test]
fn what_is_searched_on_the_store_is_read_once() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(2);
    team.run(&one, &["push"]).ok();
    let other = team.member();
    let zenith = team.open(&other);
    let request = SearchRequest { query: "do_part1".to_string(), limit: 5, ..SearchRequest::default() };
    let reach = || {
        team.bucket.reset();
        let reached = zenith.reach(&request, None, Duration::from_secs(60));
        assert_eq!(team.runtime.block_on(reached).unwrap().held, 2);
        (team.bucket.count(), dependent_steps(&team.bucket.requests()))
    };
    // Steps are told apart by what a request takes.
    team.bucket.set_delay(Duration::from_millis(60));
    let (cold, steps) = reach();
    assert!(cold.gets <= 2 * 15 && cold.requests() == cold.gets, "{cold:?}");
    assert!(steps <= 4, "{steps} steps");
    let found = team.runtime.block_on(zenith.search(request.clone(), None)).unwrap();
    assert_eq!(found.hits[0].path, "part1::do_part1");
    let (warm, _) = reach();
    assert_eq!(warm.requests(), 0);

    // What is held is read like what is here.
    let entries = team.runtime.block_on(zenith.searchable()).unwrap();
    let entry = entries.iter().find(|entry| entry.id.name() == "part1").unwrap();
    let symbol = team.runtime.block_on(zenith.symbol(entry, "do_part1")).unwrap().remove(0);
    assert_eq!((symbol.path.as_str(), symbol.source), ("part1::do_part1", None));
    assert_eq!(team.bucket.count().requests(), 0);

    // What is here is not searched there.
    team.pull(&zenith).unwrap();
    let found = team.runtime.block_on(zenith.search(request.clone(), None)).unwrap();
    assert_eq!((found.packages, found.hits[0].path.as_str()), (2, "part1::do_part1"));
    assert_eq!(team.runtime.block_on(zenith.reach(&request, None, Duration::from_secs(60))).unwrap().held, 0);
}

/// What is here is found whatever becomes of the store: cut, or silent.
#[test]
fn a_search_does_not_depend_on_the_store() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(2);
    team.run(&one, &["push"]).ok();
    let other = team.member();
    team.run(&other, &["pull", "part0"]).ok();
    for fault in [Fault::CutBefore, Fault::HangBefore] {
        team.bucket.set_faults(Some(FaultPlan::from(0, fault)));
        let search = team.run(&other, &["search", "do_part0", "-n", "1", "--json"]).ok();
        assert_eq!(search.each("name"), ["do_part0"], "{fault:?}");
        assert!(search.err.contains("1 package shared and not searched"), "{fault:?}: {search:#?}");
    }
}

/// Of one's own code what was indexed last is shared; whoever comes late with something older keeps it.
#[test]
fn the_newest_of_ones_own_code_is_shared() {
    let Some(team) = Team::start() else { return };
    let (one, other) = (team.with_index(1), Place::with_workspace(1));
    other.write("part0/src/lib.rs", "/// By the other.\npub fn by_the_other() {}\n");
    team.login(&other, &olive());
    team.run(&other, &["index", "--tier", "team"]).ok();
    let push =
        |place: &Place, arguments: &[&str]| team.run(place, &[&["push", "--json"], arguments].concat()).ok();
    assert_eq!(push(&other, &[]).each("pushed"), ["1"]);
    let late = push(&one, &[]);
    assert_eq!((late.each("pushed"), late.each("kept")), (vec!["0".into()], vec!["1".into()]));
    let reader = team.member();
    let found = |name: &str| team.run(&reader, &["search", name, "-n", "1", "--json"]).ok().each("name");
    team.run(&reader, &["pull", "--all"]).ok();
    assert_eq!(found("by_the_other"), ["by_the_other"]);
    // Unless one insists.
    assert_eq!(push(&one, &["--force"]).each("pushed"), ["1"]);
    team.run(&reader, &["sync"]).ok();
    assert_eq!(team.run(&reader, &["pull", "--all", "--json"]).ok().each("pulled"), ["1"]);
    assert_eq!(found("do_part0"), ["do_part0"]);
}

/// A public version stays as it was shared first, and comes to those who build on it.
#[test]
fn a_public_package_is_pulled_by_who_builds_on_it() {
    let Some(team) = Team::start() else { return };
    let (one, other) = (Place::with_workspace(2), Place::with_workspace(2));
    for place in [&one, &other] {
        team.login(place, &olive());
        team.run(place, &["index", "--tier", "public"]).ok();
    }
    let push = |place: &Place| team.run(place, &["push", "--tier", "public", "--json"]).ok();
    assert_eq!(push(&one).each("pushed"), ["2"]);
    assert_eq!(
        (push(&other).each("pushed"), push(&other).each("kept")),
        (vec!["0".into()], vec!["2".into()])
    );
    // It builds on one of them.
    let reader = Place::with_workspace(1);
    team.login(&reader, &rita());
    team.run(&reader, &["sync"]).ok();
    let pulled = team.run(&reader, &["pull", "--json"]).ok();
    assert_eq!((pulled.each("wanted"), pulled.each("pulled")), (vec!["1".into()], vec!["1".into()]));
    assert_eq!(reader.run(&["packages", "--json"]).ok().each("package"), ["part0"]);
    assert_eq!(team.run(&reader, &["pull", "part1@0.1.0", "--json"]).ok().each("pulled"), ["1"]);
}

/// What is no longer shared goes, and with the sign-out all of it; what one indexed stays.
#[test]
fn what_is_no_longer_shared_goes() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(2);
    team.run(&one, &["push"]).ok();
    let other = team.member();
    other.write("code/src/lib.rs", "/// Mine alone.\npub fn mine_alone() {}\n");
    team.run(&other, &["index", "code"]).ok();
    team.run(&other, &["pull", "--all"]).ok();
    let entry = team.shared().remove(0);
    team.runtime.block_on(async { team.catalog().await.remove(&entry.scope, &entry.id).await.unwrap() });
    team.run(&other, &["sync"]).ok();
    assert_eq!(team.run(&other, &["pull", "--all", "--json"]).ok().each("removed"), ["1"]);
    let here = |place: &Place| place.run(&["packages", "--json"]).ok().each("package");
    assert_eq!(here(&other), ["part1", "code"]);

    team.run(&other, &["logout"]).ok();
    assert!(here(&other).is_empty());
    let pulled = other.data().join("lance/team").join(super::TEAM).join("rust/part1/0.1.0");
    assert!(!pulled.read_dir().is_ok_and(|mut folder| folder.next().is_some()));
    assert!(other.run(&["search", "do_part1", "--json"]).ok().out.is_empty());
    team.login(&other, &rita());
    assert_eq!(here(&other), ["code"]);
    assert_eq!(other.run(&["search", "mine alone", "-n", "1", "--json"]).ok().each("name"), ["mine_alone"]);
    other.run(&["doctor"]).ok();
}

/// What is taken back is found nowhere: not in the catalog, not on the store, and not with who pulled it.
#[test]
fn what_is_unpushed_is_gone_everywhere() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(2);
    team.run(&one, &["push"]).ok();
    let other = team.member();
    team.run(&other, &["pull", "--all"]).ok();
    let refused = team.run(&other, &["unpush", "part0"]);
    assert!(refused.code == Some(1) && refused.err.contains("read"), "who may only read: {refused:#?}");
    let unpushed = team.run(&one, &["unpush", "part0", "nothing", "--json"]);
    assert_eq!(
        (unpushed.code, unpushed.each("withdrawn"), unpushed.each("missing")),
        (Some(1), vec!["1".into()], vec!["[\"nothing\"]".into()])
    );
    let shared: Vec<String> = team.shared().iter().map(|entry| entry.id.name().to_string()).collect();
    assert_eq!(shared, ["part1"]);
    assert!(objects(&team).is_empty(), "no file of it lies on the store");
    team.run(&other, &["sync"]).ok();
    assert_eq!(team.run(&other, &["pull", "--all", "--json"]).ok().each("removed"), ["1"]);
    assert_eq!(other.run(&["packages", "--json"]).ok().each("package"), ["part1"]);
    // What was indexed here stays, and can be shared again.
    assert_eq!(team.run(&one, &["push", "--json"]).ok().each("pushed"), ["1"]);
}
