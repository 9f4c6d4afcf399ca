//! `miro-source tail`

use super::{Context, Exit, Result, run::on_signal};
use crate::{
    model::{Lane, Seq, SourceName},
    neutral::visible,
    pipeline,
    store::{Range, StoredEvent, blocking},
};

/// How often the log is looked at.
const LOOK: std::time::Duration = std::time::Duration::from_millis(500);

/// Follow the events as they are stored, or list the latest and end.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only of this source
    #[arg(long)]
    source: Option<SourceName>,
    /// Only these event names; `*` stands for anything (may be repeated)
    #[arg(long = "event", value_name = "NAME")]
    events: Vec<String>,
    /// Only records that contain this text
    #[arg(long, value_name = "TEXT")]
    contains: Option<String>,
    /// Only late events
    #[arg(long)]
    late: bool,
    /// Begin that many places back
    #[arg(long, short = 'n', default_value_t = 10, value_name = "COUNT")]
    lines: i64,
    /// End after what is there
    #[arg(long)]
    no_follow: bool,
    /// Print the whole record
    #[arg(long)]
    record: bool,
}

impl Args {
    fn wants(&self, event: &StoredEvent) -> bool {
        (self.events.is_empty() || self.events.iter().any(|pattern| matches(pattern, &event.action)))
            && self.contains.as_ref().is_none_or(|text| event.record.contains(text))
            && (!self.late || event.lane == Lane::Late)
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let store = pipeline::look(&config)?;
    let shutdown = on_signal()?;
    let sources: Vec<_> =
        config.sources.iter().map(|each| each.name.clone()).filter(|name| args.source.as_ref().is_none_or(|only| only == name)).collect();
    let mut after = Seq(store.head()?.0.saturating_sub(args.lines.max(0)));
    loop {
        // Up to the head only, so that the order of the log holds across sources and lanes.
        let head = store.head()?;
        let mut found = Vec::new();
        for source in &sources {
            for lane in Lane::ALL {
                let mut from = after;
                loop {
                    let source = source.clone();
                    let range = move |store: &dyn crate::store::Store| {
                        store.read(&Range { source: &source, lane, after: from, sink: None, events: 1000, bytes: 4 << 20 })
                    };
                    let events = blocking(&store, range).await?;
                    let Some(last) = events.last() else { break };
                    from = last.seq;
                    found.extend(events.into_iter().filter(|event| event.seq <= head));
                    if from >= head {
                        break;
                    }
                }
            }
        }
        found.sort_by_key(|event| event.seq);
        for event in found.iter().filter(|event| args.wants(event)) {
            let text = if args.record { event.record.as_str() } else { event.action.as_str() };
            say!("{:>10}  {}  {:<7}  {}", event.seq.0, event.time, event.lane, visible(text));
        }
        after = head;
        if args.no_follow {
            return Ok(Exit::Done);
        }
        tokio::select! {
            () = shutdown.cancelled() => return Ok(Exit::Done),
            () = context.clock.sleep_until(context.clock.now().plus(LOOK)) => {}
        }
    }
}

/// Whether a name fits a pattern in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut open = false;
    for part in parts {
        open = true;
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.is_empty() || open && (pattern.ends_with('*') || name.ends_with(pattern.rsplit('*').next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, name, fits) in [
            ("board_opened", "board_opened", true),
            ("board_*", "board_opened", true),
            ("*_opened", "board_opened", true),
            ("*", "anything", true),
            ("b*d_*ed", "board_opened", true),
            ("board", "board_opened", false),
            ("*_opened", "board_opened_again", false),
            ("sign_*", "board_opened", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} on {name}");
        }
    }
}
