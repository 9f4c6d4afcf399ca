//! Fetching secrets, and refusing what is none.

use secrecy::ExposeSecret;

use super::{
    super::{SecretRef, secret},
    files, said,
};
use crate::disk::private_file;

fn sh(script: &str) -> SecretRef {
    SecretRef::Command(["sh", "-c", script].map(str::to_owned).to_vec())
}

#[cfg(unix)]
fn mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_secret_comes_without_its_line_break() {
    let folder = files(&[("a", "one\n"), ("b", "two\r\n"), ("c", " three ")]);
    for (name, expected) in [("a", "one"), ("b", "two"), ("c", " three ")] {
        let fetched = secret::resolve(&SecretRef::File(folder.path().join(name))).unwrap();
        assert_eq!(fetched.expose_secret(), expected);
    }
    assert_eq!(secret::resolve(&sh("echo four")).unwrap().expose_secret(), "four");
    assert_eq!(secret::resolve(&SecretRef::Env("PATH".to_owned())).unwrap().expose_secret(), std::env::var("PATH").unwrap());
}

#[test]
fn what_is_no_secret_is_refused_with_what_to_do() {
    let folder = files(&[("empty", "\n"), ("nul", "S3CRET\0"), ("large", &"S3CRET".repeat(11_000))]);
    private_file(&folder.path().join("latin1"), b"S3CRET\xfc").unwrap();
    let file = |name: &str| SecretRef::File(folder.path().join(name));
    let all = [
        SecretRef::Env("MIRO_SOURCE_NO_SUCH_VARIABLE".to_owned()),
        file("missing"),
        file("empty"),
        file("nul"),
        file("large"),
        file("latin1"),
        sh("echo S3CRET; printf 'no \\033[31mkey\\n'  >&2; exit 3"),
        sh("true"),
        SecretRef::Command(vec!["/no/such/program".to_owned()]),
        SecretRef::Credential("miro_token".to_owned()),
    ];
    let messages: Vec<String> = all.iter().map(|reference| secret::resolve(reference).unwrap_err().to_string()).collect();
    let text = said(folder.path(), messages.join("\n"));
    assert!(!text.contains("S3CRET"));
    insta::assert_snapshot!(text);
}

#[test]
fn a_command_that_hangs_is_stopped_also_where_only_its_child_hangs() {
    for script in ["exec sleep 600", "sleep 5 &"] {
        let SecretRef::Command(words) = sh(script) else { panic!("a command") };
        let message = secret::command(&words, std::time::Duration::from_millis(100)).unwrap_err().to_string();
        assert!(message.contains("took longer than"), "{message}");
    }
}

#[cfg(unix)]
#[test]
fn i5_a_key_that_others_may_read_is_refused() {
    let folder = files(&[("key", "00")]);
    let path = folder.path().join("key");
    let key = SecretRef::File(path.clone());
    for bad in [0o644, 0o640, 0o604, 0o666] {
        mode(&path, bad);
        let message = secret::store_key(&key).unwrap_err().to_string();
        assert!(message.contains("chmod 600"), "{message}");
        assert!(secret::concern(&key).is_some());
    }
    for good in [0o600, 0o400] {
        mode(&path, good);
        assert_eq!(secret::store_key(&key).unwrap().as_slice(), b"00");
        assert!(secret::concern(&key).is_none());
    }
}

#[cfg(unix)]
#[test]
fn i5_a_secret_that_everybody_may_read_is_refused_and_one_of_a_group_is_warned_of() {
    let folder = files(&[("token", "S3CRET")]);
    let path = folder.path().join("token");
    let token = SecretRef::File(path.clone());
    for bad in [0o644, 0o604, 0o602, 0o666] {
        mode(&path, bad);
        let message = secret::resolve(&token).unwrap_err().to_string();
        assert!(message.contains("chmod 600") && !message.contains("S3CRET"), "{message}");
        assert_eq!(secret::public(&token).unwrap().expose_secret(), "S3CRET", "what is no secret may stand open");
    }
    mode(&path, 0o640);
    assert_eq!(secret::resolve(&token).unwrap().expose_secret(), "S3CRET");
    assert!(secret::concern(&token).unwrap().contains("its group may read it"));
    mode(&path, 0o400);
    assert!(secret::resolve(&token).is_ok() && secret::concern(&token).is_none());
}

#[test]
fn the_raw_bytes_of_a_key_are_left_alone() {
    let raw: Vec<u8> = (0..31).map(|byte| byte + 0xe0).chain([b'\n']).collect();
    let folder = files(&[]);
    let path = folder.path().join("key");
    std::fs::write(&path, &raw).unwrap();
    #[cfg(unix)]
    mode(&path, 0o600);
    assert_eq!(*secret::store_key(&SecretRef::File(path)).unwrap(), raw);
}
