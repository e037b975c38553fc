//! `POST /look`: a user's own programs wrote jobs into their database, and say so. They have no identity token any
//! more, which is exchanged once and forgotten. The token of that very database says whose it is, and nothing comes of it
//! but a look.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use serde_json::{Value, json};

use super::Service;
use super::exchange::bearer;
use super::reply::Refusal;

pub(super) async fn look(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let token = bearer(&headers).ok_or_else(Refusal::no_token)?;
    let Some(entry) = service.tenancy.entry_of_token(token).await? else {
        let told = "this is no token of a database here that is good still";
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "database_token", told));
    };
    entry.is_open()?;
    service.note_due(&entry).await?;
    Ok(Json(json!({ "looks": true })))
}
