//! Groups and departures: what they become, whose they are, and what is wrong with them.

use super::{super::*, files, read, said};

fn source(name: &str) -> String {
    format!("[[source]]\nname = \"{name}\"\nallow = [\"https://api.miro.com\"]\n")
}

#[test]
fn groups_and_departures_are_about_the_sources_they_name_and_in_a_customers_file_about_its_own() {
    let main = format!(
        "include = [\"customers/*.toml\"]\n{}\
         [[group]]\nname = \"Admins\"\nmembers = [\"Ann@Acme.Example\", \"3458764\"]\nsources = [\"acme\", \"beta\"]\n\
         [[departures]]\nfile = \"left.csv\"\nsources = [\"acme\"]\n",
        source("acme")
    );
    let beta = format!("{}[[group]]\nname = \"Staff\"\nfile = \"staff.txt\"\n[[departures]]\nfile = \"left.csv\"\n", source("beta"));
    let folder = files(&[
        ("m.toml", &main),
        ("left.csv", ""),
        ("customers/beta.toml", &beta),
        ("customers/staff.txt", ""),
        ("customers/left.csv", ""),
    ]);
    let config = load(&folder.path().join("m.toml")).unwrap();
    assert_eq!(config.warnings, Vec::<String>::new());
    insta::assert_snapshot!(said(folder.path(), format!("{:#?}", config.enrich.standing)));
    assert_eq!(config.enrich.feeds(), ["group Staff (beta)", "departures left.csv (acme)", "departures left.csv (beta)"]);
}

#[test]
fn what_is_wrong_with_groups_and_departures_is_said_with_its_line() {
    let text = "{source}\n\
        [[group]]\nmembers = []\n\
        [[group]]\nname = \"Admins\"\nmembers = [\"ann@acme.example\", \"Ann Smith\", 7]\n\
        [[group]]\nname = \"Both\"\nmembers = [\"ann@acme.example\"]\nfile = \"both.txt\"\n\
        [[group]]\nname = \"Staff\"\nfile = \"no-such.txt\"\n\
        [[group]]\nname = \"Nobody\"\nmember = [\"ann@acme.example\"]\n\
        [[departures]]\nsources = []\n\
        [departures-of]\n";
    let folder = files(&[("c.toml", text)]);
    insta::assert_snapshot!(said(folder.path(), load(&folder.path().join("c.toml")).unwrap_err()));
}

#[test]
fn two_groups_of_one_source_have_names_of_their_own_and_of_two_sources_need_not() {
    let group =
        |name: &str, sources: &str| format!("[[group]]\nname = \"{name}\"\nmembers = [\"ann@acme.example\"]\nsources = [{sources}]\n");
    let both = format!("{}{}", source("acme"), source("beta"));
    assert!(read(&format!("{both}{}{}", group("Admins", "\"acme\""), group("Admins", "\"beta\""))).is_ok());
    let twice = read(&format!("{both}{}{}", group("Admins", "\"acme\", \"beta\""), group("Admins", "\"beta\""))).unwrap_err().to_string();
    assert!(twice.contains("two groups of source \"beta\" are called \"Admins\"; the other stands at"), "{twice}");
    let whose = read(&format!("{both}[[group]]\nname = \"Admins\"\nmembers = [\"ann@acme.example\"]\n")).unwrap_err().to_string();
    assert!(whose.contains("`sources` is missing in [[group]] \"Admins\""), "{whose}");
}

#[test]
fn two_built_in_detectors_that_judge_the_policies_of_one_source_are_warned_of() {
    let detector = |name: &str| format!("[[detector]]\nname = \"{name}\"\n");
    let policy = "[[policy]]\nname = \"a\"\nseverity = \"low\"\ncategory = \"dlp\"\nmatch = [{ filter = \"activity.type\", equals = \"exported\" }]\n";
    let both = format!("{}{}{}", source("acme"), detector("one"), detector("two"));
    assert_eq!(read(&both).unwrap().warnings, Vec::<String>::new());
    let warnings = read(&format!("{both}{policy}")).unwrap().warnings;
    assert!(matches!(warnings.as_slice(), [one] if one.starts_with("detectors \"one\" and \"two\" are both built in")), "{warnings:?}");
}
