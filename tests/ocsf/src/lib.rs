//! Whether an event is what the Open Cybersecurity Schema Framework says it is, to the letter.
//!
//! What goes in: an event as JSON. What comes out: everything that is wrong with it, each with the way to it. The schema is the
//! published one (`data/`, see the README), cut down to what is written here; what lies outside of the cut is a fault too,
//! so that nothing passes because nobody looked.
//!
//! A fault is: an attribute that is missing, unknown, deprecated, or of a profile that the event does not name; a value of another
//! type, outside its range, enumeration or format; a text that contradicts the number beside it; a constraint that does not hold; a
//! `null` or an empty list, which say nothing.

mod check;
mod format;
mod schema;
#[cfg(test)]
mod tests;

use serde_json::Value;

/// All that is wrong with an event, as `attribute.attribute: what`. Empty where nothing is.
pub fn faults(event: &Value) -> Vec<String> {
    match schema::published() {
        Ok(schema) => check::event(schema, event),
        Err(why) => vec![format!("the schema cannot be read: {why}")],
    }
}
