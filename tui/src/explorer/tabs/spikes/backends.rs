//! On which backends spikes run, and the switch that chooses them.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;
use zenith_harness::{Backend, Spike};

/// Columns between two words of the switch.
const GAP: u16 = 2;
/// Narrower switches say less of what stands apart.
const COLUMNS_WITH_WORDS: u16 = 78;

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

    /// Whether a spike runs on one of them.
    pub fn run(self, spike: &Spike) -> bool {
        self.all().into_iter().any(|backend| spike.runs_on(backend))
    }

    /// What it takes that this machine has not by itself, and that may cost; nothing where it has all.
    pub fn takes(self) -> &'static str {
        match self {
            Backends::Only(Backend::Container) => {
                "it starts containers, and fetches images that are not here"
            }
            Backends::Only(Backend::Cloud) => {
                "it makes databases at Turso and removes them again, which your account there may be charged for"
            }
            Backends::Machine | Backends::Only(Backend::Embedded | Backend::Local) => "",
        }
    }

    /// Whether it takes more than this machine has by itself, so that only who asks for it gets it.
    pub fn is_only_when_asked(self) -> bool {
        matches!(self, Backends::Only(Backend::Container | Backend::Cloud))
    }
}

/// A word of the switch, where it stands; one that chooses nothing stands between.
pub struct Word {
    pub text: &'static str,
    pub chooses: Option<Backends>,
    pub area: Rect,
}

/// The switch as it stands in an area. What takes more than this machine stands apart.
pub fn words(area: Rect) -> Vec<Word> {
    let asked = if area.width >= COLUMNS_WITH_WORDS { "│ only when asked: " } else { "│ " };
    let mut words: Vec<(&'static str, Option<Backends>)> = Vec::new();
    for choice in Backends::ALL {
        let is_first_apart = choice.is_only_when_asked() && words.iter().all(|(_, word)| word.is_some());
        words.extend(is_first_apart.then_some((asked, None)));
        words.push((choice.label(), Some(choice)));
    }
    let mut x = area.x.saturating_add(1);
    let place = |(text, chooses): (&'static str, Option<Backends>)| {
        let width = u16::try_from(text.width()).unwrap_or(u16::MAX);
        let place = Rect { x, width, ..area }.intersection(area);
        x = x.saturating_add(width).saturating_add(if chooses.is_some() { GAP } else { 0 });
        Word { text, chooses, area: place }
    };
    words.into_iter().map(place).collect()
}
