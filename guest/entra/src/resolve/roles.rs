//! The administrative roles of an account, through groups included:
//! <https://learn.microsoft.com/graph/api/user-list-transitivememberof>.

use serde::Deserialize;

use super::state::{At, Reading, State};
use crate::{
    config::Config,
    graph::{Ask, Loose, Page, READ, link, user_path},
    http::{Answer, Request},
    responder::Resolution,
    types::Failure,
    words,
};

const TRIED: &str = "read the account's roles";
const WORDS: &str = "GET /users/{id}/transitiveMemberOf/microsoft.graph.directoryRole";
/// The most pages that are read; a tenant has some hundred roles, and a page takes as many.
const PAGES: u32 = 20;
/// The most roles that are kept.
const ROLES: usize = 500;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Role {
    id: Loose,
    display_name: Loose,
}

/// The next page of roles, and after the last one the account. Roles that cannot be read are unknown.
pub(super) fn read(
    config: &Config,
    token: &str,
    mut reading: Reading,
    now: u64,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<Resolution, Failure> {
    let ask = match &reading.link {
        Some(link) if !link::own(config, link) => {
            return Err(Failure::Invalid(format!("cannot {TRIED}: the state's next page is not at `graph_url`; begin again")));
        }
        Some(link) => Ask::follow(WORDS, link.clone()),
        None => {
            let path = user_path(&reading.account.id);
            Ask::get(config, WORDS, &format!("{path}/transitiveMemberOf/microsoft.graph.directoryRole?$select=id,displayName"))
        }
    };
    let page = ask.send(token, &["resolve", "roles", &reading.account.id], now, send)?.json::<Page<Role>>(TRIED, READ);
    let page = match page {
        Ok(page) => page,
        // These end by themselves, or with another token; then the roles can be read.
        Err(later @ (Failure::Expired | Failure::Throttled(_) | Failure::Unavailable(_))) => return Err(later),
        Err(_) => return Ok(Resolution::Account(reading.account.with(None))),
    };
    let next = link::of(config, &page.next, reading.link.as_deref(), TRIED)?;
    for role in &page.value {
        // Without the permission to read roles their names are left out: https://learn.microsoft.com/graph/permissions-overview
        let named = role.display_name.text().and_then(words::name);
        let Some(role) = named.or_else(|| role.id.text().and_then(words::name).map(|id| format!("directory role {id}"))) else {
            return Ok(Resolution::Account(reading.account.with(None)));
        };
        if !reading.roles.contains(&role) {
            reading.roles.push(role);
        }
    }
    reading.pages = reading.pages.saturating_add(1);
    match next {
        _ if reading.roles.len() > ROLES => Ok(Resolution::Account(reading.account.with(None))),
        Some(_) if reading.pages >= PAGES => Ok(Resolution::Account(reading.account.with(None))),
        Some(link) => State::text(At::Roles(Reading { link: Some(link), ..reading })).map(Resolution::More),
        None => Ok(Resolution::Account(reading.account.with(Some(reading.roles)))),
    }
}
