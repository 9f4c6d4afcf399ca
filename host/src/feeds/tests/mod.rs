//! Decisions on values, and whole tries against answers that are given beforehand, on a clock that is stepped.

mod decisions;
mod ground;
mod tries;
