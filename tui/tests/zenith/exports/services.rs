//! Buckets of services that are not like the lab's: they limit, they falter, they want to be named otherwise,
//! they forget conditions. And keys, wherever they come from.

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use zenith_core::lake::export::ExportMode;
use zenith_core::lake::{Put, Store, StoreError, StoreSettings};
use zenith_core::package::Tier;
use zenith_harness::lab::{Fault, FaultPlan, KEY_ID, Manners, Promise, Request, RequestKind, SECRET, Speech};

use super::{LOCATION, MANIFEST, World, own};
use crate::support::{Place, Run};

const EXPORT: [&str; 3] = ["export", "--tier", "private"];
const IMPORT: [&str; 3] = ["import", "--tier", "private"];

fn indexed() -> (World, Place) {
    let (world, place) = (World::new(), Place::with_workspace(1));
    place.run(&["index"]).ok();
    (world, place)
}

fn run(mut command: Command) -> Run {
    Run::of(command.output().unwrap())
}

/// R2 takes one write a second of a key. The probe keeps to that, and its verdict is remembered.
#[test]
fn a_bucket_that_limits_writes_of_a_key_takes_exports() {
    let (world, place) = indexed();
    let manners = Manners { key_pause: Some(Duration::from_secs(1)), ..Manners::default() };
    world.bucket.set_manners(manners);
    world.bucket.reset();
    run(world.command(&place, &EXPORT)).ok();
    let probes = |kind: RequestKind| {
        let requests = world.bucket.requests();
        requests.iter().filter(|request| request.kind == kind && request.target.contains("/probe/")).count()
    };
    assert!(probes(RequestKind::Put) >= 6, "{:?}", world.bucket.requests());
    world.bucket.reset();
    run(world.command(&place, &EXPORT)).ok();
    assert_eq!(probes(RequestKind::Put), 0, "{:?}", world.bucket.requests());
    assert_eq!(world.contents(&own()).1.len(), 1);
    let left = std::fs::read_dir(world.object("probe")).map(|entries| entries.count()).unwrap_or(0);
    assert!(left <= 1, "what a probe puts is removed, but for its folder on the lab's disk");
}

/// A service that does not know conditions would lose exports: nothing is written there.
#[test]
fn a_service_that_forgets_conditions_is_refused_before_anything_is_written() {
    let (world, place) = indexed();
    world.bucket.set_broken(&[Promise::CreateOnly, Promise::ReplaceOnly]);
    for _ in 0..2 {
        let refused = run(world.command(&place, &EXPORT));
        assert_eq!(refused.code, Some(1), "{refused:#?}");
        for condition in ["If-None-Match", "If-Match"] {
            assert!(refused.err.contains(condition), "{refused:#?}");
        }
        assert!(!world.object("packages").exists(), "something was exported");
    }
}

const TOO_MUCH: Speech = Speech {
    status: 429,
    headers: &[("retry-after", "1")],
    body: b"<Error><Code>TooManyRequests</Code></Error>",
};
const LATER: Speech = Speech {
    status: 503,
    headers: &[("retry-after", "3600")],
    body: b"<Error><Code>SlowDown</Code></Error>",
};

#[test]
fn three_seconds_of_trouble_fail_no_export_and_no_import() {
    let (world, place) = indexed();
    for fault in [Fault::Answer(503), Fault::Say(TOO_MUCH), Fault::CutBefore] {
        let newcomer = Place::new();
        for (place, arguments) in [(&place, EXPORT), (&newcomer, IMPORT)] {
            world.bucket.set_faults(Some(FaultPlan::lasting(1, Duration::from_secs(3), fault)));
            let run = run(world.command(place, &arguments)).ok();
            assert!(run.err.contains("trying again in"), "it is told: {run:#?}");
        }
        assert_eq!(newcomer.run(&["packages", "--json"]).ok().each("status"), ["ready"], "{fault:?}");
    }
    world.bucket.set_faults(None);
    let (sequence, contents) = world.contents(&own());
    assert_eq!((sequence, contents.len()), (3, 1));
}

/// A server that wants to be left alone for longer than one waits is.
#[test]
fn who_is_told_to_come_again_in_an_hour_does_not_wait() {
    let (world, place) = indexed();
    world.bucket.set_faults(Some(FaultPlan::from(0, Fault::Say(LATER))));
    let refused = run(world.command(&place, &EXPORT));
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("503 SlowDown") && !refused.err.contains("trying again"), "{refused:#?}");
}

