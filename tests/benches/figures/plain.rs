//! A configuration as a user writes it, of far sides that answer everything.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

/// So many sources at `miro`, polled by the hour, delivered to `sumo`. Files go to `folder`.
pub(crate) fn write(folder: &Path, sources: usize, miro: &str, sumo: &str, revisit: &str) -> anyhow::Result<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;
    let secret = |name: &str, text: &str| -> anyhow::Result<PathBuf> {
        let path = folder.join(name);
        std::fs::write(&path, text)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(path)
    };
    let (key, url) = (secret("key", &"7d".repeat(32))?, secret("url", sumo)?);
    let mut text = format!("detect = false\n[store]\npath = {:?}\nkey = {{ file = {key:?} }}\n\n", folder.join("miro-source.db"));
    let names: Vec<String> = (1..=sources).map(|n| format!("source-{n}")).collect();
    for name in &names {
        // No two sources may share a grant.
        let token = secret(&format!("{name}-token"), &format!("token-of-{name}"))?;
        writeln!(
            text,
            "[[source]]\nname = \"{name}\"\ninterval = \"1h\"\nallow = [\"{miro}\"]\n\
             config = {{ api_url = \"{miro}\", since = \"24h\", revisit = {revisit} }}\nsecrets = {{ access_token = {{ file = {token:?} }} }}\n"
        )?;
    }
    writeln!(text, "[[sink]]\nname = \"sumo\"\ntype = \"sumo\"\nurl = {{ file = {url:?} }}\nsources = {names:?}")?;
    let path = folder.join("miro-source.toml");
    std::fs::write(&path, text)?;
    Ok(path)
}
