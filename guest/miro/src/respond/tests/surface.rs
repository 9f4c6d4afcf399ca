use serde_json::Value;

use super::super::{Config, SCHEMA, abilities, assertion, authenticate, describe, origins};
use super::{LOOKING, says};
use crate::{responder::Action, types::Failure};

fn token(config: &str, secrets: &[(&str, &str)], action: Option<Action>) -> Result<String, Failure> {
    let secrets = secrets.iter().map(|(name, secret)| ((*name).to_owned(), (*secret).to_owned())).collect();
    authenticate(config, &secrets, action).map(|credentials| credentials.access_token)
}

#[test]
fn an_empty_object_is_a_whole_configuration() {
    let config = Config::parse("{}").unwrap();
    assert_eq!((config.api_url.as_str(), config.scim_url.as_str()), ("https://api.miro.com", "https://miro.com/api/v1/scim"));
    assert_eq!(config.organization, None);
    assert_eq!(origins("{}").unwrap(), ["https://api.miro.com", "https://miro.com"]);
    let one = r#"{"api_url": "http://127.0.0.1:1/", "scim_url": "http://127.0.0.1:1/api/v1/scim/"}"#;
    assert_eq!(origins(one).unwrap(), ["http://127.0.0.1:1"]);
}

#[test]
fn what_is_wrong_names_the_key() {
    for (config, words) in [
        ("[]", "is not a JSON object"),
        (r#"{"since": "24h"}"#, "no key `since`; it has `api_url`, `scim_url`, `organization`"),
        (r#"{"scim_url": "miro.com"}"#, "`scim_url` is \"miro.com\""),
        (r#"{"organization": "1/../2"}"#, "`organization` is not the id"),
        (r#"{"organization": " "}"#, "`organization` is empty"),
    ] {
        let failure = Config::parse(config).unwrap_err();
        assert!(matches!(failure, Failure::Invalid(_)) && says(&failure).contains(words), "{config}: {failure:?}");
    }
}

#[test]
fn the_schema_describes_every_key_and_no_other() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let described: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(described, ["api_url", "scim_url", "organization"]);
    for key in described {
        let text = serde_json::json!({ key: schema["properties"][key]["default"] }).to_string();
        assert_eq!(Config::parse(&text), Config::parse("{}"));
    }
    let about = describe();
    assert_eq!((about.name.as_str(), about.config_schema.as_str()), ("miro", SCHEMA));
    assert_eq!(about.secrets.iter().map(|secret| secret.name.as_str()).collect::<Vec<_>>(), ["access_token", "scim_token"]);
}

#[test]
fn it_can_sign_out_suspend_and_restore_with_the_least_it_takes() {
    let can = |config| {
        let all = abilities(config).unwrap();
        all.into_iter().map(|ability| (ability.action, ability.permissions.join(" "), ability.undo)).collect::<Vec<_>>()
    };
    assert_eq!(
        can("{}"),
        [
            (Action::SignOut, "sessions:delete".into(), None),
            (Action::Suspend, "SCIM API token".into(), Some(Action::Restore)),
            (Action::Restore, "SCIM API token".into(), Some(Action::Suspend)),
        ]
    );
    assert_eq!(can(LOOKING)[0].1, "sessions:delete organizations:read");
    assert!(assertion("{}").is_err());
}

#[test]
fn each_action_gets_the_token_that_belongs_to_it() {
    let both = [("access_token", "api"), ("scim_token", "scim")];
    let picked = |config, action| token(config, &both, action).unwrap();
    assert_eq!(picked("{}", Some(Action::SignOut)), "api");
    assert_eq!((picked("{}", Some(Action::Suspend)), picked("{}", Some(Action::Restore))), ("scim".into(), "scim".into()));
    assert_eq!((picked("{}", None), picked(LOOKING, None)), ("scim".into(), "api".into()));
    assert_eq!(token("{}", &both[..1], None).unwrap(), "api");
    assert!(token("{}", &both, Some(Action::Notify)).is_err() && token("{}", &both, Some(Action::ConfirmCompromised)).is_err());
}

#[test]
fn a_secret_that_is_missing_or_broken_is_named_and_not_repeated() {
    for (config, secrets, action, words) in [
        ("{}", &[("scim_token", "scim")][..], Some(Action::SignOut), "the secret `access_token` is missing"),
        ("{}", &[("access_token", "api")], Some(Action::Suspend), "the secret `scim_token` is missing"),
        ("{}", &[("scim_token", "")], Some(Action::Restore), "the secret `scim_token` is missing"),
        (LOOKING, &[("scim_token", "scim")], None, "the secret `access_token` is missing; `organization` is set"),
        ("{}", &[], None, "the secret `access_token` is missing; and so is `scim_token`"),
        ("{}", &[("scim_token", "hunter 2")], None, "the secret `scim_token` has a space"),
    ] {
        let failure = token(config, secrets, action).unwrap_err();
        assert!(matches!(failure, Failure::Invalid(_)) && says(&failure).contains(words), "{failure:?}");
        assert!(!says(&failure).contains("hunter"));
    }
}
