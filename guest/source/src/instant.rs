//! Instants (milliseconds since 1970, UTC) as Miro and HTTP write them.

/// As Miro's bounds want it: `2023-03-30T17:26:50.000Z`. What lies past the year 9999 becomes the end of it.
pub fn iso(ms: u64) -> String {
    let most = jiff::Timestamp::MAX;
    let at = i64::try_from(ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()).unwrap_or(most);
    format!("{at:.3}")
}

/// An HTTP date, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
pub fn http_date(text: &str) -> Option<u64> {
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
    u64::try_from(at.as_millisecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::{http_date, iso};

    #[test]
    fn bounds_carry_milliseconds_and_a_z() {
        assert_eq!(iso(1_680_197_210_000), "2023-03-30T17:26:50.000Z");
        assert_eq!(iso(1_680_197_210_007), "2023-03-30T17:26:50.007Z");
        assert!(iso(u64::MAX).starts_with("9999-12-"));
    }

    #[test]
    fn an_http_date_is_read_and_anything_else_is_not() {
        assert_eq!(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777_000));
        assert_eq!(http_date("yesterday"), None);
        assert_eq!(http_date(""), None);
    }
}
