//! Who changed, and who is in the bin.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    Asker, Outcome,
    page::{self, Link},
    permission,
    query::Query,
    read::selected,
    refusal::Refusal,
    user,
};
use crate::{answer::Answer, directory::Seen, world::State};

/// The word that asks for a link to what comes from now on.
const LATEST: &str = "latest";

impl State {
    /// `GET /users/delta`, <https://learn.microsoft.com/en-us/graph/api/user-delta>. Without a token, everybody; a link leads on as
    /// it is, and holds for a week. Whoever changes while the pages are read shows again in the next round.
    pub(super) fn users_delta(&mut self, asker: &Asker<'_>) -> Outcome {
        asker.may(permission::READ)?;
        let list = asker.request.uri().path().to_owned();
        let query = Query::read(asker.request.uri().query().unwrap_or_default(), &["$select", "$deltatoken", "$skiptoken"])?;
        let again = || Refusal::resync(format!("{}{list}?$deltatoken=", asker.origin));
        let begin = |ids: Vec<String>, select| Link {
            list: list.clone(),
            select,
            ids: ids.into(),
            shown: 0,
            change: self.directory.last(),
            issued: asker.now,
        };
        let link = match query.token.as_deref().filter(|token| !token.is_empty()) {
            None => begin(self.directory.people().iter().map(|person| person.id.clone()).collect(), query.select.clone()),
            Some(LATEST) => begin(Vec::new(), query.select.clone()),
            Some(_) if query.select.is_some() => {
                return Err(Refusal::bad("Request_BadRequest", "A link is followed as it is: $select is in it."));
            }
            Some(token) => {
                let link = self.graph.links.open(token, &list).ok_or_else(again)?.clone();
                if asker.now >= link.issued.saturating_add(self.settings.graph.delta_life_ms) {
                    return Err(again());
                }
                let next = link.shown < link.ids.len();
                if next { link } else { begin(self.directory.since(link.change), link.select) }
            }
        };
        let end = (link.shown + self.settings.graph.page.max(1)).min(link.ids.len());
        let page = link.ids.get(link.shown..end).unwrap_or_default();
        let value: Vec<Value> = page.iter().map(|id| change(&self.directory.see(id), id, link.select.as_deref())).collect();
        let context = asker.context(&selected("users", link.select.as_deref(), "/$delta"));
        let more = end < link.ids.len();
        let token = self.graph.links.issue(self.seed, Link { shown: end, issued: asker.now, ids: Arc::clone(&link.ids), ..link });
        let (name, kind) = if more { ("@odata.nextLink", "$skiptoken") } else { ("@odata.deltaLink", "$deltatoken") };
        Ok(Answer::json(200, &json!({ "@odata.context": context, name: format!("{}{list}?{kind}={token}", asker.origin), "value": value })))
    }

    /// `GET /directory/deletedItems/microsoft.graph.user`, <https://learn.microsoft.com/en-us/graph/api/directory-deleteditems-list>.
    pub(super) fn deleted_users(&mut self, asker: &Asker<'_>) -> Outcome {
        asker.may(permission::READ)?;
        let allowed = ["$select", "$top", "$count", "$orderby", "$orderBy", "$skiptoken"];
        let query = Query::read(asker.request.uri().query().unwrap_or_default(), &allowed)?;
        if (query.order.is_some() || query.count) && !(asker.is_eventual() && query.count) {
            return Err(Refusal::ADVANCED);
        }
        let mut bin: Vec<_> = self.directory.bin.iter().collect();
        match query.order.as_deref() {
            None => {}
            Some("deletedDateTime desc") => bin.sort_by_key(|it| std::cmp::Reverse(it.at)),
            Some("deletedDateTime" | "deletedDateTime asc") => bin.sort_by_key(|it| it.at),
            Some(_) => return Err(Refusal::bad("Request_UnsupportedQuery", "Unsupported sort property.")),
        }
        let written = |it: &&crate::directory::Binned| user::written_at(&it.person, query.select.as_deref(), Some(it.at));
        let found = bin.iter().map(|it| Value::Object(written(it))).collect();
        let context = selected("directory/deletedItems/microsoft.graph.user", query.select.as_deref(), "");
        page::of(asker, (&mut self.graph.links, self.seed, self.settings.graph.page), &query, &context, found)
    }
}

fn change(seen: &Seen<'_>, id: &str, select: Option<&[String]>) -> Value {
    match seen {
        Seen::Here(person) => {
            let mut user = user::written(person, select);
            user.insert("id".to_owned(), json!(id));
            Value::Object(user)
        }
        Seen::Binned => json!({ "id": id, "@removed": { "reason": "changed" } }),
        Seen::Gone => json!({ "id": id, "@removed": { "reason": "deleted" } }),
    }
}
