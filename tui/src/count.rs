//! How many packages there are, as both faces of the program tell it.

use std::fmt;

use crate::text::{counted, grouped};

/// How many packages there are, and how many of them are for other platforms:
/// `759 packages here, 225 of other platforms`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub all: usize,
    pub others: usize,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.others {
            0 => f.write_str(&counted(self.all, "package")),
            others => {
                let here = counted(self.all.saturating_sub(others), "package");
                write!(f, "{here} here, {} of other platforms", grouped(others))
            }
        }
    }
}
