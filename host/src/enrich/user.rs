//! A user as a file or the configuration names one.

use std::borrow::Borrow;

/// The longest that is read: an e-mail address has at most 254 bytes.
const LONGEST: usize = 256;

/// The vendor's identifier of a user, or an e-mail address in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct User(Box<str>);

impl User {
    /// Nothing of what can be neither: of several words, of several fields, too long.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '"' | '<' | '>');
        if text.is_empty() || text.len() > LONGEST || text.contains(odd) {
            return None;
        }
        Some(if text.contains('@') { Self(mail(text).into()) } else { Self(text.into()) })
    }
}

impl Borrow<str> for User {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// An e-mail address as addresses are compared.
pub(super) fn mail(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_without_regard_to_case_and_an_identifier_as_it_is() {
        let read = |text| User::parse(text).map(|user| user.0.to_string());
        assert_eq!(read(" Ann@Acme.Example "), Some("ann@acme.example".to_owned()));
        assert_eq!(read("3458764Ab"), Some("3458764Ab".to_owned()));
        assert_eq!(read("bob_home.example#EXT#@acme.example"), Some("bob_home.example#ext#@acme.example".to_owned()));
        for odd in ["", "Ann Smith", "ann@acme.example;bob@acme.example", "\"ann\"", "Ann <ann@acme.example>", &"x".repeat(257)] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }
}
