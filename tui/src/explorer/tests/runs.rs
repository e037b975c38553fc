//! Work that is really done: over a real data folder, begun as the screen begins it.

use std::path::PathBuf;
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use zenith_core::config::{Config, CredentialPlace};
use zenith_harness::{Backend, Event, Evidence, Expected, Group, RunReport, Spike, Trial, Verdict};

use super::super::shell::{Effect, Message, Work};
use super::super::tabs::spikes::{self, Results, Spikes};
use super::super::tabs::{Erased, Tab};
use super::super::world;
use super::Screen;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

const fn toy(
    id: &'static str,
    run: fn(Trial) -> futures::future::BoxFuture<'static, anyhow::Result<Evidence>>,
) -> Spike {
    Spike {
        id,
        title: "a toy",
        group: Group::Catalog,
        backends: &[Backend::Embedded],
        expected: Expected::Holds,
        targets: &[],
        faults: &[],
        run,
    }
}

static HOLDS: Spike = toy("J1", |_| {
    async {
        let mut evidence = Evidence::new();
        evidence.check("it is there", true);
        Ok(evidence)
    }
    .boxed()
});
static PANICS: Spike = toy("J2", |_| async { panic!("a defect") }.boxed());
/// Tells the folder of its lab, and never ends.
static WAITS: Spike = toy("J3", |trial| {
    async move {
        trial.progress(trial.lab.folder().display().to_string());
        std::future::pending().await
    }
    .boxed()
});

fn config(data_dir: PathBuf) -> Config {
    Config {
        keys: Default::default(),
        is_data_usual: false,
        cargo_home: data_dir.join("cargo"),
        cargo: PathBuf::from("cargo"),
        rustc: PathBuf::from("no-rustc"),
        tools_dir: data_dir.join("tools"),
        service: None,
        store: Default::default(),
        publish: Default::default(),
        symbols_max: zenith_core::ingest::SYMBOLS_MAX,
        screen: Default::default(),
        unknown: Vec::new(),
        passed_over: Vec::new(),
        credentials: CredentialPlace::File,
        file: data_dir.join("config.toml"),
        data_dir,
    }
}

/// A screen whose work is done, over a data folder of its own.
pub struct Busy {
    pub screen: Screen,
    work: Work,
    inbox: UnboundedReceiver<Message>,
    folder: tempfile::TempDir,
}

impl Busy {
    /// Opens the data folder; the screen knows of it.
    pub async fn open(screen: Screen) -> Busy {
        let folder = tempfile::tempdir().unwrap();
        let (sender, inbox) = unbounded_channel();
        let work = Work::new(sender);
        work.open(config(folder.path().join("data")), folder.path().to_path_buf());
        let mut busy = Busy { screen, work, inbox, folder };
        let opened = busy.next().await;
        assert!(matches!(opened, Message::World(world::Message::Opened(Ok(_)))), "{opened:?}");
        busy.screen.send(opened);
        busy
    }

    pub fn begin<T: Tab>(&mut self, effect: T::Effect) {
        let effect: Box<dyn Erased> = Box::new(effect);
        let effect = Effect::Tab(self.screen.place_of::<T>(), effect);
        self.work.begin(effect, &self.screen.app);
    }

    /// Begins what the screen asked for last.
    pub fn begin_asked(&mut self) {
        for effect in std::mem::take(&mut self.screen.effects) {
            self.work.begin(effect, &self.screen.app);
        }
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Ends what lasts, as the end of the program does.
    pub async fn end(&mut self) {
        self.work.stop();
        self.work.wait().await;
    }

    pub async fn next(&mut self) -> Message {
        let told = tokio::time::timeout(PATIENCE, self.inbox.recv()).await;
        told.unwrap_or_else(|_| panic!("nothing more is told\n{}", self.screen.text())).unwrap()
    }

    /// What a tab is told next.
    async fn told<T: Tab>(&mut self) -> T::Message {
        let place = self.screen.place_of::<T>();
        match self.next().await {
            Message::Tab(index, message) if index == place => {
                let message: Box<dyn std::any::Any> = message;
                *message.downcast().unwrap()
            }
            other => panic!("{other:?}"),
        }
    }

    /// Follows a run until it is over; what each event answers is begun.
    async fn follow(&mut self, on_event: impl Fn(Event) -> Option<spikes::Effect>) -> RunReport {
        loop {
            match self.told::<Spikes>().await {
                spikes::Message::Event(event) => {
                    if let Some(effect) = on_event(event) {
                        self.begin::<Spikes>(effect);
                    }
                }
                spikes::Message::Ran(report) => return *report.unwrap(),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_verdict_and_the_run_is_kept() {
    let mut busy = Busy::open(Screen::new(100, 30)).await;
    let selection = vec![(&PANICS, Backend::Embedded), (&HOLDS, Backend::Embedded)];
    busy.begin::<Spikes>(spikes::Effect::Run(selection));
    let report = busy.follow(|_| None).await;
    let verdicts: Vec<&str> = report.outcomes.iter().map(|outcome| outcome.verdict.as_str()).collect();
    assert_eq!(verdicts, ["broken", "holds"]);
    assert!(report.kept.is_some_and(|path| path.is_file()), "{:?}", report.not_kept);

    busy.begin::<Spikes>(spikes::Effect::History { generation: 7 });
    let spikes::Message::History { generation: 7, loaded: Ok(loaded) } = busy.told::<Spikes>().await else {
        panic!("the history cannot be read")
    };
    let mut results = Results::default();
    results.keep(loaded);
    assert_eq!((results.runs(), results.of("J1").len()), (1, 1));
    assert_eq!(results.of("J1")[0].verdict, Verdict::Holds);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_closes_its_lab_before_it_is_over() {
    let mut busy = Busy::open(Screen::new(100, 30)).await;
    busy.begin::<Spikes>(spikes::Effect::Run(vec![(&WAITS, Backend::Embedded)]));
    let lab = std::sync::Mutex::new(PathBuf::new());
    let report = busy
        .follow(|event| {
            let Event::Progress { text, .. } = event else { return None };
            let folder = PathBuf::from(text);
            assert!(folder.is_dir());
            *lab.lock().unwrap() = folder;
            Some(spikes::Effect::Cancel)
        })
        .await;
    let lab = lab.into_inner().unwrap();
    assert!(report.stopped && lab.is_absolute() && !lab.exists(), "{lab:?}: {report:?}");
    busy.work.stop();
    busy.work.wait().await;
}
