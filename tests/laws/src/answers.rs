//! The text form of what a vendor answers, as the corpora hold it:
//!
//! ```text
//! fixed                       a word that the law understands
//! ---
//! 200                         a status; or `unsent`, `lost`, `large`
//! retry-after: 3              headers
//!
//! {"data": []}                the body: the rest, up to the next line of three dashes
//! ```

use guest_miro::{
    component::Answer,
    http::{Body, Response, TransportError},
};

/// A longer conversation shows nothing new.
const MOST: usize = 16;

/// A word, and the answers after it in turn. There is always at least one.
pub(crate) struct Conversation<'a> {
    pub(crate) word: &'a str,
    pub(crate) answers: Vec<Answer>,
}

impl<'a> Conversation<'a> {
    /// Whatever the bytes are, they are a conversation.
    pub(crate) fn read(input: &'a [u8]) -> Self {
        let (word, rest) = cut(input, b"\n---\n");
        let mut answers = Vec::new();
        let mut rest = Some(rest.unwrap_or_default());
        while let Some(text) = rest.filter(|_| answers.len() < MOST) {
            let (one, more) = cut(text, b"\n---\n");
            answers.push(answer(one));
            rest = more;
        }
        Self { word: std::str::from_utf8(word).unwrap_or_default().trim(), answers }
    }
}

/// One answer.
fn answer(text: &[u8]) -> Answer {
    let (head, body) = cut(text, b"\n\n");
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default().trim();
    let header = |line: &str| line.split_once(':').map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    let headers = lines.filter_map(header).collect();
    let body = Body::Whole(body.unwrap_or_default().to_vec());
    match status {
        "unsent" => Err(TransportError::Unsent("the connection was refused".to_owned())),
        "lost" => Err(TransportError::Unknown("the connection ended early".to_owned())),
        "large" => Ok(Response { status: 200, headers, body: Body::TooLarge }),
        status => Ok(Response { status: status.parse().unwrap_or(200), headers, body }),
    }
}

/// Before the first `mark`, and after it where it is there.
fn cut<'a>(text: &'a [u8], mark: &[u8]) -> (&'a [u8], Option<&'a [u8]>) {
    match text.windows(mark.len()).position(|window| window == mark) {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + mark.len()..)),
        None => (text, None),
    }
}
