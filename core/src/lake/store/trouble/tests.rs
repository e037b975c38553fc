//! The table, row by row.

use chrono::TimeDelta;

use super::*;

fn asked() -> Where {
    Where {
        bucket: "zenith".to_string(),
        host: "s3.example".to_string(),
        region: "us-east-1".to_string(),
        style: StoreStyle::Path,
        key: KeyOrigin::Environment,
    }
}

fn answer(status: u16, code: &str) -> Answer {
    Answer { status, code: code.to_string(), ..Answer::default() }
}

#[test]
fn each_answer_leads_to_what_a_user_should_do() {
    use TroubleKind::*;
    let region = |answer: Answer| Answer { region: Some("eu-west-1".to_string()), ..answer };
    let late = |answer: Answer, minutes| Answer { ahead: Some(TimeDelta::minutes(minutes)), ..answer };
    let page = |status| Answer { is_page: true, ..answer(status, "") };
    let gzip = Answer { recoded: Some("gzip".to_string()), ..answer(200, "") };
    let bare = Answer { lacks: Some("its length"), ..answer(200, "") };
    let json = Answer { is_strange: true, ..answer(200, "") };
    let there = |answer: Answer, host: &str| Answer { elsewhere: Some(host.to_string()), ..answer };
    let portal = Answer { elsewhere: Some("portal.example".to_string()), ..answer(302, "") };
    for (answer, kind, says) in [
        (answer(404, "NoSuchBucket"), Bucket, "no bucket zenith at s3.example"),
        (answer(404, "NoSuchBucket"), Bucket, "ZENITH_STORE"),
        (region(answer(400, "AuthorizationHeaderMalformed")), Region, "set ZENITH_STORE_REGION=eu-west-1"),
        (
            region(answer(301, "PermanentRedirect")),
            Region,
            "in the region eu-west-1, and was asked for in us-",
        ),
        (region(answer(301, "")), Region, "set ZENITH_STORE_REGION=eu-west-1"),
        (region(answer(400, "")), Region, "set ZENITH_STORE_REGION=eu-west-1"),
        (answer(400, "AuthorizationHeaderMalformed"), Region, "ZENITH_STORE_REGION"),
        (answer(400, "InvalidRegionName"), Region, "does not take us-east-1"),
        (late(answer(403, "RequestTimeTooSkewed"), 20), Clock, "clock is 20 minutes behind the store's"),
        (late(answer(403, "SignatureDoesNotMatch"), -90), Clock, "clock is 90 minutes ahead of the store's"),
        (answer(403, "RequestTimeTooSkewed"), Clock, "set this machine's clock"),
        (late(answer(403, "AccessDenied"), 20), Clock, "20 minutes behind"),
        (late(answer(403, "AccessDenied"), 1), Denied, "what they allow"),
        (answer(400, "ExpiredToken"), Token, "AWS_SESSION_TOKEN"),
        (answer(403, "InvalidAccessKeyId"), Key, "AWS_ACCESS_KEY_ID"),
        (answer(403, "SignatureDoesNotMatch"), Secret, "AWS_SECRET_ACCESS_KEY"),
        (answer(403, "AccessDenied"), Denied, "check the credentials and what they allow"),
        (answer(401, ""), Denied, "check the credentials"),
        (answer(403, "SecondLevelDomainForbidden"), Style, "set ZENITH_STORE_STYLE=virtual"),
        (answer(403, "PathStyleDomainForbidden"), Style, "set ZENITH_STORE_STYLE=virtual"),
        (answer(400, "VirtualHostDomainRequired"), Style, "set ZENITH_STORE_STYLE=virtual"),
        (page(200), Between, "page for people"),
        (page(403), Between, "browser"),
        (page(404), Between, "page for people"),
        (answer(511, ""), Between, "sign in"),
        (answer(407, ""), Between, "HTTPS_PROXY"),
        (gzip.clone(), Between, "recodes what it sends (gzip)"),
        (gzip, Between, "what is stored there is not damaged"),
        (bare, Between, "leaves out its length"),
        (json.clone(), Between, "something on the way answered for s3.example"),
        (json, Between, "NO_PROXY=s3.example"),
        (answer(404, ""), Stranger, "check ZENITH_STORE_ENDPOINT"),
        (answer(404, "NoSuchTenant"), Stranger, "404 NoSuchTenant"),
        (answer(404, "NoSuchKey"), Stranger, "no bucket in it"),
        (
            there(region(answer(301, "PermanentRedirect")), "zenith.s3.eu-west-1.amazonaws.com"),
            Region,
            "set ZENITH_STORE_REGION=eu-west-1",
        ),
        (
            there(answer(301, "PermanentRedirect"), "zenith.cos.example"),
            Elsewhere,
            "set ZENITH_STORE_ENDPOINT=https://cos.example",
        ),
        (there(answer(403, "AccessDenied"), "oss-x.example"), Elsewhere, "=https://oss-x.example"),
        (portal, Elsewhere, "sends to portal.example instead"),
        (answer(501, "NotImplemented"), Unknown, "speaks S3"),
        (answer(405, ""), Unknown, "ZENITH_STORE_ENDPOINT"),
        (answer(507, "XMinioStorageFull"), Full, "make room"),
        (answer(403, "InvalidObjectState"), Archived, "restore it there"),
        (answer(503, "SlowDown"), Busy, "503 SlowDown"),
        (answer(429, ""), Busy, "429"),
        (page(502), Busy, "502"),
        (answer(400, "RequestTimeout"), Busy, "busy"),
        (answer(409, "OperationAborted"), Busy, "409 OperationAborted"),
        (answer(418, "Teapot"), Odd, "418 Teapot"),
    ] {
        let trouble = asked().trouble(&answer);
        assert_eq!(trouble.kind, kind, "{answer:?}: {trouble}");
        assert!(trouble.to_string().contains(says), "{answer:?}: {trouble}");
        assert_eq!(trouble.kind.may_pass(), matches!(kind, Busy), "{trouble}");
        assert!(!trouble.to_string().contains("zenith export"), "an export may be good: {trouble}");
    }
}

