//! One table from what a server said, or what came instead of a word of it, to what a user should do.

use std::time::Duration;

use object_store::client::{HttpError, HttpErrorKind};

use super::answer::Answer;
use super::credentials::KeyOrigin;
use super::settings::StoreStyle;

/// What stands in the way of a request, in plain words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {todo}")]
pub struct Trouble {
    pub kind: TroubleKind,
    /// What is the case.
    pub what: String,
    /// What the user can do.
    pub todo: String,
    /// When the server wants to be asked again.
    pub again_after: Option<Duration>,
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// There is no such bucket.
    Bucket,
    Region,
    Clock,
    /// The key's id, its secret, its session's token, or what they allow.
    Key,
    Secret,
    Token,
    Denied,
    /// The bucket's name belongs in the host.
    Style,
    /// Something between here and the store answered, or changed what the store did.
    Between,
    Elsewhere,
    /// The service does not know what was asked of it.
    Unknown,
    /// It knows no such place, in no words of S3's: it is another server, or another address of it.
    Stranger,
    Full,
    Archived,
    Certificate,
    /// It may pass: too much at once, or a server's own trouble.
    Busy,
    /// It may pass: nobody there, or nobody who answers.
    Away,
    /// It may pass: the connection ended in the middle.
    Cut,
    Odd,
}

impl TroubleKind {
    /// Whether it may be gone the next time, with nothing changed.
    pub fn may_pass(self) -> bool {
        matches!(self, TroubleKind::Busy | TroubleKind::Away | TroubleKind::Cut)
    }
}

/// What was asked for and with what: the words name it.
#[derive(Clone, Debug, Default)]
pub(super) struct Where {
    pub bucket: String,
    pub host: String,
    pub region: String,
    pub style: StoreStyle,
    pub key: KeyOrigin,
}

/// S3 takes a signature by a clock that is wrong by this much.
const SKEW_MAX_MINUTES: i64 = 15;

impl Where {
    /// What a server's answer comes to.
    pub fn trouble(&self, answer: &Answer) -> Trouble {
        let kind = self.kind(answer);
        let (what, todo) = self.words(kind, answer);
        Trouble { kind, what, todo, again_after: answer.retry_after }
    }

    fn kind(&self, answer: &Answer) -> TroubleKind {
        let busy = matches!(answer.status, 408 | 429 | 500 | 502 | 503 | 504);
        if busy || (answer.status == 409 && !answer.is_page) {
            return TroubleKind::Busy;
        }
        if answer.is_page || answer.is_strange || answer.recoded.is_some() || answer.lacks.is_some() {
            return TroubleKind::Between;
        }
        let of_code = match answer.code.as_str() {
            "NoSuchBucket" => Some(TroubleKind::Bucket),
            "AuthorizationHeaderMalformed"
            | "PermanentRedirect"
            | "TemporaryRedirect"
            | "InvalidRegionName"
            | "InvalidRegion"
            | "IllegalLocationConstraintException" => Some(TroubleKind::Region),
            "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => Some(TroubleKind::Clock),
            "ExpiredToken"
            | "ExpiredTokenException"
            | "TokenRefreshRequired"
            | "InvalidToken"
            | "InvalidSecurityToken" => Some(TroubleKind::Token),
            "InvalidAccessKeyId" | "InvalidClientTokenId" => Some(TroubleKind::Key),
            "SignatureDoesNotMatch" => Some(TroubleKind::Secret),
            "SecondLevelDomainForbidden"
            | "PathStyleDomainForbidden"
            | "VirtualHostDomainRequired"
            | "InvalidPathAccess" => Some(TroubleKind::Style),
            "NotImplemented" => Some(TroubleKind::Unknown),
            "QuotaExceeded"
            | "QuotaExceededException"
            | "XMinioStorageFull"
            | "InsufficientCapacity"
            | "EntityTooLarge" => Some(TroubleKind::Full),
            "InvalidObjectState" => Some(TroubleKind::Archived),
            "SlowDown"
            | "ServiceUnavailable"
            | "InternalError"
            | "RequestTimeout"
            | "Throttling"
            | "ThrottlingException"
            | "TooManyRequests"
            | "RequestLimitExceeded" => Some(TroubleKind::Busy),
            _ => None,
        };
        let is_late = answer.ahead.is_some_and(|ahead| ahead.num_minutes().abs() >= SKEW_MAX_MINUTES);
        let other_region = answer.region.as_ref().is_some_and(|region| *region != self.region);
        // Where a bucket is, told by an address that names no region.
        let is_elsewhere = !answer.code.is_empty() && answer.elsewhere.is_some() && answer.region.is_none();
        match (of_code, answer.status) {
            (None | Some(TroubleKind::Region), 301 | 307 | 403) if is_elsewhere => TroubleKind::Elsewhere,
            // A server that checks the signature first says no more than that it does not fit.
            (None | Some(TroubleKind::Secret), 400 | 401 | 403) if is_late => TroubleKind::Clock,
            (None, 301 | 307 | 308 | 400 | 403) if other_region => TroubleKind::Region,
            (Some(kind), _) => kind,
            (None, 300..=399) => TroubleKind::Elsewhere,
            (None, 401 | 403) => TroubleKind::Denied,
            (None, 407 | 511) => TroubleKind::Between,
            (None, 404) => TroubleKind::Stranger,
            (None, 405 | 501) => TroubleKind::Unknown,
            (None, 413 | 507) => TroubleKind::Full,
            _ => TroubleKind::Odd,
        }
    }

