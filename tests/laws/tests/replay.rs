//! Every law over the corpora that fuzzing left: what once was a finding stays mended, without a fuzzer.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

fn replay(law: fn(&[u8]), corpus: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(corpus);
    let mut inputs: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    inputs.sort();
    assert!(inputs.len() > 10, "{} holds {} inputs", folder.display(), inputs.len());
    for input in inputs {
        // A law that is broken says what it met; this says by which input.
        println!("{}", input.display());
        law(&std::fs::read(input).unwrap());
    }
}

#[test]
fn whatever_miro_answers_a_page_keeps_the_contract_and_never_loops() {
    replay(laws::page, "page");
}

#[test]
fn whatever_miro_answers_about_tokens_the_host_learns_what_is_known_and_no_secret() {
    replay(laws::token, "token");
}

#[test]
fn whatever_a_checkpoint_holds_it_is_refused_or_read() {
    replay(laws::checkpoint, "checkpoint");
}

#[cfg(feature = "host")]
#[test]
fn i2_whatever_a_component_returns_is_refused_or_stored_as_it_came_and_once() {
    replay(laws::returned, "returned");
}
