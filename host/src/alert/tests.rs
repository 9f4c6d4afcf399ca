//! What becomes of findings, on values.
