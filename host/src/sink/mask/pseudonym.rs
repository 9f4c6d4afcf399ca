//! What stands for a value: the same for the same value within one store, telling nothing about it.
//!
//! 64 bits of a keyed fingerprint, in a form that what reads the field still reads: an e-mail address under a domain that can never be
//! registered (RFC 2606), an address of the range for documentation (RFC 3849), which lies in no country. No sign in it needs an escape.

use std::net::{IpAddr, Ipv6Addr};

use crate::{config::Masked, store::Store};

/// The domain of masked e-mail addresses.
const DOMAIN: &str = "masked.invalid";

/// Hexadecimal digits.
const DIGITS: usize = 16;

/// What stands for a value.
pub(super) fn pseudonym(store: &dyn Store, field: Masked, value: &str) -> String {
    let print = store.fingerprint(&["mask", field.as_str(), &canonical(field, value)]);
    let mut hex = hex::encode(print);
    hex.truncate(DIGITS);
    match field {
        Masked::UserName => format!("user-{hex}"),
        Masked::UserEmail => format!("p-{hex}@{DOMAIN}"),
        Masked::UserId => format!("id-{hex}"),
        Masked::ObjectName => format!("object-{hex}"),
        Masked::IpAddress => address(u64::from_str_radix(&hex, 16).unwrap_or_default()).to_string(),
    }
}

fn address(bits: u64) -> Ipv6Addr {
    const DOCUMENTATION: u128 = 0x2001_0db8 << 96;
    Ipv6Addr::from(DOCUMENTATION | u128::from(bits))
}

/// One writing for what is one: e-mail addresses and names of any case, addresses of any notation.
fn canonical(field: Masked, value: &str) -> String {
    match field {
        Masked::UserId => value.to_owned(),
        Masked::UserName | Masked::UserEmail | Masked::ObjectName => value.to_lowercase(),
        Masked::IpAddress => match value.parse::<IpAddr>() {
            Ok(address) => address.to_canonical().to_string(),
            Err(_) => value.to_lowercase(),
        },
    }
}

/// Whether a text has a pseudonym in it: then it is not as it was written.
pub(crate) fn has_pseudonym(text: &str) -> bool {
    let named = ["user-", "id-", "object-", "p-"].iter().any(|prefix| {
        text.match_indices(prefix).any(|(at, _)| {
            let rest = text.get(at + prefix.len()..).unwrap_or_default();
            let digits = rest.bytes().take_while(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).count();
            digits == DIGITS && (*prefix != "p-" || rest.get(DIGITS..).is_some_and(|rest| rest.starts_with("@masked.invalid")))
        })
    });
    named || text.contains("2001:db8::")
}
