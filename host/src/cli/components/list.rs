//! `miro-source components list`

use std::sync::Arc;

use crate::{
    cli::{Context, Exit, Result},
    config::Config,
    control::{self, Reply, Request},
    egress::HttpTransport,
    neutral::visible,
    pipeline::{self, Components},
    store::{Tenure, TenureState, lock::StoreLock},
    swap::{Shown, ShownSource},
    trust::{self, Trust},
};

/// Show each component's generations, what it imports, and what its sources grant.
///
/// From the running host, else from the store as the last one left it.
#[derive(Debug, clap::Args)]
pub(super) struct Listing {
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
    /// How many of the latest generations to tell of, refused ones included
    #[arg(long, value_name = "N", default_value_t = 10)]
    history: usize,
}

/// Runs the command.
pub(super) async fn run(args: Listing, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let running = StoreLock::holder(&config.store.path).is_some();
    let shown = match running {
        true => match control::ask(&config.store.path, &Request::Components).await? {
            Reply::Components(shown) => shown,
            Reply::Failed(why) => anyhow::bail!(why),
            _ => anyhow::bail!("the running host gave an answer that does not fit: it is of another version"),
        },
        false => stored(&config).await?,
    };
    if args.json {
        say!("{}", serde_json::to_string_pretty(&shown)?);
        return Ok(Exit::Done);
    }
    for (index, each) in shown.iter().enumerate() {
        if index > 0 {
            say!("");
        }
        component(each, args.history);
    }
    if !running {
        say!("\nno host is running");
    }
    Ok(Exit::Done)
}

/// As the last host left it, where what the configuration names may still run.
async fn stored(config: &Config) -> Result<Vec<Shown>> {
    let tenures = if config.store.path.exists() { pipeline::look(config)?.tenures()? } else { Vec::new() };
    let runtime = pipeline::runtime(config, Arc::new(HttpTransport::new(&config.network)?))?;
    let trust = Trust::new(&config.components);
    let mut components = Components::new(runtime, trust.clone());
    let mut all: Vec<Shown> = Vec::new();
    for each in &config.sources {
        let name = each.component.to_string();
        let source = ShownSource { name: each.name.clone(), allow: each.allow.iter().map(ToString::to_string).collect() };
        match all.iter_mut().find(|shown| shown.component == name) {
            Some(shown) => shown.sources.push(source),
            None => {
                let generation = components.get(&each.component).await?.current();
                all.push(Shown {
                    configured: generation.digest().to_owned(),
                    vouched: Some(trust::admit(&trust, &each.component)?.vouched.to_string()),
                    imports: generation.imports().to_vec(),
                    history: tenures.iter().filter(|tenure| tenure.component == name).cloned().collect(),
                    component: name,
                    kind: "source".to_owned(),
                    canary: None,
                    sources: vec![source],
                })
            }
        }
    }
    Ok(all)
}

fn component(shown: &Shown, most: usize) {
    let current = shown.history.iter().find(|tenure| tenure.state == TenureState::Current);
    let named = current.map(|tenure| format!(": {} {}", visible(&tenure.name), visible(&tenure.version))).unwrap_or_default();
    say!("{} {}{named}", shown.kind, visible(&shown.component));
    match current {
        Some(tenure) => {
            let state = if tenure.probation { ", on probation: a failure in its sources' first polls takes it back" } else { "" };
            say!("  generation  {} since {}{state}", tenure.number, tenure.born);
            say!("  digest      sha256:{}", tenure.digest);
            say!("  polls       {}, calls that failed {}", tenure.polls, tenure.failures);
        }
        None => say!("  generation  none yet: the first run makes one"),
    }
    if current.is_none_or(|tenure| tenure.digest != shown.configured) {
        say!("  configured  sha256:{}", shown.configured);
    }
    if let Some(vouched) = &shown.vouched {
        say!("  trusted     {}", visible(vouched));
    }
    if let Some((digest, source)) = &shown.canary {
        say!("  canary      sha256:{digest} is being tried by source `{source}`");
    }
    if !shown.imports.is_empty() {
        say!("  imports     {}", shown.imports.join("\n              "));
    }
    for source in &shown.sources {
        say!(
            "  source      {}, which grants {}",
            source.name,
            if source.allow.is_empty() { "nothing".to_owned() } else { source.allow.join(", ") }
        );
    }
    let before: Vec<&Tenure> = shown.history.iter().filter(|tenure| tenure.state != TenureState::Current).collect();
    let left_out = before.len().saturating_sub(most);
    if !before.is_empty() {
        say!("  history");
    }
    if left_out > 0 {
        say!("    … {left_out} earlier ones; --history N tells of more");
    }
    for tenure in before.iter().skip(left_out) {
        let digest = tenure.digest.get(..12).unwrap_or(&tenure.digest);
        let at = tenure.ended.unwrap_or(tenure.born);
        let did = match tenure.state {
            TenureState::Refused => String::new(),
            _ => format!(" after {} polls, {} failures", tenure.polls, tenure.failures),
        };
        say!("    {:>4}  sha256:{digest}…  {} {at}{did}: {}", tenure.number, tenure.state.as_str(), visible(&tenure.reason));
    }
}
