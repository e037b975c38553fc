//! An instance: the settings of a widget, as an object of JSON.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::canonical::{Sha256, taken};
use super::error::PublishError;
use super::id::{AuthoredId, WidgetType};
use super::overlay::check_texts;
use super::registry::Rules;

pub const CONFIG_BYTES_MAX: usize = 1 << 20;

/// What becomes of an instance in the next publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Published,
    /// Withdrawn: readers are told so.
    Unpublished,
    /// Of yesterday: readers get the baseline of its type.
    Deprecated,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Published => "published",
            Status::Unpublished => "unpublished",
            Status::Deprecated => "deprecated",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Status> {
        [Status::Published, Status::Unpublished, Status::Deprecated]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// An authored instance as it is here.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Instance {
    pub public_id: AuthoredId,
    pub widget_type: WidgetType,
    pub status: Status,
    pub config: Map<String, Value>,
    /// Of its canonical form.
    pub config_hash: Sha256,
    pub revision: i64,
    /// Milliseconds since 1970.
    pub updated_at: i64,
}

/// A configuration as it is kept, of whoever it is.
pub(super) struct Kept {
    /// In its canonical form.
    pub form: String,
    pub hash: Sha256,
}

impl Kept {
    /// Takes a configuration that fits its type: every text of it can be told apart from every other, and be translated.
    pub fn of(bytes: &[u8], rules: &Rules) -> Result<Kept, PublishError> {
        let (config, form) = taken(bytes, CONFIG_BYTES_MAX)?;
        check_texts(&rules.texts(&config)?)?;
        Ok(Kept { hash: Sha256::of(&form), form: String::from_utf8_lossy(&form).into_owned() })
    }
}
