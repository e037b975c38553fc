//! What went wrong with a database, in words of ours.
//!
//! libSQL's errors quote what a server answered, whole: a page of a proxy, a statement, the very token that
//! was sent. So nothing of their text is kept. They are sorted by the few signs that are libSQL's own, and what
//! is shown, kept in a replica's state or handed on is the sort.

use crate::http::Unreached;

/// What went wrong. Neither a server's words nor a token can be in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("{0}")]
    Unreached(#[from] Unreached),
    #[error("{}", of_status(*.0))]
    Status(u16),
    #[error(
        "it answered with something that no database answers; is the address right, or does a proxy or a \
         network's sign-in page stand in between?"
    )]
    Answer,
    #[error("it has no such database; `zenith login` asks the service where yours is")]
    NoDatabase,
    #[error("it answers and does not hand out its log; ask whoever runs it whether replicas are allowed")]
    NoLog,
    #[error("the statement was refused ({0})")]
    Refused(String),
    #[error(
        "the service keeps everybody out of it for the time being (suspended); ask whoever runs the service"
    )]
    Blocked,
    #[error("another program is writing to it; run the command again")]
    Busy,
    #[error("the server stopped the statement; run the command again")]
    Interrupted,
    #[error("its file is damaged")]
    Damaged,
    #[error(
        "its file has no bytes, and what it held is gone from it; put a copy of it back, or move it away to begin anew"
    )]
    Empty,
    #[error("its files belong to another state of the database")]
    Incompatible,
    #[error("the disk is full")]
    Full,
    #[error("this user may not read or write its file")]
    Denied,
    #[error("its file cannot be opened; it is to be a file, in a folder that you may write to")]
    CannotOpen,
    #[error("the disk does not read or write as it should")]
    Disk,
    #[error("the database library stopped unexpectedly")]
    Stopped,
    #[error("the database library failed ({0})")]
    Library(&'static str),
}

impl Trouble {
    /// Whether a server says that there is no such database. sqld says so of some that are there, when many are in use.
    pub fn is_not_there(&self) -> bool {
        matches!(self, Trouble::NoDatabase | Trouble::Status(404))
    }
}

/// What a status means for who asked, and what they can do.
fn of_status(status: u16) -> String {
    let what = match status {
        300..=399 => {
            "it sends elsewhere, as a network's sign-in page does; check the network and the address"
        }
        400 | 405 | 406 | 415 | 422 => "it did not understand; is this the address of a database?",
        401 => {
            "it did not accept the token, which ended or was taken back; `zenith login` signs in again, or says why not"
        }
        403 => "it does not allow this; ask whoever runs the service",
        404 | 410 => "it has no such database; `zenith login` asks the service where yours is",
        407 => "a proxy in between wants to know who you are",
        408 | 504 => "it did not answer in time; run the command again later",
        429 => "it has too much to do; run the command again later",
        500..=599 => "it is in trouble; run the command again later",
        _ => "that is no answer of a database",
    };
    format!("{what} (status {status})")
}

impl From<&libsql::Error> for Trouble {
    fn from(error: &libsql::Error) -> Trouble {
        use libsql::Error;
        match error {
            Error::SqliteFailure(code, _) => of_sqlite(*code),
            Error::RemoteSqliteFailure(code, extended, _) => {
                Trouble::Refused(format!("SQLite's error {}", if *extended != 0 { extended } else { code }))
            }
            Error::Hrana(inner) => of_hrana(&inner.to_string()),
            Error::Replication(inner) | Error::Sync(inner) | Error::WriteDelegation(inner) => {
                of_replication(&inner.to_string())
            }
            Error::ConnectionFailed(text) => of_connection(text),
            Error::WalConflict => Trouble::Busy,
            Error::InvalidTlsConfiguration(_) => Trouble::Unreached(Unreached::Tls),
            Error::InvalidUTF8Path => Trouble::Library("the path of its file is not UTF-8"),
            Error::InvalidColumnType | Error::NullValue | Error::InvalidColumnIndex => Trouble::Damaged,
            Error::ToSqlConversionFailure(_) => Trouble::Damaged,
            _ => Trouble::Library("an error without a name here"),
        }
    }
}

