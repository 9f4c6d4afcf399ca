//! What Graph is asked for, and what it means by a refusal.

use serde::de::DeserializeOwned;

use crate::{
    graph::{Needs, READ, Reply, quote},
    http::form::encoded,
    types::Failure,
};
use guest_source::instant::iso;

/// What is asked, for the log.
pub(super) const WORDS: &str = "GET /auditLogs/signIns";
/// The most sign-ins on a page: <https://learn.microsoft.com/graph/api/signin-list>.
pub const LIMIT: u32 = 1_000;
/// Requests a minute. Five in ten seconds for each app in each tenant, of all reports:
/// <https://learn.microsoft.com/graph/throttling-limits#identity-and-access-reports-service-limits>.
pub const BUDGET: u32 = 30;
/// What reading sign-ins takes.
pub(super) const PERMISSION: &str = "AuditLog.Read.All";

pub(super) const NEEDS: Needs =
    Needs { forbidden: "grant the app the application permission AuditLog.Read.All, with admin consent", gone: READ.gone };

/// The sign-ins to these applications between two instants, both included: `ge` and `le` are what Graph documents of
/// `createdDateTime` (<https://learn.microsoft.com/graph/api/resources/signin>).
pub(super) fn path(applications: &[String], (start, end): (u64, u64), top: u32) -> String {
    let times = format!("createdDateTime ge {} and createdDateTime le {} and ", iso(start), iso(end));
    format!("/auditLogs/signIns?$filter={}{}&$top={top}", encoded(&times), of(applications))
}

/// Any sign-in to these applications.
pub(super) fn any(applications: &[String]) -> String {
    format!("/auditLogs/signIns?$filter={}&$top=1", of(applications))
}

fn of(applications: &[String]) -> String {
    let each: Vec<String> = applications.iter().map(|id| format!("appId%20eq%20%27{}%27", quote(id))).collect();
    match each.as_slice() {
        [one] => one.clone(),
        several => format!("%28{}%29", several.join("%20or%20")),
    }
}

/// Whether the tenant lacks the licence, as Graph says it.
pub(super) fn is_unlicensed(reply: &Reply) -> bool {
    reply.refused() == Some(403) && reply.says(&["Authentication_RequestFromNonPremiumTenantOrB2CTenant"])
}

/// The failure of a tenant without the licence.
pub(super) fn unlicensed(tried: &str) -> Failure {
    Failure::Forbidden(format!(
        "cannot {tried}: the tenant has no Entra ID P1 or P2, without which Microsoft Graph shows no sign-ins; buy the licence, or wait \
         an hour where it is new"
    ))
}

/// The body of a page, else why there is none.
pub(super) fn judged<T: DeserializeOwned>(reply: &Reply, tried: &str) -> Result<T, Failure> {
    if is_unlicensed(reply) {
        return Err(unlicensed(tried));
    }
    reply.json(tried, NEEDS)
}

#[cfg(test)]
mod tests {
    use super::{any, path};

    #[test]
    fn a_window_has_both_its_ends_and_the_applications_stand_apart() {
        let [one, two] = ["11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000"].map(str::to_owned);
        assert_eq!(
            path(std::slice::from_ref(&one), (1_767_225_600_000, 1_767_225_660_007), 1000),
            "/auditLogs/signIns?$filter=createdDateTime%20ge%202026-01-01T00%3A00%3A00.000Z%20and%20createdDateTime%20le%20\
             2026-01-01T00%3A01%3A00.007Z%20and%20appId%20eq%20%2711111111-2222-3333-4444-555555555555%27&$top=1000"
        );
        assert_eq!(
            any(&[one, two]),
            "/auditLogs/signIns?$filter=%28appId%20eq%20%2711111111-2222-3333-4444-555555555555%27%20or%20\
             appId%20eq%20%2766666666-7777-8888-9999-000000000000%27%29&$top=1"
        );
    }
}
