//! Whom to act on.
//!
//! With `organization` the member is looked up, and for a Company Admin, in further calls, whether there is another one. Without,
//! nothing is asked: the address is the account, and what it is stays unsaid.

use serde::{Deserialize, Serialize};

use super::{
    Config,
    exchange::{self, Asked},
    member::{self, ADMIN, Member},
};
use crate::{
    http::{Answer, Method, Request, form},
    responder::{Account, Effect, Resolution, Target},
    types::Failure,
};

/// What a call has to do.
#[derive(Debug)]
pub(super) enum Plan {
    /// Nothing: this is the answer.
    Told(Resolution),
    /// Send this.
    Ask(Request, Question),
}

/// What was asked.
#[derive(Debug)]
pub(super) enum Question {
    /// Who has this address.
    Address(String),
    /// Who has this id.
    Id(String),
    /// Who else is a Company Admin.
    Others(State),
}

/// A Company Admin who was found, and how far the search for another one is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    version: u32,
    member: Member,
    cursor: Option<String>,
}

const VERSION: u32 = 1;
const LOOKED: Asked = Asked {
    words: "GET /v2/orgs/{org}/members",
    tried: "look up the member at Miro",
    effect: Effect::None,
    forbidden: "the token lacks the scope organizations:read, or the person who installed the app is no Company Admin, or the organization is not on the Enterprise plan",
    missing: "there is no such organization, or the token may not see it; check `organization`",
};

pub(super) fn plan(config: &Config, token: &str, target: &Target, state: Option<&str>) -> Result<Plan, Failure> {
    let email = match &target.email {
        Some(email) => Some(address(email).ok_or_else(|| Failure::Invalid("the target's e-mail address is none".to_owned()))?),
        None => None,
    };
    let Some(organization) = &config.organization else { return unseen(email, target.id.as_deref()).map(Plan::Told) };
    let members = format!("{}/v2/orgs/{}/members", config.api_url, form::encoded(organization));
    if let Some(state) = state {
        let wrong = || Failure::Invalid("the state is not one that this component gave; look the account up anew".to_owned());
        let state: State = serde_json::from_str(state).map_err(|_| wrong())?;
        if state.version != VERSION {
            return Err(wrong());
        }
        let mut parameters = vec![("role", ADMIN), ("active", "true"), ("limit", "100")];
        parameters.extend(state.cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let url = format!("{members}?{}", form::encode(&parameters));
        return Ok(Plan::Ask(exchange::request(Method::Get, url, token, None)?, Question::Others(state)));
    }
    let (url, question) = match (email, &target.id) {
        (Some(email), _) => (format!("{members}?{}", form::encode(&[("emails", &email)])), Question::Address(email)),
        (None, Some(id)) if is_id(id) => (format!("{members}/{}", form::encoded(id)), Question::Id(id.clone())),
        (None, _) => return Err(Failure::Invalid("the target has neither an e-mail address nor an id".to_owned())),
    };
    Ok(Plan::Ask(exchange::request(Method::Get, url, token, None)?, question))
}

/// Nothing is looked up: the account is its address.
fn unseen(email: Option<String>, id: Option<&str>) -> Result<Resolution, Failure> {
    let Some(email) = email.or_else(|| id.and_then(address)) else {
        return Err(Failure::Invalid(
            "finding somebody by Miro's id takes `organization`; without it an e-mail address is needed".to_owned(),
        ));
    };
    Ok(Resolution::Account(Account {
        id: email.clone(),
        name: None,
        emails: vec![email],
        enabled: None,
        roles: None,
        last_administrator: false,
        obstacles: Vec::new(),
    }))
}

pub(super) fn answer(token: &str, target: &Target, question: Question, came: Answer, now: u64) -> Result<Resolution, Failure> {
    if let (Question::Id(id), Ok(response)) = (&question, &came)
        && response.status == 404
    {
        return Ok(Resolution::Nobody(format!("the organization at Miro has no member with the id {id}")));
    }
    let (response, _) = exchange::judge(LOOKED, token, came, now).map_err(|setback| setback.failure)?;
    let odd = |why: &str| Failure::Protocol(format!("cannot {}: {why}", LOOKED.tried));
    let text = exchange::text(&response).map_err(odd)?;
    let member = match question {
        Question::Others(state) => {
            let (others, cursor) = member::page(text).ok_or_else(|| odd("the answer is no list of members"))?;
            let other = others.iter().any(|other| other.is_admin() && other.id != state.member.id);
            return match cursor.filter(|_| !other) {
                Some(cursor) if state.cursor.as_deref() == Some(&cursor) => Err(odd("a page leads to itself")),
                Some(cursor) => more(State { cursor: Some(cursor), ..state }),
                None => Ok(Resolution::Account(state.member.account(!other))),
            };
        }
        Question::Id(id) => {
            let member = member::one(text).filter(|member| member.id == id).ok_or_else(|| odd("the answer is not that member"))?;
            address(&member.email).ok_or_else(|| odd("the member has no e-mail address"))?;
            member
        }
        Question::Address(email) => {
            let (members, _) = member::page(text).ok_or_else(|| odd("the answer is no list of members"))?;
            let mut found: Vec<Member> = members.into_iter().filter(|member| member.is_at(&email)).collect();
            match (found.pop(), found.len()) {
                (None, _) => return Ok(Resolution::Nobody(format!("the organization at Miro has no member with the address {email}"))),
                (Some(_), 1..) => {
                    return Ok(Resolution::Several(format!(
                        "the organization at Miro has {} members with the address {email}",
                        found.len() + 1
                    )));
                }
                (Some(member), 0) => member,
            }
        }
    };
    if target.id.as_ref().is_some_and(|id| *id != member.id) {
        return Ok(Resolution::Nobody("the member at Miro with that address has another id than the target".to_owned()));
    }
    if !is_id(&member.id) {
        return Err(odd("the member has an id that is none"));
    }
    if member.is_admin() { more(State { version: VERSION, member, cursor: None }) } else { Ok(Resolution::Account(member.account(false))) }
}

fn more(state: State) -> Result<Resolution, Failure> {
    let state = serde_json::to_string(&state).map_err(|error| Failure::Protocol(format!("the member cannot be written down: {error}")))?;
    Ok(Resolution::More(state))
}

/// An address as it is compared: lower case, and nothing that could end a parameter or a filter early.
pub(super) fn address(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (local, domain) = text.rsplit_once('@')?;
    let fits = !local.is_empty() && !domain.is_empty() && text.len() <= 320;
    (fits && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "\"\\,<>".contains(c))).then_some(text)
}

/// Whether a text can be one of Miro's identifiers.
pub(super) fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=@.+".contains(&byte))
        && text != "."
        && text != ".."
}
