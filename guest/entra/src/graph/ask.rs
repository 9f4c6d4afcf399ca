//! A request to Microsoft Graph.

use serde_json::Value;

use crate::{
    config::Config,
    graph::Reply,
    http::{Answer, Method, Request},
    types::Failure,
    words,
};

/// The most of an answer that is read, in bytes. A page of 999 accounts has about one megabyte.
pub const CAP: u64 = 8 << 20;

/// A request to Microsoft Graph.
#[derive(Clone, Debug)]
pub struct Ask {
    /// What is asked, for the log: no identifier, no query.
    pub words: &'static str,
    /// The method.
    pub method: Method,
    /// Absolute.
    pub url: String,
    /// Whether it is an advanced query, answered from an index:
    /// <https://learn.microsoft.com/graph/aad-advanced-queries>.
    pub eventual: bool,
    /// JSON. Absent: none.
    pub body: Option<Value>,
}

impl Ask {
    /// Reads `path`, which begins with a slash and may carry a query.
    pub fn get(config: &Config, words: &'static str, path: &str) -> Self {
        Self { words, method: Method::Get, url: format!("{}/v1.0{path}", config.graph_url), eventual: false, body: None }
    }

    /// Reads what a link leads to; it must have passed [`super::link::own`].
    pub fn follow(words: &'static str, link: String) -> Self {
        Self { words, method: Method::Get, url: link, eventual: false, body: None }
    }

    /// Acts.
    pub fn act(config: &Config, words: &'static str, method: Method, path: &str, body: Option<Value>) -> Self {
        Self { words, method, url: format!("{}/v1.0{path}", config.graph_url), eventual: false, body }
    }

    /// The same as an advanced query.
    pub fn eventual(self) -> Self {
        Self { eventual: true, ..self }
    }

    /// Sends it, and judges what came back. `about`: what the identifier of the request is made of.
    ///
    /// # Errors
    /// `invalid` for a token that no header can carry; then nothing was sent.
    pub fn send(self, token: &str, about: &[&str], now: u64, send: impl FnOnce(Request, u64) -> Answer) -> Result<Reply, Failure> {
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Failure::Invalid(
                "the access token is empty or has a character in it that no header carries; obtain a new one".to_owned(),
            ));
        }
        let words = self.words;
        Ok(Reply::read(words, token, send(self.request(token, about, now), CAP), now))
    }

    fn request(self, token: &str, about: &[&str], now: u64) -> Request {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut headers = vec![
            header("authorization", &format!("Bearer {token}")),
            header("accept", "application/json"),
            header("client-request-id", &words::request_id(about, now)),
        ];
        if self.eventual {
            headers.push(header("consistencylevel", "eventual"));
        }
        if self.body.is_some() {
            headers.push(header("content-type", "application/json"));
        }
        let body = match self.body {
            Some(body) => Some(body.to_string().into_bytes()),
            None if self.method == Method::Get => None,
            // So that it says its length: 0.
            None => Some(Vec::new()),
        };
        Request { method: self.method, url: self.url, headers, body }
    }
}
