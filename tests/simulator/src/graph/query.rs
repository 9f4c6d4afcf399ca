//! OData's parameters, see <https://learn.microsoft.com/en-us/graph/query-parameters>. What is not understood is refused.

use url::form_urlencoded;

use super::{filter::Filter, refusal::Refusal, user::PROPERTIES};

/// What a request asks for.
#[derive(Debug, Default)]
pub(super) struct Query {
    pub(super) select: Option<Vec<String>>,
    pub(super) filter: Option<Filter>,
    pub(super) top: Option<usize>,
    pub(super) count: bool,
    pub(super) order: Option<String>,
    /// `$skiptoken` or `$deltatoken`, whichever came.
    pub(super) token: Option<String>,
}

impl Query {
    /// Reads the query string; only parameters in `allowed` may be there.
    pub(super) fn read(text: &str, allowed: &[&str]) -> Result<Self, Refusal> {
        let mut query = Self::default();
        let mut seen = Vec::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            if !allowed.contains(&name.as_ref()) || seen.contains(&name) {
                return Err(bad(format!("The query parameter '{name}' is not supported here.")));
            }
            match name.as_ref() {
                "$select" => query.select = Some(properties(&value)?),
                "$filter" => query.filter = Some(Filter::read(&value)?),
                "$top" => query.top = Some(number(&value)?),
                "$count" => query.count = value.eq_ignore_ascii_case("true"),
                "$orderby" | "$orderBy" => query.order = Some(value.clone().into_owned()),
                _ => query.token = Some(value.clone().into_owned()),
            }
            seen.push(name);
        }
        Ok(query)
    }
}

fn properties(text: &str) -> Result<Vec<String>, Refusal> {
    let read = |name: &str| match PROPERTIES.contains(&name) {
        true => Ok(name.to_owned()),
        false => Err(bad(format!("Could not find a property named '{name}' on type 'microsoft.graph.user'."))),
    };
    text.split(',').map(|name| read(name.trim())).collect()
}

fn number(text: &str) -> Result<usize, Refusal> {
    let number = text.parse().ok().filter(|n| (1..=999).contains(n));
    number.ok_or_else(|| bad(format!("Invalid page size specified: '{text}'. Must be between 1 and 999 inclusive.")))
}

fn bad(message: String) -> Refusal {
    Refusal::bad("Request_BadRequest", message)
}