    fn words(&self, kind: TroubleKind, answer: &Answer) -> (String, String) {
        let Where { bucket, host, region, .. } = self;
        let key = self.key.settings();
        let said = match answer.code.as_str() {
            "" => format!("it answered {}", answer.status),
            code => format!("it answered {} {code}", answer.status),
        };
        let text = |what: &str, todo: &str| (what.to_string(), todo.to_string());
        match kind {
            TroubleKind::Bucket => (
                format!("there is no bucket {bucket} at {host}"),
                format!(
                    "create it there, or check its name in ZENITH_STORE and the service in \
                     ZENITH_STORE_ENDPOINT{}",
                    self.or_by_path()
                ),
            ),
            TroubleKind::Region => match &answer.region {
                Some(there) if there != region => (
                    format!("the bucket {bucket} is in the region {there}, and was asked for in {region}"),
                    format!("set ZENITH_STORE_REGION={there}"),
                ),
                _ => (
                    format!("{host} does not take {region} for the region of {bucket} ({said})"),
                    "set ZENITH_STORE_REGION to the one that your service names".to_string(),
                ),
            },
            TroubleKind::Clock => (
                match answer.ahead.map(|ahead| ahead.num_minutes()) {
                    Some(minutes) if minutes > 0 => {
                        format!("this machine's clock is {minutes} minutes behind the store's")
                    }
                    Some(minutes) if minutes < 0 => {
                        format!("this machine's clock is {} minutes ahead of the store's", -minutes)
                    }
                    _ => "this machine's clock and the store's differ too much".to_string(),
                },
                "set this machine's clock, and run the command again".to_string(),
            ),
            TroubleKind::Key => {
                (format!("{host} does not know the key ({said})"), format!("check the credentials: {key}"))
            }
            TroubleKind::Secret => (
                format!("the key's signature does not fit ({said})"),
                format!("check the credentials: {key}; and ZENITH_STORE_REGION, now {region}"),
            ),
            TroubleKind::Token => (
                format!("the session of the credentials is over or unknown there ({said})"),
                format!("ask for new credentials where you had these from, and set all of them: {key}"),
            ),
            TroubleKind::Denied => (
                format!("{host} does not let you ({said})"),
                format!("check the credentials and what they allow: {key}"),
            ),
            TroubleKind::Style => match self.style {
                StoreStyle::Path => (
                    format!("{host} wants the bucket's name in the host ({said})"),
                    "set ZENITH_STORE_STYLE=virtual".to_string(),
                ),
                StoreStyle::Virtual => (
                    format!("{host} does not take the bucket's name in the host ({said})"),
                    "set ZENITH_STORE_STYLE=path".to_string(),
                ),
            },
            TroubleKind::Between => self.between(answer),
            TroubleKind::Elsewhere => match &answer.elsewhere {
                // In S3's own words, and so the service's.
                Some(there) if !answer.code.is_empty() => {
                    let there = there.strip_prefix(&format!("{bucket}.")).unwrap_or(there);
                    (
                        format!("{host} has {bucket} at {there} ({said})"),
                        format!("set ZENITH_STORE_ENDPOINT=https://{there}"),
                    )
                }
                there => (
                    match there {
                        Some(there) => format!("{host} sends to {there} instead ({said})"),
                        None => format!("{host} sends elsewhere ({said})"),
                    },
                    "check ZENITH_STORE_ENDPOINT; and if this network wants you to sign in, do that in a browser"
                        .to_string(),
                ),
            },
            TroubleKind::Stranger => (
                format!("{host} knows no such place, and does not say so as a store does ({said})"),
                format!(
                    "check ZENITH_STORE_ENDPOINT: it is to be the address of a service that speaks S3, with no \
                     bucket in it{}",
                    self.or_by_path()
                ),
            ),
            TroubleKind::Unknown => (
                format!("{host} does not do that ({said})"),
                "check ZENITH_STORE_ENDPOINT: it is to be the address of a service that speaks S3".to_string(),
            ),
            TroubleKind::Full => (
                format!("{host} takes no more ({said})"),
                "make room there, or have the quota raised".to_string(),
            ),
            TroubleKind::Archived => {
                text("it lies in the service's archive", "restore it there, and run the command again")
            }
            TroubleKind::Busy => {
                (format!("{host} is busy or in trouble ({said})"), "run the command again later".to_string())
            }
            TroubleKind::Odd | TroubleKind::Certificate | TroubleKind::Away | TroubleKind::Cut => (
                format!("{host} did not do it ({said})"),
                "check ZENITH_STORE, ZENITH_STORE_ENDPOINT and the credentials; whoever runs the store can say \
                 more"
                    .to_string(),
            ),
        }
    }

