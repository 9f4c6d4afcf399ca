//! Makes a record fit into one message of Sumo Logic: a larger one would be cut into pieces that no parser reads.
//!
//! The longest strings go first, then arrays, then whole top-level values; what identifies the event goes last and its
//! `id` stays. The result says what was shortened; the full record stays in the store.

use std::collections::BTreeMap;

use serde_json::{Map, Value, value::RawValue};

/// Set to `true` in a record that was shortened.
pub const MARKER: &str = "miro_source_truncated";
/// Lists the shortened places as JSON pointers, the first [`PATHS`] of them.
pub const SHORTENED: &str = "miro_source_shortened";

const PROTECTED: [&str; 5] = ["id", "event", "createdAt", "createdBy", "context"];
/// Strings and arrays below this many bytes are left alone.
const WORTH: usize = 256;
/// Characters kept of a shortened string.
const KEPT: usize = 128;
const PATHS: usize = 40;
const PATH_CHARS: usize = 120;
/// Room for the marker and the list: every character of a path may need six bytes.
const ROOM: usize = PATHS * (PATH_CHARS * 6 + 8) + 128;

/// One line of JSON of at most `limit` bytes that stands for `record`. `limit` is at least 64 KiB.
pub fn shrink(record: &str, limit: usize) -> String {
    let target = limit.saturating_sub(ROOM);
    let mut shrinking = match serde_json::from_str::<Map<String, Value>>(record) {
        Ok(record) => Shrinking { size: length(&record), record: Value::Object(record), shortened: Vec::new() },
        Err(_) => from_unreadable(record),
    };
    for pass in [Pass::Strings, Pass::Arrays, Pass::Values, Pass::Protected(Kind::Strings), Pass::Protected(Kind::Arrays), Pass::AllButId] {
        if shrinking.size <= target {
            break;
        }
        shrinking.run(pass, target);
    }
    shrinking.finish()
}

#[derive(Clone, Copy)]
enum Pass {
    Strings,
    Arrays,
    Values,
    Protected(Kind),
    AllButId,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Strings,
    Arrays,
}

struct Shrinking {
    record: Value,
    /// Bytes of `record`, serialized.
    size: usize,
    shortened: Vec<String>,
}

impl Shrinking {
    fn run(&mut self, pass: Pass, target: usize) {
        let mut found = Vec::new();
        let Value::Object(top) = &self.record else { return };
        for (name, value) in top {
            let protected = PROTECTED.contains(&name.as_str());
            let pointer = format!("/{}", escaped(name));
            match pass {
                Pass::Strings if !protected => candidates(Kind::Strings, pointer, value, &mut found),
                Pass::Arrays if !protected => candidates(Kind::Arrays, pointer, value, &mut found),
                Pass::Values if !protected => found.push((length(value), pointer)),
                Pass::Protected(kind) if protected && name != "id" => candidates(kind, pointer, value, &mut found),
                Pass::AllButId if name != "id" => found.push((length(value), pointer)),
                _ => {}
            }
        }
        found.sort_by(|a, b| b.cmp(a));
        let whole = matches!(pass, Pass::Values | Pass::AllButId);
        for (_, pointer) in found {
            if self.size <= target {
                return;
            }
            let changed = if whole { self.remove(&pointer) } else { self.replace(&pointer) };
            if changed {
                self.shortened.push(pointer);
            }
        }
    }

    /// Says whether there was something to replace: it is gone where something around it was replaced before.
    fn replace(&mut self, pointer: &str) -> bool {
        let Some(value) = self.record.pointer_mut(pointer) else { return false };
        let before = length(value);
        match value {
            Value::String(text) => {
                let kept: String = text.chars().take(KEPT).collect();
                *value = Value::String(format!("{kept}… ({} bytes)", text.len()));
            }
            _ => *value = Value::Array(Vec::new()),
        }
        self.size = self.size.saturating_sub(before).saturating_add(length(value));
        true
    }

    fn remove(&mut self, pointer: &str) -> bool {
        let name = pointer.trim_start_matches('/').replace("~1", "/").replace("~0", "~");
        let Some(value) = self.record.as_object_mut().and_then(|top| top.shift_remove(&name)) else { return false };
        // The value, the name, a colon and a comma.
        self.size = self.size.saturating_sub(length(&value) + length(&name) + 2);
        true
    }

    fn finish(self) -> String {
        let mut record = self.record;
        if let Value::Object(top) = &mut record {
            let cut = |path: &String| path.chars().take(PATH_CHARS).collect::<String>();
            top.insert(MARKER.to_owned(), Value::Bool(true));
            top.insert(SHORTENED.to_owned(), self.shortened.iter().take(PATHS).map(cut).collect());
        }
        record.to_string()
    }
}