#[test]
fn the_words_name_the_settings_that_the_key_came_from() {
    let of =
        |key: KeyOrigin| Where { key, ..asked() }.trouble(&answer(403, "InvalidAccessKeyId")).to_string();
    assert!(of(KeyOrigin::R2).contains("ZENITH_R2__ACCESS_KEY_ID"));
    assert!(of(KeyOrigin::Profile("work".to_string())).contains("\"work\""));
    let virtual_style = Where { style: StoreStyle::Virtual, ..asked() };
    let trouble = virtual_style.trouble(&answer(400, "InvalidPathAccess"));
    assert!(trouble.to_string().contains("ZENITH_STORE_STYLE=path"), "{trouble}");
    for code in ["", "NoSuchBucket"] {
        let trouble = virtual_style.trouble(&answer(404, code)).to_string();
        assert!(trouble.contains("or set ZENITH_STORE_STYLE=path"), "{trouble}");
        let by_path = asked().trouble(&answer(404, code)).to_string();
        assert!(!by_path.contains("ZENITH_STORE_STYLE"), "{by_path}");
    }
}

#[test]
fn a_connection_that_fails_says_why_and_nothing_of_a_library() {
    let of = |kind: HttpErrorKind, source: std::io::Error| asked().unanswered(&HttpError::new(kind, source));
    let refused = of(HttpErrorKind::Connect, std::io::ErrorKind::ConnectionRefused.into());
    assert_eq!(refused.kind, TroubleKind::Away);
    assert!(refused.to_string().contains("nobody answers at s3.example"), "{refused}");
    let reset = of(HttpErrorKind::Interrupted, std::io::ErrorKind::ConnectionReset.into());
    assert_eq!((reset.kind, reset.what.as_str()), (TroubleKind::Cut, "the connection to s3.example was cut"));
    let late = of(HttpErrorKind::Timeout, std::io::ErrorKind::TimedOut.into());
    assert!(late.kind.may_pass() && late.what.contains("in time"), "{late}");
    let unresolved =
        of(HttpErrorKind::Connect, std::io::Error::other("failed to lookup address information"));
    assert!(unresolved.what.contains("no address is known"), "{unresolved}");
    let unknown = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
    let untrusted = of(HttpErrorKind::Connect, std::io::Error::other(unknown));
    assert!(!untrusted.kind.may_pass() && untrusted.todo.contains("AWS_CA_BUNDLE"), "{untrusted}");
}
