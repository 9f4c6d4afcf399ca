//! Reading a JSON object by its keys, and keeping what is wrong with where it stands.

use serde_json::{Map, Value};

use super::near;
use crate::rejection::{Rejection, Step};

/// Whoever has this much to mend does not read further.
const MOST: usize = 100;

/// All that was found wrong so far, and where the reading stands.
#[derive(Default)]
pub(super) struct Findings {
    path: Vec<Step>,
    rejections: Vec<Rejection>,
}

impl Findings {
    pub(super) fn reject(&mut self, message: String) {
        if self.rejections.len() < MOST {
            self.rejections.push(Rejection { path: self.path.clone(), message });
        }
    }

    pub(super) fn within<T>(&mut self, step: Step, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step);
        let result = read(self);
        self.path.pop();
        result
    }

    /// What was read, if nothing was wrong.
    pub(super) fn or<T>(mut self, result: Option<T>) -> Result<T, Vec<Rejection>> {
        match result {
            Some(result) if self.rejections.is_empty() => Ok(result),
            _ => {
                if self.rejections.is_empty() {
                    self.reject("it is not a policy".to_owned());
                }
                Err(self.rejections)
            }
        }
    }
}

/// A JSON object whose keys are known.
#[derive(Clone, Copy)]
pub(super) struct Table<'v> {
    object: &'v Map<String, Value>,
}

impl<'v> Table<'v> {
    /// `what`: what it is, for the messages.
    pub(super) fn open(findings: &mut Findings, json: &'v Value, what: &str, keys: &[&str]) -> Option<Self> {
        let Value::Object(object) = json else {
            findings.reject(format!("{} is not a table; {what} has {}", near::shown(json), near::all(keys)));
            return None;
        };
        for unknown in object.keys().filter(|key| !keys.contains(&key.as_str())) {
            findings.within(Step::Key(unknown.clone()), |findings| {
                findings.reject(match near::nearest(unknown, keys) {
                    Some(known) => format!("{what} has no such key; did you mean `{known}`?"),
                    None => format!("{what} has no such key; it has {}", near::all(keys)),
                });
            });
        }
        Some(Self { object })
    }

    pub(super) fn optional<T>(
        self,
        findings: &mut Findings,
        key: &str,
        read: impl FnOnce(&mut Findings, &'v Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.object.get(key).filter(|value| !value.is_null())?;
        findings.within(Step::Key(key.to_owned()), |findings| read(findings, value))
    }

    pub(super) fn required<T>(
        self,
        findings: &mut Findings,
        key: &str,
        read: impl FnOnce(&mut Findings, &'v Value) -> Option<T>,
    ) -> Option<T> {
        if self.object.get(key).is_none_or(Value::is_null) {
            findings.within(Step::Key(key.to_owned()), |findings| findings.reject("it is missing".to_owned()));
            return None;
        }
        self.optional(findings, key, read)
    }
}
