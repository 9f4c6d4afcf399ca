//! Everything that an end-to-end test stands on: a simulated world on real sockets, a folder, and a configuration as a
//! user writes it.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use miro_source::{
    clock::{Clock, SteppedClock},
    config::NetworkConfig,
    model::Instant,
};
use simulator::{Proxy, Server, World};
use tempfile::TempDir;

use crate::network::{Detour, Gateway, Network};

/// Where every test's time begins: 2026-06-01T00:00:00Z.
pub const ORIGIN: u64 = 1_780_272_000_000;
/// A minute in milliseconds.
pub const MINUTE: u64 = 60_000;
/// An hour in milliseconds.
pub const HOUR: u64 = 60 * MINUTE;

/// Which kind of token a source of the stage uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// One that does not expire.
    Static,
    /// A pair that rotates.
    Rotating,
}

/// How the configuration is to be.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// `interval`
    pub interval: String,
    /// `since`
    pub since: String,
    /// `revisit`, as TOML.
    pub revisit: String,
    /// Further keys of `config`, as TOML, each followed by a comma.
    pub config: String,
    /// Further keys of the source, as TOML lines.
    pub source: String,
    /// The kind of token.
    pub token: Token,
    /// Further keys of the sink, as TOML lines.
    pub sink: String,
    /// Further keys of `[store]`, as TOML lines.
    pub store: String,
    /// Whether the built-in detector judges what is collected.
    pub detect: bool,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            interval: "5m".into(),
            since: "1h".into(),
            revisit: r#"["10m", "1h", "24h"]"#.into(),
            config: String::new(),
            source: String::new(),
            token: Token::Static,
            sink: "category = \"miro\"".into(),
            store: String::new(),
            detect: false,
        }
    }
}

/// A world on real sockets and a folder for a host.
#[derive(Debug)]
pub struct Stage {
    /// The world.
    pub world: World,
    /// Its sockets.
    pub server: Server,
    /// The host's folder. Removed at the end.
    pub folder: TempDir,
    /// The way around, behind a proxy.
    pub detour: Option<Detour>,
}

impl Stage {
    /// Serves the world on a clock, in the network that was chosen.
    pub async fn start(world: World, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        Self::start_in(Network::chosen()?, world, clock).await
    }

    /// The same, in this network.
    pub async fn start_in(network: Network, world: World, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let proxy = if network == Network::Proxy { Some(Arc::clone(&Gateway::shared()?.proxy)) } else { None };
        Self::stand(network, proxy, world, clock).await
    }

    /// The same, behind a proxy of its own.
    pub async fn start_behind(proxy: Arc<Proxy>, world: World, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        Self::stand(Network::Proxy, Some(proxy), world, clock).await
    }

    async fn stand(network: Network, proxy: Option<Arc<Proxy>>, world: World, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let time = Arc::new(move || clock.now().0);
        let mut server = Server::start_on(world.clone(), time, network.loopback()).await.context("failed to listen on loopback")?;
        let detour = proxy.map(|proxy| Detour::around(&mut server, proxy)).transpose()?;
        Ok(Self { world, server, folder: tempfile::Builder::new().prefix("miro-source-").tempdir()?, detour })
    }

    /// Serves the world on a clock that stands at [`ORIGIN`] until it is stepped.
    pub async fn stepped(world: World) -> anyhow::Result<(Self, SteppedClock)> {
        let clock = SteppedClock::new(Instant(ORIGIN));
        Ok((Self::start(world, Arc::new(clock.clone())).await?, clock))
    }

    /// A file of the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a secret as a user would keep it.
    pub fn secret(&self, name: &str, secret: &str) -> anyhow::Result<PathBuf> {
        use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
        let path = self.path(name);
        let mut file = std::fs::File::options().create(true).truncate(true).write(true).mode(0o600).open(&path)?;
        file.write_all(secret.as_bytes())?;
        Ok(path)
    }

    /// Writes the configuration of one source `acme` and one sink `sumo`.
    pub fn configure(&self, recipe: &Recipe, now: Instant) -> anyhow::Result<PathBuf> {
        let mut text = format!(
            "detect = {}\n[store]\npath = {:?}\nkey = {{ file = {:?} }}\n{}\n",
            recipe.detect,
            self.path("miro-source.db"),
            self.secret("key", &"7d".repeat(32))?,
            recipe.store
        );
        self.source(&mut text, "acme", recipe, now)?;
        let url = self.secret("sumo_url", &self.server.sumo_url)?;
        writeln!(text, "[[sink]]\nname = \"sumo\"\ntype = \"sumo\"\nurl = {{ file = {url:?} }}\n{}", recipe.sink)?;
        self.write(&text)
    }

    /// Adds a source to a configuration.
    pub fn source(&self, text: &mut String, name: &str, recipe: &Recipe, now: Instant) -> anyhow::Result<()> {
        let miro = &self.server.miro_url;
        let Recipe { interval, since, revisit, config, source, .. } = recipe;
        let client = self.world.client_id();
        writeln!(
            text,
            "[[source]]\nname = \"{name}\"\ncomponent = \"builtin:miro\"\ninterval = \"{interval}\"\n{source}\n\
             config = {{ {config} api_url = \"{miro}\", client_id = \"{client}\", since = \"{since}\", revisit = {revisit} }}\n\
             allow = [\"{miro}\"]\n[source.secrets]"
        )?;
        match recipe.token {
            Token::Static => {
                let access = self.secret(&format!("{name}_access_token"), &self.world.issue_static())?;
                writeln!(text, "access_token = {{ file = {access:?} }}\n")?;
            }
            Token::Rotating => {
                let pair = self.world.issue(now.0);
                let secret = self.secret("client_secret", &self.world.client_secret())?;
                let access = self.secret(&format!("{name}_access_token"), &pair.access)?;
                let refresh = self.secret(&format!("{name}_refresh_token"), &pair.refresh)?;
                writeln!(
                    text,
                    "client_secret = {{ file = {secret:?} }}\naccess_token = {{ file = {access:?} }}\nrefresh_token = {{ file = {refresh:?} }}\n"
                )?;
            }
        }
        Ok(())
    }

