//! The headers that go with every batch, checked once: a value that could forge a header or that Sumo Logic would drop
//! silently is an error of the configuration. Limits: <https://help.sumologic.com/docs/manage/fields/>.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{config::SumoConfig, sink::SinkError};

const FIELDS: usize = 30;
const FIELD_NAME: usize = 255;
const FIELD_VALUE: usize = 200;

/// Builds the headers of every batch.
pub(super) fn headers(config: &SumoConfig) -> Result<HeaderMap, SinkError> {
    let mut headers = HeaderMap::new();
    // What Sumo's own agents send for logs, so the receiver's most travelled path. Only metrics types change the meaning.
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    headers.insert("x-sumo-client", HeaderValue::from_static("miro-source"));
    let plain = [
        ("source_name", "x-sumo-name", &config.source_name, 128),
        ("category", "x-sumo-category", &config.category, 1024),
        ("host", "x-sumo-host", &config.host, 128),
    ];
    for (key, name, text, most) in plain {
        if let Some(text) = text {
            headers.insert(HeaderName::from_static(name), value(key, text, most)?);
        }
    }
    if !config.fields.is_empty() {
        headers.insert("x-sumo-fields", fields(&config.fields)?);
    }
    Ok(headers)
}

fn fields(fields: &BTreeMap<String, String>) -> Result<HeaderValue, SinkError> {
    if fields.len() > FIELDS {
        return Err(SinkError::Config(format!("`fields` has {} entries; Sumo Logic takes at most {FIELDS}", fields.len())));
    }
    let mut joined = String::new();
    for (name, text) in fields {
        if name.is_empty() {
            return Err(SinkError::Config("`fields` has an entry without a name".to_owned()));
        }
        let key = format!("fields.{}", crate::neutral::brief(name, 64));
        for (part, most) in [(name, FIELD_NAME), (text, FIELD_VALUE)] {
            value(&key, part, most)?;
            if part.contains([',', '=']) {
                return Err(SinkError::Config(format!("`{key}` contains ',' or '=', which X-Sumo-Fields cannot carry")));
            }
        }
        if !joined.is_empty() {
            joined.push_str(", ");
        }
        joined.push_str(name);
        joined.push('=');
        joined.push_str(text);
    }
    value("fields", &joined, usize::MAX)
}

/// A value without control characters and of at most `most` characters.
fn value(key: &str, text: &str, most: usize) -> Result<HeaderValue, SinkError> {
    if text.chars().count() > most {
        return Err(SinkError::Config(format!("`{key}` is longer than {most} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(SinkError::Config(format!("`{key}` contains a line break or another control character")));
    }
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| SinkError::Config(format!("`{key}` cannot be sent as a header")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> SumoConfig {
        SumoConfig {
            url: crate::config::SecretRef::Env("X".to_owned()),
            token: None,
            source_name: None,
            category: Some("miro".to_owned()),
            alert_category: None,
            host: None,
            fields: BTreeMap::new(),
            batch_bytes: 1_000_000,
            search: None,
        }
    }

    fn with_field(name: &str, text: &str) -> Result<HeaderMap, SinkError> {
        let fields = [(name.to_owned(), text.to_owned())].into();
        headers(&SumoConfig { fields, ..config() })
    }

    #[test]
    fn every_batch_names_its_client_category_and_fields() {
        let fields = [("env".to_owned(), "prod".to_owned()), ("team".to_owned(), "sécurité".to_owned())].into();
        let headers = headers(&SumoConfig { fields, host: Some("h1".to_owned()), ..config() }).unwrap();
        assert_eq!(headers.get("x-sumo-client").unwrap(), "miro-source");
        assert_eq!(headers.get("x-sumo-category").unwrap(), "miro");
        assert_eq!(headers.get("x-sumo-host").unwrap(), "h1");
        assert_eq!(headers.get("x-sumo-fields").unwrap().as_bytes(), "env=prod, team=sécurité".as_bytes());
        assert!(headers.get("x-sumo-name").is_none());
    }

    #[test]
    fn no_value_can_forge_a_header() {
        for text in ["a\r\nX-Evil: 1", "a\nb", "a\u{0}b", "\u{85}"] {
            assert!(headers(&SumoConfig { category: Some(text.to_owned()), ..config() }).is_err(), "{text:?}");
            assert!(with_field("a", text).is_err(), "{text:?}");
            assert!(with_field(text, "a").is_err(), "{text:?}");
        }
    }

    #[test]
    fn what_sumo_logic_would_drop_silently_is_an_error() {
        assert!(with_field("a", &"x".repeat(200)).is_ok());
        assert!(with_field("a", &"x".repeat(201)).is_err());
        assert!(with_field("a", "x,y").is_err());
        assert!(with_field("a=b", "x").is_err());
        assert!(with_field("", "x").is_err());
        let many = (0..31).map(|n| (format!("f{n}"), "x".to_owned())).collect();
        assert!(headers(&SumoConfig { fields: many, ..config() }).is_err());
    }
}
