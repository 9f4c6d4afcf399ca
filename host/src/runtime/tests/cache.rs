//! Compiled code is loaded only where this host wrote it.

use std::{fs, path::PathBuf};

use super::*;

const KEY: [u8; 32] = [7; 32];

async fn load(folder: &Path, key: [u8; 32]) -> Arc<Generation> {
    let runtime = runtime(Some(Cache::new(folder, crate::store::seal::Key::new(&key))), far(200, ""), Limits::default());
    runtime.load(component("unreachable", "")).await.unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn a_second_load_takes_the_code_from_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("deep/cache");
    assert!(!load(&inner, KEY).await.was_cached());
    assert_eq!(files(&inner).len(), 1);
    assert!(load(&inner, KEY).await.was_cached());
}

#[tokio::test]
async fn i5_a_changed_file_is_compiled_anew_and_never_run() {
    let folder = tempfile::tempdir().unwrap();
    load(folder.path(), KEY).await;
    let file = files(folder.path()).remove(0);
    let sound = fs::read(&file).unwrap();
    let changed = |at: usize| {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        bytes
    };
    for bytes in [changed(0), changed(32), changed(sound.len() - 1), sound[..40].to_vec(), vec![], [sound.clone(), vec![0]].concat()] {
        fs::write(&file, bytes).unwrap();
        assert!(!load(folder.path(), KEY).await.was_cached());
        assert_eq!(fs::read(&file).unwrap().len(), sound.len());
    }
    assert!(load(folder.path(), KEY).await.was_cached());
}

#[tokio::test]
async fn i5_code_under_another_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    load(folder.path(), KEY).await;
    assert!(!load(folder.path(), [8; 32]).await.was_cached());
}

#[tokio::test]
async fn i5_code_of_one_component_does_not_pass_for_another() {
    let folder = tempfile::tempdir().unwrap();
    load(folder.path(), KEY).await;
    let first = files(folder.path()).remove(0);
    let other = component("(loop $again (br $again)) unreachable", "");
    let runtime = runtime(Some(Cache::new(folder.path(), crate::store::seal::Key::new(&KEY))), far(200, ""), Limits::default());
    runtime.load(other.clone()).await.unwrap();
    let second = files(folder.path()).into_iter().find(|path| *path != first).unwrap();
    fs::copy(&first, &second).unwrap();
    assert!(!runtime.load(other).await.unwrap().was_cached());
}

#[cfg(unix)]
#[tokio::test]
async fn i5_folder_and_files_are_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("cache");
    load(&inner, KEY).await;
    assert_eq!(fs::metadata(&inner).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(&files(&inner)[0]).unwrap().permissions().mode() & 0o777, 0o600);
}
