//! What a server answered, as far as it tells what to do: its status and S3's code, the bucket's region, its
//! clock, when to come again, and whether it was the store at all that answered.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use object_store::client::{HttpError, HttpResponse};
use reqwest::Method;
use reqwest::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, ETAG, HeaderMap, LOCATION, RETRY_AFTER,
};
use url::Url;

use super::aws_host::AwsHost;

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
    /// It is in a form that nobody has who speaks S3.
    pub is_strange: bool,
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
    /// It is to replace one version only.
    pub replaces: bool,
}

/// Why an answer does not go on to who asked.
#[derive(Debug)]
pub(super) enum Unusable {
    Answer(Box<Answer>),
    /// It broke off.
    Cut(HttpError),
}

/// Of an error's body, the beginning says all.
const BODY_BYTES_MAX: usize = 64 << 10;
/// Where a list says that it is one.
const LIST_HEAD_BYTES: usize = 1 << 10;
const WORD_CHARS_MAX: usize = 60;
/// Whoever is to come again later than this is not to.
const AGAIN_MAX: Duration = Duration::from_secs(24 * 3600);

/// An answer that goes on to who asked, or why it does not.
pub(super) async fn read(asked: &Asked, response: HttpResponse) -> Result<HttpResponse, Unusable> {
    let status = response.status();
    let head = of_head(response.headers(), Utc::now());
    let head = Answer { status: status.as_u16(), ..head };
    if status.is_success() {
        let lacks = lacks(asked, response.headers());
        return match head.is_page || head.recoded.is_some() || lacks.is_some() {
            true => Err(Answer { lacks, ..head }.into()),
            false => in_form(asked, head, response).await,
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
        404 => is_absence(asked, &answer.code, &parts.headers, text.is_empty()),
        409 => !matches!(answer.code.as_str(), "ConditionalRequestConflict" | "OperationAborted"),
        _ => false,
    };
    match is_answer && !answer.is_page {
        true => Ok(HttpResponse::from_parts(parts, text.into())),
        false => Err(answer.into()),
    }
}

impl From<Answer> for Unusable {
    fn from(answer: Answer) -> Unusable {
        Unusable::Answer(Box::new(answer))
    }
}

/// Of what S3 answers in a form of its own, the form is looked at: what something on the way says in the
/// store's stead would be taken for an empty list, or for a put that was done.
async fn in_form(asked: &Asked, head: Answer, response: HttpResponse) -> Result<HttpResponse, Unusable> {
    if !asked.is_list && asked.method != Method::PUT {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = body.bytes().await.map_err(Unusable::Cut)?;
    let is_of_s3 = if asked.is_list {
        let start = body.get(..LIST_HEAD_BYTES).unwrap_or(&body);
        String::from_utf8_lossy(start).contains("ListBucketResult")
    } else {
        let text = body.trim_ascii_start();
        text.is_empty() || text.starts_with(b"<")
    };
    match is_of_s3 && !is_page(&body) {
        true => Ok(HttpResponse::from_parts(parts, body.into())),
        false => Err(Answer { is_page: is_page(&body), is_strange: true, ..head }.into()),
    }
}

/// Whether a 404 says that an object is not there. Any server says 404 of what it does not know: every one that
/// speaks S3 says of an object which kind of 404 it is, except where an answer has no body.
fn is_absence(asked: &Asked, code: &str, headers: &HeaderMap, is_empty: bool) -> bool {
    let is_s3s = headers.contains_key("x-amz-request-id");
    match asked.method {
        _ if asked.is_list => false,
        Method::PUT => asked.replaces && code == "NoSuchKey",
        Method::GET => code == "NoSuchKey" || (is_empty && is_s3s),
        Method::HEAD => is_s3s || !is_of_another(headers),
        Method::DELETE => code == "NoSuchKey" || (is_empty && (is_s3s || !is_of_another(headers))),
        _ => false,
    }
}

/// Whether a body, or the one that there would be, is of a type that S3 has none of.
fn is_of_another(headers: &HeaderMap) -> bool {
    let kind = header(headers, CONTENT_TYPE).unwrap_or_default().trim_start().to_ascii_lowercase();
    (kind.starts_with("text/") && !kind.starts_with("text/xml")) || kind.starts_with("application/json")
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
    let versioned = !asked.is_list && (asked.method == Method::GET || asked.method == Method::PUT);
    (versioned && !headers.contains_key(ETAG)).then_some("its version (ETag)")
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
    let endpoint = element(text, "Endpoint").map(|text| word(text.trim_start_matches("https://")));
    let elsewhere = head.elsewhere.clone().or(endpoint.filter(|host| !host.is_empty()));
    let of_host = elsewhere.as_deref().and_then(AwsHost::parse).and_then(|host| host.region);
    let told = element(text, "Region").or(expected.map(|(named, _)| named));
    let told = told.or(is_auto.then_some("auto")).or(of_host);
    Answer {
        code: element(text, "Code").map(word).unwrap_or_default(),
        region: head.region.clone().or_else(|| told.and_then(region)),
        elsewhere: elsewhere.clone(),
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

        let there = Some("eu-west-3".to_string());
        let endpoint =
            "<Error><Code>PermanentRedirect</Code><Endpoint>b.s3.eu-west-3.amazonaws.com</Endpoint>";
        assert_eq!(region(&[], &format!("{endpoint}</Error>")), there);
        assert_eq!(region(&[("location", "https://b.s3-eu-west-3.amazonaws.com/p")], ""), there);
        let other = told(&[], "<Endpoint>oss-cn-x.example</Endpoint>");
        assert_eq!((other.elsewhere.as_deref(), other.region), (Some("oss-cn-x.example"), None));
    }

    async fn passes(method: Method, is_list: bool, status: u16, header: (&str, &str), body: &str) -> bool {
        let asked = Asked { replaces: method == Method::PUT, method, is_list };
        read(&asked, response(status, header, body)).await.is_ok()
    }

    fn response(status: u16, (name, value): (&str, &str), body: &str) -> HttpResponse {
        let mut response = HttpResponse::new(body.to_string().into());
        *response.status_mut() = reqwest::StatusCode::from_u16(status).unwrap();
        let name: reqwest::header::HeaderName = name.parse().unwrap();
        response.headers_mut().insert(name, value.parse().unwrap());
        response
    }

    const NO_SUCH_KEY: &str = "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>";

    /// What a server answers who knows nothing of S3 is no word of what the store holds.
    #[tokio::test]
    async fn only_s3_says_that_an_object_is_not_there() {
        let xml = ("content-type", "application/xml");
        let text = ("content-type", "text/plain; charset=utf-8");
        let json = ("content-type", "application/json");
        let of_s3 = ("x-amz-request-id", "tx1");
        let tenant = "<Error><Code>NoSuchTenant</Code></Error>";
        for (method, header, body, is_absence) in [
            (Method::GET, xml, NO_SUCH_KEY, true),
            (Method::GET, of_s3, "", true),
            (Method::GET, text, "404 page not found", false),
            (Method::GET, json, "{\"detail\":\"Not Found\"}", false),
            (Method::GET, xml, tenant, false),
            (Method::GET, xml, "", false),
            (Method::GET, xml, "<Error><Code>NoSuchBucket</Code></Error>", false),
            (Method::HEAD, xml, "", true),
            (Method::HEAD, of_s3, "", true),
            (Method::HEAD, ("server", "x"), "", true),
            (Method::HEAD, text, "", false),
            (Method::HEAD, json, "", false),
            (Method::DELETE, xml, NO_SUCH_KEY, true),
            (Method::DELETE, text, "404 page not found", false),
            (Method::POST, xml, NO_SUCH_KEY, false),
            // As AWS says that the version that was to be replaced is no longer there.
            (Method::PUT, xml, NO_SUCH_KEY, true),
            (Method::PUT, of_s3, "", false),
        ] {
            let told = passes(method.clone(), false, 404, header, body).await;
            assert_eq!(told, is_absence, "{method} {header:?} {body}");
        }
        assert!(!passes(Method::GET, true, 404, xml, NO_SUCH_KEY).await, "a list is there or is refused");
        let put = Asked { method: Method::PUT, is_list: false, replaces: false };
        assert!(
            read(&put, response(404, xml, NO_SUCH_KEY)).await.is_err(),
            "a put does not ask whether something is there"
        );
    }

    #[tokio::test]
    async fn what_is_in_no_form_of_s3_is_no_list_and_no_put_that_was_done() {
        let version = ("etag", "\"x\"");
        let blocked = "{\"error\":\"blocked by policy\"}";
        let list = "<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"x\"></ListBucketResult>";
        for (method, is_list, body, is_s3s) in [
            (Method::GET, true, list, true),
            (Method::GET, true, "<ListAllMyBucketsResult></ListAllMyBucketsResult>", false),
            (Method::GET, true, blocked, false),
            (Method::GET, true, "", false),
            (Method::PUT, false, "", true),
            (Method::PUT, false, blocked, false),
            (Method::PUT, false, "<!DOCTYPE html>", false),
        ] {
            assert_eq!(passes(method.clone(), is_list, 200, version, body).await, is_s3s, "{method} {body}");
        }
        assert!(
            !passes(Method::GET, false, 200, ("content-length", "29"), blocked).await,
            "it has no version"
        );
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