impl From<libsql::Error> for Trouble {
    fn from(error: libsql::Error) -> Trouble {
        Trouble::from(&error)
    }
}

/// A file without a byte: a code of ours among those that SQLite has for a file that is no database.
pub(super) const EMPTY: i32 = 26 | (0x7f << 8);

/// By SQLite's primary result code.
fn of_sqlite(code: i32) -> Trouble {
    if code == EMPTY {
        return Trouble::Empty;
    }
    match code & 0xff {
        3 | 8 | 23 => Trouble::Denied,
        5 | 6 => Trouble::Busy,
        9 => Trouble::Interrupted,
        10 => Trouble::Disk,
        11 | 24 | 26 => Trouble::Damaged,
        13 => Trouble::Full,
        14 => Trouble::CannotOpen,
        _ => Trouble::Refused(format!("SQLite's error {code}")),
    }
}

/// What a file of this disk could not be opened by: SQLite's code stands after the file's name.
fn of_connection(text: &str) -> Trouble {
    let code = text.strip_prefix("Unable to open connection to local database ");
    match code.and_then(|text| text.rsplit_once(": ")?.1.parse().ok()) {
        Some(code) => of_sqlite(code),
        None => of_replication(text),
    }
}

/// What a remote statement failed by. The text begins with the kind, and quotes the server after it.
fn of_hrana(text: &str) -> Trouble {
    let quoted = |kind: &str| text.strip_prefix(kind);
    if let Some(answer) = quoted("api error: `status=") {
        let digits: String = answer.chars().take_while(char::is_ascii_digit).take(3).collect();
        return digits.parse().map_or(Trouble::Answer, Trouble::Status);
    }
    if let Some(why) = quoted("http error: `") {
        return Trouble::Unreached(Unreached::of_text(why));
    }
    if text.starts_with("stream error: ") || text.starts_with("cursor error: ") {
        return match code_in(text) {
            Some("SQLITE_BUSY" | "SQLITE_LOCKED") => Trouble::Busy,
            Some("SQLITE_INTERRUPT") => Trouble::Interrupted,
            Some("SQLITE_FULL") => Trouble::Full,
            Some("BLOCKED") => Trouble::Blocked,
            Some(code) => Trouble::Refused(code.to_string()),
            None => Trouble::Refused("without a reason that is known here".to_string()),
        };
    }
    if text.starts_with("stream closed: ") {
        return Trouble::Unreached(Unreached::Cut);
    }
    Trouble::Answer
}

/// The code of a statement that failed, `SQLITE_CONSTRAINT` say: in front of the server's own words, or quoted
/// behind them. Only what is built as such codes are is repeated.
fn code_in(text: &str) -> Option<&str> {
    let (code, _) = match text.strip_prefix("cursor error: `error at step 0: (error code: ") {
        Some(after) => after.split_once(')')?,
        None => text.rsplit_once("code: \"")?.1.split_once('"')?,
    };
    let is_letter = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
    let known = ["SQLITE_", "SQL_", "AUTH_", "HRANA_"].iter().any(|kind| code.starts_with(kind));
    (code == "BLOCKED" || (known && code.len() <= 40 && code.bytes().all(is_letter))).then_some(code)
}

/// How much of a server's words is told.
const SAID_MAX: usize = 300;

/// What a server said of a statement that it refused: for whoever wrote that very statement, and nobody else, since it
/// quotes it.
pub fn said_of(error: &libsql::Error) -> Option<String> {
    use libsql::Error;
    let said = match error {
        Error::SqliteFailure(_, said) | Error::RemoteSqliteFailure(_, _, said) => said.clone(),
        Error::Hrana(inner) => said_in(&inner.to_string())?,
        _ => return None,
    };
    let said = said.strip_prefix("SQLite error: ").unwrap_or(&said);
    let said: String = said.chars().filter(|letter| !letter.is_control()).take(SAID_MAX).collect();
    (!said.trim().is_empty()).then_some(said)
}

