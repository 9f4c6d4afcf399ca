//! Whatever stands in a stored checkpoint or a configuration: refused in words, or read, and then as good as any other.

use guest_miro::{
    collect::Checkpoint,
    component::{self, Answer},
    http::{Body, Response, TransportError},
    source::Span,
};

use crate::{NOW, contract::keeps_contract, secret::text};

/// What any checkpoint may meet.
const BODIES: [(u16, &str); 6] = [
    (200, r#"{"data": []}"#),
    (
        200,
        r#"{"data": [{"id": "2026-01-01T00:01:00.000000Z#1-DDB", "createdAt": "2026-01-01T00:01:00Z", "event": "board_opened"}], "cursor": "next#1"}"#,
    ),
    (200, r#"{"data": [null, {"createdAt": 0}], "cursor": "2026-01-01T00:01:00.000000Z#1234567890123456789-DDB"}"#),
    (400, r#"{"code": "invalidParameters", "message": "createdAfter"}"#),
    (401, "{}"),
    (503, "<html>"),
];

/// On the first line a checkpoint; on the second, where there is one, a configuration; on the third a span.
pub fn checkpoint(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut lines = text.splitn(3, '\n');
    let (checkpoint, config, span) = (lines.next().unwrap_or_default(), lines.next().unwrap_or("{}"), lines.next().unwrap_or_default());
    if let Ok(read) = Checkpoint::parse(checkpoint) {
        let written = read.text().unwrap_or_default();
        assert_eq!(Checkpoint::parse(&written), Ok(read), "a checkpoint is not what was written");
    }
    begins(config, span);
    let large = Ok(Response { status: 200, headers: Vec::new(), body: Body::TooLarge });
    let lost = Err(TransportError::Unknown("the connection ended early".to_owned()));
    let date = ("date".to_owned(), "Thu, 01 Jan 2026 00:09:59 GMT".to_owned());
    let whole =
        |(status, body): (u16, &str)| Ok(Response { status, headers: vec![date.clone()], body: Body::Whole(body.as_bytes().to_vec()) });
    for answer in BODIES.into_iter().map(whole).chain([large, lost]) {
        step(config, checkpoint, &answer);
    }
}

/// One call, and one with what came of it.
fn step(config: &str, checkpoint: &str, answer: &Answer) {
    let mut checkpoint = checkpoint.to_owned();
    for _ in 0..2 {
        match component::collect(config, "token", &checkpoint, NOW, |_, _| answer.clone()) {
            Ok(page) => {
                keeps_contract(config, &page);
                assert!(Checkpoint::parse(&page.checkpoint).is_ok(), "wrote a checkpoint that it does not read: {}", page.checkpoint);
                checkpoint = page.checkpoint;
            }
            Err(failure) => assert!(text(&failure).is_none_or(|text| !text.is_empty())),
        }
    }
}

/// A configuration is right for all calls or for none, and what begins can be read.
fn begins(config: &str, span: &str) {
    let mut numbers = span.split_whitespace().map_while(|word| word.parse().ok());
    let span = match (numbers.next(), numbers.next()) {
        (Some(from), Some(to)) => Span::Fixed((from, to)),
        (Some(from), None) => Span::Live(from),
        _ => Span::Live(NOW),
    };
    let origins = component::origins(config);
    assert_eq!(origins.is_ok(), component::metering(config).is_ok());
    let Ok(begun) = component::begin(config, span, NOW) else { return };
    assert!(origins.is_ok_and(|origins| origins.iter().all(|origin| origin.starts_with("https://") || origin.starts_with("http://"))));
    assert!(Checkpoint::parse(&begun).is_ok(), "{begun}");
    step(config, &begun, &Ok(Response { status: 200, headers: Vec::new(), body: Body::Whole(br#"{"data": []}"#.to_vec()) }));
}
