//! What tabs are made of, and the values that all rooms of the explorer speak in. A part knows no tab.

pub mod areas;
pub mod builder;
pub mod canvas;
pub mod clock;
pub mod flow;
pub mod fuzzy;
pub mod highlight;
pub mod job;
pub mod key;
pub mod kind;
pub mod latest;
pub mod line;
pub mod list;
pub mod markdown;
pub mod menu;
pub mod out;
pub mod page;
pub mod paint;
pub mod place;
pub mod scroll;
pub mod sheet;
pub mod signature;
pub mod standing;
pub mod theme;
pub mod tree;
