//! The `simulator` command: a world on loopback until it is told to stop.

use std::{ffi::OsString, sync::Arc};

use anyhow::Context;
use clap::Parser;
use jiff::{SignedDuration, Timestamp};

use crate::{
    organization::{Organization, Spec},
    server::Server,
    settings::Settings,
    world::World,
};

/// Miro, Microsoft Graph and a Sumo Logic HTTP Source on loopback, with faults on demand and a ledger.
#[derive(Clone, Debug, Parser)]
#[command(name = "simulator", version)]
pub struct Arguments {
    /// The seed: the same seed and the same start give the same organization.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many people.
    #[arg(long, default_value_t = 500)]
    pub users: usize,
    /// How many events between `--since` ago and `--ahead` from now.
    #[arg(long, default_value_t = 10_000)]
    pub events: usize,
    /// How far the past reaches back, such as `24h` or `30d`.
    #[arg(long, default_value = "24h", value_parser = span)]
    pub since: u64,
    /// For how long events go on to happen.
    #[arg(long, default_value = "24h", value_parser = span)]
    pub ahead: u64,
    /// Which share of events becomes visible late.
    #[arg(long, default_value_t = 0.01)]
    pub late: f64,
    /// How late at most.
    #[arg(long, default_value = "30m", value_parser = span)]
    pub late_max: u64,
    /// The port of Miro; 0 is any free one.
    #[arg(long, default_value_t = 0)]
    pub miro_port: u16,
    /// The port of Sumo.
    #[arg(long, default_value_t = 0)]
    pub sumo_port: u16,
    /// The port of the control door.
    #[arg(long, default_value_t = 0)]
    pub control_port: u16,
}

/// Runs the command with these arguments, the program's name first.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> anyhow::Result<()> {
    let arguments = Arguments::parse_from(arguments);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("failed to start the runtime")?;
    runtime.block_on(run(arguments))
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let now = now();
    let spec = Spec {
        from: now.saturating_sub(arguments.since),
        to: now + arguments.ahead,
        events: arguments.events,
        users: arguments.users,
        teams: arguments.users / 12 + 1,
        boards: arguments.users * 3,
        late_share: arguments.late,
        late_max_ms: arguments.late_max,
        ..Spec::default()
    };
    let world = World::new(Organization::generate(arguments.seed, spec), Settings::default());
    let ports = [arguments.miro_port, arguments.sumo_port, arguments.control_port];
    let server = Server::start_at(world.clone(), Arc::new(self::now), ports).await.context("failed to listen on loopback")?;
    println!("{}", greeting(&world, &server, now, arguments.since));
    stopped().await.context("failed to wait for a signal")?;
    server.stop().await;
    Ok(())
}

/// Where it is, what opens it, and a configuration to try it with: within an hour it reads all of the past of so many milliseconds.
fn greeting(world: &World, server: &Server, now: u64, past: u64) -> String {
    let hours = past.div_ceil(3_600_000).saturating_add(1);
    let (fixed, pair) = (world.issue_static(), world.issue(now));
    let (miro, client_id) = (&server.miro_url, world.client_id());
    let app = world.app();
    format!(
        r#"# Miro     {miro}
# Sumo     {sumo}
# control  {control}
# Entra    {entra}
# Graph    {graph}
# SCIM     {scim}

# An app at Entra, and the token of Miro's SCIM:
# export ENTRA_TENANT='{tenant}' ENTRA_CLIENT_ID='{app_id}' ENTRA_CLIENT_SECRET='{app_secret}'
# export MIRO_SCIM_TOKEN='{scim_token}'

# A static token, as the SIEM toggle mints it:
export MIRO_ACCESS_TOKEN='{fixed}'
export SUMO_HTTP_SOURCE_URL='{sumo}'
# Or an expiring one, which rotates:
# export MIRO_ACCESS_TOKEN='{access}'
# export MIRO_REFRESH_TOKEN='{refresh}'
# export MIRO_CLIENT_SECRET='{secret}'

# miro-source.toml
[store]
path = "miro-source.db"

[[source]]
name = "acme"
component = "builtin:miro"
config = {{ api_url = "{miro}", client_id = "{client_id}", since = "{hours}h" }}
secrets = {{ access_token = {{ env = "MIRO_ACCESS_TOKEN" }} }}
# secrets = {{ client_secret = {{ env = "MIRO_CLIENT_SECRET" }}, access_token = {{ env = "MIRO_ACCESS_TOKEN" }}, refresh_token = {{ env = "MIRO_REFRESH_TOKEN" }} }}
allow = ["{miro}"]

[[sink]]
name = "sumo"
type = "sumo"
url = {{ env = "SUMO_HTTP_SOURCE_URL" }}
category = "miro"
"#,
        sumo = server.sumo_url,
        control = server.control_url,
        entra = server.entra_url,
        graph = server.graph_url,
        scim = server.scim_url,
        tenant = world.tenant(),
        app_id = app.client_id,
        app_secret = app.secrets.first().map(|secret| secret.value.as_str()).unwrap_or_default(),
        scim_token = world.scim_token(),
        access = pair.access,
        refresh = pair.refresh,
        secret = world.client_secret(),
    )
}

async fn stopped() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

fn now() -> u64 {
    u64::try_from(Timestamp::now().as_millisecond()).unwrap_or_default()
}

/// Reads `90s`, `30m`, `24h`, `30d` as milliseconds.
fn span(text: &str) -> Result<u64, String> {
    let wrong = || format!("'{text}' is not a duration; write it as 90s, 30m, 24h or 30d");
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u64>().ok()).map(|days| days.saturating_mul(86_400_000));
    let other = || text.parse::<SignedDuration>().ok().and_then(|duration| u64::try_from(duration.as_millis()).ok());
    days.or_else(other).ok_or_else(wrong)
}
