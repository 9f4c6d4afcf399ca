//! What the demo and the end-to-end tests share: a host as a process of its own, and a clock that runs faster.

pub mod demo;
pub mod host;
pub mod quick_clock;
