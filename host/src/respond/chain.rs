//! The governance log: every change of every response and of the kill switch, each holding the hash of the one before it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::{Deed, Move, Response, ResponseId, Switched};
use crate::{model::Instant, neutral};

/// What one record says. They are told apart by what they hold: `response`, `switch` or `deed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Said {
    /// What happened to a response.
    Response(Box<Changed>),
    /// What a person did with the kill switch.
    Switch(Switched),
    /// What was done to the host itself, or changed under it.
    Deed(Deed),
}

/// What happened to a response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// When.
    pub at: Instant,
    /// Which response.
    pub response: ResponseId,
    /// Which person; `None`: the host by itself.
    pub who: Option<String>,
    /// What happened to it; absent where it was made.
    pub change: Option<Move>,
    /// The response after it.
    pub after: Response,
}

/// One record: what it says, as the text it was written as, which is what its hash is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// From 1, without a hole.
    pub number: i64,
    /// [`Said`] as JSON, with nothing in it that deceives a reader.
    pub body: String,
    /// The hash of the record before it, in hex; of the first, 64 zeros.
    pub previous: String,
    /// SHA-256 of number, previous hash and body, a line each, in hex.
    pub hash: String,
}

/// Where the log ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Records in it.
    pub number: i64,
    /// The hash of the last one.
    pub hash: String,
}

impl Default for Head {
    fn default() -> Self {
        Self { number: 0, hash: "0".repeat(64) }
    }
}

impl Record {
    /// The next record after a head. Fails where what it says is no JSON, which does not happen.
    pub fn next(head: &Head, said: &Said) -> Result<Self, serde_json::Error> {
        let number = head.number.saturating_add(1);
        // Harmless to look at before its hash is made: the line that leaves the house is the text that can be checked.
        let body = neutral::json(&serde_json::to_string(said)?).into_owned();
        let previous = head.hash.clone();
        let hash = digest(number, &previous, &body);
        Ok(Self { number, body, previous, hash })
    }

    /// What it says.
    pub fn said(&self) -> Result<Said, serde_json::Error> {
        serde_json::from_str(&self.body)
    }

    /// The log as it ends with this record.
    pub fn head(&self) -> Head {
        Head { number: self.number, hash: self.hash.clone() }
    }

    /// A record from its [`line`](Self::line), or from what carries that as OCSF, its body as it was written.
    pub fn parse(line: &str) -> Result<Self, serde_json::Error> {
        match serde_json::from_str::<Carrier>(line) {
            Ok(carrier) => Self::bare(&carrier.raw_data),
            Err(_) => Self::bare(line),
        }
    }

    fn bare(line: &str) -> Result<Self, serde_json::Error> {
        let Line { number, previous, hash, said } = serde_json::from_str(line)?;
        Ok(Self { number, body: said.get().to_owned(), previous, hash })
    }

    /// One line of JSON, as it is exported and delivered: whoever has it can check it.
    pub fn line(&self) -> String {
        format!(r#"{{"number":{},"previous":"{}","hash":"{}","said":{}}}"#, self.number, self.previous, self.hash, self.body)
    }
}

/// An event of OCSF that has a record in it. What it says besides is checked by nobody.
#[derive(Deserialize)]
struct Carrier {
    raw_data: String,
}

/// [`Record::line`], read. Nothing else may stand in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    number: i64,
    previous: String,
    hash: String,
    #[serde(borrow)]
    said: &'a RawValue,
}

fn digest(number: i64, previous: &str, body: &str) -> String {
    hex::encode(Sha256::digest(format!("{number}\n{previous}\n{body}")))
}

/// Where a log is broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A record is not as it was written.
    #[error("record {0} is not as it was written: its hash does not fit what it says")]
    Changed(i64),
    /// A record does not follow the one before it.
    #[error("record {0} does not follow the one before it: records were taken out, put in or exchanged there")]
    Loose(i64),
    /// The log ends before it should.
    #[error("the log ends with record {found}, and record {expected} was written: its end was cut off")]
    Short {
        /// What there is.
        found: i64,
        /// What there was.
        expected: i64,
    },
}

impl Head {
    /// Checks that a log that ends here holds as many records as were once written.
    pub fn reaches(&self, expected: i64) -> Result<(), Broken> {
        if self.number < expected { Err(Broken::Short { found: self.number, expected }) } else { Ok(()) }
    }
}

/// Checks the next records of a log, in order, and gives where it stands then.
pub fn verify(head: &Head, records: &[Record]) -> Result<Head, Broken> {
    let mut head = head.clone();
    for record in records {
        if record.hash != digest(record.number, &record.previous, &record.body) {
            return Err(Broken::Changed(record.number));
        }
        if record.number != head.number.saturating_add(1) || record.previous != head.hash {
            return Err(Broken::Loose(record.number));
        }
        head = record.head();
    }
    Ok(head)
}
