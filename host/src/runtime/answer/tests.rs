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