/// One patience is one command's, and not each request's: a probe that gave up waits for nothing more, nor does
/// what follows it, until the store answers again.
#[test]
fn patience_is_spent_once() {
    let world = World::new();
    let patience = Duration::from_millis(600);
    let settings = StoreSettings { patience, ..world.settings() };
    let store = Store::open(&settings, world.folder.path()).unwrap();
    let pauses: Arc<Mutex<Vec<Duration>>> = Arc::default();
    let told = pauses.clone();
    store.tell_waiting(move |waiting| told.lock().unwrap().push(waiting.again_in));
    let waited = || std::mem::take(&mut *pauses.lock().unwrap());
    world.bucket.set_faults(Some(FaultPlan::from(0, Fault::Answer(503))));
    let refused = world.runtime.block_on(store.probe());
    assert!(matches!(refused, Err(StoreError::Unreachable { .. })), "{refused:?}");
    let first = waited();
    assert!(!first.is_empty() && first.iter().sum::<Duration>() <= patience, "{first:?}");
    for _ in 0..2 {
        let refused = world.runtime.block_on(store.get(MANIFEST, 1024));
        assert!(matches!(refused, Err(StoreError::Unreachable { .. })), "{refused:?}");
        assert!(waited().is_empty(), "it was waited for already");
    }
    world.bucket.set_faults(None);
    world.runtime.block_on(store.probe()).unwrap();
    world.bucket.set_faults(Some(FaultPlan::once(0, Fault::Answer(503))));
    let absent = world.runtime.block_on(store.get(MANIFEST, 1024));
    assert!(matches!(absent, Err(StoreError::Absent { .. })), "{absent:?}");
    assert_eq!(waited().len(), 1, "who answered once is waited for again");
}

/// AWS says of a version that was removed that the key is not there: whoever wanted to replace it plans anew.
#[test]
fn a_manifest_that_is_gone_when_it_is_to_be_replaced_is_written_anew() {
    const GONE: Speech = Speech {
        status: 404,
        headers: &[("content-type", "application/xml")],
        body: b"<Error><Code>NoSuchKey</Code></Error>",
    };
    let world = World::new();
    let store = world.store();
    let put = |terms| world.runtime.block_on(store.put("a/b", b"x".to_vec().into(), terms));
    let version = put(Put::Create).unwrap();
    world.bucket.set_faults(Some(FaultPlan::from(0, Fault::Say(GONE))));
    let refused = put(Put::Replace(&version));
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    for terms in [Put::Create, Put::Overwrite] {
        let refused = put(terms);
        assert!(matches!(refused, Err(StoreError::Refused { .. })), "{refused:?}");
    }
}

/// The first answer is that of a server that is at something else; nobody changed anything.
#[test]
fn a_conflict_that_nobody_made_is_tried_again_and_told_as_what_it_is() {
    let (world, place) = indexed();
    let zenith = world.open(place.data());
    let export = || world.export(&zenith, Tier::Private, ExportMode::Full).unwrap();
    // Once for the probe, which is not asked again.
    export();
    std::fs::remove_file(world.object(MANIFEST)).unwrap();
    world.bucket.reset();
    export();
    let requests = world.bucket.requests();
    let is_swap = |request: &Request| {
        request.kind == RequestKind::Put
            && request.target.split('?').next().unwrap().ends_with("manifest.json")
    };
    let swap = requests.iter().position(is_swap).unwrap() as u64;
    std::fs::remove_file(world.object(MANIFEST)).unwrap();
    world.bucket.set_faults(Some(FaultPlan::once(swap, Fault::Answer(409))));
    let report = export();
    assert_eq!((report.sequence, report.packages), (1, 1));

    std::fs::remove_file(world.object(MANIFEST)).unwrap();
    let conflict =
        Speech { status: 409, headers: &[], body: b"<Error><Code>ConditionalRequestConflict</Code></Error>" };
    world.bucket.set_faults(Some(FaultPlan::once(swap, Fault::Say(conflict))));
    let report = export();
    assert_eq!((report.sequence, report.packages), (1, 1));
    world.bucket.set_faults(None);
}

#[test]
fn a_service_that_wants_the_bucket_in_the_host_says_so_and_is_served() {
    let (world, place) = indexed();
    world.bucket.set_manners(Manners { virtual_hosts_only: true, ..Manners::default() });
    let with = |place: &Place, arguments: &[&str], style: &str| {
        let mut command = world.command(place, arguments);
        command.env("ZENITH_STORE_ENDPOINT", world.bucket.named_endpoint()).env("ZENITH_STORE_STYLE", style);
        run(command)
    };
    let refused = with(&place, &EXPORT, "path");
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("ZENITH_STORE_STYLE=virtual"), "{refused:#?}");
    with(&place, &EXPORT, "virtual").ok();
    let newcomer = Place::new();
    with(&newcomer, &IMPORT, "Virtual\n").ok();
    let strange = with(&newcomer, &IMPORT, "host");
    assert!(strange.err.contains("path or virtual"), "{strange:#?}");
}

