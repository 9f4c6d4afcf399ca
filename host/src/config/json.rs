//! The component's own configuration: TOML in, JSON out.

use serde_json::Value;
use toml::de::DeValue;

use super::section::Entry;

/// The same value as JSON; times become texts. Notes what JSON cannot say.
pub(super) fn json(entry: &Entry<'_>) -> Option<Value> {
    match convert(entry.value) {
        Ok(value) => Some(value),
        Err(what) => {
            entry.note(what, "use whole numbers up to 64 bits and finite decimals, or put the number in double quotes");
            None
        }
    }
}

fn convert(value: &DeValue<'_>) -> Result<Value, &'static str> {
    Ok(match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(at) => Value::String(at.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map(Value::from)
            .or_else(|_| u64::from_str_radix(number.as_str(), number.radix()).map(Value::from))
            .map_err(|_| "holds a number beyond 64 bits")?,
        DeValue::Float(number) => number
            .as_str()
            .parse()
            .ok()
            .and_then(serde_json::Number::from_f64)
            .map(Value::Number)
            .ok_or("holds a number that is not finite")?,
        DeValue::Array(items) => Value::Array(items.iter().map(|item| convert(item.get_ref())).collect::<Result<_, _>>()?),
        DeValue::Table(table) => {
            let pairs = table.iter().map(|(key, value)| Ok((key.get_ref().to_string(), convert(value.get_ref())?)));
            Value::Object(pairs.collect::<Result<_, &'static str>>()?)
        }
    })
}
