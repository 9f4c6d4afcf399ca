//! Whole runs with answers instead of a person, in a folder of their own.

use std::{collections::VecDeque, io, path::Path};

use secrecy::SecretString;

use super::{Args, ask::Prompt, import, init};
use crate::config::{self, SecretRef, SinkKind};

/// Answers in order, and everything that was shown.
struct Answers {
    answers: VecDeque<&'static str>,
    shown: String,
}

impl Answers {
    fn new(answers: &[&'static str]) -> Self {
        Self { answers: answers.iter().copied().collect(), shown: String::new() }
    }

    fn next(&mut self, line: String) -> io::Result<String> {
        self.say(&line)?;
        self.answers.pop_front().map(str::to_owned).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

impl Prompt for Answers {
    fn say(&mut self, line: &str) -> io::Result<()> {
        self.shown += line;
        self.shown.push('\n');
        Ok(())
    }

    fn text(&mut self, question: &str, default: Option<&str>) -> io::Result<String> {
        let answer = self.next(format!("{question} [{}]", default.unwrap_or_default()))?;
        Ok(if answer.is_empty() { default.unwrap_or_default().to_owned() } else { answer })
    }

    fn secret(&mut self, question: &str) -> io::Result<SecretString> {
        self.next(format!("{question} (not shown)")).map(SecretString::from)
    }
}

fn said(folder: &Path, text: &str) -> String {
    text.replace(&folder.display().to_string(), "…")
}

fn at(folder: &Path) -> Args {
    Args { output: Some(folder.join("work/miro-source.toml")), ..Args::default() }
}

fn run(args: &Args, folder: &Path, prompt: Option<&mut dyn Prompt>) -> anyhow::Result<Vec<String>> {
    init(args, None, &folder.join("home"), prompt)
}

#[test]
fn without_questions_the_file_loads_unchanged_and_names_its_variables() {
    let folder = tempfile::tempdir().unwrap();
    let told = run(&at(folder.path()), folder.path(), None).unwrap();
    let path = folder.path().join("work/miro-source.toml");
    let config = config::load(&path).unwrap();
    assert_eq!(config.warnings, Vec::<String>::new());
    assert_eq!(config.sources[0].secrets["access_token"], SecretRef::Env("MIRO_ACCESS_TOKEN".to_owned()));
    assert_eq!(config::secret::store_key(&config.store.key).unwrap().len(), 65, "64 hex digits and a line break");
    let text = std::fs::read_to_string(path).unwrap();
    insta::assert_snapshot!(said(folder.path(), &format!("{text}---\n{}", told.join("\n"))));
}

#[test]
fn every_commented_key_is_a_key() {
    let folder = tempfile::tempdir().unwrap();
    run(&at(folder.path()), folder.path(), None).unwrap();
    let path = folder.path().join("work/miro-source.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let is_key = |line: &str| {
        let key = line.split(" = ").next().unwrap_or_default();
        line.contains(" = ") && key.chars().all(|c| c.is_ascii_lowercase() || c == '_') || line.starts_with('[')
    };
    let on: Vec<&str> = text.lines().map(|line| line.strip_prefix("# ").filter(|rest| is_key(rest)).unwrap_or(line)).collect();
    std::fs::write(&path, on.join("\n")).unwrap();
    for name in ["customers", "policies"] {
        std::fs::create_dir(folder.path().join("work").join(name)).unwrap();
    }
    for file in ["corp.pem", "GeoLite2-City.mmdb", "GeoLite2-Country.mmdb", "GeoLite2-ASN.mmdb", "tor.txt", "departures.csv"] {
        std::fs::write(folder.path().join("work").join(file), "").unwrap();
    }
    let config = config::load(&path).map_err(|why| why.to_string().replace("  help", "help"));
    // The password of the proxy has no user in the example, which is the one thing to mend.
    let errors = config.map(|_| ()).unwrap_err();
    assert_eq!(errors.lines().filter(|line| !line.starts_with("help")).count(), 1, "{errors}");
    assert!(errors.contains("`proxy_password` in [network] has no user"), "{errors}");
}

#[test]
fn an_app_takes_the_eight_steps_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let answers = [
        "app",
        "yes",
        "3074457",
        "S3CRET-client",
        "S3CRET-access",
        "S3CRET-refresh",
        "https://S3CRET/receiver/v1/http/x",
        "saas/miro",
        "acme",
    ];
    let mut answers = Answers::new(&answers);
    let told = run(&at(folder.path()), folder.path(), Some(&mut answers)).unwrap();
    let path = folder.path().join("work/miro-source.toml");
    let config = config::load(&path).unwrap();
    assert_eq!(config.warnings, Vec::<String>::new());
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!format!("{text}{told:?}{}", answers.shown).contains("S3CRET"));
    let source = &config.sources[0];
    assert_eq!((source.name.as_str(), source.config["client_id"].as_str()), ("acme", Some("3074457")));
    for (name, expected) in [("client_secret", "S3CRET-client"), ("access_token", "S3CRET-access"), ("refresh_token", "S3CRET-refresh")] {
        use secrecy::ExposeSecret;
        assert_eq!(config::secret::resolve(&source.secrets[name]).unwrap().expose_secret(), expected);
    }
    insta::assert_snapshot!(said(folder.path(), &format!("{}---\n{}", answers.shown, told.join("\n"))));
}

#[test]
fn an_app_whose_tokens_do_not_expire_is_not_asked_for_a_refresh_token() {
    let folder = tempfile::tempdir().unwrap();
    let mut answers = Answers::new(&["app", "no", "1", "a", "b", "", "", ""]);
    run(&at(folder.path()), folder.path(), Some(&mut answers)).unwrap();
    assert!(!answers.shown.contains("Refresh Token"), "{}", answers.shown);
    let config = config::load(&folder.path().join("work/miro-source.toml")).unwrap();
    assert!(!config.sources[0].secrets.contains_key("refresh_token"));
}

#[test]
fn the_siem_token_is_one_question() {
    let folder = tempfile::tempdir().unwrap();
    let mut answers = Answers::new(&["what?", "", "token", "no url", "https://a/b", "", "Ümlaut", ""]);
    run(&at(folder.path()), folder.path(), Some(&mut answers)).unwrap();
    assert!(!answers.shown.contains("Client ID"), "{}", answers.shown);
    let config = config::load(&folder.path().join("work/miro-source.toml")).unwrap();
    assert_eq!(config.sources[0].secrets.keys().collect::<Vec<_>>(), ["access_token"]);
}

#[test]
fn broken_off_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(&at(folder.path()), folder.path(), Some(&mut Answers::new(&["app", "yes"]))).is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn nothing_that_is_there_is_overwritten_and_the_key_never() {
    let folder = tempfile::tempdir().unwrap();
    let args = at(folder.path());
    run(&args, folder.path(), Some(&mut Answers::new(&["", "token", "", "", ""]))).unwrap();
    let key = std::fs::read(folder.path().join("home/key")).unwrap();
    let refused = run(&args, folder.path(), None).unwrap_err().to_string();
    assert!(refused.contains("--force"), "{refused}");
    let forced = Args { force: true, ..args };
    run(&forced, folder.path(), None).unwrap();
    assert_eq!(std::fs::read(folder.path().join("home/key")).unwrap(), key);
    let secret = folder.path().join("home/secrets/miro/access_token");
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), "token\n");
    run(&forced, folder.path(), Some(&mut Answers::new(&["", "other", "", "", ""]))).unwrap();
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), "token\n");
    let config = config::load(&folder.path().join("work/miro-source.toml")).unwrap();
    assert_eq!(config.sources[0].secrets["access_token"], SecretRef::File(secret.with_file_name("access_token-2")));
}

