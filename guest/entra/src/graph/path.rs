//! Identifiers in paths and texts in filters, encoded so that they stay what they are.

use crate::http::form::encoded;

/// The path of an account, by its identifier or by what it signs in with.
///
/// A name that begins with `$` is no path segment (<https://learn.microsoft.com/graph/api/user-get>), and one of letters and
/// dots only could be a function (`delta`) or lead upwards (`..`): these are written as a key.
pub fn user(id: &str) -> String {
    let plain = id.starts_with(|c: char| c.is_ascii_alphanumeric()) && !id.chars().all(|c| c.is_ascii_alphabetic() || c == '.');
    if plain { format!("/users/{}", encoded(id)) } else { format!("/users('{}')", quote(id)) }
}

/// The path of a group.
pub fn group(id: &str) -> String {
    format!("/groups/{}", encoded(id))
}

/// A text inside of single quotes in a filter or key, the quotes not included: `'` is doubled, everything percent-encoded.
pub fn quote(text: &str) -> String {
    encoded(&text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{quote, user};

    #[test]
    fn identifiers_stay_one_segment() {
        assert_eq!(user("6e7b768e-07e2-4810-8459-485f84f8f204"), "/users/6e7b768e-07e2-4810-8459-485f84f8f204");
        assert_eq!(user("ann@contoso.example"), "/users/ann%40contoso.example");
        assert_eq!(user("bob_home.example#EXT#@contoso.example"), "/users/bob_home.example%23EXT%23%40contoso.example");
        assert_eq!(user("$ann@contoso.example"), "/users('%24ann%40contoso.example')");
        assert_eq!(user("a/../b?c"), "/users/a%2F..%2Fb%3Fc");
        assert_eq!(
            (user(".."), user("delta"), user("")),
            ("/users('..')".to_owned(), "/users('delta')".to_owned(), "/users('')".to_owned())
        );
    }

    #[test]
    fn a_quote_in_a_filter_is_doubled() {
        assert_eq!(quote("o'neil@contoso.example"), "o%27%27neil%40contoso.example");
        assert_eq!(quote("x' or id ne '"), "x%27%27%20or%20id%20ne%20%27%27");
    }

    proptest! {
        /// Whatever stands in a filter: decoded, its quotes are all doubled, so that none ends the text.
        #[test]
        fn nothing_ends_a_quoted_text(text in any::<String>()) {
            let quoted = quote(&text);
            prop_assert!(quoted.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)));
            prop_assert_eq!(quoted.matches("%27").count(), 2 * text.matches('\'').count());
            prop_assert_eq!(quoted.replace("%27%27", "").matches("%27").count(), 0);
        }
    }
}
