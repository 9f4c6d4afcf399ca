//! What `README.md` says is there is there.

use activity_policy::{Filter, check_all};

const README: &str = include_str!("../README.md");
const TESTS: &[&str] = &[
    include_str!("defender/form.rs"),
    include_str!("defender/filters.rs"),
    include_str!("templates.rs"),
    include_str!("../src/check/tests.rs"),
    include_str!("../src/compiled/tests.rs"),
    include_str!("../src/counter/tests.rs"),
    include_str!("../src/filter.rs"),
    include_str!("../src/tally/tests.rs"),
    include_str!("../src/text.rs"),
];

#[test]
fn every_row_names_tests_that_exist_or_says_why_not() {
    let (_, table) = README.split_once("| what | page |").unwrap();
    let rows: Vec<&str> = table.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 50);
    for row in rows {
        let last = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let named: Vec<&str> = last.split('`').skip(1).step_by(2).filter(|name| name.contains('_')).collect();
        assert!(!named.is_empty() || last.starts_with("not applicable"), "{row}");
        for name in named {
            assert!(TESTS.iter().any(|file| file.contains(&format!("fn {name}("))), "no test is called {name}");
        }
    }
}

#[test]
fn every_filter_is_listed() {
    for filter in Filter::ALL {
        assert!(README.contains(&format!("`{filter}`")), "{filter}");
    }
}

#[test]
fn the_example_is_a_policy() {
    let (_, example) = README.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let read: toml::Table = toml::from_str(example).unwrap();
    assert_eq!(check_all(&serde_json::to_value(&read["policy"]).unwrap()).unwrap().len(), 1);
}