#[cfg(unix)]
#[test]
fn i5_key_and_secrets_are_readable_by_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    run(&at(folder.path()), folder.path(), Some(&mut Answers::new(&["", "token", "https://a/b", "", ""]))).unwrap();
    for (file, mode) in [("key", 0o600), ("secrets/miro/access_token", 0o600), ("secrets/miro/sumo_url", 0o600), ("secrets/miro", 0o700)] {
        let found = std::fs::metadata(folder.path().join("home").join(file)).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{file}");
    }
}

#[test]
fn a_configuration_beside_the_key_keeps_its_database_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let args = Args { output: Some(folder.path().join("home/miro-source.toml")), ..Args::default() };
    run(&args, folder.path(), None).unwrap();
    let config = config::load(&folder.path().join("home/miro-source.toml")).unwrap();
    assert_eq!(config.warnings, Vec::<String>::new());
}

const SUMO: &str = r#"{"api.version": "v1", "source": {"config": {"name": "Miro (EU)", "category": "saas/miro", "accessToken": "S3CRET",
  "clientId": "S3CRET", "fields": {"_siemForward": true, "team": "red", "odd": "a,b", "deep": {"x": 1}}},
  "schemaRef": {"type": "Miro"}, "sourceType": "Universal"}}"#;

#[test]
fn a_sumo_source_gives_name_category_and_fields_and_no_token() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("source.json");
    std::fs::write(&file, SUMO).unwrap();
    let args = Args { from_sumo_source: Some(file), ..at(folder.path()) };
    let told = run(&args, folder.path(), None).unwrap();
    assert_eq!(said(folder.path(), &told[0]), "taken over from …/source.json: name, category, fields");
    assert_eq!(told[1], "not taken over: accessToken, clientId, fields.odd, fields.deep (tokens and secrets are never read)");
    let path = folder.path().join("work/miro-source.toml");
    let config = config::load(&path).unwrap();
    assert_eq!(config.sources[0].name.as_str(), "Miro-EU");
    let SinkKind::Sumo(sumo) = &config.sinks[0].kind else { panic!("{:?}", config.sinks) };
    assert_eq!(sumo.category.as_deref(), Some("saas/miro"));
    assert_eq!(sumo.fields.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>(), ["_siemForward=true", "team=red"]);
    assert!(!format!("{told:?}{}", std::fs::read_to_string(path).unwrap()).contains("S3CRET"));
}

#[test]
fn a_whole_export_gives_its_one_universal_or_its_one_miro_source() {
    let one = r#"{"sourceType":"Universal","config":{"name":"a"}}"#;
    let miro = r#"{"sourceType":"Universal","schemaRef":{"type":"Miro"},"config":{"name":"b"}}"#;
    let http = r#"{"sourceType":"HTTP","name":"c"}"#;
    let name = |text: &str| import::import(text).map(|imported| imported.name.unwrap_or_default());
    assert_eq!(name(one), Ok("a".to_owned()));
    assert_eq!(name(&format!(r#"{{"sources":[{http},{one}]}}"#)), Ok("a".to_owned()));
    assert_eq!(name(&format!(r#"{{"sources":[{one},{miro},{http}]}}"#)), Ok("b".to_owned()));
    let wrong =
        [&format!(r#"{{"sources":[{one},{one}]}}"#), &format!(r#"{{"sources":[{http}]}}"#), http, "[]", "{S3CRET", r#"{"source":1}"#, "{}"];
    let said: Vec<String> = wrong.iter().map(|text| name(text).unwrap_err()).collect();
    assert!(!said.concat().contains("S3CRET"));
    insta::assert_snapshot!(said.join("\n"));
}
