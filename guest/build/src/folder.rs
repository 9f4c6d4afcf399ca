//! Where guests are built.

use std::path::{Path, PathBuf};

/// What cargo leaves at the top of a target folder: the first where it made the folder itself, the second after a build.
const MARKS: [&str; 2] = ["CACHEDIR.TAG", ".rustc_info.json"];

/// The folder that all guests are built in, `guests` in the target folder that `of` lies in: `OUT_DIR` of a build script,
/// or the running executable. Outside of a target folder it is a `guests` beside `of`, which costs a build of its own.
pub fn target_dir(of: &Path) -> PathBuf {
    let marked = |folder: &&Path| MARKS.iter().any(|mark| folder.join(mark).exists());
    let top = of.ancestors().skip(1).find(marked).or(of.parent()).unwrap_or(of);
    top.join("guests")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::target_dir;

    /// A folder outside of every target folder, removed with the value. A crate for it would turn on features of what every
    /// build script of the workspace is built with (dev-dependencies count there too), and the demo would be built twice.
    struct Top(PathBuf);

    impl Top {
        fn new(name: &str) -> Self {
            let top = std::env::temp_dir().join(format!("component-build-{}-{name}", std::process::id()));
            fs::create_dir_all(&top).unwrap();
            Self(top)
        }

        fn path(&self) -> &Path {
            &self.0
        }
    }

    impl Drop for Top {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_build_script_a_test_and_a_program_share_one_folder() {
        let top = Top::new("shared");
        fs::create_dir_all(top.path().join("debug/build/host-1/out")).unwrap();
        for inside in ["debug/build/host-1/out", "debug/deps/e2e-1", "debug/demo", "x86_64-unknown-linux-gnu/release/demo"] {
            fs::write(top.path().join("CACHEDIR.TAG"), "").unwrap();
            assert_eq!(target_dir(&top.path().join(inside)), top.path().join("guests"), "{inside}");
            fs::remove_file(top.path().join("CACHEDIR.TAG")).unwrap();
            fs::write(top.path().join(".rustc_info.json"), "").unwrap();
            assert_eq!(target_dir(&top.path().join(inside)), top.path().join("guests"), "{inside}");
            fs::remove_file(top.path().join(".rustc_info.json")).unwrap();
        }
    }

    #[test]
    fn an_executable_that_was_carried_away_builds_beside_itself() {
        let top = Top::new("carried");
        assert_eq!(target_dir(&top.path().join("bin/demo")), top.path().join("bin/guests"));
    }
}
