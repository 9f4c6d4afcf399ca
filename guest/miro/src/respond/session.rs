//! The end of every session: `POST /v2/sessions/reset_all`, <https://developers.miro.com/reference/enterprise-post-user-sessions-reset>.

use super::{
    Config,
    exchange::{self, Asked},
};
use crate::{
    http::{Method, Request, form},
    responder::Effect,
    types::Failure,
};

pub(super) const RESET: Asked = Asked {
    words: "POST /v2/sessions/reset_all",
    tried: "end the sessions at Miro",
    effect: Effect::Repeatable,
    forbidden: "the token lacks the scope sessions:delete, or the person who installed the app is no Company Admin, or the organization is not on the Enterprise plan",
    missing: "Miro knows nobody with that address in the organization, or the token lacks the scope sessions:delete",
};

pub(super) fn reset(config: &Config, token: &str, email: &str) -> Result<Request, Failure> {
    let url = format!("{}/v2/sessions/reset_all?{}", config.api_url, form::encode(&[("email", email)]));
    exchange::request(Method::Post, url, token, None)
}
