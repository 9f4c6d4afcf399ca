//! Parameters as `application/x-www-form-urlencoded`, for a body or behind a `?`.

/// `name=value&…`, everything percent-encoded that RFC 3986 does not call unreserved.
pub(super) fn encode(parameters: &[(&str, &str)]) -> String {
    let mut encoded = String::new();
    for (name, value) in parameters {
        if !encoded.is_empty() {
            encoded.push('&');
        }
        percent(&mut encoded, name);
        encoded.push('=');
        percent(&mut encoded, value);
    }
    encoded
}

fn percent(encoded: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.extend(
                [byte >> 4, byte & 15]
                    .iter()
                    .filter_map(|&half| char::from_digit(u32::from(half), 16))
                    .map(|digit| digit.to_ascii_uppercase()),
            );
        }
    }
}
