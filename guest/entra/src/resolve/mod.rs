//! The one account that is meant. Reads only; one request a call.
//!
//! | call | asks | then |
//! |---|---|---|
//! | first, with an id | `GET /users/{id}` | the account, which must have the address too, where one is given |
//! | first, with an address only | `GET /users?$filter=mail eq … or userPrincipalName eq …` | one: the account; none: the next search |
//! | second | `GET /users?$filter=otherMails/any(…) or proxyAddresses/any(…)` | one: the account; none: nobody |
//! | last | `GET /users/{id}/transitiveMemberOf/microsoft.graph.directoryRole` | its roles, page by page |
//!
//! What always holds: more than one account in a search is `several`, never a guess; an account that does not show the address
//! is none; roles that could not be read, all of them, are unknown rather than none.

mod roles;
mod state;

#[cfg(test)]
mod tests;

use crate::{
    config::Config,
    graph::{Ask, Page, READ, User, link, quote, user_path},
    http::{Answer, Request},
    responder::{Resolution, Target},
    types::Failure,
    words::{self, quoted},
};
use state::{At, Known, State};

/// What an account is read with.
const SELECT: &str =
    "$select=id,displayName,userPrincipalName,mail,otherMails,proxyAddresses,accountEnabled,userType,onPremisesSyncEnabled";

/// Finds the account.
pub fn resolve(
    config: &Config,
    token: &str,
    target: &Target,
    state: Option<&str>,
    now: u64,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<Resolution, Failure> {
    let wanted = Wanted::of(target)?;
    match state.map(State::parse).transpose()? {
        None => match &wanted {
            Wanted { id: Some(id), .. } => by_id(config, token, id, &wanted, now, send),
            Wanted { email: Some(email), .. } => search(config, token, &Search::names(email), email, now, send),
            Wanted { .. } => Err(Failure::Invalid("the target has neither an identifier nor an address; give one".to_owned())),
        },
        Some(At::Aliases) => match &wanted.email {
            Some(email) => search(config, token, &Search::aliases(email), email, now, send),
            None => {
                Err(Failure::Invalid("the state of the search is one of another target: this one has no address; begin again".to_owned()))
            }
        },
        Some(At::Roles(reading)) => roles::read(config, token, reading, now, send),
    }
}

/// Whom to look for; what is there is fit to ask for.
struct Wanted {
    id: Option<String>,
    email: Option<String>,
}

impl Wanted {
    fn of(target: &Target) -> Result<Self, Failure> {
        let given = |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let id = given(&target.id);
        if id.as_ref().is_some_and(|id| id.len() > 512 || id.chars().any(char::is_control)) {
            return Err(Failure::Invalid(
                "the identifier of the target cannot be one: it is too long or has control characters".to_owned(),
            ));
        }
        let email = match given(&target.email) {
            Some(text) => Some(
                words::address(&text)
                    .ok_or_else(|| Failure::Invalid(format!("the address of the target is {}, which is none", quoted(&text))))?,
            ),
            None => None,
        };
        Ok(Self { id, email })
    }
}

fn by_id(
    config: &Config,
    token: &str,
    id: &str,
    wanted: &Wanted,
    now: u64,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<Resolution, Failure> {
    const TRIED: &str = "read the account";
    let ask = Ask::get(config, "GET /users/{id}", &format!("{}?{SELECT}", user_path(id)));
    let reply = ask.send(token, &["resolve", id], now, send)?;
    if reply.refused() == Some(404) {
        return Ok(Resolution::Nobody(format!("the tenant has no account with the identifier {}", quoted(id))));
    }
    let user: User = reply.json(TRIED, READ)?;
    let Some(known) = Known::of(&user).filter(|known| !words::is_guid(id) || known.id.eq_ignore_ascii_case(id)) else {
        return Err(Failure::Protocol(format!("cannot {TRIED}: the answer is not this account")));
    };
    match &wanted.email {
        Some(email) if !known.emails.contains(email) => Ok(Resolution::Nobody(format!(
            "the account with the identifier {} does not have the address {}: both must fit",
            quoted(id),
            quoted(email)
        ))),
        _ => State::roles(known).map(Resolution::More),
    }
}

/// A search by address.
struct Search {
    words: &'static str,
    filter: String,
    eventual: bool,
    next: Option<At>,
}

impl Search {
    /// What most accounts are found by; answered by the directory itself.
    fn names(email: &str) -> Self {
        let it = quote(email);
        Self {
            words: "GET /users?$filter=mail or userPrincipalName",
            filter: format!("mail%20eq%20%27{it}%27%20or%20userPrincipalName%20eq%20%27{it}%27"),
            eventual: false,
            next: Some(At::Aliases),
        }
    }

    /// Further addresses; answered from an index.
    fn aliases(email: &str) -> Self {
        let (it, proxy) = (quote(email), quote(&format!("smtp:{email}")));
        Self {
            words: "GET /users?$filter=otherMails or proxyAddresses",
            filter: format!("otherMails/any(x:x%20eq%20%27{it}%27)%20or%20proxyAddresses/any(x:x%20eq%20%27{proxy}%27)"),
            eventual: true,
            next: None,
        }
    }
}

fn search(
    config: &Config,
    token: &str,
    search: &Search,
    email: &str,
    now: u64,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<Resolution, Failure> {
    const TRIED: &str = "search for the account";
    let count = if search.eventual { "&$count=true" } else { "" };
    let mut ask = Ask::get(config, search.words, &format!("/users?$filter={}&{SELECT}{count}", search.filter));
    if search.eventual {
        ask = ask.eventual();
    }
    let page: Page<User> = ask.send(token, &["resolve", search.words, email], now, send)?.json(TRIED, READ)?;
    let more = link::of(config, &page.next, None, TRIED)?.is_some();
    match page.value.as_slice() {
        found if more || found.len() > 1 => Ok(Resolution::Several(format!(
            "{}{} accounts have the address {}; say which by its identifier",
            if more { "at least " } else { "" },
            found.len().max(2),
            quoted(email)
        ))),
        [user] => match Known::of(user) {
            Some(known) if known.emails.iter().any(|known| known == email) => State::roles(known).map(Resolution::More),
            _ => Err(Failure::Protocol(format!(
                "cannot {TRIED}: Microsoft Graph answered with an account that does not show the address; grant the app User.Read.All"
            ))),
        },
        _ => match &search.next {
            Some(next) => State::text(next.clone()).map(Resolution::More),
            None => Ok(Resolution::Nobody(format!(
                "no account of the tenant has the address {} as mail, sign-in name, other mail or proxy address",
                quoted(email)
            ))),
        },
    }
}
