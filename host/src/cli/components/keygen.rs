//! `miro-source components keygen`

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::password::PasswordArgs;
use crate::{
    cli::{Ended, Exit, Result, init::write::private_file},
    trust::{Protection, SigningKey},
};

/// Make a key to sign components with.
///
/// Writes the secret key, which only its owner may read, and beside it the public one, as minisign does. Neither ever
/// overwrites a file.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file of the secret key; the public one has the same name with `.pub`
    #[arg(long, short, value_name = "FILE", default_value = "minisign.key")]
    output: PathBuf,
    /// Write the secret key unencrypted, as `minisign -W` does: whoever reads the file can sign
    #[arg(long, conflicts_with = "password_file")]
    no_password: bool,
    #[command(flatten)]
    password: PasswordArgs,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<Exit> {
    let secret = &args.output;
    let public = secret.with_extension("pub");
    if public == *secret {
        return Err(Ended::new(Exit::Configuration, "--output names the secret key; only the public one is called .pub").into());
    }
    // Before anybody thinks of a password for nothing.
    for file in [secret, &public] {
        free(file)?;
    }
    let protection = if args.no_password { Protection::None } else { Protection::Password(args.password.chosen()?) };
    let key = SigningKey::generate(&protection)?;
    // First the one that can be done without: it is taken back where the other cannot be written.
    let written = fs::File::create_new(&public).and_then(|mut file| file.write_all(key.public.file_text().as_bytes()));
    written.with_context(|| format!("failed to write the public key {}", public.display()))?;
    if let Err(why) = private_file(secret, key.file_text.as_bytes()) {
        // The first error is the one to tell.
        let _ = fs::remove_file(&public);
        return Err(why).with_context(|| format!("failed to write the secret key {}", secret.display()));
    }
    say!("wrote the secret key to {}: keep it where components are built, not where they run", secret.display());
    say!("wrote the public key to {}: key {}", public.display(), key.public.id());
    say!("to trust what it signs, write below [components]:");
    say!("trusted_keys = [\"{}\"]", key.public);
    Ok(Exit::Done)
}

fn free(file: &Path) -> Result<()> {
    if file.symlink_metadata().is_ok() {
        let message = format!("{} is there already, and a key is never overwritten: name another with --output FILE", file.display());
        return Err(Ended::new(Exit::Left, message).into());
    }
    Ok(())
}
