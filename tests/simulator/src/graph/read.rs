//! Users, the manager, and directory roles.

use serde_json::{Map, Value, json};

use super::{Asker, Outcome, page, permission, query::Query, refusal::Refusal, user};
use crate::{answer::Answer, directory::ROLES, world::State};

impl State {
    /// `GET /users`, <https://learn.microsoft.com/en-us/graph/api/user-list>.
    pub(super) fn users(&mut self, asker: &Asker<'_>) -> Outcome {
        asker.may(permission::READ)?;
        let text = asker.request.uri().query().unwrap_or_default();
        let query = Query::read(text, &["$select", "$filter", "$top", "$count", "$skiptoken"])?;
        let advanced = query.filter.as_ref().is_some_and(super::filter::Filter::is_advanced);
        if (advanced || query.count) && !(asker.is_eventual() && query.count) {
            return Err(Refusal::ADVANCED);
        }
        let mut found = Vec::new();
        for person in self.directory.people() {
            let meets = query.filter.as_ref().map_or(Ok(true), |filter| filter.meets(person))?;
            if meets {
                found.push(Value::Object(user::written(person, query.select.as_deref())));
            }
        }
        let context = selected("users", query.select.as_deref(), "");
        page::of(asker, (&mut self.graph.links, self.seed, self.settings.graph.page), &query, &context, found)
    }

    /// `GET /users/{id or UPN}`, <https://learn.microsoft.com/en-us/graph/api/user-get>.
    pub(super) fn user(&mut self, asker: &Asker<'_>, key: &str) -> Outcome {
        asker.may(permission::READ)?;
        let query = Query::read(asker.request.uri().query().unwrap_or_default(), &["$select"])?;
        let person = self.directory.find(key).ok_or_else(|| Refusal::nobody(key))?;
        let context = selected("users", query.select.as_deref(), "/$entity");
        let mut body = Map::from_iter([("@odata.context".to_owned(), json!(asker.context(&context)))]);
        body.extend(user::written(person, query.select.as_deref()));
        Ok(Answer::json(200, &Value::Object(body)))
    }

    /// `GET /users/{id}/manager`, <https://learn.microsoft.com/en-us/graph/api/user-list-manager>.
    pub(super) fn manager(&mut self, asker: &Asker<'_>, key: &str) -> Outcome {
        asker.may(permission::READ)?;
        let query = Query::read(asker.request.uri().query().unwrap_or_default(), &["$select"])?;
        let person = self.directory.find(key).ok_or_else(|| Refusal::nobody(key))?;
        let manager = person.manager.as_deref().and_then(|id| self.directory.find(id)).ok_or_else(|| Refusal::nobody("manager"))?;
        let mut body = Map::from_iter([
            ("@odata.context".to_owned(), json!(asker.context("directoryObjects/$entity"))),
            ("@odata.type".to_owned(), json!("#microsoft.graph.user")),
        ]);
        body.extend(user::written(manager, query.select.as_deref()));
        Ok(Answer::json(200, &Value::Object(body)))
    }

    /// `GET /users/{id}/transitiveMemberOf/microsoft.graph.directoryRole`,
    /// <https://learn.microsoft.com/en-us/graph/api/user-list-transitivememberof>. Who may not read roles sees that there are
    /// some, and nothing of them.
    pub(super) fn roles(&mut self, asker: &Asker<'_>, key: &str) -> Outcome {
        asker.may(&[permission::READ, permission::GROUPS].concat())?;
        let text = asker.request.uri().query().unwrap_or_default();
        let allowed = ["$select", "$top", "$count", "$skiptoken"];
        // Selected are properties of a role, not of a user.
        let pairs: Vec<&str> = text.split('&').filter(|pair| !pair.starts_with("$select=") && !pair.starts_with("%24select=")).collect();
        let query = Query::read(&pairs.join("&"), &allowed)?;
        if query.count && !asker.is_eventual() {
            return Err(Refusal::ADVANCED);
        }
        let person = self.directory.find(key).ok_or_else(|| Refusal::nobody(key))?;
        let seen = permission::any(asker.permissions(), permission::ROLES).is_ok();
        let held = ROLES.iter().filter(|(name, ..)| person.roles.iter().any(|role| role == name));
        let found = held
            .map(|(name, template, _)| {
                let shown = |text: &str| if seen { json!(text) } else { Value::Null };
                json!({
                    "@odata.type": "#microsoft.graph.directoryRole", "id": crate::directory::guid(self.seed, name, 0),
                    "displayName": shown(name), "roleTemplateId": shown(template),
                })
            })
            .collect();
        page::of(asker, (&mut self.graph.links, self.seed, self.settings.graph.page), &query, "directoryRoles", found)
    }
}

/// `users(id,mail)` and what follows.
pub(super) fn selected(what: &str, select: Option<&[String]>, tail: &str) -> String {
    select.map_or_else(|| format!("{what}{tail}"), |names| format!("{what}({}){tail}", names.join(",")))
}
