//! OAuth 2.0 as Miro does it, see <https://developers.miro.com/reference/oauth-20-authorization-v2>: rotation kills the old
//! pair at once, a code works once and for ten minutes, and nothing is spelled as in RFC 6749.

use std::collections::{HashMap, HashSet};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{answer::Answer, event::ORGANIZATION, settings::MiroSettings};

/// The scope that audit logs need.
pub const SCOPE: &str = "auditlogs:read";
const TEAM: u64 = 3_074_457_358_607_431_473;
const CODE_LIFE_MS: u64 = 10 * 60_000;

/// An access token and the refresh token beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// What requests carry.
    pub access: String,
    /// What buys the next pair.
    pub refresh: String,
}

#[derive(Debug)]
struct Access {
    /// Whose credits it spends.
    app: String,
    /// In milliseconds; a static token never expires.
    expires: Option<u64>,
    scope: String,
}

#[derive(Debug)]
struct Code {
    redirect_uri: String,
    expires: u64,
}

/// The authorization server.
#[derive(Debug)]
pub(crate) struct OAuth {
    seed: u64,
    drawn: u64,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    codes: HashMap<String, Code>,
    access: HashMap<String, Access>,
    /// Refresh token to its access token and its end.
    refresh: HashMap<String, (String, u64)>,
    spent: HashSet<String>,
    pub(crate) rotations: u64,
    pub(crate) stale_refreshes: u64,
}

/// Why a token opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    Missing,
    Dead,
    Scope,
}

impl OAuth {
    pub(crate) fn new(seed: u64) -> Self {
        let mut oauth = Self {
            seed,
            drawn: 0,
            client_id: "3458764500000000001".into(),
            client_secret: String::new(),
            codes: HashMap::new(),
            access: HashMap::new(),
            refresh: HashMap::new(),
            spent: HashSet::new(),
            rotations: 0,
            stale_refreshes: 0,
        };
        oauth.client_secret = oauth.secret().chars().skip(31).collect();
        oauth
    }

