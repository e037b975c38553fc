//! Ids of instances: one grammar, read here and written into the tables' own checks from the same constants.
//!
//! ```text
//! wgt_main_{type}        a baseline: what a type of widget looks like by itself
//! wgt_curated_{key}      a curated instance: made to be shown
//! wgt_{type}_u_{key}     a user's
//! type  [a-z0-9]{1,40}, neither main nor curated
//! key   [a-z0-9][a-z0-9_-]{0,59}
//! ```
//!
//! A type has no `_` in it and is not called as one of the prefixes, so every id has one reading and every reading
//! one home: [`route`] knows no third.

use std::fmt;

use serde::{Deserialize, Serialize};

const MAIN: &str = "wgt_main_";
const CURATED: &str = "wgt_curated_";
const PREFIX: &str = "wgt_";
const USER: &str = "_u_";
/// Types that an id could not tell from a prefix.
const RESERVED: [&str; 2] = ["main", "curated"];
const TYPE_BYTES_MAX: usize = 40;
const KEY_BYTES_MAX: usize = 60;

/// What is no id, or not the id of what was meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error(
        "{0:?} is no instance: ids are wgt_main_TYPE, wgt_curated_KEY or wgt_TYPE_u_KEY, of small letters, digits, \
         _ and -"
    )]
    Malformed(String),
    #[error("{0:?} is no type of widget: of 1 to 40 small letters and digits, and neither main nor curated")]
    Type(String),
    #[error("{0} is a user's instance, which lives in its workspace's database alone")]
    User(UserId),
    #[error("{0} is authored here, and is no user's instance")]
    Authored(AuthoredId),
}

/// A type of widget.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WidgetType(String);

/// An instance that is authored here.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum AuthoredId {
    Baseline(WidgetType),
    Curated(Key),
}

/// A user's instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserId {
    pub widget_type: WidgetType,
    key: Key,
}

/// What follows the prefix of an id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(String);

/// Whose an instance is, and by that where it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Baseline,
    Curated,
}

/// Where an id leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    Authored(AuthoredId),
    User(UserId),
}

/// The one home of an id. Every id has one; what is no id has none.
pub fn route(text: &str) -> Result<Route, IdError> {
    let malformed = || IdError::Malformed(text.chars().take(120).collect());
    if let Some(rest) = text.strip_prefix(MAIN) {
        let widget_type = WidgetType::parse(rest).map_err(|_| malformed())?;
        return Ok(Route::Authored(AuthoredId::Baseline(widget_type)));
    }
    if let Some(rest) = text.strip_prefix(CURATED) {
        return Ok(Route::Authored(AuthoredId::Curated(Key::parse(rest).ok_or_else(malformed)?)));
    }
    let (widget_type, key) =
        text.strip_prefix(PREFIX).and_then(|rest| rest.split_once(USER)).ok_or_else(malformed)?;
    let widget_type = WidgetType::parse(widget_type).map_err(|_| malformed())?;
    Ok(Route::User(UserId { widget_type, key: Key::parse(key).ok_or_else(malformed)? }))
}

