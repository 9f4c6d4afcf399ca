//! The commit that the components come from.

use std::{path::Path, process::Command};

/// What the bytes depend on.
const SOURCES: &[&str] = &["guest", "wit", "Cargo.lock", "Cargo.toml"];

/// The commit that the components come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revision {
    /// This one, unchanged.
    Clean(String),
    /// This one, and changes that nobody has committed.
    Dirty(String),
    /// Nobody knows: why.
    Unknown(String),
}

impl Revision {
    /// Asks git about the workspace at `root`.
    pub fn of(root: &Path) -> Self {
        Self::ask(root).unwrap_or_else(Self::Unknown)
    }

    fn ask(root: &Path) -> Result<Self, String> {
        // A copy of the sources inside of another repository has nothing to do with that one's commits.
        let top = git(root, &["rev-parse", "--show-toplevel"])?;
        let same = |path: &Path| path.canonicalize().map_err(|why| format!("{}: {why}", path.display()));
        if same(Path::new(&top))? != same(root)? {
            return Err("the sources are not the top of a git repository".into());
        }
        let commit = git(root, &["rev-parse", "HEAD"])?;
        let changes = git(root, &[&["status", "--porcelain", "--"], SOURCES].concat())?;
        Ok(if changes.is_empty() { Self::Clean(commit) } else { Self::Dirty(commit) })
    }

    /// As it is written into a component.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Clean(commit) => Some(commit.clone()),
            Self::Dirty(commit) => Some(format!("{commit}-dirty")),
            Self::Unknown(_) => None,
        }
    }
}

fn git(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git").current_dir(root).args(arguments).env_remove("GIT_DIR").env_remove("GIT_WORK_TREE").output();
    let output = output.map_err(|why| format!("git does not start: {why}"))?;
    if !output.status.success() {
        return Err(format!("git says: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
