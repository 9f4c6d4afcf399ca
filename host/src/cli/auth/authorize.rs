//! The OAuth flow of one source.

use std::{process::Stdio, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    net::TcpListener,
};

use super::{
    RunArgs,
    callback::{Callback, Expected, pasted},
    listener,
    redirect::Redirect,
};
use crate::{
    cli::{
        Context, Ended, Exit, Result,
        source::{self, Access, authorized, failed, identity},
    },
    clock::Clock,
    config::{Config, SourceConfig},
    control::{Request, submit},
    model::Instant,
    neutral::visible,
    pipeline,
    runtime::{CallError, Source},
};
use audit_pipeline::types::{Credentials, Failure};

/// How long a person may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// The longest line that is pasted.
const LINE: u64 = 16 * 1024;

/// Runs the flow.
pub(super) async fn run(args: RunArgs, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let configured = authorized(&config, args.source.as_ref())?;
    let source = source::load(&config, configured).await?;
    let secrets = secrets(&source, configured).await?;
    let redirect = Redirect::new(args.redirect_uri.clone(), args.port).map_err(|why| Ended::new(Exit::Configuration, why))?;
    let state = random()?;
    let (code, redirect_uri) = if args.paste {
        paste(&source, configured, &redirect, state).await?
    } else {
        listen(&source, configured, &redirect, state, &args).await?
    };
    let pair = source
        .exchange(&secrets, code.expose_secret(), &redirect_uri, context.clock.now())
        .await
        .map_err(|why| failed("turn the code into tokens", &why))?;
    keep(&config, configured, &pair, context.clock.as_ref()).await?;
    say!("{}", stored(&pair));
    show(&source, &pair).await
}

/// The secrets for the exchange, or what to configure.
async fn secrets(source: &Source, configured: &SourceConfig) -> Result<Vec<(String, String)>> {
    let description = source.describe().await.map_err(|why| failed("ask the component what it needs", &why))?;
    let wanted = description.secrets.iter().any(|secret| secret.name == "client_secret");
    if wanted && !configured.secrets.contains_key("client_secret") {
        return Err(unconfigured(configured, "secrets.client_secret is not set").into());
    }
    pipeline::client_secrets(configured).map_err(|why| {
        Ended::new(Exit::Configuration, format!("failed to read the secrets of source `{}`: {why:#}", configured.name)).into()
    })
}

fn unconfigured(configured: &SourceConfig, why: &str) -> Ended {
    Ended::new(
        Exit::Configuration,
        format!(
            "source `{}` cannot be authorized yet: {why}; set `config = {{ client_id = \"…\" }}` and `secrets = {{ client_secret = {{ file = \"…\" }} }}` \
             in {}: both stand under App Credentials in the app's settings at Miro",
            configured.name,
            configured.file.display()
        ),
    )
}

async fn address(source: &Source, configured: &SourceConfig, redirect_uri: &str, state: &str) -> Result<String> {
    match source.authorize_url(redirect_uri, state).await {
        Ok(address) => Ok(visible(&address).to_string()),
        Err(CallError::Failed(Failure::Invalid(why))) => Err(unconfigured(configured, &visible(&why)).into()),
        Err(why) => Err(failed("make the address of the consent page", &why).into()),
    }
}

/// Listens on loopback for the redirect.
async fn listen(
    source: &Source,
    configured: &SourceConfig,
    redirect: &Redirect,
    state: String,
    args: &RunArgs,
) -> Result<(SecretString, String)> {
    let Some(at) = redirect.listen else {
        let message = "the redirect address is not on this machine: use --paste, or --port N where a tunnel to it comes out";
        return Err(Ended::new(Exit::Configuration, message).into());
    };
    let listener = TcpListener::bind(at).await.map_err(|why| {
        let message =
            format!("failed to listen on {at} for the redirect: {why}; use --port N with that address in the app's settings, or --paste");
        Ended::new(Exit::Configuration, message)
    })?;
    let redirect_uri = redirect.text(listener.local_addr()?.port());
    let address = address(source, configured, &redirect_uri, &state).await?;
    say!("Open this address and allow the app (the redirect address in the app's settings must be {redirect_uri}):\n\n  {address}\n");
    if !args.no_browser {
        open_browser(&address);
    }
    say!("Waiting up to 5 minutes for the browser to come back; Ctrl-C changes nothing.");
    let waited = tokio::time::timeout(PATIENCE, listener::wait(&listener, Expected { path: redirect.path(), state })).await;
    let Ok(callback) = waited else {
        return Err(Ended::new(
            Exit::Authorize,
            "nobody came back within 5 minutes: run the command again, with --paste where the browser is on another machine",
        )
        .into());
    };
    Ok((granted(callback?)?, redirect_uri))
}