    /// What else to try where the bucket is named in the host.
    fn or_by_path(&self) -> &'static str {
        match self.style {
            StoreStyle::Path => "",
            StoreStyle::Virtual => ", or set ZENITH_STORE_STYLE=path",
        }
    }

    /// What is stored may be good: never the advice to write it anew.
    fn between(&self, answer: &Answer) -> (String, String) {
        let host = &self.host;
        let past = format!("reach {host} past the proxy (NO_PROXY={host}), or check ZENITH_STORE_ENDPOINT");
        if answer.status == 407 {
            let todo = "put a name and a password for it into HTTPS_PROXY".to_string();
            return ("the proxy wants to know who you are (407)".to_string(), todo);
        }
        if let Some(encoding) = &answer.recoded {
            let what = format!("something on the way from {host} recodes what it sends ({encoding})");
            return (what, format!("{past}; what is stored there is not damaged"));
        }
        if let (Some(lacks), false) = (answer.lacks, answer.is_page) {
            let what =
                format!("what answered for {host} leaves out {lacks}, as no store that speaks S3 does");
            return (what, past);
        }
        if answer.is_strange && !answer.is_page {
            let what = format!(
                "not the store but something on the way answered for {host}, or changed what it sent (status {})",
                answer.status
            );
            return (what, format!("{past}; what is stored there is not damaged by that"));
        }
        (
            format!("not the store but a page for people answered for {host} (status {})", answer.status),
            format!("if this network wants you to sign in, do that in a browser; else {past}"),
        )
    }

    /// Where a store does not let one see whether it holds what came.
    pub fn unseen(&self) -> Trouble {
        let host = &self.host;
        Trouble {
            kind: TroubleKind::Between,
            what: format!(
                "what came from {host} is not what was put there, and whether something on the way changed it \
                 cannot be seen, since {host} lets you list nothing"
            ),
            todo: format!(
                "reach {host} past the proxy (NO_PROXY={host}), or have the key allow lists (s3:ListBucket)"
            ),
            again_after: None,
        }
    }

    /// What an answer comes to that cannot be read as what it should be.
    pub fn unreadable(&self) -> Trouble {
        Trouble {
            kind: TroubleKind::Odd,
            what: format!("what {} answered is no answer of a store that speaks S3", self.host),
            todo: "check ZENITH_STORE_ENDPOINT".to_string(),
            again_after: None,
        }
    }

    /// What an error of the connection comes to.
    pub fn unanswered(&self, error: &HttpError) -> Trouble {
        let host = &self.host;
        let found = Causes::of(error);
        let (kind, what, todo) = if let Some(why) = found.certificate {
            let todo = "check ZENITH_STORE_ENDPOINT and this machine's clock; a certificate of your own \
                        organisation is named by AWS_CA_BUNDLE";
            (TroubleKind::Certificate, format!("no secure connection to {host}: {why}"), todo)
        } else if found.is_unresolved {
            let todo = match self.style {
                StoreStyle::Path => "check ZENITH_STORE_ENDPOINT and the network",
                StoreStyle::Virtual => {
                    "check ZENITH_STORE_ENDPOINT and the network, or set ZENITH_STORE_STYLE=path"
                }
            };
            (TroubleKind::Away, format!("no address is known of {host}"), todo)
        } else {
            let todo = "check ZENITH_STORE_ENDPOINT and the network";
            match (found.io, error.kind()) {
                (Some(std::io::ErrorKind::ConnectionRefused), _) => {
                    (TroubleKind::Away, format!("nobody answers at {host} (connection refused)"), todo)
                }
                (_, HttpErrorKind::Timeout) => {
                    (TroubleKind::Away, format!("{host} did not answer in time"), todo)
                }
                (_, HttpErrorKind::Connect) => (TroubleKind::Away, format!("{host} cannot be reached"), todo),
                _ => (TroubleKind::Cut, format!("the connection to {host} was cut"), todo),
            }
        };
        Trouble { kind, what, todo: todo.to_string(), again_after: None }
    }
}

