//! The component in other runtimes: each is played the same story by an equal simulated world, and what it prints is
//! compared byte for byte with what the native host prints. See README.md.
//!
//! - `story`: what happens at Miro, in four visits; the same for everybody.
//! - `runtime`: what a runtime must tell of itself; `native`, `library`, `command`: those there are.
//! - `play`: one runtime through the story.
//! - `compare`: two plays, event by event.
//! - `table`: what was found, for people.
//! - `detector`: a detector in JavaScript beside the same one in Rust, in the native host.
//!
//! A runtime that is not installed is *ignored* in the harness's words and *skipped* in the table, with the reason. Where
//! `MIRO_SOURCE_RUNTIMES` names it (or is `all`), its absence is a failure.

mod command;
mod compare;
mod detector;
mod library;
mod native;
mod play;
mod runtime;
mod story;
mod table;

use std::{
    process::ExitCode,
    sync::{Arc, OnceLock},
};

use libtest_mimic::{Arguments, Failed, Trial};

use self::{
    native::Native,
    play::{Component, Play},
    runtime::Runtime,
    story::Story,
    table::Table,
};

/// The component, the story and how the native host plays it: the measure of all others.
struct Measure {
    component: Component,
    story: Story,
    native: Play,
}

/// Made once, when the first needs it.
static MEASURE: OnceLock<Result<Measure, String>> = OnceLock::new();

impl Measure {
    fn get() -> Result<&'static Self, Failed> {
        let made = MEASURE.get_or_init(|| Self::make().map_err(|why| format!("the native host: {why:#}")));
        made.as_ref().map_err(Failed::from)
    }

    fn make() -> anyhow::Result<Self> {
        let component = Component::write()?;
        let story = Story::begin();
        let native = Play::of(&Native, &component, &story)?;
        story.told_whole(&native)?;
        Ok(Self { component, story, native })
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let table = Arc::new(Table::default());
    let mut trials = vec![trial(Arc::new(Native), &table)];
    trials.extend(library::all().chain(command::all()).map(|runtime| trial(runtime, &table)));
    trials.push(script());
    let conclusion = libtest_mimic::run(&arguments, trials);
    if let Some(Ok(measure)) = MEASURE.get() {
        table.print(&measure.component);
    }
    conclusion.exit_code()
}

fn trial(runtime: Arc<dyn Runtime>, table: &Arc<Table>) -> Trial {
    let name = runtime.name();
    let absent = runtime.version().err().filter(|_| !demanded(name));
    if let Some(why) = &absent {
        table.skipped(runtime.title(), why);
    }
    let table = Arc::clone(table);
    let ignored = absent.is_some();
    Trial::test(name, move || {
        let version = runtime.version().map_err(|why| format!("not installed: {why}"))?;
        let measure = Measure::get()?;
        if name == Native.name() {
            table.played(runtime.title(), &version, &measure.native, None);
            return Ok(());
        }
        let play = Play::of(runtime.as_ref(), &measure.component, &measure.story).map_err(|why| format!("{why:#}"))?;
        let difference = compare::difference(&measure.native, &play);
        table.played(runtime.title(), &version, &play, Some(difference.is_none()));
        difference.map_or(Ok(()), |difference| Err(difference.into()))
    })
    .with_ignored_flag(ignored)
}

/// A detector in JavaScript, made by the same jco that plays the source.
fn script() -> Trial {
    let absent = library::node_and_jco().err().filter(|_| !demanded("detector"));
    if let Some(why) = &absent {
        eprintln!("a detector in JavaScript: skipped: {why}");
    }
    Trial::test("detector", || detector::compare().map_err(|why| format!("{why:#}").into())).with_ignored_flag(absent.is_some())
}

/// Whether a person wants this runtime and no excuse.
fn demanded(name: &str) -> bool {
    let wanted = std::env::var("MIRO_SOURCE_RUNTIMES").unwrap_or_default();
    wanted.split(',').map(str::trim).any(|each| each == "all" || each == name)
}