fn said_in(text: &str) -> Option<String> {
    if let Some(after) = text.strip_prefix("cursor error: `error at step 0: (error code: ") {
        return Some(after.split_once(") `")?.1.trim_end_matches('`').to_string());
    }
    let (said, _) =
        text.strip_prefix("stream error: ")?.split_once("message: \"")?.1.rsplit_once("\", code: ")?;
    Some(said.replace("\\\"", "\""))
}

/// What a replication failed by: gRPC's statuses, the injection into the file, what is kept beside it.
fn of_replication(text: &str) -> Trouble {
    const SIGNS: [(&str, Trouble); 16] = [
        ("database is locked", Trouble::Busy),
        ("database table is locked", Trouble::Busy),
        ("not a database", Trouble::Damaged),
        ("malformed", Trouble::Damaged),
        ("disk image", Trouble::Damaged),
        ("is full", Trouble::Full),
        ("No space left", Trouble::Full),
        ("disk I/O error", Trouble::Disk),
        ("unable to open database", Trouble::CannotOpen),
        ("readonly database", Trouble::Denied),
        ("Permission denied", Trouble::Denied),
        ("wal_index", Trouble::Incompatible),
        ("nvalid meta file", Trouble::Incompatible),
        ("nvalid log id", Trouble::Incompatible),
        ("incompatible with log", Trouble::Incompatible),
        ("namespace doesn't exist", Trouble::NoDatabase),
    ];
    // What a server said comes as gRPC's status: only its name is read, whatever words follow.
    if let Some((_, status)) = text.split_once("status: ") {
        return of_grpc(status.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default());
    }
    let found = SIGNS.into_iter().find(|(sign, _)| text.contains(sign));
    found.map_or(Trouble::NoLog, |(_, trouble)| trouble)
}

fn of_grpc(status: &str) -> Trouble {
    match status {
        "Unauthenticated" => Trouble::Status(401),
        "PermissionDenied" => Trouble::Status(403),
        "NotFound" => Trouble::NoDatabase,
        "ResourceExhausted" => Trouble::Status(429),
        "DeadlineExceeded" => Trouble::Unreached(Unreached::Silent),
        "Unavailable" | "Cancelled" | "Aborted" => Trouble::Unreached(Unreached::Cut),
        "Internal" => Trouble::Status(500),
        "Unimplemented" => Trouble::NoLog,
        _ => Trouble::Answer,
    }
}

#[cfg(test)]
mod tests {
    use libsql::Error;

    use super::*;

    const TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.eyJpZCI6ImEifQ.c2lnbmF0dXJl";

    fn hrana(text: String) -> Trouble {
        Trouble::from(Error::Hrana(text.into()))
    }

    fn replication(text: String) -> Trouble {
        Trouble::from(Error::Replication(text.into()))
    }

    #[test]
    fn what_a_server_answered_is_told_by_its_status() {
        for (status, sign) in [
            ("302 Found", "sign-in page"),
            ("400 Bad Request", "address of a database"),
            ("401 Unauthorized", "zenith login"),
            ("403 Forbidden", "ask whoever"),
            ("404 Not Found", "no such database"),
            ("407 Proxy Authentication Required", "proxy"),
            ("429 Too Many Requests", "too much to do"),
            ("503 Service Unavailable", "later"),
        ] {
            let trouble = hrana(format!("api error: `status={status}, body=Bearer {TOKEN}`"));
            let told = trouble.to_string();
            assert!(told.contains(sign) && told.contains(&status[..3]), "{status}: {told}");
        }
        assert_eq!(hrana("api error: `status=?, body=x`".to_string()), Trouble::Answer);
        assert_eq!(hrana(format!("json error: `invalid type: string \"{TOKEN}\"`")), Trouble::Answer);
    }

