//! The schema as it lies in `data/`.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

/// The whole cut.
#[derive(Deserialize)]
pub(crate) struct Schema {
    pub(crate) version: String,
    pub(crate) types: BTreeMap<String, Type>,
    pub(crate) objects: BTreeMap<String, Thing>,
    pub(crate) classes: BTreeMap<String, Thing>,
}

/// A type of values.
#[derive(Deserialize)]
pub(crate) struct Type {
    /// The type that it narrows.
    #[serde(rename = "type")]
    pub(crate) base: Option<String>,
    pub(crate) regex: Option<String>,
    pub(crate) max_len: Option<usize>,
    pub(crate) range: Option<(i64, i64)>,
}

/// A class or an object.
#[derive(Deserialize)]
pub(crate) struct Thing {
    /// Of a class.
    pub(crate) uid: Option<u64>,
    #[serde(default)]
    pub(crate) constraints: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(crate) profiles: Vec<String>,
    pub(crate) attributes: BTreeMap<String, Attribute>,
}

/// What a class or object may hold under one name.
#[derive(Deserialize)]
pub(crate) struct Attribute {
    /// A type, or an object.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) need: String,
    #[serde(default)]
    pub(crate) array: bool,
    /// The profiles that bring it. Empty: it is always there.
    #[serde(default)]
    pub(crate) profiles: Vec<String>,
    /// The values that there are, with what they are called.
    #[serde(rename = "enum")]
    pub(crate) values: Option<BTreeMap<String, String>>,
    /// The attribute that says in words what this one says as a number.
    pub(crate) sibling: Option<String>,
    pub(crate) deprecated: Option<String>,
}

/// Reads it, once.
pub(crate) fn published() -> Result<&'static Schema, String> {
    static READ: LazyLock<Result<Schema, String>> =
        LazyLock::new(|| serde_json::from_str(include_str!("../data/1.8.0.json")).map_err(|why| why.to_string()));
    READ.as_ref().map_err(Clone::clone)
}
