//! The sign-in log, <https://learn.microsoft.com/en-us/graph/api/signin-list>: newest first, a thousand on a page at most, and a
//! link leads through what was there when its first page was read.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{Asker, Outcome, page::Link, refusal::Refusal, sign_in_filter::Filter};
use crate::{
    answer::Answer,
    directory::{Directory, same},
    sign_in::{Kept, NOBODY, TICKS},
    world::State,
};

/// The most of one page, and as many as come unasked.
const PAGE: usize = 1_000;
/// A bound that is further back is refused, see
/// <https://github.com/microsoftgraph/microsoft-graph-docs/issues/5676>.
const OLDEST_BOUND_MS: u64 = 90 * 86_400_000;

/// What an app has spent of the limit of all reports:
/// <https://learn.microsoft.com/en-us/graph/throttling-limits#identity-and-access-reports-service-limits>.
#[derive(Debug, Default)]
pub(super) struct Reports(HashMap<String, (u64, u64)>);

impl State {
    /// `GET /auditLogs/signIns`.
    pub(super) fn sign_ins(&mut self, asker: &Asker<'_>) -> Outcome {
        self.spend_report(asker)?;
        asker.may(&["AuditLog.Read.All"]).map_err(|_| Refusal::NO_AUDIT)?;
        if !self.settings.graph.premium {
            return Err(Refusal::NOT_PREMIUM);
        }
        let asked = Asked::read(asker)?;
        let link = match &asked.token {
            Some(token) => self.graph.links.open(token, &asked.list).cloned().ok_or(Refusal::SKIP_TOKEN)?,
            None => {
                Link { ids: self.found(&asked, asker.now)?, list: asked.list.clone(), select: None, shown: 0, change: 0, issued: asker.now }
            }
        };
        let end = (link.shown + asked.top).min(link.ids.len());
        let page = link.ids.get(link.shown..end).unwrap_or_default();
        let there = |id: &String| self.sign_ins.iter().find(|kept| kept.id == *id).map(|kept| written(kept, &self.directory));
        let value: Vec<Value> = page.iter().filter_map(there).collect();
        let context = asker.context("auditLogs/signIns");
        let mut body = Map::from_iter([("@odata.context".to_owned(), json!(context))]);
        if end < link.ids.len() {
            let list = asked.list;
            let token = self.graph.links.issue(self.seed, Link { shown: end, ids: Arc::clone(&link.ids), ..link });
            let and = if list.contains('?') { '&' } else { '?' };
            body.insert("@odata.nextLink".to_owned(), json!(format!("{}{list}{and}$skiptoken={token}", asker.origin)));
        }
        body.insert("value".to_owned(), json!(value));
        Ok(Answer::json(200, &Value::Object(body)))
    }

    /// The ids of what is there, newest first.
    fn found(&self, asked: &Asked, now: u64) -> Result<Arc<[String]>, Refusal> {
        let oldest = now.saturating_sub(OLDEST_BOUND_MS) * TICKS;
        if asked.filter.as_ref().and_then(Filter::oldest_bound).is_some_and(|bound| bound < oldest) {
            return Err(Refusal::FILTER);
        }
        let kept_from = now.saturating_sub(self.settings.graph.sign_ins_kept_ms) * TICKS;
        let there = |kept: &&Kept| kept.visible_from <= now && kept.ticks >= kept_from;
        let mut found: Vec<&Kept> =
            self.sign_ins.iter().filter(there).filter(|kept| asked.filter.as_ref().is_none_or(|filter| filter.meets(kept))).collect();
        found.sort_by(|one, other| (other.ticks, &other.id).cmp(&(one.ticks, &one.id)));
        Ok(found.iter().map(|kept| kept.id.clone()).collect())
    }

    /// Takes one request out of the app's ten seconds of reports.
    fn spend_report(&mut self, asker: &Asker<'_>) -> Result<(), Refusal> {
        let settings = &self.settings.graph;
        let spent = self.graph.reports.0.entry(asker.granted.client_id.clone()).or_default();
        if spent.0 != asker.now / 10_000 {
            *spent = (asker.now / 10_000, 0);
        }
        spent.1 += 1;
        match settings.reports_budget {
            Some(budget) if spent.1 > budget => Err(Refusal::throttled(settings.retry_after)),
            _ => Ok(()),
        }
    }
}

