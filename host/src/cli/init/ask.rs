//! The questions, in the order of the steps on Sumo Logic's page of its Miro Source
//! (<https://help.sumologic.com/docs/send-data/hosted-collectors/cloud-to-cloud-integration-framework/miro-source/>),
//! so that whoever knows that page finds the way.

use std::{collections::BTreeMap, io};

use secrecy::{ExposeSecret, SecretString};

use super::import::Imported;
use crate::model::SourceName;

/// Whom to ask.
pub trait Prompt {
    /// Shows a line.
    fn say(&mut self, line: &str) -> io::Result<()>;
    /// Asks for a text; empty means the default, where there is one.
    fn text(&mut self, question: &str, default: Option<&str>) -> io::Result<String>;
    /// Asks for a secret, which is not shown while it is typed. Empty means: none now.
    fn secret(&mut self, question: &str) -> io::Result<SecretString>;
}

/// What a configuration is written from.
#[derive(Debug)]
pub struct Setup {
    /// Of the source and, in front, of its secrets' files.
    pub name: SourceName,
    /// How Miro lets us in.
    pub access: Access,
    /// The Sumo HTTP Source; its URL is the credential. None: from the environment variable that the template names.
    pub sumo_url: Option<SecretString>,
    /// `category` of the sink.
    pub category: String,
    /// `fields` of the sink.
    pub fields: BTreeMap<String, String>,
}

/// How Miro lets us in. A secret that is None is read from the environment variable that the template names.
#[derive(Debug)]
pub enum Access {
    /// The token of Miro's SIEM integration. It does not expire.
    Siem {
        /// The token.
        token: Option<SecretString>,
    },
    /// An app of a developer team.
    App {
        /// Not a secret; stands in `config`.
        client_id: String,
        /// Client Secret.
        client_secret: Option<SecretString>,
        /// Access Token.
        access_token: Option<SecretString>,
        /// Refresh Token, only where 'Expire user authorization token' was selected.
        refresh: Refresh,
    },
}

/// Whether the app's tokens expire.
#[derive(Debug)]
pub enum Refresh {
    /// They do not.
    None,
    /// They do.
    Token(Option<SecretString>),
}

impl Setup {
    /// A SIEM token and a URL that are still to come.
    pub fn new(name: SourceName) -> Self {
        Self { name, access: Access::Siem { token: None }, sumo_url: None, category: "miro".to_owned(), fields: BTreeMap::new() }
    }

    /// Takes over what another source says.
    pub fn take(&mut self, imported: &Imported) {
        if let Some(name) = imported.name.as_deref().and_then(fitting) {
            self.name = name;
        }
        if let Some(category) = &imported.category {
            self.category.clone_from(category);
        }
        self.fields.clone_from(&imported.fields);
    }
}

/// The nearest name that fits: `Miro (EU)` becomes `Miro-EU`.
fn fitting(text: &str) -> Option<SourceName> {
    let dashed: String = text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    let mut words: Vec<&str> = dashed.split('-').filter(|word| !word.is_empty()).collect();
    while words.join("-").len() > 64 && words.len() > 1 {
        words.pop();
    }
    words.join("-").parse().ok()
}

/// Asks everything.
pub fn ask(prompt: &mut dyn Prompt, setup: &mut Setup) -> io::Result<()> {
    prompt.say("miro-source reads Miro's audit log, for which Miro needs the Enterprise plan and a Company Admin.")?;
    prompt.say("Secrets do not show while you type them and go into files that only you may read. Enter leaves one out for now.")?;
    prompt.say("")?;
    prompt.say("Miro offers two ways in:")?;
    prompt.say("  siem  the SIEM token: Company settings > Apps and integrations > Enterprise integrations > SIEM")?;
    prompt.say("  app   an app of your own, as on Sumo Logic's page of the Miro Source, in eight steps")?;
    setup.access = loop {
        match prompt.text("siem or app?", Some("siem"))?.to_ascii_lowercase().as_str() {
            "siem" => break siem(prompt)?,
            "app" => break app(prompt)?,
            _ => prompt.say("Please answer siem or app.")?,
        }
    };
    prompt.say("")?;
    prompt.say("Sumo Logic: add an HTTP Logs & Metrics Source to a hosted collector; its page shows the URL.")?;
    setup.sumo_url = loop {
        let Some(url) = given(prompt.secret("URL of the HTTP Source")?) else { break None };
        if url::Url::parse(url.expose_secret()).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
            break Some(url);
        }
        prompt.say("That is not a URL; it begins with https:// and contains /receiver/v1/http/.")?;
    };
    setup.category = loop {
        let category = prompt.text("Source category", Some(&setup.category))?;
        if category.len() <= 1024 && category.chars().all(|c| (' '..='~').contains(&c)) {
            break category;
        }
        prompt.say("A category has at most 1024 characters, ASCII only.")?;
    };
    setup.name = loop {
        match prompt.text("Name of this source, as it shows beside every event", Some(setup.name.as_str()))?.parse() {
            Ok(name) => break name,
            Err(_) => prompt.say("A name is 1 to 64 letters, digits, '_' or '-'.")?,
        }
    };
    Ok(())
}

fn siem(prompt: &mut dyn Prompt) -> io::Result<Access> {
    prompt.say("In Miro: Company settings > Apps and integrations > Enterprise integrations > SIEM: switch it on and copy the token.")?;
    prompt.say("It does not expire, but it dies as soon as any admin switches that off again.")?;
    Ok(Access::Siem { token: given(prompt.secret("SIEM token")?) })
}

fn app(prompt: &mut dyn Prompt) -> io::Result<Access> {
    prompt.say("1. Log in to Miro with the account of your Enterprise organization, as a Company Admin.")?;
    prompt.say("2. Create a developer team.")?;
    prompt.say("3. Open https://miro.com/app/settings/user-profile/apps and choose '+ Create new app'.")?;
    prompt.say("4. Give it a name and choose the developer team. 'Expire user authorization token' gives it a refresh token.")?;
    let expires = loop {
        match prompt.text("   Did you select 'Expire user authorization token'? yes or no", Some("yes"))?.to_ascii_lowercase().as_str() {
            "y" | "yes" => break true,
            "n" | "no" => break false,
            _ => prompt.say("   Please answer yes or no.")?,
        }
    };
    prompt.say("5. Under Permissions select auditlogs:read.")?;
    prompt.say("6. Choose 'Install app and get OAuth token', and the team to install it for.")?;
    prompt.say(if expires { "7. Miro shows an access token and a refresh token." } else { "7. Miro shows an access token." })?;
    prompt.say("8. Copy Client ID and Client Secret from App Credentials.")?;
    let client_id = loop {
        let client_id = prompt.text("   Client ID", None)?;
        if !client_id.trim().is_empty() {
            break client_id.trim().to_owned();
        }
        prompt.say("   The Client ID stands under App Credentials; it is a long number.")?;
    };
    Ok(Access::App {
        client_id,
        client_secret: given(prompt.secret("   Client Secret")?),
        access_token: given(prompt.secret("   Access Token")?),
        refresh: if expires { Refresh::Token(given(prompt.secret("   Refresh Token")?)) } else { Refresh::None },
    })
}

fn given(secret: SecretString) -> Option<SecretString> {
    let text = secret.expose_secret().trim();
    (!text.is_empty()).then(|| SecretString::from(text))
}
