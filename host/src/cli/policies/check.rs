//! `miro-source policies check`

use std::path::PathBuf;

use activity_policy::{Policy, meaning};

use super::print;
use crate::{
    cli::{Context, Exit, Result},
    config,
};

/// Say what each policy means, in a sentence, or everything that is wrong, with its line.
///
/// Without FILE: those of the configuration. Exit codes: 0 all are right; 2 something is wrong.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A file that holds [[policy]] and nothing else, whether the configuration reads it or not
    file: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let (policies, warnings, wrong) = match &args.file {
        // Not the configuration: nothing of it is needed to read a policy.
        Some(file) => (config::check_policies(file)?, Vec::new(), Vec::new()),
        None => {
            let config = config::load(&config::locate(context.path())?)?;
            let wrong: Vec<String> = config.broken.into_iter().map(|broken| broken.message).collect();
            (config.policies.into_iter().map(|each| each.policy).collect(), config.warnings, wrong)
        }
    };
    print(&meanings(&policies));
    for warning in warnings {
        eprintln!("miro-source: {warning}");
    }
    for each in &wrong {
        eprintln!("miro-source: {each}");
    }
    Ok(if wrong.is_empty() { Exit::Done } else { Exit::Configuration })
}

/// A sentence for each, under its name.
pub(super) fn meanings(policies: &[Policy]) -> Vec<String> {
    if policies.is_empty() {
        return vec!["there is no policy; `miro-source policies templates` shows some to begin with".to_owned()];
    }
    policies.iter().map(|policy| format!("{}\n    {}", policy.name, meaning(policy))).collect()
}
