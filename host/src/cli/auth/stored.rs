//! What a person does with tokens that are stored.

use audit_pipeline::types::Credentials;
use secrecy::ExposeSecret as _;

use crate::{
    cli::{
        Context, Ended, Exit, Result,
        source::{self, Access, authorized, failed},
    },
    control::{self, Request, submit},
    model::SourceName,
    pipeline,
    store::blocking,
};

/// After a restore: the stored tokens are the latest.
pub(super) async fn confirm(name: Option<&SourceName>, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let name = authorized(&config, name)?.name.clone();
    submit(&config, Request::Confirm(name.clone()), context.clock.as_ref()).await?;
    say!("confirmed: the stored tokens of source `{name}` are used again; if the vendor refuses them, run `miro-source auth {name}`");
    Ok(Exit::Done)
}

/// Ends the tokens at the vendor. They stay in the store, where they are worth nothing.
pub(super) async fn revoke(name: Option<&SourceName>, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let configured = authorized(&config, name)?;
    let source = source::load(&config, configured).await?;
    let secrets = pipeline::client_secrets(configured)?;
    let stored = if config.store.path.exists() {
        let name = configured.name.clone();
        blocking(&pipeline::look(&config)?, move |store| store.grant(&name)).await?
    } else {
        None
    };
    let name = &configured.name;
    let pair = match stored {
        Some(grant) => grant.credentials,
        None => match Access::configured(configured).map_err(|why| Ended::new(Exit::Configuration, why))? {
            Some((access, refresh)) => Credentials {
                access_token: access.expose_secret().to_owned(),
                refresh_token: refresh.map(|token| token.expose_secret().to_owned()),
                expires_at: None,
            },
            None => return Err(Ended::new(Exit::Left, format!("source `{name}` has no token that could be revoked")).into()),
        },
    };
    let about = format!("revoke the tokens of source {name} at the vendor");
    control::remember(&config, about, Some(name.clone()), context.clock.as_ref()).await?;
    source.revoke(&secrets, &pair).await.map_err(|why| failed("revoke the token", &why))?;
    say!("revoked: the vendor no longer accepts the token of source `{name}`; `miro-source auth {name}` authorizes anew");
    Ok(Exit::Done)
}