/// Strings, or arrays, worth shortening in `value`, with their size.
fn candidates(kind: Kind, pointer: String, value: &Value, found: &mut Vec<(usize, String)>) {
    match value {
        Value::String(text) if kind == Kind::Strings && text.len() > WORTH => found.push((length(value), pointer)),
        Value::Array(items) => {
            if kind == Kind::Arrays && length(value) > WORTH {
                found.push((length(value), pointer.clone()));
            }
            for (index, item) in items.iter().enumerate() {
                candidates(kind, format!("{pointer}/{index}"), item, found);
            }
        }
        Value::Object(entries) => {
            for (name, item) in entries {
                candidates(kind, format!("{pointer}/{}", escaped(name)), item, found);
            }
        }
        _ => {}
    }
}

/// A record that cannot be read whole (nested too deep, numbers too large): its top level with what can be read, or, where
/// even that fails, its text.
fn from_unreadable(record: &str) -> Shrinking {
    let mut top = Map::new();
    let mut shortened = Vec::new();
    match serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(record) {
        Ok(entries) => {
            for (name, raw) in entries {
                let value = serde_json::from_str(raw.get()).unwrap_or_else(|_| {
                    shortened.push(format!("/{}", escaped(&name)));
                    Value::String(format!("(left out: {} bytes)", raw.get().len()))
                });
                top.insert(name, value);
            }
        }
        Err(_) => {
            top.insert("text".to_owned(), Value::String(record.to_owned()));
        }
    }
    Shrinking { size: length(&top), record: Value::Object(top), shortened }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Bytes of the value as JSON, without building the text.
fn length(value: &impl serde::Serialize) -> usize {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    // Counting cannot fail, and a JSON value always serializes.
    let _ = serde_json::to_writer(&mut counter, value);
    counter.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const LIMIT: usize = 262_144;

    fn shrunk(record: &Value) -> Value {
        let line = shrink(&record.to_string(), LIMIT);
        assert!(line.len() <= LIMIT && !line.contains('\n'), "{} bytes", line.len());
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value[MARKER], true);
        assert_eq!(value["id"], record["id"]);
        value
    }

    #[test]
    fn the_longest_string_goes_first_and_the_rest_stays() {
        let record =
            json!({"id": "1", "event": "e", "details": {"a": "x".repeat(300_000), "b": "y".repeat(1000)}, "context": {"ip": "::1"}});
        let value = shrunk(&record);
        assert_eq!(value["details"]["b"], record["details"]["b"]);
        assert_eq!(value["context"], record["context"]);
        assert_eq!(value[SHORTENED], json!(["/details/a"]));
        assert!(value["details"]["a"].as_str().unwrap().ends_with("… (300000 bytes)"));
    }

    #[test]
    fn arrays_then_whole_values_follow() {
        let value = shrunk(&json!({"id": "1", "details": {"ids": vec![12345; 100_000]}, "a/b~c": "kept"}));
        assert_eq!(value["details"]["ids"], json!([]));
        assert_eq!(value["a/b~c"], "kept");
        let many: Map<String, Value> = (0..50_000).map(|n| (format!("k{n}"), json!(n))).collect();
        let value = shrunk(&json!({"id": "1", "x/y": many}));
        assert!(value.get("x/y").is_none());
        assert_eq!(value[SHORTENED], json!(["/x~1y"]));
    }

    #[test]
    fn what_identifies_the_event_goes_last() {
        let value = shrunk(&json!({"id": "1", "createdBy": {"name": "n".repeat(400_000), "id": "u"}, "details": {"a": "z".repeat(500)}}));
        assert_eq!(value["createdBy"]["id"], "u");
        assert!(value["createdBy"]["name"].as_str().unwrap().starts_with("nnn"));
    }

    #[test]
    fn a_record_nested_too_deep_keeps_its_id() {
        let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        let line = shrink(&format!(r#"{{"id":"1","details":{deep}}}"#), LIMIT);
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["id"], "1");
        assert_eq!(value[SHORTENED], json!(["/details"]));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::from),
            (".{0,4}", 0..200_000_usize).prop_map(|(text, times)| Value::String(text.repeat(times / text.len().max(1)))),
        ];
        leaf.prop_recursive(4, 24, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
                prop::collection::btree_map("[a-z/~\u{1}é]{1,300}", inner, 0..6).prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn a_shrunk_record_is_valid_fits_and_keeps_its_id(details in value(), context in value(), id in ".{1,100}") {
            shrunk(&json!({"id": id, "event": "e", "details": details, "context": context}));
        }
    }
}
