//! What the environment may say.

use super::world::World;
use crate::exit::Exit;

fn wrong(change: impl FnOnce(&mut World), expected: &str) {
    let mut world = World::new();
    change(&mut world);
    assert_eq!(world.run(), Exit::Configuration, "{expected}");
    assert!(world.said().contains(expected), "{}\nexpected: {expected}", world.said());
    assert_eq!(world.inner.borrow().said.last().unwrap(), "miro-source-command: exit 2");
}

#[test]
fn what_cannot_work_is_named() {
    wrong(|world| world.set("MIRO_SOURCE_CONFIG", ""), "MIRO_SOURCE_CONFIG is not set");
    wrong(|world| world.set("MIRO_SOURCE_CONFIG", "{"), "MIRO_SOURCE_CONFIG is no JSON");
    wrong(|world| world.set("MIRO_SOURCE_CONFIG", "cfg/none.json"), "names the file cfg/none.json, which is not in any folder");
    wrong(
        |world| world.set("MIRO_SOURCE_SECRET_ACCESS_TOKEN", ""),
        "MIRO_SOURCE_SECRET_ACCESS_TOKEN is not set (nor MIRO_SOURCE_SECRET_ACCESS_TOKEN_FILE)",
    );
    wrong(|world| world.set("MIRO_SOURCE_SECRET_ACCESS_TOKEN_FILE", "x"), "are both set: keep one");
    wrong(|world| world.set("MIRO_SOURCE_SECRET_ACESS_TOKEN", "x"), "did you mean MIRO_SOURCE_SECRET_ACCESS_TOKEN?");
    wrong(|world| world.set("MIRO_SOURCE_BUGDET", "1m"), "did you mean MIRO_SOURCE_BUDGET?");
    wrong(|world| world.set("MIRO_SOURCE_BUDGET", "soon"), "MIRO_SOURCE_BUDGET is \"soon\", no length of time");
    wrong(|world| world.set("MIRO_SOURCE_REMEMBER", "0d"), "MIRO_SOURCE_REMEMBER is \"0d\"");
    wrong(|world| world.set("MIRO_SOURCE_PAGES", "0"), "write a number from 1");
}

#[test]
fn configuration_and_secrets_come_from_files_too() {
    let mut world = World::new().with("MIRO_SOURCE_CONFIG", "cfg/config.json").with("MIRO_SOURCE_STATE", "state/");
    world.environment.retain(|(name, _)| name != "MIRO_SOURCE_SECRET_ACCESS_TOKEN");
    world.set("MIRO_SOURCE_SECRET_ACCESS_TOKEN_FILE", "cfg/token");
    world.inner.borrow_mut().files.write("cfg/config.json", b"{}\n".to_vec());
    world.inner.borrow_mut().files.write("cfg/token", b"static-token\n".to_vec());
    assert_eq!(world.run(), Exit::Done, "{}", world.said());
}

#[test]
fn variables_of_others_are_none_of_our_business() {
    let world = World::new().with("MIRO_SOURCE_LOG", "debug").with("HOME", "/root").with("MIRO_ACCESS_TOKEN", "x");
    assert_eq!(world.run(), Exit::Done, "{}", world.said());
}
