//! W9: what stands in for a locale is of its language and its script, and the reader is told.
//!
//! Why: readers who cut a tag to its first two letters give Taiwan the mainland's script, and Bosnia Cyrillic where Latin
//! was asked for; and nobody hears of it.
//!
//! Method: instances are published in different sets of locales, and asked for in 61 spellings. What comes is compared with
//! a table made by hand of CLDR's parents, and the table with ICU's own likely scripts, by Node.
//!
//! Accept when each answer is the table's, with its reason; a strict reader gets an error in its stead; and ICU finds no
//! stand-in of another script, and no base where one of the same language and script was there.

use anyhow::{Context, Result, ensure};
use futures::FutureExt;
use serde_json::{Map, Value, json};
use zenith_core::lake::Put;
use zenith_core::publish::{
    AuthoredId, Locale, Manifest, PublishError, Publisher, ROOT, Reader, Reason, Terms, WidgetType,
};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::instances::{publish, publisher_into};
use crate::outside::witness;

const RENAMED: &str = "zh-as-zh-TW";

pub const SPIKE: Spike = Spike {
    id: "W9",
    title: "what stands in for a locale is of its language and script, and is told",
    group: Group::Publishing,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[
        Target::gate("answers that are not the table's", 0.0, Unit::Count),
        Target::gate("cases in which ICU sees another script", 0.0, Unit::Count),
    ],
    faults: &[Fault { name: RENAMED, what: "a manifest names the artifact of zh as that of zh-TW" }],
    run: |trial| run(trial).boxed(),
};

/// Why something else came, or nothing: then it is what was asked for.
type Why = Option<Reason>;
const SAME: Why = None;
const PARENT: Why = Some(Reason::Parent);
const OTHER: Why = Some(Reason::Declared);
const BASE: Why = Some(Reason::Base);
/// What is asked for, what comes, and why.
type Case = (&'static str, &'static str, Why);
/// What is there beside the base, `en`.
type There = &'static [&'static str];

#[rustfmt::skip]
const TABLE: &[(There, &[Case])] = &[
    (&["pt-BR", "he", "zh-Hant-TW", "de-1996"], &[
        ("pt-br", "pt-BR", SAME), ("pt_BR", "pt-BR", SAME), ("PT-BR", "pt-BR", SAME), ("iw", "he", SAME),
        ("IW-il", "he", PARENT), ("zh_hant_tw", "zh-Hant-TW", SAME), ("DE-1996", "de-1996", SAME), ("pt", "en", BASE),
        ("pt-PT", "en", BASE), ("de", "en", BASE), ("EN", "en", SAME),
    ]),
    (&["zh", "zh-Hant"], &[
        ("zh-TW", "zh-Hant", PARENT), ("zh-HK", "zh-Hant", PARENT), ("zh-MO", "zh-Hant", PARENT),
        ("zh-Hant-HK", "zh-Hant", PARENT), ("zh-CN", "zh", PARENT), ("zh-SG", "zh", PARENT),
        ("zh-Hans-SG", "zh", PARENT), ("zh", "zh", SAME), ("zh-Hant", "zh-Hant", SAME),
    ]),
    (&["zh"], &[
        ("zh-TW", "en", BASE), ("zh-HK", "en", BASE), ("zh-Hant", "en", BASE), ("zh-CN", "zh", PARENT),
    ]),
    (&["zh-Hant"], &[("zh-CN", "en", BASE), ("zh", "en", BASE), ("zh-TW", "zh-Hant", PARENT)]),
    (&["sr", "bs", "uz", "az"], &[
        ("sr-ME", "en", BASE), ("sr-Latn", "en", BASE), ("sr-RS", "sr", PARENT), ("sr-BA", "sr", PARENT),
        ("bs-Cyrl", "en", BASE), ("uz-Cyrl", "en", BASE), ("az-Cyrl", "en", BASE), ("bs-BA", "bs", PARENT),
    ]),
    (&["sr", "sr-Latn"], &[("sr-ME", "sr-Latn", PARENT), ("sr-Latn-RS", "sr-Latn", PARENT), ("sr-XK", "sr", PARENT)]),
    (&["es", "es-419", "pt", "pt-PT", "fr"], &[
        ("es-MX", "es-419", PARENT), ("es-AR", "es-419", PARENT), ("es-US", "es-419", PARENT), ("es-ES", "es", PARENT),
        ("pt-AO", "pt-PT", PARENT), ("pt-MZ", "pt-PT", PARENT), ("pt-BR", "pt", PARENT), ("fr-CA", "fr", PARENT),
        ("gl-ES", "es", OTHER), ("gl", "es", OTHER),
    ]),
    (&["es", "pt", "gl"], &[
        ("es-MX", "es", PARENT), ("pt-AO", "pt", PARENT), ("gl-ES", "gl", PARENT), ("ca", "en", BASE),
    ]),
    (&["en-001", "en-GB"], &[
        ("en-GB", "en-GB", SAME), ("en-AU", "en-001", PARENT), ("en-IN", "en-001", PARENT), ("en-US", "en", PARENT),
    ]),
    (&[], &[("en-GB", "en", PARENT), ("de-AT", "en", BASE), ("ja", "en", BASE)]),
    (&["de-AT"], &[("de", "en", BASE), ("de-CH", "en", BASE)]),
];

