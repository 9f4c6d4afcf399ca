use super::*;

#[test]
fn i5_a_browser_is_sent_to_pages_and_to_nothing_else() {
    for good in ["https://miro.com/oauth/authorize?client_id=1", "http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:1/"] {
        assert_eq!(address(good), Ok(()), "{good}");
    }
    for bad in ["http://miro.com/", "file:///etc/passwd", "javascript:alert(1)", "--help", "", "smb://127.0.0.1/x", "https://"] {
        assert!(address(bad).is_err(), "{bad}");
    }
}

#[test]
fn i7_json_is_no_deeper_than_it_can_be_read() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for (depth, fits) in [(127, true), (128, false), (100_000, false)] {
        assert_eq!(json("it", &nested(depth), 1 << 20).is_ok(), fits, "{depth}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&nested(depth)).is_ok(), fits, "{depth}");
    }
    let flat = format!("[{}]", vec!["{\"[[\\\"[\":[]}"; 1000].join(","));
    assert_eq!(json("it", &flat, 1 << 20), Ok(()));
}

#[test]
fn a_wait_ends() {
    assert_eq!(wait(60_000), 60_000);
    assert_eq!(wait(u64::MAX), WAIT);
    let Failure::Throttled(Some(for_so_long)) = failure(Failure::Throttled(Some(u64::MAX))) else { panic!() };
    assert_eq!(for_so_long, WAIT);
}

#[test]
fn i7_a_text_for_people_is_cut_between_characters() {
    let mut text = "ä".repeat(5000);
    shorten(&mut text);
    assert_eq!(text.chars().count(), 1001);
}