/// A key signs for the store that is named with it.
#[test]
fn r2s_key_does_not_sign_for_another_store() {
    let (world, place) = indexed();
    let mut command = world.command(&place, &EXPORT);
    for (name, value) in [
        ("ZENITH_R2__ACCESS_KEY_ID", "of-r2"),
        ("ZENITH_R2__SECRET_ACCESS_KEY", "of-r2-too"),
        ("ZENITH_R2__ACCOUNT_ID", "acc"),
        ("ZENITH_R2__BUCKET", "zenith"),
    ] {
        command.env(name, value);
    }
    run(command).ok();
}

/// Secrets that are read from files end in line breaks; what cannot be a header ends no program.
#[test]
fn a_line_break_in_a_setting_is_trimmed_or_told_by_every_command() {
    let (world, place) = indexed();
    let names = [
        ("AWS_ACCESS_KEY_ID", KEY_ID.to_string()),
        ("AWS_SECRET_ACCESS_KEY", SECRET.to_string()),
        ("ZENITH_STORE_REGION", "us-east-1".to_string()),
        ("ZENITH_STORE_ENDPOINT", world.bucket.endpoint()),
        ("ZENITH_STORE", LOCATION.to_string()),
    ];
    for (name, value) in &names {
        for arguments in [&EXPORT[..], &IMPORT, &["search", "part"]] {
            let mut command = world.command(&place, arguments);
            command.env(name, format!("{value}\r\n"));
            run(command).ok();
            let mut command = world.command(&place, arguments);
            command.env(name, format!("{value}\nx"));
            let run = run(command);
            let needs_store = arguments[0] != "search";
            assert_eq!(run.code, Some(i32::from(needs_store)), "{name} {arguments:?}: {run:#?}");
            assert!(!run.err.contains("panicked") && !run.err.contains(SECRET), "{run:#?}");
        }
    }
    for token in ["lent\nx", "ä"] {
        let mut command = world.command(&place, &EXPORT);
        let refused = run({
            command.env("AWS_SESSION_TOKEN", token);
            command
        });
        assert!(refused.err.contains("session token") && refused.code == Some(1), "{refused:#?}");
    }
}

#[test]
fn what_a_library_reads_by_itself_ends_no_program() {
    let place = Place::with_workspace(1);
    let with = |name: &str, value: &str| {
        let mut command = place.command(&["index"]);
        command.env(name, value);
        run(command)
    };
    for value in ["0", "many", ""] {
        with("TOKIO_WORKER_THREADS", value).ok();
    }
    for name in ["LANCE_CPU_THREADS", "LANCE_IO_THREADS", "LANCE_MAX_IOP_SIZE"] {
        let refused = with(name, "many");
        assert_eq!(refused.code, Some(1), "{refused:#?}");
        assert!(refused.err.contains(name) && !refused.err.contains("panicked"), "{refused:#?}");
    }
}

/// Of AWS's own files: a program that lends a key, a profile with a region, one that is not there.
#[cfg(unix)]
#[test]
fn awss_own_files_open_a_bucket() {
    let (world, place) = indexed();
    let folder = place.project().parent().unwrap().to_path_buf();
    let lent = serde_json::json!({ "Version": 1, "AccessKeyId": KEY_ID, "SecretAccessKey": SECRET });
    std::fs::write(folder.join("lent.json"), lent.to_string()).unwrap();
    let config = format!(
        "[profile work] # mine\nregion = us-east-1\ncredential_process = cat {}\n[profile torn]\n\
         credential_process = false\n",
        folder.join("lent.json").display()
    );
    std::fs::write(folder.join("config"), config).unwrap();
    let with = |profile: &str| {
        let mut command = world.command(&place, &EXPORT);
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "ZENITH_STORE_REGION"] {
            command.env_remove(name);
        }
        command.env("AWS_PROFILE", profile);
        run(command)
    };
    with("work").ok();
    for (profile, says) in [("absent", "\"absent\""), ("torn", "lends no key")] {
        let refused = with(profile);
        assert_eq!(refused.code, Some(1));
        assert!(refused.err.contains(says) && refused.err.contains("AWS_PROFILE"), "{refused:#?}");
    }
    std::fs::write(
        folder.join("credentials"),
        format!("[DEFAULT]\n[default] ; mine\nAWS_ACCESS_KEY_ID={KEY_ID}\n[other]\n[default]\naws_secret_access_key = {SECRET}\n"),
    )
    .unwrap();
    with("default").ok();
}
