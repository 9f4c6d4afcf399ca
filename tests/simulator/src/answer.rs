//! What a simulated vendor says to one request, and how the answer goes out.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::Serialize;
use serde_json::{Value, json};

/// One answer. A caller without sockets reads `delivery` and plays the wire itself.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Every header but the ones of the connection.
    pub headers: HeaderMap,
    /// The whole body, whatever of it is delivered.
    pub body: Bytes,
    /// How it goes out.
    pub delivery: Delivery,
}

/// How an answer reaches the client, or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// At once and whole.
    Whole,
    /// Whole, that many milliseconds late. The request was processed at once.
    Delayed(u64),
    /// Whole, in chunks of so many bytes with so many milliseconds between them.
    Slow(usize, u64),
    /// The connection is reset and the request was *not* processed.
    Reset,
    /// The connection is reset and the request *was* processed.
    Lost,
    /// The connection ends after that many bytes of the body.
    Truncated(usize),
    /// After the body come blanks up to that many bytes in all, never held in memory at once.
    Giant(u64),
}

impl Delivery {
    /// Whether the client sees the whole of the body that was meant.
    pub fn arrives(self) -> bool {
        !matches!(self, Self::Reset | Self::Lost | Self::Truncated(_))
    }
}

impl Answer {
    /// An empty body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new(), delivery: Delivery::Whole }
    }

    /// A JSON body.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", body.to_string())
    }

    /// Any text.
    pub fn text(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let answer = Self { body: body.into(), ..Self::empty(status) };
        answer.with(header::CONTENT_TYPE, content_type)
    }

    /// Miro's error envelope, see <https://developers.miro.com/reference/enterprise-get-audit-logs>.
    pub fn refusal(status: u16, code: &str, message: &str) -> Self {
        Self::json(status, &json!({ "status": status, "code": code, "message": message, "type": "error" }))
    }

    /// With that header; a value no header can hold is left out.
    pub fn with(mut self, name: HeaderName, value: impl AsRef<str>) -> Self {
        if let Ok(value) = HeaderValue::from_str(value.as_ref()) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Whether the client can tell that it worked.
    pub fn succeeds(&self) -> bool {
        self.status < 400 && self.delivery.arrives()
    }
}
