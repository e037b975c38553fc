//! A translator behind an address: what is not known yet is asked for at once, in one request an instance and locale.
//!
//! ```json
//! {"public_id": "wgt_main_faq", "widget_type": "faq", "from": "en", "to": "de", "texts": {"/title": "Questions"}}
//! {"texts": {"/title": "Fragen"}}
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use reqwest::Client;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use super::canonical::{canonical, read};
use super::generate::{GenerateError, Generated, Generator, Wanted};
use super::locale::Locale;
use super::overlay::OVERLAY_BYTES_MAX;
use crate::http::{AskError, ask, client, shown_address};

/// Whoever translates may take its time.
const DEADLINE: Duration = Duration::from_secs(120);

/// A translator that is asked over HTTP. One that did not answer is not asked again within a run.
#[derive(Clone)]
pub struct Endpoint {
    url: Url,
    client: Client,
    away: Arc<Mutex<Option<GenerateError>>>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint").field(&shown_address(&self.url)).finish()
    }
}

type Texts<'a> = BTreeMap<&'a String, &'a String>;

#[derive(Serialize)]
struct Question<'a> {
    public_id: &'a str,
    widget_type: &'a str,
    from: &'a Locale,
    to: &'a Locale,
    texts: &'a Texts<'a>,
}

impl Endpoint {
    pub fn new(url: Url) -> Result<Endpoint, GenerateError> {
        let client =
            client(&url).map_err(|_| GenerateError::Away("its address cannot be used".to_string()))?;
        Ok(Endpoint { url, client, away: Arc::default() })
    }

    fn away(&self) -> MutexGuard<'_, Option<GenerateError>> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for all of these.
    async fn ask(
        &self,
        wanted: &Wanted<'_>,
        texts: &Texts<'_>,
    ) -> Result<BTreeMap<String, String>, GenerateError> {
        if let Some(away) = self.away().clone() {
            return Err(away);
        }
        let Wanted { public_id, widget_type, from, to, .. } = *wanted;
        let question = Question { public_id, widget_type, from, to, texts };
        let body = canonical(&question).map_err(|_| GenerateError::Answer)?;
        let request =
            self.client.post(self.url.clone()).header("content-type", "application/json").body(body);
        let answer = ask(request, DEADLINE, OVERLAY_BYTES_MAX).await.map_err(|error| {
            let away = GenerateError::Away(match error {
                AskError::Unreached(unreached) => unreached.to_string(),
                AskError::Deadline => "it did not answer in time".to_string(),
                AskError::Status(status) => format!("it answered {}", status.as_u16()),
                AskError::TooLarge => "its answer is too large".to_string(),
            });
            if error != AskError::TooLarge {
                *self.away() = Some(away.clone());
            }
            away
        })?;
        let answer = read(&answer, OVERLAY_BYTES_MAX).map_err(|_| GenerateError::Answer)?;
        let Some(Value::Object(answered)) = answer.get("texts") else { return Err(GenerateError::Answer) };
        let text = |(at, text): (&String, &Value)| match text {
            Value::String(text) if texts.contains_key(at) => Ok((at.clone(), text.clone())),
            _ => Err(GenerateError::Answer),
        };
        answered.iter().map(text).collect()
    }
}

#[async_trait]
impl Generator for Endpoint {
    fn fingerprint(&self, _: &Locale) -> Result<String, GenerateError> {
        Ok("translator 1".to_string())
    }

    fn begin(&self) {
        *self.away() = None;
    }

    async fn generate(&self, wanted: &Wanted<'_>) -> Generated {
        let mut found = wanted.known.clone();
        found.retain(|at, _| wanted.texts.contains_key(at));
        let texts: Texts<'_> = wanted.texts.iter().filter(|(at, _)| !found.contains_key(*at)).collect();
        if texts.is_empty() {
            return Generated::from(found);
        }
        match self.ask(wanted, &texts).await {
            Ok(answered) => {
                found.extend(answered);
                Generated::from(found)
            }
            Err(error) => Generated { texts: found, failed: Some(error) },
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::{MethodRouter, post};
    use axum::{Json, Router};
    use serde_json::json;

    use super::*;
    use crate::publish::trial::locale;

    /// A translator that writes down what it was asked, and answers what it is told to.
    async fn translator(answer: Value) -> (Endpoint, Arc<Mutex<Vec<Value>>>) {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = asked.clone();
        let route = post(move |Json(question): Json<Value>| {
            seen.lock().unwrap().push(question);
            let answer = answer.clone();
            async move { Json(answer) }
        });
        (serve(route).await, asked)
    }

    async fn serve(route: MethodRouter) -> Endpoint {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/", route)).await });
        Endpoint::new(url).unwrap()
    }

    #[tokio::test]
    async fn only_what_is_not_known_is_asked_for_and_only_that_is_taken() {
        let (en, de) = (locale("en"), locale("de"));
        let texts =
            BTreeMap::from([("/a".to_string(), "Yes".to_string()), ("/b".to_string(), "No".to_string())]);
        let known = BTreeMap::from([("/a".to_string(), "Ja".to_string())]);
        let wanted = Wanted {
            public_id: "wgt_main_faq",
            widget_type: "faq",
            from: &en,
            to: &de,
            texts: &texts,
            known: &known,
        };
        let (endpoint, asked) = translator(json!({ "texts": { "/b": "Nein" } })).await;
        let found = endpoint.generate(&wanted).await.texts;
        assert_eq!((found["/a"].as_str(), found["/b"].as_str()), ("Ja", "Nein"));
        assert_eq!(asked.lock().unwrap()[0]["texts"], json!({ "/b": "No" }));
        endpoint.generate(&Wanted { known: &found, ..wanted.clone() }).await;
        assert_eq!(asked.lock().unwrap().len(), 1, "what is known is not asked for");
        for bad in [json!({ "texts": { "/c": "x" } }), json!({ "texts": { "/b": 1 } }), json!([]), json!({})]
        {
            let (endpoint, _) = translator(bad).await;
            let answered = endpoint.generate(&wanted).await;
            assert_eq!((answered.texts.len(), answered.failed), (1, Some(GenerateError::Answer)));
        }
        let gone = Endpoint::new("http://127.0.0.1:1/?key=secret".parse().unwrap()).unwrap();
        assert!(matches!(gone.generate(&wanted).await.failed, Some(GenerateError::Away(_))));
        assert!(!format!("{gone:?}").contains("secret"));
    }

    #[tokio::test]
    async fn who_did_not_answer_is_asked_once_a_run() {
        let (en, de) = (locale("en"), locale("de"));
        let (texts, known) = (BTreeMap::from([("/a".to_string(), "Yes".to_string())]), BTreeMap::new());
        let wanted = Wanted {
            public_id: "wgt_main_faq",
            widget_type: "faq",
            from: &en,
            to: &de,
            texts: &texts,
            known: &known,
        };
        let asked = Arc::new(Mutex::new(0));
        let seen = asked.clone();
        let route = post(move || {
            *seen.lock().unwrap() += 1;
            async { axum::http::StatusCode::SERVICE_UNAVAILABLE }
        });
        let endpoint = serve(route).await;
        for runs in 1..=2 {
            endpoint.begin();
            for _ in 0..3 {
                assert!(matches!(endpoint.generate(&wanted).await.failed, Some(GenerateError::Away(_))));
            }
            assert_eq!(*asked.lock().unwrap(), runs);
        }
    }
}
