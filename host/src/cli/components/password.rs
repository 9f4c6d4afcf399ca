//! The password of a secret key: from a file, from the environment, or from whoever sits at the terminal.

use std::{io::IsTerminal as _, path::PathBuf};

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    cli::{
        Ended, Exit, Result,
        init::{Terminal, ask::Prompt as _},
    },
    config::{SecretRef, secret},
};

/// Where the password stands for commands that nobody watches.
const VARIABLE: &str = "MIRO_SOURCE_KEY_PASSWORD";

/// Where the password is.
#[derive(Debug, clap::Args)]
pub(super) struct PasswordArgs {
    /// Read the key's password from this file; else from the variable MIRO_SOURCE_KEY_PASSWORD, else it is asked for
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl PasswordArgs {
    /// For a key that is there.
    pub(super) fn known(&self) -> Result<SecretString> {
        if let Some(password) = self.given()? {
            return Ok(password);
        }
        terminal("it is protected by a password")?;
        Terminal.secret("Password of the key").context("failed to read the password from the terminal")
    }

    /// For a key that is made now: asked for twice, as nobody sees what is typed.
    pub(super) fn chosen(&self) -> Result<SecretString> {
        if let Some(password) = self.given()? {
            return Ok(password);
        }
        terminal("a new key is protected by a password (with --no-password by the mode of its file alone)")?;
        let failed = "failed to read the password from the terminal";
        let password = Terminal.secret("Password for the new key").context(failed)?;
        let again = Terminal.secret("The same again").context(failed)?;
        anyhow::ensure!(password.expose_secret() == again.expose_secret(), "the two passwords differ; nothing was written");
        Ok(password)
    }

    fn given(&self) -> Result<Option<SecretString>> {
        let place = match &self.password_file {
            Some(file) => SecretRef::File(file.clone()),
            None if std::env::var_os(VARIABLE).is_some() => SecretRef::Env(VARIABLE.to_owned()),
            None => return Ok(None),
        };
        Ok(Some(secret::resolve(&place)?))
    }
}

fn terminal(what: &str) -> Result<()> {
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        return Ok(());
    }
    let message = format!("{what}, and there is no terminal to ask for it: use --password-file FILE, or set {VARIABLE}");
    Err(Ended::new(Exit::Configuration, message).into())
}
