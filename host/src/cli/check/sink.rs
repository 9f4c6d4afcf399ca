//! Where events go.

use std::sync::Arc;

use super::report::{Level, Report};
use crate::{
    cli::Exit,
    config::{SecretRef, SinkConfig, SinkKind, secret},
    sink::{
        SecretSource, Sink, SinkError,
        file::FileSink,
        stdout::StdoutSink,
        sumo::{SumoSecrets, SumoSink},
    },
};

/// Checks a sink, delivering nothing.
pub(super) async fn check(config: &SinkConfig, client: &reqwest::Client, offline: bool, report: &mut Report) {
    let subject = format!("sink {}", config.name);
    let mut sink: Box<dyn Sink> = match &config.kind {
        SinkKind::Sumo(sumo) => {
            let secrets = SumoSecrets { url: open(&sumo.url), token: sumo.token.as_ref().map(open) };
            match SumoSink::new(client.clone(), sumo, secrets.clone()) {
                Ok(_) if offline => return configured(&secrets, &subject, report),
                Ok(sink) => Box::new(sink),
                Err(why) => return failed(&why, &config.kind, &subject, report),
            }
        }
        SinkKind::File { path } => match folder(path) {
            Ok(text) => return report.line(Level::Ok, &subject, &text, None),
            Err(None) => Box::new(FileSink::new(path.clone())),
            Err(Some(why)) => return failed(&why, &config.kind, &subject, report),
        },
        SinkKind::Stdout => Box::new(StdoutSink::default()),
    };
    match sink.check().await {
        Ok(found) => report.line(Level::Ok, &subject, &found, None),
        Err(why) => failed(&why, &config.kind, &subject, report),
    }
}

fn open(reference: &SecretRef) -> SecretSource {
    let reference = reference.clone();
    Arc::new(move || secret::resolve(&reference).map_err(|why| why.to_string()))
}

/// Without reaching out: only that the secrets can be read.
fn configured(secrets: &SumoSecrets, subject: &str, report: &mut Report) {
    let read = (secrets.url)().and_then(|_| secrets.token.as_ref().map(|token| token()).transpose());
    match read {
        Ok(_) => report.line(Level::Ok, subject, "configured; not asked (--offline)", None),
        Err(why) => report.fail(Exit::Configuration, subject, &why, Some("see `url` and `token` of the sink")),
    }
}

/// A file that is not there yet is not created by a check: its folder says enough. `Err(None)`: it is there, try it.
fn folder(path: &std::path::Path) -> Result<String, Option<SinkError>> {
    if path.exists() {
        return Err(None);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(std::path::Path::new("."));
    let probe = folder.join(format!(".miro-source-check-{}", std::process::id()));
    let tried = std::fs::OpenOptions::new().write(true).create_new(true).open(&probe).and_then(|_| std::fs::remove_file(&probe));
    match tried {
        Ok(()) => Ok(format!("{} will be created", path.display())),
        Err(why) => Err(Some(SinkError::Person(format!("{} cannot be created: {why}", path.display())))),
    }
}

fn failed(why: &SinkError, kind: &SinkKind, subject: &str, report: &mut Report) {
    let advice = match (kind, why) {
        (SinkKind::Sumo(_), SinkError::Unreachable(_)) => {
            "is the way out open (proxy, firewall, DNS)? nothing is lost meanwhile: events wait in the store"
        }
        (SinkKind::Sumo(_), _) => {
            "copy the URL again: in Sumo Logic under Data Management > Collection, \"Show URL\" beside the HTTP source; events wait in the store"
        }
        (SinkKind::File { .. }, _) => "create the folder, and let the user that runs miro-source write there; or change `path` of the sink",
        (SinkKind::Stdout, _) => "run it with a reader on standard output",
    };
    let exit = if matches!(why, SinkError::Config(_)) { Exit::Configuration } else { Exit::Left };
    report.fail(exit, subject, &why.to_string(), Some(advice));
}
