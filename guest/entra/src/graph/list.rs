//! A page of a list: <https://learn.microsoft.com/graph/paging>.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, SeqAccess, Visitor},
};

use super::Loose;

/// The most entries of one page: Graph gives 999 at most.
const ENTRIES: usize = 5_000;

/// A page of a list.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
pub struct Page<T> {
    /// Its entries.
    #[serde(deserialize_with = "entries")]
    pub value: Vec<T>,
    /// Where the next page is.
    #[serde(rename = "@odata.nextLink", default)]
    pub next: Loose,
    /// Where what changes from now on will be.
    #[serde(rename = "@odata.deltaLink", default)]
    pub delta: Loose,
}

/// As many as a page may have: entries take more room here than in the text.
fn entries<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
    struct Entries<T>(PhantomData<T>);
    impl<'de, T: DeserializeOwned> Visitor<'de> for Entries<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut found = Vec::new();
            while let Some(entry) = list.next_element()? {
                if found.len() == ENTRIES {
                    return Err(A::Error::custom("too many entries"));
                }
                found.push(entry);
            }
            Ok(found)
        }
    }
    from.deserialize_seq(Entries(PhantomData))
}
