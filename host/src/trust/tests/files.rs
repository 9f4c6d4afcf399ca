//! Components and signatures as files.

use std::{fs, path::Path};

use super::{
    super::{LARGEST, ReadError, admit},
    *,
};

fn names(package: &Package) -> Vec<&str> {
    package.signatures.iter().map(|file| Path::new(&file.name).file_name().unwrap().to_str().unwrap()).collect()
}

#[test]
fn i5_i6_what_is_read_once_is_what_is_judged() {
    let (folder, key) = (tempfile::tempdir().unwrap(), key());
    let path = folder.path().join("test.wasm");
    fs::write(&path, WASM).unwrap();
    fs::write(folder.path().join("test.wasm.minisig"), key.sign(WASM, "").unwrap()).unwrap();
    let package = Package::read(&path).unwrap();
    fs::write(&path, b"\0asm and more").unwrap();
    assert!(trust(&[&key], 1).judge(&package).is_ok());
    assert_eq!(package.wasm, WASM);
    let refused = admit(&trust(&[&key], 1), &ComponentRef::Path(path)).unwrap_err();
    assert!(refused.to_string().contains("does not match"), "{refused}");
}

#[test]
fn every_file_of_signatures_beside_it_is_read_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.wasm");
    fs::write(&path, WASM).unwrap();
    let others = ["test.wasm.b.minisig", "test.wasm.minisig", "test.wasm.a.minisig"];
    for name in others.iter().chain(&["test.wasmx.minisig", "test.minisig", "test.wasm.minisig.new", ".test.wasm.minisig"]) {
        fs::write(folder.path().join(name), name).unwrap();
    }
    let package = Package::read(&path).unwrap();
    assert_eq!(names(&package), ["test.wasm.minisig", "test.wasm.a.minisig", "test.wasm.b.minisig"]);
    assert_eq!(package.signatures[1].text, "test.wasm.a.minisig");
}

#[test]
fn a_name_that_steers_the_terminal_is_shown_harmlessly() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.wasm");
    fs::write(&path, WASM).unwrap();
    fs::write(folder.path().join("test.wasm.\u{1b}[2J.minisig"), [0xff, b'x']).unwrap();
    let package = Package::read(&path).unwrap();
    let refused = trust(&[&key()], 1).judge(&package).unwrap_err().to_string();
    assert!(refused.contains("line 1 is not UTF-8 text") && !refused.contains('\u{1b}'), "{refused}");
}

#[test]
fn what_is_too_large_too_many_or_no_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.wasm");
    assert!(matches!(Package::read(&path), Err(ReadError::Io { .. })));
    assert!(matches!(Package::read(folder.path()), Err(ReadError::NoFile(_))));
    let file = fs::File::create(&path).unwrap();
    file.set_len(LARGEST as u64).unwrap();
    assert_eq!(Package::read(&path).unwrap().wasm.len(), LARGEST);
    file.set_len(LARGEST as u64 + 1).unwrap();
    let refused = Package::read(&path).unwrap_err();
    assert!(refused.to_string().contains("more than 33554432 bytes"), "{refused}");
    fs::write(&path, WASM).unwrap();
    let large = folder.path().join("test.wasm.minisig");
    fs::write(&large, vec![b'\n'; 64 * 1024 + 1]).unwrap();
    assert!(matches!(Package::read(&path), Err(ReadError::TooLarge { path, .. }) if path == large));
    fs::remove_file(&large).unwrap();
    for number in 0..33 {
        fs::write(folder.path().join(format!("test.wasm.{number}.minisig")), "").unwrap();
    }
    assert!(matches!(Package::read(&path), Err(ReadError::TooManyFiles(_))));
    assert!(matches!(Package::builtin("none"), Err(ReadError::Unknown(_))));
}
