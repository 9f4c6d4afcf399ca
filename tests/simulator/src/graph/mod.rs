//! Microsoft Graph's doors (<https://learn.microsoft.com/en-us/graph/api/overview>): which there are, who may pass, and what
//! faults do to the answer.
//!
//! | file | noun |
//! |---|---|
//! | `refusal` | Graph's error |
//! | `permission` | who may |
//! | `query` | OData's parameters |
//! | `filter` | `$filter` |
//! | `user` | one user, written out |
//! | `read` | users, the manager, roles |
//! | `act` | revoke, enable, confirm |
//! | `mail` | `sendMail` |
//! | `page` | pages and the links between them |
//! | `delta` | who changed |
//! | `group` | groups and members |
//! | `sign_in`, `sign_in_filter` | the sign-in log, and its `$filter` |

mod act;
mod delta;
mod filter;
mod group;
mod mail;
mod page;
mod permission;
mod query;
mod read;
mod refusal;
mod sign_in;
mod sign_in_filter;
mod user;

use std::collections::{BTreeSet, HashMap};

use bytes::Bytes;
use http::{HeaderName, Method, Request, header};

use crate::{
    answer::Answer,
    directory::guid,
    effect::{Done, Effect},
    entra::{Granted, Shut},
    fault::{Call, Endpoint, Fault},
    miro::{bearer, bent, date, unprocessed},
    world::State,
};
use refusal::Refusal;

/// What Graph remembers between two requests.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    asked: u64,
    /// Ten seconds and how many requests an app sent in them.
    spent: HashMap<String, (u64, u64)>,
    /// When an account was last confirmed as compromised.
    confirmed: Option<u64>,
    reports: sign_in::Reports,
    links: page::Links,
}

/// A request that was let in.
struct Asker<'a> {
    request: &'a Request<Bytes>,
    now: u64,
    granted: Granted,
    request_id: &'a str,
    /// Where it thinks it is: what links begin with.
    origin: String,
}

type Outcome = Result<Answer, Refusal>;

impl State {
    pub(crate) fn graph(&mut self, request: &Request<Bytes>, now: u64) -> Answer {
        self.directory.advance(now);
        let path = segments(request.uri().path());
        let endpoint = door(request.method(), &path);
        self.ledger.asked(endpoint);
        let fault = self.faults.strike(Call { endpoint, now, page: 1, path: request.uri().path() });
        if let (Some(Fault::RevokeToken | Fault::ExpireToken), Some(token)) = (&fault, bearer(request.headers())) {
            self.entra.expire(token);
        }
        self.graph.asked += 1;
        let request_id = guid(self.seed, "request", usize::try_from(self.graph.asked).unwrap_or_default());
        let own = request.headers().get("client-request-id").and_then(|value| value.to_str().ok()).unwrap_or(&request_id).to_owned();
        let refused = |refusal: Refusal| refusal.answer(&request_id, &own, now);
        let answer = match fault.as_ref().and_then(|fault| unprocessed(fault, |status| refused(Refusal::on_demand(status)))) {
            Some(answer) => answer,
            None => {
                let answer = match self.enter(request, endpoint, &path, &request_id, now) {
                    Ok(answer) => answer,
                    Err(refusal) => refused(refusal),
                };
                fault.iter().fold(answer, bent)
            }
        };
        let answer = answer
            .with(HeaderName::from_static("request-id"), &request_id)
            .with(HeaderName::from_static("client-request-id"), &own)
            .with(header::DATE, date(now, 0));
        self.ledger.answered(endpoint, request, &answer, now);
        answer
    }

    fn enter(&mut self, request: &Request<Bytes>, endpoint: Endpoint, path: &[String], request_id: &str, now: u64) -> Outcome {
        let granted = match self.entra.open(bearer(request.headers()), now) {
            Ok(granted) => granted,
            Err(Shut::Missing) => return Err(Refusal::token("Access token is empty.")),
            Err(Shut::Unknown) => return Err(Refusal::token("IDX14100: JWT is not well formed.")),
            Err(Shut::Expired) => return Err(Refusal::token("Lifetime validation failed, the token is expired.")),
        };
        self.spend(&granted.client_id, now)?;
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("graph.microsoft.com");
        let own = ["127.", "[::1]", "localhost"].iter().any(|own| host.starts_with(own));
        let scheme = if own { "http" } else { "https" };
        let asker = Asker { request, now, granted, request_id, origin: format!("{scheme}://{host}") };
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        match (endpoint, words.as_slice()) {
            (Endpoint::Users, _) => self.users(&asker),
            (Endpoint::UsersDelta, _) => self.users_delta(&asker),
            (Endpoint::User, ["v1.0", "users", key]) => self.user(&asker, key),
            (Endpoint::User, ["v1.0", "users", key, "manager"]) => self.manager(&asker, key),
            (Endpoint::User, ["v1.0", "users", key, "transitiveMemberOf", _]) => self.roles(&asker, key),
            (Endpoint::UpdateUser, ["v1.0", "users", key]) => self.update_user(&asker, key),
            (Endpoint::RevokeSessions, ["v1.0", "users", key, _]) => self.revoke_sessions(&asker, key),
            (Endpoint::SendMail, ["v1.0", "users", key, _]) => self.send_mail(&asker, key),
            (Endpoint::ConfirmCompromised, _) => self.confirm_compromised(&asker),
            (Endpoint::SignIns, _) => self.sign_ins(&asker),
            (Endpoint::DeletedUsers, _) => self.deleted_users(&asker),
            (Endpoint::Groups, ["v1.0", "groups"]) => self.groups(&asker),
            (Endpoint::Groups, ["v1.0", "groups", id, ..]) => self.group_members(&asker, id),
            _ => Err(Refusal::bad("BadRequest", "Resource not found for the segment.").at(404)),
        }
    }

