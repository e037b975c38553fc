//! What is kept of jobs: by name, for their user alone, within bounds.

use std::time::Duration;

use zenith_core::jobs::{
    Action, JOBS_MAX, JobChange, JobError, NewJob, Place, ServiceWork, Verb, Work, schema,
};

use super::world::{World, program};
use crate::support::block_on;

#[test]
fn a_job_is_found_by_its_name_and_by_nobody_else() {
    block_on(async {
        let world = World::at("2026-06-01T12:00:00Z").await;
        let job = world.add("tidy up", "@daily", |_| {}).await;
        assert_eq!(world.store.get(&job.id).await.unwrap(), job);
        assert_eq!(world.store.list().await.unwrap(), std::slice::from_ref(&job));
        let other = world.of_user("user_otto").await;
        assert!(other.list().await.unwrap().is_empty());
        for error in [
            other.get(&job.id).await.unwrap_err(),
            other.delete(&job.id).await.unwrap_err(),
            other.run_now(&job.id).await.unwrap_err(),
            other.stop("tidy up").await.unwrap_err(),
            other.pause(&job.id, "otto").await.unwrap_err(),
            other.runs(&job.id, 5).await.unwrap_err(),
            other.change(&job.id, &JobChange::default()).await.unwrap_err(),
            world.store.get("nothing").await.unwrap_err(),
        ] {
            assert_eq!((&error, error.reason()), (&JobError::NotFound, "not_found"));
        }
        world.store.delete("tidy up").await.unwrap();
        assert!(world.store.list().await.unwrap().is_empty());
    });
}

#[test]
fn what_cannot_be_kept_names_the_field() {
    block_on(async {
        let world = World::at("2026-06-01T12:00:00Z").await;
        let job = |change: &dyn Fn(&mut NewJob)| {
            let mut job = NewJob::new("a", "@daily", program(&["true"]));
            change(&mut job);
            job
        };
        for (field, wrong) in [
            ("schedule", job(&|job| job.schedule = "0 23-2 * * *".to_string())),
            ("timezone", job(&|job| job.timezone = "Berlin".to_string())),
            ("name", job(&|job| job.name = " ".to_string())),
            ("name", job(&|job| job.name = "two\nlines".to_string())),
            ("timeout_s", job(&|job| job.timeout_s = 0)),
            ("retries", job(&|job| job.retries = 1000)),
            ("action", job(&|job| job.action = program(&[]))),
            ("action", job(&|job| job.action = program(&["./here"]))),
            ("action", job(&|job| job.action = program(&["a\nb"]))),
            ("action", job(&|job| job.action = program(&["a", "b\0c"]))),
            (
                "action",
                job(&|job| job.action = Action::Sql { statements: vec!["ATTACH 'x' AS y".to_string()] }),
            ),
            ("action", job(&|job| job.action = Action::Sql { statements: vec![] })),
        ] {
            let error = world.store.create(&wrong).await.unwrap_err();
            let JobError::Invalid(invalid) = &error else { panic!("{error}") };
            assert_eq!((invalid.field, error.reason()), (field, "invalid"), "{error}");
        }
        let error = world.store.create(&job(&|job| job.schedule = "0 23-2 * * *".to_string())).await;
        let Err(JobError::Invalid(invalid)) = error else { panic!() };
        assert_eq!((invalid.at.clone(), invalid.instead.as_deref()), (Some(2..6), Some("23,0-2")));
        assert!(world.store.list().await.unwrap().is_empty(), "nothing half made");
    });
}

#[test]
fn names_are_taken_once_and_jobs_are_bounded() {
    block_on(async {
        let world = World::at("2026-06-01T12:00:00Z").await;
        world.add("first", "@daily", |_| {}).await;
        let again = NewJob::new("first", "@daily", program(&["true"]));
        assert_eq!(world.store.create(&again).await, Err(JobError::Taken("first".to_string())));
        world.add("second", "@daily", |_| {}).await;
        let renamed = JobChange { name: Some("first".to_string()), ..JobChange::default() };
        let error = world.store.change("second", &renamed).await.unwrap_err();
        assert_eq!(error.reason(), "conflict");
        for number in 2..JOBS_MAX {
            world.add(&format!("job {number}"), "@daily", |_| {}).await;
        }
        let more = NewJob::new("one more", "@daily", program(&["true"]));
        assert_eq!(world.store.create(&more).await, Err(JobError::Quota(JOBS_MAX)));
        let otto = world.of_user("user_otto").await;
        assert!(otto.create(&again).await.is_ok(), "another user's names and bounds are their own");
    });
}

#[test]
fn actions_go_into_a_row_and_come_back() {
    block_on(async {
        let world = World::at("2026-06-01T12:00:00Z").await;
        let variables = [("LEVEL".to_string(), "a 'b' \"c\"".to_string())].into();
        for (number, action) in [
            Action::Program {
                argv: vec!["sh".to_string(), "-c".to_string(), "echo \"$LEVEL\"; %".to_string()],
                folder: Some("/tmp".to_string()),
                variables,
            },
            Action::Zenith { verb: Verb::Index, arguments: vec!["--direct".to_string()], folder: None },
            Action::Sql {
                statements: vec!["DELETE FROM notes WHERE day < date('now', '-30 days')".to_string()],
            },
        ]
        .into_iter()
        .enumerate()
        {
            let name = number.to_string();
            let job = world.add(&name, "@daily", |job| job.action = action.clone()).await;
            assert_eq!(job.given.action, action);
            let json = serde_json::to_string(&job.given).unwrap();
            assert_eq!(serde_json::from_str::<NewJob>(&json).unwrap(), job.given);
        }
        let unknown =
            r#"{"name":"a","schedule":"@daily","timezome":"UTC","action":{"kind":"sql","statements":[]}}"#;
        assert!(
            serde_json::from_str::<NewJob>(unknown).is_err(),
            "a field that is misspelt is not passed over"
        );
    });
}

#[test]
fn a_row_never_becomes_a_process_on_a_services_machine() {
    let shell = program(&["sh", "-c", "echo"]);
    let verb = Action::Zenith { verb: Verb::Index, arguments: vec![], folder: None };
    assert_eq!(ServiceWork::of(&shell), None);
    assert_eq!(ServiceWork::of(&verb), None);
    assert_eq!((shell.place(), ServiceWork::PLACE), (Place::Machine, Place::Service));
}

#[test]
fn jobs_of_a_later_version_are_left_alone_and_making_tables_again_changes_nothing() {
    block_on(async {
        let world = World::at("2026-06-01T12:00:00Z").await;
        world.add("kept", "@daily", |_| {}).await;
        let connection = world.connection().await;
        for statement in schema::STATEMENTS {
            connection.execute(statement, ()).await.unwrap();
        }
        assert_eq!(world.store.list().await.unwrap().len(), 1);
        connection.execute("UPDATE jobs_version SET version = 9", ()).await.unwrap();
        let error = world.store.ensure().await.unwrap_err();
        assert_eq!((error.clone(), error.reason()), (JobError::Newer { found: 9, known: 1 }, "newer"));
    });
}

#[test]
fn a_database_that_does_not_answer_is_away_in_words_of_ours() {
    block_on(async {
        let world = World::at("2026-06-01T12:00:00Z").await;
        let holding = world.connection().await;
        holding.execute("BEGIN IMMEDIATE", ()).await.unwrap();
        let store = world.again().await.with_patience(Duration::from_millis(50));
        let error = store.create(&NewJob::new("a", "@daily", program(&["true"]))).await.unwrap_err();
        assert_eq!(error.reason(), "unavailable", "{error}");
    });
}