    /// The lines of a responder `entra` that signs with a certificate, and further keys of it.
    pub fn entra(&self, keys: &str) -> anyhow::Result<String> {
        let (entra, graph, app) = (&self.server.entra_url, &self.server.graph_url, self.world.app().client_id);
        let (certificate, key) = (self.secret("entra.pem", simulator::TEST_CERTIFICATE)?, self.secret("entra.key", simulator::TEST_KEY)?);
        let (tenant, sender) = (self.world.tenant(), self.world.sender());
        Ok(format!(
            "[[responder]]\nname = \"entra\"\ncomponent = \"builtin:entra\"\n{keys}\n\
             config = {{ tenant = \"{tenant}\", client_id = \"{app}\", login_url = \"{entra}\", graph_url = \"{graph}\", sender = \"{sender}\" }}\n\
             certificate = {{ file = {certificate:?} }}\nprivate_key = {{ file = {key:?} }}\nallow = [\"{entra}\", \"{graph}\"]\n"
        ))
    }

    /// The lines of a source of Entra's sign-ins to Miro, which signs with the same certificate.
    pub fn sign_ins(&self, name: &str) -> anyhow::Result<String> {
        let (entra, graph, app) = (&self.server.entra_url, &self.server.graph_url, self.world.app().client_id);
        let (certificate, key) = (self.secret("entra.pem", simulator::TEST_CERTIFICATE)?, self.secret("entra.key", simulator::TEST_KEY)?);
        let (tenant, miro) = (self.world.tenant(), simulator::MIRO_APP);
        Ok(format!(
            "[[source]]\nname = \"{name}\"\ncomponent = \"builtin:entra\"\n\
             config = {{ tenant = \"{tenant}\", client_id = \"{app}\", login_url = \"{entra}\", graph_url = \"{graph}\", applications = [\"{miro}\"] }}\n\
             certificate = {{ file = {certificate:?} }}\nprivate_key = {{ file = {key:?} }}\nallow = [\"{entra}\", \"{graph}\"]\n"
        ))
    }

    /// The lines of a responder `miro` that acts on Miro itself, and further keys of it.
    pub fn miro(&self, keys: &str) -> anyhow::Result<String> {
        let (api, scim) = (&self.server.miro_url, &self.server.scim_url);
        let token = self.secret("miro_respond_token", &self.world.issue_static_with("sessions:delete organizations:read"))?;
        let scim_token = self.secret("scim_token", &self.world.scim_token())?;
        let organization = self.world.organization_id();
        Ok(format!(
            "[[responder]]\nname = \"miro\"\ncomponent = \"builtin:miro\"\n{keys}\n\
             config = {{ api_url = \"{api}\", scim_url = \"{scim}\", organization = \"{organization}\" }}\n\
             secrets = {{ access_token = {{ file = {token:?} }}, scim_token = {{ file = {scim_token:?} }} }}\nallow = [\"{api}\"]\n"
        ))
    }

    /// Writes a configuration, with the way to this stage in it.
    pub fn write(&self, text: &str) -> anyhow::Result<PathBuf> {
        let path = self.path("miro-source.toml");
        let mut text = text.to_owned();
        if let Some(network) = self.network()?
            && !text.contains("[network]")
        {
            writeln!(
                text,
                "\n[network]\nproxy = \"{}\"\nca_file = {:?}",
                network.proxy.map(String::from).unwrap_or_default(),
                network.ca_file.unwrap_or_default()
            )?;
        }
        std::fs::write(&path, text)?;
        Ok(path)
    }

    /// The way to this stage, where it is not straight.
    pub fn network(&self) -> anyhow::Result<Option<NetworkConfig>> {
        let Some(detour) = &self.detour else { return Ok(None) };
        let ca_file = self.path("gateway.pem");
        std::fs::write(&ca_file, detour.proxy().authority().pem())?;
        Ok(Some(NetworkConfig { proxy: Some(detour.proxy().url().parse()?), ca_file: Some(ca_file), ..NetworkConfig::default() }))
    }

    /// The host of the sink, as messages show it.
    pub fn sumo_host(&self) -> String {
        let host = url::Url::parse(&self.server.sumo_url).ok().and_then(|url| url.host_str().map(str::to_owned));
        host.unwrap_or_default()
    }

    /// The binary that is host, simulator and demo.
    pub fn demo_binary() -> &'static Path {
        static PATH: std::sync::LazyLock<PathBuf> = std::sync::LazyLock::new(|| {
            let mut folder = std::env::current_exe().unwrap_or_default();
            // target/PROFILE/deps/test → target/PROFILE/demo
            folder.pop();
            if folder.ends_with("deps") {
                folder.pop();
            }
            folder.join("demo")
        });
        &PATH
    }
}
