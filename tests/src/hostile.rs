//! Components that attack their host: the crate `tests/hostile`, built on first use, and the texts in its folder `wat`.

use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

use anyhow::Context as _;
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

use crate::component;

/// What the place for the plan of `describe` begins with, and how long it is: see `plan.rs` of the crate.
const MARK: &[u8] = b"the plan of describe:";
const PLACE: usize = 256;

/// The exports of the world, and the parameters of each as core WebAssembly.
const EXPORTS: [(&str, &str); 12] = [
    ("describe", ""),
    ("metering", "i32 i32"),
    ("origins", "i32 i32"),
    ("check", "i32 i32 i32 i32"),
    ("authorize-url", "i32 i32 i32 i32 i32 i32"),
    ("exchange", "i32 i32 i32 i32 i32 i32 i32 i32 i64"),
    ("refresh", "i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64 i64"),
    ("revoke", "i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64"),
    ("begin", "i32 i32 i32 i64 i64 i64"),
    ("collect", "i32 i32 i32 i32 i32 i32 i64"),
    ("normalize", "i32 i32 i32 i32"),
    ("ocsf", "i32 i32 i32 i32"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The component of the crate, which does what its `config` says.
pub fn component() -> anyhow::Result<Vec<u8>> {
    static BUILT: LazyLock<Result<Vec<u8>, String>> = LazyLock::new(|| component::build("guest-hostile").map_err(|why| format!("{why:#}")));
    BUILT.clone().map_err(anyhow::Error::msg)
}

/// The same component with a plan for `describe`, which is handed no configuration.
pub fn describing(plan: &str) -> anyhow::Result<Vec<u8>> {
    let mut component = component()?;
    let at = component.windows(MARK.len()).position(|bytes| bytes == MARK).context("the component has no place for a plan")?;
    let place = component.get_mut(at + MARK.len()..at + PLACE).context("the place for a plan is too short")?;
    anyhow::ensure!(plan.len() <= place.len(), "the plan is too long");
    place.fill(b' ');
    place.iter_mut().zip(plan.bytes()).for_each(|(place, byte)| *place = byte);
    Ok(component)
}

/// The component of `wat/NAME.wat`: a whole one, or the fields of a module with a function `$attack`, which every export of
/// the world then calls.
pub fn text(name: &str) -> anyhow::Result<Vec<u8>> {
    let path = root().join("tests/hostile/wat").join(format!("{name}.wat"));
    let text = std::fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
    if text.contains("(component") { Ok(wat::parse_str(text)?) } else { attacking(&text) }
}

/// A component of these fields, as [`text`] takes them.
pub fn attacking(fields: &str) -> anyhow::Result<Vec<u8>> {
    let mut module = format!("(module {fields}\n");
    for (name, parameters) in EXPORTS {
        let parameters = if parameters.is_empty() { String::new() } else { format!("(param {parameters})") };
        module += &format!("(func (export \"audit:pipeline/source@0.1.0#{name}\") {parameters} (result i32) (call $attack))\n");
    }
    if !fields.contains("(export \"memory\")") {
        module += "(memory (export \"memory\") 1)\n";
    }
    if !fields.contains("(export \"cabi_realloc\")") {
        module += "(global $free (mut i32) (i32.const 4096))
            (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32)
                global.get $free
                (global.set $free (i32.add (global.get $free) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8)))))\n";
    }
    module += ")";
    let mut core = wat::parse_str(module)?;
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(root().join("wit"))?;
    let world = resolve.select_world(&[package], Some("http-source"))?;
    wit_component::embed_component_metadata(&mut core, &resolve, world, StringEncoding::UTF8, false)?;
    ComponentEncoder::default().validate(true).module(&core)?.encode()
}
