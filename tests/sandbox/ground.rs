//! What the tests stand on: a runtime, the hostile component with a plan, and a transport that remembers.

use std::{
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use audit_pipeline::source::Page;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full};
use miro_source::{
    config::NetworkConfig,
    egress::{Answer, Grant, HttpTransport, RequestLimits, Transport, TransportError},
    model::Instant,
    runtime::{Cache, CallError, Component, Limits, Runtime, RuntimeError, RuntimeOptions, Source},
    store::seal::Key,
};
use miro_source_tests::{hostile, stage::ORIGIN};
use serde_json::{Value, json};
use tempfile::TempDir;

/// When every call happens.
pub(crate) const NOW: Instant = Instant(ORIGIN);
/// The token that every call is handed, and that nobody else may see.
pub(crate) const TOKEN: &str = "token-of-this-source-and-of-nobody-else";

/// Answers everything with 200 and remembers it: what is not here did not leave.
#[derive(Default)]
pub(crate) struct Far {
    seen: Mutex<Vec<http::Request<Bytes>>>,
}

impl Far {
    pub(crate) fn seen(&self) -> Vec<http::Request<Bytes>> {
        self.seen.lock().unwrap().clone()
    }
}

impl Transport for Far {
    fn send(&self, request: http::Request<Bytes>, _: &RequestLimits) -> BoxFuture<'static, Result<Answer, TransportError>> {
        self.seen.lock().unwrap().push(request);
        let body = Full::new(Bytes::from_static(b"{}")).map_err(|never| match never {}).boxed_unsync();
        Box::pin(std::future::ready(Ok(http::Response::new(body))))
    }
}

/// The real network.
pub(crate) fn network() -> Arc<dyn Transport> {
    Arc::new(HttpTransport::new(&NetworkConfig::default()).unwrap())
}

/// Less time than a call has in earnest, so that the tests need less too.
pub(crate) fn brief() -> Limits {
    Limits { cpu: Duration::from_millis(200), ..Limits::default() }
}

/// A runtime. All of the process share compiled code.
pub(crate) fn runtime(transport: Arc<dyn Transport>, limits: Limits) -> Arc<Runtime> {
    static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
    let key = Key::parse("7d".repeat(32).as_bytes()).unwrap();
    let cache = Some(Cache::new(FOLDER.path(), key));
    Runtime::new(RuntimeOptions { cache, transport, limits }).unwrap()
}

/// A component does not load.
pub(crate) async fn unloadable(wasm: Vec<u8>) -> RuntimeError {
    runtime(Arc::new(Far::default()), Limits::default()).load(wasm).await.unwrap_err()
}

/// A source of any component.
pub(crate) async fn source(wasm: Vec<u8>, plan: &Value, allow: &[&str], transport: Arc<dyn Transport>, limits: Limits) -> Source {
    let runtime = runtime(transport, limits);
    let component = Arc::new(Component::new(runtime.load(wasm).await.unwrap()));
    let grant = Grant::new(allow.iter().map(|origin| origin.parse().unwrap()));
    Source::new(runtime, component, plan.to_string().into(), Arc::new(grant))
}

/// The hostile component with a plan that reaches nothing.
pub(crate) async fn hostile(plan: Value) -> Source {
    source(hostile::component().unwrap(), &plan, &[], Arc::new(Far::default()), Limits::default()).await
}

/// The hostile component that makes a request: it declares what it is granted.
pub(crate) async fn reaching(mut plan: Value, allow: &[&str], transport: Arc<dyn Transport>, limits: Limits) -> Source {
    plan["origins"] = json!(allow);
    source(hostile::component().unwrap(), &plan, allow, transport, limits).await
}

/// The hostile component with a plan in its `describe`.
pub(crate) async fn describing(plan: Value) -> Source {
    source(hostile::describing(&plan.to_string()).unwrap(), &json!({}), &[], Arc::new(Far::default()), Limits::default()).await
}

/// The step number 0 of a source.
pub(crate) async fn collect(source: &Source) -> Result<Page, CallError> {
    source.collect(TOKEN, r#"{"step":0}"#, NOW).await
}

/// How the first step of a plan fails.
pub(crate) async fn failed(plan: Value) -> CallError {
    collect(&hostile(plan).await).await.unwrap_err()
}

/// What came of the request of a step that went well.
pub(crate) fn came(page: &Page) -> String {
    let record: Value = serde_json::from_str(&page.events[0].record).unwrap();
    record["came"].as_str().unwrap().to_owned()
}

/// Asserts that a text for an operator is short and shows nothing but itself.
pub(crate) fn is_fit_to_show(text: &str) {
    assert!(text.len() < 2_200, "{} bytes: {}", text.len(), text.chars().take(200).collect::<String>());
    assert!(!text.contains(TOKEN), "{text}");
}
