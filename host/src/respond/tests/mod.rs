//! The decisions, on values.
