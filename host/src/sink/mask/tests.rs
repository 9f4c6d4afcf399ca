//! What a mask makes of lines.
use super::*;
