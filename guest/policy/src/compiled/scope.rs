//! Whose activities a policy looks at.

use super::{View, condition::Texts};
use crate::{membership::names_external, policy};

/// Who is included and who is not, ready to match.
#[derive(Debug)]
pub(super) struct Scope {
    include: Circle,
    exclude: Circle,
}

#[derive(Debug)]
struct Circle {
    users: Texts,
    groups: Texts,
    external: bool,
}

impl Scope {
    pub(super) fn new(scope: &policy::Scope) -> Self {
        Self { include: Circle::new(&scope.include), exclude: Circle::new(&scope.exclude) }
    }

    pub(super) fn holds(&self, view: &View<'_, '_>) -> bool {
        !self.exclude.holds(view) && (self.include.is_empty() || self.include.holds(view))
    }
}

impl Circle {
    fn new(circle: &policy::Circle) -> Self {
        let external = names_external(&circle.groups);
        Self { users: Texts::folded(&circle.users), groups: Texts::folded(&circle.groups), external }
    }

    fn is_empty(&self) -> bool {
        self.users.is_empty() && self.groups.is_empty()
    }

    fn holds(&self, view: &View<'_, '_>) -> bool {
        let actor = &view.activity.actor;
        let user = |text: Option<&str>| text.is_some_and(|text| self.users.has(text));
        (!self.users.is_empty() && (user(actor.email) || user(actor.id)))
            || (!self.groups.is_empty() && view.activity.groups.iter().any(|group| self.groups.has(group)))
            || (self.external && view.is_external())
    }
}
