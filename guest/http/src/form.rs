//! Parameters as `application/x-www-form-urlencoded`, for a body or behind a `?`.

/// `name=value&…`, everything percent-encoded that RFC 3986 does not call unreserved.
pub fn encode(parameters: &[(&str, &str)]) -> String {
    let mut encoded = String::new();
    for (name, value) in parameters {
        if !encoded.is_empty() {
            encoded.push('&');
        }
        for (text, end) in [(name, "="), (value, "")] {
            percent(&mut encoded, text);
            encoded.push_str(end);
        }
    }
    encoded
}

/// One text, encoded the same way.
pub fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    percent(&mut encoded, text);
    encoded
}

fn percent(encoded: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{encode, encoded};

    #[test]
    fn everything_that_could_end_a_parameter_is_encoded() {
        assert_eq!(encode(&[("a b", "c&d=e#f"), ("ü", "-._~")]), "a%20b=c%26d%3De%23f&%C3%BC=-._~");
        assert_eq!(encode(&[]), "");
        assert_eq!(encoded("2026-01-01T00:01:00Z#1"), "2026-01-01T00%3A01%3A00Z%231");
    }
}
