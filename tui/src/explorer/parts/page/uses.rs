//! How an item is used: the best of its uses as examples, then all of them.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use zenith_core::answers::{Example, SurveyEvent, Use};
use zenith_core::{Answer, Asked, Zenith};

use super::load::Shower;
use crate::explorer::parts::builder::Builder;
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::theme::Role;
use crate::text::{clean, clean_line, counted};
use crate::told;

const EXAMPLES_MAX: usize = 4;
/// Uses that anyone looks through.
const USES_MAX: usize = 200;
/// How long sources are read for examples, and for all uses.
const EXAMPLES_WITHIN: Duration = Duration::from_secs(5);
const USES_WITHIN: Duration = Duration::from_secs(30);
/// How often at most it is told how far reading is.
const BETWEEN: Duration = Duration::from_millis(200);

/// What is known of an item's uses until now.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub examples: Vec<Example>,
    pub uses: Vec<Use>,
    /// Packages that were read to their end, and those that are to be read.
    pub read: usize,
    pub packages: usize,
    /// Packages that are not what was indexed any more.
    pub changed: usize,
    /// Packages of which nothing says on which version of it they build.
    pub in_doubt: usize,
    /// Whether no more comes.
    pub is_done: bool,
    pub failed: Option<String>,
}

/// Reads how an item is used, and shows what it knows. Work that is stale ends with whoever waits for it.
pub async fn read(zenith: &Zenith, asked: Asked, shower: &mut Shower) {
    let cancel = CancellationToken::new();
    let _stale = cancel.clone().drop_guard();
    let soon = Asked { within: EXAMPLES_WITHIN, ..asked.clone() };
    let mut known = Known::default();
    match zenith.examples(&soon, EXAMPLES_MAX, cancel.clone()).await {
        Ok(answer) => known.examples = answer.found,
        Err(error) => {
            (known.failed, known.is_done) = (Some(error.to_string()), true);
            return shower.show(|item| item.uses = known).await;
        }
    }
    shower.show(|item| item.uses = known.clone()).await;
    let (events, mut told) = mpsc::unbounded_channel();
    let asked = Asked { within: USES_WITHIN, ..asked };
    let uses = zenith.uses(&asked, events, cancel);
    tokio::pin!(uses);
    let mut shown = Instant::now();
    let answer = loop {
        tokio::select! {
            answer = &mut uses => break answer,
            Some(event) = told.recv() => match event {
                SurveyEvent::Planned { packages } => known.packages = packages,
                SurveyEvent::Read { .. } => known.read += 1,
            },
        }
        if shown.elapsed() >= BETWEEN {
            shown = Instant::now();
            shower.show(|item| item.uses = known.clone()).await;
        }
    };
    match answer {
        Ok(Answer { found, read, packages, changed, in_doubt }) => {
            let (changed, in_doubt) = (changed.len(), in_doubt.len());
            known = Known { uses: found, read, packages, changed, in_doubt, ..known };
        }
        Err(error) => known.failed = Some(error.to_string()),
    }
    known.is_done = true;
    shower.show(|item| item.uses = known).await;
}

/// What is known, and what of it is missing.
pub fn put(page: &mut Builder<'_>, known: &Known, painter: &Painter) {
    let Known { examples, uses, read, packages, .. } = known;
    for example in examples {
        let place = place(&example.package, &example.version, &example.file, example.line);
        let certain = if example.certain { "" } else { ", maybe" };
        page.text(&place, Role::Strong);
        page.text(&format!("{}{certain}", told::kind(example.kind, example.relation)), Role::Quiet);
        page.code(&clean(&example.code), "rust");
        page.blank();
    }
    match (&known.failed, known.is_done) {
        (Some(why), _) => page.text(&clean_line(why), Role::Bad),
        (None, false) if *packages == 0 => page.text("Looking for what may use it…", Role::Quiet),
        (None, false) => {
            page.text(&format!("Reading what may use it: {read} of {packages} packages…"), Role::Quiet);
        }
        (None, true) => put_all(page, uses, painter),
    }
    if known.is_done && read < packages {
        page.blank();
        page.text(&format!("{read} of {} were read in time.", counted(*packages, "package")), Role::Warning);
    }
    if known.changed > 0 {
        page.blank();
        let changed = counted(known.changed, "package");
        page.text(&format!("{changed} not what was indexed any more, and left out."), Role::Warning);
    }
    if known.in_doubt > 0 {
        page.blank();
        let packages = counted(known.in_doubt, "package");
        page.text(&format!("{packages} may build on another version of it."), Role::Warning);
    }
}

fn put_all(page: &mut Builder<'_>, uses: &[Use], painter: &Painter) {
    if uses.is_empty() {
        return page.text("Nothing on this machine that may use it does.", Role::Quiet);
    }
    page.rule(&match uses.len() {
        all @ ..=USES_MAX => counted(all, "use"),
        all => format!("the first {USES_MAX} of {}", counted(all, "use")),
    });
    let mut package = "";
    for one in uses.iter().take(USES_MAX) {
        if package != one.package {
            package = &one.package;
            page.title(&[
                painter.span(clean_line(&one.package), Role::Strong),
                painter.span(format!(" {}", clean_line(&one.version)), Role::Quiet),
            ]);
        }
        let mut remarks = vec![told::kind(one.kind, one.relation).to_string()];
        remarks.extend(one.within.as_deref().map(|name| format!("in {}", clean_line(name))));
        remarks.extend((!one.certain).then(|| "maybe".to_string()));
        page.text(&format!("{}:{} · {}", clean_line(&one.file), one.line, remarks.join(", ")), Role::Quiet);
        page.code(&format!("    {}", clean_line(&one.text)), "rust");
    }
}

fn place(package: &str, version: &str, file: &str, line: u32) -> String {
    clean_line(&format!("{package}@{version} · {file}:{line}"))
}
