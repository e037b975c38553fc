//! What a server said, or something on the way to it, comes to what a user should do: over the wire, by the
//! program.

use zenith_harness::lab::{Fault, FaultPlan, Speech};

use super::{MANIFEST, World, own};
use crate::support::{Place, Run};

const EXPORT: [&str; 3] = ["export", "--tier", "private"];
const IMPORT: [&str; 3] = ["import", "--tier", "private"];

const XML: (&str, &str) = ("content-type", "application/xml");
const HTML: (&str, &str) = ("content-type", "text/html");

/// A sign-in page of a network, whose server says that all is well.
const PORTAL: Speech =
    Speech { status: 200, headers: &[HTML, ("etag", "\"x\"")], body: b"<!DOCTYPE html><p>Welcome</p>" };
/// The same as nobody's type.
const PLAIN_PORTAL: Speech =
    Speech { status: 200, headers: &[("etag", "\"x\"")], body: b"<!DOCTYPE html><p>Welcome</p>" };
const AWAY: Speech = Speech { status: 302, headers: &[("location", "https://portal.example/in")], body: b"" };
/// `{}`, as gzip has it, and as a proxy that is silent about it.
const BYTES: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\xae\x05\x00C\xbf\xa6\xa3\x02\x00\x00\x00";
const GZIP: Speech =
    Speech { status: 200, headers: &[("content-encoding", "gzip"), ("etag", "\"x\"")], body: BYTES };
const SILENT_GZIP: Speech = Speech { status: 200, headers: &[("etag", "\"x\"")], body: BYTES };

fn exported() -> (World, Place) {
    let (world, place) = (World::new(), Place::with_workspace(1));
    place.run(&["index"]).ok();
    Run::of(world.command(&place, &EXPORT).output().unwrap()).ok();
    (world, place)
}

fn run(world: &World, place: &Place, arguments: &[&str]) -> Run {
    Run::of(world.command(place, arguments).output().unwrap())
}

#[test]
fn what_a_server_says_leads_to_a_setting() {
    let (world, place) = exported();
    for (speech, says) in [
        (
            Speech { status: 404, headers: &[XML], body: b"<Error><Code>NoSuchBucket</Code></Error>" },
            "there is no bucket zenith at",
        ),
        (
            Speech {
                status: 400,
                headers: &[XML],
                body: b"<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region 'us-east-1' is wrong; \
                        expecting 'eu-west-1'</Message></Error>",
            },
            "set ZENITH_STORE_REGION=eu-west-1",
        ),
        (
            Speech { status: 301, headers: &[XML, ("x-amz-bucket-region", "eu-west-1")], body: b"" },
            "set ZENITH_STORE_REGION=eu-west-1",
        ),
        (
            Speech { status: 403, headers: &[XML], body: b"<Error><Code>RequestTimeTooSkewed</Code></Error>" },
            "set this machine's clock",
        ),
        (
            Speech {
                status: 403,
                headers: &[XML, ("date", "Tue, 14 Nov 2023 22:13:20 GMT")],
                body: b"<Error><Code>AccessDenied</Code></Error>",
            },
            "ahead of the store's",
        ),
        (
            Speech { status: 400, headers: &[XML], body: b"<Error><Code>ExpiredToken</Code></Error>" },
            "AWS_SESSION_TOKEN",
        ),
        (
            Speech { status: 403, headers: &[XML], body: b"<Error><Code>InvalidAccessKeyId</Code></Error>" },
            "AWS_ACCESS_KEY_ID",
        ),
        (
            Speech { status: 403, headers: &[XML], body: b"<Error><Code>PathStyleDomainForbidden</Code></Error>" },
            "ZENITH_STORE_STYLE=virtual",
        ),
        (Speech { status: 403, headers: &[HTML], body: b"<html>no</html>" }, "a page for people"),
        (Speech { status: 407, headers: &[], body: b"" }, "HTTPS_PROXY"),
        (Speech { status: 511, headers: &[], body: b"" }, "sign in"),
        (AWAY, "portal.example"),
        (PORTAL, "a page for people"),
        (GZIP, "not damaged"),
    ] {
        for arguments in [&EXPORT[..], &IMPORT] {
            world.bucket.set_faults(Some(FaultPlan::from(0, Fault::Say(speech))));
            let refused = run(&world, &place, arguments);
            world.bucket.set_faults(None);
            assert_eq!(refused.code, Some(1), "{speech:?}: {refused:#?}");
            assert!(refused.err.contains(says), "{speech:?}: {refused:#?}");
            for never in ["Generic S3", "max_retries", "retry_timeout", "anew", "is damaged", "probe/"] {
                assert!(!refused.err.contains(never), "{never}: {refused:#?}");
            }
        }
    }
}

/// A good export is not written anew because of what lies between here and there.
#[test]
fn what_comes_between_never_destroys_a_good_export() {
    let (world, place) = exported();
    let good = std::fs::read(world.object(MANIFEST)).unwrap();
    for speech in [PORTAL, PLAIN_PORTAL, GZIP, SILENT_GZIP, AWAY] {
        for arguments in [&EXPORT[..], &["export", "--incremental", "--tier", "private"], &IMPORT] {
            // The manifest is what is asked for first; what comes then is the store's own.
            world.bucket.set_faults(Some(FaultPlan::once(0, Fault::Say(speech))));
            let refused = run(&world, &place, arguments);
            world.bucket.set_faults(None);
            assert_eq!(refused.code, Some(1), "{speech:?}: {refused:#?}");
            assert!(!refused.err.contains("zenith export"), "{refused:#?}");
            assert_eq!(std::fs::read(world.object(MANIFEST)).unwrap(), good, "{speech:?} {arguments:?}");
        }
    }
    assert_eq!(run(&world, &Place::new(), &IMPORT).ok().code, Some(0));
    assert_eq!(world.contents(&own()).0, 1);
}

/// By what answers itself: nobody, a server without TLS, one that does not know the key.
#[test]
fn a_server_that_is_away_or_another_is_told_as_such() {
    let (world, place) = exported();
    let with = |name: &str, value: &str, arguments: &[&str]| {
        let mut command = world.command(&place, arguments);
        let refused = Run::of(command.env(name, value).output().unwrap());
        assert_eq!(refused.code, Some(1), "{refused:#?}");
        assert!(!refused.err.contains("Generic") && !refused.err.contains("probe/"), "{refused:#?}");
        refused.err
    };
    for arguments in [EXPORT, IMPORT] {
        let away = with("ZENITH_STORE_ENDPOINT", "http://127.0.0.1:9", &arguments);
        assert!(away.contains("nobody answers at 127.0.0.1:9"), "{away}");
        let no_tls =
            with("ZENITH_STORE_ENDPOINT", &world.bucket.endpoint().replace("http:", "https:"), &arguments);
        assert!(no_tls.contains("no secure connection"), "{no_tls}");
        let unknown = with("AWS_ACCESS_KEY_ID", "nobody", &arguments);
        assert!(unknown.contains("check the credentials"), "{unknown}");
    }
}
