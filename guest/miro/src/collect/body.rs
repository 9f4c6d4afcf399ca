//! A page as Miro sends it, cut into its events without reading them.

use serde::Deserialize;
use serde_json::value::RawValue;

/// The parts of a page that paging needs. `size`, `limit` and `type` are not among them: shipped versions of the API
/// differ in what they mean.
pub(super) struct Page<'a> {
    /// Every event as it came.
    pub(super) events: Vec<&'a RawValue>,
    /// The way to the next page.
    pub(super) cursor: Option<String>,
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(default, borrow)]
    cursor: Option<&'a RawValue>,
}

/// Reads a page. What is wrong with it is told by its place, never by its content.
pub(super) fn read(body: &[u8]) -> Result<Page<'_>, String> {
    let text = std::str::from_utf8(body).map_err(|error| format!("the answer is not UTF-8 after byte {}", error.valid_up_to()))?;
    if text.trim().is_empty() {
        return Err("the answer is empty".to_owned());
    }
    if text.trim_start().starts_with('[') {
        return Err("the answer is JSON, but no page of events".to_owned());
    }
    let raw: Raw<'_> = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof => format!("the answer is cut short at line {}, column {}", error.line(), error.column()),
        serde_json::error::Category::Data => "the answer is JSON, but no page of events".to_owned(),
        _ => format!("the answer is not JSON at line {}, column {}", error.line(), error.column()),
    })?;
    // `data: null` is how some write an empty list; an object without `data` is something else altogether.
    let events = match raw.data.map(RawValue::get) {
        None if !has_data(text) => return Err("the answer is JSON, but has no `data`".to_owned()),
        None | Some("null") => Vec::new(),
        Some(list) => serde_json::from_str(list).map_err(|_| "`data` in the answer is not a list".to_owned())?,
    };
    let cursor = match raw.cursor {
        None => None,
        Some(raw) => serde_json::from_str(raw.get()).map_err(|_| "`cursor` in the answer is not a text".to_owned())?,
    };
    Ok(Page { events, cursor })
}

/// Whether the object has the key at all; an `Option` takes null for absent.
fn has_data(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Present {
        #[serde(default, deserialize_with = "present")]
        data: bool,
    }
    fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
        serde::de::IgnoredAny::deserialize(from).map(|_| true)
    }
    serde_json::from_str::<Present>(text).is_ok_and(|page| page.data)
}