/// What lies at the bottom of an error.
#[derive(Default)]
struct Causes {
    certificate: Option<&'static str>,
    is_unresolved: bool,
    io: Option<std::io::ErrorKind>,
}

impl Causes {
    fn of(error: &(dyn std::error::Error + 'static)) -> Causes {
        let mut causes = Causes::default();
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(tls) = error.downcast_ref::<rustls::Error>() {
                causes.certificate = Some(of_tls(tls));
            }
            if let Some(io) = error.downcast_ref::<std::io::Error>() {
                causes.io = Some(io.kind());
                // An error inside of one of these is no source of it, but itself.
                if let Some(inner) = io.get_ref() {
                    let inner = Causes::of(inner);
                    causes.certificate = causes.certificate.or(inner.certificate);
                    causes.io = inner.io.or(causes.io);
                }
            }
            let text = error.to_string();
            causes.is_unresolved |= text.contains("dns error") || text.contains("failed to lookup address");
            next = error.source();
        }
        causes
    }
}

fn of_tls(error: &rustls::Error) -> &'static str {
    use rustls::CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet, NotValidYetContext,
        UnknownIssuer,
    };
    match error {
        rustls::Error::InvalidCertificate(why) => match why {
            Expired | ExpiredContext { .. } => "its certificate has expired",
            NotValidYet | NotValidYetContext { .. } => "its certificate is not valid yet",
            NotValidForName | NotValidForNameContext { .. } => "its certificate is another host's",
            UnknownIssuer => "this machine does not know who issued its certificate",
            _ => "its certificate is not to be trusted",
        },
        _ => "it does not speak TLS as it should",
    }
}

#[cfg(test)]
mod tests;
