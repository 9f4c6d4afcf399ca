//! Groups by name, and everybody in one, groups within it included.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Asker, Outcome, page, permission, query::Query, read::selected, refusal::Refusal, user};
use crate::{
    directory::{Directory, same},
    world::State,
};

impl State {
    /// `GET /groups`, <https://learn.microsoft.com/en-us/graph/api/group-list>: only `$filter=displayName eq '…'`.
    pub(super) fn groups(&mut self, asker: &Asker<'_>) -> Outcome {
        asker.may(permission::GROUPS)?;
        let allowed = ["$select", "$filter", "$top", "$count", "$skiptoken"];
        let query = Query::read(asker.request.uri().query().unwrap_or_default(), &allowed)?;
        let name = match &query.filter {
            None => None,
            Some(filter) => {
                Some(filter.only("displayName").ok_or_else(|| Refusal::bad("Request_UnsupportedQuery", "Unsupported filter."))?)
            }
        };
        if query.count && !asker.is_eventual() {
            return Err(Refusal::ADVANCED);
        }
        let named = self.directory.groups.iter().filter(|group| name.is_none_or(|name| same(&group.display_name, name)));
        let found = named.map(|group| json!({ "id": group.id, "displayName": group.display_name })).collect();
        let context = selected("groups", query.select.as_deref(), "");
        page::of(asker, (&mut self.graph.links, self.seed, self.settings.graph.page), &query, &context, found)
    }

    /// `GET /groups/{id}/transitiveMembers/microsoft.graph.user`,
    /// <https://learn.microsoft.com/en-us/graph/api/group-list-transitivemembers>. Who may not read users gets their ids alone.
    pub(super) fn group_members(&mut self, asker: &Asker<'_>, id: &str) -> Outcome {
        asker.may(permission::GROUPS)?;
        let query = Query::read(asker.request.uri().query().unwrap_or_default(), &["$select", "$top", "$count", "$skiptoken"])?;
        if query.count && !asker.is_eventual() {
            return Err(Refusal::ADVANCED);
        }
        let (mut people, mut groups) = (BTreeSet::new(), BTreeSet::new());
        if !gather(&self.directory, id, &mut people, &mut groups) {
            return Err(Refusal::nobody(id));
        }
        let seen = permission::any(asker.permissions(), permission::READ).is_ok();
        let found = self.directory.people().iter().filter(|person| people.contains(&person.id)).map(|person| {
            let mut user = user::written(person, query.select.as_deref());
            if !seen {
                user.iter_mut().filter(|(name, _)| *name != "id").for_each(|(_, value)| *value = Value::Null);
            }
            Value::Object(user)
        });
        let found = found.collect();
        page::of(asker, (&mut self.graph.links, self.seed, self.settings.graph.page), &query, "users", found)
    }
}

/// Everybody in the group and in the groups in it, each once. False where there is no such group.
fn gather(directory: &Directory, id: &str, people: &mut BTreeSet<String>, groups: &mut BTreeSet<String>) -> bool {
    let Some(group) = directory.groups.iter().find(|group| group.id.eq_ignore_ascii_case(id)) else { return false };
    if groups.insert(group.id.clone()) {
        for member in &group.members {
            if !gather(directory, member, people, groups) {
                people.insert(member.clone());
            }
        }
    }
    true
}
