//! The formats that the schema writes as regular expressions, each read by hand. One that nobody wrote here fits nothing.

use std::net::IpAddr;

/// Whether a text has the format of a type.
pub(crate) fn fits(kind: &str, text: &str) -> bool {
    match kind {
        // Narrower than published, where an unescaped `.` lets `1x2x3x4` through.
        "ip_t" => text.parse::<IpAddr>().is_ok(),
        "email_t" => email(text),
        _ => false,
    }
}

/// `^[a-zA-Z0-9!#$%&'*+-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+$`, in which `+-/` is a span.
fn email(text: &str) -> bool {
    let Some((who, host)) = text.rsplit_once('@') else { return false };
    let Some((first, rest)) = host.split_once('.') else { return false };
    let name = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+,-./=?^_`{|}~".contains(c);
    let label = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let parts = [(who, who.chars().all(name)), (first, first.chars().all(label)), (rest, rest.chars().all(|c| label(c) || c == '.'))];
    parts.iter().all(|(part, right)| !part.is_empty() && *right)
}
