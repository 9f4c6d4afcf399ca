//! Taking over a Cloud-to-Cloud source of Sumo Logic from its JSON ('View JSON', or
//! `GET /api/v1/collectors/{id}/sources`). Name, category and fields; whatever else there is, tokens above all, is not read.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Map, Value};

/// What is taken over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// `config.name`
    pub name: Option<String>,
    /// `config.category`
    pub category: Option<String>,
    /// `config.fields`
    pub fields: BTreeMap<String, String>,
    /// The names of the keys that were left alone.
    pub ignored: Vec<String>,
}

impl Imported {
    /// What to tell.
    pub fn account(&self, file: &Path) -> Vec<String> {
        let mut taken = Vec::new();
        taken.extend(self.name.as_ref().map(|_| "name"));
        taken.extend(self.category.as_ref().map(|_| "category"));
        taken.extend((!self.fields.is_empty()).then_some("fields"));
        let taken = if taken.is_empty() { "nothing".to_owned() } else { taken.join(", ") };
        let mut lines = vec![format!("taken over from {}: {taken}", file.display())];
        if !self.ignored.is_empty() {
            lines.push(format!("not taken over: {} (tokens and secrets are never read)", self.ignored.join(", ")));
        }
        lines
    }
}

/// Reads one source, `{"source": …}`, or `{"sources": […]}` with one `Universal` source in it.
pub fn import(text: &str) -> Result<Imported, String> {
    // The position, never the text: it may hold a token.
    let value: Value = serde_json::from_str(text).map_err(|why| format!("not JSON (line {}, column {})", why.line(), why.column()))?;
    let source = one(&value)?;
    if let Some(kind) = source.get("sourceType").and_then(Value::as_str)
        && kind != "Universal"
    {
        return Err("this is not a Cloud-to-Cloud source: `sourceType` is not \"Universal\"".to_owned());
    }
    let config = source.get("config").and_then(Value::as_object).ok_or("this source has no `config`; export it with 'View JSON'")?;
    let mut imported = Imported::default();
    for (key, value) in config {
        match (key.as_str(), value) {
            ("name", Value::String(name)) => imported.name = Some(name.clone()),
            ("category", Value::String(category)) if is_header(category, 1024) => imported.category = Some(category.clone()),
            ("fields", Value::Object(fields)) => take_fields(fields, &mut imported),
            _ => imported.ignored.push(named(key)),
        }
    }
    Ok(imported)
}

fn one(value: &Value) -> Result<&Map<String, Value>, String> {
    let object = value.as_object().ok_or("expected a JSON object: one source, or {\"sources\": [...]}")?;
    if let Some(source) = object.get("source") {
        return source.as_object().ok_or_else(|| "`source` is not an object".to_owned());
    }
    let Some(sources) = object.get("sources") else { return Ok(object) };
    let sources = sources.as_array().ok_or("`sources` is not a list")?;
    let universal: Vec<_> = sources
        .iter()
        .filter_map(Value::as_object)
        .filter(|source| source.get("sourceType").and_then(Value::as_str) == Some("Universal"))
        .collect();
    let is_miro =
        |source: &Map<String, Value>| source.get("schemaRef").and_then(|schema| schema.get("type")).and_then(Value::as_str) == Some("Miro");
    let miro: Vec<_> = universal.iter().copied().filter(|source| is_miro(source)).collect();
    match (miro.as_slice(), universal.as_slice()) {
        ([one], _) | (_, [one]) => Ok(one),
        (_, []) => Err("there is no source of type \"Universal\" in it".to_owned()),
        _ => Err(format!("there are {} sources of type \"Universal\" in it; leave only the one to take over", universal.len())),
    }
}

fn take_fields(fields: &Map<String, Value>, imported: &mut Imported) {
    for (key, value) in fields {
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let plain = |text: &str, longest| !text.is_empty() && is_header(text, longest) && !text.contains([',', '=']);
        if plain(key, 255) && plain(&value, 200) && imported.fields.len() < 30 {
            imported.fields.insert(key.clone(), value);
        } else {
            imported.ignored.push(format!("fields.{}", named(key)));
        }
    }
}

/// A name as it may be shown.
fn named(key: &str) -> String {
    key.chars().filter(|c| (' '..='~').contains(c)).take(60).collect()
}

fn is_header(text: &str, longest: usize) -> bool {
    text.len() <= longest && text.trim() == text && text.chars().all(|c| (' '..='~').contains(&c)) && !text.is_empty()
}
