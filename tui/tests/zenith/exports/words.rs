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
/// What a proxy says of itself, to programs.
const BLOCKED: &[u8] = b"{\"error\":\"blocked by policy\"}";
const JSON: (&str, &str) = ("content-type", "application/json");
const POLICY: Speech = Speech { status: 200, headers: &[JSON], body: BLOCKED };
const VERSIONED_POLICY: Speech = Speech {
    status: 200,
    headers: &[JSON, ("etag", "\"x\""), ("last-modified", "Tue, 14 Nov 2023 22:13:20 GMT")],
    body: BLOCKED,
};
/// Of servers that are no store.
const NO_PAGE: Speech = Speech {
    status: 404,
    headers: &[("content-type", "text/plain; charset=utf-8")],
    body: b"404 page not found\n",
};
const NO_DETAIL: Speech = Speech { status: 404, headers: &[JSON], body: b"{\"detail\":\"Not Found\"}" };
const NO_TENANT: Speech =
    Speech { status: 404, headers: &[XML], body: b"<Error><Code>NoSuchTenant</Code></Error>" };
const NOTHING: Speech = Speech { status: 404, headers: &[], body: b"" };
const NO_KEY: Speech =
    Speech { status: 404, headers: &[XML], body: b"<Error><Code>NoSuchKey</Code></Error>" };

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
        (
            Speech {
                status: 301,
                headers: &[XML],
                body: b"<Error><Code>PermanentRedirect</Code><Endpoint>zenith.s3.eu-west-3.amazonaws.com</Endpoint>\
                        </Error>",
            },
            "set ZENITH_STORE_REGION=eu-west-3",
        ),
        (AWAY, "portal.example"),
        (PORTAL, "a page for people"),
        (GZIP, "not damaged"),
        (POLICY, "NO_PROXY"),
        (VERSIONED_POLICY, "NO_PROXY"),
        (NO_PAGE, "check ZENITH_STORE_ENDPOINT"),
        (NO_DETAIL, "check ZENITH_STORE_ENDPOINT"),
        (NO_TENANT, "check ZENITH_STORE_ENDPOINT"),
        (NOTHING, "check ZENITH_STORE_ENDPOINT"),
        // As S3 says it, of everything: of a put and of a list it is no answer.
        (NO_KEY, "check ZENITH_STORE_ENDPOINT"),
    ] {
        for arguments in [&EXPORT[..], &IMPORT] {
            world.bucket.set_faults(Some(FaultPlan::from(0, Fault::Say(speech))));
            let refused = run(&world, &place, arguments);
            world.bucket.set_faults(None);
            assert_eq!(refused.code, Some(1), "{speech:?}: {refused:#?}");
            assert!(refused.err.contains(says), "{speech:?}: {refused:#?}");
            for never in ["Generic S3", "max_retries", "retry_timeout", "anew", "is damaged", "probe/", "there is no objects", "nothing of the"] {
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
    for speech in [PORTAL, PLAIN_PORTAL, GZIP, SILENT_GZIP, AWAY, POLICY, VERSIONED_POLICY] {
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

/// Of a file of rows, which is what is asked for second: it is there, whatever a proxy says in its stead.
#[test]
fn what_comes_between_makes_no_file_of_rows_a_damaged_one() {
    let (world, place) = exported();
    for speech in [PORTAL, PLAIN_PORTAL, GZIP, SILENT_GZIP, POLICY, VERSIONED_POLICY] {
        world.bucket.set_faults(Some(FaultPlan::once(1, Fault::Say(speech))));
        let refused = run(&world, &Place::new(), &IMPORT);
        world.bucket.set_faults(None);
        assert_eq!(refused.code, Some(1), "{speech:?}: {refused:#?}");
        let told = refused.out.clone() + &refused.err;
        assert!(told.contains("NO_PROXY") && told.contains(".parquet"), "{speech:?}: {refused:#?}");
        for never in ["is damaged:", "zenith export", "anew"] {
            assert!(!told.contains(never), "{never}: {refused:#?}");
        }
    }
    // What the store does hold so is damaged, and is said to be.
    for path in world.data_files("api_symbols") {
        std::fs::write(path, BLOCKED).unwrap();
    }
    let damaged = run(&world, &Place::new(), &IMPORT);
    assert!((damaged.out + &damaged.err).contains("is damaged: it has 29 bytes"), "{:?}", damaged.code);
    std::fs::write(world.object(MANIFEST), BLOCKED).unwrap();
    let damaged = run(&world, &Place::new(), &IMPORT);
    assert!(damaged.err.contains("is damaged: it is not what its checksum says"), "{damaged:#?}");
    assert_eq!(damaged.code, Some(1));
    run(&world, &place, &EXPORT).ok();
    assert_eq!(run(&world, &Place::new(), &IMPORT).ok().code, Some(0));
}

/// The address of a service as its console shows it, and one that the service does not know.
#[test]
fn a_bucket_in_the_wrong_part_of_an_address_is_found_or_told() {
    let (world, place) = exported();
    let with = |place: &Place, arguments: &[&str], endpoint: &str, style: &str| {
        let mut command = world.command(place, arguments);
        command.env("ZENITH_STORE_ENDPOINT", endpoint).env("ZENITH_STORE_STYLE", style);
        Run::of(command.output().unwrap())
    };
    let in_path = format!("{}/zenith", world.bucket.endpoint());
    with(&Place::new(), &IMPORT, &in_path, "path").ok();
    with(&place, &EXPORT, &in_path, "path").ok();
    // The server takes for the bucket something else, and knows no object in it.
    let host = world.bucket.named_endpoint().replace("localhost", "s3.localhost");
    let refused = with(&Place::new(), &IMPORT, &host, "virtual");
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    assert!(refused.err.contains("set ZENITH_STORE_STYLE=path"), "{refused:#?}");
    assert!(!refused.err.contains("nothing of the"), "{refused:#?}");
}

/// Who really has exported nothing there is told so.
#[test]
fn an_empty_bucket_is_told_as_empty() {
    let world = World::new();
    let refused = run(&world, &Place::new(), &IMPORT);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("nothing of the private/local tier is exported"), "{refused:#?}");
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
