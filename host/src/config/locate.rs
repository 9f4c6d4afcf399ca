//! Where the configuration and the key are looked for.

use std::path::{Path, PathBuf};

/// What the configuration is called where its place is not given.
pub const FILE_NAME: &str = "miro-source.toml";

/// There is no configuration in any of the usual places.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no configuration found (looked for {}); `miro-source init` writes one, `--config FILE` names another",
    looked.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "))]
pub struct NotFound {
    /// Where it was looked for, in order.
    pub looked: Vec<PathBuf>,
}

/// The configuration to use: the one given, else `./miro-source.toml`, else the one in [`directory`].
///
/// A path that is given is returned as it is, also where there is no such file: [`super::load`] then says so.
pub fn locate(explicit: Option<&Path>) -> Result<PathBuf, NotFound> {
    first(explicit, directory().as_deref())
}

fn first(explicit: Option<&Path>, directory: Option<&Path>) -> Result<PathBuf, NotFound> {
    if let Some(path) = explicit {
        return Ok(path.to_owned());
    }
    let looked: Vec<PathBuf> =
        std::iter::once(PathBuf::from(FILE_NAME)).chain(directory.map(|directory| directory.join(FILE_NAME))).collect();
    match looked.iter().find(|path| path.exists()) {
        Some(path) => Ok(path.clone()),
        None => Err(NotFound { looked }),
    }
}

/// `$XDG_CONFIG_HOME/miro-source`, else `~/.config/miro-source`. None without a home.
pub fn directory() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")))?;
    Some(base.join("miro-source"))
}

/// Where the store's key is unless configured: `key` in [`directory`].
pub fn key_path() -> Option<PathBuf> {
    directory().map(|directory| directory.join("key"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_path_wins_and_the_message_names_every_place() {
        assert_eq!(first(Some(Path::new("a.toml")), None), Ok("a.toml".into()));
        let empty = tempfile::tempdir().unwrap();
        let missing = first(None, Some(empty.path())).unwrap_err();
        assert_eq!(missing.looked, [PathBuf::from(FILE_NAME), empty.path().join(FILE_NAME)]);
        assert!(missing.to_string().contains("miro-source init"), "{missing}");
        std::fs::write(empty.path().join(FILE_NAME), "").unwrap();
        assert_eq!(first(None, Some(empty.path())), Ok(empty.path().join(FILE_NAME)));
    }
}
