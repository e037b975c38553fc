//! Databases of Turso, made for one lab and removed with it. Only when asked for, and only what
//! carries this lab's own name is ever deleted.

use std::sync::Mutex;

use anyhow::{Context, ensure};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;
use zenith_core::catalog::Server;

use super::LabError;

/// An account at Turso, and what this lab made there.
pub(super) struct Cloud {
    api: Url,
    organisation: String,
    group: String,
    token: SecretString,
    client: reqwest::Client,
    /// Part of every name, so that nobody else's database has it.
    prefix: String,
    made: Mutex<Vec<String>>,
}

#[derive(Deserialize)]
struct Created {
    database: CreatedDatabase,
}

#[derive(Deserialize)]
struct CreatedDatabase {
    #[serde(rename = "Hostname")]
    hostname: String,
}

#[derive(Deserialize)]
struct Minted {
    jwt: SecretString,
}

impl Cloud {
    /// The account that `ZENITH_TURSO__*` names; absent where it names none.
    pub(super) fn from_environment() -> Result<Cloud, LabError> {
        Cloud::resolve(super::variable)
    }

    fn resolve(variable: impl Fn(&str) -> Option<String>) -> Result<Cloud, LabError> {
        let needed = |name: &str| {
            variable(name).ok_or_else(|| LabError::Absent {
                because: format!("{name} is not set; the cloud lab makes its databases with it"),
            })
        };
        let api = variable("ZENITH_TURSO__API_URL").unwrap_or_else(|| "https://api.turso.tech".to_string());
        Ok(Cloud {
            token: SecretString::from(needed("ZENITH_TURSO__API_TOKEN")?),
            organisation: needed("ZENITH_TURSO__ORG")?,
            group: variable("ZENITH_TURSO__GROUP").unwrap_or_else(|| "default".to_string()),
            api: Url::parse(&api).context("ZENITH_TURSO__API_URL is no URL")?,
            client: reqwest::Client::new(),
            prefix: format!("zenith-spike-{}", &uuid::Uuid::new_v4().simple().to_string()[..12]),
            made: Mutex::default(),
        })
    }

    pub(super) async fn create(&self, name: &str) -> anyhow::Result<Server> {
        let name = format!("{}-{name}", self.prefix);
        ensure!(name.len() <= 64, "{name} is too long for a database's name");
        // Noted before it is made: what a broken answer hides is removed all the same.
        self.made.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(name.clone());
        let body = serde_json::json!({ "name": name, "group": self.group });
        let created: Created = self
            .client
            .post(self.at("")?)
            .bearer_auth(self.token.expose_secret())
            .json(&body)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        let mut mint = self.at(&format!("/{name}/auth/tokens"))?;
        mint.set_query(Some("expiration=1h&authorization=full-access"));
        let minted: Minted = self
            .client
            .post(mint)
            .bearer_auth(self.token.expose_secret())
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        let url = Url::parse(&format!("https://{}", created.database.hostname))?;
        Ok(Server { url, token: minted.jwt })
    }

    pub(super) async fn remove_all(&self) {
        let made: Vec<String> =
            std::mem::take(&mut *self.made.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        for name in made {
            let Ok(url) = self.at(&format!("/{name}")) else { continue };
            // One that stays is named after this program, and can be removed by hand.
            let _ = self.client.delete(url).bearer_auth(self.token.expose_secret()).send().await;
        }
    }

    fn at(&self, path: &str) -> anyhow::Result<Url> {
        let base = self.api.as_str().trim_end_matches('/');
        Ok(Url::parse(&format!("{base}/v1/organizations/{}/databases{path}", self.organisation))?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::extract::{Path, State};
    use axum::http::StatusCode;
    use axum::routing::post;
    use axum::{Json, Router};
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn without_an_account_the_cloud_is_absent_and_says_what_is_missing() {
        let absent = Cloud::resolve(|_| None).err();
        assert!(matches!(absent, Some(LabError::Absent { because }) if because.contains("ZENITH_TURSO__")));
    }

    /// Whoever runs the tests without accounts: each part of the lab asks for what it needs, and for no more.
    #[tokio::test]
    async fn a_spike_without_a_database_needs_no_account_for_databases() {
        let options =
            crate::lab::LabOptions::new(&zenith_core::config::Config::load(Default::default()).unwrap());
        let lab = crate::lab::Lab::start(crate::Backend::Cloud, &options).await.unwrap();
        let absent = |error: anyhow::Error| match error.downcast::<LabError>().unwrap() {
            LabError::Absent { because } => because,
            LabError::Failed(error) => panic!("{error:#}"),
        };
        if std::env::var_os("ZENITH_R2__ACCESS_KEY_ID").is_none() {
            assert!(absent(lab.store().await.unwrap_err()).contains("ZENITH_R2__"));
        }
        if std::env::var_os("ZENITH_TURSO__API_TOKEN").is_none() {
            assert!(absent(lab.database("a").await.err().unwrap()).contains("ZENITH_TURSO__"));
        }
        lab.close(false).await;
    }

    /// The names that an account holds.
    type Account = Arc<Mutex<Vec<String>>>;

    async fn make(State(account): State<Account>, Json(body): Json<Value>) -> Json<Value> {
        let name = body["name"].as_str().unwrap().to_string();
        account.lock().unwrap().push(name.clone());
        Json(json!({ "database": { "Hostname": format!("{name}.example") } }))
    }

    async fn remove(State(account): State<Account>, Path(name): Path<String>) -> StatusCode {
        account.lock().unwrap().retain(|held| *held != name);
        StatusCode::OK
    }

    /// What the provider's documentation says of its interface; the provider itself is not here.
    async fn provider(account: Account) -> String {
        const DATABASES: &str = "/v1/organizations/acme/databases";
        let router = Router::new()
            .route(DATABASES, post(make))
            .route(&format!("{DATABASES}/{{name}}"), axum::routing::delete(remove))
            .route(&format!("{DATABASES}/{{name}}/auth/tokens"), post(async || Json(json!({ "jwt": "t" }))))
            .with_state(account);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    #[tokio::test]
    async fn what_the_lab_made_is_removed_and_nothing_else() {
        let account: Account = Arc::new(Mutex::new(vec!["production".to_string()]));
        let url = provider(account.clone()).await;
        let cloud = Cloud::resolve(|name| match name {
            "ZENITH_TURSO__API_URL" => Some(url.clone()),
            "ZENITH_TURSO__API_TOKEN" => Some("secret".to_string()),
            "ZENITH_TURSO__ORG" => Some("acme".to_string()),
            _ => None,
        })
        .unwrap_or_else(|error| panic!("{error}"));
        let server = cloud.create("catalog").await.unwrap();
        assert_eq!(account.lock().unwrap().len(), 2);
        assert!(server.url.as_str().starts_with("https://zenith-spike-"), "{server:?}");
        cloud.remove_all().await;
        assert_eq!(*account.lock().unwrap(), ["production"]);
    }
}
