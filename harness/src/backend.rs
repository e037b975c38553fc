//! What a lab is made of.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where the components of a lab come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// Files and memory, no server.
    Embedded,
    /// Servers on this machine: processes and in-process services on loopback.
    Local,
    /// Servers in containers.
    Container,
    /// The services themselves, with the user's accounts.
    Cloud,
}

/// A name that is none of the backends.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no backend {0:?}; there are embedded, local, container and cloud")]
pub struct UnknownBackend(String);

impl Backend {
    /// Every backend, the cheapest first.
    pub const fn all() -> [Backend; 4] {
        [Backend::Embedded, Backend::Local, Backend::Container, Backend::Cloud]
    }

    /// The backend as it is typed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Backend::Embedded => "embedded",
            Backend::Local => "local",
            Backend::Container => "container",
            Backend::Cloud => "cloud",
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Backend {
    type Err = UnknownBackend;

    fn from_str(text: &str) -> Result<Backend, UnknownBackend> {
        let named = |backend: &Backend| backend.as_str().eq_ignore_ascii_case(text);
        Backend::all().into_iter().find(named).ok_or_else(|| UnknownBackend(text.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_backend_is_read_back_from_its_name_in_any_case() {
        for backend in Backend::all() {
            assert_eq!(backend.to_string().to_uppercase().parse(), Ok(backend));
        }
        let error = "cloudy".parse::<Backend>().unwrap_err().to_string();
        assert!(error.contains("\"cloudy\"") && error.contains("container"), "{error}");
    }
}
