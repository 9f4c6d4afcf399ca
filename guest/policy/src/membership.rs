//! Who is in a group, and who is a guest: for the scope of policies, and for whoever else has a scope.

use crate::{activity::domain, text};

/// What Microsoft calls the group of those who are not one's own.
pub(crate) const EXTERNAL: &str = "External users";

/// Whether somebody is in one of `these` groups, in whatever case: by `theirs`, which the directory says, or as a guest where
/// `External users` are among them. `home`: the organization's own e-mail domains.
#[must_use]
pub fn is_member(these: &[String], theirs: &[String], email: Option<&str>, home: &[String]) -> bool {
    let named = |group: &String| these.iter().any(|name| text::same(name, group));
    theirs.iter().any(named) || (names_external(these) && is_external(theirs, email, home))
}

/// Whether `External users` is among these groups.
#[must_use]
pub fn names_external(groups: &[String]) -> bool {
    groups.iter().any(|group| group.eq_ignore_ascii_case(EXTERNAL))
}

/// Whether somebody is a guest: the directory says so, their account is one that was invited, or their address is elsewhere.
pub(crate) fn is_external(groups: &[String], email: Option<&str>, home: &[String]) -> bool {
    let elsewhere = |email: &str| {
        // Microsoft Entra calls an invited account `name_home.example#EXT#@tenant.onmicrosoft.com`.
        let guest = email.as_bytes().windows(5).any(|part| part.eq_ignore_ascii_case(b"#ext#"));
        let own = |home: &String| domain(email).is_some_and(|domain| text::same(domain, home) || is_below(domain, home));
        guest || (!home.is_empty() && domain(email).is_some() && !home.iter().any(own))
    };
    names_external(groups) || email.is_some_and(elsewhere)
}

/// Whether a domain is a subdomain of one's own.
fn is_below(domain: &str, home: &str) -> bool {
    let mut labels = domain;
    while let Some((_, parent)) = labels.split_once('.') {
        if text::same(parent, home) {
            return true;
        }
        labels = parent;
    }
    false
}
