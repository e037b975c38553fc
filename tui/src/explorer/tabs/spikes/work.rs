//! What it wants done beside the screen: runs of spikes, and the history of them.

use std::pin::pin;

use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;
use zenith_core::Zenith;
use zenith_core::config::Config;
use zenith_harness::lab::LabOptions;
use zenith_harness::report::history::History;
use zenith_harness::runner::Selection;
use zenith_harness::{Event, RunReport, Runner};

use super::results::Loaded;
use crate::explorer::parts::job::{Job, Sender};

const RUN: &str = "run";

#[derive(Debug)]
pub enum Effect {
    History { generation: u64 },
    Run(Selection),
    Cancel,
}

#[derive(Debug)]
pub enum Message {
    /// What the history of spikes keeps.
    History { generation: u64, loaded: Result<Loaded, String> },
    /// What a run is doing.
    Event(Event),
    /// A run is over, and its labs are closed.
    Ran(Result<Box<RunReport>, String>),
}

pub fn work(effect: Effect, zenith: &Zenith) -> Job<Message> {
    match effect {
        Effect::History { generation } => {
            let config = zenith.config.clone();
            Job::answer("history", async move { history(&config, generation).await })
        }
        Effect::Run(selection) => run(&zenith.config, selection),
        Effect::Cancel => Job::stop(RUN),
    }
}

/// A run, which is kept as `spike run` keeps it.
fn run(config: &Config, selection: Selection) -> Job<Message> {
    let mut runner = Runner::new(LabOptions::new(config));
    runner.history = Some(History::in_data(&config.data_dir));
    let job = Job::lasting(RUN, |sender: Sender<Message>, cancel| async move {
        // In a task of its own, so that the screen learns of the end whatever ended it.
        let report = tokio::spawn(follow(runner, selection, sender.clone(), cancel)).await;
        sender.send(Message::Ran(report.map(Box::new).map_err(|error| error.to_string())));
    });
    // What is left of a lab that takes too long is a folder in the temporary folder: servers end with the program.
    job.waited_for("closing the lab of a spike…")
}

/// Tells events until the run ends. The channel's own end says nothing: a spike that was cut may hold
/// on to it.
async fn follow(
    runner: Runner,
    selection: Selection,
    sender: Sender<Message>,
    cancel: CancellationToken,
) -> RunReport {
    let (events, mut seen) = unbounded_channel();
    let mut work = pin!(runner.run(selection, None, events, cancel));
    let report = loop {
        tokio::select! {
            biased;
            Some(event) = seen.recv() => sender.send(Message::Event(event)),
            report = &mut work => break report,
        }
    };
    while let Ok(event) = seen.try_recv() {
        sender.send(Message::Event(event));
    }
    report
}

/// What the history of a data folder keeps.
async fn history(config: &Config, generation: u64) -> Message {
    let history = History::in_data(&config.data_dir);
    let read = move || history.read().map(|runs| Loaded::of(&runs)).map_err(|error| error.to_string());
    let loaded = tokio::task::spawn_blocking(read).await;
    let loaded = loaded.unwrap_or_else(|error| Err(error.to_string()));
    Message::History { generation, loaded }
}
