//! W8: through random edits no text comes under a foreign item, and every text that no longer fits is found by its field.
//!
//! Why: translations that are kept by position move under other items when a list is reordered, without an error; and one
//! whose base was reworded is shown for years.
//!
//! Method: a list is edited at random, an edit at a time: reordered, longer, shorter, reworded, two texts exchanged, the id
//! of a removed item used again. In between some of its texts are translated, in words that say what they translate. After
//! each edit a preview is compared with a plain model: what each text was when it was translated. In the end entries for
//! places that may not be translated are put into the file by hand.
//!
//! Accept when every text is the base's or the very translation of it, every entry has the fate that the model says, and
//! the hostile entries are refused and change nothing.

use std::collections::BTreeMap;

use anyhow::Result;
use futures::FutureExt;
use libsql::Value as Sql;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use zenith_core::publish::{
    Authored, AuthoredId, Composed, Entry, Fate, Locale, Overlay, Sha256, Source, changes,
};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::instances::{authored, raw};

const REHASHED: &str = "hashes-rewritten";

pub const SPIKE: Spike = Spike {
    id: "W8",
    title: "through 1,000 random edits no text comes under a foreign item, and each that is stale is found",
    group: Group::Publishing,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[
        Target::gate("texts that translate something else", 0.0, Unit::Count),
        Target::gate("entries with another fate than the model's", 0.0, Unit::Count),
        Target::gate("places that hostile entries changed", 0.0, Unit::Count),
    ],
    faults: &[Fault {
        name: REHASHED,
        what: "the hashes of entries are rewritten to match the texts that are there",
    }],
    run: |trial| run(trial).boxed(),
};

const ID: &str = "wgt_main_faq";
const REGISTRY: &str =
    r#"{"v":1,"base_locale":"en","locales":["de"],"types":{"faq":{"paths":["/title","/items/[id]/q"]}}}"#;
const EDITS: usize = 1_000;
const EDITS_BRIEF: usize = 40;
/// So few ids that those of removed items are used again.
const IDS: u32 = 12;
const WORDS: u32 = 40;
const HOSTILE: [&str; 9] = [
    "/colour",
    "/__proto__/x",
    "/constructor/prototype/x",
    "/items/__proto__",
    "/items/0/q",
    "/items/[id=i1]/id",
    "/items/[q=word 1]/q",
    "/Title",
    "",
];

/// The list as it is, and what was translated: the text of each place as it was then.
struct Model {
    title: String,
    items: Vec<(String, String)>,
    translated: BTreeMap<String, String>,
    random: StdRng,
}

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let authored = authored(&trial, "author", REGISTRY).await?;
    let (id, de) = (AuthoredId::parse(ID)?, Locale::parse("de")?);
    let mut model = Model::new();
    let edits = if trial.is_brief { EDITS_BRIEF } else { EDITS };
    trial.progress(format!("{edits} edits"));
    let (mut foreign, mut misjudged, mut seen) = (0, 0, BTreeMap::<Fate, u64>::new());
    for _ in 0..edits {
        model.edit();
        authored.save(&id, None, &serde_json::to_vec(&model.config(false))?).await?;
        let texts = model.translate();
        if !texts.is_empty() {
            authored.translate(&id, &de, texts).await?;
        }
        if trial.has_fault(REHASHED) {
            rehash(&authored, &id, &model).await?;
        }
        let composed = authored.preview(&id, &de).await?;
        foreign += differences(&composed, &model.config(true));
        let told: BTreeMap<String, Fate> =
            composed.told.iter().map(|told| (told.at.clone(), told.fate)).collect();
        misjudged += u64::from(told != model.fates());
        told.values().for_each(|fate| *seen.entry(*fate).or_default() += 1);
    }
    evidence.count("texts that translate something else", foreign, Unit::Count);
    evidence.count("entries with another fate than the model's", misjudged, Unit::Count);
    if !trial.has_fault(REHASHED) {
        // What never came up was not tried.
        for fate in [Fate::Applied, Fate::Stale, Fate::Orphan] {
            let count = seen.get(&fate).copied().unwrap_or_default();
            evidence.check_with("each fate came up", count > 3, || format!("{fate:?} {count} times"));
        }
    }

    trial.progress("hostile entries");
    let before = authored.preview(&id, &de).await?;
    hostile(&authored, &id, &de).await?;
    let after = authored.preview(&id, &de).await?;
    let refused = after.told.iter().filter(|told| told.fate == Fate::Refused).count();
    evidence.check_eq("hostile entries that are refused", refused, HOSTILE.len());
    let changed = differences(&after, &Value::Object(before.content));
    evidence.count("places that hostile entries changed", changed, Unit::Count);
    Ok(evidence)
}