/// Of each line, what was asked for, what came or nothing, and what was there: those that are of another script.
const NODE: &str = r"
const script = tag => new Intl.Locale(tag).maximize().script;
const language = tag => new Intl.Locale(tag).language;
for (const [asked, got, there] of JSON.parse(require('fs').readFileSync(0, 'utf8'))) {
    const fits = tag => language(tag) === language(asked) && script(tag) === script(asked);
    const wide = there.filter(tag => !new Intl.Locale(tag).region && !tag.includes('1996'));
    if (got === null ? wide.some(fits) : !fits(got)) console.log(asked, got);
}";

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let author = author(&trial).await?;
    let report = publish(&author).await?;
    ensure!(report.failed.is_empty() && report.published.len() == TABLE.len(), "{report:?}");
    if trial.has_fault(RENAMED) {
        rename(&author).await?;
    }
    let reader = Reader::new(author.store.clone());
    let (mut wrong, mut count, mut witnessed) = (0, 0, Vec::new());
    for (set, (there, cases)) in TABLE.iter().enumerate() {
        let id = AuthoredId::parse(&id(set))?;
        for (asked, expected, why) in *cases {
            count += 1;
            let locale = Locale::parse(asked)?;
            let got = reader.resolve(&id, &locale, &Terms::default()).await;
            let is_right = got.as_ref().is_ok_and(|got| {
                let title = got.content.get("title").and_then(Value::as_str);
                got.got_locale.as_str() == *expected
                    && got.reasons == why.as_slice()
                    && title == Some(shown(set, expected).as_str())
            });
            wrong += u64::from(!is_right);
            evidence.check_with("each answer is the table's", is_right, || {
                format!("{asked} of {there:?}: {got:?}")
            });
            let strict = Terms { strict: true, ..Terms::default() };
            let got = reader.resolve(&id, &locale, &strict).await;
            evidence.check(
                "a strict reader gets what it asked for, or an error",
                match why {
                    None => got.is_ok(),
                    Some(_) => matches!(got, Err(PublishError::NoLocale { .. })),
                },
            );
            if *why != OTHER {
                let got = (*why != BASE).then_some(expected);
                witnessed.push(json!([locale, got, there]));
            }
        }
    }
    evidence.count("answers that are not the table's", wrong, Unit::Count);
    evidence.count("cases", count, Unit::Count);
    let told = witness("node", "-e", NODE, &Value::from(witnessed).to_string()).await?;
    evidence.check_eq("what ICU says is of another script", told.trim(), "");
    evidence.count("cases in which ICU sees another script", told.lines().count() as u64, Unit::Count);
    Ok(evidence)
}

fn id(set: usize) -> String {
    format!("wgt_curated_{set}")
}

fn shown(set: usize, locale: &str) -> String {
    match locale {
        "en" => format!("title {set}"),
        locale => format!("title {set} in {locale}"),
    }
}

/// An instance of each set of locales, and the translations for it.
async fn author(trial: &Trial) -> Result<Publisher> {
    let mut locales: Vec<&str> = TABLE.iter().flat_map(|(there, _)| there.iter().copied()).collect();
    locales.sort_unstable();
    locales.dedup();
    let author = publisher_into(trial, "author", &locales).await?;
    let registry = std::fs::read_to_string(author.authored.registry_path())?;
    let declared = r#""hero":{"fallback":{"gl":["ca","es","pt"]},"#;
    std::fs::write(author.authored.registry_path(), registry.replace(r#""hero":{"#, declared))?;
    for locale in locales {
        let sets = TABLE.iter().enumerate().filter(|(_, (there, _))| there.contains(&locale));
        let translated = sets.map(|(set, _)| (shown(set, "en"), Value::from(shown(set, locale))));
        let file = author.authored.folder().join("translations").join(format!("{locale}.json"));
        std::fs::write(file, serde_json::to_vec(&translated.collect::<Map<_, _>>())?)?;
    }
    let hero = WidgetType::parse("hero")?;
    for set in 0..TABLE.len() {
        let config = serde_json::to_vec(&json!({ "title": shown(set, "en") }))?;
        author.authored.save(&AuthoredId::parse(&id(set))?, Some(&hero), &config).await?;
    }
    Ok(author)
}

/// Has the third's pointer lead those who ask for Taiwan's Chinese to the mainland's.
async fn rename(author: &Publisher) -> Result<()> {
    let id = AuthoredId::parse(&id(2))?;
    let folder = format!("{ROOT}/{id}");
    let pointer = format!("{folder}/manifest.json");
    let bytes = author.store.get(&pointer, 1 << 20).await?.bytes;
    let mut manifest = Manifest::unseal(&bytes, &id, &pointer)?;
    let of = manifest.locales.remove(&Locale::parse("zh")?).context("there is no zh")?;
    let artifact = author.store.get(&format!("{folder}/zh.{}.json", of.sha256), 1 << 20).await?.bytes;
    author.store.put(&format!("{folder}/zh-TW.{}.json", of.sha256), artifact, Put::Overwrite).await?;
    manifest.locales.insert(Locale::parse("zh-TW")?, of);
    author.store.put(&pointer, manifest.seal()?.into(), Put::Overwrite).await?;
    Ok(())
}
