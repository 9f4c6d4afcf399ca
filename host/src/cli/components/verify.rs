//! `miro-source components verify`

use std::path::{Path, PathBuf};

use crate::{
    cli::{Context, Ended, Exit, Result},
    trust::{KeyError, Package, PublicKey, Trust},
};

/// See whether a component may run, and who signed it.
///
/// Without --key the configuration decides: built in, pinned, or signed by enough trusted keys. With it, every key named
/// must have signed, and the configuration is not read. Exit codes: 0 it may run; 2 it may not, and why.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The component; its signatures are FILE.minisig and FILE.*.minisig
    file: PathBuf,
    /// A public key, or its .pub file, that must have signed it; may be repeated
    #[arg(long, short, value_name = "PUBKEY")]
    key: Vec<String>,
}

/// Runs the command.
pub(super) fn run(args: Args, context: &Context) -> Result<Exit> {
    let trust = if args.key.is_empty() {
        Trust::new(&context.load()?.components)
    } else {
        let mut keys: Vec<PublicKey> = Vec::new();
        for text in &args.key {
            let key = key(text)?;
            if !keys.iter().any(|known| known.is_same_key(&key)) {
                keys.push(key);
            }
        }
        Trust::signed_by_all(keys)
    };
    let package = Package::read(&args.file).map_err(|why| Ended::new(Exit::Configuration, why.to_string()))?;
    let vouched = trust.judge(&package).map_err(|why| Ended::new(Exit::Configuration, why.to_string()))?;
    say!("ok: {} ({}) is {vouched}", args.file.display(), package.digest());
    Ok(Exit::Done)
}

/// As written, or in a file.
fn key(text: &str) -> Result<PublicKey> {
    let wrong = |why: KeyError| Ended::new(Exit::Configuration, format!("--key {}: {why}", crate::neutral::brief(text, 60)));
    match text.parse() {
        Ok(key) => Ok(key),
        // It must not be shown.
        Err(KeyError::Secret) => Err(Ended::new(Exit::Configuration, format!("--key: {}", KeyError::Secret)).into()),
        Err(why) if !Path::new(text).is_file() => Err(wrong(why).into()),
        Err(_) => {
            let read = std::fs::read_to_string(text);
            let read = read.map_err(|why| Ended::new(Exit::Configuration, format!("failed to read the public key {text}: {why}")))?;
            Ok(PublicKey::from_file_text(&read).map_err(wrong)?)
        }
    }
}
