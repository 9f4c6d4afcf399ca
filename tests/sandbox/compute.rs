//! Taking the host's processor, stack, memory and tables; falling over.

use miro_source::runtime::{CallError, Limits};
use miro_source_tests::hostile::{attacking, text};
use serde_json::json;

use crate::ground::{Far, brief, collect, describing, hostile, is_fit_to_show, reaching, source, unloadable};

/// How `describe` of a text ends.
async fn described(name: &str) -> CallError {
    let source = source(text(name).unwrap(), &json!({}), &[], std::sync::Arc::new(Far::default()), brief()).await;
    source.describe().await.unwrap_err()
}

#[tokio::test]
async fn i7_an_endless_loop_ends_with_its_processor_time_and_others_run_meanwhile() {
    let source = reaching(json!({"attack": "loop"}), &[], std::sync::Arc::new(Far::default()), brief()).await;
    let mut turns = 0_u32;
    // One thread runs both: a loop that yields to nobody would never let this count.
    let others = async {
        loop {
            tokio::task::yield_now().await;
            turns += 1;
        }
    };
    let ended = tokio::select! { ended = collect(&source) => ended.unwrap_err(), () = others => unreachable!() };
    assert_eq!(ended.to_string(), "the component took too long");
    assert!(turns > 0);
}

#[tokio::test]
async fn i7_an_endless_loop_before_the_first_call_ends_too() {
    assert_eq!(described("start").await.to_string(), "the component took too long");
}

#[tokio::test]
async fn i7_an_endless_loop_after_the_answer_ends_too() {
    assert_eq!(described("late").await.to_string(), "the component took too long");
}

#[tokio::test]
async fn i7_endless_recursion_ends_with_its_stack_and_not_with_the_hosts() {
    let ended = described("recursion").await.to_string();
    assert!(ended.starts_with("the component stopped: wasm trap: call stack exhausted"), "{ended}");
    is_fit_to_show(&ended);
}

#[tokio::test]
async fn i7_a_memory_bomb_ends_at_the_memory_of_a_call() {
    let ended = collect(&hostile(json!({"attack": "memory"})).await).await.unwrap_err();
    assert!(matches!(ended, CallError::OutOfMemory), "{ended:?}");
    assert_eq!(ended.to_string(), "the component needed more memory than it may have");
}

#[tokio::test]
async fn i7_a_table_bomb_ends_at_the_tables_of_a_call() {
    let ended = described("table").await;
    assert!(matches!(ended, CallError::OutOfMemory), "{ended:?}");
}

#[tokio::test]
async fn i7_memory_or_tables_that_are_too_large_from_the_start_are_refused() {
    for name in ["wide", "tables"] {
        let refused = unloadable(text(name).unwrap()).await.to_string();
        assert!(refused.contains("exceeds the limit of"), "{name}: {refused}");
        is_fit_to_show(&refused);
    }
}

#[tokio::test]
async fn i7_memory_that_threads_share_is_refused() {
    let refused = unloadable(text("shared").unwrap()).await.to_string();
    assert!(refused.contains("failed to compile the component") && refused.contains("threads"), "{refused}");
}

#[tokio::test]
async fn i7_a_component_that_is_too_large_is_refused_before_it_is_compiled() {
    let refused = unloadable(vec![0; miro_source::runtime::limits::COMPONENT + 1]).await.to_string();
    assert_eq!(refused, "the component has 67108865 bytes, at most 67108864 are loaded");
}

#[tokio::test]
async fn i7_a_trap_in_describe_is_told_as_such() {
    let ended = describing(json!({"attack": "trap"})).await.describe().await.unwrap_err().to_string();
    assert!(ended.starts_with("the component stopped: wasm trap: wasm `unreachable` instruction executed"), "{ended}");
}

#[tokio::test]
async fn i7_names_that_a_component_gave_its_functions_are_short_and_harmless_in_the_log() {
    let name = format!("\\1b[31m{}", "x".repeat(50_000));
    let fields = format!("(func $attack (@name \"{name}\") (result i32) unreachable)");
    let source = source(attacking(&fields).unwrap(), &json!({}), &[], std::sync::Arc::new(Far::default()), Limits::default()).await;
    let ended = source.describe().await.unwrap_err().to_string();
    assert!(ended.contains("unreachable") && ended.contains("xxx…"), "{ended}");
    assert!(!ended.contains('\u{1b}'), "{ended}");
    assert!(ended.len() < 700, "{} bytes", ended.len());
}

#[tokio::test]
async fn i7_an_answer_outside_of_its_memory_or_that_is_no_text_is_a_trap() {
    for (name, why) in [("outside", "out of bounds"), ("text", "utf-8"), ("nowhere", "beyond end of memory")] {
        let source = source(text(name).unwrap(), &json!({}), &[], std::sync::Arc::new(Far::default()), brief()).await;
        // The last one's attack is on arguments, which `describe` has none of.
        let ended = if name == "nowhere" { source.metering().await.unwrap_err() } else { source.describe().await.unwrap_err() };
        let CallError::Trapped(text) = &ended else { panic!("{name}: {ended:?}") };
        assert!(text.contains(why), "{name}: {text}");
        is_fit_to_show(text);
    }
}
