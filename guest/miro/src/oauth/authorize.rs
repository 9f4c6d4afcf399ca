//! Where a person's browser goes to authorize the app: <https://developers.miro.com/docs/getting-started-with-oauth>.

use crate::{config::Config, http::form, types::Failure};

/// The address of Miro's consent page.
///
/// # Errors
/// `invalid` without a `client_id`.
pub fn authorize_url(config: &Config, redirect_uri: &str, state: &str) -> Result<String, Failure> {
    let mut parameters =
        vec![("response_type", "code"), ("client_id", super::client_id(config)?), ("redirect_uri", redirect_uri), ("state", state)];
    if let Some(team) = config.team_id.as_deref() {
        parameters.push(("team_id", team));
    }
    let separator = if config.authorize_url.contains('?') { '&' } else { '?' };
    Ok(format!("{}{separator}{}", config.authorize_url, form::encode(&parameters)))
}
