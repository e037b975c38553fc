//! A user's jobs over HTTP: list, create, look at, change, pause, delete, run now, stop, history, and what a schedule
//! comes to before it is saved.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::Json;
use axum::routing::{get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Service;
use super::reply::Refusal;
use super::scheduling::away;
use crate::catalog::Trouble;
use crate::identity::VerifiedUser;
use crate::jobs::{Job, JobChange, JobError, NewJob, Place, Preview, Run, Store};
use crate::tenancy::{TenancyError, Tenant};

/// Runs that are answered with at most.
const RUNS_MAX: usize = 100;
const RUNS_USUAL: usize = 20;

pub(super) fn routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/jobs", get(list).post(create))
        .route("/jobs/next", post(next))
        .route("/jobs/{job}", get(one).patch(change).delete(delete))
        .route("/jobs/{job}/pause", post(pause))
        .route("/jobs/{job}/resume", post(resume))
        .route("/jobs/{job}/run", post(run_now))
        .route("/jobs/{job}/stop", post(stop))
        .route("/jobs/{job}/runs", get(runs))
        .route("/jobs/{job}/next", get(next_of))
}

type Answer<T> = Result<Json<T>, Refusal>;

impl Service {
    /// Does something with the jobs of whoever asks, in their own database.
    async fn with_jobs<T, F>(
        &self,
        user: &VerifiedUser,
        work: impl Fn(Store) -> F + Send + Sync,
    ) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, JobError>> + Send + 'static,
    {
        let subject = user.identity.subject().ok_or_else(Refusal::no_token)?.to_string();
        let opened = self.tenancy.open(&Tenant::User(subject.clone())).await?;
        Ok(opened.run(|connection| work(Store::new(connection, &subject)), away).await??)
    }

    /// The same for what may change when something is due: whoever runs statements for tenants is told.
    async fn change_jobs<T, F>(
        &self,
        user: &VerifiedUser,
        work: impl Fn(Store) -> F + Send + Sync,
    ) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, JobError>> + Send + 'static,
    {
        let done = self.with_jobs(user, |store| {
            let done = work(store.clone());
            async move { Ok((done.await?, store.next_due(Place::Service).await?)) }
        });
        let (done, next_due) = done.await?;
        if let Some(subject) = user.identity.subject() {
            self.keep_due(&Tenant::User(subject.to_string()), next_due).await?;
        }
        Ok(done)
    }

    /// Changes one job, or asks for a run of it.
    async fn change_job<T, F>(
        &self,
        user: &VerifiedUser,
        job: &str,
        work: impl Fn(Store, String) -> F + Send + Sync,
    ) -> Answer<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, JobError>> + Send + 'static,
    {
        self.change_jobs(user, |store| work(store, job.to_string())).await.map(Json)
    }

    /// Looks at one job, or stops what runs of it.
    async fn with_job<T, F>(
        &self,
        user: &VerifiedUser,
        job: &str,
        work: impl Fn(Store, String) -> F + Send + Sync,
    ) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, JobError>> + Send + 'static,
    {
        self.with_jobs(user, |store| work(store, job.to_string())).await
    }
}

type Asking = State<Arc<Service>>;

async fn list(State(service): Asking, user: VerifiedUser) -> Answer<Vec<Job>> {
    service.with_jobs(&user, async |store| store.list().await).await.map(Json)
}

async fn create(
    State(service): Asking,
    user: VerifiedUser,
    Body(body): Body,
) -> Result<(StatusCode, Json<Job>), Refusal> {
    let job: NewJob = read(&body)?;
    let created = service.change_jobs(&user, |store| {
        let job = job.clone();
        async move { store.create(&job).await }
    });
    Ok((StatusCode::CREATED, Json(created.await?)))
}

async fn one(State(service): Asking, Path(job): Path<String>, user: VerifiedUser) -> Answer<Job> {
    service.with_job(&user, &job, async |store, job| store.get(&job).await).await.map(Json)
}

async fn change(
    State(service): Asking,
    Path(job): Path<String>,
    user: VerifiedUser,
    Body(body): Body,
) -> Answer<Job> {
    let change: JobChange = read(&body)?;
    let changed = service.change_job(&user, &job, |store, job| {
        let change = change.clone();
        async move { store.change(&job, &change).await }
    });
    changed.await
}

