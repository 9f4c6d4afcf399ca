//! Whatever Miro answers, in whatever order: a page that keeps the contract or a failure without a secret, the same every
//! time, and never a loop.

use std::collections::BTreeSet;

use guest_miro::{
    component::{self, Answer},
    http::{Body, Request},
    source::{Next, Page, Span},
    types::Failure,
};

use crate::{NOW, answers::Conversation, contract::keeps_contract, secret::keeps_secrets};

const TOKEN: &str = "eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_T0k3n-4-aud1t-l0gs";
/// The answers are given in turn, again and again; after so many calls something would have come twice.
const CALLS: usize = 120;

/// The first word says from where: `live`, `probe` (in the middle of a search), `young` (a first reading), `fixed`.
pub fn page(input: &[u8]) {
    let said = Conversation::read(input);
    let (config, mut checkpoint) = opening(said.word);
    let mut through = 0;
    // Each place in the round of answers with the checkpoint it met, since the last call that failed or caught up.
    let mut been = BTreeSet::new();
    for (call, (place, answer)) in said.answers.iter().enumerate().cycle().take(CALLS).enumerate() {
        assert!(been.insert((place, checkpoint.clone())), "the same checkpoint met the same answer twice: an endless loop at {checkpoint}");
        let came = collect(config, &checkpoint, answer);
        let round_is_over = call >= said.answers.len();
        assert!(round_is_over || came == collect(config, &checkpoint, answer), "the same call gave something else: {came:?}");
        match came {
            Ok(page) => {
                keeps_contract(config, &page);
                assert!(page.through >= through, "read through {through}, and later only through {}", page.through);
                through = page.through;
                checkpoint = page.checkpoint;
                match page.next {
                    Next::CaughtUp | Next::Finished if round_is_over => return,
                    Next::CaughtUp => been.clear(),
                    Next::Finished => return rests(config, &checkpoint),
                    Next::AtOnce => {}
                    Next::After(wait) => assert!(wait <= 3_600_000, "a wait of {wait} ms"),
                }
            }
            Err(failure) => {
                keeps_secrets(&failure, &[TOKEN], body(answer));
                assert!(!matches!(failure, Failure::Throttled(Some(wait)) if wait > 3_600_000), "{failure:?}");
                if round_is_over {
                    return;
                }
                been.clear();
            }
        }
    }
}

fn collect(config: &str, checkpoint: &str, answer: &Answer) -> Result<Page, Failure> {
    component::collect(config, TOKEN, checkpoint, NOW, |request: Request, cap| {
        let sendable = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        assert!(sendable(&request.url) && !request.url.contains('#'), "{}", request.url);
        match answer {
            Ok(response) if body(answer).len() as u64 > cap => Ok(guest_miro::http::Response { body: Body::TooLarge, ..response.clone() }),
            answer => answer.clone(),
        }
    })
}

/// A complete span stays complete and asks for nothing.
fn rests(config: &str, checkpoint: &str) {
    let again = component::collect(config, TOKEN, checkpoint, NOW, |request, _| unreachable!("a complete span asked for {request:?}"));
    assert!(again.is_ok_and(|page| page.next == Next::Finished && page.events.is_empty() && page.checkpoint == checkpoint));
}

fn body(answer: &Answer) -> &[u8] {
    match answer {
        Ok(response) => match &response.body {
            Body::Whole(body) => body,
            Body::TooLarge => &[],
        },
        Err(_) => &[],
    }
}

/// A configuration and where it stands.
fn opening(word: &str) -> (&'static str, String) {
    const SMALL: &str = r#"{"page_limit": 4, "window": "1h", "since": "3h", "revisit": ["10m", "1h"], "body_cap": "64KiB", "history_share": 0.9, "traits": {"board_opened": ["read", "mine"]}}"#;
    let begin = |config: &str, span| component::begin(config, span, NOW).unwrap_or_default();
    match word {
        "live" => ("{}", include_str!("../../../guest/miro/fixtures/checkpoint-v1-live.json").to_owned()),
        "probe" => ("{}", include_str!("../../../guest/miro/fixtures/checkpoint-v1-probe.json").to_owned()),
        "young" => (SMALL, begin(SMALL, Span::Live(NOW))),
        _ => (SMALL, begin(SMALL, Span::Fixed((NOW - 7_200_000, NOW)))),
    }
}
