//! From names to spikes and backends.

use zenith_harness::runner::Selection;
use zenith_harness::{Backend, Group, Spike};

use super::Usage;

/// Where spikes run unless told otherwise: what needs nothing but this machine.
pub const BACKENDS: [Backend; 2] = [Backend::Embedded, Backend::Local];

/// The spikes of these ids and groups, in the order of the registry; all where none is given.
pub fn spikes(all: &'static [Spike], names: &[String]) -> Result<Vec<&'static Spike>, Usage> {
    let is = |spike: &Spike, name: &str| {
        spike.id.eq_ignore_ascii_case(name) || Group::named(name) == Some(spike.group)
    };
    let unknown: Vec<&str> =
        names.iter().map(String::as_str).filter(|name| !all.iter().any(|spike| is(spike, name))).collect();
    if !unknown.is_empty() {
        return Err(Usage(format!("there is no spike or group {}; {}", unknown.join(", "), known(all))));
    }
    let wanted = |spike: &&Spike| names.is_empty() || names.iter().any(|name| is(spike, name));
    Ok(all.iter().filter(wanted).collect())
}

/// Each spike on each of the backends that it can run on; required backends are among them.
pub fn trials(
    all: &'static [Spike],
    names: &[String],
    backends: &[Backend],
    require: &[Backend],
) -> Result<Selection, Usage> {
    let backends = match backends {
        [] if require.is_empty() => BACKENDS.to_vec(),
        [] => [&BACKENDS, require].concat(),
        some => [some, require].concat(),
    };
    let chosen: Vec<Backend> =
        Backend::all().into_iter().filter(|backend| backends.contains(backend)).collect();
    let spikes = spikes(all, names)?;
    // One that was asked for by its id must not be passed over in silence.
    for spike in &spikes {
        let by_id = names.iter().any(|name| spike.id.eq_ignore_ascii_case(name));
        if by_id && !chosen.iter().any(|backend| spike.runs_on(*backend)) {
            let runs_on = list(spike.backends);
            let message = format!("{} runs on {runs_on}, not on {}; see --backend", spike.id, list(&chosen));
            return Err(Usage(message));
        }
    }
    let on = |spike: &'static Spike| {
        let backends = chosen.iter().filter(|backend| spike.runs_on(**backend));
        backends.map(move |backend| (spike, *backend)).collect::<Vec<_>>()
    };
    let trials: Selection = spikes.into_iter().flat_map(on).collect();
    match trials.is_empty() {
        true => Err(Usage(format!("no spike of these runs on {}", list(&chosen)))),
        false => Ok(trials),
    }
}

/// The names of the faults that these spikes declare.
pub fn check_fault(trials: &Selection, fault: Option<&str>) -> Result<(), Usage> {
    let mut declared: Vec<&str> =
        trials.iter().flat_map(|(spike, _)| spike.faults).map(|fault| fault.name).collect();
    declared.sort_unstable();
    declared.dedup();
    match fault {
        Some(name) if !declared.contains(&name) => {
            Err(Usage(format!("no spike of these has a fault {name}; there are: {}", declared.join(", "))))
        }
        _ if declared.is_empty() => Err(Usage("no spike of these has a fault".to_string())),
        _ => Ok(()),
    }
}

fn known(all: &[Spike]) -> String {
    let ids: Vec<&str> = all.iter().map(|spike| spike.id).collect();
    let groups = Group::all().into_iter().filter(|group| all.iter().any(|spike| spike.group == *group));
    let groups: Vec<String> = groups.map(|group| format!("{} {group}", group.letter())).collect();
    match ids.is_empty() {
        true => "there are none yet".to_string(),
        false => format!("there are {} in the groups {}", ids.join(", "), groups.join(", ")),
    }
}

fn list(backends: &[Backend]) -> String {
    let names: Vec<&str> = backends.iter().map(|backend| backend.as_str()).collect();
    names.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::toys::TOYS;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn ids(selection: Result<Selection, Usage>) -> Result<Vec<String>, String> {
        let trials = selection.map_err(|usage| usage.0)?;
        Ok(trials.iter().map(|(spike, backend)| format!("{}:{backend}", spike.id)).collect())
    }

    #[test]
    fn everything_runs_on_this_machine_unless_told_otherwise() {
        let all = ids(trials(TOYS, &[], &[], &[])).unwrap();
        assert_eq!(all, ["A1:embedded", "A1:local", "J1:embedded", "J2:embedded"]);
    }

    #[test]
    fn ids_and_groups_in_any_case_each_spike_once() {
        let chosen = ids(trials(TOYS, &names(&["j", "CATALOG", "j2"]), &[Backend::Embedded], &[]));
        assert_eq!(chosen.unwrap(), ["J1:embedded", "J2:embedded"]);
    }

    #[test]
    fn a_required_backend_is_run_on() {
        let chosen = ids(trials(TOYS, &names(&["J2"]), &[], &[Backend::Container])).unwrap();
        assert_eq!(chosen, ["J2:embedded", "J2:container"]);
    }

    #[test]
    fn an_unknown_name_is_an_error_that_lists_the_known() {
        let error = ids(trials(TOYS, &names(&["J9"]), &[], &[])).unwrap_err();
        assert_eq!(
            error,
            "there is no spike or group J9; there are A1, J1, J2 in the groups A export, J catalog"
        );
        // A group without spikes is unknown, too.
        assert!(spikes(TOYS, &names(&["lance"])).is_err());
    }

    #[test]
    fn a_spike_that_cannot_run_there_is_an_error_that_says_where_it_can() {
        let error = ids(trials(TOYS, &names(&["J1"]), &[Backend::Local], &[])).unwrap_err();
        assert_eq!(error, "J1 runs on embedded, not on local; see --backend");
        let error = ids(trials(TOYS, &[], &[Backend::Cloud], &[])).unwrap_err();
        assert_eq!(error, "no spike of these runs on cloud");
    }

    #[test]
    fn an_unknown_fault_is_an_error_that_lists_the_declared() {
        let trials = trials(TOYS, &[], &[], &[]).unwrap();
        assert!(check_fault(&trials, None).is_ok() && check_fault(&trials, Some("unnoticed")).is_ok());
        let error = check_fault(&trials, Some("none")).unwrap_err();
        assert_eq!(error.0, "no spike of these has a fault none; there are: one-more-request, unnoticed");
    }
}