async fn delete(State(service): Asking, Path(job): Path<String>, user: VerifiedUser) -> Answer<Job> {
    service.change_job(&user, &job, async |store, job| store.delete(&job).await).await
}

async fn pause(State(service): Asking, Path(job): Path<String>, user: VerifiedUser) -> Answer<Job> {
    service.change_job(&user, &job, async |store, job| store.pause(&job, "its user").await).await
}

async fn resume(State(service): Asking, Path(job): Path<String>, user: VerifiedUser) -> Answer<Job> {
    service.change_job(&user, &job, async |store, job| store.resume(&job).await).await
}

async fn run_now(State(service): Asking, Path(job): Path<String>, user: VerifiedUser) -> Answer<Run> {
    service.change_job(&user, &job, async |store, job| store.run_now(&job).await).await
}

async fn stop(State(service): Asking, Path(job): Path<String>, user: VerifiedUser) -> Answer<Value> {
    let stopped = service.with_job(&user, &job, async |store, job| store.stop(&job).await).await?;
    Ok(Json(json!({ "stopped": stopped })))
}

#[derive(Deserialize)]
struct Asked {
    limit: Option<usize>,
}

async fn runs(
    State(service): Asking,
    Path(job): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
    user: VerifiedUser,
) -> Answer<Vec<Run>> {
    let Query(asked) = asked.map_err(|why| Refusal::new(why.status(), "query", why.body_text()))?;
    let most = asked.limit.unwrap_or(RUNS_USUAL).min(RUNS_MAX);
    let runs = service.with_job(&user, &job, move |store, job| async move { store.runs(&job, most).await });
    runs.await.map(Json)
}

async fn next_of(State(service): Asking, Path(job): Path<String>, user: VerifiedUser) -> Answer<Preview> {
    service.with_job(&user, &job, async |store, job| store.next(&job).await).await.map(Json)
}

/// What a schedule comes to that is not saved yet. It needs no database.
async fn next(_: VerifiedUser, Body(body): Body) -> Answer<Preview> {
    let asked: Schedule = read(&body)?;
    let now_ms = chrono::Utc::now().timestamp_millis();
    Ok(Json(Preview::of(&asked.schedule, &asked.timezone, now_ms)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Schedule {
    schedule: String,
    #[serde(default = "utc")]
    timezone: String,
}

fn utc() -> String {
    "UTC".to_string()
}

/// All of a request's body, within the bound of every body.
struct Body(Bytes);

impl FromRequest<Arc<Service>> for Body {
    type Rejection = Refusal;

    async fn from_request(request: Request, service: &Arc<Service>) -> Result<Body, Refusal> {
        let read = Bytes::from_request(request, service).await;
        read.map(Body).map_err(|why| Refusal::new(why.status(), "body", why.body_text()))
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        let told = format!("the body is not what is expected: {error}");
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "body", told)
    })
}

impl From<JobError> for Refusal {
    fn from(error: JobError) -> Refusal {
        use StatusCode as S;
        let (reason, text) = (error.reason(), error.to_string());
        match error {
            // One that never was and a foreign one are told alike.
            JobError::NotFound | JobError::NoRun => Refusal::new(S::NOT_FOUND, reason, text),
            JobError::Invalid(invalid) => {
                let place = json!({ "field": invalid.field, "at": invalid.at, "instead": invalid.instead });
                Refusal::new(S::UNPROCESSABLE_ENTITY, reason, text).about(place)
            }
            JobError::Taken(_) | JobError::Changed => Refusal::new(S::CONFLICT, reason, text),
            JobError::Quota(_) => Refusal::new(S::TOO_MANY_REQUESTS, reason, text),
            JobError::Store(Trouble::Full) => Refusal::from(TenancyError::Database {
                attempted: "write",
                tenant: String::new(),
                source: Trouble::Full,
            }),
            JobError::Store(_) => {
                Refusal::new(S::SERVICE_UNAVAILABLE, reason, text).after(Duration::from_secs(5))
            }
            JobError::Newer { .. } | JobError::Unreadable(_) => {
                Refusal::new(S::INTERNAL_SERVER_ERROR, reason, text)
            }
        }
    }
}
