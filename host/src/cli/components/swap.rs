//! `miro-source components swap`

use std::path::PathBuf;

use crate::{
    cli::{Context, Ended, Exit, Result},
    config::ComponentRef,
    control::{self, Reply, Request, submit},
    neutral::visible,
    swap::{Consent, Difference},
};

/// How many differences are shown.
const SHOWN: usize = 50;

/// Replace a component of the running host.
///
/// The candidate must be trusted, fit its world, be granted what it must reach, yield the same events from the last pages of
/// every source, read their checkpoints, and complete one poll of one source, which is stored only then. If it fails in the
/// first polls, the host goes back to the generation before, and to its checkpoints. Exit codes: 0 it is current; 1 it is not,
/// and why.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which component: as `components` shows it, or short: `miro` for `builtin:miro`, `other` for `/path/other.wasm`
    component: String,
    /// The candidate: a .wasm file, or `builtin:NAME`
    file: String,
    /// Accept that it makes other events of the same pages, or that there are no pages yet to compare it on
    #[arg(long)]
    accept_diff: bool,
}

/// Runs the command.
pub(super) async fn run(args: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let file = match args.file.strip_prefix("builtin:") {
        Some(name) => ComponentRef::Builtin(name.to_owned()),
        None => {
            let path = PathBuf::from(&args.file);
            let whole = std::fs::canonicalize(&path);
            ComponentRef::Path(whole.map_err(|why| Ended::new(Exit::Left, format!("failed to find {}: {why}", path.display())))?)
        }
    };
    let consent = if args.accept_diff { Consent::Any } else { Consent::Same };
    let request = Request::Swap(control::Swap { component: args.component, file, consent });
    match submit(&config, request, context.clock.as_ref()).await? {
        Reply::Promoted(promoted) => {
            show(&promoted.differences);
            let name = format!("{} {}", promoted.name, promoted.version);
            say!("generation {}: {} (sha256:{}) is current", promoted.number, visible(&name), promoted.digest);
            say!("  {}", visible(&promoted.vouched));
            let tried = promoted.canary.map(|source| format!(", tried by source `{source}`")).unwrap_or_default();
            say!("  compared on {} recorded pages, {} fields differ{tried}", promoted.transcripts, promoted.differences.len());
            Ok(Exit::Done)
        }
        Reply::Refused(refused) => {
            show(&refused.differences);
            Err(Ended::new(Exit::Left, format!("not replaced: {}", visible(&refused.reason))).into())
        }
        _ => Err(Ended::new(Exit::Left, "the running host gave an answer that does not fit: it is of another version").into()),
    }
}

fn show(differences: &[Difference]) {
    for each in differences.iter().take(SHOWN) {
        say!("{} {}: differs {} times, first in {}", each.part.as_str(), visible(&each.field), each.count, visible(&each.example));
        let value = |value: &Option<String>| value.as_deref().map_or("(nothing)".to_owned(), |text| visible(text).into_owned());
        say!("  - {}", value(&each.before));
        say!("  + {}", value(&each.after));
    }
    if differences.len() > SHOWN {
        say!("… and {} more fields", differences.len() - SHOWN);
    }
}
