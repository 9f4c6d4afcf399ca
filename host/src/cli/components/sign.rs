//! `miro-source components sign`

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use secrecy::ExposeSecret as _;

use super::password::PasswordArgs;
use crate::{
    cli::{Context, Exit, Result, init::write::replace},
    config::{SecretRef, secret},
    trust::{KeyId, Package, Protection, Signature, SignatureFile, SigningKey},
};

/// Sign a component.
///
/// Writes FILE.minisig; where that is another key's, FILE.KEYID.minisig. A signature that the same key made before is
/// replaced.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The component
    file: PathBuf,
    /// The file of the secret key
    #[arg(long, short, value_name = "SECRETKEYFILE")]
    key: PathBuf,
    /// What is signed along with it, and shown by `verify` [default: time and name of the file]
    #[arg(long, short, value_name = "TEXT")]
    comment: Option<String>,
    #[command(flatten)]
    password: PasswordArgs,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let package = Package::read(&args.file)?;
    let key = open(args).with_context(|| format!("failed to use the key {}", args.key.display()))?;
    let place = place(&args.file, &package.signatures, key.id())?;
    let comment = args.comment.clone().unwrap_or_else(|| {
        let name = args.file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        format!("timestamp:{}\tfile:{name}\thashed", context.clock.now().0 / 1000)
    });
    let text = key.sign(&package.wasm, &comment).context("failed to sign")?;
    replace(&place, text.as_bytes()).with_context(|| format!("failed to write {}", place.display()))?;
    say!("signed {} ({}) with key {}", args.file.display(), package.digest(), key.id());
    say!("wrote {}", place.display());
    Ok(Exit::Done)
}

fn open(args: &Args) -> Result<SigningKey> {
    let at = SecretRef::File(args.key.clone());
    // A public key, which everybody may read, is called that and not careless.
    let needs_password = SigningKey::needs_password(secret::public(&at)?.expose_secret())?;
    let text = secret::resolve(&at)?;
    if let Some(warning) = secret::concern(&at) {
        eprintln!("miro-source: {warning}");
    }
    let protection = if needs_password { Protection::Password(args.password.known()?) } else { Protection::None };
    Ok(SigningKey::open(text.expose_secret(), &protection)?)
}

/// Where the signature goes: a place that is free, or this key's own.
fn place(file: &Path, found: &[SignatureFile], id: KeyId) -> Result<PathBuf> {
    let mut taken = Vec::new();
    for suffix in [".minisig".to_owned(), format!(".{id}.minisig")] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        let place = PathBuf::from(name);
        if place.symlink_metadata().is_err() || found.iter().any(|known| known.is_at(&place) && is_of(&known.text, id)) {
            return Ok(place);
        }
        taken.push(place.display().to_string());
    }
    bail!("no place for the signature: {} hold something else than signatures of key {id}; move them away", taken.join(" and "))
}

/// Whether these are signatures of that key, and nothing else.
fn is_of(text: &str, id: KeyId) -> bool {
    Signature::parse_all(text).is_ok_and(|all| all.iter().all(|signature| signature.id() == id))
}
