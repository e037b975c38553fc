//! A translator behind an address: what is not known yet is asked for at once, in one request an instance and locale.
//!
//! ```json
//! {"public_id": "wgt_main_faq", "widget_type": "faq", "from": "en", "to": "de", "texts": {"/title": "Questions"}}
//! {"texts": {"/title": "Fragen"}}
//! ```

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::Client;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use super::canonical::{canonical, read};
use super::generate::{GenerateError, Generator, Wanted};
use super::locale::Locale;
use super::overlay::OVERLAY_BYTES_MAX;
use crate::http::{AskError, ask, client};

/// Whoever translates may take its time.
const DEADLINE: Duration = Duration::from_secs(120);

/// A translator that is asked over HTTP.
#[derive(Clone, Debug)]
pub struct Endpoint {
    url: Url,
    client: Client,
}

#[derive(Serialize)]
struct Question<'a> {
    public_id: &'a str,
    widget_type: &'a str,
    from: &'a Locale,
    to: &'a Locale,
    texts: &'a BTreeMap<&'a String, &'a String>,
}

impl Endpoint {
    pub fn new(url: Url) -> Result<Endpoint, GenerateError> {
        let client =
            client(&url).map_err(|_| GenerateError::Away("its address cannot be used".to_string()))?;
        Ok(Endpoint { url, client })
    }
}

#[async_trait]
impl Generator for Endpoint {
    fn fingerprint(&self, _: &Locale) -> Result<String, GenerateError> {
        Ok("translator 1".to_string())
    }

    async fn generate(&self, wanted: &Wanted<'_>) -> Result<BTreeMap<String, String>, GenerateError> {
        let mut found = wanted.known.clone();
        found.retain(|at, _| wanted.texts.contains_key(at));
        let texts: BTreeMap<&String, &String> =
            wanted.texts.iter().filter(|(at, _)| !found.contains_key(*at)).collect();
        if texts.is_empty() {
            return Ok(found);
        }
        let Wanted { public_id, widget_type, from, to, .. } = *wanted;
        let question = Question { public_id, widget_type, from, to, texts: &texts };
        let body = canonical(&question).map_err(|_| GenerateError::Answer)?;
        let request =
            self.client.post(self.url.clone()).header("content-type", "application/json").body(body);
        let answer = ask(request, DEADLINE, OVERLAY_BYTES_MAX).await.map_err(|error| {
            GenerateError::Away(match error {
                AskError::Unreached(unreached) => unreached.to_string(),
                AskError::Deadline => "it did not answer in time".to_string(),
                AskError::Status(status) => format!("it answered {}", status.as_u16()),
                AskError::TooLarge => "its answer is too large".to_string(),
            })
        })?;
        let answer = read(&answer, OVERLAY_BYTES_MAX).map_err(|_| GenerateError::Answer)?;
        let Some(Value::Object(answered)) = answer.get("texts") else { return Err(GenerateError::Answer) };
        for (at, text) in answered {
            match text {
                Value::String(text) if texts.contains_key(at) => drop(found.insert(at.clone(), text.clone())),
                _ => return Err(GenerateError::Answer),
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::{Json, Router, routing::post};
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
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/", route)).await });
        (Endpoint::new(url).unwrap(), asked)
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
        let found = endpoint.generate(&wanted).await.unwrap();
        assert_eq!((found["/a"].as_str(), found["/b"].as_str()), ("Ja", "Nein"));
        assert_eq!(asked.lock().unwrap()[0]["texts"], json!({ "/b": "No" }));
        endpoint.generate(&Wanted { known: &found, ..wanted.clone() }).await.unwrap();
        assert_eq!(asked.lock().unwrap().len(), 1, "what is known is not asked for");
        for bad in [json!({ "texts": { "/c": "x" } }), json!({ "texts": { "/b": 1 } }), json!([]), json!({})]
        {
            let (endpoint, _) = translator(bad).await;
            assert_eq!(endpoint.generate(&wanted).await, Err(GenerateError::Answer));
        }
        let gone = Endpoint::new("http://127.0.0.1:1/".parse().unwrap()).unwrap();
        assert!(matches!(gone.generate(&wanted).await, Err(GenerateError::Away(_))));
    }
}
