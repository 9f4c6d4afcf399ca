//! Pages, and the opaque links between them.

use std::{collections::HashMap, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Asker, Outcome, query::Query, refusal::Refusal};
use crate::answer::Answer;

/// What a link stands for.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// Which list it belongs to.
    pub(super) list: String,
    /// What that list was asked for.
    pub(super) select: Option<Vec<String>>,
    /// Who is on it, in a delta.
    pub(super) ids: Arc<[String]>,
    /// How many entries have been shown.
    pub(super) shown: usize,
    /// The change that the list was at, in a delta.
    pub(super) change: u64,
    /// When it was given out, in milliseconds.
    pub(super) issued: u64,
}

/// Every link that was given out.
#[derive(Debug, Default)]
pub(super) struct Links(HashMap<String, Link>);

impl Links {
    pub(super) fn issue(&mut self, seed: u64, link: Link) -> String {
        let said = [seed.to_le_bytes().as_slice(), b"link", &self.0.len().to_le_bytes()].concat();
        let token = URL_SAFE_NO_PAD.encode(Sha256::digest(said));
        self.0.insert(token.clone(), link);
        token
    }

    /// What the token stands for in that list.
    pub(super) fn open(&self, token: &str, list: &str) -> Option<&Link> {
        self.0.get(token).filter(|link| link.list == list)
    }
}

/// One page of `all`, with a link to the next one where there is one. `context` names what they are.
pub(super) fn of(
    asker: &Asker<'_>,
    (links, seed, size): (&mut Links, u64, usize),
    query: &Query,
    context: &str,
    all: Vec<Value>,
) -> Outcome {
    let list = asker.request.uri().path().to_owned();
    let shown = match &query.token {
        None => 0,
        Some(token) => {
            links
                .open(token, &list)
                .ok_or_else(|| Refusal::bad("Directory_ExpiredPageToken", "Specified page token value is invalid."))?
                .shown
        }
    };
    let total = all.len();
    let size = query.top.unwrap_or(size).max(1);
    let page: Vec<Value> = all.into_iter().skip(shown).take(size).collect();
    let end = shown + page.len();
    let mut body = Map::from_iter([("@odata.context".to_owned(), json!(asker.context(context)))]);
    if query.count && shown == 0 {
        body.insert("@odata.count".to_owned(), json!(total));
    }
    if end < total {
        let token =
            links.issue(seed, Link { list: list.clone(), select: None, ids: Arc::default(), shown: end, change: 0, issued: asker.now });
        body.insert("@odata.nextLink".to_owned(), json!(next(asker, &list, &token)));
    }
    body.insert("value".to_owned(), json!(page));
    Ok(Answer::json(200, &Value::Object(body)))
}

/// The same request with that `$skiptoken`.
fn next(asker: &Asker<'_>, list: &str, token: &str) -> String {
    let given = asker.request.uri().query().unwrap_or_default();
    let kept = given.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("$skiptoken=") && !pair.starts_with("%24skiptoken="));
    let query: String = kept.map(|pair| format!("{pair}&")).collect();
    format!("{}{list}?{query}$skiptoken={token}", asker.origin)
}
