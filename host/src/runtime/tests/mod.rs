//! Components that misbehave, and the real one.
mod cache;
mod detector;
mod hostile;
mod real;

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full};
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

use super::*;
use crate::egress::{Answer, Grant, RequestLimits, TransportError};

/// Answers every request alike, and remembers them.
pub(super) struct Far {
    status: u16,
    body: &'static str,
    pub(super) seen: Mutex<Vec<http::Request<Bytes>>>,
}

impl Transport for Far {
    fn send(&self, request: http::Request<Bytes>, _: &RequestLimits) -> BoxFuture<'static, Result<Answer, TransportError>> {
        self.seen.lock().unwrap().push(request);
        let body = Full::new(Bytes::from_static(self.body.as_bytes())).map_err(|never| match never {}).boxed_unsync();
        Box::pin(std::future::ready(http::Response::builder().status(self.status).body(body).map_err(|_| TransportError::TimedOut)))
    }
}

pub(super) fn far(status: u16, body: &'static str) -> Arc<Far> {
    Arc::new(Far { status, body, seen: Mutex::default() })
}

pub(super) fn runtime(cache: Option<Cache>, transport: Arc<dyn Transport>, limits: Limits) -> Arc<Runtime> {
    Runtime::new(RuntimeOptions { cache, transport, limits }).unwrap()
}

pub(super) async fn source(runtime: &Arc<Runtime>, wasm: Vec<u8>, config: &str, allow: &[&str]) -> Source {
    let component = Arc::new(Component::new(runtime.load(wasm).await.unwrap()));
    let grant = Grant::new(allow.iter().map(|origin| origin.parse().unwrap()));
    Source::new(Arc::clone(runtime), component, config.into(), Arc::new(grant))
}

/// A component of the world whose every function does `body`, and `more` beside them.
///
/// `body` has the local `$p`, and must leave an i32 on the stack: where the result lies in memory.
pub(super) fn component(body: &str, more: &str) -> Vec<u8> {
    let functions = [
        ("describe", ""),
        ("metering", "i32 i32"),
        ("origins", "i32 i32"),
        ("check", "i32 i32 i32 i32"),
        ("authorize-url", "i32 i32 i32 i32 i32 i32"),
        ("exchange", "i32 i32 i32 i32 i32 i32 i32 i32 i64"),
        ("refresh", "i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64 i64"),
        ("revoke", "i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64"),
        ("begin", "i32 i32 i32 i64 i64 i64"),
        ("collect", "i32 i32 i32 i32 i32 i32 i64"),
        ("normalize", "i32 i32 i32 i32"),
        ("ocsf", "i32 i32 i32 i32"),
    ];
    let mut text = String::from("(module ");
    for (name, parameters) in functions {
        let parameters = if parameters.is_empty() { String::new() } else { format!("(param {parameters})") };
        text += &format!("(func (export \"audit:pipeline/source@0.1.0#{name}\") {parameters} (result i32) (local $p i32) {body})\n");
    }
    text += "(memory (export \"memory\") 1)
        (global $free (mut i32) (i32.const 4096))
        (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32)
            global.get $free
            (global.set $free (i32.add (global.get $free) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8)))))";
    text += more;
    text += ")";
    encode(wat::parse_str(text).unwrap(), "http-source")
}

pub(super) fn encode(mut core: Vec<u8>, world: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit")).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    wit_component::embed_component_metadata(&mut core, &resolve, world, StringEncoding::UTF8, false).unwrap();
    ComponentEncoder::default().validate(true).module(&core).unwrap().encode().unwrap()
}
