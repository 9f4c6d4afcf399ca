//! The real terminal: questions go to standard error, so that standard output stays for results.

use std::io::{self, BufRead, Write};

use secrecy::SecretString;

use super::ask::Prompt;

/// Asks on the terminal.
#[derive(Clone, Copy, Debug)]
pub struct Terminal;

impl Prompt for Terminal {
    fn say(&mut self, line: &str) -> io::Result<()> {
        writeln!(io::stderr(), "{line}")
    }

    fn text(&mut self, question: &str, default: Option<&str>) -> io::Result<String> {
        let mut err = io::stderr();
        match default {
            Some(default) => write!(err, "{question} [{default}]: ")?,
            None => write!(err, "{question}: ")?,
        }
        err.flush()?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim();
        Ok(if line.is_empty() { default.unwrap_or_default().to_owned() } else { line.to_owned() })
    }

    fn secret(&mut self, question: &str) -> io::Result<SecretString> {
        rpassword::prompt_password(format!("{question} (not shown): ")).map(SecretString::from)
    }
}