    #[test]
    fn nothing_that_a_server_says_is_repeated() {
        let said = format!("<html>\u{1b}[31m Bearer {TOKEN} database is locked namespace doesn't exist");
        for text in [
            format!("api error: `status=500 Internal Server Error, body={said}`"),
            format!("stream error: `Error {{ message: \"{said}\", code: \"{TOKEN}\" }}`"),
            format!("stream error: `Error {{ message: \"{said}\", code: \"SQLITE_{TOKEN}\" }}`"),
            format!("cursor error: `{said}`"),
            format!("unexpected response: `{said}`"),
            format!("http error: `{said}`"),
            said.clone(),
        ] {
            for trouble in [hrana(text.clone()), replication(text.clone())] {
                let told = format!("{trouble} {trouble:?}");
                assert!(!told.contains("eyJ") && !told.contains('<') && !told.contains('\u{1b}'), "{told}");
            }
        }
        let status =
            format!("Replicator client error: status: Unauthenticated, message: \"{said}\", details: []");
        assert_eq!(replication(status), Trouble::Status(401));
    }

    #[test]
    fn the_code_of_a_statement_is_told() {
        let text = "stream error: `Error { message: \"code: \\\"SQLITE_X\\\" of a row\", code: \"SQLITE_CONSTRAINT\" }`";
        assert_eq!(hrana(text.to_string()), Trouble::Refused("SQLITE_CONSTRAINT".to_string()));
        let of_rows = |code: &str| {
            hrana(format!(
                "cursor error: `error at step 0: (error code: {code}) `said: \"code: \"SQLITE_X\"\"``"
            ))
        };
        assert_eq!(of_rows("SQLITE_CONSTRAINT"), Trouble::Refused("SQLITE_CONSTRAINT".to_string()));
        assert_eq!(of_rows("SQLITE_INTERRUPT"), Trouble::Interrupted);
        assert_eq!(of_rows("SQLITE_BUSY"), Trouble::Busy);
        assert_eq!(of_rows("BLOCKED"), Trouble::Blocked);
        assert!(!of_rows(TOKEN).to_string().contains("eyJ"));
    }

    #[test]
    fn who_wrote_a_statement_is_told_what_the_server_said_of_it() {
        let said = |text: &str| said_of(&Error::Hrana(text.to_string().into()));
        let stream = r#"stream error: `Error { message: "SQLite error: no such table: \"x\"", code: "SQLITE_UNKNOWN" }`"#;
        assert_eq!(said(stream).as_deref(), Some("no such table: \"x\""));
        let cursor =
            "cursor error: `error at step 0: (error code: SQLITE_UNKNOWN) `SQLite error: no such table: x``";
        assert_eq!(said(cursor).as_deref(), Some("no such table: x"));
        assert_eq!(said("api error: `status=401, body=Bearer x`"), None, "of statements alone");
        let local = Error::SqliteFailure(1, "no such \u{1b}column".to_string());
        assert_eq!(said_of(&local).as_deref(), Some("no such column"));
    }

    #[test]
    fn a_file_is_told_by_what_is_wrong_with_it() {
        let local = |code| Trouble::from(Error::SqliteFailure(code, TOKEN.to_string()));
        assert_eq!(local(5), Trouble::Busy);
        assert_eq!(local(261), Trouble::Busy, "an extended code");
        assert_eq!(local(26), Trouble::Damaged);
        assert_eq!(local(13), Trouble::Full);
        let opened = |text: &str| Trouble::from(Error::ConnectionFailed(text.to_string()));
        let local_file = "Unable to open connection to local database /data: status: Internal/log.db: 14";
        assert_eq!(opened(local_file), Trouble::CannotOpen);
        assert!(!local(1).to_string().contains("eyJ"));
        let injector = "Injector error: SQLite error: database is locked";
        assert_eq!(replication(injector.to_string()), Trouble::Busy);
        let log = "Replication meta error: Replica log incompatible with log from handshake";
        assert_eq!(replication(log.to_string()), Trouble::Incompatible);
        let handshake = "Timeout performing handshake with primary";
        assert_eq!(replication(handshake.to_string()), Trouble::NoLog);
    }
}
