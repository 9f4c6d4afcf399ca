use std::path::Path;

use activity_policy::{TEMPLATES, Template};

use super::{add::add, check::meanings, list::table, templates};
use crate::config::{BUILT_IN, check_policies, load};

const SOURCE: &str = "[[source]]\nname = \"acme\"\nallow = [\"https://api.miro.com\"]\n";

fn folder(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("miro-source.toml");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn said(folder: &Path, lines: &[String]) -> String {
    lines.join("\n").replace(&format!("{}/", folder.display()), "")
}

#[test]
fn every_template_can_be_added_and_says_what_it_means() {
    let (folder, path) = folder(&format!("policies = [\"policies/*.toml\"]\n{SOURCE}"));
    for template in TEMPLATES {
        assert!(!BUILT_IN.contains(&template.name), "{}", template.name);
        let told = add(template, &[], &path).unwrap();
        assert!(!said(folder.path(), &told).contains("does not read it yet"), "{told:?}");
    }
    let config = load(&path).unwrap();
    assert_eq!((config.policies.len(), config.broken.len()), (TEMPLATES.len(), 0));
    assert_eq!(config.warnings, Vec::<String>::new());
    let policies: Vec<_> = config.policies.iter().map(|each| each.policy.clone()).collect();
    insta::assert_snapshot!(format!("{}\n---\n{}", table(&config.policies).join("\n"), meanings(&policies).join("\n")));
}

#[test]
fn a_template_that_the_configuration_does_not_read_is_written_with_what_to_do() {
    let (folder, path) = folder(SOURCE);
    let told = add(Template::of("unfamiliar-locations").unwrap(), &["acme".parse().unwrap()], &path).unwrap();
    let file = folder.path().join("policies/unfamiliar-locations.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    insta::assert_snapshot!(format!("{text}---\n{}", said(folder.path(), &told)));
    assert_eq!(check_policies(&file).unwrap().len(), 1);
}

#[test]
fn nothing_that_is_there_is_overwritten() {
    let (folder, path) = folder(SOURCE);
    let template = Template::of("data-exfiltration").unwrap();
    add(template, &[], &path).unwrap();
    let file = folder.path().join("policies/data-exfiltration.toml");
    std::fs::write(&file, "# mine\n").unwrap();
    let again = add(template, &[], &path).unwrap_err().to_string();
    assert!(again.ends_with("data-exfiltration.toml is there already; nothing was written"), "{again}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "# mine\n");
}

#[test]
fn with_several_sources_it_is_said_whose_events_it_is_about() {
    let (folder, path) = folder(&format!("policies = [\"policies/*.toml\"]\n{SOURCE}{}", SOURCE.replace("acme", "beta")));
    let template = Template::of("rogue-administrator").unwrap();
    let several = add(template, &[], &path).unwrap_err().to_string();
    assert_eq!(several, "there are 2 sources (acme, beta): say whose events it is about with --source NAME");
    let unknown = add(template, &["gamma".parse().unwrap()], &path).unwrap_err().to_string();
    assert_eq!(unknown, "there is no source \"gamma\"; there is acme, beta");
    add(template, &["beta".parse().unwrap()], &path).unwrap();
    assert_eq!(load(&path).unwrap().policies[0].sources[0].as_str(), "beta");
    // By another file, it has that policy already.
    std::fs::rename(folder.path().join("policies/rogue-administrator.toml"), folder.path().join("policies/own.toml")).unwrap();
    let taken = add(template, &["beta".parse().unwrap()], &path).unwrap_err().to_string();
    assert_eq!(taken, "source \"beta\" has a policy \"rogue-administrator\" already; nothing was written");
}

#[test]
fn a_template_that_is_not_there_is_said_with_the_nearest() {
    assert_eq!(
        templates::of("rogue-admin").unwrap_err().to_string(),
        "there is no template rogue-admin; did you mean `rogue-administrator`?"
    );
    assert!(templates::of("zzz").unwrap_err().to_string().ends_with("`miro-source policies templates` lists them"));
    assert_eq!(templates::all().len(), TEMPLATES.len());
}
