//! Asking for more than is offered. Each is refused when it is loaded, by name.

use miro_source::runtime::RuntimeError;
use miro_source_tests::hostile::text;

use crate::ground::{is_fit_to_show, unloadable};

async fn refused(name: &str, import: &str) {
    let refused = unloadable(text(name).unwrap()).await;
    let RuntimeError::Import { import: named, .. } = &refused else { panic!("{name}: {refused}") };
    assert_eq!(named, import, "{name}");
    let told = refused.to_string();
    assert!(told.starts_with(&format!("the component imports `{import}`, which no component gets")), "{told}");
    is_fit_to_show(&told);
}

#[tokio::test]
async fn i5_files_are_refused_by_name() {
    refused("files", "wasi:filesystem/preopens@0.2.12").await;
}

#[tokio::test]
async fn i5_sockets_are_refused_by_name() {
    refused("sockets", "wasi:sockets/instance-network@0.2.12").await;
    refused("names", "wasi:sockets/ip-name-lookup@0.2.12").await;
}

#[tokio::test]
async fn i5_the_environment_is_refused_by_name() {
    refused("environment", "wasi:cli/environment@0.2.12").await;
}

#[tokio::test]
async fn i5_standard_output_the_time_of_day_and_randomness_are_refused_by_name() {
    refused("output", "wasi:cli/stdout@0.2.12").await;
    refused("clock", "wasi:clocks/wall-clock@0.2.12").await;
    refused("random", "wasi:random/random@0.2.12").await;
}

#[tokio::test]
async fn i5_what_only_looks_like_an_offered_interface_is_refused_by_name() {
    refused("alike", "wasi:http/types-and-more@0.2.12").await;
    refused("beside", "exec").await;
    refused("code", "plugin").await;
}

#[tokio::test]
async fn i5_a_function_that_an_offered_interface_does_not_have_is_refused() {
    let refused = unloadable(text("inside").unwrap()).await;
    assert!(matches!(refused, RuntimeError::World { .. }), "{refused:?}");
    assert!(refused.to_string().contains("leak"), "{refused}");
}
