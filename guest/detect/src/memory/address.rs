//! What is remembered of one address: who was active from it.

use super::recent::Recent;
use crate::codec::{Reader, Writer};

const VERSION: u8 = 1;

/// One address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Users whose activity from it succeeded.
    pub users: Recent<6>,
}

impl Address {
    /// Into a body.
    pub fn write(&self) -> Vec<u8> {
        let mut into = Writer::new(VERSION);
        self.users.write(&mut into);
        into.finish()
    }

    /// Out of a body. Nothing where it is not one of ours.
    pub fn read(body: &[u8]) -> Option<Self> {
        let (VERSION, mut from) = Reader::new(body)? else { return None };
        let read = Self { users: Recent::read(&mut from)? };
        from.ended().then_some(read)
    }
}
