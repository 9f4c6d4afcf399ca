//! One request, into a file that nobody reads yet.

use std::{fs::File, io::Write as _, time::Duration};

use http::{HeaderMap, HeaderValue, StatusCode, header};
use url::Url;

use super::{order::Order, record::Held};
use crate::{
    egress::{
        RequestLimits, Transport,
        own::{self, Unfetched},
    },
    sink::sumo::answer::retry_after,
};

/// What came of it.
pub(super) enum Downloaded {
    /// What is held is the latest.
    Unchanged,
    /// A new one lies in the file.
    New {
        /// `ETag`.
        etag: Option<String>,
        /// `Last-Modified`.
        modified: Option<String>,
    },
    /// There is none at this address, by the status of the answer: storage that hides what it has says 403.
    Absent(u16),
}

/// Why there is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failed {
    /// For people.
    pub(super) why: String,
    /// The far side wants to be left alone so long.
    pub(super) wait: Option<Duration>,
}

impl From<Unfetched> for Failed {
    fn from(why: Unfetched) -> Self {
        Self { why: why.to_string(), wait: None }
    }
}

/// Fetches the file at `url` into `to`, unless it is still what is held.
pub(super) async fn download(
    transport: &dyn Transport,
    order: &Order,
    url: Url,
    held: Option<&Held>,
    to: &mut File,
) -> Result<Downloaded, Failed> {
    let limits = RequestLimits { answer_body: *order.part.bytes.end(), ..RequestLimits::default() };
    let fields = fields(held);
    let mut answer = own::get(transport, &order.grant, url, &fields, &limits).await?;
    let origin = answer.origin.clone();
    let failed = |why: String, wait| Err(Failed { why: format!("{origin} {why}"), wait });
    match answer.status {
        StatusCode::OK => {}
        StatusCode::NOT_MODIFIED if !fields.is_empty() => return Ok(Downloaded::Unchanged),
        status @ (StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::FORBIDDEN) => return Ok(Downloaded::Absent(status.as_u16())),
        status => return failed(format!("answered {}", status.as_u16()), wait(&answer.headers)),
    }
    let kind = text(&answer.headers, header::CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    if ["text/html", "application/xhtml"].iter().any(|page| kind.starts_with(page)) {
        return failed("answered with a page for people, not a file".to_owned(), None);
    }
    while let Some(piece) = answer.piece().await? {
        // A piece is small, and the disk takes it into memory: shorter than a switch of threads.
        if let Err(why) = to.write_all(&piece) {
            return Err(Failed { why: format!("failed to write what came: {why}"), wait: None });
        }
    }
    let (etag, modified) = (text(&answer.headers, header::ETAG), text(&answer.headers, header::LAST_MODIFIED));
    Ok(Downloaded::New { etag: etag.map(str::to_owned), modified: modified.map(str::to_owned) })
}

fn fields(held: Option<&Held>) -> HeaderMap {
    let mut fields = HeaderMap::new();
    let conditions = [
        (header::IF_NONE_MATCH, held.and_then(|held| held.etag.as_deref())),
        (header::IF_MODIFIED_SINCE, held.and_then(|held| held.modified.as_deref())),
    ];
    for (name, value) in conditions {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            fields.insert(name, value);
        }
    }
    fields
}

/// A header field that is no longer than any needs to be.
fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().filter(|value| value.len() <= 256)
}

fn wait(headers: &HeaderMap) -> Option<Duration> {
    retry_after(text(headers, header::RETRY_AFTER), text(headers, header::DATE))
}
