//! Notes, as the commands and the explorer have them alike: what they speak of, how they are told and written, what they
//! stand beside, and where they are synchronised to.

pub mod beside;
pub mod meeting;
pub mod target;
pub mod text;
pub mod told;
