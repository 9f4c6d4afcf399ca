//! The built-in component as a source, its network a page that lies ready.

use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use guest_miro::{
    component::{self, Answer},
    http::{Body, Request, Response},
    source::{Page, Span},
};
use http_body_util::{BodyExt as _, Full};
use miro_source::{
    egress::{AnswerBody, Grant, RequestLimits, Transport, TransportError},
    model::Instant,
    runtime::{Component, Limits, Runtime, RuntimeOptions, Source},
};
use miro_source_tests::stage::{HOUR, ORIGIN};

/// The source's configuration.
pub(crate) const CONFIG: &str = r#"{"api_url": "http://127.0.0.1:1", "page_limit": 1000}"#;

/// Answers every request with the same page.
pub(crate) struct Canned(pub(crate) Bytes);

impl Transport for Canned {
    fn send(&self, _: http::Request<Bytes>, _: &RequestLimits) -> BoxFuture<'static, Result<http::Response<AnswerBody>, TransportError>> {
        let body = Full::new(self.0.clone()).map_err(|never| match never {}).boxed_unsync();
        let answer = http::Response::builder().header("content-type", "application/json").body(body);
        Box::pin(async move { answer.map_err(|why| TransportError::Lost(why.to_string())) })
    }
}

/// The component in its sandbox, with the limits of a real host.
pub(crate) async fn source(page: Bytes) -> anyhow::Result<Source> {
    let runtime = Runtime::new(RuntimeOptions { cache: None, transport: Arc::new(Canned(page)), limits: Limits::default() })?;
    let wasm = Runtime::builtin("miro").context("no built-in component")?.to_vec();
    let component = Arc::new(Component::new(runtime.load(wasm).await?));
    Ok(Source::new(runtime, component, CONFIG.into(), Arc::new(Grant::new(["http://127.0.0.1:1".parse()?]))))
}

/// The state of a span that covers every page.
pub(crate) fn checkpoint() -> anyhow::Result<String> {
    component::begin(CONFIG, Span::Fixed((ORIGIN - 24 * HOUR, ORIGIN)), ORIGIN).map_err(|why| anyhow::anyhow!("{why}"))
}

/// One step of the same code without a sandbox.
pub(crate) fn native(page: &Bytes, checkpoint: &str) -> anyhow::Result<Page> {
    let send = |_: Request, _: u64| -> Answer {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Ok(Response { status: 200, headers, body: Body::Whole(page.to_vec()) })
    };
    component::collect(CONFIG, "token", checkpoint, ORIGIN, send).map_err(|why| anyhow::anyhow!("{why}"))
}

/// One step in the sandbox. Returns how many events it brought.
pub(crate) async fn sandboxed(source: &Source, checkpoint: &str) -> anyhow::Result<usize> {
    Ok(source.collect("token", checkpoint, Instant(ORIGIN)).await?.events.len())
}
