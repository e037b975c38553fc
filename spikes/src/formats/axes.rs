//! What is compared: formats, operations, states, and the three ways of a vector query.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Parquet,
    Lance,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Until one knows how many rows there are.
    Open,
    /// The ten most alike: ids and names.
    Vector,
    /// The ids of the ten most alike, from ids and vectors that are read in one pass and kept, with the manifest in hand.
    VectorHeld,
    /// Ten names with a word.
    Text,
    /// A row by its id, every column but the vector.
    Point,
    /// The ids, names and signatures of a package.
    Filter,
    /// One row for each hundred that are there.
    Append,
}

/// Whether anything of the dataset had been read before on this handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Cold,
    Warm,
}

/// How a vector query is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Way {
    /// By DuckDB over the file, which it reads whole.
    Parquet,
    /// By lancedb over a dataset that is opened by its name, by the dataset's index.
    LanceIndex,
    /// With the dataset's manifest in hand, over ids and vectors that are read whole and kept.
    LanceHeld,
}

impl Operation {
    pub const ALL: [Operation; 7] = [
        Operation::Open,
        Operation::Vector,
        Operation::VectorHeld,
        Operation::Text,
        Operation::Point,
        Operation::Filter,
        Operation::Append,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Operation::Open => "open",
            Operation::Vector => "vector",
            Operation::VectorHeld => "vector, held",
            Operation::Text => "text",
            Operation::Point => "point",
            Operation::Filter => "filter",
            Operation::Append => "append 1%",
        }
    }
}

impl Format {
    pub const BOTH: [Format; 2] = [Format::Parquet, Format::Lance];

    pub const fn as_str(self) -> &'static str {
        match self {
            Format::Parquet => "Parquet",
            Format::Lance => "Lance",
        }
    }

    /// Whether the operation exists for this format. DuckDB keeps what it read of a Parquet file by itself.
    pub fn has(self, operation: Operation) -> bool {
        self == Format::Lance || operation != Operation::VectorHeld
    }
}

impl State {
    pub const BOTH: [State; 2] = [State::Cold, State::Warm];

    pub const fn as_str(self) -> &'static str {
        match self {
            State::Cold => "cold",
            State::Warm => "warm",
        }
    }
}

impl Way {
    pub const ALL: [Way; 3] = [Way::Parquet, Way::LanceIndex, Way::LanceHeld];

    pub const fn as_str(self) -> &'static str {
        match self {
            Way::Parquet => "Parquet",
            Way::LanceIndex => "Lance index",
            Way::LanceHeld => "Lance held",
        }
    }

    pub const fn format(self) -> Format {
        match self {
            Way::Parquet => Format::Parquet,
            Way::LanceIndex | Way::LanceHeld => Format::Lance,
        }
    }

    pub const fn operation(self) -> Operation {
        match self {
            Way::Parquet | Way::LanceIndex => Operation::Vector,
            Way::LanceHeld => Operation::VectorHeld,
        }
    }

    /// The way that an operation on a format is, where it is a vector query.
    pub fn of(format: Format, operation: Operation) -> Option<Way> {
        Way::ALL.into_iter().find(|way| way.format() == format && way.operation() == operation)
    }
}
