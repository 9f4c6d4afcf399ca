//! What the environment says about a run.

use crate::{
    edges::Disk,
    exit::{Ended, Result},
    types::{Description, Secrets},
};

const CONFIG: &str = "MIRO_SOURCE_CONFIG";
const STATE: &str = "MIRO_SOURCE_STATE";
const BUDGET: &str = "MIRO_SOURCE_BUDGET";
const PAGES: &str = "MIRO_SOURCE_PAGES";
const REMEMBER: &str = "MIRO_SOURCE_REMEMBER";
const SECRET: &str = "MIRO_SOURCE_SECRET_";
/// After the name of a secret: the value is the name of a file that holds it.
const FILE: &str = "_FILE";

/// What a run is to do. Its secrets are read anew in every run, so that a mended file heals it.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// For the source; JSON.
    pub config: String,
    /// By the names that the source has for them.
    pub secrets: Secrets,
    /// The state folder.
    pub state: String,
    /// Milliseconds that a run may take.
    pub budget: u64,
    /// Pages that a run may read.
    pub pages: u64,
    /// Milliseconds for which an id is remembered.
    pub remember: u64,
}

impl Settings {
    /// Reads the environment, and the files that it names.
    pub fn read(environment: &[(String, String)], about: &Description, disk: &dyn Disk) -> Result<Self> {
        let known = names(about);
        refuse_near_misses(environment, &known)?;
        let value = |name: &str| environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|v| !v.is_empty());
        let config = value(CONFIG).ok_or_else(|| {
            Ended::configuration(format!(
                "{CONFIG} is not set: it is the source's configuration as JSON (at least {{}}), or the name of a file with it"
            ))
        })?;
        let config = if config.trim_start().starts_with('{') { config.to_owned() } else { text(disk, CONFIG, config)? };
        serde_json::from_str::<serde::de::IgnoredAny>(&config)
            .map_err(|why| Ended::configuration(format!("{CONFIG} is no JSON: {why}")))?;
        let mut secrets = Vec::new();
        for secret in &about.secrets {
            let name = variable(&secret.name);
            let file = format!("{name}{FILE}");
            let found = match (value(&name), value(&file)) {
                (Some(_), Some(_)) => return Err(Ended::configuration(format!("{name} and {file} are both set: keep one"))),
                (Some(plain), None) => Some(plain.to_owned()),
                (None, Some(path)) => Some(text(disk, &file, path)?),
                (None, None) => None,
            };
            match found.map(|found| found.trim().to_owned()) {
                Some(found) if !found.is_empty() => secrets.push((secret.name.clone(), found)),
                _ if secret.required => {
                    return Err(Ended::configuration(format!("{name} is not set (nor {file}): {}", secret.purpose)));
                }
                _ => {}
            }
        }
        Ok(Self {
            config,
            secrets,
            state: value(STATE).unwrap_or("state").trim_end_matches('/').to_owned(),
            budget: length(BUDGET, value(BUDGET).unwrap_or("4m"))?,
            pages: number(PAGES, value(PAGES))?,
            remember: length(REMEMBER, value(REMEMBER).unwrap_or("30d"))?,
        })
    }

    /// The secret of that name.
    pub fn secret(&self, name: &str) -> Option<&str> {
        self.secrets.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The variable that holds a secret.
fn variable(secret: &str) -> String {
    format!("{SECRET}{}", secret.to_ascii_uppercase().replace('-', "_"))
}

fn names(about: &Description) -> Vec<String> {
    let secrets = about.secrets.iter().flat_map(|secret| [variable(&secret.name), format!("{}{FILE}", variable(&secret.name))]);
    [CONFIG, STATE, BUDGET, PAGES, REMEMBER].map(str::to_owned).into_iter().chain(secrets).collect()
}

/// A typing error must not read as "not set". What looks like nothing of ours belongs to somebody else.
fn refuse_near_misses(environment: &[(String, String)], known: &[String]) -> Result<()> {
    for (name, _) in environment {
        if known.contains(name) {
            continue;
        }
        let near = known.iter().map(|good| (strsim::osa_distance(name, good), good)).min();
        if let Some((distance, good)) = near
            && (distance <= 2 || name.starts_with(SECRET))
        {
            return Err(Ended::configuration(format!("unknown variable {name}: did you mean {good}?")));
        }
    }
    Ok(())
}

fn text(disk: &dyn Disk, variable: &str, path: &str) -> Result<String> {
    let bytes = disk.read(path).map_err(|why| Ended::configuration(format!("{variable}: {}", why.0)))?;
    let bytes = bytes.ok_or_else(|| {
        Ended::configuration(format!("{variable} names the file {path}, which is not in any folder that the runtime opened"))
    })?;
    String::from_utf8(bytes).map_err(|_| Ended::configuration(format!("{variable}: the file {path} is no UTF-8 text")))
}

fn length(variable: &str, text: &str) -> Result<u64> {
    let wrong = || Ended::configuration(format!("{variable} is {text:?}, no length of time: write it like \"90s\", \"4m\" or \"30d\""));
    let parsed = match text.strip_suffix('d').map(|days| days.trim().parse::<i64>()) {
        Some(Ok(days)) => jiff::SignedDuration::try_from_hours(days.checked_mul(24).ok_or_else(wrong)?).ok_or_else(wrong)?,
        _ => text.parse().map_err(|_| wrong())?,
    };
    u64::try_from(parsed.as_millis()).ok().filter(|length| *length > 0).ok_or_else(wrong)
}

fn number(variable: &str, text: Option<&str>) -> Result<u64> {
    let Some(text) = text else { return Ok(u64::MAX) };
    let parsed = text.trim().parse().ok().filter(|number| *number > 0);
    parsed.ok_or_else(|| Ended::configuration(format!("{variable} is {text:?}: write a number from 1")))
}
