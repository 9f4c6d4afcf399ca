//! The configuration as `init` writes it: what was answered, and every other key as a comment with its default.

use std::{
    collections::BTreeMap,
    fmt::Write,
    path::{Path, PathBuf},
};

use super::{
    ask::{Access, Refresh, Setup},
    write::Places,
};

/// Stands in for the client secret until it is given.
pub const CLIENT_SECRET: &str = "MIRO_CLIENT_SECRET";
/// Stands in for the access token, or the SIEM token.
pub const ACCESS_TOKEN: &str = "MIRO_ACCESS_TOKEN";
/// Stands in for the refresh token.
pub const REFRESH_TOKEN: &str = "MIRO_REFRESH_TOKEN";
/// Stands in for the URL of the HTTP Source.
pub const SUMO_URL: &str = "SUMO_HTTP_SOURCE_URL";

/// The secrets that went into files, by name.
pub type Files = BTreeMap<&'static str, PathBuf>;

/// The text of the file.
pub fn render(setup: &Setup, places: &Places, files: &Files) -> String {
    let name = quoted(setup.name.as_str());
    let mut fields = String::new();
    for (key, value) in &setup.fields {
        // Writing into a String cannot fail.
        let _ = write!(fields, "{}{} = {}", if fields.is_empty() { "" } else { ", " }, quoted(key), quoted(value));
    }
    let fields =
        if fields.is_empty() { "# fields = { environment = \"production\" }\n".to_owned() } else { format!("fields = {{ {fields} }}\n") };
    TEMPLATE
        .replace("@DATABASE@", &path(&places.database))
        .replace("@KEY@", &path(&places.key))
        .replace("@CONFIG@\n", &config(&setup.access))
        .replace("@SECRETS@\n", &secrets(&setup.access, files))
        .replace("@URL@", &reference("sumo_url", SUMO_URL, files))
        .replace("@FIELDS@\n", &fields)
        // What a person typed comes last: nothing in it is a placeholder any more.
        .replace("@CATEGORY@", &quoted(&setup.category))
        .replace("@NAME@", &name)
}

fn config(access: &Access) -> String {
    match access {
        Access::Siem { .. } => "# client_id = \"…\"                      # of an app; the SIEM token needs none\n".to_owned(),
        Access::App { client_id, .. } => format!("client_id = {}\n", quoted(client_id)),
    }
}

fn secrets(access: &Access, files: &Files) -> String {
    let line = |name: &str, variable: &str| format!("{name} = {}\n", reference(name, variable, files));
    match access {
        Access::Siem { .. } => line("access_token", ACCESS_TOKEN),
        Access::App { refresh, .. } => {
            let mut lines = line("client_secret", CLIENT_SECRET) + &line("access_token", ACCESS_TOKEN);
            if let Refresh::Token(_) = refresh {
                lines += &line("refresh_token", REFRESH_TOKEN);
            }
            lines
        }
    }
}

fn reference(name: &str, variable: &str, files: &Files) -> String {
    match files.get(name) {
        Some(file) => format!("{{ file = {} }}", path(file)),
        None => format!("{{ env = {} }}", quoted(variable)),
    }
}

fn path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// What stands between two `@` is filled in.
const TEMPLATE: &str = include_str!("template.toml");
