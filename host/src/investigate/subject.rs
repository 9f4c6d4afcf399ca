//! What a person typed, as what it is.

use std::net::IpAddr;

use crate::{alert::AlertId, enrich};

/// Whom or what is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An alert, if there is one of that number; else the user whose identifier it is.
    Number(AlertId, String),
    /// An address.
    Address(IpAddr),
    /// A user's identifier, e-mail address or name.
    User(String),
}

impl Subject {
    /// Recognizes it. None where nothing was typed.
    pub fn recognize(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        if let Some(address) = enrich::address(text) {
            return Some(Self::Address(address));
        }
        Some(match text.parse::<i64>().ok().filter(|id| *id > 0 && text.bytes().all(|byte| byte.is_ascii_digit())) {
            Some(id) => Self::Number(AlertId(id), text.to_owned()),
            None => Self::User(text.to_owned()),
        })
    }
}
