//! W3: editing, looking and looking ahead ask nobody, and all of it is there afterwards.
//!
//! Why: an editor that saves over a network stands still with it, and half of what was typed is elsewhere.
//!
//! Method: two instances are edited 200 times over a wire to the store that cuts every request and counts it. After each
//! edit there is a preview in another locale, and now and then a look at how all stand and at what a publication would put.
//! Then the wire is whole, and all is published.
//!
//! Accept when no request was made until then, each preview showed its edit, and readers get the last of each.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::{Context, Result};
use futures::FutureExt;
use zenith_core::publish::{AuthoredId, Locale, Publisher, Reader, Terms};
use zenith_harness::lab::{StoreAddress, Wire};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::instances::{english, entitle, publish, publisher};

const SECOND: &str = "second-process";

pub const SPIKE: Spike = Spike {
    id: "W3",
    title: "200 edits and previews make no request, and all is there afterwards",
    group: Group::Publishing,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[
        Target::gate("requests of edits, previews and looks ahead", 0.0, Unit::Requests),
        Target::gate("previews that did not show their edit", 0.0, Unit::Count),
    ],
    faults: &[Fault { name: SECOND, what: "a second process publishes from the same folder meanwhile" }],
    run: |trial| run(trial).boxed(),
};

const PAIR: [&str; 2] = ["wgt_main_faq", "wgt_main_hero"];
const EDITS: usize = 200;
const EDITS_BRIEF: usize = 20;
/// A look at everything comes once in so many edits.
const LOOKS_EACH: usize = 10;

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let bucket = trial.lab.store().await?;
    let address: SocketAddr =
        bucket.endpoint.strip_prefix("http://").context("a bucket over loopback")?.parse()?;
    let wire = Wire::to(address).await?;
    wire.cut_from(0);
    let wired = StoreAddress { endpoint: format!("http://{}", wire.address()), ..bucket };
    let author = Publisher { store: wired.store()?, ..publisher(&trial, "author").await? };

    let edits = if trial.is_brief { EDITS_BRIEF } else { EDITS };
    trial.progress(format!("{edits} edits"));
    let de = Locale::parse("de")?;
    let mut unseen = 0;
    for number in 0..edits {
        let id = PAIR[number % PAIR.len()];
        entitle(&author, id, &number.to_string()).await?;
        let id = AuthoredId::parse(id)?;
        let german = BTreeMap::from([("/title".to_string(), german(number))]);
        author.authored.translate(&id, &de, german).await?;
        let preview = author.authored.preview(&id, &de).await?;
        unseen += u64::from(preview.content.get("title") != Some(&german_value(number)));
        if number % LOOKS_EACH == 0 {
            author.authored.standings(&*author.generator).await?;
            let outlook = author.authored.outlook(&[], &*author.generator, &*author.generator).await?;
            evidence.check("a look ahead says what would be put", !outlook.is_empty());
        }
    }
    if trial.has_fault(SECOND) {
        second(&author, &wire).await;
    }
    evidence.count("requests of edits, previews and looks ahead", wire.requests(), Unit::Requests);
    evidence.count("previews that did not show their edit", unseen, Unit::Count);

    if trial.has_fault(SECOND) {
        return Ok(evidence);
    }

    trial.progress("the wire is whole");
    let author = publisher(&trial, "author").await?;
    publish(&author).await?;
    let reader = Reader::new(author.store.clone());
    for (at, id) in PAIR.into_iter().enumerate() {
        let (id, number) = (AuthoredId::parse(id)?, edits - PAIR.len() + at);
        for (locale, title) in [(english()?, number.to_string()), (de.clone(), german(number))] {
            let got = reader.resolve(&id, &locale, &Terms::default()).await?;
            evidence.check_eq(
                "what readers get at last",
                got.content["title"].as_str(),
                Some(title.as_str()),
            );
        }
    }
    Ok(evidence)
}

fn german(number: usize) -> String {
    format!("auf Deutsch: {number}")
}

fn german_value(number: usize) -> serde_json::Value {
    german(number).into()
}

/// Publishes until a request of it was seen.
async fn second(author: &Publisher, wire: &Wire) {
    let asked = async {
        while wire.requests() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = asked => {}
        _ = publish(author) => {}
    }
}
