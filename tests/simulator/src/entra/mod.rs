//! Entra's token endpoint: client credentials with a secret or a signed assertion, see
//! <https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow>.
//!
//! A token carries the permissions that the app had when it was granted. Errors have Entra's shape and codes, see
//! <https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes>.

mod app;
mod assertion;
mod certificate;
mod refusal;

use std::collections::{BTreeSet, HashMap, HashSet};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Method, Request, header};
use serde_json::json;
use sha2::{Digest, Sha256};
use url::form_urlencoded;

pub use app::{App, PERMISSIONS, Secret};
pub use certificate::{Certificate, TEST_CERTIFICATE, TEST_KEY};

use crate::{
    answer::Answer,
    directory::guid,
    fault::{Call, Endpoint},
    miro::{bent, date, unprocessed},
    world::State,
};
use refusal::Refusal;

/// What a token opens.
#[derive(Clone, Debug)]
pub(crate) struct Granted {
    pub(crate) client_id: String,
    pub(crate) permissions: BTreeSet<String>,
    expires: u64,
}

/// Why a token opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shut {
    Missing,
    Unknown,
    Expired,
}

/// The tenant, its apps and their tokens.
#[derive(Debug)]
pub(crate) struct Entra {
    seed: u64,
    drawn: u64,
    pub(crate) tenant: String,
    pub(crate) apps: Vec<App>,
    tokens: HashMap<String, Granted>,
    /// Every `jti` that came, whatever came of it.
    seen: HashSet<String>,
}

/// The tenant's domain, which stands for its id in an address.
pub(crate) const DOMAIN: &str = "acme.example";

impl Entra {
    pub(crate) fn new(seed: u64) -> Self {
        let tenant = guid(seed, "tenant", 0);
        Self { seed, drawn: 0, tenant, apps: vec![App::all(seed)], tokens: HashMap::new(), seen: HashSet::new() }
    }

    pub(crate) fn app(&self, client_id: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.client_id == client_id)
    }

    /// Registers an app, instead of the one with its id.
    pub(crate) fn register(&mut self, app: App) {
        self.apps.retain(|other| other.client_id != app.client_id);
        self.apps.push(app);
    }

    /// Looks like a JSON Web Token and is none that anybody could read.
    pub(crate) fn grant(&mut self, client_id: &str, life_s: u64, now: u64) -> Option<String> {
        let permissions = self.app(client_id)?.permissions.clone();
        self.drawn += 1;
        let hash = Sha256::digest([b"entra".as_slice(), &self.seed.to_le_bytes(), &self.drawn.to_le_bytes()].concat());
        let tail = URL_SAFE_NO_PAD.encode([hash, Sha256::digest(hash)].concat());
        let token = format!("{}.{}.{tail}", URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"RS256"}"#), URL_SAFE_NO_PAD.encode(hash));
        let expires = now.saturating_add(life_s.saturating_mul(1000));
        self.tokens.insert(token.clone(), Granted { client_id: client_id.to_owned(), permissions, expires });
        Some(token)
    }

    pub(crate) fn open(&self, token: Option<&str>, now: u64) -> Result<Granted, Shut> {
        let granted = self.tokens.get(token.ok_or(Shut::Missing)?).ok_or(Shut::Unknown)?;
        if now < granted.expires { Ok(granted.clone()) } else { Err(Shut::Expired) }
    }

    /// Ends a token before its time.
    pub(crate) fn expire(&mut self, token: &str) -> bool {
        self.tokens.get_mut(token).map(|granted| granted.expires = 0).is_some()
    }
}

impl State {
    pub(crate) fn entra(&mut self, request: &Request<Bytes>, now: u64) -> Answer {
        let endpoint = Endpoint::EntraToken;
        self.ledger.asked(endpoint);
        let fault = self.faults.strike(Call { endpoint, now, page: 1, path: request.uri().path() });
        self.entra.drawn += 1;
        let trace = guid(self.seed, "trace", usize::try_from(self.entra.drawn).unwrap_or_default());
        let answer = match fault.as_ref().and_then(|fault| unprocessed(fault, |status| Refusal::on_demand(status).answer(&trace, now))) {
            Some(answer) => answer,
            None => {
                let answer = match self.grant(request, now) {
                    Ok(answer) => answer,
                    Err(refusal) => refusal.answer(&trace, now),
                };
                fault.iter().fold(answer, bent)
            }
        };
        let answer = answer.with(header::DATE, date(now, 0)).with(header::CACHE_CONTROL, "no-store, no-cache");
        self.ledger.answered(endpoint, request, &answer, now);
        answer
    }

    fn grant(&mut self, request: &Request<Bytes>, now: u64) -> Result<Answer, Refusal> {
        let path: Vec<&str> = request.uri().path().split('/').filter(|part| !part.is_empty()).collect();
        let &[tenant, "oauth2", "v2.0", "token"] = path.as_slice() else { return Err(Refusal::NOWHERE) };
        if request.method() != Method::POST {
            return Err(Refusal::METHOD);
        }
        if tenant != self.entra.tenant && tenant != DOMAIN {
            return Err(Refusal::TENANT);
        }
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let form = kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded");
        if request.uri().query().is_some() {
            self.ledger.violation("a secret in a URL", || "parameters in the query of Entra's token endpoint".into());
        }
        let mut given: HashMap<String, String> = HashMap::new();
        for (name, value) in form_urlencoded::parse(request.body()).filter(|_| form) {
            if given.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(Refusal::TWICE);
            }
        }
        let text = |name: &str| given.get(name).map(String::as_str).filter(|text| !text.is_empty());
        match text("grant_type").ok_or(Refusal::missing("grant_type"))? {
            "client_credentials" => {}
            _ => return Err(Refusal::GRANT),
        }
        let client_id = text("client_id").ok_or(Refusal::missing("client_id"))?;
        let scope = text("scope").ok_or(Refusal::missing("scope"))?;
        if !scope.ends_with("/.default") || scope.contains(' ') {
            return Err(Refusal::SCOPE);
        }
        let app = self.entra.app(client_id).ok_or(Refusal::APP)?.clone();
        match (text("client_secret"), text("client_assertion_type"), text("client_assertion")) {
            (Some(secret), None, None) => app.admits(secret, now)?,
            (None, Some(assertion::TYPE), Some(assertion)) => {
                let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
                let claims = assertion::read(assertion)?;
                let again = !self.entra.seen.insert(claims.jti.clone());
                if again {
                    self.ledger.violation("an assertion twice", || format!("jti {}", claims.jti));
                }
                assertion::judge(assertion, &claims, &app, &assertion::audiences(tenant, host), again, now)?;
                if claims.exp.saturating_sub(now / 1000) > assertion::LONG_S {
                    self.ledger.violation("an assertion that lives too long", || format!("{} s", claims.exp - now / 1000));
                }
            }
            (None, Some(_), Some(_)) => return Err(Refusal::ASSERTION_TYPE),
            (None, None, None) => return Err(Refusal::missing("client_assertion' or 'client_secret")),
            _ => return Err(Refusal::BOTH),
        }
        let life_s = self.settings.graph.token_life_s;
        let token = self.entra.grant(client_id, life_s, now).ok_or(Refusal::APP)?;
        let body = json!({ "token_type": "Bearer", "expires_in": life_s, "ext_expires_in": life_s, "access_token": token });
        Ok(Answer::json(200, &body))
    }
}
