//! Who belongs to the organization at Miro: `GET /v2/orgs/{org_id}/members` and `/{id}`
//! (<https://developers.miro.com/reference/enterprise-get-organization-members>) and the end of somebody's sessions,
//! `POST /v2/sessions/reset_all` (<https://developers.miro.com/reference/enterprise-post-user-sessions-reset>).
#![expect(clippy::result_large_err, reason = "a refusal is an answer like any other, and made now and then")]

use std::collections::HashMap;

use bytes::Bytes;
use http::Request;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::{
    answer::Answer,
    cast::Cast,
    credits,
    directory::{Part, same},
    effect::{Done, Effect},
    event::ORGANIZATION,
    miro::{bearer, denied},
    oauth::Closed,
    world::State,
};

/// What listing members takes.
pub const MEMBERS_SCOPE: &str = "organizations:read";
/// What ending sessions takes.
pub const SESSIONS_SCOPE: &str = "sessions:delete";
/// What either costs: level 3.
const COST: u64 = 500;

/// A role in the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// A Company Admin.
    #[serde(rename = "organization_internal_admin")]
    Admin,
    /// One of the organization's own.
    #[serde(rename = "organization_internal_user")]
    User,
    /// Somebody from outside.
    #[serde(rename = "organization_external_user")]
    External,
    /// Invited to a team.
    #[serde(rename = "organization_team_guest_user")]
    TeamGuest,
    /// Miro does not know.
    #[serde(rename = "unknown")]
    Unknown,
}

/// Somebody at Miro.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// The id that audit events name too.
    pub id: String,
    /// The address to sign in with.
    pub email: String,
    /// The name.
    pub name: String,
    /// Whether the person gets in.
    pub active: bool,
    /// The role in the organization.
    pub role: Role,
    /// Names of administrative roles beside it.
    pub admin_roles: Vec<String>,
}

pub(crate) fn draw(cast: &Cast) -> Vec<Member> {
    let users = cast.users.iter().enumerate();
    let member = |(n, user): (usize, &crate::cast::Named)| Member {
        id: user.id.clone(),
        email: user.email.clone().unwrap_or_default(),
        name: user.name.clone(),
        active: true,
        role: match Part::of(n) {
            Part::Administrator | Part::UserAdministrator => Role::Admin,
            Part::Guest => Role::TeamGuest,
            _ => Role::User,
        },
        admin_roles: if Part::of(n) == Part::Reader { vec!["Content Admin".into()] } else { Vec::new() },
    };
    users.map(member).collect()
}

impl Member {
    fn written(&self) -> Value {
        let roles: Vec<Value> = self.admin_roles.iter().map(|name| json!({ "type": "admin-role", "name": name })).collect();
        json!({
            "type": "organization-member", "id": self.id, "email": self.email, "active": self.active, "role": self.role,
            "license": "full", "adminRoles": roles,
        })
    }
}

impl State {
    /// Whoever asks, let in for that scope. The app's name.
    fn admit(&mut self, request: &Request<Bytes>, scope: &str, now: u64) -> Result<String, Answer> {
        let settings = &self.settings.miro;
        let token = bearer(request.headers());
        match self.oauth.may(token, scope, now) {
            Ok(()) => {}
            Err(Closed::Missing) => return Err(Answer::refusal(401, "tokenNotProvided", "No authorization header with a bearer token")),
            Err(Closed::Dead) => return Err(Answer::refusal(401, "tokenNotProvided", "The access token is expired, revoked or unknown")),
            Err(Closed::Scope) => return Err(denied(settings.denial)),
        }
        if !settings.enterprise || !settings.company_admin {
            return Err(denied(settings.denial));
        }
        let app = token.and_then(|token| self.oauth.app(token, now)).unwrap_or_default().to_owned();
        if !self.credits.take(&app, COST, settings, now) {
            let wait = settings.retry_after.then(|| (60_000 - now % 60_000).div_ceil(1000));
            return Err(credits::throttled(wait));
        }
        Ok(app)
    }

