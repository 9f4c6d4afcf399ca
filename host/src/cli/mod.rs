//! What people type.

pub mod init;
