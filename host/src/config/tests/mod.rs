//! What a wrong configuration says, and what a right one becomes.
