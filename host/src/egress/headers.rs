//! Headers that the operator wants on requests of the host's own, their secrets opened.

use http::{HeaderName, HeaderValue};
use secrecy::ExposeSecret as _;

use crate::config::{HeaderText, secret};

/// Reads them. The error names the header, never what stands in it.
pub async fn open(headers: &[(HeaderName, HeaderText)]) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let headers = headers.to_vec();
    // A secret may be the output of a command.
    let read = tokio::task::spawn_blocking(move || opened(&headers)).await;
    read.unwrap_or_else(|gone| Err(format!("failed to read the headers: {gone}")))
}

/// The same at once. Blocks.
pub fn opened(headers: &[(HeaderName, HeaderText)]) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let each = headers.iter().map(|(name, text)| {
        let unfit = || format!("the header `{name}` holds a character that no header can carry");
        let value = match text {
            HeaderText::Plain(text) => HeaderValue::from_str(text).map_err(|_| unfit())?,
            HeaderText::Secret(at) => {
                let read = secret::resolve(at).map_err(|why| format!("failed to read `{name}`: {why}"))?;
                let mut value = HeaderValue::from_str(read.expose_secret()).map_err(|_| unfit())?;
                value.set_sensitive(true);
                value
            }
        };
        Ok((name.clone(), value))
    });
    each.collect()
}
