//! What makes and measures Zenith's parts: the distillation of its model, the quality of its search,
//! and the targets that its benches are held to.

pub mod distill;
pub mod gate;
pub mod memo;
pub mod quality;
pub mod samples;
pub mod targets;
pub mod teacher;
