//! How long what is of a source is kept, and what is held.

use std::time::Duration;

use super::{super::*, *};
use crate::privacy::Hold;

const DAY: Duration = Duration::from_secs(86_400);

fn kept(keys: &str) -> KeepingConfig {
    read(&SOURCE.replace("allow", &format!("{keys}\nallow"))).unwrap().sources[0].keeping.clone()
}

#[test]
fn a_source_is_kept_as_the_store_says_unless_it_says_so_itself() {
    assert!(kept("").is_usual());
    let keeping = kept("retention = \"90d\"\nalerts_retention = \"10d\"\nbehaviours_retention = \"5d\"");
    let expected = [keeping.retention, keeping.alerts_retention, keeping.behaviours_retention];
    assert_eq!(expected, [Some(90 * DAY), Some(10 * DAY), Some(5 * DAY)]);
}

#[test]
fn a_hold_is_on_all_of_a_source_or_on_people() {
    assert_eq!(kept("legal_hold = true").hold, Hold::All);
    assert_eq!(kept("legal_hold = false").hold, Hold::Nothing);
    assert_eq!(kept("legal_hold = [\"ann@example.com\"]").hold, Hold::Of(vec!["ann@example.com".to_owned()]));
}

#[test]
fn what_is_no_hold_is_said() {
    for (keys, said) in [
        ("legal_hold = \"ann@example.com\"", "true, false, or a list of people"),
        ("legal_hold = [\"…\"]", "the e-mail address or the identifier of a person"),
        ("legal_hold = [1]", "legal_hold = true for all of the source"),
        ("retention = \"1h\"", "a duration of at least a day"),
    ] {
        let text = read(&SOURCE.replace("allow", &format!("{keys}\nallow"))).unwrap_err().to_string();
        assert!(text.contains(said), "{keys}: {text}");
    }
}
