//! Where events go.

use std::{fs::OpenOptions, path::Path, sync::Arc};

use super::report::{Level, Report};
use crate::{
    cli::Exit,
    clock::SystemClock,
    config::{SecretRef, SinkConfig, SinkKind, secret},
    model::Instant,
    sink::{self, SinkError, sumo::search::Search},
    store::Store,
};

/// Checks a sink, delivering nothing.
pub(super) async fn check(config: &SinkConfig, client: &reqwest::Client, offline: bool, report: &mut Report) {
    let subject = format!("sink {}", config.name);
    match &config.kind {
        SinkKind::Sumo(sumo) if offline => {
            let search = sumo.search.iter().flat_map(|search| [&search.access_id, &search.access_key]);
            return configured([&sumo.url].into_iter().chain(&sumo.token).chain(search), &subject, report);
        }
        SinkKind::File { path } if !path.exists() => return folder(path, &config.kind, &subject, report),
        _ => {}
    }
    let mut sink = match sink::build(config, client.clone()) {
        Ok(sink) => sink,
        Err(why) => return failed(&why, &config.kind, &subject, report),
    };
    match sink.check().await {
        Ok(found) => report.line(Level::Ok, &subject, &found, None),
        Err(why) => failed(&why, &config.kind, &subject, report),
    }
}

/// Whether `verify` may look at what arrived, where that is configured.
pub(super) async fn search(config: &SinkConfig, client: &reqwest::Client, now: Instant, report: &mut Report) {
    let SinkKind::Sumo(sumo) = &config.kind else { return };
    if sumo.search.is_none() {
        return;
    }
    let subject = format!("sink {}", config.name);
    let tried = match Search::open(sumo, config.format, client.clone(), Arc::new(SystemClock)).await {
        Ok(mut search) => search.check(now).await,
        Err(why) => Err(why),
    };
    match tried {
        Ok(found) => report.line(Level::Ok, &subject, &found, None),
        Err(why) => {
            let advice = "events are delivered all the same; only `verify` cannot look at what arrived";
            report.fail(Exit::Left, &subject, &why.to_string(), Some(advice));
        }
    }
}

/// Whether its filters let anything through, as far as names of events tell.
pub(super) fn sieve(config: &SinkConfig, store: Option<&Arc<dyn Store>>, report: &mut Report) {
    let Some(Ok(mut seen)) = store.map(|store| store.actions()) else { return };
    seen.retain(|action| config.sources.contains(&action.source));
    if sink::drops_all_of(&config.sieve, &seen) {
        let text = format!("its filters drop every event name that was ever seen: {} of {}", seen.len(), seen.len());
        let advice = "compare `keep` and `drop` of the sink with `miro-source events`";
        report.line(Level::Warn, &format!("sink {}", config.name), &text, Some(advice));
    }
}

/// Without reaching out: only that the secrets can be read.
fn configured<'a>(mut secrets: impl Iterator<Item = &'a SecretRef>, subject: &str, report: &mut Report) {
    match secrets.try_for_each(|at| secret::resolve(at).map(drop)) {
        Ok(()) => report.line(Level::Ok, subject, "its secrets can be read; not asked (--offline)", None),
        Err(why) => report.fail(
            Exit::Configuration,
            subject,
            &why.to_string(),
            Some("see `url`, `token`, `access_id` and `access_key` of the sink"),
        ),
    }
}

/// A file that is not there yet is not created by a check: that its folder takes files says enough.
fn folder(path: &Path, kind: &SinkKind, subject: &str, report: &mut Report) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let probe = folder.join(format!(".miro-source-check-{}", std::process::id()));
    let tried = OpenOptions::new().write(true).create_new(true).open(&probe).and_then(|_| std::fs::remove_file(&probe));
    match tried {
        Ok(()) => report.line(Level::Ok, subject, &format!("{} will be created", path.display()), None),
        Err(why) => failed(&SinkError::Person(format!("{} cannot be created: {why}", path.display())), kind, subject, report),
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