    pub(crate) fn reset_sessions(&mut self, request: &Request<Bytes>, request_id: &str, now: u64) -> Result<Answer, Answer> {
        let by = self.admit(request, SESSIONS_SCOPE, now)?;
        let wrong = |message: &str| Answer::refusal(400, "invalidParameters", message);
        let given = parameters(request, &["email"]).map_err(|message| wrong(&message))?;
        let email = given.get("email").filter(|email| email.contains('@')).ok_or_else(|| wrong("email is missing or is no address"))?;
        if !request.body().is_empty() {
            return Err(wrong("There is no body"));
        }
        let member = self.members.iter().find(|member| same(&member.email, email));
        let member = member.ok_or_else(|| Answer::refusal(404, "notFound", "User not found"))?;
        self.ledger.effect(Effect {
            at: now,
            by,
            done: Done::SessionsReset,
            target: member.id.clone(),
            address: member.email.clone(),
            subject: None,
            text: None,
            changed: true,
            request_id: request_id.to_owned(),
        });
        Ok(Answer::empty(200))
    }

    pub(crate) fn list_members(&mut self, request: &Request<Bytes>, now: u64) -> Result<Answer, Answer> {
        self.admit(request, MEMBERS_SCOPE, now)?;
        let organization = request.uri().path().split('/').nth(3).unwrap_or_default();
        if organization != ORGANIZATION {
            return Err(Answer::refusal(404, "notFound", "Organization not found"));
        }
        let wrong = |message: &str| Answer::refusal(400, "invalidParameters", message);
        if let Some(id) = request.uri().path().split('/').nth(5) {
            let member = self.members.iter().find(|member| member.id == id);
            let member = member.ok_or_else(|| Answer::refusal(404, "notFound", "Member not found"))?;
            return Ok(Answer::json(200, &member.written()));
        }
        let names = ["emails", "role", "license", "active", "cursor", "limit"];
        let given = parameters(request, &names).map_err(|message| wrong(&message))?;
        let limit: usize = match given.get("limit").map(|text| text.parse()) {
            None => 100,
            Some(Ok(limit)) if (1..=100).contains(&limit) => limit,
            Some(_) => return Err(wrong("limit is not between 1 and 100")),
        };
        let emails: Option<Vec<&str>> = given.get("emails").map(|emails| emails.split(',').collect());
        if emails.as_ref().is_some_and(|emails| emails.len() > 10) {
            return Err(wrong("More than 10 emails"));
        }
        let role: Option<Role> = match given.get("role").map(|role| serde_json::from_value(json!(role))) {
            None => None,
            Some(Ok(role)) => Some(role),
            Some(Err(_)) => return Err(wrong("role is not one")),
        };
        let active: Option<bool> = match given.get("active").map(|text| text.parse()) {
            None => None,
            Some(Ok(active)) => Some(active),
            Some(Err(_)) => return Err(wrong("active is neither true nor false")),
        };
        let after = given.get("cursor").map(|cursor| self.members.iter().position(|member| member.id == *cursor));
        let start = match after {
            None => 0,
            Some(Some(at)) => at + 1,
            Some(None) => return Err(wrong("The cursor is not valid")),
        };
        // Addresses override every other filter.
        let met = |member: &&Member| match &emails {
            Some(emails) => emails.iter().any(|email| same(&member.email, email)),
            None => role.is_none_or(|role| member.role == role) && active.is_none_or(|active| member.active == active),
        };
        let mut found: Vec<&Member> = self.members.iter().skip(start).filter(met).take(limit + 1).collect();
        let more = found.len() > limit;
        found.truncate(limit);
        let cursor = found.last().filter(|_| more).map(|member| member.id.as_str()).unwrap_or_default();
        let data: Vec<Value> = found.iter().map(|member| member.written()).collect();
        Ok(Answer::json(200, &json!({ "type": "cursor-list", "limit": limit, "size": data.len(), "cursor": cursor, "data": data })))
    }
}

/// The query's parameters, each once and each known.
fn parameters(request: &Request<Bytes>, known: &[&str]) -> Result<HashMap<String, String>, String> {
    let mut given = HashMap::new();
    for (name, value) in form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned() {
        if !known.contains(&name.as_str()) || given.insert(name.clone(), value).is_some() {
            return Err(format!("Parameter {name} is unknown or given twice"));
        }
    }
    Ok(given)
}
