//! What a server answered, as far as it tells what to do: its status and S3's code, the bucket's region, its
//! clock, when to come again, and whether it was the store at all that answered.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use object_store::client::HttpResponse;
use reqwest::Method;
use reqwest::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, ETAG, HeaderMap, LOCATION, RETRY_AFTER,
};
use url::Url;

/// An answer that is no answer to what was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub status: u16,
    /// S3's word for it: letters and digits alone, or nothing.
    pub code: String,
    /// The region that the bucket is in, where it says so.
    pub region: Option<String>,
    /// How far the server's clock is ahead of this machine's.
    pub ahead: Option<TimeDelta>,
    /// It is a page for people.
    pub is_page: bool,
    /// What the body was recoded by on the way.
    pub recoded: Option<String>,
    /// It lacks what an answer of S3 has.
    pub lacks: Option<&'static str>,
    /// The host that it sends to.
    pub elsewhere: Option<String>,
    pub retry_after: Option<Duration>,
}

/// What of a request decides how its answer is read.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub method: Method,
    pub is_list: bool,
}

/// Of an error's body, the beginning says all.
const BODY_BYTES_MAX: usize = 64 << 10;
const WORD_CHARS_MAX: usize = 60;
/// Whoever is to come again later than this is not to.
const AGAIN_MAX: Duration = Duration::from_secs(24 * 3600);

/// An answer that goes on to who asked, or one that tells why it does not.
pub(super) async fn read(asked: &Asked, response: HttpResponse) -> Result<HttpResponse, Answer> {
    let status = response.status();
    let head = of_head(response.headers(), Utc::now());
    let head = Answer { status: status.as_u16(), ..head };
    if status.is_success() {
        let lacks = lacks(asked, response.headers());
        return match head.is_page || head.recoded.is_some() || lacks.is_some() {
            true => Err(Answer { lacks, ..head }),
            false => Ok(response),
        };
    }
    let (parts, body) = response.into_parts();
    let mut text = Vec::new();
    let mut stream = body.bytes_stream();
    while text.len() < BODY_BYTES_MAX
        && let Some(Ok(bytes)) = futures::StreamExt::next(&mut stream).await
    {
        text.extend_from_slice(&bytes);
    }
    let answer = of_body(head, &String::from_utf8_lossy(&text));
    // What is absent, unchanged or of another version is an answer like any other, and so is a conflict
    // that is not said to be of two writers at once.
    let is_answer = match status.as_u16() {
        304 | 412 => true,
        404 => answer.code != "NoSuchBucket",
        409 => !matches!(answer.code.as_str(), "ConditionalRequestConflict" | "OperationAborted"),
        _ => false,
    };
    match is_answer && !answer.is_page {
        true => Ok(HttpResponse::from_parts(parts, text.into())),
        false => Err(answer),
    }
}

fn header(headers: &HeaderMap, name: impl reqwest::header::AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn of_head(headers: &HeaderMap, now: DateTime<Utc>) -> Answer {
    let date = header(headers, DATE).and_then(|date| DateTime::parse_from_rfc2822(date).ok());
    let encoding = header(headers, CONTENT_ENCODING).map(str::to_ascii_lowercase);
    let is_none = |encoding: &String| matches!(encoding.as_str(), "" | "identity" | "aws-chunked");
    Answer {
        region: header(headers, "x-amz-bucket-region").and_then(region),
        ahead: date.map(|date| date.with_timezone(&Utc) - now),
        is_page: header(headers, CONTENT_TYPE).is_some_and(|kind| kind.trim_start().starts_with("text/html")),
        recoded: encoding.filter(|encoding| !is_none(encoding)).map(|encoding| word(&encoding)),
        elsewhere: header(headers, LOCATION)
            .and_then(|location| Url::parse(location).ok())
            .and_then(|url| url.host_str().map(str::to_string)),
        retry_after: header(headers, RETRY_AFTER).and_then(|value| retry_after(value, now)),
        ..Answer::default()
    }
}

/// What every server that speaks S3 says when it does what was asked.
fn lacks(asked: &Asked, headers: &HeaderMap) -> Option<&'static str> {
    let object = !asked.is_list && (asked.method == Method::GET || asked.method == Method::HEAD);
    if object && !headers.contains_key(CONTENT_LENGTH) {
        return Some("its length");
    }
    (asked.method == Method::PUT && !headers.contains_key(ETAG)).then_some("its version (ETag)")
}

