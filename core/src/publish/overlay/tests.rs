use serde_json::json;

use super::*;
use crate::publish::canonical::canonical;
use crate::publish::id::WidgetType;
use crate::publish::registry::Registry;

const REGISTRY: &str =
    r#"{"v":1,"base_locale":"en","locales":["de"],"types":{"faq":{"paths":["/title","/items/[id]/q"]}}}"#;

fn rules() -> Rules {
    Registry::parse(REGISTRY.as_bytes()).unwrap().rules(&WidgetType::parse("faq").unwrap()).unwrap().clone()
}

fn config(items: &[(&str, &str)]) -> Map<String, Value> {
    let items: Vec<Value> = items.iter().map(|(id, q)| json!({"id": id, "q": q})).collect();
    json!({"title": "Questions", "items": items, "colour": "red"}).as_object().unwrap().clone()
}

fn overlay(base: &Map<String, Value>, source: Source, texts: &[(&str, &str)]) -> Overlay {
    let rules = rules();
    let texts = texts.iter().map(|(at, text)| (at.to_string(), text.to_string())).collect();
    let locale = Locale::parse("de").unwrap();
    Overlay::of("wgt_main_faq", &locale, source, &rules.texts(base).unwrap(), texts).unwrap()
}

fn fates(composed: &Composed) -> Vec<Fate> {
    composed.told.iter().map(|told| told.fate).collect()
}

/// V06: what was translated stays with its item, wherever that moves.
#[test]
fn no_text_comes_under_a_foreign_item() {
    let base = config(&[("a", "A"), ("b", "B"), ("c", "C")]);
    let german = overlay(&base, Source::Generated, &[("/items/[id=b]/q", "B-de")]);
    let moved = config(&[("b", "B"), ("a", "A"), ("c", "C")]);
    let composed = compose(&moved, &rules(), &[&german]).unwrap();
    assert_eq!(
        Value::Object(composed.content),
        Value::Object(config(&[("b", "B-de"), ("a", "A"), ("c", "C")]))
    );
    assert_eq!(composed.untranslated.len(), 3);
}

/// V07: an item that is gone makes its entry an orphan, and the bytes are those without it.
#[test]
fn what_is_gone_stays_gone() {
    let base = config(&[("a", "A"), ("b", "B")]);
    let german = overlay(&base, Source::Generated, &[("/items/[id=b]/q", "B-de"), ("/title", "Fragen")]);
    let shorter = config(&[("a", "A")]);
    let with = compose(&shorter, &rules(), &[&german]).unwrap();
    let without =
        compose(&shorter, &rules(), &[&overlay(&shorter, Source::Generated, &[("/title", "Fragen")])])
            .unwrap();
    assert_eq!(fates(&with), [Fate::Orphan, Fate::Applied]);
    assert_eq!(canonical(&with.content).unwrap(), canonical(&without.content).unwrap());
}

#[test]
fn a_stale_text_is_found_by_its_field() {
    let base = config(&[("a", "A"), ("b", "B")]);
    let german =
        overlay(&base, Source::Generated, &[("/items/[id=a]/q", "A-de"), ("/items/[id=b]/q", "B-de")]);
    let composed = compose(&config(&[("a", "A"), ("b", "B!")]), &rules(), &[&german]).unwrap();
    assert_eq!(fates(&composed), [Fate::Applied, Fate::Stale]);
    assert_eq!(composed.content["items"][1]["q"], "B!", "a stale text is not shown");
    assert!(composed.untranslated.contains("/items/[id=b]/q"));
}

