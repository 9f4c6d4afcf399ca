//! What a wrong configuration says, what a right one becomes, and what no text whatever may do.

mod any;
mod health;
mod includes;
mod keeping;
mod notify;
mod policies;
mod respond;
mod right;
mod secrets;
mod standing;
mod wrong;

use std::path::Path;

use super::{Config, ConfigErrors, load};

/// A source that is right.
const SOURCE: &str = r#"[[source]]
name = "acme"
secrets = { access_token = { env = "MIRO_ACCESS_TOKEN" } }
allow = ["https://api.miro.com"]
"#;

/// Files in a folder of their own; the first is the main one. `{source}` stands for [`SOURCE`].
fn files(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        crate::disk::private_file(&path, text.replace("{source}\n", SOURCE).as_bytes()).unwrap();
    }
    folder
}

fn read(text: &str) -> Result<Config, ConfigErrors> {
    let folder = files(&[("miro-source.toml", text)]);
    load(&folder.path().join("miro-source.toml"))
}

/// What is said, without the folder it happened in.
fn said(folder: &Path, text: impl std::fmt::Display) -> String {
    let folder = folder.display().to_string();
    text.to_string().replace(&format!("{folder}/"), "").replace(&folder, ".")
}
