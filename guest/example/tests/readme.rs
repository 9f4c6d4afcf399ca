//! The walk-through in `guest/README.md` shows the code that is built, not code that once was.

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