/// How many places are not as expected.
fn differences(composed: &Composed, expected: &Value) -> u64 {
    expected.as_object().map_or(u64::MAX, |expected| changes(expected, &composed.content).len() as u64)
}

fn german(base: &str) -> String {
    format!("auf Deutsch: {base}")
}

fn place(id: &str) -> String {
    format!("/items/[id={id}]/q")
}

impl Model {
    fn new() -> Model {
        let random = StdRng::seed_from_u64(8);
        Model { title: "word 0".to_string(), items: Vec::new(), translated: BTreeMap::new(), random }
    }

    fn word(&mut self) -> String {
        format!("word {}", self.random.random_range(0..WORDS))
    }

    fn edit(&mut self) {
        let word = self.word();
        let count = self.items.len();
        let (one, other) =
            (self.random.random_range(0..count.max(1)), self.random.random_range(0..count.max(1)));
        match self.random.random_range(0..7) {
            0 => self.items.shuffle(&mut self.random),
            1 if count > 3 => drop(self.items.remove(one)),
            2 if count > 0 => self.items[one].1 = word,
            3 if one != other => {
                let (first, second) = (self.items[one].1.clone(), self.items[other].1.clone());
                (self.items[one].1, self.items[other].1) = (second, first);
            }
            4 => self.title = word,
            _ => {
                let id = format!("i{}", self.random.random_range(0..IDS));
                if self.items.iter().all(|(there, _)| *there != id) {
                    self.items.insert(one, (id, word));
                }
            }
        }
    }

    /// Translates the title or some items.
    fn translate(&mut self) -> BTreeMap<String, String> {
        let places: Vec<(String, String)> = self.texts().into_iter().collect();
        let chosen: Vec<(String, String)> =
            places.into_iter().filter(|_| self.random.random_bool(0.1)).collect();
        self.translated.extend(chosen.iter().cloned());
        chosen.into_iter().map(|(at, base)| (at, german(&base))).collect()
    }

    /// Every text, by its place.
    fn texts(&self) -> BTreeMap<String, String> {
        let items = self.items.iter().map(|(id, text)| (place(id), text.clone()));
        items.chain([("/title".to_string(), self.title.clone())]).collect()
    }

    /// The instance, in the base or as it should be seen in German.
    fn config(&self, in_german: bool) -> Value {
        let shown = |at: &str, text: &String| match self.translated.get(at) {
            Some(base) if in_german && base == text => german(text),
            _ => text.clone(),
        };
        let item = |(id, text): &(String, String)| json!({"id": id, "q": shown(&place(id), text)});
        let items: Vec<Value> = self.items.iter().map(item).collect();
        json!({"title": shown("/title", &self.title), "colour": "red", "items": items})
    }

    fn fates(&self) -> BTreeMap<String, Fate> {
        let texts = self.texts();
        let fate = |(at, base): (&String, &String)| match texts.get(at) {
            None => (at.clone(), Fate::Orphan),
            Some(text) if text == base => (at.clone(), Fate::Applied),
            Some(_) => (at.clone(), Fate::Stale),
        };
        self.translated.iter().map(fate).collect()
    }
}

/// Has every entry say that it translates what is there now.
async fn rehash(authored: &Authored, id: &AuthoredId, model: &Model) -> Result<()> {
    let texts = model.texts();
    for mut overlay in authored.overlays(id).await? {
        for entry in &mut overlay.entries {
            if let Some(text) = texts.get(&entry.at) {
                entry.base = Sha256::of(text.as_bytes());
            }
        }
        let document = Sql::Text(serde_json::to_string(&overlay)?);
        raw(authored).await?.execute("UPDATE widget_instance_locales SET overlay = ?1", [document]).await?;
    }
    Ok(())
}

/// Puts entries for places into the file that no program of ours would.
async fn hostile(authored: &Authored, id: &AuthoredId, locale: &Locale) -> Result<()> {
    let entry = |at: &str| Entry { at: at.to_string(), base: Sha256::of(b"red"), text: "evil".to_string() };
    let overlay = Overlay {
        v: 1,
        public_id: id.to_string(),
        locale: locale.clone(),
        source: Source::Generated,
        entries: HOSTILE.into_iter().map(entry).collect(),
    };
    let values = [Sql::Text(ID.to_string()), Sql::Text(serde_json::to_string(&overlay)?)];
    let sql = "INSERT INTO widget_instance_locales VALUES (?1, 'de', 'generated', ?2, 0)";
    raw(authored).await?.execute(sql, values).await?;
    Ok(())
}
