//! What Miro refuses, and what does not fit.
