//! What a component does wrong costs that call only, and has a name.

use std::time::Duration;

use super::*;
use crate::model::Instant;

async fn described(body: &str, more: &str, limits: Limits) -> CallError {
    let runtime = runtime(None, far(200, ""), limits);
    let source = source(&runtime, component(body, more), "{}", &[]).await;
    source.describe().await.unwrap_err()
}

#[tokio::test]
async fn i7_an_endless_loop_ends_with_its_cpu_budget_and_lets_others_run() {
    let limits = Limits { cpu: Duration::from_millis(100), ..Limits::default() };
    let runtime = runtime(None, far(200, ""), limits);
    let source = source(&runtime, component("(loop $again (br $again)) unreachable", ""), "{}", &[]).await;
    let mut turns = 0_u32;
    // One thread runs both: without yielding, this would never count.
    let others = async {
        loop {
            tokio::task::yield_now().await;
            turns += 1;
        }
    };
    let ended = tokio::select! { ended = source.describe() => ended, () = others => unreachable!() };
    assert!(matches!(ended, Err(CallError::TimedOut)), "{ended:?}");
    assert!(turns > 0);
}

#[tokio::test]
async fn i7_a_memory_bomb_is_told_as_such() {
    // Grows until refused, then falls over as an allocator does.
    let bomb = "(loop $again (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable";
    let ended = described(bomb, "", Limits::default()).await;
    assert!(matches!(ended, CallError::OutOfMemory), "{ended:?}");
}

#[tokio::test]
async fn i7_one_string_named_a_million_times_is_too_much_output() {
    // normalize answers a list of 65,536 results, each an error that names the same 64 KiB: 4 GiB for the host.
    let limits = Limits::default();
    let runtime = runtime(None, far(200, ""), limits);
    let body = "
        (memory.grow (i32.const 900)) drop
        (i32.store (i32.const 0) (i32.const 131072))
        (i32.store (i32.const 4) (i32.const 65536))
        (local.set $p (i32.const 131072))
        (loop $next
            (i32.store8 (local.get $p) (i32.const 1))
            (i32.store offset=4 (local.get $p) (i32.const 0))
            (i32.store offset=8 (local.get $p) (i32.const 65536))
            (local.set $p (i32.add (local.get $p) (i32.const 12)))
            (br_if $next (i32.lt_u (local.get $p) (i32.const 917504))))
        i32.const 0";
    let source = source(&runtime, component(body, ""), "{}", &[]).await;
    let ended = source.ocsf(vec![]).await.unwrap_err();
    assert!(matches!(ended, CallError::OutputTooLarge), "{ended:?}");
}

#[tokio::test]
async fn a_trap_is_told_with_its_reason() {
    let ended = described("unreachable", "", Limits::default()).await;
    let CallError::Trapped(why) = ended else { panic!("{ended:?}") };
    assert!(why.contains("unreachable"), "{why}");
}

#[tokio::test]
async fn i4_a_refresh_that_trapped_before_anything_left_is_unsent() {
    // origins() answers an empty list: result ok at 0, list at 4 and 8.
    let body = "(i32.store (i32.const 0) (i32.const 0)) i32.const 0";
    let runtime = runtime(None, far(200, ""), Limits::default());
    let source = source(&runtime, component(body, ""), "{}", &[]).await;
    let credentials = audit_pipeline::types::Credentials { access_token: "a".into(), refresh_token: None, expires_at: None };
    // The same zeroes read as credentials: an empty token, which cannot be kept.
    let ended = source.refresh(&[], &credentials, Instant(1)).await;
    assert!(matches!(ended, Err(RefreshError::Broken(CallError::Broken(_)))), "{ended:?}");
    let trapping = self::source(&runtime, component("unreachable", ""), "{}", &[]).await;
    let ended = trapping.refresh(&[], &credentials, Instant(1)).await;
    assert!(matches!(ended, Err(RefreshError::BrokenUnsent(CallError::Trapped(_)))), "{ended:?}");
}

#[tokio::test]
async fn i5_a_component_that_imports_more_is_refused_by_name() {
    let core = wat::parse_str(
        "(module (import \"wasi:random/random@0.2.12\" \"get-random-u64\" (func (result i64)))
            (memory (export \"memory\") 1)
            (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) unreachable))",
    );
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit/deps/random.wit");
    resolve.push_path(wit).unwrap();
    let package = resolve.push_str("greedy.wit", "package greedy:greedy; world greedy { import wasi:random/random@0.2.12; }").unwrap();
    let world = resolve.select_world(&[package], Some("greedy")).unwrap();
    let mut core = core.unwrap();
    wit_component::embed_component_metadata(&mut core, &resolve, world, StringEncoding::UTF8, false).unwrap();
    let wasm = ComponentEncoder::default().validate(true).module(&core).unwrap().encode().unwrap();
    let refused = runtime(None, far(200, ""), Limits::default()).load(wasm).await.unwrap_err();
    let RuntimeError::Import { import, .. } = &refused else { panic!("{refused}") };
    assert_eq!(import, "wasi:random/random@0.2.12");
    assert!(refused.to_string().contains("wasi:http/outgoing-handler"), "{refused}");
}

#[tokio::test]
async fn what_is_no_component_says_so() {
    let runtime = runtime(None, far(200, ""), Limits::default());
    for wasm in [b"".as_slice(), b"(component)", b"\0asm\x01\0\0\0", b"\0asm\x0d\0\x01\0garbage"] {
        let refused = runtime.load(wasm.to_vec()).await.unwrap_err();
        assert!(matches!(refused, RuntimeError::Compile(_)), "{refused}");
    }
}
