//! A vendor's object that is none, or has no identifier: kept all the same.

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::json;

/// The key under which something that is no object is kept.
const WRAPPED: &str = "raw";

/// An object around something that is none: any other JSON value as it is, anything else as a string.
pub fn wrapped(sent: &str) -> String {
    match serde_json::from_str::<&RawValue>(sent) {
        Ok(value) => format!("{{\"{WRAPPED}\":{}}}", json::one_line(value.get())),
        Err(_) => serde_json::json!({ WRAPPED: sent }).to_string(),
    }
}

/// An identifier for a record that has none: `sha256:` and 64 hex digits.
pub fn made_id(record: &str) -> String {
    let mut id = String::with_capacity(71);
    id.push_str("sha256:");
    for byte in Sha256::digest(record) {
        id.extend([byte >> 4, byte & 15].iter().filter_map(|&half| char::from_digit(u32::from(half), 16)));
    }
    id
}

#[cfg(test)]
mod tests {
    use super::{made_id, wrapped};

    #[test]
    fn what_is_no_object_is_kept_in_one() {
        assert_eq!(wrapped("5"), r#"{"raw":5}"#);
        assert_eq!(wrapped("[1,\n 2]"), r#"{"raw":[1,2]}"#);
        assert_eq!(wrapped("{\"a"), r#"{"raw":"{\"a"}"#);
    }

    #[test]
    fn the_same_record_has_the_same_identifier() {
        let id = made_id("{}");
        assert_eq!((id.len(), id.as_str()), (71, made_id("{}").as_str()));
        assert!(id.starts_with("sha256:44136fa355b3678a"), "{id}");
        assert_ne!(id, made_id("{ }"));
    }
}
