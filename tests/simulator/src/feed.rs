//! Files that somebody publishes for everybody: addresses, places. Each has an `ETag` that changes with it.

use bytes::Bytes;
use http::{Method, Request, header};
use sha2::{Digest, Sha256};

use crate::{
    answer::Answer,
    fault::{Call, Endpoint},
    miro::{bent, on_demand, unprocessed},
    world::State,
};

impl State {
    pub(crate) fn feed(&mut self, request: &Request<Bytes>, now: u64) -> Answer {
        let fault = self.faults.strike(Call { endpoint: Endpoint::Feed, now, page: 1, path: request.uri().path() });
        match fault {
            Some(fault) => unprocessed(&fault, on_demand).unwrap_or_else(|| bent(self.published(request), &fault)),
            None => self.published(request),
        }
    }

    fn published(&self, request: &Request<Bytes>) -> Answer {
        if request.method() != Method::GET {
            return Answer::empty(405);
        }
        let Some(body) = self.feeds.get(request.uri().path()) else { return Answer::text(404, "text/html", "<h1>Not Found</h1>") };
        let tag = format!("\"{}\"", hex(&Sha256::digest(body)));
        let asked = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        if asked == Some(tag.as_str()) {
            return Answer::empty(304).with(header::ETAG, tag);
        }
        Answer::text(200, "text/plain", body.clone()).with(header::ETAG, tag)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
