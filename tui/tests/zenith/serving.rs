//! A program that goes on until it is told to end, and the events that it prints meanwhile.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::Value;

use crate::support::Run;

/// Longer than anything takes that works: where an event never comes, the test fails and does not stand still.
const EVENT_MAX: Duration = Duration::from_secs(180);

pub struct Serving {
    child: Option<Child>,
    events: Receiver<Value>,
}

impl Serving {
    /// Starts a command with `--json`.
    pub fn start(mut command: Command) -> Serving {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, events) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // Nobody reads on where the test has ended.
                let _ = sender.send(serde_json::from_str(&line).unwrap());
            }
        });
        Serving { child: Some(child), events }
    }

    pub fn id(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    pub fn next(&self) -> Value {
        self.events.recv_timeout(EVENT_MAX).expect("it prints what happens")
    }

    /// The next event of this name.
    pub fn until(&self, event: &str) -> Value {
        loop {
            let next = self.next();
            if next["event"] == event {
                return next;
            }
        }
    }

    /// What it came to, once it has ended.
    pub fn ended(mut self) -> Run {
        let end = loop {
            if let Err(end) = self.events.recv_timeout(EVENT_MAX) {
                break end;
            }
        };
        assert_eq!(end, RecvTimeoutError::Disconnected, "it ends");
        Run::of(self.child.take().unwrap().wait_with_output().unwrap())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