#[test]
fn what_a_person_wrote_comes_first_while_it_fits() {
    let base = config(&[("a", "A")]);
    let generated =
        overlay(&base, Source::Generated, &[("/items/[id=a]/q", "machine"), ("/title", "Fragen")]);
    let manual = overlay(&base, Source::Manual, &[("/items/[id=a]/q", "person")]);
    let composed = compose(&base, &rules(), &[&generated, &manual]).unwrap();
    assert_eq!(composed.content["items"][0]["q"], "person");
    assert_eq!(fates(&composed), [Fate::Applied, Fate::Overruled, Fate::Applied]);

    // A person's text of another base gives way to a machine's of this one, and is told.
    let later = config(&[("a", "A2")]);
    let fresh = overlay(&later, Source::Generated, &[("/items/[id=a]/q", "machine 2")]);
    let composed = compose(&later, &rules(), &[&manual, &fresh]).unwrap();
    assert_eq!(
        (composed.content["items"][0]["q"].as_str(), fates(&composed)),
        (Some("machine 2"), vec![Fate::Stale, Fate::Applied])
    );
}

/// V05: hostile places are inert, and the bytes are as if they were not there.
#[test]
fn a_place_beside_the_list_changes_nothing() {
    let base = config(&[("a", "A")]);
    let mut hostile = overlay(&base, Source::Manual, &[]);
    for at in [
        "/colour",
        "/__proto__/x",
        "/constructor/prototype/x",
        "/items/__proto__",
        "/items/[id=a]/id",
        "/items/0/q",
        "",
    ] {
        hostile.entries.push(Entry {
            at: at.to_string(),
            base: Sha256::of(b"red"),
            text: "evil".to_string(),
        });
    }
    let composed = compose(&base, &rules(), &[&hostile]).unwrap();
    assert!(fates(&composed).iter().all(|fate| *fate == Fate::Refused), "{:?}", composed.told);
    assert_eq!(canonical(&composed.content).unwrap(), canonical(&base).unwrap());
    assert!(!composed.is_translated());
}

#[test]
fn an_overlay_beyond_its_bounds_is_refused() {
    let base = config(&[("a", "A")]);
    let good = overlay(&base, Source::Manual, &[("/title", "Fragen")]);
    let bytes = canonical(&good).unwrap();
    assert_eq!(Overlay::read(&bytes), Ok(good.clone()));
    let with = |change: &dyn Fn(&mut Overlay)| {
        let mut overlay = good.clone();
        change(&mut overlay);
        Overlay::read(&canonical(&overlay).unwrap())
    };
    assert!(matches!(with(&|of| of.entries.push(of.entries[0].clone())), Err(OverlayError::Twice { .. })));
    assert!(matches!(
        with(&|of| of.entries[0].text = "x".repeat(TEXT_BYTES_MAX + 1)),
        Err(OverlayError::Large { .. })
    ));
    assert!(with(&|of| of.v = 2).is_err());
    let many = |of: &mut Overlay| {
        of.entries =
            (0..=ENTRIES_MAX).map(|at| Entry { at: format!("/{at}"), ..of.entries[0].clone() }).collect();
    };
    assert!(matches!(with(&many), Err(OverlayError::Large { what: "entries", .. })));
    let text = String::from_utf8(bytes).unwrap();
    assert!(Overlay::read(text.replace("\"v\":1", "\"v\":1,\"more\":1").as_bytes()).is_err());
    // V05: a path given as a list is no text.
    assert!(Overlay::read(text.replace("\"/title\"", "[[\"__proto__\"],\"x\"]").as_bytes()).is_err());
    assert!(Overlay::read(text.replace("\"de\"", "\"DE\"").as_bytes()).is_err());
}

/// What is kept is read again: escapes, and what stands around each text, count.
#[test]
fn an_overlay_is_kept_by_the_bound_that_it_is_read_by() {
    for (count, text) in [(1_000, "x".repeat(1_030)), (100, "\u{1}".repeat(10 << 10))] {
        let items: Vec<String> = (0..count).map(|at| format!("item-{at}")).collect();
        let base = config(&items.iter().map(|id| (id.as_str(), "A")).collect::<Vec<_>>());
        let base = rules().texts(&base).unwrap();
        let translated =
            base.keys().filter(|at| at.starts_with("/items")).map(|at| (at.clone(), text.clone()));
        let locale = Locale::parse("de").unwrap();
        let refused = Overlay::of("wgt_main_faq", &locale, Source::Manual, &base, translated.collect());
        assert!(matches!(refused, Err(OverlayError::Large { what: "bytes", .. })));
    }
}
