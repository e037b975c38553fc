//! Runs of spikes beside the screen, and the history of them.

use std::pin::pin;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use zenith_core::config::Config;
use zenith_harness::lab::LabOptions;
use zenith_harness::report::history::History;
use zenith_harness::runner::Selection;
use zenith_harness::{RunReport, Runner};

use crate::explorer::message::Message;
use crate::explorer::spikes::Loaded;

/// How long the program waits for labs to close before it ends. What is left of one then is a folder
/// in the temporary folder: servers end with the program.
const CLOSE_MAX: Duration = Duration::from_secs(5);

/// The run of this screen.
#[derive(Default)]
pub struct SpikeTask {
    cancel: CancellationToken,
    run: Option<JoinHandle<()>>,
}

impl SpikeTask {
    /// Begins a run, which is kept as `spike run` keeps it. It has a token of its own: a cancelled run
    /// must not cancel the next.
    pub fn begin(&mut self, config: &Config, selection: Selection, sender: UnboundedSender<Message>) {
        self.cancel = CancellationToken::new();
        let mut runner = Runner::new(LabOptions::new(config));
        runner.history = Some(History::in_data(&config.data_dir));
        let work = run(runner, selection, sender.clone(), self.cancel.clone());
        self.run = Some(tokio::spawn(async move {
            // In a task of its own, so that the screen learns of the end whatever ended it.
            let report = tokio::spawn(work).await;
            let report = report.map(Box::new).map_err(|error| error.to_string());
            let _ = sender.send(Message::SpikesRan(report));
        }));
    }

    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Waits until the labs of a cancelled run are closed, for a bounded time.
    pub async fn wait(&mut self) {
        if let Some(run) = self.run.take().filter(|run| !run.is_finished()) {
            eprintln!("zenith: closing the lab of a spike…");
            let _ = tokio::time::timeout(CLOSE_MAX, run).await;
        }
    }
}

/// Tells events until the run ends. The channel's own end says nothing: a spike that was cut may hold
/// on to it.
async fn run(
    runner: Runner,
    selection: Selection,
    sender: UnboundedSender<Message>,
    cancel: CancellationToken,
) -> RunReport {
    let (events, mut seen) = unbounded_channel();
    let mut work = pin!(runner.run(selection, None, events, cancel));
    let report = loop {
        tokio::select! {
            biased;
            Some(event) = seen.recv() => {
                let _ = sender.send(Message::Spike(event));
            }
            report = &mut work => break report,
        }
    };
    while let Ok(event) = seen.try_recv() {
        let _ = sender.send(Message::Spike(event));
    }
    report
}

/// What the history of a data folder keeps.
pub async fn history(config: &Config, generation: u64) -> Message {
    let history = History::in_data(&config.data_dir);
    let read = move || history.read().map(|runs| Loaded::of(&runs)).map_err(|error| error.to_string());
    let loaded = tokio::task::spawn_blocking(read).await;
    let loaded = loaded.unwrap_or_else(|error| Err(error.to_string()));
    Message::History { generation, loaded }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use futures::FutureExt;
    use tokio::sync::mpsc::UnboundedReceiver;
    use zenith_core::config::{Config, CredentialPlace};
    use zenith_harness::{Backend, Event, Evidence, Expected, Group, Spike, Trial, Verdict};

    use super::*;

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
            cargo_home: data_dir.join("cargo"),
            cargo: PathBuf::from("cargo"),
            rustc: PathBuf::from("no-rustc"),
            tools_dir: data_dir.join("tools"),
            service: None,
            store: Default::default(),
            credentials: CredentialPlace::File,
            file: data_dir.join("config.toml"),
            data_dir,
        }
    }

    /// Follows a run until it is over; `on_event` sees each event.
    async fn follow(inbox: &mut UnboundedReceiver<Message>, mut on_event: impl FnMut(Event)) -> RunReport {
        loop {
            match inbox.recv().await {
                Some(Message::Spike(event)) => on_event(event),
                Some(Message::SpikesRan(report)) => return *report.unwrap(),
                other => panic!("{other:?}"),
            }
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_panic_is_a_verdict_and_the_run_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path().to_path_buf());
        let (sender, mut inbox) = unbounded_channel();
        let mut task = SpikeTask::default();
        let selection = vec![(&PANICS, Backend::Embedded), (&HOLDS, Backend::Embedded)];
        task.begin(&config, selection, sender);
        let report = follow(&mut inbox, drop).await;
        let verdicts: Vec<&str> = report.outcomes.iter().map(|outcome| outcome.verdict.as_str()).collect();
        assert_eq!(verdicts, ["broken", "holds"]);
        assert!(report.kept.is_some_and(|path| path.is_file()), "{:?}", report.not_kept);

        let Message::History { generation: 7, loaded: Ok(loaded) } = history(&config, 7).await else {
            panic!("the history cannot be read")
        };
        let mut results = crate::explorer::spikes::Results::default();
        results.keep(loaded);
        assert_eq!((results.runs(), results.of("J1").len()), (1, 1));
        assert_eq!(results.of("J1")[0].verdict, Verdict::Holds);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_cancelled_run_closes_its_lab_before_it_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let (sender, mut inbox) = unbounded_channel();
        let mut task = SpikeTask::default();
        task.begin(&config(folder.path().to_path_buf()), vec![(&WAITS, Backend::Embedded)], sender);
        let mut lab = PathBuf::new();
        let report = follow(&mut inbox, |event| {
            if let Event::Progress { text, .. } = event {
                lab = PathBuf::from(text);
                assert!(lab.is_dir());
                task.cancel();
            }
        })
        .await;
        assert!(report.stopped && lab.is_absolute() && !lab.exists(), "{lab:?}: {report:?}");
        task.wait().await;
    }
}
