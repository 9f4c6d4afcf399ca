//! Words in messages: the nearest valid one, and what was written, short and safe to print.

use serde_json::Value;

/// The known word that is most like `word`, if one is like it.
pub(super) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    if word.len() > 64 {
        return None;
    }
    let word = word.to_lowercase().replace('_', "-");
    let near = |known: &str| match strsim::osa_distance(&word, known) {
        // Of a short word, two letters in the wrong order leave little that is alike.
        ..=1 => 1.0,
        _ => strsim::jaro_winkler(&word, known),
    };
    let nearest = known.iter().map(|known| (near(known), *known)).max_by(|a, b| a.0.total_cmp(&b.0));
    nearest.filter(|(near, _)| *near > 0.75).map(|(_, known)| known)
}

/// All valid words.
pub(super) fn all(known: &[&str]) -> String {
    known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ")
}

/// `; did you mean …?`, where one is near.
pub(super) fn hint(word: &str, known: &[&str]) -> String {
    nearest(word, known).map_or_else(String::new, |known| format!("; did you mean `{known}`?"))
}

/// A text as it was written, cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((cut, _)) => format!("{:?}…", text.get(..cut).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}

/// A value as it was written, cut where it is long.
pub(super) fn shown(json: &Value) -> String {
    match json {
        Value::String(text) => quoted(text),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a table".to_owned(),
        other => other.to_string(),
    }
}