/// What a request asks for.
struct Asked {
    /// Path and query, the token left out: a link is followed as it is.
    list: String,
    filter: Option<Filter>,
    top: usize,
    token: Option<String>,
}

impl Asked {
    fn read(asker: &Asker<'_>) -> Result<Self, Refusal> {
        let (path, query) = (asker.request.uri().path(), asker.request.uri().query().unwrap_or_default());
        let own = |pair: &&str| !pair.is_empty() && !["$skiptoken=", "%24skiptoken="].iter().any(|name| pair.starts_with(name));
        let rest: Vec<&str> = query.split('&').filter(own).collect();
        let list = if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) };
        let mut asked = Self { list, filter: None, top: PAGE, token: None };
        let mut seen = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "$filter" if !seen.contains(&name) => asked.filter = Some(Filter::read(&value).ok_or(Refusal::FILTER)?),
                "$top" if !seen.contains(&name) => {
                    let number = value.parse().ok().filter(|top| (1..=PAGE).contains(top));
                    asked.top =
                        number.ok_or_else(|| Refusal::bad("BadRequest", "Invalid page size specified: must be between 1 and 1000."))?;
                }
                "$skiptoken" if !seen.contains(&name) => asked.token = Some(value.clone().into_owned()),
                _ => return Err(Refusal::bad("BadRequest", format!("The query parameter '{name}' is not supported here."))),
            }
            seen.push(name);
        }
        Ok(asked)
    }
}

/// One sign-in as Graph writes it.
fn written(kept: &Kept, directory: &Directory) -> Value {
    let it = &kept.sign_in;
    let known = directory
        .find(&it.who)
        .or_else(|| directory.people().iter().find(|person| person.mail.as_ref().is_some_and(|mail| same(mail, &it.who))));
    json!({
        "id": kept.id,
        "createdDateTime": time(kept.ticks),
        "userDisplayName": known.map_or(it.who.as_str(), |person| person.display_name.as_str()),
        "userPrincipalName": known.map_or(it.who.as_str(), |person| person.user_principal_name.as_str()).to_lowercase(),
        "userId": known.map_or(NOBODY, |person| person.id.as_str()),
        "appId": it.app_id,
        "appDisplayName": it.app_name,
        "ipAddress": it.ip,
        "clientAppUsed": it.client,
        "correlationId": kept.id.chars().rev().map(|c| if c == '-' { '0' } else { c }).collect::<String>(),
        "conditionalAccessStatus": "notApplied",
        "isInteractive": it.interactive,
        "riskDetail": "none",
        "riskLevelAggregated": "none",
        "riskLevelDuringSignIn": "none",
        "riskState": "none",
        "riskEventTypes": [],
        "riskEventTypes_v2": [],
        "resourceDisplayName": it.app_name,
        "resourceId": it.app_id,
        "status": { "errorCode": it.error_code, "failureReason": reason(it.error_code), "additionalDetails": null },
        "deviceDetail": it.device,
        "location": {
            "city": "Redmond", "state": "Washington", "countryOrRegion": "US",
            "geoCoordinates": { "altitude": null, "latitude": 47.68050003051758, "longitude": -122.120_941_162_109_38 },
        },
        "appliedConditionalAccessPolicies": [],
    })
}

/// A few of them; all others are `Other.`, as in the real one.
fn reason(code: u32) -> Option<&'static str> {
    match code {
        0 => None,
        50_034 => Some("The user account does not exist in the directory."),
        50_053 => Some("Account is locked because user tried to sign in too many times with an incorrect user ID or password."),
        50_074 => Some("User did not pass the MFA challenge."),
        50_126 => Some("Error validating credentials due to invalid username or password."),
        53_003 => Some("Access has been blocked due to conditional access policies."),
        _ => Some("Other."),
    }
}

/// With every digit.
fn time(ticks: u64) -> String {
    let at = i64::try_from(ticks / TICKS).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()).unwrap_or_default();
    format!("{}.{:07}Z", at.strftime("%Y-%m-%dT%H:%M:%S"), ticks % (1_000 * TICKS))
}