    /// Takes one request out of the app's ten seconds.
    fn spend(&mut self, client_id: &str, now: u64) -> Result<(), Refusal> {
        let settings = &self.settings.graph;
        let spent = self.graph.spent.entry(client_id.to_owned()).or_default();
        if spent.0 != now / 10_000 {
            *spent = (now / 10_000, 0);
        }
        spent.1 += 1;
        match settings.budget {
            Some(budget) if spent.1 > budget => Err(Refusal::throttled(settings.retry_after)),
            _ => Ok(()),
        }
    }

    fn done(&mut self, asker: &Asker<'_>, done: Done, target: &str, address: &str, changed: bool) -> Effect {
        Effect {
            at: asker.now,
            by: asker.granted.client_id.clone(),
            done,
            target: target.to_owned(),
            address: address.to_owned(),
            subject: None,
            text: None,
            changed,
            request_id: asker.request_id.to_owned(),
        }
    }
}

impl Asker<'_> {
    /// Whether one of these permissions was granted.
    fn may(&self, any: &[&str]) -> Result<(), Refusal> {
        permission::any(&self.granted.permissions, any)
    }

    fn permissions(&self) -> &BTreeSet<String> {
        &self.granted.permissions
    }

    /// Advanced queries ask for this, see <https://learn.microsoft.com/en-us/graph/aad-advanced-queries>.
    fn is_eventual(&self) -> bool {
        self.request.headers().get("consistencylevel").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"eventual"))
    }

    fn context(&self, what: &str) -> String {
        format!("{}/v1.0/$metadata#{what}", self.origin)
    }
}

/// The segments of a path, percent-decoded; `users('x')` is `users` and `x`.
fn segments(path: &str) -> Vec<String> {
    let parts = path.split('/').skip(1).map(decoded);
    parts
        .flat_map(|part| match part.strip_suffix("')").and_then(|rest| rest.split_once("('")) {
            Some((name, key)) => vec![name.to_owned(), key.replace("''", "'")],
            None => vec![part],
        })
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok()).and_then(|two| u8::from_str_radix(two, 16).ok());
        match hex.filter(|_| first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn door(method: &Method, path: &[String]) -> Endpoint {
    let words: Vec<&str> = path.iter().map(String::as_str).collect();
    let ["v1.0", rest @ ..] = words.as_slice() else { return Endpoint::GraphOther };
    match (method, rest) {
        (&Method::GET, ["users"]) => Endpoint::Users,
        (&Method::GET, ["users", "delta"]) => Endpoint::UsersDelta,
        (&Method::GET, ["users", _] | ["users", _, "manager"]) => Endpoint::User,
        (&Method::GET, ["users", _, "transitiveMemberOf", "microsoft.graph.directoryRole"]) => Endpoint::User,
        (&Method::PATCH, ["users", _]) => Endpoint::UpdateUser,
        (&Method::POST, ["users", _, "revokeSignInSessions"]) => Endpoint::RevokeSessions,
        (&Method::POST, ["users", _, "sendMail"]) => Endpoint::SendMail,
        (&Method::POST, ["identityProtection", "riskyUsers", "confirmCompromised"]) => Endpoint::ConfirmCompromised,
        (&Method::GET, ["auditLogs", "signIns"]) => Endpoint::SignIns,
        (&Method::GET, ["directory", "deletedItems", "microsoft.graph.user"]) => Endpoint::DeletedUsers,
        (&Method::GET, ["groups"] | ["groups", _, "transitiveMembers", "microsoft.graph.user"]) => Endpoint::Groups,
        _ => Endpoint::GraphOther,
    }
}
