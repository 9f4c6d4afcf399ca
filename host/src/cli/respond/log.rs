//! `miro-source respond log`

use crate::{
    cli::{Context, Exit, Result},
    pipeline,
};

/// Records read at once.
const CHUNK: usize = 1000;

/// Export the governance log, a line of JSON a record.
///
/// `miro-source respond verify FILE` checks what was exported.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// From this record on
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..))]
    from: i64,
    /// As without it: every line is a JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let store = pipeline::look(&context.load()?)?;
    let mut after = args.from.saturating_sub(1);
    loop {
        let records = store.governance(after, CHUNK)?;
        let Some(last) = records.last() else { return Ok(Exit::Done) };
        after = last.number;
        for record in &records {
            // Harmless as it was written: another character of it, and its hash would not fit.
            say!("{}", record.line());
        }
    }
}
