//! On which backends spikes run.

use zenith_harness::Backend;

/// The choice of backends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backends {
    /// What needs nothing but this machine: where `spike run` runs, too, unless told otherwise.
    #[default]
    Machine,
    Only(Backend),
}

impl Backends {
    /// Every choice, in the order of the switch.
    pub const ALL: [Backends; 5] = [
        Backends::Machine,
        Backends::Only(Backend::Embedded),
        Backends::Only(Backend::Local),
        Backends::Only(Backend::Container),
        Backends::Only(Backend::Cloud),
    ];

    pub fn next(self) -> Backends {
        let at = Backends::ALL.iter().position(|choice| *choice == self).unwrap_or(0);
        Backends::ALL[(at + 1) % Backends::ALL.len()]
    }

    pub fn all(self) -> Vec<Backend> {
        match self {
            Backends::Machine => vec![Backend::Embedded, Backend::Local],
            Backends::Only(backend) => vec![backend],
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Backends::Machine => "embedded and local",
            Backends::Only(backend) => backend.as_str(),
        }
    }

    /// Whether it takes more than this machine has by itself, so that only who asks for it gets it.
    pub fn is_only_when_asked(self) -> bool {
        matches!(self, Backends::Only(Backend::Container | Backend::Cloud))
    }
}