/// Seconds, or a date.
fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds).min(AGAIN_MAX));
    }
    let date = DateTime::parse_from_rfc2822(value).ok()?.with_timezone(&Utc);
    Some((date - now).to_std().unwrap_or(Duration::ZERO).min(AGAIN_MAX))
}

/// What an error's body adds to its head: S3's own XML, or a page.
fn of_body(head: Answer, text: &str) -> Answer {
    let message = element(text, "Message").unwrap_or_default();
    let expected = message.split_once("expecting '").and_then(|(_, rest)| rest.split_once('\''));
    // As R2 says it: "Must be one of: wnam, …, auto".
    let is_auto = message.contains("one of") && message.contains("auto");
    let told = element(text, "Region").or(expected.map(|(named, _)| named)).or(is_auto.then_some("auto"));
    Answer {
        code: element(text, "Code").map(word).unwrap_or_default(),
        region: head.region.clone().or_else(|| told.and_then(region)),
        is_page: head.is_page || is_page(text.as_bytes()),
        ..head
    }
}

/// Whether a body begins as a page for people does.
pub(super) fn is_page(body: &[u8]) -> bool {
    let body = body.trim_ascii_start();
    let begins =
        |with: &str| body.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()));
    begins("<!doctype html") || begins("<html")
}

/// The text of the first element of a name.
pub(super) fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0.trim())
}

/// A word of a server's, with nothing in it that a terminal would act on.
pub(super) fn word(text: &str) -> String {
    let fits = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.chars().filter(fits).take(WORD_CHARS_MAX).collect()
}

/// A region's name as a server told it, if it can be one.
fn region(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = !text.is_empty() && text.len() <= WORD_CHARS_MAX && text == word(text);
    fits.then(|| text.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    fn told(headers: &[(&'static str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        of_body(of_head(&headers.collect(), now()), body)
    }

    #[test]
    fn what_a_server_tells_is_found_wherever_it_says_it() {
        let region = |headers: &[(&'static str, &str)], body: &str| told(headers, body).region;
        let there = Some("eu-west-1".to_string());
        assert_eq!(region(&[("x-amz-bucket-region", "eu-west-1")], ""), there);
        assert_eq!(region(&[], "<Error><Code>X</Code><Region>eu-west-1</Region></Error>"), there);
        let message = "the region 'us-east-1' is wrong; expecting 'eu-west-1'";
        assert_eq!(region(&[], &format!("<Message>{message}</Message>")), there);
        let r2 = "The region name 'x' is not valid. Must be one of: wnam, enam, auto";
        assert_eq!(region(&[], &format!("<Message>{r2}</Message>")), Some("auto".to_string()));
        assert_eq!(region(&[("x-amz-bucket-region", "a b")], "<Region>\u{1b}[2J</Region>"), None);

        assert_eq!(told(&[], "<Error>\n<Code>Slow\u{1b}Down</Code></Error>").code, "SlowDown");
        assert_eq!(told(&[], "no XML").code, "");
        assert!(told(&[("content-type", "text/html; charset=utf-8")], "").is_page);
        assert!(told(&[], " <!DOCTYPE html><p>").is_page && !told(&[], "<Error>").is_page);
        assert_eq!(told(&[("content-encoding", "GZIP")], "").recoded.as_deref(), Some("gzip"));
        assert_eq!(told(&[("content-encoding", "identity")], "").recoded, None);
        let elsewhere = told(&[("location", "https://portal.example/login?x=1")], "").elsewhere;
        assert_eq!(elsewhere.as_deref(), Some("portal.example"));
    }

    #[test]
    fn when_to_come_again_and_how_late_it_is_there() {
        let after = |value: &str| told(&[("retry-after", value)], "").retry_after;
        assert_eq!(after("3"), Some(Duration::from_secs(3)));
        assert_eq!(after("Tue, 14 Nov 2023 22:13:30 GMT"), Some(Duration::from_secs(10)));
        assert_eq!(after("Tue, 14 Nov 2023 22:13:10 GMT"), Some(Duration::ZERO));
        assert_eq!((after("soon"), after("-1")), (None, None));
        assert_eq!(after("18446744073709551615"), Some(AGAIN_MAX), "time does not overflow");
        let late = told(&[("date", "Tue, 14 Nov 2023 22:33:20 GMT")], "").ahead;
        assert_eq!(late, Some(TimeDelta::minutes(20)));
    }
}
