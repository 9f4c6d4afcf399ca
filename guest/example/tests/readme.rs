//! The walk-through in `guest/README.md` shows the code that is built, not code that once was.
#![expect(clippy::unwrap_used, reason = "tests")]

#[test]
fn the_walk_through_shows_the_files_as_they_are() {
    let readme = include_str!("../../README.md");
    let shown: Vec<&str> = readme.split("```rust\n").skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect();
    let files = [include_str!("../src/paging.rs"), include_str!("../src/event.rs"), include_str!("../../night/src/night.rs")];
    assert_eq!(shown.len(), files.len());
    for (shown, file) in shown.into_iter().zip(files) {
        assert_eq!(shown, file.trim_end(), "copy the file into guest/README.md");
    }
}

/// The lines of a table of a manifest, by what they define.
fn table<'a>(manifest: &'a str, name: &str) -> Vec<(&'a str, &'a str)> {
    let (_, from) = manifest.split_once(&format!("[{name}]\n")).unwrap();
    from.lines().take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once(" = ")).collect()
}

#[test]
fn the_manifest_of_a_repository_of_ones_own_has_what_this_one_is_built_with() {
    let (_, from) = include_str!("../../README.md").split_once("```toml\n[package]").unwrap();
    let shown = table(from.split("\n```").next().unwrap(), "dependencies");
    let here: Vec<&str> = table(include_str!("../Cargo.toml"), "dependencies").into_iter().map(|(name, _)| name).collect();
    assert_eq!(shown.iter().map(|(name, _)| *name).collect::<Vec<_>>(), here);
    let workspace = table(include_str!("../../../Cargo.toml"), "workspace.dependencies");
    let version = |text: &str| text.split('"').nth(1).unwrap().to_owned();
    for (name, shown) in shown.into_iter().filter(|(name, _)| *name != "guest-http") {
        let (_, used) = workspace.iter().find(|(of, _)| *of == name).unwrap();
        assert_eq!(version(shown), version(used), "{name}");
    }
}
