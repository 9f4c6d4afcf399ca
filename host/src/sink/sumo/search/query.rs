//! What is asked: which events, of which time, counted by id.

use serde_json::{Value, json};

use crate::{
    config::{Format, SumoConfig},
    model::Instant,
};

/// What the id is called in a search. Lower case, as all names come back.
pub(super) const NAME: &str = "event_id";

/// By which time of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// What it says of itself, which is what Sumo Logic took for its time.
    Message,
    /// When it came.
    Receipt,
}

/// One look.
#[derive(Clone, Debug)]
pub struct Look<'a> {
    /// Inclusive.
    pub start: Instant,
    /// Exclusive.
    pub end: Instant,
    /// Of which time.
    pub by: Time,
    /// Only these ids.
    pub among: Option<&'a [String]>,
}

impl Look<'_> {
    pub(super) fn length(&self) -> u64 {
        self.end.0.saturating_sub(self.start.0)
    }

    pub(super) fn halves(&self) -> (Self, Self) {
        let middle = Instant(self.start.0 + self.length() / 2);
        (Self { end: middle, ..self.clone() }, Self { start: middle, ..self.clone() })
    }

    /// The body of the request that creates the job. Whether the API's `to` belongs to the range is nowhere said, so the query says
    /// it itself.
    pub(super) fn wish(&self, scope: &str, format: Format) -> Value {
        let path = match format {
            Format::Record => "id",
            Format::Ocsf => "metadata.uid",
        };
        let time = match self.by {
            Time::Message => "_messageTime",
            Time::Receipt => "_receiptTime",
        };
        let (start, end) = (self.start.0, self.end.0);
        let mut query = format!("{scope} | json field=_raw \"{path}\" as {NAME} nodrop | where {time} >= {start} and {time} < {end}");
        if let Some(ids) = self.among {
            let listed: Vec<String> = ids.iter().map(|id| quoted(id)).collect();
            query.push_str(&format!(" | where {NAME} in ({})", listed.join(", ")));
        }
        query.push_str(&format!(" | count by {NAME}"));
        json!({
            "query": query,
            "from": start.to_string(),
            "to": end.to_string(),
            "timeZone": "UTC",
            "byReceiptTime": self.by == Time::Receipt,
        })
    }
}

/// By what the events of a sink are found. `None` where it sends them without a word of whence they are.
pub(super) fn scope(sumo: &SumoConfig) -> Option<String> {
    let named = [("_sourceCategory", &sumo.category), ("_sourceName", &sumo.source_name), ("_sourceHost", &sumo.host)];
    let terms: Vec<String> =
        named.into_iter().filter_map(|(field, value)| Some(format!("{field}={}", quoted(value.as_deref()?)))).collect();
    (!terms.is_empty()).then(|| terms.join(" "))
}

/// A text of a query. Ids are the vendor's: nothing in one ends the text that it stands in.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars().filter(|c| !c.is_control()) {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i5_an_id_written_by_an_attacker_stays_a_text_of_the_query() {
        let ids = ["a\") or 1=1 | delete \"".to_owned(), "b\\".to_owned()];
        let look = Look { start: Instant(1), end: Instant(2), by: Time::Receipt, among: Some(&ids) };
        let wish = look.wish("_sourceCategory=\"miro\"", Format::Ocsf);
        insta::assert_snapshot!(wish["query"].as_str().unwrap(), @r#"_sourceCategory="miro" | json field=_raw "metadata.uid" as event_id nodrop | where _receiptTime >= 1 and _receiptTime < 2 | where event_id in ("a\") or 1=1 | delete \"", "b\\") | count by event_id"#);
        assert_eq!(wish["byReceiptTime"], true);
    }

    #[test]
    fn halves_leave_nothing_out_and_share_nothing() {
        let (one, other) = Look { start: Instant(3), end: Instant(10), by: Time::Message, among: None }.halves();
        assert_eq!((one.start.0, one.end.0, other.start.0, other.end.0), (3, 6, 6, 10));
    }
}