    /// As Miro's look: the region, an underscore, and 27 characters.
    fn secret(&mut self) -> String {
        self.drawn += 1;
        let hash = Sha256::digest([self.seed.to_le_bytes(), self.drawn.to_le_bytes()].concat());
        let tail: String = URL_SAFE_NO_PAD.encode(hash).chars().take(27).collect();
        format!("{}_{tail}", URL_SAFE_NO_PAD.encode(r#"{"miro.origin":"eu01"}"#))
    }

    /// A token that never expires, such as the SIEM toggle's.
    pub(crate) fn issue_static(&mut self, scope: &str) -> String {
        let token = self.secret();
        let access = Access { app: format!("static {}", self.drawn), expires: None, scope: scope.to_owned() };
        self.access.insert(token.clone(), access);
        token
    }

    /// A pair as a finished authorization would leave it.
    pub(crate) fn issue(&mut self, scope: &str, settings: &MiroSettings, now: u64) -> Pair {
        let pair = Pair { access: self.secret(), refresh: self.secret() };
        let expires = Some(now.saturating_add(settings.expires_in.saturating_mul(1000)));
        self.access.insert(pair.access.clone(), Access { app: self.client_id.clone(), expires, scope: scope.to_owned() });
        let end = now.saturating_add(settings.refresh_expires_in.saturating_mul(1000));
        self.refresh.insert(pair.refresh.clone(), (pair.access.clone(), end));
        pair
    }

    pub(crate) fn issue_code(&mut self, redirect_uri: &str, now: u64) -> String {
        let code: String = self.secret().chars().skip(31).collect();
        self.codes.insert(code.clone(), Code { redirect_uri: redirect_uri.to_owned(), expires: now + CODE_LIFE_MS });
        code
    }

    /// Kills the token, be it an access or a refresh token, and the one that came with it.
    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        let partner = self.refresh.iter().find(|(refresh, (access, _))| *refresh == token || access == token);
        let pair = partner.map(|(refresh, (access, _))| (refresh.clone(), access.clone()));
        if let Some((refresh, access)) = pair {
            self.refresh.remove(&refresh);
            self.spent.insert(refresh);
            return self.access.remove(&access).is_some();
        }
        self.access.remove(token).is_some()
    }

    /// Ends the access token alone.
    pub(crate) fn expire(&mut self, token: &str) -> bool {
        self.access.get_mut(token).map(|access| access.expires = Some(0)).is_some()
    }

    /// Whose credits the token spends, if it lives.
    pub(crate) fn app(&self, token: &str, now: u64) -> Option<&str> {
        self.living(token, now).map(|access| access.app.as_str())
    }

    fn living(&self, token: &str, now: u64) -> Option<&Access> {
        self.access.get(token).filter(|access| access.expires.is_none_or(|end| now < end))
    }

    /// Whether the token has that scope.
    pub(crate) fn may(&self, token: Option<&str>, wanted: &str, now: u64) -> Result<(), Closed> {
        let access = self.living(token.ok_or(Closed::Missing)?, now).ok_or(Closed::Dead)?;
        if access.scope.split(' ').any(|scope| scope == wanted) { Ok(()) } else { Err(Closed::Scope) }
    }

    /// `GET /v1/oauth-token`.
    pub(crate) fn context(&self, token: Option<&str>, now: u64) -> Answer {
        let Some(access) = token.and_then(|token| self.living(token, now)) else {
            return Answer::refusal(400, "invalidParameters", "Invalid token provided");
        };
        let user = json!({ "type": "user", "id": "3074457345100000000", "name": "Company Admin" });
        let scopes: Vec<_> = access.scope.split(' ').collect();
        let body = json!({
            "type": "oAuthToken",
            "organization": { "type": "organization", "id": ORGANIZATION, "name": "Acme Example Holding" },
            "team": { "type": "team", "id": TEAM.to_string(), "name": "Team 1" },
            "createdBy": user, "user": user, "scopes": scopes,
        });
        Answer::json(200, &body)
    }

    /// `POST /v2/oauth/revoke`.
    pub(crate) fn revoke_call(&mut self, body: &[u8]) -> Answer {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let known = text("clientId") == self.client_id && text("clientSecret") == self.client_secret;
        if known && self.revoke(text("accessToken")) { Answer::empty(204) } else { Answer::refusal(404, "notFound", "Token not found") }
    }

    /// `POST /v1/oauth/token`, its parameters read.
    pub(crate) fn token(&mut self, given: &HashMap<String, String>, settings: &MiroSettings, now: u64) -> Answer {
        let text = |name: &str| given.get(name).map(String::as_str).unwrap_or_default();
        let refused = |message: &str| Answer::refusal(401, "oauthError", message);
        if text("client_id") != self.client_id || text("client_secret") != self.client_secret {
            return refused("Client authentication failed.");
        }
        match text("grant_type") {
            "authorization_code" => {
                // Taken out whatever comes of it: a code works once.
                let Some(code) = self.codes.remove(text("code")) else { return refused("Authorization code is invalid.") };
                if now >= code.expires {
                    return refused("Authorization code has expired.");
                }
                if code.redirect_uri != text("redirect_uri") {
                    return refused("Redirect URI mismatch.");
                }
                let pair = self.issue(SCOPE, settings, now);
                granted(&pair, SCOPE, settings)
            }
            "refresh_token" => {
                let old = text("refresh_token");
                let Some((access, end)) = self.refresh.remove(old) else {
                    self.stale_refreshes += u64::from(self.spent.contains(old));
                    return refused("Refresh token is invalid.");
                };
                self.spent.insert(old.to_owned());
                let scope = self.access.remove(&access).map_or_else(|| SCOPE.to_owned(), |access| access.scope);
                if now >= end {
                    return refused("Refresh token has expired.");
                }
                self.rotations += 1;
                let pair = self.issue(&scope, settings, now);
                granted(&pair, &scope, settings)
            }
            _ => Answer::refusal(400, "invalidParameters", "Unsupported grant_type"),
        }
    }
}

/// As documented, the 19 digits of `team_id` without quotes: more than a double can hold.
fn granted(pair: &Pair, scope: &str, settings: &MiroSettings) -> Answer {
    let body = format!(
        r#"{{"token_type":"bearer","team_id":{TEAM},"user_id":"3074457345100000000","access_token":"{}","refresh_token":"{}","scope":"{scope}","expires_in":{}}}"#,
        pair.access, pair.refresh, settings.expires_in
    );
    Answer::text(200, "application/json", body)
}