/// Has a person paste the redirect.
async fn paste(source: &Source, configured: &SourceConfig, redirect: &Redirect, state: String) -> Result<(SecretString, String)> {
    let redirect_uri = redirect.text(super::redirect::PORT);
    let address = address(source, configured, &redirect_uri, &state).await?;
    let expected = Expected { path: redirect.path(), state };
    say!(
        "Open this address in a browser and allow the app (the redirect address in the app's settings must be {redirect_uri}):\n\n  {address}\n"
    );
    say!("The browser then goes to an address that may not open. Paste that address, or the code in it, here:");
    let mut input = BufReader::new(tokio::io::stdin());
    loop {
        let mut line = String::new();
        if (&mut input).take(LINE).read_line(&mut line).await? == 0 {
            return Err(Ended::new(Exit::Authorize, "nothing was pasted: run the command again").into());
        }
        match pasted(&line, &expected) {
            Ok(callback) => return Ok((granted(callback)?, redirect_uri)),
            Err(why) => eprintln!("{why}; paste the whole address that begins with {redirect_uri}"),
        }
    }
}

fn granted(callback: Callback) -> Result<SecretString> {
    match callback {
        Callback::Code(code) => Ok(code),
        Callback::Refused(error) if error == "access_denied" => {
            Err(Ended::new(Exit::Authorize, "the person at the browser did not allow it: nothing was changed").into())
        }
        Callback::Refused(error) => {
            Err(Ended::new(Exit::Authorize, format!("the vendor did not authorize it and says `{}`: nothing was changed", visible(&error)))
                .into())
        }
    }
}

/// Gives the pair to whoever owns the store.
async fn keep(config: &Config, configured: &SourceConfig, pair: &Credentials, clock: &dyn Clock) -> Result<()> {
    let source = configured.clone();
    let tokens = match tokio::task::spawn_blocking(move || Access::configured(&source)).await? {
        // In the order of custody's fingerprint: access, refresh or nothing.
        Ok(Some((access, refresh))) => {
            vec![access.expose_secret().to_owned(), refresh.map(|token| token.expose_secret().to_owned()).unwrap_or_default()]
        }
        Ok(None) => Vec::new(),
        Err(why) => {
            eprintln!(
                "warning: {why}; if the host can read it, it takes the configured tokens for newer ones: remove them from the configuration"
            );
            Vec::new()
        }
    };
    let request = Request::PutGrant {
        source: configured.name.clone(),
        access_token: pair.access_token.clone(),
        refresh_token: pair.refresh_token.clone(),
        expires_at: pair.expires_at,
        configured: tokens,
    };
    submit(config, request, clock).await?;
    Ok(())
}

fn stored(pair: &Credentials) -> String {
    match (pair.expires_at, &pair.refresh_token) {
        (Some(at), Some(_)) => format!("Stored, sealed. The access token expires at {}; the host renews it by itself.", Instant(at)),
        (Some(at), None) => {
            format!("Stored, sealed. The token expires at {} and cannot be renewed: authorize again before that.", Instant(at))
        }
        (None, _) => "Stored, sealed. The token does not expire.".into(),
    }
}

async fn show(source: &Source, pair: &Credentials) -> Result<Exit> {
    match source.check(&pair.access_token).await {
        Ok(found) => {
            let found = identity(&found);
            say!("Authorized: {}", found.summary);
            let Some(missing) = found.missing else { return Ok(Exit::Done) };
            eprintln!("warning: {missing}");
            Ok(Exit::Authorize)
        }
        Err(why) => {
            eprintln!("warning: the tokens are stored, but could not be checked: {}", source::text(&why));
            Ok(Exit::Left)
        }
    }
}

/// Nobody can guess it: 32 random bytes in hex.
fn random() -> Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|why| anyhow::anyhow!("failed to make a random state: {why}"))?;
    Ok(hex::encode(bytes))
}

/// Tries to open a browser; the address is on the screen anyway.
fn open_browser(address: &str) {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else if std::env::var_os("DISPLAY").is_some() || std::env::var_os("WAYLAND_DISPLAY").is_some() {
        "xdg-open"
    } else {
        // Without a display a browser of text would take over the terminal.
        return;
    };
    let opened = tokio::process::Command::new(opener).arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if let Err(why) = opened {
        tracing::debug!("failed to start {opener}: {why}");
    }
}
