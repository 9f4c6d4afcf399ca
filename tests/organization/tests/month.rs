//! A month of an organization leads to the same findings wherever a page ends. Nothing but profiles as bytes goes from one page to the
//! next, so this is what a restart after any page leaves too.

#[path = "../benches/accuracy/replay.rs"]
#[expect(dead_code, reason = "the benchmark's other half")]
mod replay;

use organization::{Organization, Settings};

#[test]
fn a_month_leads_to_the_same_findings_in_pages_of_1_7_100_and_5000() {
    let organization = Organization::draw(41, &Settings { users: 300, days: 30, attacks_per_kind: 2, ..Settings::default() });
    let whole = replay::findings("{}", &organization, 5000);
    let policies: std::collections::BTreeSet<_> = whole.iter().map(|finding| finding.policy.as_str()).collect();
    assert!(whole.len() > 60 && policies.len() > 8, "{} findings of {policies:?}", whole.len());
    for page in [1, 7, 100] {
        assert_eq!(replay::findings("{}", &organization, page), whole, "in pages of {page}");
    }
}
