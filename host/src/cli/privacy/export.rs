//! `miro-source privacy export`: all that is kept of a person.

use std::io::Write;

use serde_json::{Value, json};

use super::{Context, Ended, Exit, Export, Hand, Result, log::Makers, whom};
use crate::{
    config::Config,
    control, disk, neutral,
    privacy::{Kind, Marks},
    store::{Kept, StoreError, StoreErrorKind},
};

/// Runs the command.
pub(super) async fn run(args: Export, config: &Config, context: &Context) -> Result<Exit> {
    let hand = Hand::take(config, context)?;
    let sources = hand.sources(args.source.as_ref())?;
    let makers = Makers::of(config, &sources).await?;
    let identities = whom::of(&hand, &makers, &sources, &args.user).await?;
    let mut out = Out::to(args.output.as_deref())?;
    hand.ask(control::Privacy::Export { mark: hand.mark(&args.user), source: args.source.clone() }).await?;
    let (marks, accounts) = (Marks::plain(&identities), Marks::plain(identities.iter().filter(|identity| identity.kind == Kind::Account)));
    out.line(&json!({
        "kind": "export", "format": 1, "at": context.clock.now().to_string(), "source": args.source, "user": args.user, "identities": identities,
    }))?;
    for source in &sources {
        let passage = makers.go_through(&hand, source, &marks, async |batch| {
            for (event, actor) in &batch.naming {
                let did = actor
                    .as_ref()
                    .is_some_and(|actor| [&actor.id, &actor.email].into_iter().flatten().any(|text| accounts.is_account(text)));
                let standing = event.known.standing.as_ref().map(|standing| json!({ "groups": standing.groups }));
                // As it is stored, where that is JSON.
                let record = serde_json::from_str(&event.record).unwrap_or_else(|_| Value::String(event.record.clone()));
                let line = json!({
                    "kind": "event", "source": source, "seq": event.seq, "lane": event.lane, "time": event.time.to_string(),
                    "received": event.received.to_string(), "action": event.action, "role": if did { "actor" } else { "mentioned" },
                    "standing": standing, "record": record,
                });
                out.line(&line)?;
            }
            Ok(())
        });
        passage.await?;
    }
    let store = hand.store().clone();
    let (mut out, lines) = tokio::task::spawn_blocking(move || -> anyhow::Result<_> {
        let mut each = |kept: Kept| {
            let line = json!({ "kind": "row", "table": kept.table, "row": kept.row });
            out.line(&line).map_err(|why| StoreError::new(StoreErrorKind::Retry, why.to_string()))
        };
        store.kept_of(args.source.as_ref(), &marks, &mut each)?;
        let lines = out.lines;
        Ok((out, lines))
    })
    .await??;
    out.line(&json!({ "kind": "end", "lines": lines + 1 }))?;
    out.end()?;
    if let Some(path) = &args.output {
        say!("{} lines about {} are in {}", lines + 1, neutral::visible(&args.user), path.display());
    }
    Ok(Exit::Done)
}

/// Where it goes.
struct Out {
    file: Option<std::io::BufWriter<std::fs::File>>,
    lines: u64,
}

impl Out {
    fn to(path: Option<&std::path::Path>) -> Result<Self> {
        let made = path.map(disk::create_private).transpose();
        let file = made.map_err(|why| {
            let path = path.unwrap_or(std::path::Path::new("")).display();
            Ended::new(Exit::Left, format!("failed to write {path}: {why}: name a file that is not there yet, in a folder that is"))
        })?;
        Ok(Self { file: file.map(std::io::BufWriter::new), lines: 0 })
    }

    fn line(&mut self, line: &Value) -> Result<()> {
        let line = line.to_string();
        let text = neutral::json(&line);
        self.lines += 1;
        match &mut self.file {
            Some(file) => writeln!(file, "{text}")?,
            None => say!("{text}"),
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        if let Some(file) = &mut self.file {
            file.flush()?;
            file.get_ref().sync_all()?;
        }
        Ok(())
    }
}
