//! One request and its answer, as values: logic makes the first and judges the second, the shell does the sending.

/// The method of a [`Request`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Act.
    Post,
    /// Change some of what is there.
    Patch,
}

/// What to send.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Absolute, every parameter percent-encoded.
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Absent for a GET.
    pub body: Option<Vec<u8>>,
}

impl std::fmt::Debug for Request {
    /// Without headers and body, which carry secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("method", &self.method).field("url", &self.url).finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

impl Response {
    /// The first header of this name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim())
    }
}

/// A body, read up to a cap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// All of it.
    Whole(Vec<u8>),
    /// More than the cap; thrown away.
    TooLarge,
}

/// What came back for a request.
pub type Answer = Result<Response, TransportError>;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// The request surely never reached the vendor: name resolution, connection, TLS, or the host's own refusal.
    Unsent(String),
    /// It may have reached the vendor: timeout, reset, a body cut short.
    Unknown(String),
}