fn is_small(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

impl WidgetType {
    pub fn parse(text: &str) -> Result<WidgetType, IdError> {
        let fits = (1..=TYPE_BYTES_MAX).contains(&text.len())
            && text.bytes().all(is_small)
            && !RESERVED.contains(&text);
        match fits {
            true => Ok(WidgetType(text.to_string())),
            false => Err(IdError::Type(text.chars().take(80).collect())),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Key {
    fn parse(text: &str) -> Option<Key> {
        let fits = (1..=KEY_BYTES_MAX).contains(&text.len())
            && text.bytes().next().is_some_and(is_small)
            && text.bytes().all(|byte| is_small(byte) || matches!(byte, b'_' | b'-'));
        fits.then(|| Key(text.to_string()))
    }
}

impl AuthoredId {
    pub fn parse(text: &str) -> Result<AuthoredId, IdError> {
        match route(text)? {
            Route::Authored(id) => Ok(id),
            Route::User(id) => Err(IdError::User(id)),
        }
    }

    pub fn kind(&self) -> Kind {
        match self {
            AuthoredId::Baseline(_) => Kind::Baseline,
            AuthoredId::Curated(_) => Kind::Curated,
        }
    }

    /// The type that the id itself names.
    pub fn widget_type(&self) -> Option<&WidgetType> {
        match self {
            AuthoredId::Baseline(widget_type) => Some(widget_type),
            AuthoredId::Curated(_) => None,
        }
    }
}

impl UserId {
    pub fn parse(text: &str) -> Result<UserId, IdError> {
        match route(text)? {
            Route::User(id) => Ok(id),
            Route::Authored(id) => Err(IdError::Authored(id)),
        }
    }
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Baseline => "baseline",
            Kind::Curated => "curated",
        }
    }
}

impl fmt::Display for WidgetType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for AuthoredId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AuthoredId::Baseline(widget_type) => write!(f, "{MAIN}{widget_type}"),
            AuthoredId::Curated(key) => write!(f, "{CURATED}{}", key.0),
        }
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}{USER}{}", self.widget_type, self.key.0)
    }
}

/// Reads a name from text, and writes it as that.
macro_rules! as_text {
    ($name:ty) => {
        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<$name, IdError> {
                <$name>::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.to_string()
            }
        }
    };
}

as_text!(WidgetType);
as_text!(AuthoredId);
as_text!(UserId);

/// A column that holds bytes of this many at most, all of them among these, and at least one. SQLite's text functions stop
/// at a NUL, which the second length sees.
fn plain(column: &str, bytes_max: usize, letters: &str) -> String {
    format!(
        "(length({column}) BETWEEN 1 AND {bytes_max} AND length({column}) = length(CAST({column} AS BLOB)) \
         AND {column} NOT GLOB '*[^{letters}]*')"
    )
}

/// The check of a column `widget_type`.
pub(super) fn type_check() -> String {
    let reserved = RESERVED.map(|name| format!("'{name}'")).join(", ");
    format!("({} AND widget_type NOT IN ({reserved}))", plain("widget_type", TYPE_BYTES_MAX, "a-z0-9"))
}

/// The check of `public_id`, `kind` and `widget_type` of an authored instance.
pub(super) fn authored_check() -> String {
    let bytes_max = CURATED.len().max(MAIN.len()) + KEY_BYTES_MAX;
    format!(
        "({} AND CASE kind WHEN 'baseline' THEN public_id = '{MAIN}' || widget_type \
         WHEN 'curated' THEN public_id GLOB '{CURATED}[a-z0-9]*' ELSE 0 END)",
        plain("public_id", bytes_max, "a-z0-9_-")
    )
}

/// The check of `public_id` where only authored instances are named.
pub(super) fn authored_name_check() -> String {
    let bytes_max = CURATED.len().max(MAIN.len()) + KEY_BYTES_MAX;
    let after = MAIN.len() + 1;
    format!(
        "({} AND (public_id GLOB '{CURATED}[a-z0-9]*' OR public_id GLOB '{MAIN}[a-z0-9]*' \
         AND substr(public_id, {after}) NOT GLOB '*[^a-z0-9]*'))",
        plain("public_id", bytes_max, "a-z0-9_-")
    )
}

/// The check of `public_id` and `widget_type` of a user's instance.
pub(super) fn user_check() -> String {
    let around = PREFIX.len() + USER.len();
    let bytes_max = around + TYPE_BYTES_MAX + KEY_BYTES_MAX;
    format!(
        "({} AND substr(public_id, 1, length(widget_type) + {around}) = '{PREFIX}' || widget_type || '{USER}' \
         AND substr(public_id, length(widget_type) + {around} + 1) GLOB '[a-z0-9]*' \
         AND length(public_id) - length(widget_type) - {around} <= {KEY_BYTES_MAX})",
        plain("public_id", bytes_max, "a-z0-9_-")
    )
}

#[cfg(test)]
mod tests;
