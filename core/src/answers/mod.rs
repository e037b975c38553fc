//! What is made of an item beyond its row. Each answer names where it comes from, and none guesses.

pub mod changes;
