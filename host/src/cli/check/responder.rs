//! A responder: its component, what it must reach, what lets it in, and what it can do with that. Nothing is asked of the vendor.

use std::sync::Arc;

use super::{
    proof,
    report::{Level, Report},
};
use crate::{
    authenticate::Keys,
    cli::{
        Exit,
        source::{exit, text},
    },
    config::{Config, ResponderConfig},
    model::Instant,
    pipeline,
    respond::Action,
    runtime::{Responder, Runtime},
    trust::{Refused, Trust},
};

/// Checks a responder. Each line builds on the one before; the first that fails ends it.
pub(super) async fn check(responder: &ResponderConfig, config: &Config, runtime: &Arc<Runtime>, now: Instant, report: &mut Report) {
    let subject = format!("responder {}", responder.name);
    let loaded = match pipeline::responder(runtime, &Trust::new(&config.components), responder).await {
        Ok(loaded) => loaded,
        Err(why) => {
            let advice = "see `component` of the responder: builtin:entra, builtin:miro, or the path of a .wasm file that exports \
                          audit:pipeline/responder, with directory = true audit:pipeline/directory too";
            // Why it is refused says what to do, too.
            let advice = if why.is::<Refused>() { None } else { Some(advice) };
            return report.fail(Exit::Configuration, &subject, &format!("the component does not load: {why:#}"), advice);
        }
    };
    if component(responder, &loaded, &subject, report).await && origins(responder, &loaded, &subject, report).await {
        proof::check(Keys::from(responder), now, &subject, report).await;
        abilities(responder, &loaded, &subject, report).await;
    }
}

async fn component(config: &ResponderConfig, responder: &Responder, subject: &str, report: &mut Report) -> bool {
    match responder.describe().await {
        Ok(described) => {
            let digest = responder.generation().digest().to_string();
            let short = digest.get(..12).unwrap_or(&digest);
            let sources: Vec<&str> = config.sources.iter().map(|source| source.as_str()).collect();
            let is = if responder.is_directory() { "; is a directory" } else { "" };
            let said =
                format!("component {} {} (sha256:{short}…), for users of {}{is}", described.name, described.version, sources.join(", "));
            report.line(Level::Ok, subject, &said, None);
            // Which secrets it takes depends on what it may do: the component says so when it is asked for a token.
            true
        }
        Err(why) => {
            report.fail(Exit::Configuration, subject, &format!("the component fails: {}", text(&why)), None);
            false
        }
    }
}

async fn origins(config: &ResponderConfig, responder: &Responder, subject: &str, report: &mut Report) -> bool {
    let wanted = match responder.origins().await {
        Ok(wanted) => wanted,
        Err(why) => {
            let said = format!("the component rejects `config`: {}", text(&why));
            report.fail(exit(&why), subject, &said, Some("change `config` of the responder"));
            return false;
        }
    };
    let missing: Vec<_> = wanted.iter().filter(|origin| !config.allow.iter().any(|granted| granted.as_str() == *origin)).collect();
    for origin in &missing {
        let advice = format!("add \"{origin}\" to `allow` of the responder, or change `config`");
        report.fail(Exit::Configuration, subject, &format!("it must reach {origin}, which `allow` does not grant"), Some(&advice));
    }
    if missing.is_empty() {
        report.line(Level::Ok, subject, &format!("`allow` covers all it must reach: {}", wanted.join(", ")), None);
    }
    missing.is_empty()
}

/// What the configuration lets it do, held against what it can.
async fn abilities(config: &ResponderConfig, responder: &Responder, subject: &str, report: &mut Report) {
    let able = match responder.abilities().await {
        Ok(able) => able,
        Err(why) => {
            let said = format!("the component rejects `config`: {}", text(&why));
            return report.fail(exit(&why), subject, &said, Some("change `config` of the responder"));
        }
    };
    for action in &config.actions {
        match able.iter().find(|ability| Action::from(ability.action) == *action) {
            Some(ability) => {
                let said = format!("{action} takes {}", ability.permissions.join(", "));
                report.line(Level::Ok, subject, &said, Some(&ability.reach));
            }
            None => {
                let can: Vec<&str> = able.iter().map(|ability| Action::from(ability.action).as_str()).collect();
                let said = format!("it cannot {action} with this `config`; it can {}", can.join(", "));
                report.fail(Exit::Configuration, subject, &said, Some("change `config` of the responder, or take it out of `actions`"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// The exit and the last line after the secrets were looked at so long before the certificate ends.
    async fn ended(left: Duration) -> (Exit, String) {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        file("entra.pem", include_str!("../../authenticate/key/certificate.pem"));
        file("entra.key", include_str!("../../authenticate/key/pkcs8.pem"));
        file(
            "c.toml",
            "[[source]]\nname = \"acme\"\nallow = [\"https://api.miro.com\"]\n\
             [[responder]]\nname = \"entra\"\ncomponent = \"builtin:entra\"\nactions = [\"sign-out\"]\n\
             config = { tenant = \"acme.example\", client_id = \"1\" }\ncertificate = { file = \"entra.pem\" }\n\
             private_key = { file = \"entra.key\" }\nallow = [\"https://graph.microsoft.com\"]\n",
        );
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(folder.path().join("entra.key"), std::fs::Permissions::from_mode(0o600)).unwrap();
        let config = crate::config::load(&folder.path().join("c.toml")).unwrap();
        let mut report = Report::default();
        let now = crate::authenticate::ENDS.minus(left);
        proof::check(Keys::from(&config.responders[0]), now, "responder entra", &mut report).await;
        (report.exit(), report.summary())
    }

    #[tokio::test]
    async fn a_certificate_that_ends_soon_is_warned_of_and_one_that_ended_is_an_error() {
        let day = Duration::from_secs(24 * 3600);
        assert_eq!(ended(day * 15).await, (Exit::Done, "all is well".to_owned()));
        assert_eq!(ended(day * 13).await, (Exit::Done, "it works; 1 to look at".to_owned()));
        assert_eq!(ended(Duration::ZERO).await, (Exit::Configuration, "1 to mend; see the lines above".to_owned()));
    }
}
