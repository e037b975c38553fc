//! `spike list`.

use serde::Serialize;
use zenith_harness::report::table::align;
use zenith_harness::{Backend, Expected, Spike, TargetKind, Unit};

use super::Setting;
use super::args::List;
use crate::readme;

/// A spike as JSON.
#[derive(Serialize)]
struct Listed {
    id: &'static str,
    title: &'static str,
    group: zenith_harness::Group,
    backends: &'static [Backend],
    expected: Expected,
    targets: Vec<ListedTarget>,
    faults: Vec<ListedFault>,
}

#[derive(Serialize)]
struct ListedTarget {
    figure: &'static str,
    at_most: f64,
    unit: Unit,
    kind: TargetKind,
}

#[derive(Serialize)]
struct ListedFault {
    name: &'static str,
    what: &'static str,
}

/// Lists the spikes.
pub fn execute(list: &List, setting: Setting<'_>) -> anyhow::Result<u8> {
    let Setting { spikes, out, .. } = setting;
    if list.markdown {
        write!(out, "{}", readme::table(spikes))?;
    } else if list.json {
        for spike in spikes {
            writeln!(out, "{}", serde_json::to_string(&listed(spike))?)?;
        }
    } else {
        write!(out, "{}", table(spikes))?;
    }
    Ok(0)
}

fn table(spikes: &[Spike]) -> String {
    let head = ["ID", "GROUP", "CLAIM", "RUNS ON", "EXPECTED", "TARGETS", "FAULTS"];
    let mut rows = vec![head.map(String::from).to_vec()];
    rows.extend(spikes.iter().map(|spike| {
        let backends: Vec<&str> = spike.backends.iter().map(|backend| backend.as_str()).collect();
        vec![
            spike.id.to_string(),
            spike.group.to_string(),
            spike.title.to_string(),
            backends.join(" "),
            spike.expected.as_str().to_string(),
            spike.targets.len().to_string(),
            spike.faults.len().to_string(),
        ]
    }));
    align(&rows)
}

fn listed(spike: &Spike) -> Listed {
    let &Spike { id, title, group, backends, expected, targets, faults, .. } = spike;
    let target = |target: &zenith_harness::Target| ListedTarget {
        figure: target.figure,
        at_most: target.at_most,
        unit: target.unit,
        kind: target.kind,
    };
    let targets = targets.iter().map(target).collect();
    let faults = faults.iter().map(|fault| ListedFault { name: fault.name, what: fault.what }).collect();
    Listed { id, title, group, backends, expected, targets, faults }
}
