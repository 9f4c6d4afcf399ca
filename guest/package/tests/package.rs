//! What `cargo components` writes.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use component_package::{Revision, SUMS, compose, write};
use wasm_metadata::{Metadata, Payload};
use wit_component::DecodedWasm;
use wit_parser::WorldItem;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_path_buf()
}

fn builds() -> PathBuf {
    component_build::ensure_target(|said| eprintln!("{said}")).unwrap();
    component_build::target_dir(&env::current_exe().unwrap())
}

fn component(package: &str) -> Vec<u8> {
    component_build::component(&root(), &builds(), package).unwrap()
}

/// The interfaces that a component imports, and those it exports.
fn doors(component: &[u8]) -> (BTreeSet<String>, BTreeSet<String>) {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(component).unwrap() else { panic!("not a component") };
    let world = &resolve.worlds[world];
    let names = |keys: Vec<&wit_parser::WorldKey>| keys.into_iter().map(|key| resolve.name_world_key(key)).collect();
    (names(world.imports.keys().collect()), names(world.exports.keys().collect()))
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Every file of a folder, by its name in it.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_path_buf(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

const FOR_A_COMMAND: [&str; 11] = [
    "wasi:cli/environment@0.2.12",
    "wasi:cli/exit@0.2.12",
    "wasi:cli/stderr@0.2.12",
    "wasi:cli/stdout@0.2.12",
    "wasi:clocks/monotonic-clock@0.2.12",
    "wasi:clocks/wall-clock@0.2.12",
    "wasi:filesystem/preopens@0.2.12",
    "wasi:filesystem/types@0.2.12",
    "wasi:io/error@0.2.12",
    "wasi:io/poll@0.2.12",
    "wasi:io/streams@0.2.12",
];

#[test]
fn the_command_imports_a_source_and_what_a_command_needs() {
    let (imports, exports) = doors(&component("guest-command"));
    let own = ["audit:pipeline/source@0.1.0", "audit:pipeline/types@0.1.0"];
    assert_eq!(imports, set(&[&FOR_A_COMMAND[..], &own].concat()));
    assert_eq!(exports, set(&["wasi:cli/run@0.2.12"]));
}

#[test]
fn composed_it_imports_wasi_and_nothing_else_that_could_be_called() {
    let composed = compose(&component("guest-command"), &component("guest-miro")).unwrap();
    let (imports, exports) = doors(&composed);
    let http = ["wasi:http/outgoing-handler@0.2.12", "wasi:http/types@0.2.12"];
    let types = ["audit:pipeline/types@0.1.0"];
    assert_eq!(imports, set(&[&FOR_A_COMMAND[..], &http, &types].concat()));
    assert_eq!(exports, set(&["wasi:cli/run@0.2.12"]));
    // No runtime has to know these: they are names for values, without a function.
    let DecodedWasm::Component(resolve, world) = wit_component::decode(&composed).unwrap() else { panic!("not a component") };
    for (name, item) in &resolve.worlds[world].imports {
        if let (true, WorldItem::Interface { id, .. }) = (types.contains(&resolve.name_world_key(name).as_str()), item) {
            assert!(resolve.interfaces[*id].functions.is_empty());
        }
    }
}

#[test]
fn i5_the_entra_component_imports_http_and_nothing_else() {
    let (imports, exports) = doors(&component("guest-entra"));
    let http = ["wasi:http/outgoing-handler@0.2.12", "wasi:http/types@0.2.12"];
    let io = ["wasi:io/error@0.2.12", "wasi:io/poll@0.2.12", "wasi:io/streams@0.2.12"];
    assert_eq!(imports, set(&[&["audit:pipeline/types@0.1.0"][..], &http, &io].concat()));
    assert_eq!(exports, set(&["audit:pipeline/directory@0.1.0", "audit:pipeline/responder@0.1.0", "audit:pipeline/source@0.1.0"]));
}

#[test]
fn what_exports_no_source_is_not_composed() {
    let command = component("guest-command");
    let why = compose(&command, &command).unwrap_err();
    assert!(why.to_string().contains("does not export what the command imports"), "{why:#}");
}

#[test]
fn the_same_sources_give_the_same_bytes_and_they_say_what_they_are() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let revision = Revision::Dirty(COMMIT.into());
    let written = write(&root(), &builds(), one.path(), &revision).unwrap();
    // What an earlier contract had and this one has not.
    fs::create_dir_all(two.path().join("wit")).unwrap();
    fs::write(two.path().join("wit/old.wit"), "").unwrap();
    write(&root(), &builds(), two.path(), &revision).unwrap();
    let files = tree(one.path());
    assert!(files == tree(two.path()), "written twice, the files differ");
    assert_eq!(files.len(), written.len() + 1);

    let about = |name: &str| -> Metadata {
        let Payload::Component { metadata, .. } = Payload::from_binary(&files[Path::new(name)]).unwrap() else {
            panic!("{name} is no component")
        };
        metadata
    };
    for name in ["miro-source", "miro-source-command", "miro-source-entra"] {
        let file = &format!("{name}.wasm");
        let metadata = about(file);
        assert_eq!(metadata.name.as_deref(), Some(name));
        assert_eq!(metadata.version.unwrap().to_string(), env!("CARGO_PKG_VERSION"));
        assert_eq!(metadata.licenses.unwrap().to_string(), "Apache-2.0");
        assert_eq!(metadata.revision.unwrap().to_string(), format!("{COMMIT}-dirty"));
        assert!(metadata.description.is_some());
    }
    assert_eq!(about("audit-pipeline.wasm").revision.unwrap().to_string(), format!("{COMMIT}-dirty"));

    // The components are as they are elsewhere, but for what they say of themselves.
    assert_eq!(doors(&files[Path::new("miro-source.wasm")]), doors(&component("guest-miro")));
    assert_eq!(doors(&files[Path::new("miro-source-entra.wasm")]), doors(&component("guest-entra")));
    let DecodedWasm::WitPackage(resolve, package) = wit_component::decode(&files[Path::new("audit-pipeline.wasm")]).unwrap() else {
        panic!("no WIT package")
    };
    let package = &resolve.packages[package];
    assert_eq!(package.name.to_string(), "audit:pipeline@0.1.0");
    assert!(package.interfaces.contains_key("source") && package.worlds.contains_key("source-command"));
}

#[test]
fn the_digests_are_verified_by_the_usual_tool() {
    let folder = tempfile::tempdir().unwrap();
    let written = write(&root(), &builds(), folder.path(), &Revision::Unknown("no git".into())).unwrap();
    let sums = fs::read_to_string(folder.path().join(SUMS)).unwrap();
    assert_eq!(sums.lines().count(), written.len());
    for file in &written {
        assert!(sums.contains(&format!("{}  {}\n", file.digest, file.name)), "{}", file.name);
    }
    // macOS has `shasum`, Linux `sha256sum`.
    let tools: [(&str, &[&str]); 2] = [("sha256sum", &["-c", SUMS]), ("shasum", &["-a", "256", "-c", SUMS])];
    let ran = tools.iter().find_map(|(tool, how)| Command::new(tool).args(*how).current_dir(folder.path()).output().ok());
    let ran = ran.expect("neither sha256sum nor shasum is installed");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
}

#[test]
fn a_copy_without_git_has_no_revision_and_a_change_makes_it_dirty() {
    let folder = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.com", "-c", "commit.gpgsign=false"];
        let ran = Command::new("git").current_dir(folder.path()).args(identity).args(arguments).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    };
    assert!(matches!(Revision::of(folder.path()), Revision::Unknown(_)));
    git(&["init", "--quiet"]);
    fs::create_dir(folder.path().join("guest")).unwrap();
    fs::write(folder.path().join("guest/a"), "1").unwrap();
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "one"]);
    let Revision::Clean(commit) = Revision::of(folder.path()) else { panic!("{:?}", Revision::of(folder.path())) };
    fs::write(folder.path().join("notes"), "2").unwrap();
    assert_eq!(Revision::of(folder.path()), Revision::Clean(commit.clone()), "notes make no component");
    fs::write(folder.path().join("guest/a"), "2").unwrap();
    assert_eq!(Revision::of(folder.path()).text(), Some(format!("{commit}-dirty")));
    assert!(matches!(Revision::of(&folder.path().join("guest")), Revision::Unknown(_)), "inside of another repository");
}
