//! Files: the configuration, the key, and a file for each secret, those readable by their owner alone.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::{
    ask::{Access, Refresh, Setup},
    template,
};
use crate::disk::private_folder;
pub(in crate::cli) use crate::disk::{private_file, replace};

/// Where everything goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The configuration.
    pub config: PathBuf,
    /// The database, as it stands in the configuration.
    pub database: PathBuf,
    /// The key.
    pub key: PathBuf,
    /// A folder for the secrets of this source, beside the key.
    pub secrets: PathBuf,
}

impl Places {
    /// `home` is the folder of the key. The database goes beside the configuration, unless the key is there.
    pub fn new(config: &Path, home: &Path, source: &str) -> Self {
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let home = absolute(home);
        let beside_key = absolute(config).parent() == Some(home.as_path());
        let database = if beside_key { home.join("state").join("miro-source.db") } else { PathBuf::from("miro-source.db") };
        Self { config: config.to_owned(), database, key: home.join("key"), secrets: home.join("secrets").join(source) }
    }
}

/// Writes all of it. Returns what to tell.
pub fn write(setup: &Setup, places: &Places) -> anyhow::Result<Vec<String>> {
    let mut told = Vec::new();
    for folder in [places.key.parent(), places.config.parent(), places.database.parent()].into_iter().flatten() {
        if !folder.as_os_str().is_empty() {
            private_folder(folder).with_context(|| format!("cannot create the folder {}", folder.display()))?;
        }
    }
    if places.key.exists() {
        told.push(format!("kept the key {}", places.key.display()));
    } else {
        private_file(&places.key, key()?.as_bytes()).with_context(|| format!("cannot write the key {}", places.key.display()))?;
        told.push(format!("wrote a new key to {}: back it up, apart from the database", places.key.display()));
    }
    let mut missing = Vec::new();
    let mut files = template::Files::default();
    for (name, variable, secret) in secrets(setup) {
        let Some(secret) = secret else {
            missing.push(variable);
            continue;
        };
        let path = free(&places.secrets, name);
        private_folder(&places.secrets).with_context(|| format!("cannot create the folder {}", places.secrets.display()))?;
        private_file(&path, format!("{}\n", secret.expose_secret()).as_bytes())
            .with_context(|| format!("cannot write the secret file {}", path.display()))?;
        told.push(format!("wrote a secret to {}", path.display()));
        files.insert(name, path);
    }
    let text = template::render(setup, places, &files);
    replace(&places.config, text.as_bytes()).with_context(|| format!("cannot write {}", places.config.display()))?;
    told.push(format!("wrote {}", places.config.display()));
    if !missing.is_empty() {
        told.push(format!("set these environment variables before it runs: {}", missing.join(", ")));
    }
    told.push("next: `miro-source check` sees whether Miro and Sumo Logic accept it".to_owned());
    Ok(told)
}

/// Every secret that this setup has: the name of its file, the variable that stands in for it, and itself if given.
fn secrets(setup: &Setup) -> Vec<(&'static str, &'static str, Option<&SecretString>)> {
    let mut all = Vec::new();
    match &setup.access {
        Access::Siem { token } => all.push(("access_token", template::ACCESS_TOKEN, token.as_ref())),
        Access::App { client_secret, access_token, refresh, .. } => {
            all.push(("client_secret", template::CLIENT_SECRET, client_secret.as_ref()));
            all.push(("access_token", template::ACCESS_TOKEN, access_token.as_ref()));
            if let Refresh::Token(token) = refresh {
                all.push(("refresh_token", template::REFRESH_TOKEN, token.as_ref()));
            }
        }
    }
    all.push(("sumo_url", template::SUMO_URL, setup.sumo_url.as_ref()));
    all
}

/// A path that is not taken: a secret that is there already is never overwritten, and nobody types one for nothing.
fn free(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    let others = (2..1000).map(|number| folder.join(format!("{name}-{number}")));
    std::iter::once(path.clone()).chain(others).find(|path| !path.exists()).unwrap_or(path)
}

/// 32 random bytes, hex.
fn key() -> anyhow::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    getrandom::fill(bytes.as_mut()).map_err(|why| anyhow::anyhow!("the system gives no random bytes: {why}"))?;
    Ok(Zeroizing::new(format!("{}\n", *Zeroizing::new(hex::encode(bytes.as_ref())))))
}
